"""``radpipe predict`` with models whose preparation, blocks or parts are more than their own."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fitted_making import fit_study, radpipe
from study_making import STUDY, make, write_volume

from radpipe.core.errors import RadpipeError, UsageError
from radpipe.io.models import read_model

CASES = [f"P{i:02d}" for i in range(1, 37)]
WORK = Path("reports/small/.work")
BLOCKS = """\
blocks:
  t2_tumour: {image: t2, region: tumour, classes: [firstorder]}
  change: {kind: delta, of: t2_tumour, minus: t1_tumour, change: relative}
  twice: {kind: delta, of: change, minus: t2_tumour}
"""
MODELS = """\
preparation:
  even: [{kind: combat, batch: scanner, covariates: [age]}]
  moved: [{kind: combat, batch: scanner, transductive: true}]
models:
  even: {kind: logistic, preparation: even, inputs: [MEAN, SD]}
  moved: {kind: logistic, preparation: moved, inputs: [MEAN, SD]}
  nearest: {kind: logistic, preparation: [{kind: impute, method: knn}], inputs: [MEAN, SD, AGE]}
  chained: {kind: logistic, preparation: [{kind: impute, method: iterative}], inputs: [MEAN, SD]}
  grown: {kind: logistic, inputs: [change__original_firstorder_Mean]}
  nested: {kind: logistic, inputs: [twice__original_firstorder_Mean, AGE]}
  both:
    {kind: logistic, inputs: [change__original_firstorder_Mean, change__original_firstorder_Median]}
  sized: {kind: logistic, inputs: [clinical.bsa, AGE]}
  spare:
    {kind: logistic, preparation: even, inputs: [t1_tumour, t2_tumour, clinical],
     selection: [{kind: mrmr, n: 2}]}
  moving:
    {kind: logistic, preparation: moved, inputs: [t1_tumour], selection: [{kind: mrmr, n: 2}]}
  late: {kind: fusion, inputs: [even, grown]}
  regressed: {kind: fusion, inputs: [nearest, grown, nested], method: logistic}
  voted: {kind: fusion, inputs: [grown, nested], method: vote}
"""
BSA = "0.0061*height_cm + 0.0128*weight_kg - 0.1529"
NAMES = {"MEAN": "t1_tumour__original_firstorder_Mean",
         "SD": "t1_tumour__original_firstorder_MeanAbsoluteDeviation",
         "AGE": "clinical.age"}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a study of two scanners and two time points whose models are fitted."""
    folder = tmp_path_factory.mktemp("prepared")
    before = Path.cwd()
    os.chdir(folder)
    study = make(folder / "studies" / "small", CASES)
    rng = np.random.default_rng(1)
    for case in CASES:
        values = rng.normal(120, 12, (6, 8, 8)).astype(np.float32)
        write_volume(study.data / "t2" / f"{case}.nii.gz", values)
    models = MODELS
    for word, name in NAMES.items():
        models = models.replace(word, name)
    start, end = STUDY.index("selection:"), STUDY.index("evaluation:")
    text = STUDY[:start] + "controls: {volume: false, clinical: false}\n" + models + STUDY[end:]
    study.write(
        text.replace("regions:\n", '  t2: {path: "t2/{patient}.nii.gz", modality: MR}\nregions:\n')
        .replace('patient}.nii.gz"}}', 'patient}.nii.gz", t2: "masks/{patient}.nii.gz"}}')
        .replace("blocks:\n", BLOCKS)
        .replace("[shape, firstorder]", "[firstorder]")
        .replace("repeats: 2", "repeats: 1")
        .replace("clinical:\n", f"clinical:\n  bsa: {{type: continuous, expression: {BSA}}}\n")
        .replace("[radscore, combined]", "[even]")
    )
    frame = pd.read_csv(study.table, dtype=str)
    frame["scanner"] = np.where(np.arange(len(frame)) % 3 == 0, "A", "B")
    frame["age"] = rng.integers(40, 80, len(frame))
    frame["height_cm"] = rng.integers(150, 190, len(frame))
    frame["weight_kg"] = rng.integers(50, 100, len(frame))
    frame.to_csv(study.table, index=False)
    fit_study(study.folder, folder / "reports")
    os.chdir(before)
    return folder


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    monkeypatch.chdir(home)


def predicted(place, out, *more):
    radpipe("predict", place, *more, "-o", out)
    return pd.read_csv(out).set_index("case")


def model(name: str) -> Path:
    return WORK / "models" / name


