import numpy as np
import pytest
from scipy import stats

from radpipe.stats.bland_altman import bland_altman

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(8)
X = RNG.normal(100, 15, 25)
Y = X + RNG.normal(2, 5, 25)


def test_swapped_methods_mirror_everything():
    one, other = bland_altman(X, Y, interval="exact"), bland_altman(Y, X, interval="exact")
    assert one.bias.estimate == pytest.approx(-other.bias.estimate)
    assert one.lower_limit.lower == pytest.approx(-other.upper_limit.upper)
    assert one.upper_limit.lower == pytest.approx(-other.lower_limit.upper)
    assert one.trend.p == pytest.approx(other.trend.p)


def test_the_tests_are_scipys():
    found = bland_altman(X, Y)
    assert found.bias_test.p == pytest.approx(stats.ttest_rel(X, Y).pvalue)
    line = stats.linregress((X + Y) / 2, X - Y)
    assert found.trend.estimate == pytest.approx(line.slope)
    assert found.trend.p == pytest.approx(line.pvalue)


def test_ratios_are_limits_of_logarithms():
    ratio, log = bland_altman(X, Y, unit="ratio"), bland_altman(np.log(X), np.log(Y))
    assert np.log(ratio.upper_limit.upper) == pytest.approx(log.upper_limit.upper)
    assert ratio.repeatability == pytest.approx(np.exp(log.repeatability))
    assert bland_altman(3 * X, X, unit="ratio").bias.estimate == pytest.approx(3)
    assert bland_altman(3 * X, X, unit="percent").bias.estimate == pytest.approx(100)


def test_exact_intervals_cover():
    rng = np.random.default_rng(4)
    true = stats.norm.ppf(0.975)
    hits = 0
    for _ in range(200):
        limit = bland_altman(rng.normal(size=8), np.zeros(8), interval="exact").upper_limit
        hits += limit.lower <= true <= limit.upper
    assert 180 <= hits <= 199


def test_what_is_undefined_is_said():
    alone = bland_altman([1.0, np.nan], [2.0, 3.0])
    assert alone.bias.estimate == -1
    assert np.isnan(alone.upper_limit.estimate)
    assert "fewer than two pairs" in alone.note
    assert "1 incomplete" in alone.note
    shifted = bland_altman(X + 0.1, X, interval="exact")
    assert shifted.sd == 0
    assert shifted.upper_limit.upper == shifted.bias.estimate
    assert np.isnan(shifted.bias_test.p)
    assert "constant" in shifted.note
    assert np.isnan(bland_altman([], []).bias.estimate)
    assert bland_altman(2 * X, X).trend.note
    assert bland_altman([3.0, 1, 2], [1.0, 3, 2]).trend.note


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="positive"):
        bland_altman([1.0, -1], [1.0, 2], unit="ratio")
    with pytest.raises(ValueError, match="mean 0"):
        bland_altman([1.0, 1], [-1.0, 2], unit="percent")
    with pytest.raises(ValueError, match="not paired"):
        bland_altman([1.0], [1.0, 2])
    with pytest.raises(ValueError, match="exact, not"):
        bland_altman(X, Y, interval="wrong")
    with pytest.raises(ValueError, match="coverage"):
        bland_altman(X, Y, coverage=2)
