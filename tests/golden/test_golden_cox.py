"""Cox regression against survival::coxph, survfit and basehaz."""

import numpy as np
import pytest
from legacy import check, table

from radpipe.stats.cox import baseline_at_zero, fit_cox, linear_predictor, survival_at
from radpipe.stats.cox_likelihood import moments, risk_sets

LUNG = ["age", "sex", "ph.ecog", "ph.karno", "wt.loss"]


def test_of(t):
    return [t.statistic, t.df, t.p]


test_of.__test__ = False


def wald(fit, names):
    return {
        name: {
            "beta": fit.coef[i],
            "se": fit.se[i],
            "z": fit.z[i],
            "p": fit.p[i],
            "hr": np.exp(fit.coef[i]),
            "hr_ci95": [np.exp(fit.lower[i]), np.exp(fit.upper[i])],
        }
        for i, name in enumerate(names)
    }


def martingale(fit, X, time, event):
    sets = risk_sets(np.asarray(time, float), np.asarray(event) == 1, fit.ties, np.zeros(fit.n))
    now = moments(X[sets.order], linear_predictor(fit, X)[sets.order], sets)
    out = np.empty(fit.n)
    out[sets.order] = sets.event - now.expected
    return out


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_lung_equals_coxph(ties):
    frame = table("cox_lung")
    X = frame[LUNG].to_numpy(float)
    fit = fit_cox(X, frame["time"], frame["status"], ties)
    times = np.array([100.0, 300, 500, 700, 900])
    got = {
        "coef": wald(fit, LUNG),
        "vcov": {
            a: dict(zip(LUNG, row, strict=True)) for a, row in zip(LUNG, fit.vcov, strict=True)
        },
        "loglik_null": fit.loglik_null,
        "loglik": fit.loglik,
        "lr": test_of(fit.lr_test),
        "wald": test_of(fit.wald_test),
        "score": test_of(fit.score_test),
        "aic": fit.aic,
        "bic": fit.bic,
        "basehaz_covariates_zero": baseline_at_zero(fit)[0].at(times),
        "basehaz_centered_at_means": fit.baselines[0].at(times),
        "lp_first5_centered_at_means": linear_predictor(fit, X[:5]),
        "martingale_first5": martingale(fit, X, frame["time"], frame["status"])[:5],
    }
    check("cox_lung", {ties: got}, 93)


def test_univariable_lung():
    frame = table("cox_lung")
    got = {}
    for name in LUNG:
        fit = fit_cox(frame[name], frame["time"], frame["status"])
        got[name] = wald(fit, [name])[name] | {"p_lrt": fit.lr_test.p}
    check(
        "cox_lung",
        {
            "univariable": got,
            "n": len(frame),
            "events": int(frame.status.sum()),
            "means": frame[LUNG].mean().to_dict(),
        },
        47,
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_ties(ties):
    frame = table("cox_ties")
    fit = fit_cox(frame[["x", "g"]], frame["time"], frame["status"], ties)
    base = baseline_at_zero(fit)[0]
    got = {
        "beta": dict(zip("xg", fit.coef, strict=True)),
        "se": dict(zip("xg", fit.se, strict=True)),
        "loglik": [fit.loglik_null, fit.loglik],
        "score_chi2": fit.score_test.statistic,
        "lr_chi2": fit.lr_test.statistic,
        "baseline_time": base.times,
        "baseline_surv_x0_g0": np.exp(-base.cumhaz),
        "baseline_cumhaz": base.cumhaz,
    }
    check("cox_ties", {ties: got}, 41)


def test_strata():
    frame = table("cox_pbc_strata")
    names = ["age", "log(bili)", "log(albumin)", "log(protime)", "edema"]
    X = np.column_stack(
        [frame["age"], np.log(frame[["bili", "albumin", "protime"]]), frame["edema"]]
    )
    male = (frame["sex"] == "m").astype(float)
    fit = fit_cox(X, frame["time"], frame["status"], strata=male)
    coef = {
        k: {x: v[x] for x in ("beta", "se", "p", "hr", "hr_ci95")}
        for k, v in wald(fit, names).items()
    }
    # the curves are those of age 50, bilirubin 1.5, albumin 3.5, protime 10.5,
    # no oedema; women first
    row = np.array([[50.0, np.log(1.5), np.log(3.5), np.log(10.5), 0.0]])
    times = [1000.0, 2000.0, 3000.0]
    curves = np.concatenate([survival_at(fit, row, times, s)[0] for s in (0.0, 1.0)])
    check(
        "cox_pbc_strata",
        {
            "n": fit.n,
            "events": fit.events,
            "coef": coef,
            "loglik": [fit.loglik_null, fit.loglik],
            "surv_female_male_at_1000_2000_3000": {"time": times * 2, "surv": curves},
        },
        46,
    )
