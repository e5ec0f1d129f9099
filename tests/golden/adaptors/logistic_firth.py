"""Firth's penalised likelihood, as logistf."""

from typing import Any

from radpipe.stats.logistic import fit_firth
from radpipe.stats.profile import profile_intervals
from tests.golden.case import Case

TABLES = {"sex2": "", "quasi_separated": "_quasi", "separated": "_separated"}


def compute(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in case.names():
        frame = case.table(f"input{TABLES[key]}.csv")
        X, y = frame.iloc[:, 1:].to_numpy(float), frame.iloc[:, 0].to_numpy()
        names = ["(Intercept)", *frame.columns[1:]]
        fit, profile = fit_firth(X, y), profile_intervals(X, y, "firth")
        limits = [[a, b] for a, b in zip(profile.lower, profile.upper, strict=True)]
        own = {
            "coef": dict(zip(names, fit.coef, strict=True)),
            "se": dict(zip(names, fit.se, strict=True)),
            "p_pl": dict(zip(names, profile.p, strict=True)),
            "pl_ci95": dict(zip(names, limits, strict=True)),
            "penalised_loglik": fit.loglik,
            "x_pl_ci95_brute_force": limits[1],
            "logistf_upper_unconverged": limits[1][1],
        }
        found[key] = {name: own[name] for name in case.names(key)}
    return found
