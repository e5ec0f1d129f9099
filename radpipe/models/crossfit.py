"""The one road to a prediction: a pipeline fitted on the training rows of every scope."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import events, kind_of
from radpipe.models.base import FloatArray
from radpipe.models.coefficients import number
from radpipe.models.fit_report import fit_report
from radpipe.models.inputs import Inputs
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.prepare import Prepare
from radpipe.models.scores import scores_table
from radpipe.models.spec import Cutoff, ModelSpec
from radpipe.resampling.folds import IntArray
from radpipe.resampling.plan import Plan, Scope
from radpipe.resampling.streams import integer

Chains = Mapping[str, list[str]]
Horizons = tuple[float, ...]

NO_HORIZON: Horizons = (float("nan"),)


@dataclass(frozen=True)
class ScopeFit:
    """One scope's fit and what it predicts (risks: one column a horizon, or one).

    Attributes
    ----------
    inner_score, inner_risk : arrays, shapes (n,) and (n, h)
        Inner out-of-fold predictions of the training rows; NaN elsewhere.
    test_score, test_risk : arrays, shapes (m,) and (m, h)
        Predictions of the scope's test rows.
    cutoff : float
        Learned on the inner scores; NaN where there are none.
    unseen : int
        Values of the test rows whose level the training rows did not hold.
    inner : bool
        Whether the inner folds were fitted.
    used : list of str
        Variables that the fitted model uses.
    degenerate : bool
        Whether it uses none.
    """

    scope: Scope
    inner_score: FloatArray
    inner_risk: FloatArray
    test_score: FloatArray
    test_risk: FloatArray
    cutoff: float
    unseen: int
    inner: bool
    used: list[str]
    degenerate: bool


@dataclass(frozen=True)
class CrossFit:
    """A model fitted through a whole plan.

    Attributes
    ----------
    scores : DataFrame
        scope, role ("inner", "test", "apparent"), case, horizon, score, risk, cutoff.
    fit : dict
        What was learned, ready for JSON.
    final : ModelPipeline
        The final model.
    """

    scores: pd.DataFrame
    fit: dict[str, Any]
    final: ModelPipeline


def crossfit(
    name: str,
    spec: ModelSpec,
    inputs: Inputs,
    y: NDArray[Any],
    plan: Plan,
    seed: int,
    chains: Chains | None = None,
    horizons: Horizons = (),
    inner: bool = True,
) -> CrossFit:
    """Fit a model in every scope of a plan and predict what each scope left out.

    Parameters
    ----------
    name : str
        The model's name in the study; names its random streams.
    spec : ModelSpec
        Its settings.
    inputs : Inputs
        Its columns, for all cases in table order.
    y : array, shape (n,)
        Target of all cases (held-out ones are never shown to a fit).
    plan : Plan
        The scopes; the first is ``final``.
    seed : int
        The study's seed.
    chains : mapping of str to list of str, optional
        Columns that each fit may use (`radpipe.models.chains`); all where None.
    horizons : tuple of float
        Times at which a survival model's risk is wanted.
    inner : bool
        False leaves out inner folds, and with them cut-offs and what stacking needs.
    """
    began = time.perf_counter()
    if kind_of(y) == "binary" or not horizons:
        horizons = NO_HORIZON
    fits, pipeline = [], None
    for scope in plan.scopes:
        fit, fitted = fit_scope(name, spec, inputs, y, scope, seed, chains, horizons, inner)
        fits.append(fit)
        pipeline = pipeline or fitted  # the final one; the others have served
    final = fits[0]
    assert pipeline is not None
    apparent = _predict(spec, pipeline, inputs.apparent(final.scope), horizons)
    scores = scores_table(fits, apparent, inputs.cases, horizons)
    times = () if horizons is NO_HORIZON else horizons
    report = fit_report(name, spec, y, inputs, fits, pipeline, chains is not None, times)
    report["unseen_levels"] = sum(f.unseen for f in fits)
    report["cutoff_final"] = number(final.cutoff)
    report["cutoffs"] = [number(f.cutoff) for f in fits[1:]]
    report["seconds"] = round(time.perf_counter() - began, 2)
    return CrossFit(scores, report, pipeline)


def fit_scope(
    name: str,
    spec: ModelSpec,
    inputs: Inputs,
    y: NDArray[Any],
    scope: Scope,
    seed: int,
    chains: Chains | None = None,
    horizons: Horizons = NO_HORIZON,
    inner: bool = True,
) -> tuple[ScopeFit, ModelPipeline]:
    """Fit one scope, its inner folds first, and return its predictions and the fitted pipeline.

    Parameters as for `crossfit`, but that
    ``horizons`` is `NO_HORIZON` where there are none: predictions have one row then.
    """

    def fitted(key: str, rows: IntArray) -> ModelPipeline:
        pipeline = ModelPipeline(
            chains[key] if chains is not None else inputs.columns,
            Prepare(inputs.clinical, spec.scaling, spec.imputes),
            spec.build(kind_of(y), integer(seed, "model", name, key)),
        )
        return pipeline.fit(inputs.training(scope, rows), y[rows], inputs.groups[rows])

    score = np.full(len(y), np.nan)
    risk = np.full((len(y), len(horizons)), np.nan)
    for place, (train, test) in enumerate(scope.inner if inner else ()):
        held = np.unique(test)  # the copies of a bootstrap draw are predicted once
        pipeline = fitted(f"{scope.name}/i{place}", train)
        score[held], risk[held] = _predict(spec, pipeline, inputs.training(scope, held), horizons)
    pipeline = fitted(scope.name, scope.train)
    test_table = inputs.test(scope)
    test_score, test_risk = _predict(spec, pipeline, test_table, horizons)
    cutoff = learn_cutoff(spec.cutoff_for(kind_of(y)), y[scope.train], score[scope.train])
    unseen = pipeline.prepare_.unseen(test_table)
    fit = ScopeFit(
        scope,
        score,
        risk,
        test_score,
        test_risk,
        cutoff,
        unseen,
        inner,
        pipeline.used,
        pipeline.degenerate,
    )
    return fit, pipeline


def learn_cutoff(rule: Cutoff, y: NDArray[Any], score: FloatArray) -> float:
    """Return the cut-off on out-of-fold scores of training rows; NaN where it is undefined."""
    from radpipe.stats.roc import youden_cutoff

    known = ~np.isnan(score)
    if rule == "median":
        return float(np.median(score[known])) if known.any() else float("nan")
    outcome = events(y[known])
    if len(np.unique(outcome)) < 2:
        return float("nan")
    return float(youden_cutoff(outcome, score[known]).threshold)


def _predict(
    spec: ModelSpec, pipeline: ModelPipeline, table: pd.DataFrame, horizons: Horizons
) -> tuple[FloatArray, FloatArray]:
    """Return scores (n,) and risks (n, h); NaN where the family or the endpoint has no risk."""
    nothing = np.full((len(table), len(horizons)), np.nan)
    if not len(table):
        return np.empty(0), nothing
    score = pipeline.predict_score(table)
    if not spec.has_risk or (np.isnan(horizons).all() and pipeline.survival_):
        return score, nothing
    if pipeline.score_is_risk:
        return score, score.reshape(nothing.shape)
    return score, pipeline.predict_risk(table, horizons).reshape(nothing.shape)
