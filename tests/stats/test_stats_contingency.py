import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable, cochrans_q

from radpipe.stats import contingency, counts, fisher_exact, matched, roots, stratified, trend

TABLE = [[86, 29], [44, 30]]
STRATA = np.array([[[12, 5], [7, 9]], [[20, 11], [6, 8]], [[3, 9], [4, 15]]])
cell = st.integers(0, 20)


@given(cell, cell, cell, cell)
def test_fisher_agrees_with_scipy_and_with_its_interval(a, b, c, d):
    table = np.array([[a, b], [c, d]])
    result = contingency.fisher(table)
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        assert np.isnan(result.p)
        assert result.note
        return
    assert result.p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-8)
    assert result.lower <= result.estimate <= result.upper
    swapped = contingency.fisher(table[::-1])
    if result.estimate > 0:
        assert swapped.estimate == pytest.approx(1 / result.estimate, rel=1e-6)


def test_fisher_limits_have_their_tail_areas():
    # fisher.test prints 13.98947: its root finder stops at 1.2e-4 of the inverse.
    exact = contingency.fisher([[125, 52], [5, 7]])
    law = stats.nchypergeom_fisher
    assert law.cdf(125, 189, 130, 177, exact.upper) == pytest.approx(0.025, rel=1e-8)
    assert law.sf(124, 189, 130, 177, exact.lower) == pytest.approx(0.025, rel=1e-8)
    assert law.mean(189, 130, 177, exact.estimate) == pytest.approx(125, rel=1e-8)
    coarse = contingency.fisher([[125, 52], [5, 7]], root_tolerance=roots.R_TOLERANCE)
    assert coarse.upper == pytest.approx(13.98947, rel=1e-6)
    assert coarse.upper != pytest.approx(exact.upper, rel=1e-4)


def test_fisher_beyond_two_by_two_agrees_with_its_own_monte_carlo():
    table = np.array([[3, 6, 2], [8, 1, 4], [2, 5, 9]])
    exact = contingency.fisher(table)
    assert exact.method == "Fisher's exact test"
    assert fisher_exact._monte_carlo(table, 1) == pytest.approx(exact.p, abs=0.003)
    two = np.array([[3, 9], [8, 2]])
    assert fisher_exact._freeman_halton(two) == pytest.approx(contingency.fisher(two).p)


def test_large_tables_are_drawn_and_say_so():
    table = np.random.default_rng(0).integers(20, 40, (5, 5))
    first = contingency.fisher(table, seed=3)
    assert "Monte Carlo" in first.method
    assert contingency.fisher(table, seed=3).p == first.p


@given(st.floats(-5, 5))
def test_brent_finds_what_it_brackets(root):
    found = roots.brent(lambda x: (x - root) ** 3 + (x - root), -6, 7)
    assert found == pytest.approx(root, abs=1e-9)


def test_brent_needs_a_change_of_sign():
    with pytest.raises(ValueError, match="sign"):
        roots.brent(lambda x: x**2 + 1, -1, 1)


def test_count_rule():
    assert "chi-square" in contingency.count_test([[20, 15], [10, 25]]).method
    assert "Fisher" in contingency.count_test([[3, 2], [10, 25]]).method
    single = contingency.count_test([[3, 2], [0, 0]])
    assert np.isnan(single.p)
    assert single.note


@pytest.mark.parametrize("test", [contingency.chi_square, contingency.g_test, contingency.fisher])
@pytest.mark.parametrize("table", [np.zeros((2, 2)), [[3, 4]], np.zeros((0, 0))])
def test_one_line_has_no_test_but_a_reason(test, table):
    result = test(table)
    assert np.isnan(result.p)
    assert result.note


@pytest.mark.parametrize("table", [[[1, -1], [2, 3]], [[1, np.nan], [2, 3]], [1, 2]])
def test_what_is_no_table_of_counts_is_refused(table):
    with pytest.raises(ValueError, match="counts"):
        contingency.chi_square(table)
    with pytest.raises(ValueError, match="counts"):
        contingency.odds_ratio(table)


def test_likelihood_ratio_with_an_empty_cell():
    table = [[5, 0], [3, 9]]
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert contingency.g_test(table).p == pytest.approx(expected.pvalue)


def test_squared_residuals_of_two_by_two_are_chi_square():
    residuals = contingency.adjusted_residuals(TABLE)
    plain = contingency.chi_square(TABLE, correction=False)
    assert residuals**2 == pytest.approx(np.full((2, 2), plain.statistic))
    assert np.isnan(contingency.adjusted_residuals([[3, 0], [4, 0]])).all()


