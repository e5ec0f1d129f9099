"""Arrays of unequal length are refused by name, not by an index that does not fit."""

import numpy as np
import pytest

from radpipe.stats import (
    calibration_surv,
    censoring,
    concordance,
    concordance_censoring,
    counts,
    describe,
    lasso,
    model_tests,
    netbenefit,
    pairs,
    placements,
    profile,
    smooth,
)

Y, T, X = (
    np.array([0, 1, 0, 1, 1, 0]),
    np.arange(1.0, 7.0),
    np.array([0.1, 0.4, 0.2, 0.9, 0.3, 0.8]),
)
SHORT = X[:4]

CALLS = {
    "cross_table": lambda: counts.cross_table(Y, Y[:4]),
    "stratified_table": lambda: counts.stratified_table(Y, Y, Y[:4]),
    "smd_categorical": lambda: describe.smd_categorical([3, 4], [1, 2, 3]),
    "tjur": lambda: model_tests.tjur(Y, SHORT),
    "risk_of_marker": lambda: netbenefit.risk_of_marker(Y, SHORT),
    "risk_of_marker_survival": lambda: netbenefit.risk_of_marker_survival(T, Y, SHORT, 3.0),
    "placements": lambda: placements.placements(Y, SHORT),
    "auto_direction": lambda: placements.auto_direction(Y, SHORT),
    "pair_counts": lambda: pairs.pair_counts(T, Y, SHORT),
    "harrell": lambda: concordance.harrell(T, Y, SHORT),
    "harrell's times": lambda: concordance.harrell(T[:4], Y, X),
    "uno": lambda: concordance_censoring.uno(T, Y, SHORT),
    "uno's events": lambda: concordance_censoring.uno(T, Y[:4], X),
    "slope_survival": lambda: calibration_surv.slope_survival(T, Y, SHORT),
    "censoring_survival": lambda: censoring.censoring_survival(T, Y[:4]),
    "lowess": lambda: smooth.lowess(X, Y[:4]),
    "path_binomial": lambda: lasso.path_binomial(X[:, None], Y[:4]),
    "a column that is not there": lambda: profile.likelihood_ratio_test(X, Y, [1]),
}


@pytest.mark.parametrize("name", CALLS)
def test_unequal_lengths_are_named(name):
    with pytest.raises(ValueError, match=r"\d"):
        CALLS[name]()
