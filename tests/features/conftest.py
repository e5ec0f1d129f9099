"""Phantoms small enough that PyRadiomics takes milliseconds."""

import numpy as np
import pytest
from features_oracle import to_image

from radpipe.features.pyradiomics_engine import PyRadiomicsEngine


@pytest.fixture(scope="session")
def values():
    """Grey values (16, 20, 24), smooth and noisy, all integers."""
    rng = np.random.default_rng(7)
    z, y, x = np.indices((16, 20, 24))
    wave = 60 * np.sin(x / 3) + 40 * np.cos(y / 2) + 10 * z
    return np.rint(wave + rng.normal(scale=15, size=wave.shape) + 200).astype(np.int16)


@pytest.fixture(scope="session")
def ball():
    """A region of 5 voxels' radius (8 x 10 x 10 mm in all) with label 3."""
    z, y, x = np.indices((16, 20, 24))
    inside = ((x - 12) / 5) ** 2 + ((y - 10) / 5) ** 2 + ((z - 8) / 4) ** 2 <= 1
    return (inside * 3).astype(np.uint8)


@pytest.fixture(scope="session")
def pair(values, ball):
    return to_image(values), to_image(ball)


@pytest.fixture(scope="session")
def engine():
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    return PyRadiomicsEngine()
