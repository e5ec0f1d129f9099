"""rms::groupkm, GND, slope, O/E, and Austin's curve: calibration at a horizon."""

from typing import Any

import numpy as np

from radpipe.stats import calibration_surv as cal
from radpipe.stats.calibration_surv_curve import calibration_curve_at
from radpipe.stats.survival import kaplan_meier
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    column = next(c for c in frame if c.startswith("pred_surv_"))
    horizon = int(column.removeprefix("pred_surv_"))
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    risk = 1 - frame[column].to_numpy(float)
    slope = cal.slope_survival(t, d, frame["lp"])
    ratio = cal.oe_at(t, d, risk, horizon)
    curve = calibration_curve_at(t, d, risk, horizon)
    return {
        "t": horizon,
        "n": t.size,
        "calibration_slope": {
            "slope": slope.estimate,
            "se": slope.se,
            "ci95": interval(slope),
            "p_slope_eq_1": slope.p,
        },
        "oe_at_t": {
            "observed_risk_km": 1 - kaplan_meier(t, d).at(horizon).item(),
            "mean_predicted_risk": np.mean(risk),
            "oe": ratio.estimate,
            "oe_ci95_log_greenwood": interval(ratio),
        },
        "austin_cox_rcs3_cloglog": {
            "ici": curve.ici,
            "e50": curve.e50,
            "e90": curve.e90,
            "emax": curve.emax,
            "observed_first5": curve.observed[:5],
        },
    } | {
        key: grouped(t, d, risk, horizon, int(key.removeprefix("groups_")))
        for key in case.names()
        if key.startswith("groups_")
    }


def grouped(t: Any, d: Any, risk: Any, horizon: int, g: int) -> dict[str, Any]:
    """Return the groups by rising survival, as R shows them."""
    c = cal.grouped_calibration(t, d, risk, horizon, g)
    gnd, nam = cal.gnd_test(c), cal.nam_dagostino_test(c)
    return {
        "n": c.n[::-1],
        "events": c.events[::-1],
        "mean_predicted": 1 - c.predicted[::-1],
        "km": 1 - c.observed[::-1],
        "km_se_greenwood": c.se[::-1],
        "km_lower_loglog": 1 - c.upper[::-1],
        "km_upper_loglog": 1 - c.lower[::-1],
        "rms_groupkm_std_err_loglog_scale": (c.se / (1 - c.observed))[::-1],
        "gnd_chi2": gnd.statistic,
        "gnd_df": gnd.df,
        "gnd_p": gnd.p,
        "nam_dagostino_chi2": nam.statistic,
        "nam_dagostino_p_df_g_minus_1": nam.p,
    }
