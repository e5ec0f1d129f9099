"""Pictures of two dimensions: PyRadiomics' numbers for them, and what they do not have."""

import numpy as np
import pytest
import SimpleITK as sitk
from features_oracle import differences, native

from radpipe.core.errors import CaseError
from radpipe.features.case import extract_case
from radpipe.features.names import expected
from radpipe.features.params import from_pyradiomics
from radpipe.features.picture import default_settings, in_plane
from radpipe.features.settings import ExtractionSettings

TEXTURE = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
CASES = {
    "default": ({}, {}, {"Original": {}}),
    "filtered": (
        {
            "filters": [
                *("original", "wavelet", "square", "square_root", "logarithm", "exponential"),
                {"kind": "log", "sigma_mm": [1.0, 2.5]},
                {"kind": "gradient", "use_spacing": False},
            ]
        },
        {},
        {
            **{"Original": {}, "Wavelet": {}, "Square": {}},
            **{"SquareRoot": {}, "Logarithm": {}, "Exponential": {}},
            "LoG": {"sigma": [1.0, 2.5]},
            "Gradient": {"gradientUseSpacing": False},
        },
    ),
    "resampled": (
        {
            "resample": {"spacing_mm": [1, 1, 1], "pad_voxels": 8},
            "filters": ["wavelet", {"kind": "log", "sigma_mm": [2.0]}],
        },
        {"resampledPixelSpacing": [1, 1], "padDistance": 8},
        {"Wavelet": {}, "LoG": {"sigma": [2.0]}},
    ),
    "normalised, cut and weighted": (
        {
            "normalise": {"kind": "z_score", "scale": 100},
            "crop": {"pad_voxels": 3},
            "resegment": {"range": [-100, 150], "shape": True},
            "weighting": "euclidean",
            "distances": [1, 2],
            "discretise": {"kind": "bin_count", "count": 16},
        },
        {
            **{"normalize": True, "normalizeScale": 100, "preCrop": True, "padDistance": 3},
            **{"resegmentRange": [-100, 150], "resegmentShape": True},
            **{"weightingNorm": "euclidean", "distances": [1, 2], "binCount": 16},
        },
        {"Original": {}},
    ),
}
"""Our settings, and the same in PyRadiomics' words: its setting and its image types."""


@pytest.fixture(scope="module")
def picture():
    """An image and a region with label 2 and a hole, of 40 x 50 pixels."""
    y, x = np.indices((40, 50))
    noise = np.random.default_rng(0).normal(0, 10, y.shape)
    grey = np.rint(100 + 50 * np.sin(x / 4) + 40 * np.cos(y / 5) + noise).astype(np.int16)
    region = ((x - 25) / 12) ** 2 + ((y - 20) / 9) ** 2 <= 1
    region[18:20, 24:27] = False
    return flat(grey), flat((2 * region).astype(np.uint8))


def flat(array):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((0.7, 0.9))
    image.SetOrigin((3.0, -5.0))
    return image


def direct(image, mask, setting, images, classes=("shape2D", *TEXTURE)):
    """Call PyRadiomics on the pictures as they are."""
    module = pytest.importorskip("radiomics.featureextractor", reason="no PyRadiomics")
    extractor = module.RadiomicsFeatureExtractor(**setting, additionalInfo=False)
    extractor.enabledImagetypes = images
    extractor.enabledFeatures = {name: [] for name in classes}
    return {k: float(v) for k, v in extractor.execute(image, mask, label=2).items()}


@pytest.mark.parametrize("name", CASES)
def test_pictures_give_the_numbers_of_pyradiomics(name, picture, engine):
    ours, setting, images = CASES[name]
    settings = ExtractionSettings(classes=["shape2D", *TEXTURE], force_2d="axial", **ours)
    reference = direct(*picture, setting, images)
    found = native(*picture, settings, 2)
    assert list(found) == expected(settings)
    assert differences(found, reference) == {}
    assert differences(extract_case(*picture, 2, settings, engine), reference) == {}


def test_the_plane_need_not_be_said(picture):
    settings = ExtractionSettings(filters=["wavelet"], classes=["glcm"])
    found = native(*picture, settings, 2)
    assert list(found) == expected(in_plane(settings, "image"))
    assert "wavelet-LH_glcm_Id" in found


