"""The real cohort: three patients through extraction, and both studies whole."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radpipe.features.case import extract_case as extract
from radpipe.features.filters import OriginalSpec
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.io.images import read_image, read_mask
from radpipe.study.files import block_files
from radpipe.study.load import load_study

PATIENTS = ["STS_006", "STS_008", "STS_025"]


@pytest.mark.real
@pytest.mark.parametrize("block", ["t1_mass", "pet_mass", "suv"])
def test_three_patients_from_files_to_features(sarcoma, root, block):
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    study = load_study(root / "studies" / "sts-lung-metastasis", sarcoma)
    files = block_files(study, block)
    assert len(files) == 51
    for patient in PATIENTS:
        pair = files[patient]
        image, mask = read_image(pair.image), read_mask(pair.mask)
        settings = pair.settings.model_copy(update={"filters": (OriginalSpec(),)})
        found = extract(image, mask, pair.label, settings, ENGINES[DEFAULT_ENGINE]())
        assert np.isfinite(list(found.values())).all()
        if block == "suv":
            values, inside = (sitk.GetArrayFromImage(part) for part in (image, mask))
            suvmax = found["original_firstorder_Maximum"]
            assert suvmax == pytest.approx(values[inside == 1].max(), rel=1e-12)


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
    assert suvmax["estimate"].round(3).tolist() == [0.811, 0.811]  # out-of-fold and apparent
    means = permuted(folder)
    assert len(means) == 9
    assert {m: v for m, v in means.items() if abs(v - 0.5) > 0.06} == {}


@pytest.mark.whole
def test_metastasis_free_survival_whole(whole):
    folder = whole("sts-metastasis-free-survival")
    outcomes = pd.read_parquet(folder / ".work/outcomes.parquet")
    assert outcomes["event"].sum() == 27
    means = permuted(folder)
    assert len(means) == 6
    assert {m: v for m, v in means.items() if abs(v - 0.5) > 0.06} == {}
