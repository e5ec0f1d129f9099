"""glmnet: the Cox path and its cross-validation."""

from typing import Any

import numpy as np

from radpipe.stats import lasso
from tests.golden.case import Case
from tests.golden.elastic_net import coefficients, curve

RUNS = {
    "grouped_true_default": {"exact": False},
    "grouped_false": {"exact": False, "grouped": False},
    "type_C": {"exact": False, "measure": "c_index"},
    "ties_time_rounded_0.1": {"exact": False},
    "grouped_true_exact_lambda_in_folds": {},
    "grouped_false_exact_lambda_in_folds": {"grouped": False},
}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = [c for c in frame if c.startswith("X")]
    X, exact_time = frame[names].to_numpy(), frame["time"]
    tied_time = np.maximum(exact_time.round(1), 0.1)
    found: dict[str, Any] = {}
    for key, settings in RUNS.items():
        time = tied_time if "ties" in key else exact_time
        done = lasso.cv_cox(X, time, frame["status"], frame["foldid"], **settings)
        path = done.path
        found[key] = curve(done) | {
            "lambda": path.lambdas,
            "nzero": path.nonzero,
            "coef_min": coefficients(path, names, done.lambda_min, case.names(key, "coef_min")),
            "coef_1se": coefficients(path, names, done.lambda_1se, case.names(key, "coef_1se")),
            "lp_1se_first10": lasso.linear_predictor(path, X, done.lambda_1se)[:10, 0],
        }
        if key == "grouped_true_default":
            found |= {"dev_ratio": path.dev_ratio, "null_deviance": path.null_deviance}
    return found
