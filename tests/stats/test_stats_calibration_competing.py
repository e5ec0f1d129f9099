"""Calibration where events compete: without rivals that of plain survival."""

import numpy as np
import pytest

from radpipe.stats.calibration_competing import grouped_calibration_competing, oe_competing
from radpipe.stats.calibration_surv import grouped_calibration, oe_at
from radpipe.stats.competing_scores import null_risks_competing


def cohort(n=200, seed=3):
    rng = np.random.default_rng(seed)
    time = rng.exponential(2, n).round(2) + 0.01
    code = rng.choice([0, 1, 2], n, p=[0.3, 0.4, 0.3])
    return time, code, rng.uniform(0.05, 0.9, n)


def test_without_rivals_it_is_kaplan_meier():
    time, code, risk = cohort()
    event = (code == 1).astype(int)
    mine = grouped_calibration_competing(time, event, risk, 1.5, groups=4)
    plain = grouped_calibration(time, event, risk, 1.5, groups=4)
    np.testing.assert_allclose(mine.observed, plain.observed)
    np.testing.assert_array_equal(mine.n, plain.n)
    ratio = oe_competing(time, event, risk, 1.5)
    assert ratio.estimate == pytest.approx(oe_at(time, event, risk, 1.5).estimate)


def test_observed_is_the_cumulative_incidence():
    time, code, risk = cohort()
    found = oe_competing(time, code, np.column_stack([risk, risk]), 1.5)
    incidence = float(null_risks_competing(time, code, 1.5)[0])
    assert found.estimate == pytest.approx(incidence / risk.mean())
    assert found.lower < found.estimate < found.upper
    assert np.isnan(oe_competing(time, code, risk, 1.5, groups=np.arange(200) // 2).lower)


def test_nobody_followed_that_far_is_undefined():
    time, code, risk = cohort()
    far = float(time.max()) + 1
    assert np.isnan(oe_competing(time, code, risk, far).estimate)
    code[np.argsort(time)[-100:]] = 0
    groups = grouped_calibration_competing(time, code, risk, far, groups=2)
    assert np.isnan(groups.observed).all()
    assert "not followed up" in groups.note
