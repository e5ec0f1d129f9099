"""Tables of features as other programs write them; every doubt is a fault with its row."""

import numpy as np
import pandas as pd
import pytest
from study_making import CASES, Making

from radpipe.core.errors import FaultsError
from radpipe.study.cohort import build_cohort
from radpipe.study.feature_numbers import plain_name
from radpipe.study.feature_tables import FeatureTable, read_features
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"


def read(made: Making, settings: str, text: str = "", name: str = "f.csv") -> FeatureTable:
    made.swap("blocks:\n", f"blocks:\n  other: {{kind: table, {settings}}}\n")
    if text:
        (made.data / name).write_text(text, encoding="utf-8")
    study = load_study(made.folder)
    return read_features(study, "other", build_cohort(study).rows)


def faults(made: Making, settings: str, text: str = "") -> list[str]:
    with pytest.raises(FaultsError) as error:
        read(made, settings, text)
    return str(error.value).splitlines()


def wide(header: str, row: str) -> str:
    """Return a table with a row a case; # stands for the case, * for its number."""
    rows = [row.replace("#", case).replace("*", str(i)) for i, case in enumerate(CASES)]
    return "\n".join([header, *rows]) + "\n"


def test_pyradiomics_writes_a_row_a_case(made: Making) -> None:
    header = (
        "patient,Image,diagnostics_Versions_PyRadiomics,diagnostics_Mask-original_VoxelNum,"
        "original_glcm_Contrast,log-sigma-1-0-mm-3D_firstorder_Mean"
    )
    found = read(made, "file: f.csv", wide(header, "#,/img/#.nii,v3,9,*,1e-2"))
    assert list(found.frame.columns) == [
        "original_glcm_Contrast", "log-sigma-1-0-mm-3D_firstorder_Mean",
    ]  # fmt: skip
    assert list(found.frame.index) == CASES
    np.testing.assert_array_equal(found.frame["original_glcm_Contrast"], np.arange(12.0))
    assert found.notes == ("f.csv: columns without a number left out: Image",)


def test_other_names_of_the_id_chosen_columns_and_missing_words(made: Making) -> None:
    text = wide("病例号,path_a,路径 (b),x", "#,*,-,9").replace("P03,2,-", "P03,2,1.5")
    found = read(
        made,
        'file: f.csv, id: 病例号, columns: [path_a, "/^路径/"], missing: ["-"]',
        text + "X,1,1,1\n",
    )
    assert list(found.frame.columns) == ["path_a", "路径_b_"]
    assert found.frame["路径_b_"].notna().sum() == 1


def test_slicer_writes_a_row_a_feature(made: Making) -> None:
    lines = ["Image type,Feature Class,Feature Name,Value,patient,Segment"]
    for i, case in enumerate(CASES):
        for segment in ("tumour", "oedema"):
            lines += [f"original,glcm,Contrast,{i},{case},{segment}",
                      f"diagnostics,Versions,Python,3.9.1,{case},{segment}"]  # fmt: skip
    text = "\n".join(lines)
    found = read(made, "file: f.csv, layout: long, where: {Segment: tumour}", text)
    assert list(found.frame.columns) == ["original_glcm_Contrast"]
    assert found.frame.loc["P12", "original_glcm_Contrast"] == 11


def test_several_segments_need_a_choice(made: Making) -> None:
    lines = wide("patient,f,mask", "#,*,tumour") + "P04,5,oedema\n"
    [line] = faults(made, "file: f.csv, columns: [f]", lines)
    assert line.endswith(
        "f.csv: the case P04 2 times (rows 5, 14); keep one, or say with where: {column: value} "
        "which rows count"
    )


def test_rows_of_features_and_columns_of_cases(made: Making) -> None:
    header = ",".join(["Image type", "Feature Class", "Feature Name", *CASES, "stranger"])
    text = f"{header}\noriginal,shape,VoxelVolume,{','.join(map(str, range(13)))}\n"
    found = read(made, "file: f.csv, layout: transposed", text)
    assert found.frame["original_shape_VoxelVolume"].tolist() == list(range(12))


def test_a_file_for_each_case(made: Making) -> None:
    folder = made.data / "slicer"
    folder.mkdir()
    for i, case in enumerate(CASES):
        text = f"Image type,Feature Class,Feature Name,Value\noriginal,glcm,Contrast,{i}\n"
        (folder / f"{case}.csv").write_text(text)
    found = read(made, 'file: "slicer/{patient}.csv", layout: long')
    assert found.frame["original_glcm_Contrast"].tolist() == list(range(12))
    (folder / "P07.csv").unlink()
    study = load_study(made.folder)
    with pytest.raises(FaultsError, match=r"found no file .*P07.csv; .*exclude: \{\"P07\": "):
        read_features(study, "other", build_cohort(study).rows)


