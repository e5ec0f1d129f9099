"""survival and MASS: Cox's model with all that R prints of it."""

from typing import Any

import numpy as np

from radpipe.stats.concordance import harrell
from radpipe.stats.cox import (
    CoxFit,
    baseline_at_zero,
    fit_cox,
    linear_predictor,
    survival_from,
)
from radpipe.stats.cox_curves import breslow_baseline, predicted_survival
from radpipe.stats.cox_residuals import deviance_residuals, martingale, robust_vcov
from radpipe.stats.model_tests import likelihood_ratio
from radpipe.stats.proportional_hazards import hazard_test, hazard_test_correlation
from radpipe.stats.results import normal_p
from radpipe.stats.stepwise import stepwise
from radpipe.stats.terms import cox_terms
from radpipe.stats.vif import column_vif
from tests.golden.case import Case

NAMES = ("age", "sex", "ph.ecog", "ph.karno", "wt.loss")
NEW = ((50.0, 2, 0, 90, 0), (70.0, 1, 2, 60, 15))
"""The two new patients, in the order of ``NAMES``."""
AT = (182.0, 365.0, 730.0)


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    X = frame[list(NAMES)].to_numpy(float)
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy(float)
    efron = fit_cox(X, t, d)
    robust = np.sqrt(np.diag(robust_vcov(efron, X, t, d)))
    chosen = stepwise(
        cox_terms({name: X[:, i] for i, name in enumerate(NAMES)}, t, d),
        NAMES,
        start=NAMES,
        direction="backward",
    )
    return {
        "n": efron.n,
        "events": efron.events,
        "means": dict(zip(NAMES, efron.means, strict=True)),
        "efron": _model(case, efron, X, t, d),
        "breslow": _model(case, fit_cox(X, t, d, "breslow"), X, t, d),
        "robust_efron": {
            "robust_se": dict(zip(NAMES, robust, strict=True)),
            "p": {k: normal_p(b / s) for k, b, s in zip(NAMES, efron.coef, robust, strict=True)},
        },
        "univariable": {name: _alone(name, X[:, i], t, d) for i, name in enumerate(NAMES)},
        "stepAIC_backward": {"selected": list(chosen.selected), "aic": chosen.criterion},
        "vif_from_vcov": dict(zip(NAMES, column_vif(efron.vcov, intercept=False), strict=True)),
        "interaction_age_sex": _interaction(X, t, d),
        "grambsch_therneau_approx_old_zph": {
            scale: {
                name: {"chisq": test.statistic, "p": test.p}
                for name, test in zip(
                    NAMES, hazard_test_correlation(efron, X, t, d, scale), strict=True
                )
            }
            for scale in case.names("grambsch_therneau_approx_old_zph")
        },
    }


def _model(case: Case, fit: CoxFit, X: Any, t: Any, d: Any) -> dict[str, Any]:
    c = harrell(t, d, linear_predictor(fit, X))
    times = np.array([100.0, 300, 500, 700, 900])
    curves = predicted_survival(fit, X, t, d, NEW, AT)
    breslow = survival_from(breslow_baseline(fit, X, t, d), fit, NEW, AT)
    zph = {}
    for scale in case.names("efron", "zph"):
        tests = hazard_test(fit, X, t, d, scale)
        zph[scale] = {
            name: {"chisq": test.statistic, "df": test.df, "p": test.p}
            for name, test in zip((*NAMES, "GLOBAL"), (*tests.terms, tests.overall), strict=True)
        }
    rows = zip(NAMES, fit.vcov, strict=True)
    return {
        "coef": {name: _wald(fit, i) for i, name in enumerate(NAMES)},
        "vcov": {name: dict(zip(NAMES, row, strict=True)) for name, row in rows},
        "loglik_null": fit.loglik_null,
        "loglik": fit.loglik,
        **{
            key: [test.statistic, test.df, test.p]
            for key, test in (
                ("lr", fit.lr_test),
                ("wald", fit.wald_test),
                ("score", fit.score_test),
            )
        },
        "aic": fit.aic,
        "bic": fit.bic,
        "c_index": c.estimate,
        "c_index_se": c.se,
        "zph": zph,
        "basehaz_times": times,
        "basehaz_covariates_zero": baseline_at_zero(fit)[0].at(times),
        "basehaz_centered_at_means": fit.baselines[0].at(times),
        "surv_new_2_patients_at_182_365_730": curves.survival.T,
        "surv_new_breslow_estimator": breslow.T,
        "surv_new_lower_loglog": curves.lower.T,
        "surv_new_upper_loglog": curves.upper.T,
        "lp_first5_centered_at_means": linear_predictor(fit, X[:5]),
        "martingale_first5": martingale(fit, X, t, d)[:5],
        "deviance_first5": deviance_residuals(fit, X, t, d)[:5],
    }


def _wald(fit: CoxFit, i: int) -> dict[str, Any]:
    return {
        "beta": fit.coef[i],
        "se": fit.se[i],
        "z": fit.z[i],
        "p": fit.p[i],
        "hr": np.exp(fit.coef[i]),
        "hr_ci95": np.exp([fit.lower[i], fit.upper[i]]),
    }


def _alone(name: str, x: Any, t: Any, d: Any) -> dict[str, Any]:
    fit = fit_cox(x, t, d)
    c = harrell(t, d, linear_predictor(fit, x))
    return {**_wald(fit, 0), "p_lrt": fit.lr_test.p, "c_index": c.estimate}


def _interaction(X: Any, t: Any, d: Any) -> dict[str, Any]:
    both = X[:, :2]
    small = fit_cox(both, t, d)
    large = fit_cox(np.column_stack([both, both[:, 0] * both[:, 1]]), t, d)
    test = likelihood_ratio(-2 * small.loglik, 2, -2 * large.loglik, 3, large.n)
    return {"beta": large.coef[2], "p": large.p[2], "p_lrt": test.p}