def known(name: str) -> pd.Series:
    table = pd.read_parquet(WORK / "predictions.parquet")
    own = table[(table["model"] == name) & (table["kind"] == "apparent")]
    return own.set_index("case").sort_index()["risk"]


def features(folder: Path, *blocks: str) -> Path:
    """Write the features of blocks as one table."""
    frames = [pd.read_parquet(WORK / "blocks" / f"{b}.parquet").set_index("case") for b in blocks]
    pd.concat(frames, axis=1).rename_axis("case").to_csv(folder / "features.csv")
    return folder / "features.csv"


def clinical(folder: Path, **columns) -> Path:
    frame = pd.read_csv("studies/small/data/clinical.csv").drop(columns="relapse")
    frame.assign(**columns).to_csv(folder / "clinical.csv", index=False)
    return folder / "clinical.csv"


@pytest.mark.parametrize(
    "name",
    ["even", "moved", "nearest", "chained", "grown", "nested", "both", "sized", "spare", "moving",
     "late", "regressed", "voted"],
)  # fmt: skip
def test_training_cases_get_the_study_s_own_predictions(name, tmp_path):
    table = features(tmp_path, "t1_tumour", "t2_tumour", "change", "twice")
    found = predicted(model(name), tmp_path / "out.csv", "--features", table, "--clinical",
                      clinical(tmp_path))  # fmt: skip
    np.testing.assert_allclose(found["risk"], known(name), rtol=0, atol=1e-12)
    assert found["warnings"].isna().all()
    assert found["error"].isna().all()


@pytest.mark.parametrize("name", ["even", "moved"])
def test_a_batch_that_training_never_saw_is_told_case_by_case(name, tmp_path):
    scanner = np.where(np.arange(len(CASES)) < 9, "C", "B")
    table = features(tmp_path, "t1_tumour")
    given = ("--features", table, "--clinical")
    out = tmp_path / "out.csv"
    found = predicted(model(name), out, *given, clinical(tmp_path, scanner=scanner))
    more = ", and fewer than 10 are too few to be transductive" if name == "moved" else ""
    said = f"batch C (n=9) not harmonised: unseen in training{more}"
    assert found["warnings"].tolist()[:9] == [said] * 9
    assert found["warnings"][9:].isna().all()
    pipeline = read_model(model(name) / "model.skops")
    own = pd.read_csv(table).set_index("case")
    values = own[[NAMES["MEAN"], NAMES["SD"]]].iloc[:9]
    prepared = pipeline.prepare_.scale_.transform(values[sorted(values.columns)])
    risk = pipeline.model_.predict_risk(prepared)
    np.testing.assert_allclose(found["risk"].iloc[:9], risk, atol=1e-12)
    scanner[9] = "C"
    found = predicted(model(name), out, *given, clinical(tmp_path, scanner=scanner))
    done = {"even": "batch C (n=10) not harmonised: unseen in training",
            "moved": "transductive ComBat of batch C (n=10)"}  # fmt: skip
    assert found["warnings"].tolist()[:10] == [done[name]] * 10
    moved = ~np.isclose(found["risk"].iloc[:9], risk)
    assert moved.all() if name == "moved" else not moved.any()


def test_the_card_names_the_batches_and_a_slip_has_the_nearest(tmp_path):
    known = {"column": "scanner", "seen": {"A": 12, "B": 24}, "transductive_from": None}
    passport = json.loads((model("even") / "model.json").read_text(encoding="utf-8"))
    assert passport["batches"] == [known]
    card = (model("even") / "model.md").read_text(encoding="utf-8")
    assert "| scanner | batch |  | A (12), B (24) |" in card
    assert "| clinical.age | clinical |" in card
    moved = (model("moved") / "model.md").read_text(encoding="utf-8")
    assert "Those of another batch pass as they are." in card
    assert "by their own values where there are 10 or more" in moved
    scanner = np.where(np.arange(len(CASES)) < 1, "b", "B")
    given = ("--features", features(tmp_path, "t1_tumour"), "--clinical")
    out = tmp_path / "out.csv"
    found = predicted(model("even"), out, *given, clinical(tmp_path, scanner=scanner))
    assert found["warnings"].iloc[0].endswith("unseen in training; nearest: B")


