"""A table with features, factors, gaps and batches."""

import numpy as np
import pandas as pd

from radpipe.preparation.registry import PREPARATION

CLINICAL = {
    "age": {"type": "continuous"},
    "grade": {"type": "ordinal", "levels": ["Low", "Mid", "High"]},
    "site": {"type": "nominal", "levels": ["arm", "leg", "trunk"]},
}
STEPS = {
    "median": [{"kind": "impute", "indicator": True}],
    "most_frequent": [{"kind": "impute", "method": "most_frequent"}],
    "knn": [{"kind": "impute", "method": "knn", "indicator": True}],
    "iterative": [{"kind": "impute", "method": "iterative", "predictors": 3, "rounds": 3}],
    "outliers": [{"kind": "outliers"}, {"kind": "scale", "method": "robust", "columns": "all"}],
    "winsorise": [{"kind": "outliers", "method": "winsorise", "columns": "all"}],
    "min_max": [{"kind": "scale", "method": "min_max"}, {"kind": "impute", "method": "knn"}],
    "combat": [{"kind": "combat", "batch": "scanner"}, {"kind": "scale"}],
    "covariates": [
        {"kind": "combat", "batch": "scanner", "covariates": ["site", "age"], "reference": "A"}
    ],
}


def steps(name):
    """Return the settings of a named chain of steps."""
    return tuple(PREPARATION[s["kind"]](**s) for s in STEPS[name])


def table(n=60, p=12, seed=0, gaps=0.08):
    """Return features with batch effects, clinical variables and batches, with gaps."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 4))
    X = latent[:, rng.integers(0, 4, p)] + 0.5 * rng.normal(size=(n, p))
    batch = rng.integers(0, 2, n)
    X = (X * (1 + batch[:, None]) + 2 * batch[:, None] * rng.normal(size=p)) * 10 ** np.arange(p)
    X[rng.random((n, p)) < gaps] = np.nan
    frame = pd.DataFrame(X, columns=[f"t1__f{i:02d}" for i in range(p)])
    frame["clinical.age"] = rng.normal(60, 9, n).round()
    for name in ("grade", "site"):
        frame[f"clinical.{name}"] = rng.choice(CLINICAL[name]["levels"], n)
    for name in ("age", "grade", "site"):
        frame[f"covariate.{name}"] = frame[f"clinical.{name}"]
        frame[f"clinical.{name}"] = frame[f"clinical.{name}"].mask(rng.random(n) < gaps)
    frame["batch.scanner"] = np.array(["A", "B"])[batch]
    return frame
