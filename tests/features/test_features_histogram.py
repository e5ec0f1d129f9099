"""Histograms describe the prepared grey values, by a code of their own."""

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import stats

from radpipe.core.errors import RadpipeError
from radpipe.features.case import code_of, extract_case
from radpipe.features.histogram import HistogramEngine, HistogramSettings
from radpipe.features.settings import ExtractionSettings, canonical


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(3)
    voxels = rng.gamma(2, 10, (8, 10, 10)).astype(np.float32)
    inside = np.zeros(voxels.shape, np.uint8)
    inside[2:6, 2:8, 2:8] = 1
    return sitk.GetImageFromArray(voxels), sitk.GetImageFromArray(inside)


def histogram(pair, **settings):
    return extract_case(*pair, 1, HistogramSettings(**settings), HistogramEngine())


def test_the_distribution_of_grey_values(pair) -> None:
    found = histogram(pair, percentiles=(1, 2.5, 50))
    values = sitk.GetArrayFromImage(pair[0])[sitk.GetArrayFromImage(pair[1]) == 1].astype(float)
    expected = {
        "1Percentile": np.percentile(values, 1),
        "2.5Percentile": np.percentile(values, 2.5),
        "50Percentile": np.median(values),
        "Mean": values.mean(),
        "StandardDeviation": values.std(),
        "Skewness": stats.skew(values),
        "Kurtosis": stats.kurtosis(values, fisher=False),
    }
    assert list(found) == [f"original_histogram_{name}" for name in expected]
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-9)


def test_the_image_is_prepared_first(pair) -> None:
    plain = histogram(pair, percentiles=(50,))
    scaled = histogram(pair, percentiles=(50,), normalise={"kind": "z_score"})
    voxels = sitk.GetArrayFromImage(pair[0]).astype(float)
    wanted = (plain["original_histogram_50Percentile"] - voxels.mean()) / voxels.std(ddof=1)
    assert scaled["original_histogram_50Percentile"] == pytest.approx(wanted, rel=1e-5)
    cut = histogram(pair, percentiles=(0,), resegment={"range": [10]})
    assert cut["original_histogram_0Percentile"] >= 10


def test_its_settings_and_its_code_are_its_own() -> None:
    a, b = (HistogramSettings(percentiles=(p,)) for p in (5, 10))
    assert canonical(a) != canonical(b)
    assert code_of("histogram", a) != code_of("native", ExtractionSettings())
    with pytest.raises(RadpipeError, match="choose native"):
        HistogramEngine().extract(None, None, ExtractionSettings())
