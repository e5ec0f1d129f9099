"""Everything that is wrong with a study, found without running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.evaluation.outcomes import tally
from radpipe.study.advice import advice
from radpipe.study.batches import absent_references
from radpipe.study.cohort import Cohort, read_cohort
from radpipe.study.copies import copied_variables
from radpipe.study.crossrefs import cross_faults
from radpipe.study.crowding import crowded
from radpipe.study.draft import read_draft
from radpipe.study.external import MAIN
from radpipe.study.faults import told_once
from radpipe.study.load import SIMULATED, DataMissing, Study, study_file, study_of
from radpipe.study.moved_masks import moved_masks
from radpipe.study.names import normal
from radpipe.study.pairs import pairs
from radpipe.study.pictures_check import picture_faults
from radpipe.study.places import shown
from radpipe.study.readings_check import check_readings
from radpipe.study.rows import some
from radpipe.study.sides import plan_faults
from radpipe.study.sources import sources
from radpipe.study.strangers import imaged
from radpipe.study.table_check import table_faults
from radpipe.study.twins import same_images, same_rows

Progress = Callable[[int, int], None]
"""Told the number of pairs looked at, and of all."""

_FEW = 10


@dataclass(frozen=True)
class CheckReport:
    """What was found.

    Parameters
    ----------
    fatal : tuple of Fault
        What stops the study: its file, its table, files that no case has.
    cases : tuple of Fault
        What concerns the images of one case each; the others could go on without it.
    warnings : tuple of str
        What is allowed but rarely meant, one line each.
    facts : tuple of str
        What the study consists of, one line each.
    """

    fatal: tuple[Fault, ...]
    cases: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return all faults."""
        return (*self.fatal, *self.cases)


def check_path(
    path: Path,
    data: Path | None = None,
    *,
    simulated: Path = SIMULATED,
    headers: bool = True,
    voxels: bool = False,
    progress: Progress | None = None,
) -> CheckReport:
    """Check a study from its folder, faults of study.yaml and of the data at once.

    Parameters
    ----------
    path, data, simulated
        As for `radpipe.study.load.load_study`.
    headers, voxels, progress
        As for `check`.
    """
    try:
        draft = read_draft(study_file(path))
    except FaultsError as error:
        return CheckReport(error.faults)
    faults = [*draft.faults, *cross_faults(draft)]
    if draft.spec is None or "cohort" in draft.broken:
        return CheckReport(tuple(faults))
    try:
        study = study_of(draft, data, simulated=simulated)
    except DataMissing as error:
        return CheckReport((*faults, error.fault))
    found = check(study, headers, voxels=voxels, progress=progress)
    return CheckReport((*faults, *found.fatal), found.cases, found.warnings, found.facts)


def check(
    study: Study,
    headers: bool = True,
    *,
    voxels: bool = False,
    progress: Progress | None = None,
) -> CheckReport:
    """Check the table and the images of a study whose file holds together.

    Parameters
    ----------
    study : Study
    headers : bool
        Compare the grids of image and mask, by the headers alone.
    voxels : bool
        Read every image and mask whole: damaged files, empty masks, absent labels.
    progress : callable, optional
        Told how many of how many pairs were looked at.
    """
    if study.simulated and not study.has_data:
        lines = [f"{study.name}: simulated; the cohort is made when the study runs"]
        return CheckReport((), (), (), tuple(lines))
    cohort, faults = read_cohort(study)
    folders = [source.folder for source in sources(study)[0] if source.external]
    if cohort is None:
        return CheckReport(told_once(faults, folders))
    wanted = list(pairs(study, cohort.rows))
    broken, cases = picture_faults(study, wanted, headers=headers, voxels=voxels, progress=progress)
    sound = "endpoint" not in study.broken and not faults
    again = check_readings(study, cohort, cases, headers=headers, voxels=voxels, sound=sound)
    cases += _strange_images(study, cohort)
    of_tables, said = table_faults(study, cohort, sound)
    broken += of_tables
    broken += [*_unknown_cases(study, cohort), *_unknown_splits(study, cohort)]
    if sound:
        broken += copied_variables(study, cohort)[0]
        told = {fault.case for fault in (*broken, *cases)}  # one mask of two cases, for one
        others = [pair for pair in wanted if pair.case not in told]
        broken += same_images(cohort, others) or same_rows(study, cohort)
        broken += plan_faults(study, cohort.target, cohort.frame)
        broken += absent_references(study, cohort.target, cohort.frame)
        broken += crowded(study, cohort)
    warnings = [*cohort.info["warnings"], *again.warnings, *said]
    warnings += moved_masks(study, wanted) if headers else ()
    if sound:
        warnings += advice(study, cohort)
        warnings += _without(study, cohort, cases)
    return CheckReport(
        told_once([*faults, *broken, *again.fatal], folders),
        (*cases, *again.cases),
        tuple(warnings),
        tuple(_facts(study, cohort, sound)),
    )


