"""The volume of the region may stand in a table that another program wrote."""

import pytest
from study_making import CASES, Making

from radpipe.features.names import feature_id
from radpipe.io.tables import read_table
from radpipe.study import feature_reader
from radpipe.study.cohort import build_cohort
from radpipe.study.derived import VOLUME_CONTROL, control_models
from radpipe.study.feature_tables import read_features
from radpipe.study.load import load_study
from radpipe.study.reported import controls_left_out

MESH, VOXEL = "original_shape_MeshVolume", "original_shape_VoxelVolume"
WIDE = "\n".join([f"patient,a,{MESH},{VOXEL}", *(f"{case},1,2,3" for case in CASES)])
LONG = "\n".join(
    ["patient,Image type,Feature Class,Feature Name,Value"]
    + [f"{case},original,shape,MeshVolume,2" for case in CASES]
)


def controls(made: Making, settings: str, **files: str):
    made.swap("classes: [shape, firstorder]", "classes: [firstorder]")
    made.swap("blocks:\n", f"blocks:\n  other: {{kind: table, {settings}}}\n")
    for name, text in files.items():
        (made.data / f"{name}.csv").write_text(text + "\n")
    return load_study(made.folder, need_data=False).spec


@pytest.mark.parametrize(
    ("settings", "files", "feature"),
    [
        ("file: f.csv", {"f": WIDE}, VOXEL),
        ("file: f.csv, columns: [a, '*MeshVolume']", {"f": WIDE}, MESH),
        ('file: "{patient}.csv"', {"P01": WIDE, "P02": WIDE}, VOXEL),
        ("file: f.csv, layout: long", {"f": LONG}, MESH),
    ],
)
def test_the_volume_of_a_table_is_a_control(made: Making, settings, files, feature) -> None:
    spec = controls(made, settings, **files)
    assert control_models(spec)[VOLUME_CONTROL].inputs == [f"other__{feature}"]
    assert controls_left_out(spec) == []


def test_a_table_of_several_regions_and_several_tables_have_a_volume_each(made: Making) -> None:
    header = f"patient,bone__{MESH},bone__{VOXEL},node__{VOXEL},a"
    text = "\n".join([header, *(f"{case},1,2,3,4" for case in CASES)])
    second = "file: f.csv}\n  late: {kind: table, file: g.csv"
    spec = controls(made, second, f=WIDE, g=text)
    control = control_models(spec)[VOLUME_CONTROL]
    assert control.inputs == [f"other__{VOXEL}", f"late__bone__{VOXEL}", f"late__node__{VOXEL}"]
    assert control.label == "volumes of other, late__bone and late__node alone"


@pytest.mark.parametrize("files", [{}, {"f": "patient,a\nP01,1"}, {"f": ""}])
def test_without_a_volume_the_control_does_not_apply(made: Making, files) -> None:
    [line] = controls_left_out(controls(made, "file: f.csv", **files))
    assert line == "volume alone: does not apply, since no block has the region's volume"


def per_case(lines: list[str]) -> str:
    """Return a table with these lines for each case, which stands for #, and of a stranger."""
    return "\n".join(line.replace("#", case) for case in (*CASES, "X") for line in lines)


SLICER = "patient,Segment,Image type,Feature Class,Feature Name,Value\n"
PARTS = [f"#,core,original,firstorder,Mean,1\n#,rim,original,shape,{MESH[15:]},2"]
PLAIN = f"left_knee__{VOXEL}"


@pytest.mark.parametrize(
    ("settings", "text", "wanted"),
    [
        ("", f"patient,left knee__{VOXEL},b\n" + per_case(["#,2,3"]), PLAIN),
        ("", f"patient,{VOXEL},{MESH}\n" + per_case(["#,none,3"]), MESH),
        ("", f"patient,{VOXEL},{MESH}\n" + per_case(["#,,3"]), MESH),
        (", id: ' patient'", f"patient,left\u3000knee__{VOXEL}\n" + per_case(["#,2"]), PLAIN),
        (f", where: {{{VOXEL}: [2]}}", f"patient,{VOXEL},b\n" + per_case(["#,2,3"]), None),
        (", layout: long, where: {Segment: [core]}", SLICER + per_case(PARTS), None),
        (", layout: long, where: {Segment: [rim]}", SLICER + per_case(PARTS), MESH),
        (", layout: long, columns: ['*Mean']", SLICER + per_case(PARTS), None),
        (
            ", layout: long",
            f"{SLICER}{per_case(PARTS[:1])}\nX,rim,original,shape,VoxelVolume,2",
            MESH,
        ),
        (
            ", layout: transposed",
            f"Image type,Feature Class,Feature Name,{','.join(CASES)}\n"
            f"original,shape,VoxelVolume,{','.join('2' * 12)}\n"
            f"original,firstorder,Mean,{','.join('2' * 12)}",
            VOXEL,
        ),
    ],
)
def test_every_input_of_the_control_is_a_feature_of_the_block(
    made: Making, settings, text, wanted
) -> None:
    controls(made, f"file: f.csv{settings}", f=text)
    study = load_study(made.folder)
    frame = read_features(study, "other", build_cohort(study).rows).frame
    control = control_models(study.spec).get(VOLUME_CONTROL)
    inputs = [] if control is None else control.inputs
    assert inputs == ([f"other__{wanted}"] if wanted else [])
    assert set(inputs) <= {feature_id("other", name) for name in frame.columns}


def test_a_file_of_no_case_tells_nothing(made: Making) -> None:
    files = dict.fromkeys(CASES, "a,b\n1,2") | {"P00": f"a,{VOXEL}\n1,2"}
    spec = controls(made, 'file: "{patient}.csv"', **files)
    assert VOLUME_CONTROL not in control_models(spec)


def test_only_tables_that_may_name_a_volume_are_read(made: Making, monkeypatch) -> None:
    read = []
    monkeypatch.setattr(
        feature_reader,
        "read_table",
        lambda path, sheet, wanted: read.append(path.name) or read_table(path, sheet, wanted),
    )
    second = "file: f.csv}\n  late: {kind: table, file: g.csv"
    controls(made, second, f=WIDE, g="patient,a\n" + per_case(["#,2"]))
    assert read == ["f.csv"]
