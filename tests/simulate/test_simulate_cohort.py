"""Simulated cohorts: what is asked for, the same each time, and marked as simulated."""

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.metrics import roc_auc_score

from radpipe.imaging.volume import check_pair, region
from radpipe.io.images import read_image, read_mask
from radpipe.simulate.cohort import draw_table, simulate
from radpipe.simulate.phantom import make_phantom
from radpipe.simulate.spec import SimulateSpec

SMALL = {"cases": 12, "size_voxels": (24, 24, 14), "spacing_mm": (2.0, 2.0, 3.5)}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    simulate(SimulateSpec(**SMALL), folder)
    return folder


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_files_fit_the_table(cohort):
    table = pd.read_csv(cohort / "clinical.csv", dtype=str, keep_default_na=False)
    assert list(table) == ["patient_id", "simulated", "age", "sex", "stage", "smoking", "event"]
    assert (table["simulated"] == "yes").all()
    names = [f"{case}.nii.gz" for case in table["patient_id"]]
    for part in ("images", "masks"):
        assert sorted(p.name for p in (cohort / part).iterdir()) == names
    for name in names[:3]:
        image, mask = read_image(cohort / "images" / name), read_mask(cohort / "masks" / name)
        check_pair(image, mask)
        region(mask, 1)
        assert image.GetSize() == SMALL["size_voxels"]
        assert image.GetSpacing() == SMALL["spacing_mm"]


def test_truth_tells_settings_and_risk(cohort):
    truth = json.loads((cohort / "truth.json").read_text())
    assert truth["simulated"] is True
    assert SimulateSpec(**truth["settings"]) == SimulateSpec(**SMALL)
    assert len(truth["cases"]) == 12
    first = truth["cases"][0]
    mask = read_mask(cohort / "masks" / f"{first['case']}.nii.gz")
    voxels = sum(mask[i] for i in np.ndindex(mask.GetSize()))
    assert first["volume_mm3"] == pytest.approx(voxels * np.prod(mask.GetSpacing()))


def test_equal_settings_give_equal_bytes(cohort, tmp_path):
    simulate(SimulateSpec(**SMALL), tmp_path)
    assert contents(tmp_path) == contents(cohort)


def test_another_seed_gives_other_phantoms(cohort, tmp_path):
    simulate(SimulateSpec(**SMALL, seed=1), tmp_path)
    a, b = contents(tmp_path), contents(cohort)
    assert a.keys() == b.keys()
    assert all(a[name] != b[name] for name in a)


def test_a_smaller_cohort_leaves_no_phantom_behind(tmp_path):
    simulate(SimulateSpec(**SMALL), tmp_path)
    simulate(SimulateSpec(**{**SMALL, "cases": 10}), tmp_path)
    assert len(list((tmp_path / "images").iterdir())) == 10
    assert len(list((tmp_path / "masks").iterdir())) == 10


@pytest.mark.parametrize("endpoint", ["binary", "survival"])
@pytest.mark.parametrize("prevalence", [0.1, 0.4, 0.85])
def test_prevalence_is_exact(endpoint, prevalence):
    table, _ = draw_table(SimulateSpec(cases=80, prevalence=prevalence, endpoint=endpoint))
    assert (table["event"] == "1").sum() == round(80 * prevalence)
    assert set(table["event"]) == {"0", "1"}


def test_survival_times_are_whole_days_within_the_follow_up():
    spec = SimulateSpec(cases=200, endpoint="survival", follow_up_days=1000)
    table, truth = draw_table(spec)
    time = table["time"].astype(int)
    assert time.between(1, 1000).all()
    early = (table["event"] == "1") & (time < 300)
    assert truth["risk"][early].mean() > truth["risk"].mean() + 0.5


def test_missing_cells_are_empty_and_in_the_last_variable():
    spec = SimulateSpec(cases=400, missing=0.1, clinical=("age", "sex"))
    table, _ = draw_table(spec)
    assert list(table) == ["patient_id", "simulated", "age", "sex", "event"]
    assert 0.05 < (table["sex"] == "").mean() < 0.15
    assert (table["age"] != "").all()


def test_what_drives_the_risk_and_what_does_not():
    """Large cohort, table only: the AUCs that the settings' documentation promises."""
    table, truth = draw_table(SimulateSpec(cases=2000))
    event = table["event"].astype(int)
    auc = {name: roc_auc_score(event, truth[name]) for name in ("heterogeneity", "size", "risk")}
    auc["clinical"] = roc_auc_score(event, truth["age"] + truth["stage"])
    auc["sex"] = roc_auc_score(event, table["sex"] == "male")
    auc["smoking"] = roc_auc_score(event, table["smoking"] == "never")
    assert 0.80 < auc["heterogeneity"] < 0.87
    assert 0.58 < auc["size"] < 0.67
    assert 0.64 < auc["clinical"] < 0.73
    assert auc["risk"] > 0.89
    assert abs(auc["sex"] - 0.5) < 0.04
    assert abs(auc["smoking"] - 0.5) < 0.04


def test_no_effect_means_no_truth():
    effects = {"heterogeneity": 0, "size": 0, "clinical": 0}
    table, truth = draw_table(SimulateSpec(cases=1000, effects=effects))
    assert abs(roc_auc_score(table["event"].astype(int), truth["heterogeneity"]) - 0.5) < 0.06


def test_phantoms_show_size_and_heterogeneity():
    shape, spacing = (48, 48, 24), (1.0, 1.0, 2.0)

    def draw(heterogeneity, size):
        phantom = make_phantom(np.random.default_rng(3), heterogeneity, size, shape, spacing)
        return phantom.volume_mm3, phantom.image[phantom.mask == 1].std()

    small, large = draw(0, -1), draw(0, 1)
    assert large[0] / small[0] == pytest.approx(1.6**2, rel=0.1)
    assert draw(1, 0)[1] > 1.5 * draw(-1, 0)[1]
    for extreme in (-6, 6):
        phantom = make_phantom(np.random.default_rng(3), extreme, extreme, shape, spacing)
        assert 30 < phantom.mask.sum() < 0.5 * phantom.mask.size


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cases": 5}, "greater than or equal to 10"),
        ({"cases": 10, "prevalence": 0.05}, "fewer than 2"),
        ({"endpoint": "count"}, "'binary', 'survival', 'multiclass', 'ordinal' or 'continuous'"),
        ({"size_voxels": (48, 48)}, "size_voxels"),
        ({"case": 60}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said(change, says):
    with pytest.raises(ValidationError) as caught:
        SimulateSpec(**change)
    assert says in str(caught.value)
