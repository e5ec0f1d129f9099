"""The volume of the region may stand in a table that another program wrote."""

import pytest
from study_making import CASES, Making

from radpipe.study.derived import VOLUME_CONTROL, control_models, controls_left_out
from radpipe.study.load import load_study

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