def test_a_batch_that_is_not_told_is_asked_for(tmp_path):
    table = features(tmp_path, "t1_tumour")
    with pytest.raises(UsageError, match="even needs age, scanner; give --clinical TABLE"):
        radpipe("predict", model("even"), "--features", table)
    cohort = clinical(tmp_path)
    frame = pd.read_csv(cohort)
    frame.rename(columns={"scanner": "scaner"}).to_csv(cohort, index=False)
    with pytest.raises(RadpipeError, match=r"no column 'scanner' \(nearest: scaner\)"):
        radpipe("predict", model("even"), "--features", table, "--clinical", cohort)
    frame["scanner"] = frame["scanner"].mask(frame["patient"] == "P02")
    frame.to_csv(cohort, index=False)
    out = tmp_path / "out.csv"
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", model("even"), "--features", table, "--clinical", cohort, "-o", out)
    assert str(error.value) == "case P02: no 'scanner', the batch that harmonisation needs"
    found = pd.read_csv(out).set_index("case")
    assert found.index[found["risk"].isna()].tolist() == ["P02"]
    np.testing.assert_allclose(found["risk"].drop("P02"), known("even").drop("P02"), atol=1e-12)


@pytest.mark.parametrize("name", ["nearest", "chained"])
def test_gaps_are_filled_from_what_training_cases_show(name, tmp_path):
    table, cohort = features(tmp_path, "t1_tumour"), clinical(tmp_path)
    frame = pd.read_csv(table).set_index("case")
    frame.loc["P05", NAMES["MEAN"]] = np.nan
    frame.to_csv(table)
    found = predicted(model(name), tmp_path / "out.csv", "--features", table, "--clinical", cohort)
    assert "Mean is missing, filled in" in found.loc["P05", "warnings"]
    inputs = frame.assign(**{"clinical.age": pd.read_csv(cohort).set_index("patient")["age"]})
    pipeline = read_model(model(name) / "model.skops")
    np.testing.assert_allclose(
        found["risk"], pipeline.predict_risk(inputs.astype(float)), atol=1e-12
    )
    assert not np.isclose(found.loc["P05", "risk"], known(name)["P05"])
    alone = frame.loc[["P05"]]
    alone.to_csv(table)
    pd.read_csv(cohort).query("patient == 'P05'").to_csv(cohort, index=False)
    one = predicted(model(name), tmp_path / "out.csv", "--features", table, "--clinical", cohort)
    np.testing.assert_allclose(one["risk"], found.loc[["P05"], "risk"], atol=1e-12)


@pytest.mark.parametrize("name", ["grown", "nested", "voted"])
def test_changes_are_made_of_the_features_of_both_times(name, tmp_path):
    table, cohort = features(tmp_path, "t1_tumour", "t2_tumour"), clinical(tmp_path)
    given = () if name == "grown" else ("--clinical", cohort)
    out = tmp_path / "out.csv"
    found = predicted(model(name), out, "--features", table, *given)
    np.testing.assert_allclose(found["risk"], known(name), rtol=0, atol=1e-12)
    frame = pd.read_csv(table)
    frame.drop(columns="t2_tumour__original_firstorder_Mean").to_csv(table, index=False)
    with pytest.raises(RadpipeError, match="no column 't2_tumour__original_firstorder_Mean'"):
        radpipe("predict", model(name), "--features", table, *given)


def test_a_change_that_is_partly_in_the_table_is_completed(tmp_path):
    table, out = features(tmp_path, "t1_tumour", "t2_tumour", "change"), tmp_path / "out.csv"
    frame = pd.read_csv(table).set_index("case")
    there = "change__original_firstorder_Median"
    times = [f"{t}_tumour__original_firstorder_Mean" for t in ("t1", "t2")]
    frame[[*times, there]].to_csv(table)
    found = predicted(model("both"), out, "--features", table)
    np.testing.assert_allclose(found["risk"], known("both"), rtol=0, atol=1e-12)
    frame[there] += 1  # as it is given, and not made anew, though all that makes it is there
    frame.drop(columns="change__original_firstorder_Mean").to_csv(table)
    moved = predicted(model("both"), out, "--features", table)
    assert not np.isclose(moved["risk"], found["risk"]).any()
    frame[[times[0], there]].to_csv(table)
    with pytest.raises(RadpipeError, match=f"no column '{times[1]}', which both needs"):
        radpipe("predict", model("both"), "--features", table)