def _without(study: Study, cohort: Cohort, cases: Sequence[Fault]) -> list[str]:
    """Return what is wrong with the cohort once the cases that cannot be used are left out."""
    known = set(cohort.rows.cases)
    lost = {fault.case: fault.found for fault in cases if fault.case in known}
    _, faults = read_cohort(study, lost) if lost else (None, [])
    count = f"{len(lost)} case{'s' if len(lost) > 1 else ''}"
    return [f"without the {count} that cannot be used: {fault}" for fault in faults]


def _strange_images(study: Study, cohort: Cohort) -> list[Fault]:
    """Return the faults of images without a row in the table."""
    rows = cohort.rows
    known: dict[str, set[str]] = {}
    for case in rows.lines:
        known.setdefault(rows.cohort(case), set()).add(case)
    main = known.setdefault(MAIN, set())
    main |= {case for case, _ in rows.excluded} - rows.sources.keys()
    left_out = {normal(case) for case in study.spec.cohort.exclude}
    looked_at = [sources(study)[0][0], *dict.fromkeys(rows.sources.values())]
    found_all = imaged(study, looked_at, known)
    strange = {case: path for case, path in found_all.items() if case not in left_out}
    table = cohort.rows.table
    if len(strange) > _FEW:
        found = f"{len(strange)} images without a row in {table}: {some(strange)}"
        cure = "add the rows, or move the files away"
        return [Fault(shown(study.data), found, cure)]
    return [
        Fault(
            shown(path),
            f"an image without a row in {table}",
            "add the row, move the file away, or under cohort: add to exclude: "
            f'{{"{case}": "not in the table"}}',
            case=case,
        )
        for case, path in strange.items()
    ]


def _unknown_cases(study: Study, cohort: Cohort) -> list[Fault]:
    """Return the faults of outputs that name cases which are not in the cohort."""
    known = cohort.rows.cases
    return [
        Fault(
            study.places.where("outputs", position, "cases", i),
            f"found the case {case!r}, which is not in the cohort",
            nearest(case, known) or "name another case",
        )
        for position, output in zip(study.outputs, study.spec.outputs, strict=True)
        for i, case in enumerate(getattr(output, "cases", ()))
        if normal(case) not in known
    ]


def _unknown_splits(study: Study, cohort: Cohort) -> list[Fault]:
    """Return the faults of outputs that name an external set which the data do not have."""
    there = sorted(set(cohort.frame["split"]) - {"train"})
    return [
        Fault(
            study.places.where("outputs", position, "splits", i),
            f"found the split {name!r}, which no case belongs to",
            nearest(name, there) or "name another one",
            ", ".join(there),
        )
        for position, output in zip(study.outputs, study.spec.outputs, strict=True)
        for i, name in enumerate(getattr(output, "splits", ()))
        if name.startswith("external:") and name not in there
    ]


def _facts(study: Study, cohort: Cohort, sound: bool) -> list[str]:
    """Return what the study consists of; outcomes are counted where they could be read."""
    frame, info, spec = cohort.frame, cohort.info, study.spec
    patients = frame["group"].nunique()
    of = f" of {patients} patients" if spec.cohort.group else ""
    events = ""
    if sound:
        counts = tally(frame, spec.endpoint.about)
        told = "; ".join(f"{n} {name}" for name, n in counts)
        if spec.endpoint.type in ("binary", "survival"):
            told = f"{counts[0][1]} with the event"
        events = f", {told} ({spec.endpoint.shown_label})" if told else ""
    others = len(info["cohorts"]) - 1
    more = f" and {others} external table{'s' if others > 1 else ''}" if others else ""
    facts = [
        f"{study.name}: {len(frame)} cases{of}{events}; {info['n_table']} rows in "
        f"{cohort.rows.table}{more}, {len(info['excluded'])} excluded"
    ]
    sides = info["split"]["counts"]
    if len(sides) > 1:
        facts.append("split: " + ", ".join(f"{n} {side}" for side, n in sides.items()))
    if len(info["cohorts"]) > 1:
        facts.append("cohorts: " + ", ".join(f"{n} {name}" for name, n in info["cohorts"].items()))
    facts += info["notes"]
    return facts
