import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radpipe.stats.icc import icc, icc_features, koo_li
from radpipe.stats.icc_forms import FORMS
from radpipe.stats.icc_mcgraw_wong import icc_test
from radpipe.stats.icc_reml import icc_reml, variance_components

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(5)
SIGNAL = RNG.normal(size=(12, 1)) + 0.4 * RNG.normal(size=(12, 3))

tables = arrays(
    float,
    st.tuples(st.integers(2, 12), st.integers(2, 4)),
    elements=st.floats(-1e3, 1e3).map(lambda v: round(v, 3)),
)


def values(result, name="estimate"):
    return np.array([getattr(result.forms[form], name) for form in FORMS])


@settings(max_examples=150, deadline=None)
@given(tables)
def test_estimates_lie_in_their_intervals_and_below_one(table):
    result = icc(table)
    estimate, lower, upper = (values(result, n) for n in ("estimate", "lower", "upper"))
    assert (np.isnan(estimate) | (estimate <= 1 + 1e-12)).all()
    exact = [0, 2, 3, 5]  # Satterthwaite's interval need not hold the estimate
    known = ~np.isnan(estimate[exact])
    assert (lower[exact][known] <= estimate[exact][known] + 1e-9).all()
    assert (estimate[exact][known] <= upper[exact][known] + 1e-9).all()
    assert result.note or not np.isnan(estimate).any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(1, 100))
def test_raters_that_differ_cost_agreement(seed, offset):
    rng = np.random.default_rng(seed)
    subjects = rng.normal(size=(rng.integers(4, 20), 1))
    noise = 0.4 * rng.normal(size=(subjects.size, 3))
    result = icc(subjects + noise + offset * np.arange(3))
    assume(result.ms_subjects > result.ms_error and result.ms_raters > result.ms_error)
    one, two, three = values(result)[:3]
    assert one <= two + 1e-9
    assert two <= three + 1e-9


@given(st.floats(1e-150, 1e150), st.floats(-50, 50))
@settings(max_examples=50, deadline=None)
def test_unit_and_zero_point_do_not_matter(scale, shift):
    moved = icc((SIGNAL + shift) * scale)
    np.testing.assert_allclose(values(moved), values(icc(SIGNAL)), rtol=1e-8)


def test_identical_readers_agree_wholly():
    table = np.repeat(RNG.normal(size=(9, 1)) / 3, 3, axis=1)
    result = icc(table)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_array_equal(values(result, name), 1)
    assert (result.forms["ICC(3,1)"].statistic, result.forms["ICC(3,1)"].p) == (np.inf, 0)
    assert "no error variance" in result.note


def test_a_constant_offset_is_no_agreement():
    result = icc(np.array([[1.0, 3], [2, 4], [5, 7]]))
    assert result.forms["ICC(3,1)"].estimate == 1
    assert result.forms["ICC(2,1)"].estimate < 0.8
    assert 0 < result.forms["ICC(2,1)"].lower < result.forms["ICC(2,1)"].upper <= 1


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (np.ones((5, 2)) * 0.1, "all ratings are equal"),
        (np.arange(5.0)[:, None], "fewer than two raters"),
        (np.array([[1.0, 2]]), "fewer than two subjects"),
        (np.array([[1, np.nan], [2, 3]]), "fewer than two subjects"),
        (np.empty((0, 2)), "fewer than two subjects"),
        (np.empty((3, 0)), "fewer than two raters"),
    ],
)
@pytest.mark.parametrize("function", [icc, icc_reml, icc_test])
def test_what_is_undefined_is_said(function, table, reason):
    result = function(table)
    if function is icc_test:
        found = [result.estimate, result.lower, result.upper, result.statistic, result.p]
    else:
        found = [values(result), values(result, "lower"), values(result, "p")]
    assert np.isnan(found).all()
    assert reason in result.note or (function is icc_reml and "fewer than two" in result.note)


def test_an_average_that_does_not_vary():
    result = icc(np.array([[1.0, 2], [2, 1], [0, 3]]))
    assert result.forms["ICC(3,1)"].estimate == -1
    assert np.isnan(result.forms["ICC(3,k)"].estimate)
    assert "undefined" in result.note


def test_thousands_at_once_are_what_one_is():
    many = RNG.normal(size=(6, 15, 3)) + RNG.normal(size=(6, 15, 1))
    many[2, 4, 1] = many[3, :3, 0] = np.nan
    many[5] = 7
    found = icc_features(many)
    assert found.n.tolist() == [15, 15, 14, 12, 15, 15]
    assert found.left_out.tolist() == [0, 0, 1, 3, 0, 0]
    assert "3 subjects" in found.notes[3]
    for i, table in enumerate(many):
        alone = icc(table[np.isfinite(table).all(axis=1)])
        np.testing.assert_allclose(found.estimate[i], values(alone), rtol=1e-12)
        np.testing.assert_allclose(found.lower[i], values(alone, "lower"), rtol=1e-12)
    assert icc_features(np.empty((0, 4, 2))).estimate.shape == (0, 6)


def test_the_test_against_a_null_value():
    null = icc(SIGNAL).forms["ICC(3,1)"].lower
    assert icc_test(SIGNAL, kind="consistency", r0=null).p == pytest.approx(0.025)
    zero, half = (icc_test(SIGNAL, r0=r0).p for r0 in (0, 0.5))
    assert zero < half
    average = icc_test(SIGNAL, model="oneway", unit="average", r0=0.6)
    single = icc_test(SIGNAL, model="oneway", r0=0.6 / (3 - 2 * 0.6))
    assert average.p == pytest.approx(single.p)
    with pytest.raises(ValueError, match="twoway"):
        icc_test(SIGNAL, model="three")
    with pytest.raises(ValueError, match="null value"):
        icc_test(SIGNAL, r0=1)


def test_reml_of_a_complete_table_is_the_analysis_of_variance():
    table = SIGNAL + np.array([0, 1.0, 2])
    whole, reml = icc(table), icc_reml(table)
    for name in ("estimate", "lower", "upper", "p"):
        np.testing.assert_allclose(values(reml, name), values(whole, name), rtol=2e-5, atol=1e-12)


def test_reml_uses_what_is_there():
    table = np.vstack([SIGNAL + np.array([0, 1.0, 2]), np.full((1, 3), np.nan)])
    table[0, 1] = table[5, 2] = np.nan
    result = icc_reml(table)
    assert (result.n, result.left_out, icc(table).n) == (12, 1, 10)
    assert "2 of 36 ratings missing" in result.note
    assert variance_components(-SIGNAL * 1e6) == pytest.approx(variance_components(SIGNAL) * 1e12)
    alike = np.repeat(np.arange(5.0)[:, None], 2, axis=1)
    assert "no error variance" in icc_reml(alike).note


def test_reml_components_are_not_negative():
    table = np.array([[1.0, 2], [2, 1], [0, 3.1], [1, 2.2]])
    assert icc(table).forms["ICC(3,1)"].estimate < 0
    assert (variance_components(table) >= 0).all()
    assert icc_reml(table).forms["ICC(3,1)"].estimate == pytest.approx(0, abs=1e-6)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="subjects and raters"):
        icc([1.0, 2])
    with pytest.raises(ValueError, match="features, subjects"):
        icc_features(SIGNAL)
    with pytest.raises(ValueError, match="confidence level"):
        icc(SIGNAL, level=95)


def test_classes_in_words():
    assert [koo_li(v) for v in (-0.2, 0.5, 0.75, 0.9, float("nan"))] == [
        "poor",
        "moderate",
        "good",
        "excellent",
        "",
    ]
