"""The real cohort: three patients through extraction, and both studies whole."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

PATIENTS = ["STS_002", "STS_020", "STS_047"]


@pytest.mark.real
def test_three_patients_from_files_to_tables(sarcoma, root, tmp_path):
    table = pd.read_csv(sarcoma / "clinical.csv", dtype=str, keep_default_na=False)
    data = tmp_path / "data"
    for folder in ("images", "masks", "pet/images", "pet/masks"):
        (data / folder).mkdir(parents=True)
        for patient in PATIENTS:
            name = f"{folder}/{patient}.nii.gz"
            (data / name).symlink_to((sarcoma / name).resolve())
    table[table["patient_id"].isin(PATIENTS)].to_csv(data / "clinical.csv", index=False)
    study = tmp_path / "studies" / "sts-lung-metastasis"
    shutil.copytree(root / "studies" / "sts-lung-metastasis", study)
    text = (study / "study.yaml").read_text(encoding="utf-8")
    few = text.replace(
        ", {kind: log, sigma_mm: [1, 2, 3, 4, 5]}, {kind: wavelet, family: coif1}", ""
    )
    assert few.count("filters: [original]") == 3
    (study / "study.yaml").write_text(few, encoding="utf-8")

    def step(name, block):
        words = ["step", name, str(study), block, "--data", str(data)]
        subprocess.run([sys.executable, "-m", "radpipe", *words], check=True, cwd=tmp_path)

    blocks = {}
    for block in ("t1_mass", "pet_mass", "suv"):
        step("extract", block)
        step("gather", block)
        path = tmp_path / f"reports/sts-lung-metastasis/.work/blocks/{block}.parquet"
        blocks[block] = pd.read_parquet(path).set_index("case")
        assert sorted(blocks[block].index) == PATIENTS
        assert np.isfinite(blocks[block].to_numpy(dtype=float)).all()
    for patient in PATIENTS:
        image, mask = (
            sitk.GetArrayFromImage(sitk.ReadImage(str(sarcoma / f"pet/{kind}/{patient}.nii.gz")))
            for kind in ("images", "masks")
        )
        found = blocks["suv"].loc[patient, "suv__original_firstorder_Maximum"]
        assert found == pytest.approx(image[mask == 1].max(), rel=1e-12)


@pytest.fixture(scope="module")
def whole(root, sarcoma):
    """Return the folder of a study's results, run whole with the results of earlier runs."""

    def run(name):
        call = [sys.executable, "-m", "radpipe", "run", f"studies/{name}", "--data", str(sarcoma)]
        done = subprocess.run(call, cwd=root, text=True, capture_output=True, check=False)
        print(done.stdout)
        assert done.returncode == 0, done.stderr
        assert (root / "reports" / name / "report.html").stat().st_size > 100_000
        return root / "reports" / name

    return run


def permuted(folder):
    """Return the mean over permutations of every model."""
    records = [json.loads(p.read_text()) for p in (folder / ".work/controls").glob("*.json")]
    assert all(record["n"] == 40 for record in records)
    return {record["model"]: float(np.mean(record["permutations"])) for record in records}


@pytest.mark.whole
def test_lung_metastasis_whole(whole):
    folder = whole("sts-lung-metastasis")
    metrics = pd.read_parquet(folder / ".work/metrics.parquet")
    suvmax = metrics[(metrics["model"] == "suvmax") & (metrics["metric"] == "auc")]
    assert suvmax["estimate"].round(3).tolist() == [0.811] * len(suvmax)
    means = permuted(folder)
    assert len(means) == 9
    assert {m: v for m, v in means.items() if abs(v - 0.5) > 0.06} == {}


@pytest.mark.whole
def test_metastasis_free_survival_whole(whole):
    folder = whole("sts-metastasis-free-survival")
    outcomes = pd.read_parquet(folder / ".work/outcomes.parquet")
    assert outcomes["event"].sum() == 27
    means = permuted(folder)
    assert {m: v for m, v in means.items() if abs(v - 0.5) > 0.06} == {}
