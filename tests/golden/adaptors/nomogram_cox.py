"""rms::nomogram of cph, with Efron's and Breslow's ties."""

from typing import Any

import numpy as np

from radpipe.stats import nomogram as nomo
from radpipe.stats.concordance import harrell
from radpipe.stats.cox import fit_cox, linear_predictor, survival_at, survival_from
from radpipe.stats.cox_curves import breslow_baseline
from tests.golden.adaptors.nomogram_logistic import totals
from tests.golden.case import Case

TENTHS, TWENTIETHS = np.linspace(0.1, 0.9, 9), np.linspace(0.05, 0.95, 19)
TIMES = [182.5, 365.0, 730.0]
SHOWN = {"surv182.5": TENTHS, "surv365": TENTHS, "surv730": TWENTIETHS}
MEDIANS = np.arange(100, 1001, 100.0)


def compute(case: Case) -> dict[str, Any]:
    return {ties: one(case, ties) for ties in case.names()}


def one(case: Case, ties: Any) -> dict[str, Any]:
    frame = case.table()
    time, event = frame["time"], frame["status"]
    columns = (frame["age"], frame["sex"] == "female", frame["ph.ecog"], frame["wt.loss"])
    X = np.column_stack(columns).astype(float)
    fit = fit_cox(X, time, event, ties)
    b, lp = fit.coef, linear_predictor(fit, X)
    centre = float(fit.means @ b)
    terms = [
        nomo.continuous("age", b[0], frame["age"]),
        nomo.categorical("sex", {"male": 0.0, "female": b[1]}),
        nomo.continuous("ph.ecog", b[2], frame["ph.ecog"]),
        nomo.continuous("wt.loss", b[3], frame["wt.loss"]),
    ]
    built = nomo.build(terms, -centre, (lp.min(), lp.max()))
    base = fit.baselines[0]
    scales = {"median": nomo.median_axis(built, MEDIANS, base.at(MEDIANS))}
    shown = {"median": (scales["median"].points, scales["median"].values)}
    for name, survival in SHOWN.items():
        hazard = float(base.at(np.array([float(name.removeprefix("surv"))]))[0])
        scale = nomo.cox_risk_axis(built, 1 - survival, hazard)
        shown[name] = (scale.points, 1 - np.array(scale.values))
    breslow = survival_from(breslow_baseline(fit, X, time, event), fit, X[:20], TIMES)
    return {
        "coef": dict(zip(["age", "sex=female", "ph.ecog", "wt.loss"], b, strict=True)),
        "center": centre,
        "points_per_unit_lp": built.points_per_unit,
        "axes": {
            axis.term.name: {"values": list(axis.term.labels), "points": axis.points}
            for axis in built.axes
        },
        "fun_axes": {
            name: {"total_points": points, "value": values}
            for name, (points, values) in shown.items()
        },
        "patient_total_points": totals(built, frame),
        "patient_lp_centered": lp,
        "surv_first20_at_182.5_365_730": survival_at(fit, X[:20], TIMES),
        "surv_first20_breslow_estimator": breslow,
        "baseline_surv_at_lp0": {
            f"{t:g}": float(np.exp(-base.at(np.array([t])))[0]) for t in TIMES
        },
        "c_index": harrell(time, event, lp).estimate,
    }