def test_a_table_beside_images_is_read_where_it_has_all_that_a_change_is_made_of(tmp_path):
    scans, out = Path("studies/small/data"), tmp_path / "out.csv"
    nothing = ("--images", f"t1={tmp_path}", "--images", f"t2={tmp_path}",
               "--masks", f"t1={tmp_path}", "--masks", f"t2={tmp_path}")  # fmt: skip
    images = ("--images", f"t1={scans / 'images'}", "--images", f"t2={scans / 't2'}",
              "--masks", f"t1={scans / 'masks'}", "--masks", f"t2={scans / 'masks'}")  # fmt: skip
    table = features(tmp_path, "t1_tumour", "t2_tumour")
    found = predicted(model("grown"), out, "--features", table, *nothing)
    np.testing.assert_allclose(found["risk"], known("grown"), rtol=0, atol=1e-12)
    table = features(tmp_path, "t1_tumour")
    said = radpipe("predict", model("grown"), "--features", table, *images, "-o", out)
    assert "features.csv: not read, since it holds neither a feature that grown needs" in said
    found = pd.read_csv(out).set_index("case").sort_index()
    np.testing.assert_allclose(found["risk"], known("grown"), rtol=0, atol=1e-12)


def test_the_columns_of_a_formula_are_asked_for(tmp_path):
    with pytest.raises(UsageError) as error:
        radpipe("predict", model("sized"))
    told = "sized needs age, height_cm, weight_kg; give --clinical TABLE"
    assert str(error.value) == told


def test_features_that_a_harmonised_model_does_not_use_may_be_left_out(tmp_path):
    exact = {"float_precision": "round_trip"}
    table, cohort = features(tmp_path, "t1_tumour", "t2_tumour"), clinical(tmp_path)
    passport = json.loads((model("spare") / "model.json").read_text(encoding="utf-8"))
    used = [v["name"] for v in passport["variables"]]
    assert used == json.loads((model("spare") / "fit.json").read_text())["features_final"]
    whole, rows = pd.read_csv(table, **exact).set_index("case"), pd.read_csv(cohort)
    own = [c for c in whole if c in used]
    assert 0 < len(own) < len(whole.columns)
    whole[own].to_csv(table)
    assert "clinical.grade" not in used
    rows.drop(columns="grade").to_csv(cohort, index=False)
    given, out = ("--features", table, "--clinical"), tmp_path / "out.csv"
    radpipe("predict", model("spare"), *given, cohort, "-o", out)
    found = pd.read_csv(out, **exact).set_index("case")
    assert found["warnings"].isna().all()
    pipeline = read_model(model("spare") / "model.skops")
    known = pd.read_parquet(WORK / "clinical.parquet").set_index("case")
    for name in pipeline.prepare_.inputs_:
        if name.startswith("clinical."):
            whole[name] = known[name]
    whole["batch.scanner"], whole["covariate.age"] = (
        rows["scanner"].to_numpy(),
        known["clinical.age"],
    )
    np.testing.assert_array_equal(found["risk"], pipeline.predict_risk(whole))
    # the effects of a batch that training never saw are learned of all of its features
    with pytest.raises(RadpipeError, match=r"and \d+ more, which moving needs"):
        radpipe("predict", model("moving"), *given, cohort)


@pytest.mark.parametrize("name", ["grown", "nested", "late"])
def test_changes_are_extracted_from_the_images_of_both_times(name, tmp_path):
    scans = Path("studies/small/data")
    given = () if name == "grown" else ("--clinical", clinical(tmp_path))
    found = predicted(
        model(name), tmp_path / "out.csv", "--images", f"t1={scans / 'images'}",
        "--images", f"t2={scans / 't2'}", "--masks", f"t1={scans / 'masks'}",
        "--masks", f"t2={scans / 'masks'}", *given,
    )  # fmt: skip
    np.testing.assert_allclose(found["risk"].sort_index(), known(name), rtol=0, atol=1e-12)


def test_a_fusion_of_what_is_written_as_numbers_is_exported_so(tmp_path):
    radpipe("export-model", "small", "voted", "-o", tmp_path / "voted")
    written = sorted(p.relative_to(tmp_path / "voted").as_posix()
                     for p in (tmp_path / "voted").rglob("*.*"))  # fmt: skip
    assert written == [
        "model.json", "model.md", "submodels/grown/model.json", "submodels/grown/model.md",
        "submodels/nested/model.json", "submodels/nested/model.md",
    ]  # fmt: skip
    passport = json.loads((tmp_path / "voted" / "model.json").read_text(encoding="utf-8"))
    assert passport["arithmetic"]["model"]["link"] == "fusion"
    table, cohort = features(tmp_path, "change", "twice"), clinical(tmp_path)
    found = predicted(tmp_path / "voted", tmp_path / "out.csv", "--features", table,
                      "--clinical", cohort)  # fmt: skip
    np.testing.assert_allclose(found["risk"], known("voted"), rtol=0, atol=1e-12)
