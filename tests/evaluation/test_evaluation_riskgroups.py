"""Two and three risk groups: who belongs to which, and what is said of their survival."""

import dataclasses

import numpy as np
import pytest
from evaluation_making import SURVIVAL, survival_tables

from radpipe.evaluation.groupcurves import hazard_ratios
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.riskgroups import THREE, risk_groups, survival_of_groups
from radpipe.evaluation.table import slices
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.gray import gray_test
from radpipe.stats.logrank import log_rank, trend
from radpipe.stats.survival import kaplan_meier


@pytest.fixture(scope="module")
def tables():
    predictions, outcomes = survival_tables()
    return predictions.assign(cutoff=-0.2, cutoff_high=0.8), outcomes


@pytest.fixture(scope="module")
def rivals(tables):
    predictions, outcomes = tables
    lost = (outcomes["event"] == 0) & (np.arange(len(outcomes)) % 2 == 0)
    return predictions, outcomes.assign(competing=lost.astype(int))


def part_of(tables, split):
    parts = slices(*tables, SURVIVAL)
    return next(p for p in parts if p.model == "a" and p.split == split)


def test_three_groups_follow_two_cut_offs(tables):
    part = part_of(tables, "internal")
    members = risk_groups(part).set_index("case")["group"].loc[part.case].to_numpy()
    score = part.score[:, 0]
    np.testing.assert_array_equal(members == "low", score < -0.2)
    np.testing.assert_array_equal(members == "high", score >= 0.8)
    assert set(members) == set(THREE)
    assert part.cutoffs_high.tolist() == [0.8]


def test_the_majority_decides_and_of_a_draw_the_higher_group(tables):
    part = part_of(tables, "resampled")
    tier = np.array([[0, 0, 1, 2], [0, 0, 2, 2], [0, 1, 1, np.nan], [1, 1, 2, 2]])
    own = dataclasses.replace(
        part,
        case=part.case[:4],
        call=np.where(np.isnan(tier), np.nan, tier >= 1),
        above=np.where(np.isnan(tier), np.nan, tier >= 2),
    )
    found = risk_groups(own)
    assert found["group"].tolist() == ["low", "high", "intermediate", "high"]
    assert found["votes"].tolist() == pytest.approx([0.5, 0.5, 2 / 3, 0.5])


def test_curves_tests_and_heights_are_those_of_the_groups(tables):
    found, part = survival_of_groups(*tables, SURVIVAL), part_of(tables, "internal")
    label = np.digitize(part.score[:, 0], [-0.2, 0.8])
    test = log_rank(part.time, part.event, label)
    told = found.tests.set_index(["model", "split"]).loc[("a", "internal")]
    assert told["p"] == pytest.approx(test.p)
    assert told["df"] == 2
    assert told["trend_p"] == pytest.approx(trend(test).p)
    at = found.at_horizons.set_index(["model", "split", "group", "horizon"])
    km = kaplan_meier(part.time[label == 2], part.event[label == 2])
    own = at.loc[("a", "internal", "high", 1.0)]
    assert own["estimate"] == pytest.approx(float(km.at(1.0)))
    assert own["lower"] < own["estimate"] < own["upper"]
    late = survival_of_groups(*tables, {**SURVIVAL, "horizons": [99.0]}).at_horizons
    assert late["estimate"].isna().all()
    assert late["note"].str.contains("not followed up").all()


def test_hazard_ratios_are_against_the_low_group_where_a_test_is_honest(tables):
    from statsmodels.duration.hazard_regression import PHReg

    found, part = survival_of_groups(*tables, SURVIVAL), part_of(tables, "internal")
    assert set(found.hazard_ratios["split"]) == {"internal"}
    own = found.hazard_ratios.query("model == 'a'").set_index("group")
    assert list(own.index) == list(THREE)
    assert own.loc["low", "hr"] == 1
    group = risk_groups(part).set_index("case")["group"].loc[part.case].to_numpy()
    X = np.column_stack([group == name for name in THREE[1:]]) * 1.0
    cox = PHReg(part.time, X, part.event, ties="efron").fit()
    expected = np.exp(np.column_stack([cox.params, cox.conf_int()]))
    found = own.loc[list(THREE[1:]), ["hr", "lower", "upper"]]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_hazard_ratio_without_finite_estimate_is_missing():
    time, label = np.arange(1.0, 9.0), np.repeat(["low", "high"], 4)
    for order in (time, time[::-1]):  # nobody of the low group at risk any more, or never an event
        table = hazard_ratios(order, np.repeat([0, 1], 4), label, THREE)
        assert table["group"].tolist() == ["low", "high"]
        assert np.isnan(table.loc[1, ["hr", "lower", "upper"]].astype(float)).all()


def test_where_events_compete_it_is_the_incidence_and_grays_test(rivals):
    found, part = survival_of_groups(*rivals, SURVIVAL), part_of(rivals, "internal")
    label = np.digitize(part.score[:, 0], [-0.2, 0.8])
    code = np.where(part.competing == 1, 2, part.event)
    told = found.tests.set_index(["model", "split"]).loc[("a", "internal")]
    assert told["p"] == pytest.approx(gray_test(part.time, code, label).p)
    assert np.isnan(found.tests.set_index(["model", "split"]).loc[("a", "resampled"), "p"])
    cif = cumulative_incidence(part.time[label == 0], code[label == 0])
    at = found.at_horizons.set_index(["model", "split", "group", "horizon"])
    assert at.loc[("a", "internal", "low", 1.0), "estimate"] == pytest.approx(float(cif.at(1.0)))
    curve = found.curves
    low = curve[
        (curve["model"] == "a") & (curve["split"] == "internal") & (curve["group"] == "low")
    ]
    assert (np.diff(low["incidence"]) >= 0).all()
    assert low["censored"].sum() == (code[label == 0] == 0).sum()


def test_both_cut_offs_are_metrics(tables):
    found = metrics(*tables, SURVIVAL)
    own = found[(found["model"] == "a") & (found["split"] == "resampled")].set_index("metric")
    assert own.loc["cutoff", "estimate"] == -0.2
    assert own.loc["cutoff_high", "estimate"] == 0.8
    one = metrics(tables[0].assign(cutoff_high=np.nan), tables[1], SURVIVAL)
    assert "cutoff_high" not in set(one["metric"])
