"""Settings of an extraction: strict, canonical, and with names for all that they give."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from radpipe.core.errors import RadpipeError
from radpipe.features import names
from radpipe.features.preparation_settings import ZScoreSpec
from radpipe.features.registry import DISCRETISERS, ENGINES, FILTERS, NORMALISERS
from radpipe.features.settings import ExtractionSettings, canonical, doubts, settings_of
from radpipe.features.texture_settings import TextureSettings, texture_of

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
        ({"crop": {}, "resample": {"spacing_mm": [1, 1, 1]}}, "which crops already; remove crop"),
        ({"resegment": {"range": []}}, "range"),
        ({"resegment": {"range": [1, 2, 3]}}, "range"),
        ({"resegment": {"range": [3, -3]}}, "give the lowest first"),
        ({"resegment": {"range": [float("nan")]}}, "finite number"),
        ({"force_2d": "z"}, "'axial', 'coronal' or 'sagittal'"),
        ({"minimum_dimensions": 4}, "less than or equal to 3"),
        ({"minimum_voxels": 0}, "greater than or equal to 1"),
        ({"geometry_tolerance": 0}, "greater than 0"),
        ({"distances": []}, "at least 1"),
        ({"distances": [0]}, "greater than or equal to 1"),
        ({"weighting": "max"}, "'no_weighting'"),
        ({"classes": ["shape2D"]}, "add force_2d: axial, or remove shape2D"),
        ({"features": {"glcn": ["Id"]}}, "'glcn', which is not known; nearest: glcm"),
        ({"features": {"glcm": []}}, "at least 1"),
        ({"features": {"glcm": ["Id", "Id"]}}, "glcm names Id twice"),
        ({"features": {"shape2D": ["Perimeter"]}}, "shape2D, which classes leaves out"),
        (
            {"features": {"glcm": ["Contrst", "Homogeneity1"], "shape": ["Compactness1"]}},
            "glcm.Contrst (nearest: Contrast), glcm.Homogeneity1 (use Id, which is equal); correct",
        ),
        ({"filters": [{"kind": "lbp_2d", "method": "nri"}]}, "'uniform'"),
        ({"filters": [{"kind": "square", "force_2d": "none"}]}, "'off'"),
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


OTHERS = {
    "resegment": {"range": [0.4], "mode": "relative"},
    "force_2d": "axial",
    "crop": {"pad_voxels": 3},
    "correct_mask": True,
    "geometry_tolerance": 1e-3,
    "minimum_dimensions": 3,
    "minimum_voxels": 64,
    "mask_channel": 1,
    "distances": [1, 2],
    "weighting": "manhattan",
    "symmetric_glcm": False,
    "gldm_alpha": 1,
    "intensity_shift": 1000,
    "features": {"glcm": ["Id"]},
}


def test_every_setting_counts_and_is_carried_along():
    class Block(ExtractionSettings):
        image: str

    plain = ExtractionSettings(**OTHERS)
    assert settings_of(Block(image="t1", **OTHERS)) == plain
    assert ExtractionSettings(**plain.model_dump()) == plain
    for key in OTHERS:
        other = ExtractionSettings(**{k: v for k, v in OTHERS.items() if k != key})
        assert canonical(other) != canonical(plain)


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


def test_local_binary_patterns_need_narrow_bins():
    wide = ExtractionSettings(filters=["lbp_3d"])
    assert "lbp_3d gives a few small numbers" in doubts(wide)[0]
    narrow = {"kind": "lbp_3d", "discretise": {"kind": "bin_width", "width": 1}}
    assert doubts(ExtractionSettings(filters=[narrow])) == []


def test_a_filter_has_its_own_texture_settings_or_the_blocks():
    block = {**{k: OTHERS[k] for k in ("force_2d", "weighting", "gldm_alpha", "distances")}}
    own = {
        "discretise": {"kind": "bin_count", "count": 8},
        "distances": [3],
        "weighting": "off",
        "symmetric_glcm": False,
        "gldm_alpha": 0,
        "intensity_shift": 5,
        "force_2d": "off",
    }
    settings = ExtractionSettings(filters=["original", {"kind": "square", **own}], **block)
    first, second = (texture_of(settings, spec) for spec in settings.filters)
    assert first == TextureSettings(**block)
    assert second == TextureSettings(**{**own, "weighting": None, "force_2d": None})


def test_wavelets_slice_by_slice_have_two_letters():
    wavelet = FILTERS["wavelet"](level=2)
    assert wavelet.image_names(2) == (
        *("wavelet-LH", "wavelet-HL", "wavelet-HH"),
        *("wavelet2-LH", "wavelet2-HL", "wavelet2-HH", "wavelet2-LL"),
    )
    only = {"classes": ["ngtdm"], "features": {"ngtdm": ["Strength", "Busyness"]}}
    flat = ExtractionSettings(force_2d="axial", filters=["wavelet"], **only)
    assert names.expected(flat) == [
        f"wavelet-{band}_ngtdm_{name}"
        for band in ("LH", "HL", "HH", "LL")
        for name in ("Strength", "Busyness")
    ]
    mixed = ExtractionSettings(filters=[{"kind": "wavelet", "force_2d": "sagittal"}], **only)
    assert names.expected(mixed) == names.expected(flat)


def test_shape_comes_first_and_once():
    settings = ExtractionSettings(
        force_2d="axial",
        classes=["ngtdm", "shape2D", "shape"],
        features={"shape": ["Compactness1"], "ngtdm": ["Strength"]},
        filters=["square", "lbp_3d"],
    )
    assert names.expected(settings) == [
        "original_shape_Compactness1",
        *(f"original_shape2D_{feature}" for feature in names.FEATURES["shape2D"]),
        *("square_ngtdm_Strength", "lbp-3D-m1_ngtdm_Strength", "lbp-3D-m2_ngtdm_Strength"),
        "lbp-3D-k_ngtdm_Strength",
    ]


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
        "import sys, radpipe.features.params, radpipe.features.names, radpipe.simulate.spec;"
        "print([m for m in ('SimpleITK','radiomics','pywt','sklearn','numba') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
