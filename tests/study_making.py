"""A small sound study on disk, which each test spoils in one way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import FaultsError
from radpipe.study.load import load_study

STUDY = """\
schema: 1
title: A small study
endpoint: {type: binary, column: relapse, positive: 1}
cohort:
  table: clinical.csv
  id: patient
images:
  t1: {path: "images/{patient}.nii.gz", modality: MR}
regions:
  tumour: {masks: {t1: "masks/{patient}.nii.gz"}}
blocks:
  t1_tumour:
    image: t1
    region: tumour
    filters: [original]
    classes: [shape, firstorder]
clinical:
  age: {type: continuous, unit: years}
  grade: {type: ordinal, levels: [low, high]}
selection:
  few: [{kind: mrmr, n: 2}]
models:
  radscore: {kind: penalised_logistic, inputs: [t1_tumour], selection: few}
  combined: {kind: logistic, inputs: [radscore, clinical.age]}
evaluation: {resampling: {kind: repeated_cv, folds: 3, repeats: 2, inner_folds: 2}}
outputs:
  - {kind: roc, models: [radscore, combined]}
"""

SURVIVAL = (
    "endpoint: {type: survival, time: days, event: relapse, time_unit: days, horizons: [300]}"
)
BINARY = "endpoint: {type: binary, column: relapse, positive: 1}"
CASES = [f"P{i:02d}" for i in range(1, 13)]


@dataclass
class Making:
    """A study's folder and its data folder."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "study.yaml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def table(self) -> Path:
        return self.data / "clinical.csv"

    def write(self, text: str = STUDY) -> None:
        self.file.write_text(text, encoding="utf-8")

    def swap(self, *changes: str) -> None:
        """Replace text in study.yaml: old, new, old, new ..."""
        replace(self.file, *changes)

    def swap_cells(self, *changes: str) -> None:
        """Replace text in the table."""
        replace(self.table, *changes)

    def image(self, case: str) -> Path:
        return self.data / "images" / f"{case}.nii.gz"

    def mask(self, case: str) -> Path:
        return self.data / "masks" / f"{case}.nii.gz"


def replace(file: Path, *changes: str) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def write_volume(path: Path, values: np.ndarray, spacing: tuple[float, ...] = (1, 1, 2)) -> None:
    """Write an array (z, y, x) as a volume."""
    image = sitk.GetImageFromArray(values)
    image.SetSpacing([float(s) for s in spacing])
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))


def make(folder: Path, cases: Sequence[str] = CASES, signal: float = 0.0) -> Making:
    """Write a sound study; of 12 cases, 5 have the event.

    The images of those are brighter by ``signal``, in units of the noise.
    """
    made = Making(folder)
    made.data.mkdir(parents=True)
    made.write()
    rng = np.random.default_rng(0)
    mask = np.zeros((6, 8, 8), dtype=np.uint8)
    mask[2:4, 2:6, 2:6] = 1
    rows = ["patient,relapse,age,grade,days"]
    for i, case in enumerate(cases):
        grade = ("low", "high")[i % 2]
        event = int(i % 5 in (0, 2))
        rows.append(f"{case},{event},{40 + i},{grade},{100 * i + 50}")
        values = rng.normal(100, 10, mask.shape) + 10 * signal * event
        write_volume(made.image(case), values.astype(np.float32))
        write_volume(made.mask(case), mask)
    made.table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return made


def load_faults(made: Making) -> list[str]:
    """Return the lines that say why a study cannot be loaded."""
    with pytest.raises(FaultsError) as error:
        load_study(made.folder)
    return str(error.value).splitlines()
