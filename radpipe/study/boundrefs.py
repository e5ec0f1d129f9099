"""Can the bounds of a rule, and the cut-off of a threshold, be met and be missed?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radpipe.core.errors import Fault
from radpipe.models.rule import BOUNDS, Condition, RuleSpec
from radpipe.models.threshold import ThresholdSpec
from radpipe.study.lookup import Lookup

_CURE = "correct the bound; levels are counted from 0"


def bounds(look: Lookup) -> Iterator[Fault]:
    """Each bound lets some value pass, and not every one."""
    for name, model in look.spec.models.items():
        if isinstance(model, RuleSpec):
            for i, condition in enumerate(model.conditions):
                place = ("models", name, model.key, i)
                if _contradictory(condition):
                    said = " and ".join(f"{key} {v:g}" for key, v in condition.bounds.items())
                    found = f"{said}, which no value is at once"
                    yield look.fault(place, found, "correct one, or make two conditions of them")
                    continue
                for key, value in condition.bounds.items():
                    levels = _levels(look, condition.input)
                    said = _idle(levels, key, value)
                    if said:
                        found = f"found {value:g}, but {condition.input} {said}"
                        yield look.fault((*place, key), found, _CURE, _counted(levels))
        elif isinstance(model, ThresholdSpec) and isinstance(model.at, float | int):
            levels = _levels(look, model.input)
            said = _idle(levels, "at_least" if model.direction == "higher" else "at_most", model.at)
            if said:
                found = f"found {model.at:g}, but {model.input} {said}"
                yield look.fault(("models", name, "at"), found, _CURE, _counted(levels))


def _contradictory(condition: Condition) -> bool:
    """Return whether no number is within the bounds."""
    given = condition.bounds
    low = max((v for k, v in given.items() if k in ("above", "at_least")), default=None)
    high = min((v for k, v in given.items() if k in ("below", "at_most")), default=None)
    if low is None or high is None:
        return False
    strict = given.get("above") == low or given.get("below") == high
    return low > high or (strict and low == high)


def _levels(look: Lookup, wanted: str) -> Sequence[str]:
    """Return the levels of an ordinal or binary variable; none where they are not known."""
    variable = look.spec.clinical.get(wanted.removeprefix("clinical."))
    single = wanted.startswith("clinical.") and variable is not None
    return variable.known_levels if single and variable is not None else ()


def _idle(levels: Sequence[str], key: str, value: float) -> str:
    """Return what a bound does that is met by no level, or by all."""
    sign, holds = BOUNDS[key]
    met = [holds(place, value) for place in range(len(levels))]
    if not levels or any(met) != all(met):
        return ""
    return f"is {'always' if all(met) else 'never'} {sign} {value:g}"


def _counted(levels: Sequence[str]) -> str:
    return ", ".join(f"{place} ({level})" for place, level in enumerate(levels))
