"""The engine gives PyRadiomics' own numbers, and a line where there are none."""

import importlib.util
import logging
import math
import sys

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError, RadpipeError
from radpipe.features.case import code_of
from radpipe.features.case import extract_case as extract
from radpipe.features.names import FEATURES, expected
from radpipe.features.pyradiomics_engine import PyRadiomicsEngine, to_pyradiomics
from radpipe.features.pyradiomics_words import INTERPOLATORS
from radpipe.features.registry import DEFAULT_ENGINE
from radpipe.features.settings import ExtractionSettings

SETTINGS = {
    "default": {},
    "log and wavelet at 1 mm": {
        "resample": {"spacing_mm": [1, 1, 1]},
        "filters": [
            "original",
            {"kind": "log", "sigma_mm": [1, 2]},
            {"kind": "wavelet", "family": "coif1"},
        ],
    },
    "normalised, in-plane linear, bin count": {
        "normalise": {"kind": "z_score", "scale": 100, "remove_outliers": 3},
        "resample": {"spacing_mm": [1.5, 1.5, 0], "interpolator": "linear", "pad_voxels": 2},
        "discretise": {"kind": "bin_count", "count": 16},
        "filters": [{"kind": "wavelet", "family": "haar", "start_level": 1, "level": 2}],
        "classes": ["glcm", "firstorder"],
    },
    "cropped, re-segmented, slice by slice": {
        "crop": {"pad_voxels": 3},
        "resegment": {"range": [150, 260], "shape": True},
        "force_2d": "sagittal",
        "intensity_shift": 0.5,
        "filters": ["wavelet", {"kind": "square", "force_2d": "off", "distances": [1, 2]}],
        "features": {"glcm": ["Id"], "glrlm": ["RunEntropy", "RunVariance"]},
    },
    "normalised with a small bin width": {
        "normalise": "z_score",
        "discretise": {"kind": "bin_width", "width": 0.3},
        "classes": ["shape", "ngtdm", "gldm"],
    },
}

DIRECT = {
    "default": ({}, {"Original": {}}, None),
    "log and wavelet at 1 mm": (
        {"resampledPixelSpacing": [1, 1, 1]},
        {"Original": {}, "LoG": {"sigma": [1.0, 2.0]}, "Wavelet": {"wavelet": "coif1"}},
        None,
    ),
    "normalised, in-plane linear, bin count": (
        {
            "normalize": True,
            "normalizeScale": 100,
            "removeOutliers": 3,
            "resampledPixelSpacing": [1.5, 1.5, 0],
            "interpolator": "sitkLinear",
            "padDistance": 2,
            "binCount": 16,
        },
        {"Wavelet": {"wavelet": "haar", "start_level": 1, "level": 2}},
        ["glcm", "firstorder"],
    ),
    "cropped, re-segmented, slice by slice": (
        {
            "preCrop": True,
            "padDistance": 3,
            "resegmentRange": [150, 260],
            "resegmentShape": True,
            "force2D": True,
            "force2Ddimension": 2,
            "voxelArrayShift": 0.5,
        },
        {"Wavelet": {}, "Square": {"force2D": False, "distances": [1, 2]}},
        {
            **dict.fromkeys(["shape", "firstorder", "glszm", "gldm", "ngtdm"]),
            "glcm": ["Id"],
            "glrlm": ["RunEntropy", "RunVariance"],
        },
    ),
    "normalised with a small bin width": (
        {"normalize": True, "binWidth": 0.3},
        {"Original": {}},
        ["shape", "ngtdm", "gldm"],
    ),
}
"""The same, written independently in PyRadiomics' own words."""


def direct(image, mask, label, setting, images, classes):
    """Call PyRadiomics the way its documentation does."""
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    extractor = RadiomicsFeatureExtractor(**setting, additionalInfo=False)
    extractor.disableAllImageTypes()
    for name, arguments in images.items():
        extractor.enableImageTypeByName(name, customArgs=arguments)
    if classes:
        extractor.disableAllFeatures()
        named = classes if isinstance(classes, dict) else dict.fromkeys(classes)
        extractor.enableFeaturesByName(**named)
    threads = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    try:
        return {k: float(v) for k, v in extractor.execute(image, mask, label=label).items()}
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


