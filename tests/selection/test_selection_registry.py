"""Every registered selector, found by itself."""

import numpy as np
import pandas as pd
import pytest
from selection_toys import fitted, specs, table

from radpipe.core.target import KINDS
from radpipe.selection.registry import SELECTORS


def cases(columns=True):
    for spec in specs():
        for endpoint in sorted(spec.endpoints):
            if not (columns and spec.makes_columns):
                yield pytest.param(spec, endpoint, id=f"{spec.kind}-{endpoint}")


KEEPERS = list(cases())
ALL = list(cases(columns=False))


@pytest.mark.parametrize(("spec", "endpoint"), ALL)
def test_deterministic_and_indifferent_to_column_order(spec, endpoint):
    X, targets = table()
    y = targets[endpoint]
    first = fitted(spec, X, y)
    kept = set(first.get_feature_names_out())
    assert 0 < len(kept) < X.shape[1] or spec.kind == "variance"
    assert set(fitted(spec, X, y).get_feature_names_out()) == kept
    shuffled = X[list(np.random.default_rng(1).permutation(X.columns))]
    again = fitted(spec, shuffled, y)
    assert set(again.get_feature_names_out()) == kept
    pd.testing.assert_frame_equal(
        again.transform(shuffled), first.transform(X), check_like=True, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize(("spec", "endpoint"), KEEPERS)
def test_kept_columns_stay_as_and_where_they_were(spec, endpoint):
    X, targets = table(seed=1)
    X = X[list(np.random.default_rng(1).permutation(X.columns))]
    selector = fitted(spec, X, targets[endpoint])
    kept = set(selector.get_feature_names_out())
    assert selector.get_support().sum() == len(kept)
    pd.testing.assert_frame_equal(selector.transform(X), X[[c for c in X if c in kept]])


@pytest.mark.parametrize(("spec", "endpoint"), KEEPERS)
def test_copies_of_a_column_change_nothing_but_their_names(spec, endpoint):
    """With exact ties the first name wins, wherever the columns stand."""
    X, targets = table(seed=3)
    X = X.assign(**{"t1__f00copy": X["t1__f00"], "t1__a": X["t1__f01"]})
    kept = fitted(spec, X, targets[endpoint]).get_feature_names_out()
    again = fitted(spec, X[X.columns[::-1]], targets[endpoint]).get_feature_names_out()
    assert set(kept) == set(again)


@pytest.mark.parametrize(("spec", "endpoint"), KEEPERS)
def test_a_factor_stays_whole(spec, endpoint):
    X, targets = table(seed=4)
    level = np.random.default_rng(0).integers(0, 3, len(X))
    X = X.assign(**{"clinical.site=b": level == 1, "clinical.site=c": level == 2})
    kept = set(fitted(spec, X.astype(float), targets[endpoint]).get_feature_names_out())
    assert ("clinical.site=b" in kept) == ("clinical.site=c" in kept)


@pytest.mark.parametrize(("spec", "endpoint"), KEEPERS)
def test_copies_of_rows_in_one_group_are_taken(spec, endpoint):
    """The draw of a bootstrap: rows stand several times, each with the copies in its group."""
    X, targets = table(seed=5)
    rows = np.sort(np.random.default_rng(2).integers(0, len(X), len(X)))
    kept = fitted(spec, X.iloc[rows], targets[endpoint][rows], groups=rows)
    assert set(kept.get_feature_names_out()) <= set(X.columns)


@pytest.mark.parametrize("name", list(SELECTORS))
def test_endpoints_are_declared(name):
    assert SELECTORS[name].endpoints <= KINDS
    assert SELECTORS[name].endpoints


@pytest.mark.parametrize("spec", list(specs()), ids=lambda spec: spec.kind)
def test_settings_that_fit_no_endpoint_of_the_kind_say_so(spec):
    for endpoint in spec.endpoints:
        assert spec.takes(endpoint)
    assert spec in spec.parts()
