"""On a few real cases every feature equals PyRadiomics', as it is and filtered at 1 mm."""

import pytest
from comparison import compare
from parity_cases import native, pyradiomics, read, settings_for

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")

CASES = [
    # setting, modality, patient, bin width (None: the modality's)
    ("a", "MR", "STS_019", None),  # the smallest
    ("a", "MR", "STS_042", None),  # voxels of 0.98 x 0.98 x 3.27 mm
    ("a", "MR", "STS_042", 25.0),
    ("a", "PET", "STS_003", None),
    ("a", "PET", "STS_044", None),
    ("b", "MR", "STS_019", None),
    ("b", "MR", "STS_042", None),
    ("b", "PET", "STS_003", None),
]


@pytest.mark.real
@pytest.mark.parametrize(("setting", "modality", "patient", "width"), CASES)
def test_every_feature_is_pyradiomics(sarcoma, setting, modality, patient, width):
    pair, settings = read(sarcoma, modality, patient), settings_for(setting, modality, width)
    found = compare(native(pair, settings), pyradiomics(pair, settings))
    assert not found, "\n".join(map(str, found))
