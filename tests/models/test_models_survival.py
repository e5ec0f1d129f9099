"""Boosted hazards, and Fine and Gray's regression under competing events."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.base import NoFeatures
from radpipe.models.boosted import BoostedHazards
from radpipe.models.cox import Cox
from radpipe.models.fine_gray import FineGraySpec, Subdistribution
from radpipe.models.hazard import baseline_hazard, causes, risk_at
from radpipe.models.ranking import ranking
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.fine_gray import fit_fine_gray, incidence_at

HORIZONS = (100.0, 300.0)


def competing(n=120, seed=0):
    """Return columns, and times that the event, a competing one or censoring ended."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["t1__a", "t1__b", "t1__c"])
    own = rng.exponential(400 * np.exp(-X["t1__a"]))
    other = rng.exponential(500 * np.exp(-0.5 * X["t1__b"]))
    end = rng.uniform(200, 900, n)
    time = np.minimum.reduce([own, other, end]) + 1
    first = np.argmin([own, other, end], axis=0)
    return X, target.survival(time, first == 0, first == 1)


def test_fine_gray_is_crr():
    X, y = competing()
    model = Subdistribution().fit(X, y)
    fit = fit_fine_gray(X.to_numpy(), y["time"], causes(y))
    assert (fit.competing, fit.events) == (int(y["competing"].sum()), int(y["event"].sum()))
    risk = model.predict_risk(X, HORIZONS)
    assert np.allclose(risk, incidence_at(fit, X.to_numpy(), HORIZONS))
    assert model.predict_score(X).mean() == pytest.approx(0, abs=1e-12)
    row = model.summary()["coefficients"][0]
    assert row["shr"] == pytest.approx(np.exp(fit.coef[0]))
    assert model.summary()["params"]["competing"] == fit.competing
    json.dumps(model.summary(), allow_nan=False)


def test_the_risk_is_below_that_of_cause_specific_regression():
    """Cox regression takes a competing event for censoring, and promises too many events."""
    X, y = competing()
    right, wrong = Subdistribution().fit(X, y), Cox().fit(X, y)
    seen = cumulative_incidence(y["time"], causes(y)).at(300.0)
    assert right.predict_risk(X, (300.0,)).mean() == pytest.approx(float(seen), abs=0.02)
    assert wrong.predict_risk(X, (300.0,)).mean() > float(seen) + 0.05


def test_without_a_competing_event_it_is_cox_regression_and_says_so():
    X, y = competing()
    y = target.survival(y["time"], y["event"])
    found, cox = Subdistribution().fit(X, y), Cox().fit(X, y)
    assert np.allclose(found.coef_, cox.coef_)  # no ties
    assert found.summary()["notes"] == [
        "no training case had a competing event: this is Cox regression"
    ]


def test_columns_that_run_away_are_left_out_and_the_others_refitted():
    X, y = competing()
    X["t1__d"] = (causes(y) == 1).astype(float)  # every event, and nobody else
    model = Subdistribution().fit(X, y)
    rest = X.drop(columns="t1__d")
    without = Subdistribution().fit(rest, y)
    assert any("left out, having no coefficient: t1__d" in n for n in model.summary()["notes"])
    assert np.allclose(model.predict_risk(X, HORIZONS), without.predict_risk(rest, HORIZONS))
    only = Subdistribution().fit(X[["t1__d"]], y)
    assert only.degenerate_
    whole = cumulative_incidence(y["time"], causes(y)).at(np.array(HORIZONS))
    assert np.allclose(only.predict_risk(X[["t1__d"]], HORIZONS), whole)


def test_without_features_the_risk_is_the_cumulative_incidence():
    X, y = competing()
    scale = FineGraySpec(inputs=["t1"]).build("survival", 0).score_scale
    found = NoFeatures(scale).fit(X, y).predict_risk(X, HORIZONS)
    whole = cumulative_incidence(y["time"], causes(y)).at(np.array(HORIZONS))
    assert np.allclose(found, np.tile(whole, (len(X), 1)))
    assert (NoFeatures("log_hazard").fit(X, y).predict_risk(X, HORIZONS) > found).all()


def test_boosted_hazards_rank_and_give_risks_from_their_own_baseline():
    table, targets = cohort(n=80, signal=2.0)
    X, y = table[["t1__f0", "t1__f1", "t1__f2"]], targets["survival"]
    model = BoostedHazards(rounds=30).fit(X, y)
    score = model.predict_score(X)
    assert score.mean() == pytest.approx(0, abs=1e-9)
    assert ranking(y, score) > 0.75
    expected = risk_at(baseline_hazard(score, y), score, HORIZONS)
    assert np.allclose(model.predict_risk(X, HORIZONS), expected)
    short = BoostedHazards(rounds=10).fit(X, y)
    difference = model.staged_score(X, 10) - short.predict_score(X)
    assert np.ptp(difference) < 1e-5
    assert model.summary()["params"]["objective"] == "survival:cox"


def test_boosted_hazards_need_an_event():
    table, targets = cohort(n=20)
    y = target.survival(targets["survival"]["time"], np.zeros(20))
    with pytest.raises(RadpipeError, match="none of 20 training cases had the event"):
        BoostedHazards(rounds=2).fit(table[["t1__f0"]], y)
