"""PyRadiomics as it is, the native engine, and how their features are compared."""

import math

import pytest
import SimpleITK as sitk

from radpipe.features.case import extract_case
from radpipe.features.native_engine import NativeEngine
from radpipe.features.pyradiomics_engine import _quiet_and_single_threaded, to_pyradiomics
from radpipe.features.settings import ExtractionSettings


def to_image(array, spacing=(1.0, 1.0, 2.0), origin=(3.0, -7.0, 11.0)):
    """Return an image with unequal spacing, from an array indexed z, y, x."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    return image


def pyradiomics(image, mask, settings, label=3, **setting):
    """Return what PyRadiomics itself gives for image and mask as they are."""
    module = pytest.importorskip("radiomics.featureextractor", reason="no PyRadiomics")
    parameters = to_pyradiomics(settings)
    with _quiet_and_single_threaded():
        extractor = module.RadiomicsFeatureExtractor(**{**parameters["setting"], **setting})
        extractor.enabledImagetypes = parameters["imageType"]
        extractor.enabledFeatures = parameters["featureClass"]
        found = extractor.execute(image, mask, label=label)
    return {name: float(value) for name, value in found.items()}


def native(image, mask, settings, label=3):
    """Return the features by the native engine."""
    return extract_case(image, mask, label, settings, NativeEngine(), "t1.nii.gz", "m.nii.gz")


ROOTS = ("MinorAxisLength", "LeastAxisLength", "Elongation", "Flatness")
"""Roots of eigenvalues: of a line they are 0 or the root of a rounding error."""


def differences(found, reference):
    """Return the features that differ by more than 1e-6, or by more than rounding near 0."""
    assert set(found) == set(reference)
    return {
        name: (value, reference[name])
        for name, value in found.items()
        if not math.isclose(
            value, reference[name], rel_tol=1e-6, abs_tol=1e-6 if name.endswith(ROOTS) else 1e-11
        )
        and not (math.isnan(value) and not math.isfinite(reference[name]))
    }


def check_equal(image, mask, settings, label=3, **setting):
    """Check that native features are PyRadiomics'; return them."""
    chosen = ExtractionSettings(**settings)
    found = native(image, mask, chosen, label)
    assert differences(found, pyradiomics(image, mask, chosen, label, **setting)) == {}
    return found
