"""Every registered model: complete, deterministic, blind to held-out rows, and it finds signal.

One fold behind every selector is in test_models_pairs, noise in test_models_noise.
"""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import (
    CLASSES,
    cohort,
    every_model,
    inputs_of,
    lifted_models,
    plan_of,
    table_for,
)

from radpipe.core import target
from radpipe.models.crossfit import crossfit
from radpipe.models.ranking import ranking
from radpipe.models.registry import MODELS
from tests.models.pairs import garbled


def over(pairs):
    """Return the mark that runs a test on each of these pairs of settings and endpoint."""
    ids = [f"{s.kind}-{e}" for s, e in pairs]
    return pytest.mark.parametrize(("spec", "endpoint"), pairs, ids=ids)


each, lifted = over(every_model()), over(lifted_models())
HORIZONS = (200.0, 400.0)


def horizons(endpoint):
    return HORIZONS if endpoint == "survival" else ()


def classes(endpoint):
    return CLASSES if endpoint in target.CLASSES else ()


def wide(scores, column="score"):
    """Return one row a case, and one column a class or horizon."""
    several = "class" if scores["class"].any() else "horizon"
    return scores.pivot(index="case", columns=several, values=column)


def fit(spec, endpoint, table, y, inner=False, held=(0, 7, 9), **options):
    plan = plan_of(y, folds=2, inner=2, held=held)
    return crossfit(
        "m",
        spec,
        inputs_of(table_for(spec, table)),
        y,
        plan,
        3,
        horizons=horizons(endpoint),
        classes=classes(endpoint),
        inner=inner,
        **options,
    )


def spoiled(table, y, held):
    """Return the table and the outcomes with garbage in the rows that are held out."""
    dirty = table.copy()
    numeric = [c for c in dirty if c.startswith("t1__") or c == "clinical.age"]
    dirty.iloc[held, dirty.columns.get_indexer(numeric)] = 1e6
    dirty.iloc[held, dirty.columns.get_loc("clinical.site")] = None
    return dirty, garbled(y, held)


@each
def test_complete_and_blind_to_held_out_rows(spec, endpoint):
    """A second fit, to the same training rows, is the same: the held-out rows are garbage."""
    table, targets = cohort(n=48)
    table, y, held = table.copy(), targets[endpoint], np.array([0, 7, 9])
    found = fit(spec, endpoint, table, y, inner=True, held=held)
    again = fit(spec, endpoint, *spoiled(table, y, held), inner=True, held=held)
    kept = ~((found.scores["scope"] == "final") & (found.scores["role"] == "test"))
    pd.testing.assert_frame_equal(found.scores[kept], again.scores[kept])
    for one in (found.fit, again.fit):
        one.pop("seconds"), one.pop("unseen_levels", None)
    text = json.dumps(found.fit, allow_nan=False)
    assert text == json.dumps(again.fit, allow_nan=False)

    scores = found.scores
    assert list(scores.columns) == [
        "scope", "role", "case", "horizon", "class", "score", "risk", "cutoff", "cutoff_high",
        "draws", "comparable",
    ]  # fmt: skip
    h = len(horizons(endpoint)) or len(classes(endpoint)) or 1
    final = scores[scores["scope"] == "final"]
    assert (final["role"] == "test").sum() == 3 * h
    assert (final["role"] == "apparent").sum() == 45 * h
    assert (final["role"] == "inner").sum() == 45 * h
    folds = scores[(scores["scope"] != "final") & (scores["role"] == "test")]
    assert sorted(folds["case"]) == sorted(list(table.index.delete([0, 7, 9])) * h)
    assert scores["score"].notna().all()
    if endpoint in ("binary", "survival", "multilabel"):  # of the others nothing is cut
        assert folds["cutoff"].notna().all()
    else:
        assert folds["cutoff"].isna().all()
    if spec.gives_risk(endpoint):
        assert scores["risk"].between(0, 1).all()
    else:
        assert scores["risk"].isna().all()
    risks = scores.groupby(["scope", "role", "case"], sort=False)["risk"]
    if endpoint == "survival" and spec.has_risk:
        assert (risks.last() >= risks.first()).all()
    if endpoint in ("multiclass", "ordinal"):
        assert np.allclose(risks.sum(), 1)


@lifted
def test_a_lifted_model_predicts_every_class(spec, endpoint):
    table, targets = cohort()
    y = targets[endpoint]
    found = fit(spec, endpoint, table, y)
    json.dumps(found.fit, allow_nan=False)
    assert found.scores["risk"].between(0, 1).all()
    sums = found.scores.groupby(["scope", "role", "case"])["risk"].sum()
    assert np.allclose(sums, 1) == (endpoint == "multiclass")
    test = found.scores[(found.scores["scope"] != "final") & (found.scores["role"] == "test")]
    shown = np.flatnonzero(table.index.isin(test["case"]))
    assert ranking(y[shown], wide(test).loc[table.index[shown]].to_numpy()) > 0.5


@each
def test_signal_is_found(spec, endpoint):
    table, targets = cohort(n=80, signal=3.0, seed=2)
    y = targets[endpoint]
    found = crossfit(
        "m",
        spec,
        inputs_of(table_for(spec, table)),
        y,
        plan_of(y),
        1,
        classes=classes(endpoint),
        inner=False,
    )
    test = wide(found.scores[found.scores["role"] == "test"])
    floor = 0.65 if spec.kind == "threshold" else 0.7  # one of the two variables, in two halves
    assert ranking(y, test.loc[table.index].to_numpy()) > floor


@pytest.mark.parametrize("kind", list(MODELS))
def test_endpoints_are_declared(kind):
    spec = MODELS[kind]
    assert spec.endpoints
    assert spec.all_endpoints() <= target.KINDS
    assert isinstance(spec.has_risk, bool)
