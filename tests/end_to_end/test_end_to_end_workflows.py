"""Six published workflows, said in study.yaml alone, each on a small simulated cohort."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from bench import Bench
from study_making import Making

WORKFLOWS = Path(__file__).parent / "workflows"
NAMES = sorted(file.parent.name for file in WORKFLOWS.glob("*/study.yaml"))

HEADLINE = {
    "j2-03": ("nomogram", "external:shinan", "c_index", 0.60),
    "po-0053": ("radiomics", "internal", "c_index", 0.55),
    "po-0057": ("nomogram", "internal", "auc", 0.65),
    "po-0065": ("svm", "internal", "macro_auc", 0.65),
    "po-0072": ("svm_all", "internal", "auc", 0.65),
    "po-0099": ("svm_month_24_delta", "internal", "auc", 0.60),
}
"""Model, split, metric, and what the planted signal must give at least."""


@pytest.fixture(scope="module", params=NAMES)
def workflow(request, tmp_path_factory):
    """Return a workflow whose cohort is made, and its study.yaml."""
    folder = WORKFLOWS / request.param
    bench = Bench(Making(folder), tmp_path_factory.mktemp(request.param) / "reports")
    before = bench.call("check")
    assert before.status == 0, before.lines
    made = bench.call("simulate")
    assert made.status == 0, made.lines
    return bench, yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def whole(workflow):
    """Return a workflow after its run."""
    bench, study = workflow
    outcome = bench.run()
    assert outcome.status == 0, outcome.lines
    return bench, study


def test_every_abstract_has_its_workflow():
    assert set(HEADLINE) == set(NAMES)


def test_the_made_cohort_fits_the_study(workflow):
    bench, study = workflow
    found = bench.call("check")
    assert found.status == 0, found.lines
    assert str(study["simulate"]["cases"]) in found.output


@pytest.mark.workflows
def test_every_model_predicts_cases_that_it_never_saw(whole):
    bench, study = whole
    found = pd.read_parquet(bench.work / "predictions.parquet")
    cohort = pd.read_parquet(bench.work / "cohort.parquet")
    held_out = found[found["kind"] == "held-out"]
    assert set(study["models"]) <= set(held_out["model"])
    trained = set(cohort.loc[cohort["split"] == "train", "case"])
    assert not set(held_out["case"]) & trained
    group = cohort.set_index("case")["group"]
    assert not set(group[list(set(held_out["case"]))]) & set(group[list(trained)])


@pytest.mark.workflows
def test_the_planted_signal_is_found(whole):
    bench, _ = whole
    model, split, metric, least = HEADLINE[bench.made.folder.name]
    found = pd.read_parquet(bench.work / "metrics.parquet")
    row = found[(found["model"] == model) & (found["split"] == split) & (found["metric"] == metric)]
    assert row["estimate"].iloc[0] > least


@pytest.mark.workflows
def test_every_output_is_there_and_the_report_says_simulated(whole):
    bench, study = whole
    folder = bench.reports / bench.made.folder.name
    wanted = {o if isinstance(o, str) else o.get("id", o["kind"]) for o in study["outputs"]}
    assert wanted == {path.name for path in (folder / "outputs").iterdir()}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert study["title"].split(":")[0] in page
    assert "imulated" in page
    assert all(str(entry["what"]) in page for entry in study["assumed"])


@pytest.mark.workflows
def test_three_risk_groups_come_of_two_learned_cuts(whole):
    bench, _ = whole
    if bench.made.folder.name != "j2-03":
        pytest.skip("one workflow has two cut-points")
    found = pd.read_parquet(bench.work / "predictions.parquet")
    rows = found[(found["model"] == "nomogram") & (found["kind"] == "held-out")]
    assert (rows["cutoff"] < rows["cutoff_high"]).all()
    group = (rows["score"] >= rows["cutoff"]).astype(int) + (rows["score"] >= rows["cutoff_high"])
    assert set(group) == {0, 1, 2}


@pytest.mark.workflows
def test_four_classes_have_risks_that_sum_to_one(whole):
    bench, study = whole
    if study["endpoint"]["type"] != "multiclass":
        pytest.skip("one workflow has several classes")
    found = pd.read_parquet(bench.work / "predictions.parquet")
    rows = found[found["kind"] == "held-out"]
    assert set(rows["class"]) == set(study["endpoint"]["classes"])
    sums = rows.groupby(["model", "case"])["risk"].sum()
    assert sums.between(1 - 1e-9, 1 + 1e-9).all()
