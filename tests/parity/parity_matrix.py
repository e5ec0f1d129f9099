"""Settings away from the default: each way of PyRadiomics to prepare, filter, bin and count."""

from __future__ import annotations

from typing import Any

TEXTURE = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
LOG = {"kind": "log", "sigma_mm": [1.5, 3]}
POINTWISE = ["square", "square_root", "logarithm", "exponential"]
INTERPOLATORS = [
    *("nearest", "linear", "bspline", "gaussian", "label_gaussian"),
    *("hamming_sinc", "cosine_sinc", "welch_sinc", "lanczos_sinc", "blackman_sinc"),
]
FAMILIES = ["haar", "db2", "db5", "sym4", "coif2", "bior2.2", "rbio3.3"]

MATRIX: dict[str, dict[str, Any]] = {
    "default": {},
    "axial slices": {"force_2d": "axial", "filters": ["original", LOG, "wavelet"]},
    "coronal slices": {
        "force_2d": "coronal",
        "filters": ["original", {"kind": "wavelet", "family": "haar"}],
    },
    "sagittal slices, weighted": {"force_2d": "sagittal", "weighting": "manhattan"},
    "two distances": {"distances": [1, 2]},
    "one far distance, slices": {"distances": [3], "force_2d": "axial"},
    **{
        f"weighted, {norm}": {"weighting": norm}
        for norm in ("manhattan", "euclidean", "infinity", "no_weighting")
    },
    "one way pairs, alpha, shift": {
        "symmetric_glcm": False,
        "gldm_alpha": 2,
        "intensity_shift": 300,
    },
    "one way pairs, weighted, slices": {
        "symmetric_glcm": False,
        "weighting": "euclidean",
        "force_2d": "axial",
        "intensity_shift": -0.5,
    },
    "pointwise, gradient, counted bins": {
        "discretise": {"kind": "bin_count", "count": 32},
        "filters": ["original", *POINTWISE, "gradient", {"kind": "log", "sigma_mm": [2.5]}],
    },
    "pointwise, bins of a width": {"filters": [*POINTWISE, "gradient"]},
    "few bins": {"discretise": {"kind": "bin_count", "count": 2}},
    "one bin": {"discretise": {"kind": "bin_width", "width": 1e5}},
    "narrow bins": {"discretise": {"kind": "bin_width", "width": 4.1}},
    "normalised": {"normalise": "z_score", "discretise": {"kind": "bin_width", "width": 0.3}},
    "normalised, outliers clipped": {
        "normalise": {"kind": "z_score", "scale": 100, "remove_outliers": 1.5},
        "discretise": {"kind": "bin_width", "width": 10},
        "resample": {"spacing_mm": [2, 2, 2]},
        "filters": ["original", LOG, "wavelet", "gradient", "square"],
    },
    **{
        f"resampled, {name}": {"resample": {"spacing_mm": [1.4, 1.7, 2], "interpolator": name}}
        for name in INTERPOLATORS
    },
    "resampled to smaller voxels": {"resample": {"spacing_mm": [0.8, 0.8, 0.8]}},
    "one axis kept, wide margin": {
        "resample": {"spacing_mm": [1.5, 1.5, 0], "pad_voxels": 10},
        "filters": ["original", {"kind": "log", "sigma_mm": [1, 3.5]}],
    },
    "no margin": {"resample": {"spacing_mm": [2, 2, 2], "pad_voxels": 0}, "filters": ["wavelet"]},
    "values in a range": {"resegment": {"range": [200, 400]}},
    "values above a limit": {"resegment": {"range": [250], "shape": True}},
    "part of the maximum": {"resegment": {"range": [0.3, 0.8], "mode": "relative", "shape": True}},
    "within deviations, resampled": {
        "resegment": {"range": [-1.5, 1.5], "mode": "sigma"},
        "resample": {"spacing_mm": [2, 2, 2]},
    },
    "cropped": {
        "crop": {"pad_voxels": 8},
        "filters": ["original", LOG, "wavelet", "gradient", "exponential"],
    },
    "cropped close": {"crop": {"pad_voxels": 0}, "filters": ["wavelet", "gradient"]},
    **{
        f"wavelet {family}": {"filters": [{"kind": "wavelet", "family": family}]}
        for family in FAMILIES
    },
    "wavelet, two levels from the second": {
        "filters": [{"kind": "wavelet", "family": "db2", "level": 2, "start_level": 1}],
        "discretise": {"kind": "bin_width", "width": 100},  # values grow with each level
    },
    "wavelet, three levels": {
        "filters": [{"kind": "wavelet", "family": "bior2.2", "level": 3}],
        "discretise": {"kind": "bin_count", "count": 24},
        "classes": TEXTURE,
    },
    "filters with settings of their own": {
        "weighting": "infinity",
        "filters": [
            "original",
            {"kind": "log", "sigma_mm": [2], "discretise": {"kind": "bin_width", "width": 5}},
            {
                "kind": "wavelet",
                "discretise": {"kind": "bin_count", "count": 16},
                "distances": [2],
                "weighting": "euclidean",
                "symmetric_glcm": False,
                "gldm_alpha": 1,
            },
            {"kind": "gradient", "use_spacing": False, "force_2d": "axial", "weighting": "off"},
            {"kind": "square", "intensity_shift": 10},
        ],
    },
    "features by name, deprecated ones too": {
        "features": {
            "shape": ["Compactness1", "Compactness2", "SphericalDisproportion", "MeshVolume"],
            "firstorder": ["StandardDeviation", "Energy"],
            "glcm": ["Id", "MCC"],
            "glrlm": ["RunEntropy"],
        }
    },
    "large enough": {"minimum_dimensions": 3, "minimum_voxels": 20},
}
"""Name -> settings, for grey values of some hundreds."""
