import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from radpipe.stats import mixed_model, multigroup, repeated_measures, t_tests
from radpipe.stats.design import DegenerateDataError


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    return rng.normal(size=(14, 4)) + rng.normal(size=(14, 1)) + [0, 0.3, 0.6, 0.9]


def test_two_conditions_are_the_paired_t_test(values):
    result = repeated_measures.rm_anova(values[:, :2])
    paired = t_tests.paired_t_test(values[:, 0], values[:, 1])
    assert result.within.statistic == pytest.approx(paired.statistic**2)
    assert result.within.p == result.within.p_huynh_feldt == pytest.approx(paired.p)
    assert np.isnan(result.sphericity.mauchly_p)


def test_sums_of_squares_of_a_complete_table(values):
    n, k = values.shape
    off = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    result = repeated_measures.rm_anova(values)
    assert result.within.mean_square_error == pytest.approx(np.sum(off**2) / ((n - 1) * (k - 1)))
    shape = result.sphericity
    assert 1 / (k - 1) <= shape.greenhouse_geisser <= 1
    assert shape.greenhouse_geisser <= shape.huynh_feldt
    assert result.within.p <= result.within.p_huynh_feldt <= result.within.p_greenhouse_geisser
    shifted = repeated_measures.rm_anova(values + np.arange(n)[:, None])
    assert shifted.within.statistic == pytest.approx(result.within.statistic)


def test_balanced_groups_add_up(values):
    label = np.repeat(["a", "b"], 7)
    mixed, plain = repeated_measures.rm_anova(values, label), repeated_measures.rm_anova(values)
    assert (mixed.within.df_error, mixed.interaction.df) == (36, 3)
    ss = mixed.interaction.statistic * 3 * mixed.interaction.mean_square_error
    both = ss + 36 * mixed.within.mean_square_error
    assert both == pytest.approx(39 * plain.within.mean_square_error)
    means = values.mean(axis=1)
    between = multigroup.anova([means[label == g] for g in ("a", "b")])
    assert mixed.between.statistic == pytest.approx(between.statistic)
    assert mixed.between.p == mixed.between.p_greenhouse_geisser


def test_an_effect_within_weights_groups_equally(values):
    # three copies of a group move the cases' mean, not the mean of the groups' means
    label = np.repeat(["a", "b"], 7)
    more = np.vstack([values, values[:7], values[:7]])
    one = repeated_measures.rm_anova(values, label).within
    three = repeated_measures.rm_anova(more, np.r_[label, ["a"] * 14]).within

    def size(effect, counts):
        weight = 4 / sum(1 / c for c in counts)
        return effect.statistic * effect.df * effect.mean_square_error / weight

    assert size(three, (21, 7)) == pytest.approx(size(one, (7, 7)))


def test_friedman_agrees_with_scipy(values):
    ranks = np.round(values)
    expected = stats.friedmanchisquare(*ranks.T)
    result = repeated_measures.friedman(ranks)
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.estimate == pytest.approx(result.statistic / (14 * 3))
    ordered = repeated_measures.friedman(np.arange(12.0).reshape(3, 4))
    assert ordered.estimate == pytest.approx(1)


def test_degenerate_tables(values):
    values[0, 0] = np.nan
    result = repeated_measures.rm_anova(values, np.repeat([0, 1], 7))
    assert result.n == 13
    assert "1 incomplete" in result.note
    assert repeated_measures.friedman(values).n == 13
    for table in (np.ones((5, 3)), values[:2], np.full((4, 3), np.nan), np.zeros((0, 3))):
        found = repeated_measures.rm_anova(table)
        assert np.isnan(found.within.p)
        assert found.note
        assert repeated_measures.friedman(table).note
    few = repeated_measures.rm_anova(values[1:4])
    assert np.isnan(few.sphericity.mauchly_p)
    assert np.isfinite(few.within.p_greenhouse_geisser)
    assert np.isnan(repeated_measures.rm_anova(values, np.zeros(14)).between.p)
    with pytest.raises(ValueError, match="two conditions"):
        repeated_measures.rm_anova(values[:, :1])
    with pytest.raises(ValueError, match="14 cases"):
        repeated_measures.rm_anova(values, [0, 1])


def long(rng, groups=20):
    size = rng.integers(1, 6, groups)
    group = np.repeat(np.arange(groups), size)
    x = np.column_stack([np.ones(group.size), rng.normal(size=group.size), group % 2])
    y = x @ [1, 0.5, -1] + rng.normal(0, 1.2, groups)[group] + rng.normal(size=group.size)
    return y, x, group