def test_measures_of_association():
    assert contingency.phi(TABLE) == pytest.approx(contingency.cramers_v(TABLE))
    assert contingency.phi(TABLE[::-1]) == pytest.approx(-contingency.phi(TABLE))
    assert np.isnan(contingency.phi([[3, 0], [4, 0]]))
    # Newcombe 1998, table II: 56/70 - 48/80 by method 10
    newcombe = contingency.risk_difference([[32, 48], [14, 56]])
    assert (newcombe.lower, newcombe.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    with pytest.raises(ValueError, match="wald"):
        contingency.risk_difference(TABLE, interval="exact")
    # no case without the event is no obstacle to a ratio of risks
    assert contingency.risk_ratio([[0, 5], [2, 6]]).estimate == pytest.approx(0.75)


def test_labels_must_be_known():
    with pytest.raises(ValueError, match="missing"):
        counts.cross_table([1.0, np.nan], [0, 1])
    with pytest.raises(ValueError, match="missing"):
        counts.cross_table(["a", None], [0, 1])


def test_mcnemar_kinds():
    assert matched.mcnemar(6, 16).method == matched.mcnemar(6, 16, "exact").method
    assert "correction" in matched.mcnemar(10, 16).method
    exact, mid = matched.mcnemar(3, 9, "exact"), matched.mcnemar(3, 9, "mid-p")
    assert exact.p - mid.p == pytest.approx(stats.binom.pmf(3, 12, 0.5))
    assert matched.mcnemar(4, 4, "mid-p").p == pytest.approx(1 - stats.binom.pmf(4, 8, 0.5) / 2)
    assert matched.mcnemar(30, 30).p == 1
    assert exact.estimate == pytest.approx(1 / 3)
    assert matched.mcnemar(5, 0).upper == np.inf
    assert matched.mcnemar(0, 0).note
    with pytest.raises(ValueError, match="kind"):
        matched.mcnemar(1, 2, "midp")
    with pytest.raises(ValueError, match="whole"):
        matched.mcnemar(-1, 2)


def test_cochran_q():
    outcomes = np.random.default_rng(0).integers(0, 2, (30, 4)).astype(float)
    expected = cochrans_q(outcomes)
    result = matched.cochran_q(outcomes)
    assert result.statistic == pytest.approx(expected.statistic)
    assert result.p == pytest.approx(expected.pvalue)
    two = outcomes[:, :2]
    b, c = int(np.sum(two[:, 0] > two[:, 1])), int(np.sum(two[:, 0] < two[:, 1]))
    assert matched.cochran_q(two).p == pytest.approx(matched.mcnemar(b, c, "chi-square").p)
    outcomes[0, 0] = np.nan
    assert "1 incomplete" in matched.cochran_q(outcomes).note
    assert np.isnan(matched.cochran_q(np.ones((4, 3))).p)
    with pytest.raises(ValueError, match="0 and 1"):
        matched.cochran_q([[0, 2], [1, 1]])


def test_strata_agree_with_statsmodels():
    reference = StratifiedTable(STRATA.transpose(1, 2, 0).astype(float))
    test = stratified.cmh(STRATA)
    assert test.estimate == pytest.approx(reference.oddsratio_pooled)
    limits = reference.oddsratio_pooled_confint()
    assert (test.lower, test.upper) == pytest.approx(limits)
    assert test.p == pytest.approx(reference.test_null_odds(correction=True).pvalue)
    plain = stratified.cmh(STRATA, correction=False)
    assert plain.statistic == pytest.approx(reference.test_null_odds(correction=False).statistic)
    for tarone in (True, False):
        expected = reference.test_equal_odds(adjust=tarone)
        found = stratified.breslow_day(STRATA, tarone)
        assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_one_stratum_is_chi_square_less_one_case():
    table = np.array([[10, 4, 6], [3, 8, 9]])
    one, plain = stratified.cmh(table[None]), contingency.chi_square(table)
    assert one.statistic == pytest.approx(plain.statistic * (table.sum() - 1) / table.sum())
    assert one.df == 2


def test_degenerate_strata():
    assert np.isnan(stratified.cmh(np.zeros((2, 2, 2))).p)
    assert stratified.cmh([[[5, 0], [7, 0]]]).note
    assert "left out" in stratified.cmh([*STRATA.tolist(), [[1, 0], [0, 0]]]).note
    empty = stratified.common_odds_ratio([[[5, 0], [0, 4]]])
    assert empty.estimate == np.inf
    assert np.isnan(empty.lower)
    assert np.isnan(stratified.breslow_day(STRATA[:1]).p)
    with pytest.raises(ValueError, match="two rows"):
        stratified.breslow_day(np.ones((2, 3, 2)))


def test_equal_odds_ratios_are_homogeneous():
    assert stratified.breslow_day([[[10, 5], [5, 10]], [[20, 10], [10, 20]]]).statistic < 1e-9


def test_trend_of_proportions():
    events, totals = np.array([3, 6, 11]), np.array([20, 20, 20])
    result = trend.cochran_armitage(events, totals)
    x = np.repeat([1, 2, 3], totals)
    y = np.concatenate(
        [np.r_[np.ones(e), np.zeros(t - e)] for e, t in zip(events, totals, strict=True)]
    )
    assert result.statistic == pytest.approx(60 * np.corrcoef(x, y)[0, 1] ** 2)
    two = trend.cochran_armitage([3, 9], [20, 25])
    plain = contingency.chi_square([[17, 3], [16, 9]], correction=False)
    assert two.p == pytest.approx(plain.p)
    assert trend.cochran_armitage([0, 0], [3, 4]).note
    with pytest.raises(ValueError, match="between 0 and totals"):
        trend.cochran_armitage([5, 1], [3, 4])
