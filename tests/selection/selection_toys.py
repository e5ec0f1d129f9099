"""Tables with a known signal, and settings under which every selector works on them."""

import numpy as np
import pandas as pd

from radpipe.core import target
from radpipe.selection.registry import SELECTORS
from tests.libraries import absent

SETTINGS = {
    "icc": {"threshold": 0.6},
    "correlation": {"threshold": 0.7},
    "clusters": {"n": 8},
    "vif": {"threshold": 4},
    "univariable": {"p": 0.2},
    "mutual_information": {"n": 5},
    "k_best": {"n": 5},
    "relieff": {"n": 5},
    "mrmr": {"n": 4},
    "lasso": {"folds": 4},
    "elastic_net": {"folds": 4},
    "boruta": {"rounds": 8, "trees": 10, "p": 0.5, "undecided": "keep"},
    "rfe": {"n": 5},
    "forest_importance": {"n": 5, "trees": 30},
    "survival_forest_importance": {"n": 5, "trees": 20},
    "univariable_multivariable": {"p": 0.05, "p_multivariable": 0.4},
    "pca": {"n": 3},
    "stability": {"halves": 10, "threshold": 0.6, "errors": 3},
}
"""Settings other than the defaults, by kind."""


def outcomes(eta, rng):
    """Return a target of every kind that goes with a number, noise added."""
    n = len(eta)

    def noisy():
        return eta + rng.normal(size=n)

    def cut(k):
        value = noisy()
        return np.searchsorted(np.quantile(value, np.arange(1, k) / k), value)

    return {
        "binary": target.binary(cut(2)),
        "multiclass": target.multiclass(cut(3), 3),
        "ordinal": target.ordinal(cut(3), 3),
        "multilabel": target.multilabel(np.column_stack([cut(2), cut(2)])),
        "continuous": target.continuous(noisy()),
        "survival": target.survival(rng.exponential(np.exp(-eta)), rng.random(n) < 0.7),
    }


def table(seed=0, n=60, p=24):
    """Return columns made of eight latent variables, and targets that go with the first."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 8))
    X = latent[:, rng.integers(0, 8, p)] + 0.5 * rng.normal(size=(n, p))
    frame = pd.DataFrame(X, columns=[f"t1__f{i:02d}" for i in range(p)])
    return frame, outcomes(1.5 * latent[:, 0], rng)


def readings_of(X):
    """Return a second reading: a column's noise grows with its place among the names."""
    rng = np.random.default_rng(99)
    names = sorted(X.columns)
    noise = rng.normal(size=X.shape) * np.linspace(0, 2, len(names))
    return {"r2": X + pd.DataFrame(noise, columns=names, index=X.index)[X.columns]}


def fitted(spec, X, y, seed=5, groups=None):
    """Return the selector, fitted with second readings where it needs them."""
    given = {"readings": readings_of(X)} if spec.needs_readings else {}
    return spec.build(seed).fit(X, y, groups, **given)


def specs():
    """Yield the settings of every registered kind whose libraries are there."""
    for name in (name for name in SELECTORS if not absent(SELECTORS[name])):
        yield SELECTORS[name](**SETTINGS.get(name, {}))
