"""The front for programs: images or arrays, settings or keys, in one call."""

import subprocess
import sys

import numpy as np
import pytest
import SimpleITK as sitk
from features_oracle import native

from radpipe.core.errors import RadpipeError
from radpipe.features import extract
from radpipe.features.names import expected
from radpipe.features.picture import default_settings
from radpipe.features.settings import ExtractionSettings

CHEAP = {"classes": ["shape", "firstorder"]}


def test_images_and_arrays_give_the_same(pair, values, ball):
    reference = native(*pair, ExtractionSettings(**CHEAP))
    assert list(reference) == expected(ExtractionSettings(**CHEAP))
    assert extract(*pair, CHEAP, label=3) == reference
    assert extract(*pair, ExtractionSettings(**CHEAP), label=3) == reference
    assert extract(values, ball, CHEAP, label=3, spacing=(1, 1, 2)) == reference
    assert extract(pair[0], ball, CHEAP, label=3) == reference
    assert extract(values, ball > 0, CHEAP, spacing=[1, 1, 2]) == reference
    assert {type(value) for value in extract(*pair, label=3).values()} == {float}


def test_without_settings_the_defaults_of_pyradiomics_count(pair, values, ball):
    assert extract(*pair, label=3) == native(*pair, ExtractionSettings())
    flat = extract(values[8], ball[8], label=3, spacing=(1, 1))
    assert list(flat) == expected(default_settings(True))
    assert extract(
        values[8], ball[8], {"classes": ["shape2D"]}, label=3, spacing=(1, 1)
    ).keys() == {name for name in flat if "shape2D" in name}


@pytest.mark.parametrize(
    "dtype", ["uint8", ">i2", "float16", "float64", "longdouble", "int64", bool]
)
def test_every_number_type(dtype, values, ball):
    array = (values > 200).astype(dtype)
    found = extract(array, ball, CHEAP, label=3, spacing=(1, 1, 2))
    assert found["original_firstorder_Maximum"] == 1


def test_an_array_that_is_not_contiguous(values, ball):
    turned = extract(values[::-1, :, ::2], ball[::-1, :, ::2], CHEAP, label=3, spacing=(2, 1, 2))
    copied = [np.ascontiguousarray(one[::-1, :, ::2]) for one in (values, ball)]
    assert turned == extract(*copied, CHEAP, label=3, spacing=(2, 1, 2))


def test_the_engine_is_chosen_by_name(pair, engine):
    found = extract(*pair, CHEAP, label=3, engine="pyradiomics")
    assert found == pytest.approx(extract(*pair, CHEAP, label=3), rel=1e-6)
    with pytest.raises(RadpipeError, match="nearest: native"):
        extract(*pair, CHEAP, label=3, engine="nativ")


def test_what_does_not_fit_is_told_in_one_line(pair, values, ball):
    for call, says in (
        (lambda: extract(values, ball), r"spacing=\(x, y, z\)"),
        (lambda: extract(values, ball, spacing=(1, 1)), r"spacing=\(x, y, z\)"),
        (lambda: extract(values[0], ball[0], spacing=(1, 0)), r"spacing=\(x, y\)"),
        (lambda: extract(*pair, spacing=(1, 1, 1)), "has its own"),
        (lambda: extract(pair[0], ball[1:]), r"the image's, \(16, 20, 24\)"),
        (lambda: extract(np.stack([values] * 3, -1), ball, spacing=(1, 1, 1)), "channel"),
        (lambda: extract(values.astype(complex), ball, spacing=(1, 1, 1)), "complex"),
        (lambda: extract(*pair), "labels there: 3"),
        (lambda: extract(*pair, label=0), "1 or more"),
    ):
        with pytest.raises(RadpipeError, match=says) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_the_package_stays_light():
    code = "import sys, radpipe.features; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_function_is_not_hidden_by_a_module():
    code = "import radpipe.features.case; from radpipe.features import extract; print(extract)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "function extract" in done.stdout


def test_nothing_is_written_to_what_is_given(pair, values, ball):
    before = [values.copy(), ball.copy(), sitk.GetArrayFromImage(pair[0])]
    extract(values, ball, CHEAP, label=3, spacing=(1, 1, 2))
    extract(*pair, CHEAP, label=3)
    after = [values, ball, sitk.GetArrayFromImage(pair[0])]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
