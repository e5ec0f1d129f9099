"""Are the second readings there, and enough of them in every fit?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import Fault, RadpipeError, nearest
from radpipe.models.chains import fit_keys
from radpipe.resampling.folds import IntArray
from radpipe.resampling.plan import make_plan
from radpipe.study.names import normal
from radpipe.study.pairs import pairs
from radpipe.study.pictures_check import picture_faults
from radpipe.study.places import KeyPath
from radpipe.study.readers import primary_of
from radpipe.study.readings import cases_read, comparisons, read_pairs, readers_of

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
    for reader in spec.readers:
        own = set(read_pairs(spec, reader))
        if reader == primary_of(spec.readers) or not own:
            continue
        read = set(cases_read(study, cohort, reader))
        if not read:
            found, cure = (
                f"reader {reader!r}, who read no training case",
                "correct cases, or remove him",
            )
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
        fatal += _too_few(study, cohort)
    return ReadingsReport(tuple(fatal), tuple(cases), tuple(_unread(study)))


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


def _too_few(study: Study, cohort: Cohort) -> Iterator[Fault]:
    """Yield the faults of comparisons that have too few cases in the fit with fewest."""
    spec = study.spec
    found = [c for c in comparisons(spec) if c.readers(spec)]
    fits = list(_fits(study, cohort)) if found else []
    for comparison in found:
        chosen = comparison.readers(spec)
        both = set.intersection(*(set(cases_read(study, cohort, r)) for r in chosen))
        read = cohort.frame["case"].isin(both).to_numpy()
        whole = int((read & (cohort.frame["split"] == "train").to_numpy()).sum())
        least = min([whole, *(int(read[rows].sum()) for rows in fits)])
        wanted = comparison.step.min_cases
        if least >= wanted:
            continue
        said = f"{whole} training cases with all readings"
        cure = "read more cases a second time, or add perturbations"
        if whole >= wanted:
            said += f", of which the smallest of the {len(fits)} fits has {least}"
            cure = "read more cases a second time, take fewer folds, or lower min_cases"
        where = study.places.where(*comparison.place)
        yield Fault(where, said, cure, f"{wanted} or more (min_cases)")


def _fits(study: Study, cohort: Cohort) -> Iterator[IntArray]:
    """Yield the rows of every fit of the study, each row once."""
    evaluation, frame = study.spec.evaluation, cohort.frame
    try:
        plan = make_plan(
            cohort.target,
            frame["group"].to_numpy(dtype=str),
            frame["split"].to_numpy(dtype=str),
            evaluation.resampling,
            evaluation.seed,
            frame["centre"].to_numpy(dtype=str) if "centre" in frame else None,
        )
    except RadpipeError:
        return  # what stands in the way of the folds is told where they are checked
    for scope in plan.scopes:
        for _, rows in fit_keys(scope):
            yield np.unique(rows)
