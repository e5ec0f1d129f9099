"""The benchmark runs and says what it should; nothing here is timed."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")


@pytest.fixture
def cohort(tmp_path):
    """Five phantoms with regions of rising size, named against that order; no PET."""
    rng = np.random.default_rng(3)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(5):
        values = 300 + 400 * gaussian_filter(rng.normal(size=(12, 16, 18)), 1.5)
        inside = np.zeros(values.shape, np.uint8)
        inside[3:9, 4:12, 5 : 9 + number] = 1
        for folder, array in (("images", values.astype(np.int16)), ("masks", inside)):
            path = tmp_path / folder / f"P{9 - number}.nii.gz"
            sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    return tmp_path


def test_a_run_on_phantoms(cohort, root):
    call = [sys.executable, "-m", "tests.benchmarks.extraction", "--cases", "2", "--setting", "a"]
    words = [*call, "--data", str(cohort), "--no-start", "--scaling"]
    done = subprocess.run(words, cwd=root, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(P\d) +MR +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +(\d+)$", done.stdout, re.M)
    assert [row[:2] for row in rows] == [("P9", "192"), ("P5", "384")]  # smallest and largest
    assert all(float(number) > 0 for row in rows for number in row[2:])
    assert "2 cases, 214 features, 0 beyond 1e-6" in done.stdout
    assert re.search(r"1 process [\d.]+ s, 2 processes [\d.]+ s", done.stdout)


def test_an_empty_folder_is_told(tmp_path, root):
    call = [sys.executable, "-m", "tests.benchmarks.extraction", "--data", str(tmp_path)]
    done = subprocess.run(call, cwd=root, text=True, capture_output=True, check=False)
    assert (done.returncode, "no masks under" in done.stderr) == (1, True)


def test_the_summary(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))
    from tests.benchmarks.extraction import Measured, summary

    slow = Measured("A", "MR", 10, 8.0, 1.0, 100.0, 107, ["A glcm_Id: 1 and 2"])
    quick = Measured("B", "MR", 10, 2.0, 1.0, 100.0, 107, [])
    said = summary([slow, quick])
    assert said.startswith(f"geometric mean {math.sqrt(16):.1f}, smallest 2.0; 2 cases, 214")
    assert said.endswith("1 beyond 1e-6\nA glcm_Id: 1 and 2")
