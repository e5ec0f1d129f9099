"""Data folders for `radpipe new` to look into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from radpipe.study.check import check_path
from radpipe.study.scaffold import write_study
from radpipe.study.sniff import Findings

N = 24
IDS = [f"P{i:03d}" for i in range(1, N + 1)]
Row = Mapping[str, str]


def volume(path: Path, kind: str, spacing: float = 1.0, labels: Sequence[int] = (1,)) -> None:
    """Write a volume of 8 x 8 x 6 voxels: CT, MR, PT, or a mask with the given labels."""
    rng = np.random.default_rng(list(path.as_posix().encode()))
    shape = (6, 8, 8)
    if kind == "mask":
        voxels = np.zeros(shape, np.uint8)
        for number, label in enumerate(labels):
            voxels[2:5, 2:6, 1 + 3 * number : 3 + 3 * number] = label
    elif kind == "PT":
        voxels = rng.gamma(2, 2, shape).astype(np.float32)
    else:
        low, high = (-1000, 400) if kind == "CT" else (0, 900)
        voxels = rng.integers(low, high, shape).astype(np.int16)
        voxels[0, 0, 0] = low
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((spacing, spacing, 3.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))


def some_rows(ids: Sequence[str] = IDS) -> list[dict[str, str]]:
    """Return a cohort whose outcome no predictor gives away."""
    rng = np.random.default_rng(7)
    return [
        {
            "patient_id": case,
            "age": str(int(rng.integers(20, 80))),
            "sex": "MF"[int(rng.integers(2))],
            "grade": ("low", "high", "intermediate")[int(rng.integers(3))],
            "metastasis": str(int(i % 2)),
            "treatment": ("surgery", "radiotherapy")[int(rng.integers(2))],
        }
        for i, case in enumerate(ids)
    ]


def csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> None:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def flat(data: Path, ids: Sequence[str] = IDS, kind: str = "MR") -> None:
    for case in ids:
        volume(data / f"images/{case}.nii.gz", kind)
        volume(data / f"masks/{case}.nii.gz", "mask")


def names(found: Findings) -> list[str]:
    return [column.name for column in found.predictors]


def passes(tmp_path: Path, data: Path, endpoint: str | None = None) -> str:
    """Write the study, check that it passes whole, and return its text."""
    study, _ = write_study(tmp_path / "studies/new", "new", data, endpoint)
    report = check_path(study.parent, voxels=True)
    assert [str(fault) for fault in report.faults] == []
    return study.read_text(encoding="utf-8")
