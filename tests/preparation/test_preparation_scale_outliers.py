"""Scales against the statistics' own; limits of outliers by hand."""

import numpy as np
import pandas as pd
import pytest

from radpipe.preparation.order import Ordered, moments
from radpipe.preparation.outliers import OutliersSpec
from radpipe.preparation.scale import Scale
from radpipe.stats.scaling import fit_scaling


def frame(n=41, p=6, gaps=0.1):
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=(n, p)) * 10.0 ** np.arange(-2, p - 2)
    values[rng.random((n, p)) < gaps] = np.nan
    return pd.DataFrame(values, columns=[f"t1__f{i}" for i in range(p)])


def test_order_statistics_of_known_values():
    X = frame().to_numpy()
    X[:, 2] = np.nan
    order = Ordered(X)
    for j, column in enumerate(X.T):
        known = column[~np.isnan(column)]
        if not known.size:
            assert np.isnan(order.median()[j])
            assert np.isnan(order.quantile(0.3)[j])
            continue
        assert order.median()[j] == np.median(known)
        for q in (0.0, 0.1, 0.5, 0.77, 1.0):
            assert order.quantile(q)[j] == pytest.approx(np.quantile(known, q), rel=1e-14)
        mean, sd = moments(X)
        assert mean[j] == pytest.approx(known.mean(), rel=1e-14)
        assert sd[j] == pytest.approx(known.std(ddof=1), rel=1e-13)


@pytest.mark.parametrize(
    ("method", "kind"), [("z", "zscore"), ("min_max", "minmax"), ("robust", "robust")]
)
def test_scaled_as_by_the_statistics(method, kind):
    X = frame()
    want = fit_scaling(X.to_numpy(), kind).apply(X.to_numpy())
    assert np.allclose(Scale(method).fit_transform(X), want, rtol=1e-12, equal_nan=True)


def test_features_only_or_all():
    X = frame(gaps=0).assign(**{"clinical.age": np.arange(41.0), "radscore": np.arange(41.0) / 2})
    own = Scale("z", "features").fit_transform(X)
    assert own["clinical.age"].equals(X["clinical.age"])
    assert own["radscore"].equals(X["radscore"])
    assert np.allclose(Scale("z", "all").fit_transform(X).std(ddof=1), 1)


@pytest.mark.parametrize("method", ["z", "min_max", "robust"])
def test_a_constant_becomes_nothing_and_a_rare_count_keeps_a_finite_scale(method):
    X = pd.DataFrame({"t1__c": [7.0] * 20, "t1__rare": [0.0] * 19 + [4.0]})
    step = Scale(method)
    Z = step.fit_transform(X)
    assert (Z["t1__c"] == 0).all()
    assert np.isfinite(Z["t1__rare"]).all()
    assert Z["t1__rare"].iloc[-1] > 0
    assert (step.without_range_ == ["t1__rare"]) == (method == "robust")


def test_outliers_go_to_the_median_of_training():
    train = pd.DataFrame({"t1__a": [1.0, 2, 3, 4, 5, 100], "clinical.age": [1.0, 2, 3, 4, 5, 100]})
    step = OutliersSpec(k=3).build(0)
    Z = step.fit_transform(train)
    # quartiles 2.25 and 4.75: beyond -5.25 and 12.25
    assert list(Z["t1__a"]) == [1, 2, 3, 4, 5, 3.5]
    assert list(Z["clinical.age"]) == list(train["clinical.age"])
    later = pd.DataFrame({"t1__a": [12.0, 13.0, -6.0], "clinical.age": [0.0, 0, 0]})
    assert list(step.transform(later)["t1__a"]) == [12, 3.5, 3.5]
    assert step.report()["replaced"] == {"t1__a": 1}
    assert step.transform(Z).equals(Z)


@pytest.mark.parametrize(
    ("rule", "middle", "spread"), [("mad", 3.5, 2.2239), ("sd", 115 / 6, None)]
)
def test_other_limits(rule, middle, spread):
    values = [1.0, 2, 3, 4, 5, 100]
    step = OutliersSpec(rule=rule, k=2).build(0).fit(pd.DataFrame({"t1__a": values}))
    reach = 2 * (spread or np.std(values, ddof=1))
    assert (step.low_[0], step.high_[0]) == pytest.approx((middle - reach, middle + reach))


def test_winsorised_to_training_quantiles():
    train = pd.DataFrame({"t1__a": np.arange(101.0)})
    step = OutliersSpec(method="winsorise", quantiles=(0.05, 0.9)).build(0).fit(train)
    later = step.transform(pd.DataFrame({"t1__a": [-3.0, 50.0, 1e9, np.nan]}))
    assert list(later["t1__a"][:3]) == [5, 50, 90]
    assert np.isnan(later["t1__a"][3])
    with pytest.raises(ValueError, match="do not rise"):
        OutliersSpec(method="winsorise", quantiles=(0.9, 0.1))


def test_most_values_alike_is_no_reason_to_lose_the_others():
    train = pd.DataFrame({"t1__a": [0.0] * 18 + [1.0, 5.0]})
    step = OutliersSpec().build(0)
    assert step.fit_transform(train).equals(train)
    assert step.report()["columns_without_spread"] == 1


def test_factors_are_no_outliers():
    frame = pd.DataFrame({"clinical.s=b": [0.0] * 30 + [1.0], "clinical.g": [0.0] * 30 + [2.0]})
    frame["score"] = np.r_[np.arange(30.0), 1e6]
    frame.attrs["levels"] = {"clinical.s": ["a", "b"], "clinical.g": ["x", "y", "z"]}
    step = OutliersSpec(columns="all").build(0)
    Z = step.fit_transform(frame)
    for name in ("clinical.s=b", "clinical.g"):
        assert Z[name].equals(frame[name])
    assert step.report()["replaced"] == {"score": 1}
