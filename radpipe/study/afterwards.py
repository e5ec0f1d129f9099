"""Which variables and features are called as what is known only once a case was followed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radpipe.study.cohort import Cohort
from radpipe.study.load import Study
from radpipe.study.rows import some
from radpipe.study.words import is_afterwards

_CURE = "take it out if it became known after the prediction"


def late_variables(study: Study, cohort: Cohort) -> Iterator[str]:
    """Yield a line on each clinical variable whose name or values speak of follow-up."""
    for name, variable in study.spec.clinical.items():
        where = study.places.where("clinical", name)
        levels = cohort.info["clinical"].get(name, {}).get("levels", ())
        if is_afterwards(name) or is_afterwards(variable.column or name):
            yield f"{where}: its name says that it tells the outcome; {_CURE}"
        elif is_afterwards("", levels):
            yield f"{where}: its values ({some(levels)}) say that it tells the outcome; {_CURE}"


def late_features(study: Study, block: str, features: Sequence[str]) -> list[str]:
    """Return a line on the columns of a feature table whose names speak of follow-up."""
    late = [name for name in features if is_afterwards(name)]
    if not late:
        return []
    verb = "count as features, and their names say that they tell the outcome"
    if len(late) == 1:
        verb = "counts as a feature, and its name says that it tells the outcome"
    where = study.places.where("blocks", block)
    return [f"{where}: {some(late)} {verb}; leave out with columns what is no feature"]
