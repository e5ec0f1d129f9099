"""The permuted-endpoint control: the whole procedure, run on outcomes that mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.numbers import number
from radpipe.core.target import kind_of
from radpipe.models.base import FloatArray
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import Chains, fit_scope
from radpipe.models.inputs import Inputs, Stacked
from radpipe.models.ranking import ranking
from radpipe.models.spec import ModelSpec
from radpipe.resampling.folds import groups_per_class, left_to_train
from radpipe.resampling.plan import Plan, Scope, Tell, make_plan, silent
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.resampling.streams import integer, stream
from radpipe.selection.base import SelectorSpec
from radpipe.stats.design import DegenerateDataError

Measure = Callable[[NDArray[Any], FloatArray], float]


@dataclass(frozen=True)
class Procedure:
    """A model with all that leads to it.

    Attributes
    ----------
    name, spec :
        The model.
    static : DataFrame, shape (n, p)
        Its measured columns, training rows only, indexed by case.
    chains : sequence of (selectors, columns)
        Its selections, each with the columns that it chooses from; other columns are kept.
    parts : sequence of Procedure
        The models whose scores it takes as inputs.
    preparation : tuple of PreparationSpec
        Steps of its preparation.
    readings : mapping of str to DataFrame
        Other readings of ``static``.
    free : sequence of str
        Columns that are kept though a selection chooses from them.
    """

    name: str
    spec: ModelSpec
    static: pd.DataFrame
    chains: Sequence[tuple[Sequence[SelectorSpec], Sequence[str]]] = ()
    parts: Sequence[Procedure] = field(default_factory=tuple)
    preparation: tuple[Any, ...] = ()
    readings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    free: Sequence[str] = ()


def permute_outcomes(
    y: NDArray[Any], groups: NDArray[Any], rng: np.random.Generator
) -> NDArray[Any]:
    """Return the outcomes in an order that has nothing to do with the rows.

    Whole groups move. Where each group has one outcome, the groups exchange theirs. Otherwise
    the groups' outcomes, each kept together and in order, are laid over the rows (sorted by
    group) in a random order of groups; with groups of unequal size a patient's outcomes may
    then spill over onto the next patient.
    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    order = rng.permutation(len(first))
    if np.array_equal(y, y[first][member]):
        return np.asarray(y[first][order][member])
    rows = [np.flatnonzero(member == g) for g in range(len(first))]
    out = np.empty_like(y)
    out[np.concatenate(rows)] = y[np.concatenate([rows[g] for g in order])]
    return out


def permuted_metrics(
    procedure: Procedure,
    y: NDArray[Any],
    groups: NDArray[Any],
    clinical: Mapping[str, Mapping[str, Any]],
    seed: int,
    n: int = 40,
    folds: int = 5,
    inner_folds: int = 5,
    measure: Measure = ranking,
    tell: Tell = silent,
) -> tuple[list[float], list[str]]:
    """Return a cross-validated measure of n permutations, and why some have none.

    A permutation may leave a fit without a class or without an estimate, or too few patients for
    two folds; its measure is NaN.

    Each permutation runs selection, tuning, calibration, fitting and stacking anew, with ``folds``
    folds and one repeat, on the training rows. Predictions of the folds are pooled, as in the real
    run. The permutations do not depend on the model, so models are compared on the same ones.

    Parameters
    ----------
    procedure : Procedure
        The model and what it is made of.
    y, groups : arrays, shape (n_rows,)
        Target and patient of the rows of ``procedure.static``.
    clinical : mapping
        Clinical dictionary.
    seed : int
        The study's seed.
    n, folds, inner_folds : int
        Permutations, folds, and inner folds of the models that settle something on them
        (`radpipe.models.base.Model.settle`) or are stacked; others need none.
    measure : callable
        Of targets (n,) and pooled scores (n,) or (n, k).
    tell : callable
        Told of each permutation before it is run.

    Returns
    -------
    values : list of float
    reasons : list of str
        Why permutations could not be run, each reason once.
    """
    found, reasons = list[float](), list[str]()
    for i in range(n):
        tell("permuted endpoint", i + 1, n)
        outcome = permute_outcomes(y, groups, stream(seed, "permutation", str(i)))
        own = integer(seed, "permutation", str(i), "run")
        try:
            value = cross_validated_metric(
                procedure, outcome, groups, clinical, own, folds, inner_folds, measure
            )
        except (RadpipeError, DegenerateDataError) as error:
            value = float("nan")
            reasons.append(str(error))
        found.append(value)
    return found, list(dict.fromkeys(reasons))


