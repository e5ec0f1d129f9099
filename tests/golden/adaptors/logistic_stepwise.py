"""Stepwise logistic regression by AIC, BIC and p value, as MASS::stepAIC."""

from typing import Any

import numpy as np

from radpipe.stats.logistic import fit_logistic
from radpipe.stats.stepwise import backward_by_p, stepwise
from radpipe.stats.terms import logistic_terms, logistic_wald, stack
from tests.golden.adaptors.logistic_birthwt import factor_terms, owners
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame["low"].to_numpy()
    shown = {n: None for run in case.names() if "_p_" not in run for n in case.names(run, "coef")}
    terms, labels = factor_terms(frame, "low", list(shown))
    names, places = list(terms), stack(terms, len(y))[1]
    of_term: dict[str, list[str]] = {name: [] for name in names}
    for label, owner in zip(labels[1:], owners(places), strict=True):
        of_term[owner].append(label)
    fit, bic = logistic_terms(terms, y), float(np.log(len(y)))
    runs = {
        "backward_aic": stepwise(fit, names, direction="backward"),
        "forward_aic": stepwise(fit, names, direction="forward"),
        "both_from_full_aic": stepwise(fit, names, direction="both"),
        "both_from_null_aic": stepwise(fit, names, start=(), direction="both"),
        "backward_bic": stepwise(fit, names, direction="backward", penalty=bic),
    }
    found: dict[str, Any] = {}
    for name, run in runs.items():
        chosen = fit_logistic(stack({t: terms[t] for t in run.selected}, len(y))[0], y)
        own = ["(Intercept)", *(label for t in run.selected for label in of_term[t])]
        found[name] = {
            "selected": list(run.selected),
            "aic": chosen.aic,
            "path_steps": [step.change for step in run.path],
            "path_aic": [step.criterion for step in run.path],
            "coef": dict(zip(own, chosen.coef, strict=True)),
        }
    wald = backward_by_p(logistic_wald(terms, y), names, alpha=0.05)
    found["backward_wald_p_0.05"] = {
        "removed_in_order": list(wald.removed),
        "selected": list(wald.selected),
    }
    return found
