"""rms::nomogram of lrm."""

from typing import Any

import numpy as np

from radpipe.stats import nomogram as nomo
from radpipe.stats.logistic import fit_logistic, linear_predictor, predict
from tests.golden.case import Case

RISKS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
NAMES = ["Intercept", "age", "lwt", "race=black", "race=other", "smoke", "ht"]


def axes(built: nomo.Nomogram) -> dict[str, Any]:
    return {
        axis.term.name: {
            "values": list(axis.term.labels),
            "points": axis.points,
            "xbeta": axis.term.effects,
        }
        for axis in built.axes
    }


def totals(built: nomo.Nomogram, frame: Any) -> list[float]:
    rows = frame[[axis.term.name for axis in built.axes]].astype(object).to_dict("records")
    return [nomo.total_points(built, row) for row in rows]


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    race = frame["race"]
    columns = (frame["age"], frame["lwt"], race == "black", race == "other")
    X = np.column_stack([*columns, frame["smoke"], frame["ht"]]).astype(float)
    fit = fit_logistic(X, frame["low"])
    lp, b = linear_predictor(fit, X), fit.coef
    terms = [
        nomo.continuous("age", b[1], frame["age"]),
        nomo.continuous("lwt", b[2], frame["lwt"]),
        nomo.categorical("race", {"white": 0.0, "black": b[3], "other": b[4]}),
        nomo.continuous("smoke", b[5], frame["smoke"]),
        nomo.continuous("ht", b[6], frame["ht"]),
    ]
    built = nomo.build(terms, b[0], (lp.min(), lp.max()))
    risks = nomo.risk_axis(built, RISKS)
    return {
        "coef": dict(zip(NAMES, b, strict=True)),
        "points_per_unit_lp": built.points_per_unit,
        "lp_per_point": 1 / built.points_per_unit,
        "intercept_lp_at_0_points": built.lp_at_zero,
        "axes": axes(built),
        "total_points_axis": built.total,
        "lp_axis": {"total_points": built.lp_axis.points, "lp": built.lp_axis.values},
        "risk_axis": {"total_points": risks.points, "risk": risks.values},
        "patient_total_points": totals(built, frame),
        "patient_risk": predict(fit, X),
        "datadist_limits": {t.name: [t.values[0], t.values[-1]] for t in terms[:2]},
    }
