"""rms::val.prob, glm, loess: calibration of a model's risks in new cases."""

from typing import Any

from radpipe.stats.calibration import (
    calibration_binary,
    calibration_curve,
    spiegelhalter,
    wald_test,
)
from radpipe.stats.calibration_groups import expected_calibration_error, risk_groups
from radpipe.stats.performance import val_prob
from tests.golden.case import Case, interval


def distances(curve: Any, mean: str) -> dict[str, float]:
    return {mean: curve.ici, "e50": curve.e50, "e90": curve.e90, "emax": curve.emax}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y, p = frame["y"].to_numpy(), frame["p"].to_numpy(float)
    wald, profile = calibration_binary(y, p), calibration_binary(y, p, interval="profile")
    lowess, loess = calibration_curve(y, p), calibration_curve(y, p, smoother="loess")
    rms, z, groups = val_prob(y, p, bin_width=0.002), spiegelhalter(y, p), risk_groups(y, p)
    deciles = zip(groups.observed, groups.predicted, groups.n, groups.events, strict=True)
    return {
        "n": wald.n,
        "events": wald.events,
        "val_prob": {
            "Dxy": rms.dxy,
            "C_ROC_": rms.c,
            "R2": rms.r2,
            "D": rms.d,
            "D_Chi_sq": rms.discrimination.statistic,
            "U": rms.u,
            "U_Chi_sq": rms.unreliability.statistic,
            "U_p": rms.unreliability.p,
            "Q": rms.q,
            "Brier": rms.brier,
            "Intercept": rms.intercept,
            "Slope": rms.slope,
            "Emax": lowess.emax,
            "E90": lowess.e90,
            "Eavg": lowess.ici,
            "S_z": z.statistic,
            "S_p": z.p,
        },
        "calibration_in_the_large": {
            "intercept_given_slope_1": wald.in_the_large.estimate,
            "se": wald.in_the_large.se,
            "ci95_wald": interval(wald.in_the_large),
            "ci95_profile": interval(profile.in_the_large),
            "p": wald_test(wald.in_the_large, 0).p,
        },
        "calibration_slope": {
            "intercept": wald.intercept.estimate,
            "slope": wald.slope.estimate,
            "slope_se": wald.slope.se,
            "slope_ci95_wald": interval(wald.slope),
            "slope_ci95_profile": interval(profile.slope),
        },
        "o_e_ratio": wald.oe.estimate,
        "e_o_ratio": 1 / wald.oe.estimate,
        "oe_ci95_log": interval(wald.oe),
        "brier": wald.brier.estimate,
        "brier_max": rms.brier_null,
        "brier_scaled": wald.scaled_brier.estimate,
        "spiegelhalter_z": z.statistic,
        "spiegelhalter_p": z.p,
        "unreliability_lr_chi2_2df": rms.unreliability.statistic,
        "unreliability_p": rms.unreliability.p,
        "lowess_iter0": distances(lowess, "ici_mean"),
        "loess_ici": distances(loess, "ici"),
        "deciles_cut2": [
            {"bin": i, "y": observed, "p": predicted, "n": n, "events": events}
            for i, (observed, predicted, n, events) in enumerate(deciles, start=1)
        ],
        "ece_10_equal_width": expected_calibration_error(y, p).estimate,
    }
