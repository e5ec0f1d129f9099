"""Selections that cannot be made since there are as many columns as rows to fit on."""

from __future__ import annotations

from collections.abc import Iterator

from radpipe.core.errors import Fault
from radpipe.study.adequacy import block_size, parameters
from radpipe.study.cohort import Cohort
from radpipe.study.derived import inputs_of, selections
from radpipe.study.load import Study
from radpipe.study.places import KeyPath
from radpipe.study.sides import fewest_rows


def crowded(study: Study, cohort: Cohort) -> Iterator[Fault]:
    """Yield the fault of each stepwise search that begins with more columns than it can fit."""
    spec = study.spec
    found: dict[KeyPath, int] = {}
    for name, model in spec.models.items():
        for part in selections(spec, model, name):
            if part.steps[0].kind == "stepwise":
                place: KeyPath = (*part.place, 0)
                count = _columns(study, cohort, part.inputs)
                found[place] = max(found.get(place, 0), count)
    least = fewest_rows(study, cohort.target, cohort.frame) if found else 0
    for place, count in found.items():
        if 0 < least <= count:
            yield Fault(
                study.places.where(*place),
                f"a stepwise search among {count} columns, where the smallest fit has {least} "
                "training rows",
                "put a selector before it (correlation, univariable, mrmr)",
                "fewer columns than rows",
            )


def _columns(study: Study, cohort: Cohort, names: tuple[str, ...]) -> int:
    """Return how many columns inputs have at the least, as far as it is known before a run."""
    blocks = inputs_of(study.spec, names).blocks
    whole = sum(block_size(study, cohort, block) for block in blocks if block in names)
    return whole + parameters(study, cohort, names)
