"""Settings of an extraction: strict, canonical, and with names for all that they give."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from radpipe.core.errors import RadpipeError
from radpipe.features import names
from radpipe.features.registry import DISCRETISERS, ENGINES, FILTERS, NORMALISERS
from radpipe.features.settings import (
    ExtractionSettings,
    ZScoreSpec,
    canonical,
    doubts,
    settings_of,
)

FULL = {
    "resample": {"spacing_mm": [1, 1, 1]},
    "normalise": {"kind": "z_score", "scale": 100},
    "discretise": {"kind": "bin_width", "width": 5},
    "filters": ["original", {"kind": "log", "sigma_mm": [1, 2.5]}, {"kind": "wavelet"}],
}


def test_defaults_are_those_of_the_field():
    settings = ExtractionSettings()
    assert settings.discretise.width == 25
    assert [f.kind for f in settings.filters] == ["original"]
    assert len(settings.classes) == 7
    assert settings.resample is settings.normalise is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"resample": {"spacing_mm": [1, 1]}}, "spacing_mm"),
        ({"resample": {"spacing_mm": [1, 1, -1]}}, "greater than or equal to 0"),
        ({"resample": {"spacing_mm": [0, 0, 0]}}, "leave resample out"),
        ({"resample": {"spacing_mm": [1, 1, 1], "interpolator": "cubic"}}, "'bspline'"),
        ({"discretise": {"kind": "bin_width", "width": 0}}, "greater than 0"),
        ({"discretise": {"kind": "bin_count", "count": 1}}, "greater than or equal to 2"),
        ({"discretise": {"kind": "bins", "count": 16}}, "'bin_width', 'bin_count'"),
        ({"filters": ["orignal"]}, "'original', 'log', 'wavelet'"),
        ({"filters": []}, "at least 1"),
        ({"filters": ["original", "original"]}, "original twice"),
        ({"filters": [{"kind": "log", "sigma_mm": []}]}, "at least 1"),
        ({"filters": [{"kind": "log", "sigma_mm": [1, 1.0]}]}, "a width twice"),
        ({"filters": [{"kind": "wavelet", "family": "cof1"}]}, "nearest: coif1"),
        ({"classes": ["glcn"]}, "'glcm'"),
        ({"classes": ["glcm", "glcm"]}, "glcm twice"),
        ({"normalise": {"kind": "z_score", "remove_outliers": 0}}, "greater than 0"),
        ({"bin_width": 25}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said(change, says):
    with pytest.raises(ValidationError) as caught:
        ExtractionSettings(**change)
    assert says in str(caught.value)


def test_canonical_is_equal_for_equal_settings_alone():
    one = ExtractionSettings(**FULL)
    same = {**FULL, "resample": {"interpolator": "bspline", "spacing_mm": [1.0, 1.0, 1.0]}}
    assert canonical(one) == canonical(ExtractionSettings(**dict(reversed(same.items()))))
    for key in FULL:
        other = ExtractionSettings(**{k: v for k, v in FULL.items() if k != key})
        assert canonical(other) != canonical(one)


def test_a_block_with_more_keys_gives_its_settings_alone():
    class Block(ExtractionSettings):
        image: str

    plain = settings_of(Block(image="t1", classes=["glcm"]), ZScoreSpec(scale=100))
    assert type(plain) is ExtractionSettings
    assert plain == ExtractionSettings(
        classes=["glcm"], normalise={"kind": "z_score", "scale": 100}
    )
    own = settings_of(Block(image="t1", normalise="z_score"), ZScoreSpec(scale=100))
    assert own.normalise.scale == 1


def test_doubts():
    assert doubts(ExtractionSettings(**FULL)) == []
    assert "hardly any grey levels" in doubts(ExtractionSettings(normalise="z_score"))[0]
    log = ExtractionSettings(filters=[{"kind": "log", "sigma_mm": [1]}])
    assert "without resample" in doubts(log)[0]


def test_number_of_names():
    assert len(names.expected(ExtractionSettings())) == 107
    many = ExtractionSettings(
        filters=["original", {"kind": "log", "sigma_mm": [1, 2, 3, 4, 5]}, "wavelet"]
    )
    found = names.expected(many)
    assert len(found) == len(set(found)) == 1316
    assert {"log-sigma-1-0-mm-3D_glcm_MCC", "wavelet-LLL_ngtdm_Busyness"} <= set(found)
    assert all(names.parse(name).family in names.FEATURES for name in found)


def test_feature_ids():
    identifier = names.feature_id("t1_mass", "wavelet-LLH_glcm_Contrast")
    assert identifier == "t1_mass__wavelet-LLH_glcm_Contrast"
    assert names.split_id(identifier) == ("t1_mass", "wavelet-LLH_glcm_Contrast")
    assert names.parse("wavelet-LLH_glcm_Contrast") == ("wavelet-LLH", "glcm", "Contrast")
    for bad in ("age", "__x", "t1__"):
        with pytest.raises(ValueError):
            names.split_id(bad)
    with pytest.raises(ValueError):
        names.parse("glcm_Contrast")


def test_volume_feature():
    found = names.expected(ExtractionSettings())
    assert names.volume_feature(found) == "original_shape_VoxelVolume"
    assert names.volume_feature(["a", "b__original_shape_MeshVolume"]) == (
        "b__original_shape_MeshVolume"
    )
    assert names.volume_feature(["a"]) is None


def test_registries_hold_what_they_name():
    for registry in (FILTERS, DISCRETISERS, NORMALISERS):
        for name, spec in registry.items():
            assert spec.model_fields["kind"].default == name
    with pytest.raises(RadpipeError, match="nearest: pyradiomics"):
        ENGINES["pyradiomic"]
    assert all(ENGINES[name].name == name for name in ENGINES)


def test_settings_import_lightly():
    code = (
        "import sys, radpipe.features.settings, radpipe.features.names, radpipe.simulate.spec;"
        "print([m for m in ('SimpleITK','radiomics','pywt','sklearn','numba') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
