"""Calibration and decision curves against rms, dcurves, rmda."""

import numpy as np
from legacy import check, expected, table

from radpipe.stats import calibration, calibration_surv, netbenefit, survival
from radpipe.stats.hosmer_lemeshow import hosmer_lemeshow


def interval(e):
    return [e.lower, e.upper]


def test_calibration_binary():
    frame = table("calibration_binary")
    y, p = frame["y"].to_numpy(), frame["p"].to_numpy(float)
    c, curve = calibration.calibration_binary(y, p), calibration.calibration_curve(y, p)
    z = calibration.spiegelhalter(y, p)
    got = {
        "n": c.n,
        "events": c.events,
        "val_prob": {
            "Brier": c.brier.estimate,
            "Intercept": c.intercept.estimate,
            "Slope": c.slope.estimate,
            "Emax": curve.emax,
            "E90": curve.e90,
            "Eavg": curve.ici,
            "S_z": z.statistic,
            "S_p": z.p,
        },
        "calibration_in_the_large": {
            "intercept_given_slope_1": c.in_the_large.estimate,
            "se": c.in_the_large.se,
            "ci95_wald": interval(c.in_the_large),
        },
        "calibration_slope": {
            "intercept": c.intercept.estimate,
            "slope": c.slope.estimate,
            "slope_se": c.slope.se,
            "slope_ci95_wald": interval(c.slope),
        },
        "o_e_ratio": c.oe.estimate,
        "e_o_ratio": 1 / c.oe.estimate,
        "oe_ci95_log": interval(c.oe),
        "brier": c.brier.estimate,
        "brier_scaled": c.scaled_brier.estimate,
        "spiegelhalter_z": z.statistic,
        "spiegelhalter_p": z.p,
        "lowess_iter0": {
            "ici_mean": curve.ici,
            "e50": curve.e50,
            "e90": curve.e90,
            "emax": curve.emax,
        },
    }
    check("calibration_binary", got, 31)


def as_dict(nb, avoided=True):
    out = {
        "threshold": nb.thresholds,
        "net_benefit": nb.net_benefit,
        "tp_rate": nb.tp_rate,
        "fp_rate": nb.fp_rate,
    }
    if avoided:
        out["net_intervention_avoided_per_patient"] = nb.avoided
    return out


def without_zero(values):
    """Drop avoided interventions at threshold 0, where they are 0/0 and dcurves shows -Inf."""
    return {k: v for k, v in values.items() if k != "net_intervention_avoided_per_patient"}


def test_dca_binary():
    frame = table("dca_binary")
    values = expected("dca_binary")["values"]
    y = frame["cancer"].to_numpy()
    t = values["cohort"]["all"]["threshold"]
    share = float(y.mean())
    curves = {
        "all": netbenefit.treat_all(share, t, y.size),
        "none": netbenefit.treat_none(share, t, y.size),
    }
    for name in ("fitted_model", "cancerpredmarker", "famhistory"):
        curves[name] = netbenefit.net_benefit(y, frame[name], t)
    got = {"cohort": {name: without_zero(as_dict(nb)) for name, nb in curves.items()}}
    for name, nb in curves.items():
        r = np.array(
            values["cohort"][name]["net_intervention_avoided_per_patient"][1:], dtype=float
        )
        np.testing.assert_allclose(nb.avoided[1:], r, rtol=1e-8, atol=1e-9)
        assert np.isnan(nb.avoided[0])
    t3 = values["case_control_prevalence_0.3"]["all"]["threshold"]
    got["case_control_prevalence_0.3"] = {
        "all": as_dict(netbenefit.treat_all(0.3, t3, y.size), False),
        "none": as_dict(netbenefit.treat_none(0.3, t3, y.size), False),
        "fitted_model": as_dict(netbenefit.net_benefit(y, frame["fitted_model"], t3, 0.3), False),
    }
    model = curves["fitted_model"]
    got["rmda"] = {
        "threshold": model.thresholds,
        "net_benefit": model.net_benefit,
        "standardised_net_benefit": model.standardised,
    }
    got["prevalence"] = model.prevalence
    got["interventions_avoided_per_100_fitted_model"] = 100 * model.avoided
    got["clinical_impact_per_1000_fitted_model"] = {
        "threshold": model.thresholds,
        "high_risk": 1000 * (model.tp_rate + model.fp_rate),
        "high_risk_with_event": 1000 * model.tp_rate,
    }
    check("dca_binary", got, 547)


