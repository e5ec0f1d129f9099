"""Are the second readings there, and enough of them in every fit?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from radpipe.core.errors import Fault, nearest
from radpipe.resampling.folds import IntArray
from radpipe.selection.icc import more_folds
from radpipe.study.names import normal
from radpipe.study.pairs import pairs
from radpipe.study.pictures_check import picture_faults
from radpipe.study.places import KeyPath
from radpipe.study.readers import primary_of
from radpipe.study.readings import (
    Comparison,
    cases_read,
    comparisons,
    made_of,
    read_pairs,
    readers_of,
)
from radpipe.study.sides import fit_rows
from radpipe.study.table_readings import TableReadings, table_readings

if TYPE_CHECKING:
    from radpipe.study.cohort import Cohort
    from radpipe.study.load import Study


@dataclass(frozen=True)
class ReadingsReport:
    """What was found; fields as those of `radpipe.study.check.CheckReport`."""

    fatal: tuple[Fault, ...] = ()
    cases: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()


def check_readings(
    study: Study,
    cohort: Cohort,
    first: Sequence[Fault],
    *,
    headers: bool,
    voxels: bool,
    sound: bool,
) -> ReadingsReport:
    """Check readers, their files, and what selectors compare.

    Parameters
    ----------
    study, cohort
        The study whose first readings were looked at.
    first : sequence of Fault
        What was found of them; it is not told again for each reader.
    headers, voxels
        As for `radpipe.study.check.check`.
    sound : bool
        Whether the cohort has no fault, so that the fits can be laid out.
    """
    spec = study.spec
    fatal = list(_names(study, cohort))
    cases: list[Fault] = []
    told = {str(fault) for fault in first}
    tables = {
        block: table_readings(study, block, cohort)
        for block in spec.derived
        if readers_of(spec, block)
    }
    fatal += [fault for found in tables.values() for fault in found.faults]
    for reader in spec.readers:
        own = set(read_pairs(spec, reader))
        if reader == primary_of(spec.readers) or not (own or tables):
            continue
        read = set(cases_read(study, cohort, reader))
        if not read:
            found = f"reader {reader!r}, who read no training case"
            cure = "correct cases, or remove him"
            fatal.append(Fault(study.places.where("readers", reader), found, cure))
        wanted = [
            pair
            for pair in pairs(study, cohort.rows, reader)
            if pair.case in read and (pair.image, pair.region) in own
        ]
        broken, odd = picture_faults(study, wanted, headers=headers, voxels=voxels)
        fatal += [_of_reader(fault, reader) for fault in broken if str(fault) not in told]
        cases += [_of_reader(fault, reader) for fault in odd if str(fault) not in told]
    if sound:
        fatal += dict.fromkeys(_too_few(study, cohort, tables))
    notes = [
        f"{study.places.where('blocks', block)}: {note}"
        for block, found in tables.items()
        for note in found.notes
    ]
    return ReadingsReport(tuple(fatal), tuple(cases), (*notes, *_unread(study)))


def _names(study: Study, cohort: Cohort) -> Iterator[Fault]:
    """Yield the faults of cases that are named and that there are not."""
    spec = study.spec
    lists: list[tuple[KeyPath, str]] = []
    for name, reader in spec.readers.items():
        ids = reader.cases.ids
        lists += [(("readers", name, "cases", i), case) for i, case in enumerate(ids)]
        lists += [(("readers", name, "exclude", case), case) for case in reader.exclude]
    if spec.perturbations:
        lists += [(("perturbations", "exclude", c), c) for c in spec.perturbations.exclude]
    known = {normal(case) for case in cohort.rows.lines}
    for place, case in lists:
        if normal(case) not in known:
            found = f"found the case {case!r}, which is not in {cohort.rows.table}"
            cure = nearest(case, sorted(known)) or "correct it"
            yield Fault(study.places.where(*place), found, cure)


def _of_reader(fault: Fault, reader: str) -> Fault:
    """Return a fault of a second reading, which takes no case out of the study."""
    out = f"leave the reading out (readers.{reader}.exclude)"
    cure = fault.cure.replace("exclude the case", out)
    return replace(fault, where=f"{fault.where}: reader {reader}", cure=cure, case="")


def _unread(study: Study) -> Iterator[str]:
    """Yield what passes a comparison of readings without one."""
    spec = study.spec
    for comparison in comparisons(spec):
        chosen = set(comparison.readers(spec))
        passing = [b for b in comparison.blocks if not chosen & set(readers_of(spec, b))]
        if passing and len(passing) < len(comparison.blocks):
            yield (
                f"{study.places.where(*comparison.place)}: nobody read {', '.join(passing)} a "
                "second time; those features pass the comparison"
            )
        for block in comparison.blocks:
            there = [r for r in comparison.readers(spec) if r in readers_of(spec, block)]
            lost = [r for r in comparison.readers(spec) if r not in there]
            if there and lost:
                yield (
                    f"{study.places.where(*comparison.place)}: {', '.join(lost)} did not read "
                    f"{block}, whose comparison is among the primary reader, {', '.join(there)}"
                )


def _too_few(study: Study, cohort: Cohort, tables: Mapping[str, TableReadings]) -> Iterator[Fault]:
    """Yield the faults of comparisons that have too few cases in the fit with fewest.

    A selection that several models name stands in one place, and is told once: of its worst block.
    """
    spec = study.spec
    found: dict[KeyPath, list[Comparison]] = {}
    for comparison in comparisons(spec):
        if comparison.readers(spec):
            found.setdefault(comparison.place, []).append(comparison)
    fits = list(fit_rows(study, cohort.target, cohort.frame)) if found else []
    for place, here in found.items():
        counts: dict[str, tuple[int, int]] = {}
        for comparison in here:
            for block in comparison.inputs:
                read = _read_by_all(study, cohort, tables, comparison, block)
                if read is not None:
                    counts[block] = _least(cohort, read, fits)
        wanted = here[0].step.min_cases
        worst = min(counts, key=lambda block: counts[block], default="")
        if not worst or counts[worst][0] >= wanted:
            continue
        least, whole = counts[worst]
        said = f"{whole} training cases with all readings"
        said += f" of {worst}" if len(set(counts.values())) > 1 else ""
        cure = "read more cases a second time, or add perturbations"
        if not any(b in spec.extracted for comparison in here for b in comparison.blocks):
            cure = "read more cases a second time"
        if whole >= wanted:
            said += f", of which the smallest of the {len(fits)} fits has {least}"
            cure = f"read more cases a second time, {more_folds(wanted)}"
        yield Fault(study.places.where(*place), said, cure, f"{wanted} or more (min_cases)")


def _read_by_all(
    study: Study,
    cohort: Cohort,
    tables: Mapping[str, TableReadings],
    comparison: Comparison,
    block: str,
) -> set[str] | None:
    """Return the training cases of a block that all its readers read who are compared.

    None where nobody read it a second time, or where a reader's table is wrong, as is told.
    """
    spec = study.spec
    parts = made_of(spec, block)
    both: set[str] | None = None
    for reader in comparison.readers(spec):
        if not all(reader in readers_of(spec, part) for part in parts):
            continue
        for part in parts:
            read = set(cases_read(study, cohort, reader))
            if part in tables:
                frame = tables[part].frames.get(reader)
                if frame is None:
                    return None
                read &= set(map(str, frame.index))
            both = read if both is None else both & read
    return both


def _least(cohort: Cohort, cases: set[str], fits: Sequence[IntArray]) -> tuple[int, int]:
    """Return how many of some cases the fit with fewest has, and how many there are to train on."""
    read = cohort.frame["case"].isin(cases).to_numpy()
    whole = int((read & (cohort.frame["split"] == "train").to_numpy()).sum())
    return min([whole, *(int(read[rows].sum()) for rows in fits)]), whole
