"""Tables are read as text, and whatever is wrong with a file is said in one line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from radpipe.core.errors import FaultsError
from radpipe.io.tables import read_table, tidy_name


def _csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _xlsx(folder: Path, *rows: list[object]) -> tuple[Path, openpyxl.Workbook]:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "t.xlsx"
    book.save(path)
    return path, book


def _fault(path: Path, sheet: str | None = None) -> str:
    with pytest.raises(FaultsError) as caught:
        read_table(path, sheet)
    return str(caught.value)


def test_only_the_empty_cell_is_missing(tmp_path: Path) -> None:
    table = read_table(_csv(tmp_path, "id,grade,n\n007,N/A,\n008,NA,  \n009,nan,1.0\n"))
    assert table.frame["id"].tolist() == ["007", "008", "009"]
    assert table.frame["grade"].tolist() == ["N/A", "NA", "nan"]
    assert table.frame["n"].tolist() == [None, None, "1.0"]
    assert table.notes == ()
    assert table.rows == (2, 3, 4)


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", False), ("utf-8-sig", False), ("gbk", True)]
)
def test_encodings(tmp_path: Path, encoding: str, said: bool) -> None:
    table = read_table(_csv(tmp_path, "编号,性别\r\n甲,男\r\n", encoding))
    assert list(table.frame.columns) == ["编号", "性别"]
    assert table.frame.iloc[0].tolist() == ["甲", "男"]
    assert any(note.startswith("t.csv: read as GBK") for note in table.notes) is said


def test_neither_encoding_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,a\n1,\xff\xff\n")
    assert _fault(path) == 't.csv: neither UTF-8 nor GBK text; save it as "CSV UTF-8"'


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolon"), ("\t", "tab")])
def test_delimiters_are_found_and_said(tmp_path: Path, delimiter: str, word: str) -> None:
    table = read_table(_csv(tmp_path, f'id{delimiter}"a,b"\n1{delimiter}"2,5"\n'))
    assert table.frame["a,b"].tolist() == ["2,5"]
    assert table.notes == (f"t.csv: columns are separated by {word}",)


def test_blank_rows_and_trailing_columns_are_tolerated(tmp_path: Path) -> None:
    table = read_table(_csv(tmp_path, "\r\nid,a,,\r\n1,2,,\r\n,,,\r\n3,4,,\r\n\r\n,,,\r\n"))
    assert table.frame.to_dict("list") == {"id": ["1", "3"], "a": ["2", "4"]}
    assert table.rows == (3, 5)
    assert table.notes == ("t.csv: blank rows left out: 4",)


def test_names_are_normalised() -> None:
    assert tidy_name(" Ａｇｅ\u3000（岁）\ufeff") == "Age (岁)"
    assert tidy_name("age\n(years) ") == "age (years)"


def test_all_faults_of_the_shape_at_once(tmp_path: Path) -> None:
    message = _fault(_csv(tmp_path, 'id,a,a,\n1,2,3,4\n1,2\n"x\ny",2,3,\n1,2,3,4,5\n'))
    assert len(message.splitlines()) == 3
    assert "column 'a' stands in columns 2, 3" in message
    assert "column 4 has no name but data in rows 2, 6" in message
    assert "another number of cells in rows 3 (2), 6 (5)" in message


def test_unclosed_quote_names_its_line(tmp_path: Path) -> None:
    assert "t.csv line 3" in _fault(_csv(tmp_path, 'id,a\n1,2\n3,"4\n5,6\n'))


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    assert "no such file" in _fault(tmp_path / "none.csv")
    old = tmp_path / "t.xls"
    old.write_bytes(b"x")
    assert "save it as xlsx" in _fault(old)
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert "password" in _fault(locked)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    assert "damaged workbook" in _fault(broken)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    assert "not a readable parquet file" in _fault(tmp_path / "t.parquet")
    (tmp_path / "t.sav").write_bytes(b"x")
    assert "allowed: .csv" in _fault(tmp_path / "t.sav")
    assert "empty" in _fault(_csv(tmp_path, " \n"))
    assert "only a header" in _fault(_csv(tmp_path, "id,a\n,\n"))
    assert "without sheets" in _fault(_csv(tmp_path, "id,a\n1,2\n"), "Sheet1")
    (tmp_path / "t.csv").write_bytes(b"PK\x03\x04")
    assert "rename it to .xlsx" in _fault(tmp_path / "t.csv")


def test_truncated_workbook_is_one_line(tmp_path: Path) -> None:
    path, _ = _xlsx(tmp_path, ["id", "a"], ["1", 2])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert len(_fault(path).splitlines()) == 1


def test_workbook_cells_as_their_owner_sees_them(tmp_path: Path) -> None:
    rows = [["id", "n", "when", "b", "x"], ["007", 1.0, dt.datetime(2020, 1, 2), True, 0.1]]
    path, book = _xlsx(tmp_path, *rows, ["N/A", 2, dt.datetime(2020, 1, 2, 3, 4), None, " "])
    frame = read_table(path).frame
    assert frame.iloc[0].tolist() == ["007", "1", "2020-01-02", "TRUE", "0.1"]
    assert frame.iloc[1].tolist() == ["N/A", "2", "2020-01-02T03:04:00", None, None]
    book.active["B3"].number_format = "000"
    book.save(path)
    assert read_table(path).frame["n"].tolist() == ["1", "002"]


def test_workbook_sheets(tmp_path: Path) -> None:
    path, book = _xlsx(tmp_path, ["id", "a"], ["1", "2"])
    book.create_sheet("other").append(["id"])
    book.create_sheet("hidden", 0).append(["no"])
    book["hidden"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    table = read_table(path)
    assert list(table.frame.columns) == ["id", "a"]
    assert table.notes == ("t.xlsx: read sheet 'Sheet', not 'other'",)
    assert "only a header" in _fault(path, "other")
    assert "nearest: other" in _fault(path, "othr")


def test_workbook_faults_at_once(tmp_path: Path) -> None:
    path, book = _xlsx(tmp_path, ["id", "a", "b"], ["1", "#N/A", "=1+1"], ["2", "3", "4"])
    book.active.merge_cells("A1:B1")
    book.save(path)
    message = _fault(path)
    assert "merged cells A1:B1" in message
    assert "formulas never computed in C2" in message
    assert "Excel errors in B2 (#N/A)" in message


def test_parquet_becomes_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = {"id": ["01", "02"], "n": [0.0, None], "day": pd.to_datetime(["2020-01-02", None])}
    pd.DataFrame(columns).to_parquet(path)
    frame = read_table(path).frame
    assert frame.to_dict("list") == {
        "id": ["01", "02"],
        "n": ["0", None],
        "day": ["2020-01-02", None],
    }


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_only_wanted_columns_are_read(tmp_path, suffix):
    frame = pd.DataFrame({"ａ": ["1", "2"], "b": ["x", None], "c ": ["3", None]})
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text("\n" + frame.to_csv(index=False), encoding="utf-8")
    else:
        frame.to_excel(path, index=False)
    whole = read_table(path).frame
    for names in (["a"], ["a", "c"], ["c", "b"]):
        found = read_table(path, wanted=lambda name, names=names: name in names).frame
        kept = [name for name in whole if name in names]
        pd.testing.assert_frame_equal(found, whole[kept].loc[found.index])
        assert list(found.columns) == kept
