"""Bland-Altman formulas in base R, and blandr."""

from typing import Any

from radpipe.stats.bland_altman import BlandAltman, bland_altman
from tests.golden.case import Case, interval


def limits(found: BlandAltman) -> dict[str, Any]:
    return {
        "lower_ci95": interval(found.lower_limit),
        "upper_ci95": interval(found.upper_limit),
    }


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    x, y = (frame[name].to_numpy(float) for name in frame.columns[:2])
    plain = bland_altman(x, y)
    old = bland_altman(x, y, interval="approximate 1986")
    blandr = bland_altman(x, y, interval="blandr")
    percent = bland_altman(x, y, unit="percent")
    ratio = bland_altman(x, y, unit="ratio")
    ends = {"lower": plain.lower_limit.estimate, "upper": plain.upper_limit.estimate}
    return {
        "n": plain.n,
        "bias": plain.bias.estimate,
        "sd": plain.sd,
        "bias_ci95": interval(plain.bias),
        "p_bias_paired_t": plain.bias_test.p,
        "loa_1.96": {**ends, **limits(plain)},
        "loa_1.96_approx3": {**ends, **limits(old)},
        "loa_exact_ci": limits(bland_altman(x, y, interval="exact")),
        "repeatability_coef": plain.repeatability,
        "prop_bias_slope": plain.trend.estimate,
        "prop_bias_p": plain.trend.p,
        "percent_difference": {"bias": percent.bias.estimate, "sd": percent.sd},
        "ratio": {
            "geometric_mean": ratio.bias.estimate,
            "loa": [ratio.lower_limit.estimate, ratio.upper_limit.estimate],
        },
        "blandr": {
            "bias": blandr.bias.estimate,
            "biasStdDev": blandr.sd,
            "biasUpperCI": blandr.bias.upper,
            "biasLowerCI": blandr.bias.lower,
            "upperLOA": blandr.upper_limit.estimate,
            "upperLOA_upperCI": blandr.upper_limit.upper,
            "upperLOA_lowerCI": blandr.upper_limit.lower,
            "lowerLOA": blandr.lower_limit.estimate,
            "lowerLOA_upperCI": blandr.lower_limit.upper,
            "lowerLOA_lowerCI": blandr.lower_limit.lower,
        },
    }
