"""Nomograms against rms::nomogram over lrm and cph."""

import numpy as np
import pytest
from legacy import check, expected, table

from radpipe.stats import nomogram as nomo
from radpipe.stats.cox import fit_cox, survival_at
from radpipe.stats.cox import linear_predictor as cox_lp
from radpipe.stats.logistic import fit_logistic, linear_predictor, predict


def axes_of(built, with_effects):
    out = {}
    for axis in built.axes:
        shown = {"values": list(axis.term.labels), "points": list(axis.points)}
        if with_effects:
            shown["xbeta"] = list(axis.term.effects)
        out[axis.term.name] = shown
    return out


def cases(frame, names):
    return frame[names].astype(object).to_dict("records")


def test_logistic():
    frame = table("nomogram_logistic")
    X = np.column_stack(
        [
            frame["age"],
            frame["lwt"],
            frame["race"] == "black",
            frame["race"] == "other",
            frame["smoke"],
            frame["ht"],
        ]
    ).astype(float)
    fit = fit_logistic(X, frame["low"])
    lp = linear_predictor(fit, X)
    b = fit.coef
    terms = [
        nomo.continuous("age", b[1], frame["age"]),
        nomo.continuous("lwt", b[2], frame["lwt"]),
        nomo.categorical("race", {"white": 0.0, "black": b[3], "other": b[4]}),
        nomo.continuous("smoke", b[5], frame["smoke"]),
        nomo.continuous("ht", b[6], frame["ht"]),
    ]
    built = nomo.build(terms, b[0], (lp.min(), lp.max()))
    risks = nomo.risk_axis(built, [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    names = [t.name for t in terms]
    totals = np.array([nomo.total_points(built, c) for c in cases(frame, names)])
    got = {
        "coef": dict(
            zip(
                ["Intercept", "age", "lwt", "race=black", "race=other", "smoke", "ht"],
                b,
                strict=True,
            )
        ),
        "points_per_unit_lp": built.points_per_unit,
        "lp_per_point": 1 / built.points_per_unit,
        "intercept_lp_at_0_points": built.lp_at_zero,
        "axes": axes_of(built, with_effects=True),
        "total_points_axis": built.total,
        "lp_axis": {"total_points": built.lp_axis.points, "lp": built.lp_axis.values},
        "risk_axis": {"total_points": risks.points, "risk": risks.values},
        "patient_total_points": totals,
        "patient_risk": predict(fit, X),
        "datadist_limits": {t.name: [t.values[0], t.values[-1]] for t in terms[:2]},
    }
    check("nomogram_logistic", got, 518)
    assert np.allclose(nomo.linear_predictor(built, totals), lp)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox(ties):
    frame = table("nomogram_cox")
    X = np.column_stack(
        [frame["age"], frame["sex"] == "female", frame["ph.ecog"], frame["wt.loss"]]
    ).astype(float)
    fit = fit_cox(X, frame["time"], frame["status"], ties)
    b = fit.coef
    centre = float(fit.means @ b)
    lp = cox_lp(fit, X)
    terms = [
        nomo.continuous("age", b[0], frame["age"]),
        nomo.categorical("sex", {"male": 0.0, "female": b[1]}),
        nomo.continuous("ph.ecog", b[2], frame["ph.ecog"]),
        nomo.continuous("wt.loss", b[3], frame["wt.loss"]),
    ]
    built = nomo.build(terms, -centre, (lp.min(), lp.max()))
    shown = expected("nomogram_cox")["values"][ties]["fun_axes"]
    base = fit.baselines[0]
    axes = {}
    for key, wanted in shown.items():
        values = np.array(wanted["value"])
        if key == "median":
            scale = nomo.median_axis(built, values, base.at(values))
            axes[key] = {"total_points": scale.points, "value": scale.values}
        else:
            hazard = float(base.at(np.array([float(key[4:])]))[0])
            scale = nomo.cox_risk_axis(built, 1 - values, hazard)
            axes[key] = {"total_points": scale.points, "value": 1 - np.array(scale.values)}
    times = [182.5, 365.0, 730.0]
    totals = [nomo.total_points(built, c) for c in cases(frame, [t.name for t in terms])]
    centred = np.exp(-base.at(np.array(times)))
    got = {
        "coef": dict(zip(["age", "sex=female", "ph.ecog", "wt.loss"], b, strict=True)),
        "center": centre,
        "points_per_unit_lp": built.points_per_unit,
        "axes": axes_of(built, with_effects=False),
        "fun_axes": axes,
        "patient_total_points": totals,
        "patient_lp_centered": lp,
        "surv_first20_at_182.5_365_730": survival_at(fit, X[:20], times),
        "baseline_surv_at_lp0": dict(zip(["182.5", "365", "730"], centred, strict=True)),
    }
    check("nomogram_cox", {ties: got}, 609)
