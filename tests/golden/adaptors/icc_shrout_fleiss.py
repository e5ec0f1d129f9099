"""psych and irr: the six forms on a complete table."""

from typing import Any

from radpipe.stats.icc import icc
from radpipe.stats.icc_forms import ICC, FormOfICC
from radpipe.stats.icc_mcgraw_wong import ICCTest, icc_test
from radpipe.stats.icc_reml import icc_reml
from tests.golden.case import Case, interval


def psych(result: ICC) -> dict[str, Any]:
    """Return all forms as psych::ICC lists them."""
    return {name: {"icc": form.estimate, **numbers(form)} for name, form in result.forms.items()}


def numbers(form: FormOfICC | ICCTest) -> dict[str, Any]:
    return {
        "F": form.statistic,
        "df1": form.df1,
        "df2": form.df2,
        "p": form.p,
        "ci95": interval(form),
    }


def compute(case: Case) -> dict[str, Any]:
    ratings = case.table().to_numpy(float)
    result = icc(ratings)
    irr = {}
    for name in case.names("irr"):
        model, kind, unit = name.split("_")
        test = icc_test(ratings, model, kind, unit, as_irr=True)
        irr[name] = {"name": test.name, "icc": test.estimate, **numbers(test)}
    return {
        "mean_squares": {
            "MSB_subjects": result.ms_subjects,
            "MSJ_raters": result.ms_raters,
            "MSE": result.ms_error,
        },
        "psych_anova": psych(result),
        "psych_lmer": psych(icc_reml(ratings)),
        "irr": irr,
    }
