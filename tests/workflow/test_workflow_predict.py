"""``radpipe predict`` and ``radpipe export-model``, through the command line."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import SimpleITK as sitk
from fitted_making import fit_study, radpipe
from study_making import STUDY, make

from radpipe.core.errors import RadpipeError
from radpipe.io.model_json import write_passport
from radpipe.outputs.model_card import model_card
from radpipe.report.tables import shown
from radpipe.steps.model_tables import cutoff

CASES = [f"P{i:02d}" for i in range(1, 25)]
MODELS = """\
  nomo: {kind: nomogram, inputs: [t1_tumour__original_firstorder_Mean, clinical]}
  forest: {kind: random_forest, trees: 10, inputs: [t1_tumour, clinical.age], selection: few}
  old: {kind: threshold, input: clinical.age, direction: lower, at: youden}
  aged: {kind: threshold, input: clinical.age, direction: higher, at: 50}
  young:
    {kind: marker, input: clinical.age, direction: lower,
     cutoff: {kind: fixed, at: -45, on: score}}
  ruled:
    {kind: rule, at_least: 1,
     of: [{input: clinical.age, above: 60}, {input: clinical.grade, at_least: 1}]}
  given: {kind: logistic, inputs: [clinical.age], cutoff: {kind: fixed, at: 0.5}}
  voted: {kind: fusion, inputs: [radscore, given], method: vote}
  combined:"""
MEAN = "t1_tumour__original_firstorder_Mean"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a study whose models are fitted; its columns have Chinese names."""
    folder = tmp_path_factory.mktemp("predict")
    before = Path.cwd()
    os.chdir(folder)
    made = make(folder / "studies" / "small", CASES, signal=0.3)
    made.write(
        STUDY.replace("  combined:", MODELS)
        .replace("age: {type", "age: {column: 年龄, type")
        .replace("repeats: 2", "repeats: 1")
        .replace("models:\n", "controls: {volume: false, clinical: false}\nmodels:\n", 1)
    )
    made.swap_cells("relapse,age", "relapse,年龄")
    fit_study(made.folder, folder / "reports")
    os.chdir(before)
    return folder


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    monkeypatch.chdir(home)


def model(name: str) -> Path:
    return Path("reports/small/.work/models") / name


def apparent(home: Path, name: str) -> pd.DataFrame:
    table = pd.read_parquet(home / "reports/small/.work/predictions.parquet")
    own = table[(table["model"] == name) & (table["kind"] == "apparent")]
    return own.set_index("case").sort_index()


def tables(folder: Path) -> tuple[Path, Path]:
    """Write clinical variables and features of all cases as another hospital has them."""
    clinical, features = folder / "clinical.csv", folder / "features.csv"
    frame = pd.read_csv("studies/small/data/clinical.csv").drop(columns="relapse")
    frame.to_csv(clinical, index=False, encoding="gbk")
    pd.read_parquet("reports/small/.work/blocks/t1_tumour.parquet").to_csv(features, index=False)
    return clinical, features


@pytest.mark.parametrize("name", ["radscore", "nomo", "forest", "combined"])
def test_training_cases_get_the_study_s_own_predictions(home, name, tmp_path):
    clinical, features = tables(tmp_path)
    out = tmp_path / "out.csv"
    given = () if name == "radscore" else ("--clinical", clinical)
    radpipe("predict", model(name), "--features", features, *given, "-o", out)
    found, known = pd.read_csv(out).set_index("case"), apparent(home, name)
    for column in ("risk", "score"):
        np.testing.assert_allclose(found[column], known[column], rtol=0, atol=1e-12)
    cut = known["cutoff"].iloc[0]
    assert found["group"].tolist() == np.where(known["score"] >= cut, "high", "low").tolist()
    assert found["error"].isna().all()
    if name in ("nomo", "combined"):
        assert (found["risk_lower"] < found["risk"]).all()
        assert (found["risk"] < found["risk_upper"]).all()
    else:
        assert found["risk_lower"].isna().all()


def test_points_are_those_of_the_axes(tmp_path):
    clinical, features = tables(tmp_path)
    radpipe("predict", model("nomo"), "--features", features, "--clinical", clinical, "-o",
            tmp_path / "out.csv")  # fmt: skip
    found = pd.read_csv(tmp_path / "out.csv").set_index("case").loc["P03"]
    chart = json.loads((model("nomo") / "model.json").read_text(encoding="utf-8"))["nomogram"]
    value = {
        "clinical.age": 42.0,
        "clinical.grade": 0,
        MEAN: pd.read_csv(features).set_index("case").loc["P03", MEAN],
    }
    total = 0.0
    for axis in chart["variables"]:
        at = [0, 1] if axis["categorical"] else axis["values"]
        slope = (axis["points"][-1] - axis["points"][0]) / (at[-1] - at[0])
        total += axis["points"][0] + slope * (value[axis["name"]] - at[0])
    assert found["points"] == pytest.approx(total)