@pytest.mark.parametrize("name", SETTINGS)
def test_equal_to_pyradiomics_called_directly(name, pair, engine):
    settings = ExtractionSettings(**SETTINGS[name])
    found = extract(*pair, 3, settings, engine)
    assert list(found) == expected(settings)
    assert found == direct(*pair, 3, *DIRECT[name])


@pytest.mark.real
@pytest.mark.parametrize(("folder", "case"), [("", "STS_001"), ("pet/", "STS_005")])
def test_equal_on_real_cases(folder, case, sarcoma, engine):
    from radpipe.io.images import read_image, read_mask

    image = read_image(sarcoma / f"{folder}images/{case}.nii.gz")
    mask = read_mask(sarcoma / f"{folder}masks/{case}.nii.gz")
    settings = ExtractionSettings(discretise={"kind": "bin_count", "count": 32})
    found = extract(image, mask, 1, settings, engine)
    assert found == direct(image, mask, 1, {"binCount": 32}, {"Original": {}}, None)
    assert all(math.isfinite(v) for v in found.values())


def test_names_are_those_of_pyradiomics(engine):
    from radiomics import getFeatureClasses

    known = {
        family: tuple(n for n, deprecated in cls.getFeatureNames().items() if not deprecated)
        for family, cls in getFeatureClasses().items()
    }
    assert known == FEATURES


def test_interpolators_are_those_of_pyradiomics(engine):
    assert all(hasattr(sitk, name) for name in INTERPOLATORS.values())
    settings = ExtractionSettings(resample={"spacing_mm": [1, 1, 1], "interpolator": "gaussian"})
    assert to_pyradiomics(settings)["setting"]["interpolator"] == "sitkGaussian"


def test_wavelet_families_are_those_of_pywavelets(engine):
    import pywt

    from radpipe.features.filters import WAVELETS

    assert set(WAVELETS) == set(pywt.wavelist(kind="discrete"))


def test_nothing_is_printed_and_no_setting_is_left_behind(pair, engine, capfd):
    before = (
        sitk.ProcessObject.GetGlobalDefaultNumberOfThreads(),
        sitk.ProcessObject.GetGlobalDefaultCoordinateTolerance(),
        logging.root.manager.disable,
    )
    settings = ExtractionSettings(
        discretise={"kind": "bin_count", "count": 8}, classes=["glcm"], geometry_tolerance=0.1
    )
    extract(*pair, 3, settings, engine)
    assert capfd.readouterr() == ("", "")
    assert before == (
        sitk.ProcessObject.GetGlobalDefaultNumberOfThreads(),
        sitk.ProcessObject.GetGlobalDefaultCoordinateTolerance(),
        logging.root.manager.disable,
    )


def test_numbers_do_not_follow_the_threads(pair, engine):
    settings = ExtractionSettings(**SETTINGS["normalised with a small bin width"])
    threads = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    found = []
    for n in (1, 2, 7):
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(n)
        found.append(extract(*pair, 3, settings, engine))
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
    assert found[0] == found[1] == found[2]


def test_not_installed_is_told_in_one_line(monkeypatch, pair):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for call in (
        PyRadiomicsEngine().version,
        lambda: extract(*pair, 3, CHEAP, PyRadiomicsEngine()),
    ):
        with pytest.raises(RadpipeError, match=r'C compiler.*pip install "\.\[pyradiomics\]"'):
            call()


def test_a_broken_install_is_told_in_one_line(monkeypatch, pair):
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    monkeypatch.setitem(sys.modules, "radiomics.featureextractor", None)
    with pytest.raises(RadpipeError, match=r"cannot be loaded.*C compiler"):
        extract(*pair, 3, CHEAP, PyRadiomicsEngine())


