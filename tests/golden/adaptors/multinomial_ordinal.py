"""Multinomial (nnet::multinom) and proportional-odds (MASS::polr) logistic regression."""

from typing import Any

from radpipe.stats.logistic import fit_logistic
from radpipe.stats.multinomial import fit_multinomial
from radpipe.stats.ordinal import fit_ordinal
from radpipe.stats.terms import contrasts, stack
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    return {
        "multinom_ref_WinF": multinomial(case),
        "polr": ordinal(case),
        "binary_iris_versicolor_virginica": binary(case),
    }


def multinomial(case: Case) -> dict[str, Any]:
    frame = case.table("input_multinom.csv")
    others = case.names("multinom_ref_WinF", "coef")
    X = frame.drop(columns="type")
    fit = fit_multinomial(X, frame["type"], ["WinF", *others])
    names = ["(Intercept)", *X.columns]

    def shown(values: Any) -> dict[str, Any]:
        return {
            c: dict(zip(names, row, strict=True)) for c, row in zip(others, values, strict=True)
        }

    return {"coef": shown(fit.coef), "se": shown(fit.se), "loglik": fit.loglik, "aic": fit.aic}


def ordinal(case: Case) -> dict[str, Any]:
    frame = case.table("input_ordinal.csv")
    names, cuts = case.names("polr", "coef"), case.names("polr", "zeta")
    classes = [cuts[0].split("|")[0], *(cut.split("|")[1] for cut in cuts)]
    factors = {}
    for factor in ("Infl", "Type", "Cont"):
        shown = [name.removeprefix(factor) for name in names if name.startswith(factor)]
        reference = sorted(set(frame[factor]) - set(shown))
        factors[factor] = contrasts(frame[factor], [*reference, *shown])
    X = stack(factors, len(frame))[0]
    fit = fit_ordinal(X, frame["Sat"], classes, frame["Freq"])
    return {
        "coef": dict(zip(names, fit.coef, strict=True)),
        "zeta": dict(zip(cuts, fit.thresholds, strict=True)),
        "se": dict(zip([*names, *cuts], [*fit.se, *fit.thresholds_se], strict=True)),
        "loglik": fit.loglik,
    }


def binary(case: Case) -> dict[str, Any]:
    frame = case.table()
    frame = frame[frame["Species"].isin(["versicolor", "virginica"])]
    X = frame.drop(columns="Species")
    fit = fit_logistic(X, frame["Species"] == "virginica")
    names = ["(Intercept)", *X.columns]
    return {
        "coef": dict(zip(names, fit.coef, strict=True)),
        "se": dict(zip(names, fit.se, strict=True)),
    }
