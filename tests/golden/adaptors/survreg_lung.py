"""survival::survreg: four accelerated failure time models."""

from typing import Any

from radpipe.stats import parametric_survival as aft
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table().dropna()
    names = [name for name in frame.columns if name not in ("time", "status")]
    X = frame[names].to_numpy(float)
    found: dict[str, Any] = {}
    for distribution in case.names():
        fit = aft.fit_parametric(X, frame["time"], frame["status"], distribution)
        terms = ["(Intercept)", *names]
        found[distribution] = {
            "coef": dict(zip(terms, fit.coef, strict=True)),
            "se": dict(zip(terms, fit.se, strict=True)),
            "scale": fit.scale,
            "loglik": fit.loglik,
            "aic": fit.aic,
            "predicted_median_first5": aft.quantile(fit, X[:5]),
        }
        if distribution == "weibull":
            ratios = aft.hazard_ratios(fit).estimate
            found[distribution]["hr"] = dict(zip(names, ratios, strict=True))
    return found