def test_images_are_extracted_as_the_study_s_were(home, tmp_path):
    clinical, _ = tables(tmp_path)
    scans = Path("studies/small/data")
    for images, masks in ((scans / "images", scans / "masks"),
                          ("t1=" + str(scans / "images" / "{case}.nii.gz"),
                           "tumour=" + str(scans / "masks" / "*.nii.gz"))):  # fmt: skip
        radpipe("predict", model("nomo"), "--images", images, "--masks", masks, "--clinical",
                clinical, "-o", tmp_path / "out.csv")  # fmt: skip
        found = pd.read_csv(tmp_path / "out.csv").set_index("case").sort_index()
        np.testing.assert_allclose(found["risk"], apparent(home, "nomo")["risk"], atol=1e-12)


def test_what_is_odd_about_a_case_is_told_and_costs_no_other(tmp_path):
    clinical, features = tables(tmp_path)
    frame = pd.read_csv(clinical, encoding="gbk", dtype=object)
    frame.loc[0, "年龄"] = "99"
    frame.loc[1, "年龄"] = None
    frame.loc[2, "年龄"] = "old"
    frame.loc[3, "grade"] = "hihg"
    frame.loc[4, "patient"] = "=P05"
    frame.loc[6, "patient"] = "P06"
    frame.loc[7, "年龄"] = "10"
    frame.to_csv(clinical, index=False)
    out = tmp_path / "out.csv"
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", model("nomo"), "--features", features, "--clinical", clinical,
                "-o", out)  # fmt: skip
    failed = str(error.value)
    assert "case P03: clinical.csv row 4: 'old' in '年龄', no number" in failed
    assert (
        "case P04: clinical.csv row 5: the value 'hihg' of 'grade', which is no level (column "
        "'grade'); allowed: low, high; correct the cell, or leave it empty"
    ) in failed.splitlines()
    assert "case P06" in failed
    assert "case P07: no clinical row" in failed
    found = pd.read_csv(out, dtype=object).set_index("case")
    assert "age = 99, above the training range (40 to 63)" in found.loc["P01", "warnings"]
    assert "age = 10, below the training range (40 to 63)" in found.loc["P08", "warnings"]
    assert "age is missing, filled in (" in found.loc["P02", "warnings"]
    assert pd.isna(found.loc["P03", "risk"])
    assert "'=P05" in found.index  # no formula for a spreadsheet
    assert found.loc["P08":"P24", "risk"].notna().all()


def test_a_missing_column_is_named_with_the_nearest(tmp_path):
    clinical, features = tables(tmp_path)
    frame = pd.read_csv(clinical, encoding="gbk")
    frame.rename(columns={"grade": "grades"}).to_csv(clinical, index=False)
    with pytest.raises(RadpipeError, match=r"no column 'grade' \(nearest: grades\)"):
        radpipe("predict", model("nomo"), "--features", features, "--clinical", clinical)
    frame.to_csv(clinical, index=False)
    table = pd.read_csv(features)
    table.columns = [c.replace("t1_tumour__", "") for c in table.columns]
    table.to_csv(features, index=False)
    said = radpipe("predict", model("nomo"), "--features", features, "--clinical", clinical)
    assert "P24" in said
    assert "features.csv: its features are taken for those of block t1_tumour" in said
    table.drop(columns="original_firstorder_Mean").to_csv(features, index=False)
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", model("nomo"), "--features", features)
    assert [line.split(";")[0] for line in str(error.value).splitlines()] == [
        "nomo needs 年龄, grade",
        f"features.csv: no column '{MEAN}', which nomo needs",
    ]
    with pytest.raises(RadpipeError, match="give --features TABLE, or --images"):
        radpipe("predict", model("nomo"), "--clinical", clinical)