def test_defaults_measure_the_shape_in_two_dimensions(picture, engine):
    found = native(*picture, default_settings(True), 2)
    assert differences(found, direct(*picture, {}, {"Original": {}})) == {}
    assert default_settings(False) == ExtractionSettings()


def test_a_mask_of_one_slice_belongs_to_a_picture(picture):
    settings = default_settings(True)
    volume = sitk.JoinSeries([picture[1]], 17.0, 4.0)
    assert native(picture[0], volume, settings, 2) == native(*picture, settings, 2)
    slices = [sitk.JoinSeries([one], 17.0, 4.0) for one in picture]
    chosen = ExtractionSettings(force_2d="axial")
    assert native(slices[0], picture[1], chosen, 2) == native(*slices, chosen, 2)


def test_a_picture_on_another_grid(picture, engine):
    image, mask = picture
    part = mask[5:45, 4:36]
    chosen = default_settings(True).model_copy(update={"correct_mask": True})
    reference = direct(image, part, {"correctMask": True}, {"Original": {}})
    assert differences(native(image, part, chosen, 2), reference) == {}
    resampled = ExtractionSettings(
        **{**chosen.model_dump(), "resample": {"spacing_mm": [1, 1, 0], "interpolator": "linear"}}
    )
    setting = {"resampledPixelSpacing": [1, 1], "interpolator": "sitkLinear"}
    reference = direct(image, part, setting, {"Original": {}})
    assert differences(native(image, part, resampled, 2), reference) == {}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "the class shape measures volumes; take shape2D in its place"),
        ({"classes": ["glcm"], "filters": ["lbp_3d"]}, "take lbp_2d in its place"),
        ({"classes": ["glcm"], "force_2d": "coronal"}, "set force_2d: axial"),
        (
            {"classes": ["glcm"], "filters": [{"kind": "wavelet", "force_2d": "off"}]},
            "force_2d: off is no plane of it",
        ),
    ],
)
def test_what_a_picture_does_not_have_is_told(settings, says, picture):
    with pytest.raises(CaseError) as caught:
        native(*picture, ExtractionSettings(**settings), 2)
    assert str(caught.value).startswith("t1.nii.gz: has two dimensions, and ")
    assert says in str(caught.value)


def test_local_binary_patterns_of_a_picture_keep_their_decimals(picture):
    variance = {"kind": "lbp_2d", "method": "var"}
    settings = ExtractionSettings(filters=[variance], classes=["firstorder"])
    found = native(*picture, settings, 2)
    assert found["lbp-2D_firstorder_Minimum"] % 1 > 0


def test_a_parameter_file_means_in_two_dimensions_what_it_means_to_pyradiomics(picture, engine):
    for parameters in (
        {},
        {"setting": {"resampledPixelSpacing": [1, 1]}, "imageType": {"Wavelet": {}}},
        {"featureClass": {"shape": None, "shape2D": ["Perimeter"], "glcm": None}},
        {"setting": {"force2D": False}, "featureClass": {"glcm": None}},
    ):
        settings, extra = from_pyradiomics(parameters, picture=True)
        reference = direct(
            *picture,
            parameters.get("setting", {}),
            parameters.get("imageType", {"Original": {}}),
            list(parameters.get("featureClass", ["shape2D", *TEXTURE])),
        )
        found = native(*picture, settings, 2)
        if "featureClass" in parameters and "shape2D" in parameters["featureClass"]:
            reference = {k: v for k, v in reference.items() if k in found}
            assert extra.notes == (
                "parameters featureClass.shape: gives nothing in two dimensions",
            )
            assert "original_shape2D_Perimeter" in found
        assert differences(found, reference) == {}


def test_a_spacing_of_two_axes():
    settings, extra = from_pyradiomics({"setting": {"resampledPixelSpacing": [2, 2]}})
    assert settings.resample.spacing_mm == (2, 2, 0)
    assert extra.notes == (
        "parameters setting.resampledPixelSpacing: of 2 values leaves the third axis as it is",
    )
    _, extra = from_pyradiomics({"setting": {"resampledPixelSpacing": [2, 2]}}, picture=True)
    assert extra.notes == ()
