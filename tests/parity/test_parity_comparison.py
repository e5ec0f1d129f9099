"""The comparison sees what differs, and takes for zero only what is nothing but rounding."""

import math

import pytest
from comparison import compare, worst

GLCM = "wavelet-LLH_glcm_"
SAME = {f"{GLCM}Id": 0.5, f"{GLCM}MCC": math.nan, "original_ngtdm_Busyness": 0.0}


def test_equal_values_agree():
    assert compare(SAME, dict(SAME)) == []
    assert compare({"original_glcm_Id": 0.5 * (1 + 9e-7)}, {"original_glcm_Id": 0.5}) == []


@pytest.mark.parametrize(
    ("feature", "reference", "native"),
    [
        ("original_glcm_Id", 0.5, 0.5 * (1 + 1.1e-6)),
        ("original_glcm_Id", 1e-15, 2e-15),
        ("original_glcm_Id", 0.0, 1e-300),
        ("original_glcm_Id", math.nan, 0.5),
        ("original_glcm_Id", 0.5, math.nan),
        ("original_glcm_Imc1", 0.0, 2e-12),
        ("original_glcm_Imc1", -2e-12, 0.0),
        ("original_glcm_Correlation", 0.0, 1e-16),
        ("original_firstorder_Mean", 1e-13, 2e-13),  # no RootMeanSquared: no scale
    ],
)
def test_what_differs_is_told(feature, reference, native):
    (found,) = compare({feature: native}, {feature: reference})
    assert (found.feature, str(found).startswith(feature)) == (feature, True)
    assert compare({feature: native, **SAME}, {feature: reference, **SAME}) == [found]


def test_a_feature_that_one_has_not_got():
    assert [d.feature for d in compare({"a_b_C": 1.0}, {"a_b_D": 1.0})] == ["a_b_D", "a_b_C"]
    assert "None" in str(compare({}, {"a_b_D": 1.0})[0])


def test_rounding_errors_of_a_zero_agree():
    reference = {"original_glcm_Imc1": 0.0, "original_firstorder_RootMeanSquared": 300.0}
    native = {**reference, "original_glcm_Imc1": -2e-16}
    assert compare(native, reference) == []
    mean = "original_firstorder_Mean"
    assert compare({**native, mean: 2e-10}, {**reference, mean: 1e-14}) == []
    assert len(compare({**native, mean: 4e-10}, {**reference, mean: 1e-14})) == 1


def test_the_worst():
    assert worst({"a": 1.0, "b": 3.0}, {"a": 1.0, "b": 2.0}) == 0.5
    assert worst({}, {}) == 0.0