def test_an_exported_model_stands_alone(home, tmp_path):
    place = tmp_path / "elsewhere"
    radpipe("export-model", "small", "combined", "-o", place)
    assert sorted(p.relative_to(place).as_posix() for p in place.rglob("*.*")) == [
        "model.json", "model.md", "submodels/radscore/model.json", "submodels/radscore/model.md",
    ]  # fmt: skip
    clinical, features = tables(tmp_path)
    out = tmp_path / "out.xlsx"
    radpipe("predict", place, "--features", features, "--clinical", clinical, "-o", out)
    rows = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
    found = {row[0]: row[rows[0].index("risk")] for row in rows[1:]}
    known = apparent(home, "combined")["risk"]
    assert found == pytest.approx(known.to_dict(), abs=1e-12)
    with pytest.raises(RadpipeError, match="not empty"):
        radpipe("export-model", "small", "combined", "-o", place)
    with pytest.raises(RadpipeError, match="nearest: combined"):
        radpipe("export-model", "small", "combine", "-o", tmp_path / "b")
    shutil.rmtree(place / "submodels")
    with pytest.raises(RadpipeError, match="the model radscore, which it stands on, is not here"):
        radpipe("predict", place, "--features", features, "--clinical", clinical)


def test_an_exported_model_asks_for_the_tables_that_it_needs(home, tmp_path):
    asked = {"old": "--clinical TABLE", "radscore": "--features TABLE",
             "nomo": "--features TABLE --clinical TABLE"}  # fmt: skip
    for name, tables_ in asked.items():
        told = radpipe("export-model", "small", name, "-o", tmp_path / name)
        assert told.rstrip().endswith(f"/{name} {tables_}")


def test_a_threshold_without_its_value_asks_for_it(home, tmp_path):
    clinical, _ = tables(tmp_path)
    frame = pd.read_csv(clinical, encoding="gbk", dtype=str)
    frame.loc[1, "年龄"] = ""
    frame.to_csv(clinical, index=False, encoding="gbk")
    out = tmp_path / "out.csv"
    with pytest.raises(RadpipeError) as error:  # after the table of the others is written
        radpipe("predict", model("old"), "--clinical", clinical, "-o", out)
    assert str(error.value) == "case P02: age is missing; fill in the value"
    found = pd.read_csv(out).set_index("case")
    assert found.index[found["score"].isna()].tolist() == ["P02"]


def refused(place: Path, *given: object) -> str:
    """Return the one line with which a model is refused."""
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", place, *given)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def resealed(passport: Path, change: Callable[[dict], None]) -> None:
    """Write a passport anew, changed and with a seal that fits."""
    found = json.loads(passport.read_text(encoding="utf-8"))
    change(found)
    write_passport(passport, found)


def test_altered_and_foreign_models_are_refused(tmp_path):
    clinical, features = tables(tmp_path)
    given = ("--features", features, "--clinical", clinical)
    place = tmp_path / "forest"
    radpipe("export-model", "small", "forest", "-o", place)
    whole = (place / "model.skops").read_bytes()
    (place / "model.skops").write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    said = refused(place, *given)
    assert "model.skops: altered, or of another fit" in said
    assert "SHA-256 does not fit" in said
    (place / "model.skops").unlink()
    assert "model.skops: no such file; export the model again" in refused(place, *given)
    passport = place / "model.json"
    text = passport.read_text(encoding="utf-8")
    passport.write_text(text.replace("forest", "florist"), encoding="utf-8")
    assert "model.json: altered since radpipe wrote it" in refused(place, *given)
    passport.write_text("{}", encoding="utf-8")
    assert "model.json: no model of radpipe" in refused(place, *given)
    passport.write_text(text[:100], encoding="utf-8")
    assert "model.json: no JSON, or a damaged one" in refused(place, *given)
    passport.unlink()
    assert "model.json: cannot be read (No such file or directory)" in refused(place, *given)
    assert "no such folder" in refused(tmp_path / "nothing", *given)


def test_another_fit_of_a_model_that_one_stands_on_is_refused(tmp_path):
    clinical, features = tables(tmp_path)
    place = tmp_path / "combined"
    radpipe("export-model", "small", "combined", "-o", place)
    below = place / "submodels/radscore/model.json"
    resealed(below, lambda passport: passport["estimator"].update(sha256="0" * 64))
    assert refused(place, "--features", features, "--clinical", clinical) == (
        f"{below.parent}: another fit of radscore than the one that combined stands on; copy "
        "models with radpipe export-model"
    )


