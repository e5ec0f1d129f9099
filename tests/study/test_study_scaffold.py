"""`radpipe new`: what a folder holds is found, and the study written from it passes the check."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import SimpleITK as sitk

from radpipe.core.errors import FaultsError
from radpipe.study.check import check_path
from radpipe.study.load import load_study
from radpipe.study.scaffold import render, write_study
from radpipe.study.sniff import Findings, sniff

N = 24
IDS = [f"P{i:03d}" for i in range(1, N + 1)]
Row = Mapping[str, str]


def _volume(path: Path, kind: str, spacing: float = 1.0, labels: Sequence[int] = (1,)) -> None:
    """Write a volume of 8 x 8 x 6 voxels: CT, MR, PT, or a mask with the given labels."""
    rng = np.random.default_rng(sum(path.as_posix().encode()))
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


def _rows(ids: Sequence[str] = IDS) -> list[dict[str, str]]:
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


def _csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> None:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def _flat(data: Path, ids: Sequence[str] = IDS, kind: str = "MR") -> None:
    for case in ids:
        _volume(data / f"images/{case}.nii.gz", kind)
        _volume(data / f"masks/{case}.nii.gz", "mask")


def _names(found: Findings) -> list[str]:
    return [column.name for column in found.predictors]


def _passes(tmp_path: Path, data: Path, endpoint: str | None = None) -> str:
    """Write the study, check that it passes whole, and return its text."""
    study, _ = write_study(tmp_path / "studies/new", "new", data, endpoint)
    report = check_path(study.parent, voxels=True)
    assert [str(fault) for fault in report.faults] == []
    return study.read_text(encoding="utf-8")


def test_flat_folders(tmp_path: Path) -> None:
    _flat(tmp_path / "d")
    _csv(tmp_path / "d/clinical.csv", _rows())
    _csv(tmp_path / "d/volumes.csv", [{"patient_id": c, "ml": "1.5"} for c in IDS])
    found = sniff(tmp_path / "d")
    assert (found.table, found.id, found.n) == ("clinical.csv", "patient_id", N)
    assert [t.split(":")[0] for t in found.tables] == ["volumes.csv"]
    assert [(i.name, i.pattern, i.modality) for i in found.pictures.images] == [
        ("mr", "images/{patient_id}.nii.gz", "MR")
    ]
    region = found.pictures.regions[0]
    assert (region.label, region.masks) == (1, {"mr": "masks/{patient_id}.nii.gz"})
    assert _names(found) == ["age", "sex", "grade"]
    assert "treatment" in found.left_out["treatment"]
    assert [c.kind for c in found.predictors] == ["continuous", "binary", "ordinal"]
    assert found.predictors[2].levels == ("low", "intermediate", "high")
    assert (found.endpoints[0].column, found.endpoints[0].events) == ("metastasis", N // 2)
    assert (found.notes, found.excluded) == ((), {})
    text = _passes(tmp_path, tmp_path / "d")
    assert "data: [data, ../../d]" in text
    assert "# found: metastasis is 1 in 12 of 24 cases" in text


def test_chinese_table_and_folders(tmp_path: Path) -> None:
    rows = [
        {
            "住院号": case,
            "年龄（岁）": row["age"],
            "性别": {"M": "男", "F": "女"}[row["sex"]],
            "分期": ("I期", "II期", "III期")[i % 3],
            "治疗方式": "手术",
            "生存时间（月）": str(5 + 2 * i),
            "生存状态": ("死亡", "存活")[(i // 2) % 2],
        }
        for i, (case, row) in enumerate(zip(IDS, _rows(), strict=True))
    ]
    data = tmp_path / "数据"
    _csv(data / "临床.csv", rows, "gbk")
    for case in IDS:
        _volume(data / f"动脉期图像/{case}.nii.gz", "CT")
        _volume(data / f"肿瘤标注/{case}.nii.gz", "mask")
    found = sniff(data)
    assert found.id == "住院号"
    assert any("read as GBK" in note for note in found.notes)
    assert [(i.pattern, i.modality) for i in found.pictures.images] == [
        ("动脉期图像/{住院号}.nii.gz", "CT")
    ]
    assert found.pictures.regions[0].name == "tumour"
    assert _names(found) == ["年龄(岁)", "性别", "分期"]
    first = found.endpoints[0]
    assert (first.time, first.column, first.positive) == ("生存时间(月)", "生存状态", "死亡")
    assert (first.unit, first.unit_said) == ("months", True)
    text = _passes(tmp_path, data)
    assert "kind: penalised_cox" in text
    assert "  - kaplan_meier" in text
    assert "width: 25}" in text
    assert "normalise" not in text.split("images:")[1].split("regions:")[0]


def test_workbook_and_nrrd_with_image_and_label_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = _rows([str(i) for i in range(1, N + 1)])
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([int(v) if v.isdigit() else v for v in row.values()])
    (tmp_path / "d").mkdir()
    book.save(tmp_path / "d/table.xlsx")
    for row in rows:
        _volume(tmp_path / f"d/{row['patient_id']}_image.nrrd", "CT")
        _volume(tmp_path / f"d/{row['patient_id']}_label.nrrd", "mask", labels=(2, 3))
    found = sniff(tmp_path / "d")
    assert found.pictures.images[0].pattern == "{patient_id}_image.nrrd"
    assert found.pictures.images[0].why.startswith("guessed: grey values down to -1000")
    region = found.pictures.regions[0]
    assert (region.label, region.labels) == (2, (2, 3))
    assert "label: 3" in _passes(tmp_path, tmp_path / "d")


def test_a_folder_for_each_patient(tmp_path: Path) -> None:
    _csv(tmp_path / "d/t.csv", _rows())
    for case in IDS:
        for name in ("t1", "t2"):
            spacing = 1.0 if name == "t1" else 1.5
            _volume(tmp_path / f"d/scans/{case}/{name}.nii.gz", "MR", spacing)
            _volume(tmp_path / f"d/scans/{case}/{name}_mask.nii.gz", "mask", spacing)
        _volume(tmp_path / f"d/scans/{case}/{case}_scout.mha", "MR", 2.0)
    found = sniff(tmp_path / "d")
    assert {i.name: i.pattern for i in found.pictures.images} == {
        "t1": "scans/{patient_id}/t1.nii.gz",
        "t2": "scans/{patient_id}/t2.nii.gz",
    }
    assert found.pictures.regions[0].masks == {
        "t1": "scans/{patient_id}/t1_mask.nii.gz",
        "t2": "scans/{patient_id}/t2_mask.nii.gz",
    }
    scout = "scans/{patient_id}/{patient_id}_scout.mha: no mask on its grid"
    assert found.pictures.aside == (scout,)
    assert "inputs: [t1_roi, t2_roi]" in _passes(tmp_path, tmp_path / "d")


def test_one_mask_serves_images_on_its_grid(tmp_path: Path) -> None:
    _csv(tmp_path / "d/t.csv", _rows())
    for case in IDS:
        for name in ("adc", "dwi", "segmentation"):
            kind = "mask" if name == "segmentation" else "MR"
            _volume(tmp_path / f"d/{case}/{name}.mha", kind)
    masks = sniff(tmp_path / "d").pictures.regions[0].masks
    assert set(masks) == {"adc", "dwi"}
    assert set(masks.values()) == {"{patient_id}/segmentation.mha"}


def test_pet_and_mr_are_paired_by_grid(tmp_path: Path) -> None:
    _csv(tmp_path / "d/t.csv", _rows())
    _flat(tmp_path / "d")
    for case in IDS:
        _volume(tmp_path / f"d/pet/images/{case}.nii.gz", "PT", 4.0)
        _volume(tmp_path / f"d/pet/masks/{case}.nii.gz", "mask", 4.0)
    found = sniff(tmp_path / "d")
    assert {i.name: i.modality for i in found.pictures.images} == {"mr": "MR", "pet": "PT"}
    assert found.pictures.regions[0].masks == {
        "mr": "masks/{patient_id}.nii.gz",
        "pet": "pet/masks/{patient_id}.nii.gz",
    }
    text = _passes(tmp_path, tmp_path / "d")
    pet = text.split("  pet_roi:\n")[1]
    assert "width: 0.25" in pet.split("filters")[0]
    assert "normalise: {kind: z_score}" in text.split("  mr: ")[1].splitlines()[0]


def test_folders_named_by_another_column(tmp_path: Path) -> None:
    rows = [{**row, "centre": "AB"[i % 2]} for i, row in enumerate(_rows())]
    _csv(tmp_path / "d/t.csv", rows)
    for row in rows:
        _volume(tmp_path / f"d/{row['centre']}/{row['patient_id']}_img.nii", "MR")
        _volume(tmp_path / f"d/{row['centre']}/{row['patient_id']}_seg.nii", "mask")
    found = sniff(tmp_path / "d")
    assert found.pictures.images[0].pattern == "{centre}/{patient_id}_img.nii"
    assert "centre" in found.left_out
    _passes(tmp_path, tmp_path / "d")


def test_incomplete_cases_are_excluded_by_name(tmp_path: Path) -> None:
    _flat(tmp_path / "d", [*IDS[:-1], "P999"])
    (tmp_path / "d/masks/P001.nii.gz").unlink()
    _csv(tmp_path / "d/t.csv", _rows())
    found = sniff(tmp_path / "d")
    assert found.excluded == {
        "P024": "no image mr, no mask on mr",
        "P001": "no mask on mr",
        "P999": "not in the table",
    }
    assert "P999: not in the table" in _passes(tmp_path, tmp_path / "d")


def test_what_tells_the_outcome_is_left_out(tmp_path: Path) -> None:
    _flat(tmp_path / "d")
    rows = [
        {
            **row,
            "marker": str(10.5 * i + (1000 if row["metastasis"] == "1" else 0)),
            "size": "" if row["metastasis"] == "0" and i % 8 else str(i + 0.5),
            "days_to_scan": str(i * 3 % 17),
            "lab": "NA" if i == 3 else str(i * 7 % 11 + 0.5),
            "scan_date": f"2020-01-{i + 1:02d}",
            "hospital": "one",
            "set": ("train", "validation")[i in (4, 5, 10, 11)],
        }
        for i, row in enumerate(_rows())
    ]
    _csv(tmp_path / "d/t.csv", rows)
    found = sniff(tmp_path / "d")
    assert _names(found) == ["age", "sex", "grade", "lab"]
    assert "AUC 1.00" in found.left_out["marker"]
    assert "empty" in found.left_out["size"]
    assert found.left_out["scan_date"] == "a date"
    assert found.split == ("set", ("train", "validation"))
    text = _passes(tmp_path, tmp_path / "d")
    assert "missing: [NA]" in text
    assert "split: {kind: column, column: set, train: [train], internal: [validation]}" in text


def test_values_cannot_break_out_of_the_yaml(tmp_path: Path) -> None:
    rows = _rows()
    for i, row in enumerate(rows):
        row["note # x: {y}"] = ("a: 'b", "yes", "# no\u2028- x", "007")[i // 2 % 4]
        row["p; [q]"] = "12"[i // 3 % 2]
    _flat(tmp_path / "d")
    _csv(tmp_path / "d/t.csv", rows)
    study, _ = write_study(tmp_path / "studies/x", "x", tmp_path / "d")
    spec = load_study(study.parent).spec
    levels = spec.clinical["note_x_y"].levels
    assert set(levels) == {"a: 'b", "yes", "# no\u2028- x", "007"}
    assert spec.clinical["p"].column == "p; [q]"
    assert spec.clinical["note_x_y"].column == "note # x: {y}"


def test_lesions_are_grouped_by_patient(tmp_path: Path) -> None:
    lesions = [f"{case}_{side}" for case in IDS[:12] for side in "ab"]
    rows = [
        {"lesion": row["patient_id"], "patient": row["patient_id"][:4], **row}
        for row in _rows(lesions)
    ]
    for row in rows:
        del row["patient_id"]
    _flat(tmp_path / "d", lesions)
    _csv(tmp_path / "d/t.csv", rows)
    assert sniff(tmp_path / "d").id == "lesion"
    assert "group: patient" in _passes(tmp_path, tmp_path / "d")
    for row in rows:
        row["lesion"] = row["lesion"][-1]
    _csv(tmp_path / "d/t.csv", rows)
    with pytest.raises(FaultsError, match="'patient' names images, but repeats"):
        sniff(tmp_path / "d")


def test_few_events_get_fewer_folds(tmp_path: Path) -> None:
    rows = [{**row, "metastasis": str(int(i < 4))} for i, row in enumerate(_rows())]
    _flat(tmp_path / "d")
    _csv(tmp_path / "d/t.csv", rows)
    assert "folds: 3, repeats: 20, inner_folds: 2" in _passes(tmp_path, tmp_path / "d")


def test_a_table_without_images(tmp_path: Path) -> None:
    _csv(tmp_path / "d/t.csv", _rows())
    text = _passes(tmp_path, tmp_path / "d")
    assert "clinical_model:" in text
    assert "radscore" not in text


def test_asked_for_endpoint(tmp_path: Path) -> None:
    rows = [
        {**row, "os_months": str(1 + i * 2), "os_status": str(int(i % 3 == 0))}
        for i, row in enumerate(_rows())
    ]
    rows[5]["os_months"] = "0"
    _flat(tmp_path / "d")
    _csv(tmp_path / "d/t.csv", rows)
    assert sniff(tmp_path / "d").endpoints[0].column == "metastasis"
    text = _passes(tmp_path, tmp_path / "d", "os_months")
    assert "time: os_months, event: os_status" in text
    assert "P006: no follow-up" in text
    with pytest.raises(FaultsError, match="allowed: metastasis, os_months"):
        sniff(tmp_path / "d", "age")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    _flat(tmp_path / "s/x/data")
    _csv(tmp_path / "s/x/data/t.csv", _rows())
    (tmp_path / "s/x/README.md").write_text("mine")
    study = tmp_path / "s/x/study.yaml"
    assert write_study(tmp_path / "s/x", "x") == [study]
    assert "\ndata:" not in study.read_text()
    assert check_path(study.parent).faults == ()
    study.write_text("mine")
    with pytest.raises(FaultsError, match="exists already"):
        write_study(tmp_path / "s/x", "x")
    assert study.read_text() == (tmp_path / "s/x/README.md").read_text() == "mine"


def test_without_data_a_template_is_written(tmp_path: Path) -> None:
    written = write_study(tmp_path / "x", "x")
    assert [p.name for p in written] == ["study.yaml", "README.md"]
    assert "images/{patient_id}.nii.gz" in written[1].read_text()
    load_study(tmp_path / "x", need_data=False)


@pytest.mark.parametrize("name", ["a/b", "..", ".x", "-x", ""])
def test_names_that_are_no_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(FaultsError):
        write_study(tmp_path / "x", name)


def test_what_cannot_be_understood_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="no such folder"):
        sniff(tmp_path / "none")
    (tmp_path / "d").mkdir()
    with pytest.raises(FaultsError, match="no table"):
        sniff(tmp_path / "d")
    _flat(tmp_path / "d", IDS[:2])
    _csv(tmp_path / "d/t.csv", _rows(["a", "b", "c"]))
    with pytest.raises(FaultsError, match=r"an image is called images/P001\.nii\.gz") as caught:
        sniff(tmp_path / "d")
    assert len(str(caught.value).splitlines()) == 1


def test_a_damaged_volume_is_said_and_the_rest_found(tmp_path: Path) -> None:
    _flat(tmp_path / "d")
    _csv(tmp_path / "d/t.csv", _rows())
    (tmp_path / "d/images/P001.nii.gz").write_bytes(b"no image")
    found = sniff(tmp_path / "d")
    assert any("P001" in text for text in found.pictures.aside)
    assert [i.name for i in found.pictures.images] == ["mr"]
    assert "P001" in render("x", found)


@pytest.mark.real
def test_sarcoma_cohort(tmp_path: Path) -> None:
    here = Path(__file__).resolve().parents[2]
    data = Path(os.environ.get("RADPIPE_DATA") or here.parent / "shared" / "sts")
    if not (data / "clinical.csv").is_file():
        pytest.skip("the sarcoma cohort is not here (RADPIPE_DATA, ../shared/sts)")
    found = sniff(data)
    assert (found.table, found.id) == ("clinical.csv", "patient_id")
    assert {i.name: i.modality for i in found.pictures.images} == {"mr": "MR", "pet": "PT"}
    assert _names(found) == ["age", "sex", "mskcc_type", "grade"]
    assert (found.endpoints[0].column, found.endpoints[0].time) == ("lung_metastasis", "")
    assert ("time_event_any_days", "event_any") in {(c.time, c.column) for c in found.endpoints}
    study, _ = write_study(tmp_path / "sts", "sts", data)
    assert check_path(study.parent, headers=False).faults == ()
