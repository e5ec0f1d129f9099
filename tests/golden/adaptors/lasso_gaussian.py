"""glmnet: the gaussian path and its cross-validation."""

from typing import Any

import numpy as np

from radpipe.stats import lasso
from tests.golden.case import Case
from tests.golden.elastic_net import coefficients, curve


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = [c for c in frame if c.startswith("X")]
    X, y, folds = frame[names].to_numpy(), frame["y"], frame["foldid"]
    exact = lasso.cv_gaussian(X, y, folds)
    own = lasso.cv_gaussian(X, y, folds, exact=False)
    half = lasso.cv_gaussian(X, y, folds, exact=False, alpha=0.5)
    ols = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0][1:]
    adaptive = lasso.cv_gaussian(X, y, folds, exact=False, penalty_factor=1 / np.abs(ols))

    def at(done: lasso.CvPath, penalty: float, *place: str) -> dict[str, float]:
        return coefficients(done.path, names, penalty, case.names(*place))

    return curve(own) | {
        "exact_lambda_in_folds": {"lambda": exact.path.lambdas} | curve(exact),
        "lambda": own.path.lambdas,
        "dev_ratio": own.path.dev_ratio,
        "coef_lambda_min": at(own, own.lambda_min, "coef_lambda_min"),
        "coef_lambda_1se": at(own, own.lambda_1se, "coef_lambda_1se"),
        "coef_at_lambda_0.1": at(own, 0.1, "coef_at_lambda_0.1"),
        "elastic_0.5": {
            "lambda_min": half.lambda_min,
            "lambda_1se": half.lambda_1se,
            "coef_min": at(half, half.lambda_min, "elastic_0.5", "coef_min"),
        },
        "adaptive_ols_weights": {
            "lambda_min": adaptive.lambda_min,
            "coef_min": at(adaptive, adaptive.lambda_min, "adaptive_ols_weights", "coef_min"),
        },
    }