CHEAP = ExtractionSettings(classes=["firstorder", "glcm"])


def region_of(ball, selection):
    array = np.zeros_like(ball)
    array[selection] = 3
    return array


def refusal(engine, image, mask, settings=CHEAP, label=3):
    with pytest.raises(CaseError) as caught:
        extract(image, mask, label, settings, engine, "t1.nii.gz", "m.nii.gz")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def like(pair, array):
    image = sitk.GetImageFromArray(array)
    image.CopyInformation(pair[0])
    return image


def test_regions_without_features_are_told(pair, ball, engine):
    one = like(pair, region_of(ball, (8, 8, 8)))
    line = like(pair, region_of(ball, (8, 8, slice(3, 9))))
    assert "1 segmented voxel" in refusal(engine, pair[0], one)
    assert "too few dimensions" in refusal(engine, pair[0], line)
    assert refusal(engine, pair[0], one).startswith("m.nii.gz: ")


def test_a_flat_region_has_numbers_or_gaps_but_no_crash(pair, ball, engine):
    flat = like(pair, np.full(ball.shape, 50, np.int16))
    found = extract(flat, pair[1], 3, ExtractionSettings(), engine)
    assert list(found) == expected(ExtractionSettings())
    assert found["original_firstorder_Variance"] == 0
    assert not any(math.isinf(v) for v in found.values())


def test_one_slice_and_a_region_at_the_border(pair, ball, engine):
    for selection in ((8,), (slice(0, 3), slice(0, 9), slice(15, 24))):
        found = extract(pair[0], like(pair, region_of(ball, selection)), 3, CHEAP, engine)
        assert all(math.isfinite(v) for v in found.values())


def test_a_filter_that_the_image_is_too_small_for(pair, ball, engine):
    thin, mask = pair[0][:, :, 7:9], pair[1][:, :, 7:9]
    settings = ExtractionSettings(filters=["original", {"kind": "log", "sigma_mm": [3]}])
    assert "log-sigma-3-0-mm-3D" in refusal(engine, thin, mask, settings)


def test_too_many_grey_levels(pair, engine):
    fine = {"discretise": {"kind": "bin_width", "width": 0.01}}
    assert "allowed: up to 4096" in refusal(engine, *pair, ExtractionSettings(**fine))
    normalised = ExtractionSettings(normalise={"kind": "z_score", "scale": 1e4}, **fine)
    assert "grey levels" in refusal(engine, *pair, normalised)
    flat = like(pair, np.full((16, 20, 24), 5, np.int16))
    constant = ExtractionSettings(normalise="z_score")
    assert "same value everywhere" in refusal(engine, flat, pair[1], constant)


def test_what_does_not_fit_is_told_before_the_engine_runs(pair, engine):
    assert "labels there: 3" in refusal(engine, *pair, label=1)
    moved = sitk.Image(pair[1])
    moved.SetOrigin((0, 0, 0))
    assert "origin" in refusal(engine, pair[0], moved)
    strange = sitk.Cast(pair[0], sitk.sitkFloat32)
    strange[0, 0, 0] = math.nan
    assert "NaN or infinite voxels: 1" in refusal(engine, strange, pair[1])
    assert "dimensions 2 and 3" in refusal(engine, pair[0][:, :, 0], pair[1])


def test_infinite_features_become_gaps(pair):
    class Fake:
        name = "fake"

        def version(self):
            return "1"

        def extract(self, image, mask, settings):
            values = dict.fromkeys(expected(settings), 1.0)
            values["original_glcm_Id"] = math.inf
            return {"diagnostic": 0.0, **values}

    found = extract(*pair, 3, CHEAP, Fake())
    assert math.isnan(found["original_glcm_Id"])
    assert list(found) == expected(CHEAP)


def test_version_and_code_digest(engine):
    assert "pyradiomics-bhklab=" in engine.version()
    assert "SimpleITK=" in engine.version()
    assert len(code_of(DEFAULT_ENGINE, ExtractionSettings())) == 20
