"""The deming and mcr packages: lines through two methods that both err."""

from typing import Any

import numpy as np

from radpipe.stats.method_comparison import deming, deming_known_errors, passing_bablok
from radpipe.stats.samples import pairs
from tests.golden.case import Case, interval

# The default of R's optimize. The slope printed by deming::deming is off the closed form (mcr's)
# by 8e-6, as a search that stops there is.
OPTIMIZE = np.finfo(float).eps ** 0.25


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    x, y, _ = pairs(frame["x"].to_numpy(float), frame["y"].to_numpy(float))
    intercept, slope = deming_known_errors(x, y, tolerance=OPTIMIZE)
    line = deming(x, y)
    ranked = passing_bablok(x, y)
    return {
        "deming_ratio1": {
            "intercept": intercept,
            "slope": slope,
            "mcr": {
                "intercept": line.intercept.estimate,
                "slope": line.slope.estimate,
                "intercept_jack_ci95": interval(line.intercept),
                "slope_jack_ci95": interval(line.slope),
                "slope_jack_se": line.slope.se,
            },
        },
        "passing_bablok": {
            "slope": ranked.slope.estimate,
            "intercept": ranked.intercept.estimate,
            "slope_ci95": interval(ranked.slope),
            "intercept_ci95": interval(ranked.intercept),
            "deming_pkg_slope": ranked.slope.estimate,
        },
        "ols_slope": deming(x, y, ratio=0).slope.estimate,
    }
