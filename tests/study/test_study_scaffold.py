"""What `radpipe new` finds: folders, images and masks."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from scaffold_making import IDS, N, csv, flat, names, passes, some_rows, volume

from radpipe.study.sniff import sniff


def test_flat_folders(tmp_path: Path) -> None:
    flat(tmp_path / "d")
    csv(tmp_path / "d/clinical.csv", some_rows())
    csv(tmp_path / "d/volumes.csv", [{"patient_id": c, "ml": "1.5"} for c in IDS])
    found = sniff(tmp_path / "d")
    assert (found.table, found.id, found.n) == ("clinical.csv", "patient_id", N)
    assert [t.split(":")[0] for t in found.tables] == ["volumes.csv"]
    assert [(i.name, i.pattern, i.modality) for i in found.pictures.images] == [
        ("mr", "images/{patient_id}.nii.gz", "MR")
    ]
    region = found.pictures.regions[0]
    assert (region.label, region.masks) == (1, {"mr": "masks/{patient_id}.nii.gz"})
    assert names(found) == ["age", "sex", "grade"]
    assert "treatment" in found.left_out["treatment"]
    assert [c.kind for c in found.predictors] == ["continuous", "binary", "ordinal"]
    assert found.predictors[2].levels == ("low", "intermediate", "high")
    assert (found.endpoints[0].column, found.endpoints[0].events) == ("metastasis", N // 2)
    assert (found.notes, found.excluded) == ((), {})
    text = passes(tmp_path, tmp_path / "d")
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
        for i, (case, row) in enumerate(zip(IDS, some_rows(), strict=True))
    ]
    data = tmp_path / "数据"
    csv(data / "临床.csv", rows, "gbk")
    for case in IDS:
        volume(data / f"动脉期图像/{case}.nii.gz", "CT")
        volume(data / f"肿瘤标注/{case}.nii.gz", "mask")
    found = sniff(data)
    assert found.id == "住院号"
    assert any("read as GBK" in note for note in found.notes)
    assert [(i.pattern, i.modality) for i in found.pictures.images] == [
        ("动脉期图像/{住院号}.nii.gz", "CT")
    ]
    assert found.pictures.regions[0].name == "tumour"
    assert names(found) == ["年龄(岁)", "性别", "分期"]
    first = found.endpoints[0]
    assert (first.time, first.column, first.positive) == ("生存时间(月)", "生存状态", "死亡")
    assert (first.unit, first.unit_said) == ("months", True)
    text = passes(tmp_path, data)
    assert "kind: penalised_cox" in text
    assert "  - kaplan_meier" in text
    assert "width: 25}" in text
    assert "normalise" not in text.split("images:")[1].split("regions:")[0]


def test_workbook_and_nrrd_with_image_and_label_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = some_rows([str(i) for i in range(1, N + 1)])
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([int(v) if v.isdigit() else v for v in row.values()])
    (tmp_path / "d").mkdir()
    book.save(tmp_path / "d/table.xlsx")
    for row in rows:
        volume(tmp_path / f"d/{row['patient_id']}_image.nrrd", "CT")
        volume(tmp_path / f"d/{row['patient_id']}_label.nrrd", "mask", labels=(2, 3))
    found = sniff(tmp_path / "d")
    assert found.pictures.images[0].pattern == "{patient_id}_image.nrrd"
    assert found.pictures.images[0].why.startswith("guessed: grey values down to -1000")
    region = found.pictures.regions[0]
    assert (region.label, region.labels) == (2, (2, 3))
    assert "label: 3" in passes(tmp_path, tmp_path / "d")


def test_a_folder_for_each_patient(tmp_path: Path) -> None:
    csv(tmp_path / "d/t.csv", some_rows())
    for case in IDS:
        for name in ("t1", "t2"):
            spacing = 1.0 if name == "t1" else 1.5
            volume(tmp_path / f"d/scans/{case}/{name}.nii.gz", "MR", spacing)
            volume(tmp_path / f"d/scans/{case}/{name}_mask.nii.gz", "mask", spacing)
        volume(tmp_path / f"d/scans/{case}/{case}_scout.mha", "MR", 2.0)
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
    assert "inputs: [t1_roi, t2_roi]" in passes(tmp_path, tmp_path / "d")


def test_one_mask_serves_images_on_its_grid(tmp_path: Path) -> None:
    csv(tmp_path / "d/t.csv", some_rows())
    for case in IDS:
        for name in ("adc", "dwi", "segmentation"):
            kind = "mask" if name == "segmentation" else "MR"
            volume(tmp_path / f"d/{case}/{name}.mha", kind)
    masks = sniff(tmp_path / "d").pictures.regions[0].masks
    assert set(masks) == {"adc", "dwi"}
    assert set(masks.values()) == {"{patient_id}/segmentation.mha"}


def test_pet_and_mr_are_paired_by_grid(tmp_path: Path) -> None:
    csv(tmp_path / "d/t.csv", some_rows())
    flat(tmp_path / "d")
    for case in IDS:
        volume(tmp_path / f"d/pet/images/{case}.nii.gz", "PT", 4.0)
        volume(tmp_path / f"d/pet/masks/{case}.nii.gz", "mask", 4.0)
    found = sniff(tmp_path / "d")
    assert {i.name: i.modality for i in found.pictures.images} == {"mr": "MR", "pet": "PT"}
    assert found.pictures.regions[0].masks == {
        "mr": "masks/{patient_id}.nii.gz",
        "pet": "pet/masks/{patient_id}.nii.gz",
    }
    text = passes(tmp_path, tmp_path / "d")
    pet = text.split("  pet_roi:\n")[1]
    assert "width: 0.25" in pet.split("filters")[0]
    assert "normalise: {kind: z_score}" in text.split("  mr: ")[1].splitlines()[0]


def test_folders_named_by_another_column(tmp_path: Path) -> None:
    rows = [{**row, "centre": "AB"[i % 2]} for i, row in enumerate(some_rows())]
    csv(tmp_path / "d/t.csv", rows)
    for row in rows:
        volume(tmp_path / f"d/{row['centre']}/{row['patient_id']}_img.nii", "MR")
        volume(tmp_path / f"d/{row['centre']}/{row['patient_id']}_seg.nii", "mask")
    found = sniff(tmp_path / "d")
    assert found.pictures.images[0].pattern == "{centre}/{patient_id}_img.nii"
    assert "centre" in found.left_out
    passes(tmp_path, tmp_path / "d")


def test_incomplete_cases_are_excluded_by_name(tmp_path: Path) -> None:
    flat(tmp_path / "d", [*IDS[:-1], "P999"])
    (tmp_path / "d/masks/P001.nii.gz").unlink()
    csv(tmp_path / "d/t.csv", some_rows())
    found = sniff(tmp_path / "d")
    assert found.excluded == {
        "P024": "no image mr, no mask on mr",
        "P001": "no mask on mr",
        "P999": "not in the table",
    }
    assert "P999: not in the table" in passes(tmp_path, tmp_path / "d")
