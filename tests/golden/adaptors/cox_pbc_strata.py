"""survival: a stratified Cox model, and a factor."""

from typing import Any

import numpy as np

from radpipe.stats.concordance import harrell
from radpipe.stats.cox import fit_cox, linear_predictor, survival_at
from radpipe.stats.model_tests import likelihood_ratio
from radpipe.stats.proportional_hazards import hazard_test
from radpipe.stats.terms import contrasts
from tests.golden.case import Case

NAMES = ("age", "log(bili)", "log(albumin)", "log(protime)", "edema")
NEW = (50.0, np.log(1.5), np.log(3.5), np.log(10.5), 0.0)


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy(float)
    logs = np.log(frame[["bili", "albumin", "protime"]])
    X = np.column_stack([frame["age"], logs, frame["edema"]])
    male = (frame["sex"] == "m").to_numpy(float)
    fit = fit_cox(X, t, d, strata=male)
    zph = hazard_test(fit, X, t, d, "km", strata=male)
    c = harrell(t, d, linear_predictor(fit, X), strata=male)
    times = [1000.0, 2000.0, 3000.0]
    curves = [survival_at(fit, np.array([NEW]), times, s)[0] for s in (0.0, 1.0)]
    return {
        "n": fit.n,
        "events": fit.events,
        "coef": {
            name: {
                "beta": fit.coef[i],
                "se": fit.se[i],
                "p": fit.p[i],
                "hr": np.exp(fit.coef[i]),
                "hr_ci95": np.exp([fit.lower[i], fit.upper[i]]),
            }
            for i, name in enumerate(NAMES)
        },
        "loglik": [fit.loglik_null, fit.loglik],
        "c_index_stratified": c.estimate,
        "c_index_se": c.se,
        "zph_km": {
            name: {"chisq": test.statistic, "df": test.df, "p": test.p}
            for name, test in zip((*NAMES, "GLOBAL"), (*zph.terms, zph.overall), strict=True)
        },
        "surv_female_male_at_1000_2000_3000": {"time": times * 2, "surv": np.concatenate(curves)},
        "factor_stage": _stage(frame),
    }


def _stage(frame: Any) -> dict[str, Any]:
    known = frame.dropna(subset=["stage"])
    levels = sorted(known["stage"].unique())
    stage, bili = contrasts(known["stage"], levels), np.log(known["bili"].to_numpy(float))
    t, d = known["time"], known["status"]
    large = fit_cox(np.column_stack([stage, bili]), t, d)
    small = fit_cox(bili, t, d)
    test = likelihood_ratio(-2 * small.loglik, 1, -2 * large.loglik, len(levels), len(known))
    names = [f"stage{int(level)}" for level in levels[1:]] + ["log(bili)"]
    return {
        "hr": dict(zip(names, np.exp(large.coef), strict=True)),
        "n": large.n,
        "p_lrt_stage": test.p,
        "p_lrt_df": test.df,
    }
