"""Linear regression as lm reports it, with VIF, robust errors and diagnostics."""

from typing import Any

import numpy as np

from radpipe.stats.group_tests import shapiro_wilk
from radpipe.stats.linear import fit_linear, predict, robust
from radpipe.stats.linear_diagnostics import breusch_pagan, durbin_watson, influence
from radpipe.stats.stepwise import stepwise
from radpipe.stats.terms import linear_terms
from radpipe.stats.vif import vif
from tests.golden.case import Case

NEW = [50.0, 16.0, 11.0, 41.0, 20.0]  # R's newdata


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y, columns = frame["Fertility"].to_numpy(float), list(frame.columns[2:])
    X = frame[columns].to_numpy(float)
    fit = fit_linear(X, y)
    labels = ["(Intercept)", *columns]
    inflation = vif(fit.vcov, {name: [i + 1] for i, name in enumerate(columns)})
    unequal, cook = breusch_pagan(fit), influence(fit).cook
    chosen = stepwise(
        linear_terms({n: frame[n] for n in columns}, y), columns, direction="backward"
    )

    def predicted(kind: Any) -> dict[str, Any]:
        found = predict(fit, [NEW], kind)
        return {"fit": found.fitted[0], "lwr": found.lower[0], "upr": found.upper[0]}

    return {
        "coef": {
            name: {
                "b": fit.coef[i],
                "se": fit.se[i],
                "t": fit.t[i],
                "p": fit.p[i],
                "ci95": [fit.lower[i], fit.upper[i]],
            }
            for i, name in enumerate(labels)
        },
        "std_beta": dict(zip(columns, fit.standardised[1:], strict=True)),
        "r2": fit.r2,
        "adj_r2": fit.adj_r2,
        "sigma": fit.sigma,
        "F": fit.f_test.statistic,
        "F_p": fit.f_test.p,
        "aic": fit.aic,
        "bic": fit.bic,
        "vif": {name: v.gvif for name, v in inflation.items()},
        "durbin_watson": durbin_watson(fit).statistic,
        "breusch_pagan_studentised": {"chi2": unequal.statistic, "p": unequal.p},
        "shapiro_resid_p": shapiro_wilk(fit.residuals).p,
        "hc3_se": dict(zip(labels, robust(fit, "HC3").se, strict=True)),
        "cook_max": cook.max(),
        "cook_max_canton": frame["canton"][int(np.argmax(cook))],
        "predict": predicted("confidence"),
        "predict_pi": predicted("prediction"),
        "stepAIC_selected": list(chosen.selected),
        "rmse": fit.rmse,
        "mae": fit.mae,
    }
