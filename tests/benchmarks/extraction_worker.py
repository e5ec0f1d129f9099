"""One extraction engine in a process of its own: jobs come as lines of JSON, and so do answers.

Only what the engine needs is imported, so that its start-up and memory are its own. The number of
threads is in the environment before anything is imported; see ``extraction.py``.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Extracted = tuple[dict[str, float], int]
"""Features, and the voxels that they come from."""

LONG_ENOUGH = 1.0
"""Seconds: a case that takes less is extracted again, up to ``MOST`` times; the median counts."""
MOST = 5


def native(job: dict[str, Any]) -> Extracted:
    """Extract as ``radpipe.steps.extract`` does."""
    from radpipe.features.case import extract_case
    from radpipe.io.images import read_image, read_mask

    settings, engine = _native_settings(job["setting"], job["width"])
    image, mask = read_image(Path(job["image"])), read_mask(Path(job["mask"]))
    found = extract_case(image, mask, 1, settings, engine)
    spacing = image.GetSpacing() if settings.resample is None else settings.resample.spacing_mm
    return found, round(found["original_shape_VoxelVolume"] / math.prod(spacing))


@cache
def _native_settings(setting: str, width: float) -> tuple[Any, Any]:
    from radpipe.features.native_engine import NativeEngine
    from radpipe.features.settings import ExtractionSettings

    how: dict[str, Any] = {"discretise": {"kind": "bin_width", "width": width}}
    if setting == "b":
        log = {"kind": "log", "sigma_mm": [1, 2, 3, 4, 5]}
        how["filters"] = ["original", log, {"kind": "wavelet", "family": "coif1"}]
        how["resample"] = {"spacing_mm": [1, 1, 1]}
    return ExtractionSettings(**how), NativeEngine()


def pyradiomics(job: dict[str, Any]) -> Extracted:
    """Extract as users of PyRadiomics do: paths in, features out."""
    found = _extractor(job["setting"], job["width"]).execute(job["image"], job["mask"])
    return {name: float(value) for name, value in found.items()}, 0


@cache
def _extractor(setting: str, width: float) -> Any:
    import radiomics
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    radiomics.setVerbosity(60)
    images: dict[str, Any] = {"Original": {}}
    how: dict[str, Any] = {"binWidth": width, "additionalInfo": False}
    if setting == "b":
        how["resampledPixelSpacing"] = [1, 1, 1]
        images |= {"LoG": {"sigma": [1.0, 2.0, 3.0, 4.0, 5.0]}, "Wavelet": {"wavelet": "coif1"}}
    families = ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
    classes: dict[str, list[str]] = {family: [] for family in families}
    return RadiomicsFeatureExtractor({"setting": how, "imageType": images, "featureClass": classes})


def answer(extract: Callable[[dict[str, Any]], Extracted], job: dict[str, Any]) -> dict[str, Any]:
    """Extract a case once, or often enough for its time to be sure."""
    seconds: list[float] = []
    while not seconds or (sum(seconds) < LONG_ENOUGH and len(seconds) < job.get("most", MOST)):
        start = time.perf_counter()
        features, voxels = extract(job)
        seconds.append(time.perf_counter() - start)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, kilobytes elsewhere
    return {
        "features": features,
        "voxels": voxels,
        "seconds": statistics.median(seconds),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    }


def main() -> None:
    extract = {"native": native, "pyradiomics": pyradiomics}[sys.argv[1]]
    for line in sys.stdin:
        print(json.dumps(answer(extract, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
