"""Parametric maps: images that a formula makes of others, from check to features and montage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from study_making import Making, load_faults, write_volume

from radpipe.outputs.montage import _tile
from radpipe.steps import extract, gather
from radpipe.steps.context import open_context
from radpipe.steps.material import _shown
from radpipe.study.check import check_path
from radpipe.study.files import case_pairs
from radpipe.workflow.slices import Slices

IMAGE = '  t1: {path: "images/{patient}.nii.gz", modality: MR}\n'
MAPPED = """\
  t1: {path: "images/{patient}.nii.gz", modality: MR}
  post: {path: "post/{patient}.nii.gz", modality: MR}
  wash: {expression: "(post - t1) / t1", modality: MR}
"""


@pytest.fixture
def mapped(made: Making) -> Making:
    """The study's block on a map: the later image is the earlier one and half of it."""
    for path in (made.data / "images").glob("*.nii.gz"):
        later = made.data / "post" / path.name
        later.parent.mkdir(exist_ok=True)
        sitk.WriteImage(sitk.ReadImage(str(path)) * 1.5, str(later))
    made.swap(IMAGE, MAPPED, "masks: {t1:", "masks: {wash:", "image: t1\n", "image: wash\n")
    return made


def test_a_map_is_extracted_and_shown(mapped: Making) -> None:
    assert check_path(mapped.folder, voxels=True).faults == ()
    context = open_context(mapped.folder, reports=Path("reports"))
    assert "12 computed" in extract.run(context, "t1_tumour", 0)
    gather.run(context, "t1_tumour", 0)
    frame = pd.read_parquet(context.paths.block("t1_tumour"))
    np.testing.assert_allclose(frame["t1_tumour__original_firstorder_Mean"], 0.5, rtol=1e-6)
    assert "12 found in the store" in extract.run(context, "t1_tumour", 0)
    tile = _tile(_shown(case_pairs(context.study)[0]), "largest")
    np.testing.assert_allclose(tile["grey"], 0.5, rtol=1e-6)


def test_a_changed_part_or_formula_is_extracted_again(mapped: Making) -> None:
    context = open_context(mapped.folder, reports=Path("reports"))
    extract.run(context, "t1_tumour", 0)
    before = Slices(context.study, context.paths, False).digest("extract", "t1_tumour")
    later = mapped.data / "post" / "P03.nii.gz"
    sitk.WriteImage(sitk.ReadImage(str(later)) + 1, str(later))
    assert Slices(context.study, context.paths, False).digest("extract", "t1_tumour") != before
    assert "1 computed" in extract.run(context, "t1_tumour", 0)
    mapped.swap("(post - t1) / t1", "post - t1")
    context = open_context(mapped.folder, reports=Path("reports"))
    assert "12 computed" in extract.run(context, "t1_tumour", 0)


def test_images_of_a_map_lie_on_one_grid_and_its_values_are_defined(mapped: Making) -> None:
    voxels = sitk.GetArrayFromImage(sitk.ReadImage(str(mapped.image("P04"))))
    write_volume(mapped.data / "post" / "P04.nii.gz", voxels, (1, 1, 3))
    voxels[0, 0, :3] = 0
    write_volume(mapped.image("P06"), voxels)
    (mapped.data / "post" / "P08.nii.gz").unlink()
    found = [str(fault) for fault in check_path(mapped.folder, voxels=True).faults]
    assert [line.partition(": ")[0].rpartition("/")[2] for line in found] == [
        "P04.nii.gz", "P06.nii.gz", "P08.nii.gz",
    ]  # fmt: skip
    assert "lies on another grid than" in found[0]
    assert "spacing (1, 1, 3) and (1, 1, 2); a map needs one grid; resample" in found[0]
    assert "has no value at 3 of 384 voxels; say what counts there" in found[1]
    assert "no such file" in found[2]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("(post - t1) / t1", "pots - t1",
         ":10 images.wash.expression: found the image 'pots'; allowed: post, t1, wash; "
         "nearest: post"),
        ("(post - t1) / t1", "wash - t1", ":10 images.wash.expression: the image itself; "
         "name other images"),
        ("(post - t1) / t1", "post > t1", ":10 images.wash: found a formula that says yes or no; "
         "write where(condition, 1, 0)"),
        ('path: "post/{patient}.nii.gz"', "expression: t1 * 2",
         ":10 images.wash.expression: found the image 'post', which is a map itself; "
         "write its formula, (t1 * 2)"),
        ("  wash: {", "  wash: {path: x.nii, ", ":10 images.wash: found path beside expression; "
         "give one of them"),
    ],
)  # fmt: skip
def test_faults_of_the_file(mapped: Making, old: str, new: str, line: str) -> None:
    mapped.swap(old, new)
    assert load_faults(mapped) == ["studies/small/study.yaml" + line]
