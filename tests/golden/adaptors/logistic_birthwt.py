"""Logistic regression as glm reports it: Wald, profile, likelihood-ratio tests, GVIF, fit."""

from typing import Any

import numpy as np

from radpipe.stats import calibration, roc
from radpipe.stats.hosmer_lemeshow import hosmer_lemeshow
from radpipe.stats.logistic import LogisticFit, fit_logistic, linear_predictor, predict
from radpipe.stats.model_tests import likelihood_ratio, pseudo_r2, tjur, wald_test
from radpipe.stats.profile import profile_intervals
from radpipe.stats.stepwise import term_tests
from radpipe.stats.terms import contrasts, logistic_terms, stack
from radpipe.stats.vif import column_vif, vif
from tests.golden.case import Case, interval

GLM = 1e-8  # glm's own tolerance; the case's other fits have a stricter one

GLM = 1e-12


def factor_terms(frame: Any, outcome: str, names: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the terms of all columns but the outcome, and the coefficients' names as R's.

    The names tell a factor's levels (``raceblack``); its reference is the level without one.
    """
    terms: dict[str, Any] = {}
    labels = ["(Intercept)"]
    for name in frame.columns.drop(outcome):
        values = frame[name]
        if values.dtype == object:
            shown = [n.removeprefix(name) for n in names if n.startswith(name)]
            levels = [*sorted(set(values) - set(shown)), *shown]
            terms[name] = contrasts(values, levels)
            labels += [name + level for level in shown]
        else:
            terms[name] = values.to_numpy(float)
            labels.append(name)
    return terms, labels


def coefficients(X: Any, y: Any, labels: list[str]) -> tuple[LogisticFit, dict[str, Any]]:
    fit, profile = fit_logistic(X, y), profile_intervals(X, y, spline=True)
    return fit, {
        name: {
            "beta": fit.coef[i],
            "se": fit.se[i],
            "z": fit.z[i],
            "p_wald": fit.p[i],
            "or": np.exp(fit.coef[i]),
            "or_ci95_wald": np.exp([fit.lower[i], fit.upper[i]]),
            "or_ci95_profile": np.exp([profile.lower[i], profile.upper[i]]),
        }
        for i, name in enumerate(labels)
    }


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame["low"].to_numpy()
    terms, labels = factor_terms(frame, "low", case.names("coef"))
    X, places = stack(terms, len(y))
    fit, table = coefficients(X, y, labels)
    rows = {name: place + 1 for name, place in places.items()}
    risk = predict(fit, X)
    overall = likelihood_ratio(fit.null_deviance, 1, fit.deviance, len(labels), fit.n)
    lrm = fit_logistic(X, y, tolerance=0.0)  # rms takes the covariance at the very end
    race = wald_test(lrm.coef, lrm.vcov, rows["race"], fit.n)
    explained = pseudo_r2(fit.loglik, fit.loglik_null, fit.n)
    auc = roc.delong(y, risk)
    quality = calibration.calibration_binary(y, risk)
    groups = hosmer_lemeshow(y, risk)
    inflation = vif(fit.vcov, rows)
    three = stack({name: terms[name] for name in ("age", "smoke", "lwt")}, fit.n)[0]
    plain = fit_logistic(three, y)
    crossed = fit_logistic(
        np.column_stack([three, terms["age"] * terms["smoke"]]), y, tolerance=GLM
    )
    added = likelihood_ratio(plain.deviance, 4, crossed.deviance, 5, fit.n)
    single = {}
    for name in case.names("univariable"):
        own = [
            label for label, place in zip(labels[1:], owners(places), strict=True) if place == name
        ]
        one, shown = coefficients(terms[name], y, ["(Intercept)", *own])
        gain = likelihood_ratio(one.null_deviance, 1, one.deviance, 1 + len(own), one.n)
        single[name] = {"terms": shown, "p_lrt": gain.p, "aic": one.aic}
    return {
        "n": fit.n,
        "events": fit.events,
        "coef": table,
        "vcov": {
            a: dict(zip(labels, row, strict=True)) for a, row in zip(labels, fit.vcov, strict=True)
        },
        "loglik": fit.loglik,
        "loglik_null": fit.loglik_null,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "aic": fit.aic,
        "bic": fit.bic,
        "lr_chi2": overall.statistic,
        "lr_df": overall.df,
        "lr_p": overall.p,
        "type3_lrt": {
            name: {"df": test.df, "chi2": test.statistic, "p": test.p}
            for name, test in term_tests(logistic_terms(terms, y), list(terms), fit.n).items()
        },
        "wald_race": {"chi2": race.statistic, "df": race.df, "p": race.p},
        "r2_nagelkerke": explained.nagelkerke,
        "r2_cox_snell": explained.cox_snell,
        "r2_mcfadden": explained.mcfadden,
        "r2_tjur": tjur(y, risk),
        "c_statistic": auc.estimate,
        "c_delong_ci95": interval(auc),
        "lrm_C": auc.estimate,
        "lrm_Dxy": 2 * auc.estimate - 1,
        "brier": quality.brier.estimate,
        "brier_scaled": quality.scaled_brier.estimate,
        "log_loss": fit.deviance / (2 * fit.n),
        "hosmer_lemeshow": {"chi2": groups.statistic, "df": groups.df, "p": groups.p},
        "gvif": {
            name: {"GVIF": v.gvif, "Df": v.df, "GVIF^(1/(2*Df))": v.scaled}
            for name, v in inflation.items()
        },
        "rms_vif": dict(zip(case.names("rms_vif"), column_vif(lrm.vcov), strict=True)),
        "predicted": risk,
        "linear_predictor": linear_predictor(fit, X),
        "univariable": single,
        "separation_check": {"max_abs_beta": np.abs(fit.coef[1:]).max()},
        "interaction_age_smoke": {
            "beta": crossed.coef[-1],
            "p_wald": crossed.p[-1],
            "p_lrt": added.p,
        },
    }


def owners(places: dict[str, Any]) -> list[str]:
    """Return the term of every column."""
    return [name for name, place in places.items() for _ in place]
