"""The one road to a prediction: a pipeline fitted on the training rows of every scope."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import CLASSES, EndpointKind, indicators, kind_of
from radpipe.core.threads import on_one_thread, settings_known
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.cutoffs.base import score_at
from radpipe.models.cutoffs.learn import learn_cuts
from radpipe.models.fit_report import fit_report
from radpipe.models.inner import Fold
from radpipe.models.inputs import Inputs
from radpipe.models.pipeline import ModelPipeline, score_is_risk
from radpipe.models.prepare import Prepare
from radpipe.models.scores import Cuts, Layout, scores_table
from radpipe.models.spec import ModelSpec
from radpipe.models.threshold import Threshold
from radpipe.resampling.plan import FINAL, Plan, Scope, Tell, silent
from radpipe.resampling.streams import integer
from radpipe.selection.chain import Chosen
from radpipe.stats.design import DegenerateDataError

Chains = Mapping[str, Chosen]
Predicted = tuple[FloatArray, FloatArray]
"""Scores and risks, each (n, a): a column a horizon or class, or one."""


@dataclass(frozen=True)
class ScopeFit:
    """One scope's fit and what it predicts, a column a horizon or class (`Layout`), or one.

    Attributes
    ----------
    inner_score, inner_risk : arrays, shape (n, a)
        Inner out-of-fold predictions of the training rows; NaN elsewhere.
    test_score, test_risk : arrays, shape (m, a)
        Predictions of the scope's test rows.
    own : (scores, risks) or None
        Predictions of its own training rows, each once, where they are kept.
    cuts : (lower, upper)
        Cut-offs of each column, learned on the inner scores; NaN where there are none.
    unseen : int
        Values of the test rows whose level the training rows did not hold.
    flags : tuple of str
        What preparation has to say of the rows that were predicted.
    inner : bool
        Whether the inner folds were fitted.
    used : list of str
        Variables that the fitted model uses.
    degenerate : bool
        Whether it uses none.
    flat : str
        Why it predicts the same for everyone though it uses some; empty where it does not.
    value_cut : float
        Of a single variable that is cut in two, the cut-off in its own unit; NaN of all else.
    """

    scope: Scope
    inner_score: FloatArray
    inner_risk: FloatArray
    test_score: FloatArray
    test_risk: FloatArray
    own: Predicted | None
    cuts: Cuts
    unseen: int
    flags: tuple[str, ...]
    inner: bool
    used: list[str]
    degenerate: bool
    flat: str
    value_cut: float


@dataclass(frozen=True)
class CrossFit:
    """A model fitted through a whole plan.

    Attributes
    ----------
    scores : DataFrame
        As `radpipe.models.scores.scores_table` returns it.
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
    horizons: tuple[float, ...] = (),
    classes: tuple[str, ...] = (),
    inner: bool = True,
    preparation: tuple[Any, ...] = (),
    tell: Tell = silent,
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
    chains : mapping of str to Chosen, optional
        What selection left in each fit (`radpipe.models.chains`); all columns where None.
    horizons : tuple of float
        Times at which a survival model's risk is wanted.
    classes : tuple of str
        Names of the endpoint's classes or labels.
    inner : bool
        False leaves out inner folds, and with them cut-offs and what stacking needs.
    preparation : tuple of PreparationSpec
        Steps of the preparation; the family's own where empty.
    tell : callable
        Told of each scope before it is fitted.
    """
    began = time.perf_counter()
    layout = Layout.of(horizons if kind_of(y) == "survival" else (), classes)
    fits, pipeline = [], None
    for place, scope in enumerate(plan.scopes, 1):
        tell(scope.name, place, len(plan.scopes))
        try:
            fit, fitted = fit_scope(
                name, spec, inputs, y, scope, seed, chains, layout, inner, preparation
            )
        except DegenerateDataError as error:
            raise RadpipeError(
                f"models.{name}: fit {scope.name}: {error}; take fewer inputs, or choose among "
                "them first (selection: correlation, univariable)"
            ) from error
        fits.append(fit)
        pipeline = pipeline or fitted  # the final one; the others have served
    assert pipeline is not None
    report = fit_report(name, spec, y, inputs, fits, pipeline, chains is not None, layout, seed)
    report["seconds"] = round(time.perf_counter() - began, 2)
    scores = scores_table(fits, inputs.cases, layout, pipeline.model.comparable)
    return CrossFit(scores, report, pipeline)


@on_one_thread()
@settings_known()
def fit_scope(
    name: str,
    spec: ModelSpec,
    inputs: Inputs,
    y: NDArray[Any],
    scope: Scope,
    seed: int,
    chains: Chains | None = None,
    layout: Layout | None = None,
    inner: bool = True,
    preparation: tuple[Any, ...] = (),
) -> tuple[ScopeFit, ModelPipeline]:
    """Fit one scope, its inner folds first, and return its predictions and the fitted pipeline.

    On the inner folds, each with its own preparation and selection, the model settles what it
    leaves open (`Model.settle`); the same fits give the inner predictions.

    Parameters as for `crossfit`; ``layout`` stands for horizons and classes.
    """
    kind = kind_of(y)
    if layout is None:
        width = indicators(y).shape[1] if kind in CLASSES else 0
        layout = Layout.of(classes=tuple(map(str, range(width))))

    if spec.stacks(kind) == "risk":
        inputs = inputs.of_risks(layout.classes)

    def pipeline_of(key: str, model: Model) -> ModelPipeline:
        chain = chains[key] if chains is not None else None
        return ModelPipeline(
            chain.columns if chain is not None else inputs.columns,
            Prepare(
                inputs.clinical,
                spec.scaling,
                spec.imputes,
                preparation,
                integer(seed, "preparation", key),
                parts=chain.parts if chain is not None else (),
            ),
            model,
            chain.projections if chain is not None else (),
            chain.free if chain is not None else (),
        )

    model = spec.assemble(kind, integer(seed, "model", name, scope.name))
    folds = []
    for place, (train, test) in enumerate(scope.inner if inner else ()):
        held = np.unique(test)  # the copies of a bootstrap draw are predicted once
        pipeline = pipeline_of(f"{scope.name}/i{place}", model)
        named = inputs.groups[train]
        own_rows = pipeline.prepared_training(inputs.training(scope, train), y[train], named)
        new = pipeline.prepared(inputs.training(scope, held))
        folds.append(Fold(own_rows, y[train], named, new, held, y[held], inputs.groups[held]))
    score, risk = (np.full((len(y), layout.width), np.nan) for _ in range(2))
    if folds:
        scale = model.score_scale
        model, fits = model.settle(folds)
        for fold, fit in zip(folds, fits, strict=True):
            found = predicted(spec, fit, fold.new, kind, scale, layout)
            score[fold.rows], risk[fold.rows] = found
    pipeline = pipeline_of(scope.name, model)
    pipeline.fit(inputs.training(scope, scope.train), y[scope.train], inputs.groups[scope.train])
    test_table = inputs.test(scope)
    test_score, test_risk = predict(spec, pipeline, test_table, layout)
    keeps, rule = scope.name == FINAL or scope.in_bag, spec.cutoff_for(kind)
    own = predict(spec, pipeline, inputs.own(scope), layout) if keeps or rule.by_risk else None
    scale = score_at(*own) if own is not None and rule.by_risk else None
    fit = ScopeFit(
        scope,
        score,
        risk,
        test_score,
        test_risk,
        own if keeps else None,
        learn_cuts(rule, y[scope.train], score[scope.train], scale),
        pipeline.prepare_.unseen(test_table),
        tuple(pipeline.prepare_.flags),
        inner,
        pipeline.used,
        pipeline.degenerate,
        pipeline.model_.flat_,
        pipeline.model_.cutoff_ if isinstance(pipeline.model_, Threshold) else np.nan,
    )
    return fit, pipeline


def predict(
    spec: ModelSpec, pipeline: ModelPipeline, table: pd.DataFrame, layout: Layout
) -> Predicted:
    """Return scores and risks, both (n, a); risks are NaN where the model gives none."""
    if not len(table):
        return (nothing := np.full((0, layout.width), np.nan)), nothing
    rows, scale = pipeline.prepared(table), pipeline.model.score_scale
    return predicted(spec, pipeline.model_, rows, pipeline.kind_, scale, layout)


def predicted(
    spec: ModelSpec,
    model: Model,
    rows: pd.DataFrame,
    kind: EndpointKind,
    scale: ScoreScale,
    layout: Layout,
) -> Predicted:
    """Return scores and risks of prepared rows by a fitted estimator whose scores are on a scale.

    Both (n, a); risks are NaN where the model gives none.
    """
    nothing = np.full((len(rows), layout.width), np.nan)
    score = np.asarray(model.predict_score(rows), dtype=float).reshape(len(rows), -1)
    score = np.array(np.broadcast_to(score, nothing.shape))
    if not spec.gives_risk(kind) or (kind == "survival" and not layout.times):
        return score, nothing
    if score_is_risk(kind, scale):
        return score, score
    risk = np.asarray(model.predict_risk(rows, layout.times), dtype=float)
    return score, risk.reshape(nothing.shape)
