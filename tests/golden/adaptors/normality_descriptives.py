"""stats, e1071, DescTools: descriptions of a sample and tests for a normal distribution."""

from typing import Any

from radpipe.stats import describe, normality, t_tests
from tests.golden.case import Case, interval

SHARES = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975]


def compute(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {"quantile_probs": SHARES}
    for name, part in case.table().groupby("set"):
        x = part["x"].to_numpy(float)
        d, mean = describe.describe(x), t_tests.mean_interval(x)
        shapiro, lilliefors = normality.shapiro_wilk(x), normality.lilliefors(x)
        found[str(name)] = {
            "n": d.n,
            "mean": d.mean,
            "sd": d.sd,
            "sem": mean.se,
            "mean_ci95": interval(mean),
            "median": d.median,
            "mad_scaled": describe.mad(x),
            "cv": describe.coefficient_of_variation(x),
            "quantiles_type7": describe.quantiles(x, SHARES),
            "quantiles_type2": describe.quantiles(x, SHARES, 2),
            "quantiles_type6": describe.quantiles(x, SHARES, 6),
            "iqr_type7": d.q3 - d.q1,
            "tukey_hinges": describe.tukey_five(x),
            "skewness_type1_moment": describe.skewness(x, 1),
            "skewness_type2_adjusted": describe.skewness(x, 2),
            "skewness_type3": describe.skewness(x, 3),
            "excess_kurtosis_type1": describe.kurtosis(x, 1),
            "excess_kurtosis_type2": describe.kurtosis(x, 2),
            "shapiro_W": shapiro.statistic,
            "shapiro_p": shapiro.p,
            "ks_vs_fitted_normal_D": lilliefors.statistic,
            "lilliefors_p": lilliefors.p,
            "geometric_mean": describe.geometric_mean(x),
        }
    return found
