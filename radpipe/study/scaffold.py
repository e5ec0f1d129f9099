"""Writes a new study: a commented study.yaml that its owner confirms, and a README.md."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from radpipe.core.errors import Fault, FaultsError
from radpipe.io.atomic import write_text
from radpipe.study.load import FILE
from radpipe.study.names import id_problem
from radpipe.study.pictures import ImageFound, Pictures, RegionFound
from radpipe.study.places import shown
from radpipe.study.proposal import (
    clinical_lines,
    cohort_lines,
    endpoint_lines,
    flow,
    remark,
    scalar,
)
from radpipe.study.proposal_models import block_lines, image_lines, model_sections, region_lines
from radpipe.study.sniff import Findings, sniff

_DEFAULT_PLACES = ("data", ".")
_MOST_STEPS_UP = 5

TEMPLATE = Findings(
    table="clinical.csv",
    id="patient_id",
    n=0,
    pictures=Pictures(
        images=(ImageFound("mr", "images/{patient_id}.nii.gz", "MR", "not looked at yet", 0),),
        regions=(RegionFound("roi", 1, (1,), 0, {"mr": "masks/{patient_id}.nii.gz"}),),
    ),
)
"""What a study is written from where there are no data yet."""


def write_study(
    folder: Path, name: str, data: Path | None = None, endpoint: str | None = None
) -> list[Path]:
    """Write ``study.yaml`` and ``README.md`` into a study's folder, from what a data folder holds.

    Parameters
    ----------
    folder : Path
        The new study's folder; made where it is not there.
    name : str
        The new study's name.
    data : Path, optional
        The data folder. Without it the study's own ``data/`` is looked into, or the study's
        folder; where neither holds a file, a template is written.
    endpoint : str, optional
        Column of the endpoint (of survival: of the time); by default the likeliest.

    Returns
    -------
    list of Path
        The files written. A README.md that is already there is kept as it is.

    Raises
    ------
    FaultsError
        Where the study exists already, its name cannot name a folder, or the data folder holds
        no cohort that can be understood.
    """
    problem = id_problem(name) or ("a first . or -" if name.startswith((".", "-")) else "")
    if problem:
        raise FaultsError([Fault(name, problem, "choose another name for the study")])
    if (folder / FILE).exists():
        cure = "choose another name, or remove it first; nothing was written"
        raise FaultsError([Fault(shown(folder / FILE), "the study exists already", cure)])
    place = data if data is not None else _own_data(folder)
    findings = sniff(place, endpoint) if place is not None else TEMPLATE
    texts = {
        folder / FILE: render(name, findings, _data_ref(folder, place)),
        folder / "README.md": readme(name, findings),
    }
    written = [path for path in texts if not path.exists()]
    for path in written:
        write_text(path, texts[path])
    return written


def render(name: str, findings: Findings, data_ref: Sequence[str] = ()) -> str:
    """Return the text of a study.yaml.

    Parameters
    ----------
    name : str
        The study's name; its title is made of it.
    findings : Findings
        What was found; every guess carries a comment that begins with ``found:``.
    data_ref : sequence of str
        What goes under ``data:``; nothing is written where it is empty.
    """
    sections = [
        [
            *remark(
                "Proposed by `radpipe new`. Lines with `found:` say what a guess rests on; "
                "confirm or correct each, then run `radpipe check` on this folder."
            ),
            *(line for note in findings.notes for line in remark(f"found: {note}")),
            "schema: 1",
            f"title: {scalar(name.replace('-', ' ').replace('_', ' ').capitalize())}",
        ],
        _data_lines(data_ref),
        endpoint_lines(findings),
        cohort_lines(findings),
        image_lines(findings),
        region_lines(findings),
        block_lines(findings),
        clinical_lines(findings),
        *model_sections(findings),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def readme(name: str, findings: Findings) -> str:
    """Return the text of a study's README.md: what it is, and how to lay its data out."""
    patterns = [image.pattern for image in findings.pictures.images]
    patterns += [mask for region in findings.pictures.regions for mask in region.masks.values()]
    tree = "\n".join([findings.table, *dict.fromkeys(patterns)])
    return f"""# {name}

Say here what the study asks, where its data come from, and under which licence.

## Data

The data folder is laid out like this; `{{...}}` stands for a case's value in that column of the
table, one row a case:

```
{tree}
```

radpipe looks for it in the folders under `data:` in study.yaml. Elsewhere, name it:

```
radpipe check studies/{name} --data DIR
radpipe run studies/{name} --data DIR
```

Images and masks are NIfTI, NRRD or MHA; a mask lies on the grid of its image.
"""


def _own_data(study: Path) -> Path | None:
    """Return the study's own data folder, where there is one with something in it."""
    for place in (study / "data", study):
        if place.is_dir() and any(not p.name.startswith((".", "README")) for p in place.iterdir()):
            return place
    return None


def _data_ref(study: Path, data: Path | None) -> tuple[str, ...]:
    """Return how study.yaml refers to the data: relative to the study where that is sensible."""
    if data is None:
        return ()
    full = data.absolute()
    relative = Path(os.path.relpath(full, study.absolute())).as_posix()
    if relative in _DEFAULT_PLACES:
        return ()
    near = PurePosixPath(relative).parts.count("..") <= _MOST_STEPS_UP
    shared = len(Path(os.path.commonpath([full, study.absolute()])).parts) > 1
    return (relative if near and shared else full.as_posix(),)


def _data_lines(data_ref: Sequence[str]) -> list[str]:
    if not data_ref:
        return []
    absolute = any(PurePosixPath(place).is_absolute() for place in data_ref)
    said = "a path of this machine; others give" if absolute else "seen from this folder; or give"
    return [*remark(f"{said} --data DIR, or RADPIPE_DATA"), f"data: {flow(['data', *data_ref])}"]
