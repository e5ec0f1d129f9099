"""Logistic regression on a restricted cubic spline, as rms::lrm(y ~ rcs(age, k) + glu)."""

from typing import Any

import numpy as np

from radpipe.stats.logistic import fit_logistic, linear_predictor
from radpipe.stats.model_tests import likelihood_ratio, wald_test
from radpipe.stats.splines import rcs_basis, rcs_knots
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y, age, glu = (frame[name].to_numpy(float) for name in ("y", "age", "glu"))
    found = {}
    for key in case.names():
        knots = rcs_knots(age, int(key[1:]))
        basis = rcs_basis(age, knots)
        fit = fit_logistic(np.column_stack([basis, glu]), y)
        straight = fit_logistic(np.column_stack([age, glu]), y)
        ages = np.arange(1, len(knots))
        bent = wald_test(fit.coef, fit.vcov, ages[1:], fit.n)
        name = next(name for name in case.names(key) if name.startswith("lp_at_age_"))
        points = [float(part) for part in name.split("_") if part.isdigit()]
        level = float(name.rsplit("glu", 1)[1])
        reference = float(np.median(age))
        older = next(n for n in case.names(key, "or_vs_median_age") if n != "ref")
        two = rcs_basis([float(older.removeprefix("age")), reference], knots)
        apart = linear_predictor(fit, np.column_stack([two, [level, level]]))
        found[key] = {
            "knots": knots,
            "coef": dict(zip(case.names(key, "coef"), fit.coef, strict=True)),
            "p_overall_age": wald_test(fit.coef, fit.vcov, ages, fit.n).p,
            "chi2_nonlinear": bent.statistic,
            "p_nonlinear": bent.p,
            "p_nonlinear_lrt": likelihood_ratio(
                straight.deviance, 3, fit.deviance, fit.coef.size, fit.n
            ).p,
            "aic": fit.aic,
            name: linear_predictor(
                fit, np.column_stack([rcs_basis(points, knots), np.full_like(points, level)])
            ),
            "basis_first_row": basis[0],
            "or_vs_median_age": {"ref": reference, older: np.exp(apart[0] - apart[1])},
        }
    return found
