"""A small study whose cases are read twice, for the tests of several layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from study_making import Making, make, write_volume

CASES = [f"P{i:02d}" for i in range(1, 31)]
READ = CASES[:24]

READERS = "readers:\n  r1: {primary: true}\n  r2: {cases: {column: double_read}}\n"
PERTURBATIONS = (
    "perturbations: {n: 2, shift_mm: 1, volume_fraction: 0.2, noise: 1, randomise_contour: true}\n"
)
ICC = "few: [{kind: icc, min_cases: 10}, {kind: mrmr, n: 2}]"


def twice(folder: Path = Path("studies/small")) -> Making:
    """Write a study of which two readers drew the first 24 of 30 masks; r2's are a bit larger."""
    made = make(folder, CASES)
    rng = np.random.default_rng(4)
    for case in CASES:
        mask = sitk.GetArrayFromImage(sitk.ReadImage(str(made.mask(case))))
        mask[2:4, rng.integers(3, 6) :, 2:6] = 0  # cases differ in size
        made.mask(case).unlink()
        write_volume(mask_of(made, "r1", case), mask)
        if case in READ:
            mask[2, 2:5, 6 : rng.integers(7, 9)] = 1
            write_volume(mask_of(made, "r2", case), mask)
    lines = made.table.read_text().splitlines()
    cells = ["double_read", *("1" if case in READ else "0" for case in CASES)]
    made.table.write_text("\n".join(map(",".join, zip(lines, cells, strict=True))) + "\n")
    made.swap(
        "images:\n", READERS + "images:\n",
        '"masks/{patient}.nii.gz"', '"masks/{reader}/{patient}.nii.gz"',
        "few: [{kind: mrmr, n: 2}]", ICC, "inner_folds: 2", "inner_folds: 6",
    )  # fmt: skip
    return made


def once(folder: Path = Path("studies/small")) -> Making:
    """Write a study with one mask a case, which is perturbed twice."""
    made = make(folder, CASES)
    made.swap("images:\n", PERTURBATIONS + "images:\n", "few: [{kind: mrmr, n: 2}]", ICC)
    return made


def mask_of(made: Making, reader: str, case: str) -> Path:
    return made.data / "masks" / reader / f"{case}.nii.gz"
