"""Cases, settings and engines of the parity tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import SimpleITK as sitk

from radpipe.features.case import extract_case
from radpipe.features.native_engine import NativeEngine
from radpipe.features.pyradiomics_engine import PyRadiomicsEngine
from radpipe.features.settings import ExtractionSettings
from radpipe.io.images import read_image, read_mask

FOLDERS = {"MR": ".", "PET": "pet"}
WIDTHS = {"MR": 10.0, "PET": 0.25}
"""Bins as studies of such images have them: grey values of a T1, units of SUV."""

SETTINGS: dict[str, dict[str, Any]] = {
    "a": {"filters": ["original"]},
    "b": {
        "filters": [
            "original",
            {"kind": "log", "sigma_mm": [1, 2, 3, 4, 5]},
            {"kind": "wavelet", "family": "coif1"},
        ],
        "resample": {"spacing_mm": [1, 1, 1]},
    },
}
"""What most radiomics studies extract: the image as it is, and filtered on a grid of 1 mm."""

Pair = tuple[sitk.Image, sitk.Image]


def settings_for(setting: str, modality: str, width: float | None = None) -> ExtractionSettings:
    """Return one of ``SETTINGS`` with the bins of a modality, or bins of a width."""
    bins = {"kind": "bin_width", "width": width or WIDTHS[modality]}
    return ExtractionSettings(discretise=bins, **SETTINGS[setting])


def files_of(cohort: Path, modality: str, patient: str) -> tuple[Path, Path]:
    """Return the paths of image and mask."""
    folder = cohort / FOLDERS[modality]
    return folder / f"images/{patient}.nii.gz", folder / f"masks/{patient}.nii.gz"


def patients_of(cohort: Path, modality: str) -> list[str]:
    """Return the ids of all patients, those with the largest masks first."""
    masks = (cohort / FOLDERS[modality] / "masks").glob("*.nii.gz")
    names = {path.name.removesuffix(".nii.gz"): path.stat().st_size for path in masks}
    return sorted(names, key=lambda name: (-names[name], name))


def read(cohort: Path, modality: str, patient: str) -> Pair:
    """Read image and mask as the steps do."""
    image, mask = files_of(cohort, modality, patient)
    return read_image(image), read_mask(mask)


def native(pair: Pair, settings: ExtractionSettings) -> dict[str, float]:
    """Return the features of label 1 by the native engine."""
    return extract_case(*pair, 1, settings, NativeEngine())


def pyradiomics(pair: Pair, settings: ExtractionSettings) -> dict[str, float]:
    """Return the features of label 1 by PyRadiomics."""
    return extract_case(*pair, 1, settings, PyRadiomicsEngine())
