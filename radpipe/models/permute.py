"""The permuted-endpoint control: the whole procedure, run on outcomes that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import kind_of
from radpipe.models.base import FloatArray
from radpipe.models.chains import run_chains, selected
from radpipe.models.crossfit import Chains, fit_scope
from radpipe.models.inputs import Inputs, Stacked
from radpipe.models.spec import ModelSpec
from radpipe.resampling.folds import groups_per_class, left_to_train
from radpipe.resampling.plan import Plan, make_plan
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.resampling.streams import integer, stream
from radpipe.selection.base import SelectorSpec


@dataclass(frozen=True)
class Procedure:
    """A model with all that leads to it.

    Attributes
    ----------
    name, spec :
        The model.
    static : DataFrame, shape (n, p)
        Its measured columns, training rows only, indexed by case.
    chain : sequence of SelectorSpec or None
        Its selection.
    parts : sequence of Procedure
        The models whose scores it takes as inputs.
    """

    name: str
    spec: ModelSpec
    static: pd.DataFrame
    chain: Sequence[SelectorSpec] | None = None
    parts: Sequence[Procedure] = field(default_factory=tuple)


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
) -> list[float]:
    """Return the cross-validated AUC (binary) or Harrell's C (survival) of n permutations.

    Each permutation runs selection, fitting and stacking anew, with ``folds`` folds and one
    repeat, on the training rows. Predictions of the folds are pooled, as in the real run.
    The permutations do not depend on the model, so models are compared on the same ones.

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
        Permutations, folds, and inner folds of the models that are stacked.
    """
    found = []
    for i in range(n):
        outcome = permute_outcomes(y, groups, stream(seed, "permutation", str(i)))
        own = integer(seed, "permutation", str(i), "run")
        found.append(
            cross_validated_metric(procedure, outcome, groups, clinical, own, folds, inner_folds)
        )
    return found


def cross_validated_metric(
    procedure: Procedure,
    y: NDArray[Any],
    groups: NDArray[Any],
    clinical: Mapping[str, Mapping[str, Any]],
    seed: int,
    folds: int = 5,
    inner_folds: int = 5,
) -> float:
    """Return the metric of one run of the procedure; parameters as for `permuted_metrics`.

    There are at most as many folds, inner ones too, as the rarer outcome has groups for.
    """
    have = groups_per_class(y, groups)
    folds = min(folds, have)
    inner_folds = min(inner_folds, left_to_train(have, folds))
    resampling = RepeatedCvSpec(folds=folds, repeats=1, inner_folds=inner_folds)
    labels = np.full(len(y), "train")
    plan = Plan(make_plan(y, groups, labels, resampling, seed).resamples)
    scores = _scores(procedure, y, groups, clinical, plan, seed, inner=False)
    pooled = np.full(len(y), np.nan)
    for scope in plan.scopes:
        pooled[scope.test] = scores.test[scope.name][scope.test]
    return metric(y, pooled)


def metric(y: NDArray[Any], score: FloatArray) -> float:
    """Return AUC or Harrell's C over the rows that have a score."""
    from radpipe.stats.concordance import harrell
    from radpipe.stats.roc import auc

    known = ~np.isnan(score)
    if kind_of(y) == "binary":
        return float(auc(y[known], score[known]))
    return float(harrell(y["time"][known], y["event"][known].astype(int), score[known]).estimate)


def _scores(
    procedure: Procedure,
    y: NDArray[Any],
    groups: NDArray[Any],
    clinical: Mapping[str, Mapping[str, Any]],
    plan: Plan,
    seed: int,
    inner: bool,
) -> Stacked:
    """Return the procedure's scores in every scope; inner ones only where they are stacked."""
    stacked = {
        part.name: _scores(part, y, groups, clinical, plan, seed, inner=True)
        for part in procedure.parts
    }
    inputs = Inputs(procedure.static, groups, clinical, stacked)
    chains: Chains | None = None
    if procedure.chain is not None:
        chains = selected(run_chains(procedure.chain, inputs, y, plan, seed, inner))
    found = Stacked({}, {}, np.full(len(y), np.nan))
    for scope in plan.scopes:
        fit, _ = fit_scope(
            procedure.name, procedure.spec, inputs, y, scope, seed, chains, inner=inner
        )
        found.inner[scope.name] = fit.inner_score
        found.test[scope.name] = np.full(len(y), np.nan)
        found.test[scope.name][scope.test] = fit.test_score
    return found


def control(
    name: str, permutations: Sequence[float], real: float | None, survival: bool
) -> dict[str, Any]:
    """Return the control as it is stored: every permutation, and their 2.5-97.5% range."""
    if not permutations:
        raise RadpipeError(f"controls: {name}: no permutation was asked for")
    low, high = np.quantile(np.asarray(permutations), [0.025, 0.975])
    return {
        "model": name,
        "metric": "c_index" if survival else "auc",
        "permutations": [float(v) for v in permutations],
        "mean": float(np.mean(permutations)),
        "range95": [float(low), float(high)],
        "n": len(permutations),
        "real": real,
    }
