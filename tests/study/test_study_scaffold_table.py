"""What `radpipe new` makes of the table, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest
from scaffold_making import IDS, csv, flat, names, passes, some_rows

from radpipe.core.errors import FaultsError
from radpipe.study.check import check_path
from radpipe.study.load import load_study
from radpipe.study.scaffold import render, write_study
from radpipe.study.sniff import sniff


def test_what_tells_the_outcome_is_left_out(tmp_path: Path) -> None:
    flat(tmp_path / "d")
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
        for i, row in enumerate(some_rows())
    ]
    csv(tmp_path / "d/t.csv", rows)
    found = sniff(tmp_path / "d")
    assert names(found) == ["age", "sex", "grade", "lab"]
    assert "AUC 1.00" in found.left_out["marker"]
    assert "empty" in found.left_out["size"]
    assert found.left_out["scan_date"] == "a date"
    assert found.split == ("set", ("train", "validation"))
    text = passes(tmp_path, tmp_path / "d")
    assert "missing: [NA]" in text
    assert "split: {kind: column, column: set, train: [train], internal: [validation]}" in text


@pytest.mark.parametrize("asked", [None, "metastasis", "sex"])
def test_an_endpoint_with_words_for_missing(tmp_path: Path, asked: str | None) -> None:
    flat(tmp_path / "d")
    rows = some_rows()
    for row in rows[:2]:
        row["metastasis"] = "-"
    csv(tmp_path / "d/t.csv", rows)
    study, _ = write_study(tmp_path / "studies/x", "x", tmp_path / "d", asked)
    assert check_path(study.parent, tmp_path / "d").faults == ()
    spec = load_study(study.parent, tmp_path / "d").spec
    assert spec.endpoint.column == (asked or "metastasis")
    if asked != "sex":
        assert spec.endpoint.missing == "exclude"
        assert "-" in spec.cohort.missing


def test_values_cannot_break_out_of_the_yaml(tmp_path: Path) -> None:
    rows = some_rows()
    for i, row in enumerate(rows):
        row["note # x: {y}"] = ("a: 'b", "yes", "# no\u2028- x", "007")[i // 2 % 4]
        row["p; [q]"] = "12"[i // 3 % 2]
    flat(tmp_path / "d")
    csv(tmp_path / "d/t.csv", rows)
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
        for row in some_rows(lesions)
    ]
    for row in rows:
        del row["patient_id"]
    flat(tmp_path / "d", lesions)
    csv(tmp_path / "d/t.csv", rows)
    assert sniff(tmp_path / "d").id == "lesion"
    assert "group: patient" in passes(tmp_path, tmp_path / "d")
    for row in rows:
        row["lesion"] = row["lesion"][-1]
    csv(tmp_path / "d/t.csv", rows)
    with pytest.raises(FaultsError, match="'patient' names images, but repeats"):
        sniff(tmp_path / "d")


def test_few_events_get_fewer_folds(tmp_path: Path) -> None:
    rows = [{**row, "metastasis": str(int(i < 4))} for i, row in enumerate(some_rows())]
    flat(tmp_path / "d")
    csv(tmp_path / "d/t.csv", rows)
    assert "folds: 3, repeats: 20, inner_folds: 2" in passes(tmp_path, tmp_path / "d")


def test_a_table_without_images(tmp_path: Path) -> None:
    csv(tmp_path / "d/t.csv", some_rows())
    text = passes(tmp_path, tmp_path / "d")
    assert "clinical_model:" in text
    assert "radscore" not in text


def test_asked_for_endpoint(tmp_path: Path) -> None:
    rows = [
        {**row, "os_months": str(1 + i * 2), "os_status": str(int(i % 3 == 0))}
        for i, row in enumerate(some_rows())
    ]
    rows[5]["os_months"] = "0"
    flat(tmp_path / "d")
    csv(tmp_path / "d/t.csv", rows)
    assert sniff(tmp_path / "d").endpoints[0].column == "metastasis"
    text = passes(tmp_path, tmp_path / "d", "os_months")
    assert "time: os_months, event: os_status" in text
    assert "P006: no follow-up" in text
    with pytest.raises(FaultsError, match="allowed: metastasis, os_months"):
        sniff(tmp_path / "d", "age")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    flat(tmp_path / "s/x/data")
    csv(tmp_path / "s/x/data/t.csv", some_rows())
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
    flat(tmp_path / "d", IDS[:2])
    csv(tmp_path / "d/t.csv", some_rows(["a", "b", "c"]))
    with pytest.raises(FaultsError, match=r"an image is called images/P001\.nii\.gz") as caught:
        sniff(tmp_path / "d")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("1{}", "has 110 where an image is called images/0110.nii.gz; Excel dropped"),
        ("ZY01{}", "has ZY0110 where an image is called images/0110.nii.gz; write 0110 in"),
    ],
)
def test_ids_that_all_but_name_the_images_are_told(tmp_path: Path, case: str, said: str) -> None:
    numbers = range(10, 16)
    flat(tmp_path / "d", [f"01{i}" for i in numbers])
    csv(tmp_path / "d/t.csv", some_rows([case.format(i) for i in numbers]))
    with pytest.raises(FaultsError) as caught:
        sniff(tmp_path / "d")
    assert said in str(caught.value)


def test_ids_of_which_some_lost_their_zeros_are_told(tmp_path: Path) -> None:
    flat(tmp_path / "d", [f"{i:04}" for i in range(996, 1004)])
    csv(tmp_path / "d/t.csv", some_rows([str(i) for i in range(996, 1004)]))
    assert sniff(tmp_path / "d").notes[0].startswith("4 ids name no image, such as 996 where")


def test_a_later_sheet_is_found(tmp_path: Path) -> None:
    flat(tmp_path / "d")
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    book.active.append(["made by hand"])
    sheet = book.create_sheet("data")
    for row in [list(some_rows()[0]), *(list(row.values()) for row in some_rows())]:
        sheet.append(row)
    book.save(tmp_path / "d/t.xlsx")
    assert sniff(tmp_path / "d").sheet == "data"
    assert "  sheet: data\n" in passes(tmp_path, tmp_path / "d")


def test_one_strange_cell_is_told_with_its_row(tmp_path: Path) -> None:
    flat(tmp_path / "d")
    rows = some_rows()
    rows[3]["age"] = "60岁"
    rows[5]["metastasis"] = "1?"
    csv(tmp_path / "d/t.csv", rows)
    found = sniff(tmp_path / "d")
    assert found.left_out["age"].startswith("numbers but for '60岁' in row 5;")
    assert "metastasis holds" in " ".join(render("x", found).split())
    with pytest.raises(FaultsError, match=r"'metastasis' holds .* but for '1\?' in row 7"):
        sniff(tmp_path / "d", "metastasis")


def test_a_table_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/t.csv").write_text("a,a\n1,2\n")
    with pytest.raises(FaultsError) as caught:
        sniff(tmp_path / "d")
    assert str(caught.value).count("t.csv") == 1


def test_a_damaged_volume_is_said_and_the_rest_found(tmp_path: Path) -> None:
    flat(tmp_path / "d")
    csv(tmp_path / "d/t.csv", some_rows())
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
    assert names(found) == ["age", "sex", "mskcc_type", "grade"]
    assert (found.endpoints[0].column, found.endpoints[0].time) == ("lung_metastasis", "")
    assert ("time_event_any_days", "event_any") in {(c.time, c.column) for c in found.endpoints}
    study, _ = write_study(tmp_path / "sts", "sts", data)
    assert check_path(study.parent, headers=False).faults == ()