@pytest.mark.parametrize("policy", ["fault", "exclude", "missing", "zero"])
def test_a_case_without_the_region_is_treated_as_in_the_study(policy, home, tmp_path):
    scans, place, out = tmp_path / "masks", tmp_path / "nomo", tmp_path / "out.csv"
    shutil.copytree("studies/small/data/masks", scans)
    mask = sitk.ReadImage(str(scans / "P05.nii.gz"))
    sitk.WriteImage(mask * 0, str(scans / "P05.nii.gz"))
    radpipe("export-model", "small", "nomo", "-o", place)
    resealed(place / "model.json", lambda passport:
             passport["inputs"]["blocks"]["t1_tumour"].update(empty=policy))  # fmt: skip
    words = ("predict", place, "--images", "studies/small/data/images", "--masks", scans,
             "--clinical", tables(tmp_path)[0], "-o", out)  # fmt: skip
    if policy in ("missing", "zero"):
        radpipe(*words)
    else:
        with pytest.raises(RadpipeError) as error:
            radpipe(*words)
        said = "the mask is empty; draw the region, or exclude the case"
        assert str(error.value) == f"case P05: block t1_tumour: {scans / 'P05.nii.gz'}: {said}"
    found = pd.read_csv(out).set_index("case").sort_index()
    known = apparent(home, "nomo")["risk"]
    others = found.index != "P05"
    np.testing.assert_allclose(found["risk"][others], known[others], rtol=0, atol=1e-12)
    values = pd.read_parquet("reports/small/.work/blocks/t1_tumour.parquet")[MEAN]
    told = {
        "missing": f"{MEAN} is missing, filled in ({values.median():.6g})",
        "zero": f"{MEAN} = 0, below the training range ({values.min():.6g} to {values.max():.6g})",
    }
    assert found["warnings"][others].isna().all()
    if policy in told:
        assert found.loc["P05", "warnings"] == told[policy]
        assert not np.isclose(found.loc["P05", "risk"], known["P05"])
    else:
        assert np.isnan(found.loc["P05", "risk"])


def test_the_card_says_what_a_reader_needs():
    card = (model("combined") / "model.md").read_text(encoding="utf-8")
    for words in ("Predicts the risk of relapse", "24 cases", "clinical.age", "years", "Cut-offs",
                  "Out-of-fold | auc", "It stands on other models (radscore)",
                  "no medical device"):  # fmt: skip
        assert words in card
    assert "bin_width" in (model("radscore") / "model.md").read_text(encoding="utf-8")


def test_the_card_has_no_calibration_of_risks_that_are_not_calibrated():
    passport = json.loads((model("combined") / "model.json").read_text(encoding="utf-8"))
    assert "| brier |" in model_card(passport)
    card = model_card(passport | {"calibrated_risk": False})
    assert "Its risks are not calibrated" in card
    assert "| brier |" not in card
    assert "| brier |" in model_card(passport | {"calibrated_risk": False, "gives_risk": False})


@pytest.mark.parametrize(
    ("name", "card", "cell", "low"),
    [
        ("old", "clinical.age of {} or less, learned by youden on the training cases.",
         "at most {}", 0.5),
        ("aged", "clinical.age of 50 or more.", "50", 0.5),
        ("young", "clinical.age of 45 or less.", "at most 45", -45),
        ("given", "a score (log odds) of 0 or more.", "0 (log odds)", 0),
        ("voted", "a score (the model's own score) of 0.5 or more.",
         "0.5 (the model's own score)", 0.5),
        ("nomo", "a score (log odds) of {} or more, learned by youden on out-of-fold predictions "
         "of the training cases.", "{} (log odds)", None),
    ],
)  # fmt: skip
def test_cut_offs_are_told_as_they_are_read(name, card, cell, low):
    passport = json.loads((model(name) / "model.json").read_text(encoding="utf-8"))
    fit = json.loads((model(name) / "fit.json").read_text(encoding="utf-8"))
    value = fit.get("threshold", {}).get("value", fit["cutoff_final"])
    body = (model(name) / "model.md").read_text(encoding="utf-8").split("## Cut-offs")[1]
    line = body.split("##")[0].strip().replace("\\", "")
    assert line == f"High risk at {card.format(f'{value:.6g}')}"
    assert shown(cutoff(fit)) == cell.format(shown(value))
    assert passport["cutoff"]["low"] == fit["cutoff_final"]  # what the groups are cut by
    if low is not None:
        assert passport["cutoff"]["low"] == pytest.approx(low, abs=1e-12)


def test_a_rule_is_told_by_its_conditions():
    card = (model("ruled") / "model.md").read_text(encoding="utf-8").replace("\\", "")
    told = "at least 1 of these hold: clinical.age > 60; clinical.grade >= 1."
    assert f"High risk where {told}" in card
    fit = json.loads((model("ruled") / "fit.json").read_text(encoding="utf-8"))
    assert shown(cutoff(fit)) == "–"
