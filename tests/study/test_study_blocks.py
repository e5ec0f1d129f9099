"""Blocks of every kind, as `radpipe check` sees them."""

import pytest
import SimpleITK as sitk
from study_making import CASES, Making, load_faults

from radpipe.study.block_names import names_of
from radpipe.study.check import check_path
from radpipe.study.derived import control_models
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"
IMAGE = '  t1: {path: "images/{patient}.nii.gz", modality: MR}\n'
LATER = '  t2: {path: "images/{patient}.nii.gz", modality: MR}\n'
MASKS = '{t1: "masks/{patient}.nii.gz"}'
BLOCKS = "blocks:\n"
ALL = """\
  change: {kind: delta, of: later, minus: t1_tumour, change: relative}
  later: {image: t2, region: tumour, filters: [original], classes: [shape, firstorder]}
  percents: {kind: histogram, image: t1, region: tumour, step: 5}
  means: {kind: ratio, of: later, over: t1_tumour}
  deep: {kind: delta, of: means, minus: change}
  path: {kind: table, file: path.csv, columns: "path_*", missing: [nan]}
"""


def with_blocks(made: Making, *lines: str) -> None:
    made.swap(
        IMAGE, IMAGE + LATER, MASKS, MASKS[:-1] + ', t2: "masks/{patient}.nii.gz"}',
        BLOCKS, BLOCKS + "".join(f"  {line}\n" for line in lines),
    )  # fmt: skip


@pytest.fixture
def all_kinds(made: Making) -> Making:
    with_blocks(made)
    made.swap(BLOCKS, BLOCKS + ALL)
    rows = "".join(f"{case},{i},{i / 2},x\n" for i, case in enumerate(CASES))
    (made.data / "path.csv").write_text(f"patient,path_a,path b,path_c\n{rows}".replace("x", "nan"))
    return made


def test_every_kind_passes_check(all_kinds: Making) -> None:
    assert check_path(all_kinds.folder).faults == ()
    spec = load_study(all_kinds.folder).spec
    assert names_of(spec, "change") == names_of(spec, "t1_tumour")
    assert names_of(spec, "means") == ["original_firstorder_Mean"]
    assert names_of(spec, "deep") == ["original_firstorder_Mean"]
    assert names_of(spec, "percents")[:2] == [
        "original_histogram_5Percentile", "original_histogram_10Percentile",
    ]  # fmt: skip
    assert names_of(spec, "path") is None
    assert list(spec.extracted) == ["later", "percents", "t1_tumour"]
    # the change of a volume is no volume
    [volume] = control_models(spec)["control_volume"].inputs
    assert volume == "later__original_shape_VoxelVolume"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("of: later, minus", "of: latr, minus",
         "blocks.change.of: found the block 'latr'; "
         "allowed: change, deep, later, means, path, percents, t1_tumour; nearest: later"),
        ("minus: t1_tumour", "minus: later",
         "blocks.change.minus: the block 'later' twice; name another block"),
        ("minus: t1_tumour", "minus: change",
         "blocks.change.minus: the block itself; name another block"),
        ("of: later, over", "of: percents, over",
         "blocks.means: no feature that both 'percents' and 't1_tumour' have (such as "
         "original_histogram_5Percentile and original_shape_Elongation); "
         "give both blocks the same settings"),
        ("over: t1_tumour}", "over: t1_tumour, features: [original_firstorder_Mena]}",
         "blocks.means.features[1]: 'original_firstorder_Mena', which fits no feature of both "
         "blocks; nearest: original_firstorder_Mean"),
        ("kind: ratio", "kind: rato",
         "blocks.means.kind: found 'rato'; allowed: extraction, histogram, table, delta, ratio; "
         "nearest: ratio"),
        ("change: relative", "change: percent",
         "blocks.change.change: found 'percent'; allowed: absolute, relative"),
        ("step: 5", "step: 5, discretise: {kind: bin_count, count: 8}",
         "blocks.percents.discretise: found the unknown key 'discretise'; allowed: "),
        ("step: 5", "step: 5, percentiles: [5]",
         "blocks.percents: found percentiles beside step; remove one of them"),
        ("region: tumour, step", "region: lesion, step",
         "blocks.percents.region: found the region 'lesion'; allowed: tumour; "
         "add it under regions"),
        ("file: path.csv", "file: ../path.csv",
         "blocks.path.file: found the path '../path.csv', which leaves the data folder; "
         "give one below it"),
        ('"path_*"', '"/path_(/"',
         "blocks.path.columns: found the pattern /path_(/, which is none"),
        ("file: path.csv", "file: path.csv, value: x",
         "blocks.path: found value in a table of layout wide; remove it, or set layout: long"),
    ],
)  # fmt: skip
def test_faults_of_the_file(all_kinds: Making, old: str, new: str, line: str) -> None:
    all_kinds.swap(old, new)
    [found] = load_faults(all_kinds)
    assert found.split(" ", 1)[1].startswith(line)


def test_blocks_that_are_made_of_each_other(made: Making) -> None:
    with_blocks(
        made,
        "a: {kind: delta, of: b, minus: t1_tumour}",
        "b: {kind: ratio, of: t1_tumour, over: a}",
    )
    assert load_faults(made) == [
        f"{FILE}:13 blocks.a: blocks that are made of each other: a <- b <- a; "
        "name other blocks in one of them"
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("change__original_shape_Sphericty", "the 32 features of change"),
        ("path__path_x", "the 2 features of path, such as path__path_a"),
    ],
)
def test_a_feature_that_a_block_does_not_have(all_kinds: Making, wanted: str, found: str) -> None:
    all_kinds.swap("inputs: [t1_tumour]", f"inputs: [{wanted}]")
    [fault] = check_path(all_kinds.folder).faults
    assert f"found the feature {wanted!r}" in str(fault)
    assert found in str(fault)


def test_a_table_shares_no_feature_with_a_block(all_kinds: Making) -> None:
    all_kinds.swap("of: later, over", "of: path, over")
    [fault] = check_path(all_kinds.folder).faults
    assert "no feature that both 'path' and 't1_tumour' have" in str(fault)


def test_a_mask_may_be_empty_where_the_region_says_so(made: Making) -> None:
    empty = sitk.ReadImage(str(made.mask("P05"))) * 0
    sitk.WriteImage(empty, str(made.mask("P05")))
    [fault] = check_path(made.folder, voxels=True).faults
    assert "the mask is empty" in str(fault)
    made.swap(f"masks: {MASKS}", f"empty: missing, masks: {MASKS}")
    assert check_path(made.folder, voxels=True).faults == ()
