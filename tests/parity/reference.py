"""PyRadiomics' values of whole cohorts, kept between runs where a folder for them is named.

``RADPIPE_PARITY_CACHE`` names it. A value is found again only for the same files, settings and
versions of PyRadiomics and its libraries, so that a change of the native engine alone costs no
second hour of PyRadiomics.
"""

from __future__ import annotations

import json
import os
import time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from comparison import Difference, compare, worst
from parity_cases import files_of, native, pyradiomics, read, settings_for

from radpipe.core.digests import digest
from radpipe.features.pyradiomics_engine import PyRadiomicsEngine
from radpipe.features.settings import ExtractionSettings, canonical


class Outcome(NamedTuple):
    """How one case compares."""

    features: int
    worst: float
    beyond: list[Difference]
    seconds: float


def compare_case(cohort: Path, modality: str, patient: str, setting: str) -> Outcome:
    """Extract a case with both engines; a function of its own, for a pool of processes."""
    start = time.perf_counter()
    pair, settings = read(cohort, modality, patient), settings_for(setting, modality)
    ours = native(pair, settings)
    kept = _place(files_of(cohort, modality, patient), settings)
    if kept and kept.exists():
        theirs = json.loads(kept.read_text(encoding="utf-8"))
    else:
        theirs = pyradiomics(pair, settings)
        if kept:
            _write(kept, theirs)
    seconds = time.perf_counter() - start
    return Outcome(len(theirs), worst(ours, theirs), compare(ours, theirs), seconds)


def _place(files: tuple[Path, Path], settings: ExtractionSettings) -> Path | None:
    folder = os.environ.get("RADPIPE_PARITY_CACHE")
    if not folder:
        return None
    contents = [sha256(path.read_bytes()).hexdigest() for path in files]
    key = digest(canonical(settings), PyRadiomicsEngine().version(), *contents)
    return Path(folder) / f"{files[0].name.partition('.')[0]}-{key}.json"


def _write(path: Path, values: dict[str, float]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(values), encoding="utf-8")
    part.rename(path)
