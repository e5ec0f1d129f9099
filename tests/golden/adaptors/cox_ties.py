"""survival: Cox's model with many ties."""

from typing import Any

import numpy as np

from radpipe.stats.cox import baseline_at_zero, fit_cox, survival_from
from radpipe.stats.cox_curves import breslow_baseline
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    X, time, event = frame[["x", "g"]], frame["time"], frame["status"]
    found: dict[str, Any] = {}
    for ties in ("efron", "breslow", "exact"):
        fit = fit_cox(X, time, event, ties)
        found[ties] = {
            "beta": dict(zip("xg", fit.coef, strict=True)),
            "se": dict(zip("xg", fit.se, strict=True)),
            "loglik": [fit.loglik_null, fit.loglik],
            "score_chi2": fit.score_test.statistic,
            "lr_chi2": fit.lr_test.statistic,
        }
        if ties == "exact":
            continue
        base = baseline_at_zero(fit)[0]
        breslow = breslow_baseline(fit, X, time, event)
        found[ties] |= {
            "baseline_time": base.times,
            "baseline_surv_x0_g0": np.exp(-base.cumhaz),
            "baseline_cumhaz": base.cumhaz,
            "baseline_surv_x0_g0_breslow_estimator": survival_from(
                breslow, fit, np.zeros((1, 2)), base.times
            )[0],
        }
    return found