def test_dca_survival():
    frame = table("dca_survival")
    values = expected("dca_survival")["values"]
    time, event = frame["ttcancer"].to_numpy(float), frame["cancer"].to_numpy()
    t = values["all"]["threshold"]
    curves = {
        name: netbenefit.net_benefit_survival(time, event, frame[name], 1.5, t)
        for name in ("pr_failure18", "cancerpredmarker")
    }
    share = curves["pr_failure18"].prevalence
    curves["all"] = netbenefit.treat_all(share, t, time.size)
    curves["none"] = netbenefit.treat_none(share, t, time.size)
    got = {name: without_zero(as_dict(nb)) for name, nb in curves.items()}
    for name, nb in curves.items():
        r = np.array(values[name]["net_intervention_avoided_per_patient"][1:], dtype=float)
        np.testing.assert_allclose(nb.avoided[1:], r, rtol=1e-7, atol=1e-8)
    check("dca_survival", got, 160)


def test_calibration_deciles():
    frame = table("calibration_binary")
    y, p = frame["y"].to_numpy(), frame["p"].to_numpy(float)
    label = calibration_surv.quantile_groups(p, 10)
    got = {
        "deciles_cut2": [
            {
                "bin": g + 1,
                "n": int((label == g).sum()),
                "events": int(y[label == g].sum()),
                "p": p[label == g].mean(),
                "y": y[label == g].mean(),
            }
            for g in range(10)
        ]
    }
    check("calibration_binary", got, 50)


def test_hosmer_lemeshow():
    got = {}
    for name, part in table("hosmer_lemeshow").groupby("set"):
        got[name] = {}
        for g in (5, 8, 10):
            test = hosmer_lemeshow(part["y"], part["p"], g)
            got[name][f"g{g}"] = {
                "hoslem_test": {
                    "chi2": test.statistic,
                    "df_groups_formed_minus_2": test.df,
                    "p": test.p,
                    "groups_formed": test.observed.size,
                },
                "p_df_groups_formed": test.p_external,
                "observed1": test.observed,
                "expected1": test.expected,
            }
    check("hosmer_lemeshow", got, 167)


def test_calibration_at_a_horizon():
    frame = table("calibration_surv")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    risk = 1 - frame["pred_surv_1825"].to_numpy(float)
    got = {"t": 1825, "n": t.size}
    for g in (4, 5, 10):
        c = calibration_surv.grouped_calibration(t, d, risk, 1825, g)
        test = calibration_surv.gnd_test(c)
        got[f"groups_{g}"] = {
            "n": c.n[::-1],
            "events": c.events[::-1],
            "mean_predicted": 1 - c.predicted[::-1],
            "km": 1 - c.observed[::-1],
            "km_se_greenwood": c.se[::-1],
            "km_lower_loglog": 1 - c.upper[::-1],
            "km_upper_loglog": 1 - c.lower[::-1],
            "gnd_chi2": test.statistic,
            "gnd_df": test.df,
            "gnd_p": test.p,
        }
    ratio = calibration_surv.oe_at(t, d, risk, 1825)
    got["oe_at_t"] = {
        "observed_risk_km": 1 - survival.kaplan_meier(t, d).at(1825).item(),
        "mean_predicted_risk": risk.mean(),
        "oe": ratio.estimate,
        "oe_ci95_log_greenwood": interval(ratio),
    }
    check("calibration_surv", got, 149)
