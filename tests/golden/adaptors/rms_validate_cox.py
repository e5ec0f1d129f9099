"""rms: validate and calibrate of cph."""

from typing import Any

import numpy as np

from radpipe.stats.validate_cox import calibrate_cox, calibrate_cox_groups, validate_cox
from tests.golden.case import Case

AT = np.linspace(0.2, 0.7, 6)
HORIZON = 365.0


def compute(case: Case) -> dict[str, Any]:
    frame = case.table().dropna()
    X = frame.drop(columns=["time", "status"]).to_numpy(float)
    outcome = frame["time"].to_numpy(float), frame["status"].to_numpy()
    found = validate_cox(X, *outcome, resamples=1000, seed=1)
    c, r2 = found.of("c"), found.of("r2")
    groups = calibrate_cox_groups(X, *outcome, HORIZON, per_group=50, resamples=300, seed=1)
    curve = calibrate_cox(X, *outcome, HORIZON, AT, resamples=1000, seed=1)
    return {
        "c_apparent": c.apparent,
        "c_optimism": c.optimism,
        "c_corrected": c.corrected,
        "slope_corrected": found.of("slope").corrected,
        "r2_apparent": r2.apparent,
        "r2_corrected": r2.corrected,
        "calibrate_km_m50_u365": {
            "n_resamples": groups.resamples,
            "mean_predicted": groups.predicted,
            "km": groups.observed,
            "km_corrected": groups.corrected,
            "std_err": groups.se_log,
        },
        # R smooths by hazard regression (polspline::hare), we by a Cox model of log(-log S)
        "calibrate_hare_u365": {
            "pred": AT,
            "apparent": curve.apparent,
            "corrected": curve.corrected,
        },
    }