def cross_validated_metric(
    procedure: Procedure,
    y: NDArray[Any],
    groups: NDArray[Any],
    clinical: Mapping[str, Mapping[str, Any]],
    seed: int,
    folds: int = 5,
    inner_folds: int = 5,
    measure: Measure = ranking,
) -> float:
    """Return the metric of one run of the procedure; parameters as for `permuted_metrics`.

    There are at most as many folds, inner ones too, as the rarer outcome has groups for.

    Raises
    ------
    RadpipeError
        Where there are groups for less than two of them, or a fit is not possible.
    """
    have = groups_per_class(y, groups)
    folds = min(folds, have)
    left = left_to_train(have, folds) if folds else 0
    if min(folds, left) < 2:
        raise RadpipeError(
            f"the rarest outcome has {have} groups, too few for 2 folds with 2 inner ones each"
        )
    inner_folds = min(inner_folds, left)
    resampling = RepeatedCvSpec(folds=folds, repeats=1, inner_folds=inner_folds)
    labels = np.full(len(y), "train")
    plan = Plan(make_plan(y, groups, labels, resampling, seed).resamples)
    scores = _scores(procedure, y, groups, clinical, plan, seed)
    pooled = np.full((len(y), len(scores)), np.nan)
    for scope in plan.scopes:
        for column, part in enumerate(scores.values()):
            pooled[scope.test, column] = part.test[scope.name][scope.test]
    return measure(y, pooled)


def _scores(
    procedure: Procedure,
    y: NDArray[Any],
    groups: NDArray[Any],
    clinical: Mapping[str, Mapping[str, Any]],
    plan: Plan,
    seed: int,
    stacked: bool = False,
) -> dict[str, Stacked]:
    """Return the procedure's scores in every scope, a column a class; inner ones where stacked."""
    below: dict[str, Stacked] = {}
    for part in procedure.parts:
        below |= _scores(part, y, groups, clinical, plan, seed, stacked=True)
    # What is settled is settled on inner folds that select for themselves, as in the real run.
    # Other models do without them: their predictions are the same, at a sixth of the work.
    inner = stacked or bool(procedure.spec.assemble(kind_of(y), seed).settles)
    inputs = Inputs(procedure.static, groups, clinical, below, procedure.readings)
    chains: Chains | None = None
    if procedure.chains:
        found_by = {
            str(place): run_chains(
                steps, inputs.only(columns), y, plan, seed, inner, procedure.preparation
            )
            for place, (steps, columns) in enumerate(procedure.chains)
        }
        parts = [columns for _, columns in procedure.chains]
        taken = {column for columns in parts for column in columns} - set(procedure.free)
        chains = chosen(found_by, [c for c in inputs.columns if c not in taken], parts)
    found: dict[str, Stacked] = {}
    for scope in plan.scopes:
        fit, _ = fit_scope(
            procedure.name,
            procedure.spec,
            inputs,
            y,
            scope,
            seed,
            chains,
            inner=inner,
            preparation=procedure.preparation,
        )
        width = fit.test_score.shape[1]
        for column in range(width):
            name = f"{procedure.name}[{column}]" if width > 1 else procedure.name
            own = found.setdefault(name, _empty(len(y), _empty(len(y))))
            _note(own, scope, fit.inner_score[:, column], fit.test_score[:, column])
            if own.risks is not None:
                _note(own.risks, scope, fit.inner_risk[:, column], fit.test_risk[:, column])
    return found


def _empty(n: int, risks: Stacked | None = None) -> Stacked:
    return Stacked({}, {}, {}, np.full(n, np.nan), risks)


def _note(own: Stacked, scope: Scope, inner: FloatArray, test: FloatArray) -> None:
    """Put one scope's predictions in."""
    own.inner[scope.name] = inner
    own.test[scope.name] = np.full(len(inner), np.nan)
    own.test[scope.name][scope.test] = test


def control(
    name: str, permutations: Sequence[float], metric: str, reasons: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the control as it is stored: every permutation, and their 2.5-97.5% range.

    Where no permutation has a value there is no range, and ``reason`` says why.

    Parameters
    ----------
    name : str
        The model.
    permutations : sequence of float
        Its metric under each permutation; NaN where it is undefined.
    metric : str
        What the metric is called.
    reasons : sequence of str
        Why some are undefined, as far as it is known.
    """
    values = np.asarray(permutations, dtype=float)
    n = int(np.isfinite(values).sum())
    record = {"model": name, "metric": metric, "n": n, "undefined": len(values) - n}
    why = f" ({reasons[0]})" if reasons else ""
    if not n:
        reason = f"does not apply, since no permutation has a defined {metric}{why}"
        return record | {"permutations": [], "mean": None, "range95": None, "reason": reason}
    low, high = np.nanquantile(values, [0.025, 0.975])
    return record | {
        "permutations": [number(v) for v in values],
        "mean": float(np.nanmean(values)),
        "range95": [float(low), float(high)],
        "why": why.strip(" ()"),
    }
