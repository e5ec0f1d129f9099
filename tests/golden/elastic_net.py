"""What the three elastic-net cases have in common."""

from typing import Any

from radpipe.stats import lasso


def coefficients(
    path: lasso.Path, names: list[str], penalty: float, shown: list[str]
) -> dict[str, float]:
    """Return the coefficients that are not 0, and those that R shows (it may show a 0)."""
    intercepts, coefs = lasso.coefficients_at(path, penalty)
    values = dict(zip(names, coefs[0].tolist(), strict=True))
    if path.family != "cox":
        values["(Intercept)"] = float(intercepts[0])
    return {n: v for n, v in values.items() if v != 0 or n in shown}


def curve(found: lasso.CvPath) -> dict[str, Any]:
    """Return the cross-validated error and the penalties that it chooses."""
    return {
        "cvm": found.cv_mean,
        "cvsd": found.cv_se,
        "lambda_min": found.lambda_min,
        "lambda_1se": found.lambda_1se,
    }
