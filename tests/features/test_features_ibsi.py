"""On IBSI's digital phantom every feature has the reference value, or deviates as documented."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radpipe.features.case import extract_case as extract
from radpipe.features.catalogue import catalogue, entry_of
from radpipe.features.registry import ENGINES
from radpipe.features.settings import ExtractionSettings

ENGINES_TESTED = ["pyradiomics"]

IBSI = Path(__file__).parents[1] / "golden" / "ibsi"
VALUES = pd.read_csv(IBSI / "values.csv", comment="#")
DEVIATIONS = pd.read_csv(IBSI / "deviations.csv", comment="#")

RELATIONS = {
    "value - 3": lambda value, n: value - 3,
    "value * sqrt(N / (N - 1))": lambda value, n: value * np.sqrt(n / (n - 1)),
}
"""What makes of PyRadiomics' value IBSI's; ``n`` is the number of voxels."""


def key(row):
    return f"original_{row['class']}_{row.feature}"


KNOWN = {key(row): row for _, row in DEVIATIONS.iterrows()}


@pytest.fixture(params=ENGINES_TESTED, scope="module")
def any_engine(request):
    if request.param == "pyradiomics":
        pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    return ENGINES[request.param]()


@pytest.fixture(scope="module")
def phantom():
    """Grey levels and region, indexed z, y, x."""
    table = pd.read_csv(IBSI / "phantom.csv", comment="#").sort_values(["z", "y", "x"])
    shape = tuple(table[["z", "y", "x"]].max() + 1)
    return tuple(table[column].to_numpy().reshape(shape) for column in ("grey_level", "in_region"))


@pytest.fixture(scope="module")
def found(any_engine, phantom):
    return features(any_engine, *phantom, spacing=2.0)


def features(engine, levels, region, width=1, spacing=1.0):
    """Return the features of an array, in bins of ``width``."""
    image = sitk.GetImageFromArray(np.asarray(levels, np.int16))
    mask = sitk.GetImageFromArray(np.asarray(region, np.uint8))
    for each in (image, mask):
        each.SetSpacing([spacing] * 3)
    settings = ExtractionSettings(
        discretise={"kind": "bin_width", "width": width}, classes=list(VALUES["class"].unique())
    )
    return extract(image, mask, 1, settings, engine)


def test_the_phantom_is_whole(phantom):
    levels, region = phantom
    assert levels.shape == (4, 4, 5)
    assert region.sum() == 74
    assert set(levels[region == 1]) == {1, 3, 4, 6}


def test_every_feature_with_an_identifier_has_a_value():
    wanted = {(e.family, e.feature, e.ibsi) for e in catalogue() if e.ibsi}
    assert wanted == set(VALUES[["class", "feature", "ibsi_code"]].itertuples(index=False))


@pytest.mark.parametrize("row", [row for _, row in VALUES.iterrows()], ids=key)
def test_reference_values(row, found, phantom):
    value = found[key(row)]
    if key(row) in KNOWN:
        value = RELATIONS[KNOWN[key(row)].relation](value, phantom[1].sum())
    assert value == pytest.approx(row.ibsi_value, abs=row.tolerance, rel=0)


@pytest.mark.parametrize("row", KNOWN.values(), ids=list(KNOWN))
def test_deviations_are_those_documented(row, found):
    assert found[key(row)] == pytest.approx(row.pyradiomics_value, rel=1e-6)
    assert entry_of(key(row)).deviation


def test_no_deviation_is_listed_that_the_tolerance_covers(found):
    values = VALUES.set_index(VALUES.apply(key, axis=1))
    outside = {
        name for name, row in values.iterrows() if abs(found[name] - row.ibsi_value) > row.tolerance
    }
    # The longest axis errs by as much as the others, and by less than its wider tolerance.
    assert set(KNOWN) - outside == {"original_shape_MajorAxisLength"}
    assert outside <= set(KNOWN)


def test_bins_start_at_a_multiple_of_the_width(any_engine):
    levels = np.full((2, 2, 2), 3)
    levels[0] = 5
    found = features(any_engine, levels, np.ones_like(levels), width=4)
    # 3 and 5 fall into the bins 0 to 4 and 4 to 8; IBSI's bin would reach from 3 to 7.
    assert found["original_firstorder_Uniformity"] == pytest.approx(0.5)
    assert found["original_firstorder_Entropy"] == pytest.approx(1)


def test_a_voxel_without_neighbours_counts_in_the_ngtdm(any_engine):
    levels = np.ones((3, 3, 6))
    levels[1, 1, 2] = 2
    region = np.zeros((3, 3, 6))
    region[1, 1, [1, 2]] = 1
    region[0, 0, 5] = 1
    found = features(any_engine, levels, region)
    # Two voxels of level 1 and one of level 2; IBSI would count one of each, and have 1/4 and 1.
    assert found["original_ngtdm_Contrast"] == pytest.approx(1 / 2 * 4 / 9 * 2 / 3)
    assert found["original_ngtdm_Busyness"] == pytest.approx(0, abs=1e-12)


def test_kurtosis_of_a_constant_region_is_zero(any_engine):
    found = features(any_engine, np.full((3, 3, 3), 7), np.ones((3, 3, 3)))
    assert found["original_firstorder_Kurtosis"] == 0
    assert found["original_ngtdm_Coarseness"] == 1e6
