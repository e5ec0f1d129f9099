import numpy as np
import pytest

from radpipe.stats.lin_ccc import lin_ccc
from radpipe.stats.method_comparison import deming, deming_known_errors, passing_bablok

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(6)
TRUE = RNG.uniform(1, 10, 40)
X = TRUE + RNG.normal(0, 0.3, 40)
Y = 0.5 + 1.2 * TRUE + RNG.normal(0, 0.3, 40)


def test_ccc_is_at_most_pearson():
    found = lin_ccc(X, Y)
    assert abs(found.estimate) < abs(found.pearson)
    assert found.estimate == pytest.approx(found.pearson * found.bias_factor)
    assert found.lower < found.estimate < found.upper
    assert lin_ccc(Y, X).estimate == pytest.approx(found.estimate)
    assert lin_ccc(3 * X + 1, 3 * Y + 1).lower == pytest.approx(found.lower)


def test_ccc_at_its_ends():
    same = lin_ccc(X, X)
    assert (same.lower, same.upper) == (same.estimate, same.estimate)
    assert same.estimate == pytest.approx(1)
    centred = X - X.mean()
    assert lin_ccc(centred, -centred).estimate == pytest.approx(-1)
    for a, b in (([1.0, 1, 1], [1.0, 2, 3]), ([1.0], [2.0]), ([], [])):
        assert np.isnan(lin_ccc(a, b).estimate)
        assert lin_ccc(a, b).note
    assert np.isnan(lin_ccc([1.0, 2], [2.0, 1]).lower)
    apart = lin_ccc([-1.0, 0, 1, 0], [0.0, 1, 0, -1])
    assert (apart.estimate, np.isnan(apart.lower)) == (0, True)
    with pytest.raises(ValueError, match="asymptotic"):
        lin_ccc(X, Y, interval="bootstrap")


def test_deming_turned_round_is_the_inverse_line():
    one, other = deming(X, Y, ratio=2), deming(Y, X, ratio=0.5)
    assert one.slope.estimate == pytest.approx(1 / other.slope.estimate)
    assert one.slope.lower < 1.2 < one.slope.upper
    assert one.intercept.lower < 0.5 < one.intercept.upper
    falling = deming(X, -Y)
    assert falling.slope.estimate == pytest.approx(-deming(X, Y).slope.estimate)


def test_deming_without_error_in_x_is_least_squares():
    slope, intercept = np.polyfit(X, Y, 1)
    line = deming(X, Y, ratio=0)
    assert (line.slope.estimate, line.intercept.estimate) == pytest.approx((slope, intercept))


def test_deming_leaves_one_out():
    found = deming(X, Y, ratio=1.7)
    left = [
        deming(np.delete(X, i), np.delete(Y, i), ratio=1.7).intercept.estimate
        for i in range(X.size)
    ]
    n = X.size
    assert found.intercept.se == pytest.approx((n - 1) * np.std(left, ddof=1) / np.sqrt(n))


def test_known_errors():
    line = deming(X, Y, ratio=4)
    found = deming_known_errors(X, Y, x_sd=2, y_sd=1)
    assert found == pytest.approx((line.intercept.estimate, line.slope.estimate), rel=1e-6)
    sd = np.where(np.arange(40) == 3, 1e4, 1)
    far = Y.copy()
    far[3] = 1e3
    intercept, slope = deming_known_errors(X, far, 1, sd)
    rest = np.delete(np.arange(40), 3)
    without = deming(X[rest], Y[rest])
    assert (intercept, slope) == pytest.approx(
        (without.intercept.estimate, without.slope.estimate), rel=1e-3
    )
    falling = deming_known_errors(X, -Y, x_sd=2)
    assert falling == pytest.approx((-found[0], -found[1]), rel=1e-6)
    with pytest.raises(ValueError, match="above 0"):
        deming_known_errors(X, Y, x_sd=0)
    with pytest.raises(ValueError, match="missing"):
        deming_known_errors([1, np.nan, 2], [1, 2, 3])


def test_passing_bablok():
    exact = passing_bablok(TRUE, 0.5 + 1.2 * TRUE)
    assert (exact.slope.estimate, exact.intercept.estimate) == pytest.approx((1.2, 0.5))
    found, other = passing_bablok(X, Y), passing_bablok(Y, X)
    assert found.slope.lower < 1.2 < found.slope.upper
    assert found.slope.estimate == pytest.approx(1 / other.slope.estimate, rel=1e-3)
    far = Y.copy()
    far[0] = 1e6
    assert passing_bablok(X, far).slope.estimate == pytest.approx(found.slope.estimate, rel=0.02)
    falling = passing_bablok(X, -Y)
    assert (falling.slope.lower, falling.slope.upper) == pytest.approx(
        (-found.slope.upper, -found.slope.lower)
    )
    tied = passing_bablok(np.round(X), np.round(Y))
    assert 1 < tied.slope.estimate < 1.5


@pytest.mark.parametrize("fit", [deming, passing_bablok])
@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 1, 1, 1], [1.0, 2, 3, 4]), ([1.0, 2], [1.0, 2]), ([], [])]
)
def test_no_line_is_said(fit, x, y):
    line = fit(x, y)
    assert np.isnan([line.slope.estimate, line.intercept.lower]).all()
    assert line.note


def test_few_pairs_have_no_interval():
    for fit in (deming, passing_bablok):
        line = fit([1.0, 2, 3, np.nan], [1.0, 2.1, 2.9, 1])
        assert line.slope.estimate == pytest.approx(0.95, abs=0.1)
        assert np.isnan(line.slope.lower)
        assert "1 incomplete" in line.note
    assert np.isnan(deming([-1.0, 0, 1, 0], [0.0, 1, 0, -1]).slope.estimate)
    with pytest.raises(ValueError, match="ratio"):
        deming(X, Y, ratio=-1)
