"""Extracts the features of new cases, as a stored model's blocks were extracted."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.core.errors import CaseError, RadpipeError, UsageError, nearest
from radpipe.features.histogram import HistogramSettings
from radpipe.features.names import feature_id, split_id
from radpipe.features.registry import ENGINES
from radpipe.features.settings import ExtractionSettings
from radpipe.imaging.volume import EmptyRegion
from radpipe.io.images import SUFFIXES
from radpipe.outputs.words import counted
from radpipe.steps.extractor import extract_files
from radpipe.steps.new_derived import first_blocks, made, not_extracted
from radpipe.steps.new_tables import NewCases
from radpipe.steps.stored import StoredModel
from radpipe.study.rows import some

CASE = "{case}"
_MASK = re.compile(r"[-_. ]?(mask|masks|seg|segmentation|label|labels|roi)$", re.IGNORECASE)


def to_extract(model: StoredModel, needed: Sequence[str]) -> list[str]:
    """Return the blocks to extract for some features, those that others are made of included.

    Raises
    ------
    RadpipeError
        A block comes from a table, or its image from a formula.
    """
    blocks = model.inputs("blocks")
    found = first_blocks(blocks, needed)
    for name in found:
        if why := not_extracted(blocks, name):
            raise RadpipeError(
                f"block {name} {why}, and cannot be extracted here; give its features with "
                "--features"
            )
    return found


def images_of(
    images: Sequence[str],
    masks: Sequence[str],
    model: StoredModel,
    needed: Sequence[str],
    tell: Callable[[str], None],
    wanted: Collection[str] | None = None,
) -> NewCases:
    """Extract the features that a model needs of new cases.

    Parameters
    ----------
    images, masks : sequence of str
        Folders or patterns (``scans/{case}.nii.gz``, ``scans/*.nii.gz``), each for one image
        (``t1=FOLDER``), region or block of the model, or for all.
    model : StoredModel
    needed : sequence of str
        Feature ids.
    tell : callable
        Told of each case that is extracted.
    wanted : collection of str, optional
        The cases that a table names; images of others are left out, which is said.

    Raises
    ------
    RadpipeError
        An image or region is not given, or there is no file.
    """
    blocks = model.inputs("blocks")
    extracted = to_extract(model, needed)
    frames: dict[str, pd.DataFrame] = {}
    cases = NewCases(pd.DataFrame())
    for name in extracted:
        own = blocks[name]
        known = {blocks[b]["image"] for b in extracted}
        regions = {(blocks[b]["image"], blocks[b]["region"]) for b in extracted}
        scans = _files(_chosen("--images", images, (name, own["image"]), len(known) == 1))
        drawn = _files(
            _chosen("--masks", masks, (name, own["region"], own["image"]), len(regions) == 1), True
        )
        if wanted is not None:
            others = [case for case in scans if case not in wanted]
            scans, drawn = ({c: p for c, p in f.items() if c in wanted} for f in (scans, drawn))
            if others:
                cases.notes.append(
                    f"block {name}: left out {counted(len(others), 'image')} of cases that the "
                    f"clinical table does not name ({some(others)})"
                )
        frames[name] = _block(name, own, scans, drawn, cases, tell)
    names = list(dict.fromkeys(split_id(feature)[0] for feature in needed))
    whole = pd.concat([made(blocks, name, frames) for name in names], axis=1)
    lost = [feature for feature in needed if feature not in whole]
    if lost:
        raise RadpipeError(f"the extraction gives no {', '.join(lost[:5])}; extract it elsewhere")
    cases.frame = whole[list(needed)]
    return cases


def _chosen(option: str, given: Sequence[str], names: Sequence[str], alone: bool) -> str:
    """Return the pattern of one of some names, or the one without a name."""
    named = {}
    for text in given:
        key, equals, pattern = text.partition("=")
        named[key if equals else ""] = pattern if equals else text
    for name in names:
        if name in named:
            return named[name]
    if "" in named and alone:
        return named[""]
    if "" in named:
        raise UsageError(
            f"{option}: the model takes several; name each: {option} {names[-1]}=FOLDER ..."
        )
    wrong = next(iter(named), "")
    hint = nearest(wrong, list(names))
    raise UsageError(
        f"{option}: nothing for {names[-1]}; give {option} {names[-1]}=FOLDER"
        + (f"; {hint}" if hint else "")
    )


def _files(pattern: str, masks: bool = False) -> dict[str, Path]:
    """Return the file of each case: the folder's, or those that a pattern fits."""
    place = Path(pattern)
    if place.is_dir():
        found = {}
        for path in sorted(place.iterdir()):
            suffix = next((s for s in (".nii.gz", *SUFFIXES) if path.name.endswith(s)), None)
            if suffix is not None and not path.name.startswith("."):
                name = path.name.removesuffix(suffix)
                found[_MASK.sub("", name) if masks else name] = path
    elif place.is_file():
        found = {_stem(place.name, masks): place}
    else:
        found = _fitting(pattern)
    if not found:
        raise RadpipeError(
            f"{pattern}: no image there; give a folder with files {', '.join(SUFFIXES)}, or a "
            f"pattern such as folder/{CASE}.nii.gz"
        )
    return found


def _stem(name: str, masks: bool) -> str:
    suffix = next((s for s in (".nii.gz", *SUFFIXES) if name.endswith(s)), "")
    stem = name.removesuffix(suffix)
    return _MASK.sub("", stem) if masks else stem


def _fitting(pattern: str) -> dict[str, Path]:
    """Return the files that a pattern fits, by what stands for ``{case}``, or for the first *."""
    spot = CASE if CASE in pattern else "*"
    if spot not in pattern:
        return {}
    base = Path(re.split(r"[{*]", pattern)[0])
    base = base if pattern.startswith(f"{base}/") else base.parent
    rest = (
        pattern
        if str(base) == "." and not pattern.startswith("./")
        else pattern[len(str(base)) + 1 :]
    )
    first, *more = rest.split(spot)
    text = re.escape(first) + r"(?P<case>[^/]+)" + r"(?P=case)".join(
        re.escape(part).replace(r"\*", "[^/]*") for part in more
    )  # fmt: skip
    glob = rest.replace(CASE, "*")
    found = {}
    for path in sorted(base.glob(glob)):
        match = re.fullmatch(text, path.relative_to(base).as_posix())
        if match and not path.name.startswith("."):  # such as macOS leaves beside each file
            found[match["case"]] = path
    return found


def _block(
    name: str,
    own: Mapping[str, Any],
    images: Mapping[str, Path],
    masks: Mapping[str, Path],
    cases: NewCases,
    tell: Callable[[str], None],
) -> pd.DataFrame:
    """Return the features of one block, a row a case that has any."""
    family: Any = HistogramSettings if own["kind"] == "histogram" else ExtractionSettings
    settings, engine = family.model_validate(own["settings"]), ENGINES[own["engine"]]()
    rows: dict[str, dict[str, float]] = {}
    for case in dict.fromkeys([*images, *masks]):
        if case not in images or case not in masks:
            lacks = "image" if case not in images else "mask"
            cases.fail(case, f"block {name}: no {lacks} of this case; check the names of the files")
            continue
        tell(f"{name}: {case}")
        try:
            rows[case] = extract_files(images[case], masks[case], own["label"], settings, engine)
        except EmptyRegion as error:
            if own["empty"] not in ("missing", "zero"):
                cases.fail(case, f"block {name}: {error}")
                continue
            from radpipe.features.names import expected

            value = 0.0 if own["empty"] == "zero" else float("nan")
            rows[case] = dict.fromkeys(expected(settings), value)
        except CaseError as error:
            cases.fail(case, f"block {name}: {error}")
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=float)
    frame.index = pd.Index(list(rows), dtype=object, name="case")
    return frame.set_axis([feature_id(name, str(c)) for c in frame.columns], axis=1)
