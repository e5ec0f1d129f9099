"""Every registered model: deterministic, blind to test rows, at chance on noise."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import CLINICAL, cohort, every_model, inputs_of, plan_of, table_for

from radpipe.models.crossfit import crossfit
from radpipe.models.permute import Procedure, cross_validated_metric, metric
from radpipe.models.registry import MODELS

IDS = [f"{s.kind}-{e}" for s, e in every_model()]
each = pytest.mark.parametrize(("spec", "endpoint"), every_model(), ids=IDS)
HORIZONS = (200.0, 400.0)


def horizons(endpoint):
    return HORIZONS if endpoint == "survival" else ()


def fit(spec, endpoint, table, y, inner=False, held=(0, 7, 9), **options):
    plan = plan_of(y, folds=3, inner=3, held=held)
    return crossfit(
        "m",
        spec,
        inputs_of(table_for(spec, table)),
        y,
        plan,
        3,
        horizons=horizons(endpoint),
        inner=inner,
        **options,
    )


@each
def test_deterministic_complete_and_ready_for_json(spec, endpoint):
    table, targets = cohort()
    y = targets[endpoint]
    found = fit(spec, endpoint, table, y, inner=True)
    again = fit(spec, endpoint, table, y, inner=True)
    pd.testing.assert_frame_equal(found.scores, again.scores)
    found.fit.pop("seconds"), again.fit.pop("seconds")
    text = json.dumps(found.fit, allow_nan=False)
    assert text == json.dumps(again.fit, allow_nan=False)

    scores = found.scores
    assert list(scores.columns) == [
        "scope", "role", "case", "horizon", "score", "risk", "cutoff",
    ]  # fmt: skip
    h = len(horizons(endpoint)) or 1
    final = scores[scores["scope"] == "final"]
    assert (final["role"] == "test").sum() == 3 * h
    assert (final["role"] == "apparent").sum() == 57 * h
    assert (final["role"] == "inner").sum() == 57 * h
    folds = scores[(scores["scope"] != "final") & (scores["role"] == "test")]
    assert sorted(folds["case"]) == sorted(list(table.index.delete([0, 7, 9])) * h)
    assert scores["score"].notna().all()
    assert folds["cutoff"].notna().all()
    if spec.has_risk:
        assert scores["risk"].between(0, 1).all()
    else:
        assert scores["risk"].isna().all()
    if endpoint == "survival" and spec.has_risk:
        wide = scores.pivot_table(index=["scope", "role", "case"], columns="horizon", values="risk")
        assert (wide[400.0] >= wide[200.0]).all()


@each
def test_column_order_is_irrelevant(spec, endpoint):
    table, targets = cohort()
    y = targets[endpoint]
    found = fit(spec, endpoint, table, y)
    other = fit(spec, endpoint, table[table.columns[::-1]], y)
    pd.testing.assert_frame_equal(found.scores, other.scores)


@each
def test_garbage_in_test_rows_changes_nothing_in_the_fit(spec, endpoint):
    """Held-out rows: predictors and outcome are garbage. The fit and all other rows stand."""
    table, targets = cohort()
    y = targets[endpoint]
    held = np.array([0, 7, 9])
    dirty, wrong = table.copy(), y.copy()
    numeric = [c for c in dirty if c.startswith("t1__") or c == "clinical.age"]
    dirty.iloc[held, dirty.columns.get_indexer(numeric)] = 1e6
    dirty.iloc[held, dirty.columns.get_loc("clinical.site")] = None
    wrong[held] = wrong[held][::-1] if endpoint == "survival" else 1 - wrong[held]
    found, other = fit(spec, endpoint, table, y), fit(spec, endpoint, dirty, wrong)
    keep = ~((found.scores["scope"] == "final") & (found.scores["role"] == "test"))
    pd.testing.assert_frame_equal(found.scores[keep], other.scores[keep])
    assert found.fit["summary"] == other.fit["summary"]


@each
def test_garbage_in_a_fold_changes_nothing_for_the_other_cases_of_its_fit(spec, endpoint):
    """Rows left out of a resample: what that fit says of the untouched test rows stands."""
    table, targets = cohort()
    y = targets[endpoint]
    scope = plan_of(y, folds=3, inner=3, held=(0, 7, 9)).resamples[0]
    touched, untouched = scope.test[:3], table.index[scope.test[3:]]
    dirty, wrong = table.copy(), y.copy()
    numeric = [c for c in dirty if c.startswith("t1__")]
    dirty.iloc[touched, dirty.columns.get_indexer(numeric)] = -1e5
    found, other = fit(spec, endpoint, table, y), fit(spec, endpoint, dirty, wrong)
    for part in (found, other):
        rows = (part.scores["scope"] == scope.name) & part.scores["case"].isin(untouched)
        part.fit["kept"] = part.scores[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.fit["kept"], other.fit["kept"])


@each
def test_at_chance_on_noise(spec, endpoint):
    values = []
    for draw in range(10):
        table, targets = cohort(n=60, signal=0.0, seed=100 + draw)
        y = targets[endpoint]
        procedure = Procedure("m", spec, table_for(spec, table))
        groups = np.asarray(table.index, dtype=str)
        values.append(cross_validated_metric(procedure, y, groups, CLINICAL, draw, folds=3))
    assert abs(np.mean(values) - 0.5) < 0.1, values


@each
def test_signal_is_found(spec, endpoint):
    table, targets = cohort(n=80, signal=3.0, seed=2)
    y = targets[endpoint]
    found = crossfit("m", spec, inputs_of(table_for(spec, table)), y, plan_of(y), 1, inner=False)
    test = found.scores[found.scores["role"] == "test"].set_index("case")["score"]
    assert metric(y, test.reindex(table.index).to_numpy()) > 0.7


@pytest.mark.parametrize("kind", list(MODELS))
def test_endpoints_are_declared(kind):
    spec = MODELS[kind]
    assert spec.endpoints
    assert spec.endpoints <= {"binary", "survival"}
    assert isinstance(spec.has_risk, bool)
