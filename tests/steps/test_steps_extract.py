"""A shard extracts what the study says of channels and grids, and keeps it for good."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from study_making import Making, write_volume

from radpipe.core.errors import RadpipeError
from radpipe.features import extract as extract_features
from radpipe.outputs.montage import _tile
from radpipe.steps import extract, gather
from radpipe.steps.context import Context, open_context
from radpipe.steps.material import _shown
from radpipe.study.files import case_pairs

FILTERS = "    filters: [original]\n"


def features(made: Making) -> tuple[Context, pd.DataFrame]:
    """Extract and gather the study's block."""
    context = open_context(made.folder, reports=Path("reports"))
    extract.run(context, "t1_tumour", 0)
    gather.run(context, "t1_tumour", 0)
    return context, pd.read_parquet(context.paths.block("t1_tumour")).set_index("case")


def test_channels_and_grids_of_a_study(made: Making) -> None:
    grey = sitk.ReadImage(str(made.image("P03")))
    mask = sitk.ReadImage(str(made.mask("P03")))
    sitk.WriteImage(sitk.Compose([grey, grey * 2]), str(made.image("P03")))
    array = sitk.GetArrayFromImage(mask)
    write_volume(made.mask("P03"), np.concatenate([array, array[:1]]))
    made.swap(
        "modality: MR}", "modality: MR, channel: 0}", FILTERS, FILTERS + "    correct_mask: true\n"
    )
    context, found = features(made)
    reference = extract_features(grey, mask, {"classes": ["shape", "firstorder"]})
    for name, value in reference.items():
        assert found.loc["P03", f"t1_tumour__{name}"] == value
    assert "12 found in the store" in extract.run(context, "t1_tumour", 0)
    shown = {pair.case: _shown(pair) for pair in case_pairs(context.study)}
    tile = _tile(shown["P03"], "largest")
    np.testing.assert_array_equal(tile["grey"], sitk.GetArrayFromImage(grey)[tile["slice"]])
    np.testing.assert_array_equal(tile["mask"], array[tile["slice"]])


def flatten(made: Making) -> None:
    for folder in ("images", "masks"):
        for path in (made.data / folder).glob("*.nii.gz"):
            sitk.WriteImage(sitk.ReadImage(str(path))[:, :, 2], str(path))


def test_pictures_of_a_study(made: Making) -> None:
    flatten(made)
    made.swap("    classes: [shape, firstorder]\n", "    force_2d: axial\n    classes: [shape2D]\n")
    context, found = features(made)
    assert found["t1_tumour__original_shape2D_PixelSurface"].tolist() == [16.0] * 12
    tile = _tile(_shown(case_pairs(context.study)[0]), "largest")
    assert tile["area_mm2"] == 16


def test_names_that_the_settings_do_not_tell_stop_the_study(made: Making) -> None:
    flatten(made)
    made.swap(FILTERS, "    filters: [wavelet]\n", "[shape, firstorder]\n", "[firstorder]\n")
    with pytest.raises(RadpipeError, match="needs force_2d: axial"):
        features(made)
