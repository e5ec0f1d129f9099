"""Whether a cohort is large enough for what is asked of it, told before anything is fitted.

Nothing here refuses a study. What a model will reach is not known beforehand, so that sample
sizes and intervals are those of a moderately good one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import FaultsError
from radpipe.core.target import CLASSES, events, indicators, kind_of, outcomes
from radpipe.study.block_names import names_of
from radpipe.study.blocks import TableSpec
from radpipe.study.cohort import Cohort
from radpipe.study.derived import inputs_of, selection_steps
from radpipe.study.feature_tables import read_features
from radpipe.study.load import Study
from radpipe.study.region_volumes import region_volumes

UNPENALISED = frozenset(
    {"logistic", "cox", "nomogram", "linear", "multinomial", "ordinal", "fine_gray"}
)
"""Families whose coefficients nothing shrinks."""
PER_PARAMETER = 10
"""Events for each parameter, at the least, as the rule of thumb has it."""
SHRINKAGE = 0.9
AUC = 0.75
"""What is anticipated of a model of an event, as AUC and as C-index."""
NAGELKERKE = 0.15
"""Share of the largest R² that is anticipated of a survival model, as Riley proposes."""
R2 = 0.25
"""What is anticipated of a model of a measured value."""


@dataclass(frozen=True)
class Need:
    """What Riley's criteria ask for a number of parameters.

    Parameters
    ----------
    n : int
        Cases.
    shrinkage : float
        Uniform shrinkage to be expected with the cases there are.
    anticipated : str
        What the model was taken to reach.
    """

    n: int
    shrinkage: float
    anticipated: str


def adequacy(study: Study, cohort: Cohort) -> list[str]:
    """Return what the numbers of cases and events allow, one line each.

    Models that may fit equally many parameters, or choose among equally many features, share a
    line; those with enough cases have none.
    """
    train = (cohort.frame["split"] == "train").to_numpy()
    y = cohort.target[train]
    return [
        *_parameters(study, cohort, y),
        *_features(study, cohort, y),
        *_volumes(study, y),
        *_intervals(study, cohort),
    ]


def _parameters(study: Study, cohort: Cohort, y: NDArray[Any]) -> Iterator[str]:
    """Models without penalty, by the number of coefficients that they may fit."""
    found: dict[int, list[str]] = {}
    for name, model in study.spec.models.items():
        if model.kind in UNPENALISED and not whole_blocks(study, model):
            count = parameters(study, cohort, getattr(model, "inputs", ()))
            found.setdefault(count, []).append(name)
    horizons = getattr(study.spec.endpoint, "horizons", ())
    rare, noun = _rarest(y)
    for count, names in found.items():
        need = riley(y, count, horizons[0] if horizons else None) if count else None
        if not count or (rare / count >= PER_PARAMETER and need and need.n <= len(y)):
            continue
        line = (
            f"{_where(study, names)}: {rare} {noun} for {_many(count, 'candidate coefficient')} "
            f"({rare / count:.1f} each; {PER_PARAMETER} is the usual least)"
        )
        if need:
            line += (
                f"; at {need.anticipated} Riley's criteria ask for {need.n} training cases, and "
                f"there are {len(y)}; expected shrinkage {need.shrinkage:.2f} "
                f"({SHRINKAGE:g} is wanted)"
            )
        them = "it" if len(names) == 1 else "them"
        few = rare / count < PER_PARAMETER or (need is not None and need.shrinkage < SHRINKAGE)
        yield f"{line}: " + (
            f"expect {them} to overfit" if few else "enough against overfitting, not for sure risks"
        )


def _features(study: Study, cohort: Cohort, y: NDArray[Any]) -> Iterator[str]:
    """Models of whole blocks, by the number of features that they choose from."""
    found: dict[tuple[int, int], list[str]] = {}
    for name, model in study.spec.models.items():
        blocks = whole_blocks(study, model)
        sizes = [block_size(study, cohort, block) for block in blocks]
        if blocks and all(sizes):
            left = [getattr(step, "n", None) for step in selection_steps(study.spec, model)]
            kept = int(left[-1]) if left and left[-1] and model.kind in UNPENALISED else 0
            kept = kept if kept < sum(sizes) else 0
            found.setdefault((sum(sizes), kept), []).append(name)
    rare, noun = _rarest(y)
    for (count, kept), names in found.items():
        if rare / count >= PER_PARAMETER:
            continue
        rest = f", of which the selection leaves {kept} ({rare / kept:.1f} each)" if kept else ""
        yield (
            f"{_where(study, names)}: {rare} {noun} for {count} candidate features "
            f"({rare / count:.2g} each){rest}: what is chosen will depend on the sample; trust "
            "the resampling, not the fit"
        )


def _volumes(study: Study, y: NDArray[Any]) -> Iterator[str]:
    """The control of several volumes, which looks worse than it is where it overfits."""
    count = len(region_volumes(study.spec)) if study.spec.controls.volume else 0
    rare, noun = _rarest(y)
    if study.spec.models and count > 1 and rare / count < PER_PARAMETER:
        yield (
            f"{study.places.where('controls', 'volume')}: {rare} {noun} for the volumes of {count} "
            f"regions or images ({rare / count:.1f} each; {PER_PARAMETER} is the usual least): the "
            "control may overfit, and a model look better beside it than it is"
        )


def _intervals(study: Study, cohort: Cohort) -> Iterator[str]:
    """How wide an interval will be, in the training cases and in each held-out set."""
    if not study.spec.models:
        return
    sides = cohort.frame["split"].astype(str)
    held = [side for side in dict.fromkeys(sides) if side != "train"]
    parts = []
    for side in ("train", *held):
        y = cohort.target[(sides == side).to_numpy()]
        if len(y):
            name = "out-of-fold" if side == "train" else side
            parts.append(f"{name} {expected_interval(y)}")
    kind = kind_of(cohort.target)
    what = {"continuous": f"R² of {R2:g}", "survival": f"C-index of {AUC:g}"}.get(
        kind, f"AUC of {AUC:g}"
    )
    rest = " (of the rarest class against the rest)" if kind in CLASSES else ""
    several = cohort.frame["group"].duplicated().any()
    taken = " (cases taken as independent: wider by patient)" if several else ""
    yield (
        f"{study.places.where('endpoint')}: 95% interval to be expected of an {what}{rest}: "
        f"{'; '.join(parts)}{taken}"
    ).replace(" an C", " a C")


def expected_interval(y: NDArray[Any]) -> str:
    """Return the interval to be expected in cases with these outcomes, and their number."""
    from radpipe.stats.correlation import from_r
    from radpipe.stats.summaries import auc_hanley_mcneil

    n = len(y)
    if kind_of(y) == "continuous":
        found = from_r(math.sqrt(R2), n, "", 0.95) if n > 3 else None
        if found is None:
            return f"none ({_many(n, 'case')})"
        return f"{max(found.lower, 0.0) ** 2:.2f}–{found.upper**2:.2f} ({_many(n, 'case')})"
    with_it = _with(y)
    of = f"({with_it} of {_many(n, 'case')})"
    if not 0 < with_it < n:
        return f"none {of}"
    e = auc_hanley_mcneil(AUC, with_it, n - with_it)
    return f"{e.lower:.2f}–{e.upper:.2f} {of}"


def riley(y: NDArray[Any], count: int, horizon: float | None = None) -> Need | None:
    """Return what Riley's criteria ask for ``count`` parameters; None where they cannot tell.

    Of several classes or labels they are those of the rarest one against the rest.

    Parameters
    ----------
    y : array, shape (n,)
        Target of the training cases.
    count : int
        Parameters; a continuous target is given three at the least, as the criteria need.
    horizon : float, optional
        Of a survival target, in its unit of time; the mean follow-up where there is none.
    """
    from radpipe.stats import expected_shrinkage as shrinkage
    from radpipe.stats import sample_size as size

    n, kind = len(y), kind_of(y)
    if kind == "continuous":
        count = max(count, 3)
        if n < count + 2 or not y.std() > 0:
            return None
        # How precisely a mean is known in percent of itself says nothing where it lies near zero:
        # with ten times the spread this criterion asks for no case.
        mean, sd = abs(float(y.mean())), float(y.std(ddof=1))
        need = size.riley_continuous(R2, count, mean if mean > sd else 10 * sd, sd)
        shrunk = shrinkage.expected_shrinkage_continuous(R2, count, n)
        return Need(need.final.n, max(shrunk, 0.0), f"an R² of {R2:g}")
    with_it = _with(y)
    if not 0 < with_it < n and (kind != "survival" or not with_it):
        return None
    if kind == "survival":
        follow_up = float(y["time"].mean())
        rate = with_it / float(y["time"].sum())
        share = with_it / n
        r2 = NAGELKERKE * -math.expm1(2 * (share * math.log(share) - share))
        need = size.riley_survival(r2, count, rate, horizon or follow_up, follow_up)
        told = f"{NAGELKERKE:.0%} of the largest R²"
    else:
        from radpipe.stats.anticipated_r2 import r2_from_c

        r2 = r2_from_c(AUC, with_it / n)
        need = size.riley_binary(r2, count, with_it / n)
        told = f"an AUC of {AUC:g}"
    return Need(need.final.n, shrinkage.expected_shrinkage(r2, count, n), told)


def parameters(study: Study, cohort: Cohort, names: Sequence[str]) -> int:
    """Return how many coefficients inputs may have, the features of whole blocks left out."""
    inputs = inputs_of(study.spec, names)
    count = len(inputs.models) + len(inputs.features)
    for name in inputs.clinical:
        variable: Mapping[str, Any] = cohort.info["clinical"].get(name, {})
        many = variable.get("type") in ("nominal", "binary")
        count += max(len(variable["levels"]) - 1, 0) if many else 1
    return count


def whole_blocks(study: Study, model: Any) -> list[str]:
    """Return the blocks that a model is given as a whole."""
    inputs = getattr(model, "inputs", ())
    return [block for block in inputs_of(study.spec, inputs).blocks if block in inputs]


def block_size(study: Study, cohort: Cohort, block: str) -> int:
    """Return how many features a block holds; 0 where that is not known."""
    tables: dict[str, list[str]] = {}
    for name, spec in study.spec.derived.items():
        if isinstance(spec, TableSpec) and names_of(study.spec, block) is None:
            try:
                found = read_features(study, name, cohort.rows).frame.columns
            except FaultsError:  # which the check of the tables tells
                continue
            tables[name] = [str(column) for column in found]
    return len(names_of(study.spec, block, tables) or ())


def _with(y: NDArray[Any]) -> int:
    """Return the cases with the event, of the smallest class, or of the rarest label.

    Of a label that most cases have, those without it.
    """
    kind = kind_of(y)
    if kind in ("binary", "survival"):
        return int(events(y).sum())
    counts = indicators(y).sum(axis=0)
    return int((np.minimum(counts, len(y) - counts) if kind == "multilabel" else counts).min())


def _rarest(y: NDArray[Any]) -> tuple[int, str]:
    """Return the cases of the rarest outcome, and what they are called."""
    kind = kind_of(y)
    rare = int(outcomes(y).sum(axis=0).min())
    if kind == "binary" and rare < int(events(y).sum()):
        return rare, "non-events"
    nouns = {"binary": "events", "survival": "events", "continuous": "cases"}
    return rare, nouns.get(kind, "cases of the rarest class")


def _where(study: Study, names: list[str]) -> str:
    return ", ".join([study.places.where("models", names[0]), *names[1:]])


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