def test_a_workbook(made: Making) -> None:
    frame = pd.DataFrame({"patient": CASES, "f": np.arange(12) / 4})
    frame.to_excel(made.data / "f.xlsx", sheet_name="features", index=False)
    found = read(made, "file: f.xlsx, sheet: features")
    assert found.frame["f"].tolist() == (np.arange(12) / 4).tolist()


@pytest.mark.parametrize(
    ("settings", "old", "new", "line"),
    [
        ("file: g.csv", "", "", f"{FILE}:12 blocks.other.file: found no file "
         "studies/small/data/g.csv; put it there, or correct the path"),
        ("file: f.csv", "P04,3,x", "P04,1 3,x",
         "studies/small/data/f.csv row 5 column 'a': text '1 3' where a number is meant; "
         'correct it, add "1 3" to missing, or leave it out with columns'),
        ("file: f.csv, columns: [b]", "", "",
         "studies/small/data/f.csv row 2 column 'b': text 'x' where a number is meant "
         '(and 11 cells more); correct it, add "x" to missing, or leave it out with columns'),
        ("file: f.csv", "P04,3,x,1,1\n", "",
         "studies/small/data/f.csv: no features of case P04; add them, or under cohort: add to "
         'exclude: {"P04": "no features"}'),
        ("file: f.csv, columns: [aa]", "", "",
         f"{FILE}:12 blocks.other.columns[1]: found 'aa', which fits no column of f.csv; "
         "allowed: a, b, a b, a_b; nearest: a"),
        ("file: f.csv, columns: 'a?b'", "", "",
         "studies/small/data/f.csv: the features 'a b' and 'a_b', which are both called 'a_b'; "
         "rename one, or leave it out with columns"),
        ("file: f.csv, id: patients", "", "",
         f"{FILE}:12 blocks.other.id: found the column 'patients', which f.csv does not have; "
         "allowed: patient, a, b, a b, a_b; nearest: patient"),
        ("file: f.csv", "patient,", "ID,",
         f"{FILE}:12 blocks.other.id: found the column 'patient', which f.csv does not have; "
         "allowed: ID, a, b, a b, a_b; say which column holds the case ids with id: ..."),
        ("file: f.csv, where: {b: y}", "", "",
         f"{FILE}:12 blocks.other.where.b: found 'y', which no row of f.csv has; allowed: x; "
         "name one of the column's values"),
    ],
)  # fmt: skip
def test_one_line_for_each_fault(made: Making, settings, old, new, line) -> None:
    text = wide("patient,a,b,a b,a_b", "#,*,x,1,1")
    assert old in text
    text = text.replace(old, new)
    found = faults(made, settings, text)
    assert line in found


@pytest.mark.parametrize(
    ("name", "plain"),
    [("wavelet-LLH_glcm_Contrast", "wavelet-LLH_glcm_Contrast"), ("a b (%)", "a_b_"),
     ("熵值 1", "熵值_1"), ("x/y\\z", "x_y_z"), ("%", "_")],
)  # fmt: skip
def test_names_become_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("settings", "layout"), [("file: f.csv", "wide"), ("file: f.csv, layout: transposed", "turned")]
)
def test_ids_without_their_leading_zeros_are_told_as_such(made, settings, layout):
    text = made.table.read_text()
    made.table.write_text(text.replace("\nP", "\n00"))
    for case in CASES:
        for path in (made.image(case), made.mask(case)):
            path.rename(path.with_name("00" + path.name[1:]))
    numbers = [str(int(case[1:])) for case in CASES]
    table = "\n".join(["patient,f", *(f"{n},{n}.5" for n in numbers)])
    if layout == "turned":
        settings += ", feature: name"
        table = f"name,{','.join(numbers)}\nf,{','.join(n + '.5' for n in numbers)}"
    [line] = faults(made, settings, table + "\n")
    assert line.endswith(
        "f.csv: no features of 12 cases, whose ids differ in their leading zeros only (1 here "
        "where the cohort has 0001); Excel dropped the leading zeros: make the column text, and "
        "write 0001"
    )


def test_a_cohort_that_lost_its_zeros_is_told_where_to_put_them_back(made):
    text = made.table.read_text()
    for case in CASES:
        text = text.replace(f"\n{case}", f"\n{int(case[1:])}")
    made.table.write_text(text)
    rows = "\n".join(f"{case[1:]},{i}.5" for i, case in enumerate(CASES))
    [line] = faults(made, "file: f.csv", f"patient,f\n{rows}\n")
    assert "no features of 9 cases, whose ids differ" in line
    assert line.endswith("and write 01 in the cohort table")


def test_a_table_of_other_ids_empties_no_study(made):
    rows = "\n".join(f"X{case},{i}.5" for i, case in enumerate(CASES))
    [line] = faults(made, "file: f.csv", f"patient,f\n{rows}\n")
    assert "no case of the cohort by its id: the cohort has P01, P02" in line
    assert "the table has XP01, XP02" in line
    assert "exclude" not in line