@pytest.mark.parametrize("reml", [True, False])
def test_mixed_model_agrees_with_statsmodels(reml):
    y, x, group = long(np.random.default_rng(1))
    fit = mixed_model.random_intercept(y, x, group, reml=reml)
    reference = MixedLM(y, x, group).fit(reml=reml)
    assert fit.coef == pytest.approx(reference.fe_params, rel=1e-4)
    # statsmodels adds to the variances what estimating the components costs; lme4 does not
    whole = fit.var_group * (group[:, None] == group) + fit.var_residual * np.eye(y.size)
    least = np.linalg.inv(x.T @ np.linalg.solve(whole, x))
    assert fit.covariance == pytest.approx(least)
    assert fit.coef == pytest.approx(least @ x.T @ np.linalg.solve(whole, y))
    assert fit.var_group == pytest.approx(reference.cov_re[0, 0], rel=1e-3)
    assert fit.var_residual == pytest.approx(reference.scale, rel=1e-4)
    assert fit.criterion <= -2 * reference.llf + 1e-8
    assert fit.criterion == pytest.approx(-2 * reference.llf)
    left = [v.iloc[0] if hasattr(v, "iloc") else v[0] for v in reference.random_effects.values()]
    assert fit.intercepts == pytest.approx(left, abs=1e-3)


def test_balanced_components_are_those_of_mean_squares():
    rng = np.random.default_rng(2)
    table = rng.normal(size=(12, 5)) + rng.normal(0, 2, (12, 1))
    fit = mixed_model.random_intercept(table.ravel(), np.ones(60), np.repeat(np.arange(12), 5))
    one = multigroup.anova(list(table))
    between = one.statistic * one.mean_square_error
    assert fit.var_residual == pytest.approx(one.mean_square_error, rel=1e-6)
    assert fit.var_group == pytest.approx((between - one.mean_square_error) / 5, rel=1e-6)
    assert fit.se[0] == pytest.approx(np.sqrt(between / 60), rel=1e-6)


def test_scale_and_order_do_not_matter():
    y, x, group = long(np.random.default_rng(3))
    fit = mixed_model.random_intercept(y, x, group)
    order = np.random.default_rng(4).permutation(y.size)
    other = mixed_model.random_intercept(1e6 * y[order], x[order], np.char.mod("s%d", group[order]))
    assert other.coef == pytest.approx(1e6 * fit.coef, rel=1e-6)
    assert other.icc == pytest.approx(fit.icc, rel=1e-5)


def test_no_variance_between_groups_is_said():
    table = np.tile([0.0, 1.0, 2.0, 3.0], (6, 1))
    fit = mixed_model.random_intercept(table.ravel(), np.ones(24), np.repeat(np.arange(6), 4))
    assert fit.var_group == fit.icc == 0
    assert "singular" in fit.note
    assert fit.var_residual == pytest.approx(table.ravel().var(ddof=1))


def test_degrees_of_freedom_as_nlme():
    # 27 subjects four times each: 80 for intercept and age, 25 for sex
    rng = np.random.default_rng(5)
    group, age = np.repeat(np.arange(27), 4), np.tile([8.0, 10, 12, 14], 27)
    x = np.column_stack([np.ones(108), age, group < 16, age])
    fit = mixed_model.random_intercept(rng.normal(size=108) + group, x, group)
    assert fit.df[:3].tolist() == [80, 80, 25]
    assert np.isnan(fit.coef[3])
    assert fit.lower[1] < fit.coef[1] < fit.upper[1]


def test_what_gives_no_mixed_model():
    y, x, group = long(np.random.default_rng(6))
    bad = {
        "several groups": (y, x, np.zeros(y.size)),
        "one with two rows": (y, x, np.arange(y.size)),
        "no variance is left$": (x @ [1, 2, 3], x, group),
        "within groups": (group.astype(float) ** 2, x, group),
        "missing": (np.where(group == 0, np.nan, y), x, group),
        "too few": (y[:4], x[:4], [0, 0, 1, 1]),
    }
    for match, arguments in bad.items():
        with pytest.raises(DegenerateDataError, match=match):
            mixed_model.random_intercept(*arguments)
    with pytest.raises(ValueError, match="shape"):
        mixed_model.random_intercept(y, x, group[:-1])
    with pytest.raises(ValueError, match="level"):
        mixed_model.random_intercept(y, x, group, level=95)
