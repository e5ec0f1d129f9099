"""Every registered selector, found by itself."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.selection.registry import SELECTORS

SETTINGS = {"univariable": {"p": 0.2}, "mrmr": {"n": 4}, "correlation": {"threshold": 0.7}}


def table(seed=0, n=60, p=24):
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 8))
    X = latent[:, rng.integers(0, 8, p)] + 0.5 * rng.normal(size=(n, p))
    y = (latent[:, 0] + rng.normal(size=n) > 0).astype(int)
    frame = pd.DataFrame(X, columns=[f"t1__f{i:02d}" for i in range(p)])
    time = rng.exponential(np.exp(-latent[:, 0]))
    return frame, {"binary": y, "survival": target.survival(time, rng.random(n) < 0.7)}


def cases():
    for name in SELECTORS:
        spec = SELECTORS[name](**SETTINGS.get(name, {}))
        for endpoint in sorted(spec.endpoints):
            yield pytest.param(spec, endpoint, id=f"{name}-{endpoint}")


@pytest.mark.parametrize(("spec", "endpoint"), list(cases()))
def test_deterministic_and_indifferent_to_column_order(spec, endpoint):
    X, targets = table()
    y = targets[endpoint]
    kept = set(spec.build(5).fit(X, y).get_feature_names_out())
    assert 0 < len(kept) < X.shape[1] or spec.kind == "variance"
    assert set(spec.build(5).fit(X, y).get_feature_names_out()) == kept
    shuffled = X[list(np.random.default_rng(1).permutation(X.columns))]
    selector = spec.build(5).fit(shuffled, y)
    assert set(selector.get_feature_names_out()) == kept
    assert selector.get_support().sum() == len(kept)
    assert list(selector.transform(shuffled).columns) == [c for c in shuffled if c in kept]


@pytest.mark.parametrize(("spec", "endpoint"), list(cases()))
def test_copies_of_a_column_change_nothing_but_their_names(spec, endpoint):
    """With exact ties the first name wins, wherever the columns stand."""
    X, targets = table(seed=3)
    X = X.assign(**{"t1__f00copy": X["t1__f00"], "t1__a": X["t1__f01"]})
    kept = spec.build(1).fit(X, targets[endpoint]).get_feature_names_out()
    again = spec.build(1).fit(X[X.columns[::-1]], targets[endpoint]).get_feature_names_out()
    assert set(kept) == set(again)


@pytest.mark.parametrize("name", list(SELECTORS))
def test_endpoints_are_declared(name):
    assert SELECTORS[name].endpoints <= {"binary", "survival"}
    assert SELECTORS[name].endpoints


@pytest.mark.parametrize(("spec", "endpoint"), list(cases()))
def test_a_factor_stays_whole(spec, endpoint):
    X, targets = table(seed=4)
    level = np.random.default_rng(0).integers(0, 3, len(X))
    X = X.assign(**{"clinical.site=b": level == 1, "clinical.site=c": level == 2})
    kept = set(spec.build(1).fit(X.astype(float), targets[endpoint]).get_feature_names_out())
    assert ("clinical.site=b" in kept) == ("clinical.site=c" in kept)
