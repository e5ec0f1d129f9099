"""Where the cohorts of a study lie: the main one, and external ones in folders of their own.

An id that stands in several cohorts is taken for several cases: an external one is then called
``NAME.ID``, by its cohort's name, everywhere. The main cohort's ids stay as they are. Where its
data are the same as well, it is one case on two sides (`radpipe.study.twins`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault
from radpipe.study.external import EACH, MAIN, cohort_name_problem
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.places import shown


@dataclass(frozen=True)
class Source:
    """One cohort: its table and the folder that paths count from.

    Parameters
    ----------
    name : str
        ``main``, or the external cohort's name.
    folder : str
        From the data folder; empty for the main cohort.
    table : str
        The table as faults name it.
    path : Path
        The table.
    """

    name: str
    folder: str
    table: str
    path: Path

    @property
    def external(self) -> bool:
        """Return whether it is another cohort than the main one."""
        return self.name != MAIN


def sources(study: Study) -> tuple[list[Source], list[Fault]]:
    """Return the cohorts of a study, the main one first, and what is wrong with their folders."""
    found = [Source(MAIN, "", study.table.name, study.table)]
    faults: list[Fault] = []
    seen = {study.table.resolve(): MAIN}
    for key, spec in study.spec.cohort.external.items():
        where = study.places.where("cohort", "external", key)
        table = spec.table or study.spec.cohort.table
        folders = _folders(study.data, spec.folder) if key == EACH else [(key, spec.folder)]
        if not folders:
            said = f"no folder {spec.folder} in {shown(study.data)}"
            faults.append(Fault(where, said, "correct the path, or remove the key"))
        for name, folder in folders:
            path = study.data / folder / table
            problem = cohort_name_problem(name)
            if problem:
                faults.append(Fault(shown(study.data / folder), problem, "rename the folder"))
            elif name in [source.name for source in found]:
                said = f"the cohort {name!r} a second time ({folder})"
                faults.append(Fault(where, said, "rename one of them"))
            elif not path.is_file():
                said = f"no {table} in {shown(study.data / folder)}"
                faults.append(Fault(where, said, "add the table, or move the folder away"))
            elif (other := seen.setdefault(path.resolve(), name)) != name:
                said = f"the cohorts {other!r} and {name!r} of one table, {folder}/{table}"
                faults.append(Fault(where, said, "remove one of them"))
            else:
                found.append(Source(name, folder, f"{folder}/{table}", path))
    return found, faults


def _folders(data: Path, pattern: str) -> list[tuple[str, str]]:
    """Return name and path of each folder that fits ``parent/*``, hidden ones left out."""
    parent = data / pattern.removesuffix(EACH)
    found = sorted(parent.iterdir()) if parent.is_dir() else []
    folders = [path for path in found if path.is_dir() and not path.name.startswith(".")]
    return [(normal(path.name), path.relative_to(data).as_posix()) for path in folders]


def unique(
    values: Iterable[tuple[str, Sequence[str | None]]],
) -> list[list[str | None]]:
    """Return each cohort's ids (or patients), those that stand in several made different.

    Parameters
    ----------
    values : iterable of (name, ids)
        Each cohort with its ids; None where a row has none.
    """
    given = [(name, list(ids)) for name, ids in values]
    count = Counter(value for _, ids in given for value in set(ids))
    return [
        [
            f"{name}.{value}" if value is not None and name != MAIN and count[value] > 1 else value
            for value in ids
        ]
        for name, ids in given
    ]
