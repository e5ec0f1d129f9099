"""From a study's folder to a study that holds together, and to the folder of its data."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from radpipe.core.errors import Fault, FaultsError, RadpipeError, UsageError, nearest
from radpipe.io.tables import SUFFIXES
from radpipe.study.crossrefs import cross_faults
from radpipe.study.draft import Draft, read_draft
from radpipe.study.names import id_problem
from radpipe.study.places import KeyPath, Places, shown
from radpipe.study.schema import StudySpec

FILE = "study.yaml"
DATA_VARIABLE = "RADPIPE_DATA"
SIMULATED = Path("reports") / "simulated"
_TAKEN = frozenset({"simulated", "index.html", "README.md"})
"""What reports/ holds besides the studies' folders."""


class DataMissing(RadpipeError):
    """The study's data are not on this machine; the study itself may be sound."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True)
class Study:
    """A study whose file holds together.

    Parameters
    ----------
    name : str
        The folder's name.
    folder, file : Path
        The study's folder, and the study.yaml in it.
    spec : StudySpec
        The settings.
    data : Path
        The data folder. It holds the cohort table, but for a simulation not made yet, and but
        for a study loaded with ``need_data=False``.
    places : Places
        Lines of the file's keys, for messages.
    outputs : tuple of int
        Position in the file of each output.
    broken : set of str
        Empty, but while ``radpipe check`` looks at a study with faults: the sections that
        could not be understood.
    """

    name: str
    folder: Path
    file: Path
    spec: StudySpec
    data: Path
    places: Places
    outputs: tuple[int, ...] = ()
    broken: frozenset[str] = frozenset()

    @property
    def lines(self) -> dict[KeyPath, int]:
        """Return the line of each key of the file."""
        return dict(self.places.lines)

    @property
    def simulated(self) -> bool:
        """Return whether the cohort is made up."""
        return self.spec.simulate is not None

    @property
    def table(self) -> Path:
        """Return the cohort table."""
        return self.data / self.spec.cohort.table

    @property
    def has_data(self) -> bool:
        """Return whether the cohort table is there."""
        return self.table.is_file()


def load_study(
    path: Path,
    data: Path | None = None,
    *,
    simulated: Path = SIMULATED,
    need_data: bool = True,
) -> Study:
    """Load a study.

    Parameters
    ----------
    path : Path
        A study's folder, or the study.yaml in it.
    data : Path, optional
        The data folder, as given on the command line. Without it the variable RADPIPE_DATA
        counts, then the folders that the study names under ``data:``.
    simulated : Path
        Where simulated cohorts lie, one folder a study.
    need_data : bool
        Whether a study without its data is an error.

    Raises
    ------
    FaultsError
        All that is wrong with study.yaml.
    DataMissing
        Where the data are not found, or a given folder does not hold the cohort table.
    """
    file = study_file(path)
    draft = read_draft(file)
    faults = [*draft.faults, *cross_faults(draft)]
    if faults or draft.spec is None:
        raise FaultsError(faults)
    return study_of(draft, data, simulated=simulated, need_data=need_data)


def study_file(path: Path) -> Path:
    """Return the study.yaml that a folder or file stands for.

    Raises
    ------
    FaultsError
        Where there is none, or the folder's name cannot name a report.
    """
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        found = f"no {FILE}" if path.is_dir() else "no such file or folder"
        fault = Fault(shown(path), found, "give a folder such as studies/NAME that holds one")
        raise FaultsError([fault])
    name = file.absolute().parent.name
    problem = id_problem(name)
    if problem or name in _TAKEN or name.startswith((".", "-")):
        found = problem or f"a study called {name!r}"
        raise FaultsError([Fault(shown(file.parent), found, "rename the study's folder")])
    return file


def study_of(
    draft: Draft, data: Path | None, *, simulated: Path = SIMULATED, need_data: bool = True
) -> Study:
    """Return the study that a draft holds, with its data folder found; see `load_study`."""
    if draft.spec is None:
        raise FaultsError(draft.faults)
    file = draft.places.file
    folder = file.absolute().parent
    name, spec = folder.name, draft.spec
    if spec.simulate is not None:
        if data is not None:
            raise UsageError(
                f"{name}: a simulated study takes no data folder; leave out --data, or remove "
                f"simulate: from {shown(file)}"
            )
        found = simulated / name
    else:
        found = _data_folder(name, draft.places, spec, data, need_data)
    study = Study(name, folder, file, spec, found, draft.places, draft.outputs, draft.broken)
    if not spec.controls.volume:
        return study
    from radpipe.study.table_volume import volumes_of_tables  # its tables are read by a Study

    return replace(study, spec=spec.with_table_volumes(volumes_of_tables(study)))


def _data_folder(
    name: str, places: Places, spec: StudySpec, data: Path | None, need_data: bool
) -> Path:
    """Return the folder that holds the cohort table."""
    folder = places.file.parent.absolute()
    table = spec.cohort.table
    variable = os.environ.get(DATA_VARIABLE, "")
    if data is not None or variable:
        given = data if data is not None else Path(variable)
        source = "--data" if data is not None else DATA_VARIABLE
        if need_data and not (given / table).is_file():
            found = f"holds no {table}" if given.is_dir() else "is no folder"
            cure = "give the folder that holds the cohort table"
            raise DataMissing(Fault(name, f"{source} {given} {found}", cure))
        return given.absolute()
    tried = [Path(os.path.normpath(folder / place)) for place in spec.data]
    for candidate in tried:
        if (candidate / table).is_file():
            return candidate
    if need_data:
        found = f"no {table} in {', '.join(shown(place) for place in tried)}"
        there = [p.name for place in tried if place.is_dir() for p in sorted(place.iterdir())]
        tables = [name for name in dict.fromkeys(there) if name.endswith(SUFFIXES)]
        if tables:
            cure, where = nearest(table, tables) or "correct it", places.where("cohort", "table")
            raise DataMissing(Fault(where, found, cure, ", ".join(tables[:10])))
        cure = f"give its folder with --data or {DATA_VARIABLE}"
        raise DataMissing(Fault(name, found, cure))
    return tried[0]
