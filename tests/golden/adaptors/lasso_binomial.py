"""glmnet: the binomial path and its cross-validation."""

from typing import Any

from radpipe.stats import lasso
from radpipe.stats.roc import auc
from tests.golden.case import Case
from tests.golden.elastic_net import coefficients, curve

RUNS = {
    "lasso_deviance": {},
    "lasso_auc": {"measure": "auc"},
    "lasso_class": {"measure": "class"},
    "elastic_0.5_deviance": {"alpha": 0.5},
    "ridge_deviance": {"alpha": 0.0},
    "lasso_deviance_unstandardized": {"standardize": False},
    "lasso_deviance_exact_lambda_in_folds": {},
    "lasso_auc_exact_lambda_in_folds": {"measure": "auc"},
    "elastic_0.5_exact_lambda_in_folds": {"alpha": 0.5},
}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = [c for c in frame if c.startswith("V")]
    X, y, folds = frame[names].to_numpy(), frame["y"].to_numpy(), frame["foldid"]
    found: dict[str, Any] = {}
    for key, settings in RUNS.items():
        done = lasso.cv_binomial(X, y, folds, exact="exact_lambda" in key, **settings)
        path = done.path
        score = lasso.linear_predictor(path, X, done.lambda_1se)[:, 0]
        found[key] = curve(done) | {
            "alpha": path.alpha,
            "type_measure": settings.get("measure", "deviance"),
            "standardize": settings.get("standardize", True),
            "lambda_max": path.lambdas[0],
            "n_lambda": path.lambdas.size,
            "lambda_ratio_step": path.lambdas[1] / path.lambdas[0],
            "lambda": path.lambdas,
            "nzero": path.nonzero,
            "dev_ratio": path.dev_ratio,
            "null_deviance": path.null_deviance,
            "index_min": done.index_min + 1,
            "index_1se": done.index_1se + 1,
            "coef_lambda_min": coefficients(
                path, names, done.lambda_min, case.names(key, "coef_lambda_min")
            ),
            "coef_lambda_1se": coefficients(
                path, names, done.lambda_1se, case.names(key, "coef_lambda_1se")
            ),
            "n_nonzero_min": path.nonzero[done.index_min],
            "n_nonzero_1se": path.nonzero[done.index_1se],
            "radscore_1se_first10": score[:10],
            "auc_radscore_1se": auc(y, score),
        }
    scale = lasso.path_binomial(X, y, n_lambda=5).scale
    return found | {"std_used": dict(zip(names, scale, strict=True))}
