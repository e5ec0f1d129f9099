"""DescTools and epiR: Lin's concordance correlation."""

from typing import Any

from radpipe.stats.lin_ccc import lin_ccc
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    x, y = (frame[name].to_numpy(float) for name in frame.columns[:2])
    found = lin_ccc(x, y)
    return {
        "ccc": found.estimate,
        "ci95_z": interval(found),
        "ci95_asymptotic": interval(lin_ccc(x, y, interval="asymptotic")),
        "scale_shift": found.scale_shift,
        "location_shift": found.location_shift,
        "C_b": found.bias_factor,
        "pearson": found.pearson,
        "epiR": {"est": found.estimate, "lower": found.lower, "upper": found.upper},
        "ccc_with_n_minus_1_variances": lin_ccc(x, y, divisor="n-1").estimate,
        "ccc_with_n_variances": found.estimate,
    }
