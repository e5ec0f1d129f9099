"""Under every setting each feature equals PyRadiomics', and both refuse the same regions."""

import numpy as np
import pytest
import SimpleITK as sitk
from comparison import compare
from parity_cases import native, pyradiomics, read
from parity_matrix import INTERPOLATORS, MATRIX, TEXTURE
from scipy.ndimage import gaussian_filter

from radpipe.core.errors import CaseError
from radpipe.features.names import DEPRECATED, FEATURES
from radpipe.features.pyradiomics_engine import PyRadiomicsEngine
from radpipe.features.pyradiomics_words import INTERPOLATORS as KNOWN_INTERPOLATORS
from radpipe.features.settings import ExtractionSettings
from radpipe.features.texture_settings import TextureSettings

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")

SHAPE = (20, 28, 24)  # z, y, x
OBLIQUE = (0.8, -0.6, 0.0, 0.48, 0.64, -0.6, 0.36, 0.48, 0.8)
REAL = [
    ("MR", "STS_019"),
    ("MR", "STS_042"),
    ("MR", "STS_024"),
    ("PET", "STS_003"),
    ("PET", "STS_044"),
]


def case(kind=np.int16, direction=None, inside=None):
    """Return a smooth random volume of unequal voxels, and a region with a hole and an island."""
    rng = np.random.default_rng(11)
    smooth = gaussian_filter(rng.normal(size=SHAPE), (0.8, 1.2, 1.2))
    values = 300 + 90 * smooth / smooth.std() + 8 * rng.normal(size=SHAPE)
    z, y, x = np.indices(SHAPE)
    if inside is None:
        bumps = gaussian_filter(rng.normal(size=SHAPE), 2)
        radius = ((z - 10) / 7) ** 2 + ((y - 13) / 9) ** 2 + ((x - 11) / 8) ** 2
        inside = (radius + 2 * bumps / bumps.std() * 0.1 < 1) & (radius > 0.03)
        inside[14:16, 24:27, 20:23] = True
    values = np.rint(values) if np.issubdtype(kind, np.integer) else values
    pair = (
        sitk.GetImageFromArray(values.astype(kind)),
        sitk.GetImageFromArray(inside.astype(np.uint8)),
    )
    for image in pair:
        image.SetSpacing((1.1, 0.9, 2.5))
        image.SetOrigin((-31.0, 12.5, 7.25))
        if direction:
            image.SetDirection(direction)
    return pair


def agree(pair, **settings):
    wanted = ExtractionSettings(**settings)
    reference = pyradiomics(pair, wanted)
    found = compare(native(pair, wanted), reference)
    assert not found, "\n".join(map(str, found))
    return reference


@pytest.mark.parametrize("name", MATRIX)
def test_whole_numbers(name):
    agree(case(), **MATRIX[name])


@pytest.mark.parametrize("name", MATRIX)
def test_single_precision(name):
    agree(case(np.float32), **MATRIX[name])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float64])
def test_other_number_types(kind):
    filters = ["original", {"kind": "log", "sigma_mm": [2]}, "wavelet", "gradient", "square_root"]
    image, mask = case(np.float64)
    values = np.clip(sitk.GetArrayFromImage(image) / 3, 0, 255).astype(kind)
    typed = sitk.GetImageFromArray(values)
    typed.CopyInformation(image)
    agree((typed, mask), filters=filters, discretise={"kind": "bin_width", "width": 8})
    agree((typed, mask), filters=filters, resample={"spacing_mm": [1.5, 1.5, 1.5]})


def test_values_below_zero():
    image, mask = case()
    filters = ["original", *MATRIX["pointwise, bins of a width"]["filters"]]
    agree((image - 420, mask), filters=filters, discretise={"kind": "bin_width", "width": 13})


def test_an_oblique_volume():
    for kind in (np.int16, np.float32):
        filters = ["original", {"kind": "log", "sigma_mm": [2]}, "wavelet", "gradient"]
        agree(case(kind, OBLIQUE), resample={"spacing_mm": [1.3, 1.3, 1.3]}, filters=filters)


@pytest.mark.parametrize("direction", [None, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize("spacing", [(0, 1.44, 4), (0, 1.44, 0)])
def test_new_voxels_on_the_edge_of_the_image(spacing, direction):
    """Rounding decides whether the last row is the image's or 0, which filters see."""
    filters = ["original", {"kind": "log", "sigma_mm": [3]}, "wavelet"]
    for kind in (np.int16, np.float32):
        pair = case(kind, direction)
        for image in pair:
            image.SetOrigin((-113.7, -87.31, 44.1))
        agree(pair, resample={"spacing_mm": spacing}, filters=filters)


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["axial", "coronal", "sagittal"])
def test_one_slice(axis):
    """Also the shape classes, with the features that are only there by name."""
    plane = ("axial", "coronal", "sagittal")[axis]
    inside = np.zeros(SHAPE, bool)
    whole = sitk.GetArrayFromImage(case()[1]) > 0
    np.moveaxis(inside, axis, 0)[9] = np.moveaxis(whole, axis, 0)[9]
    pair = case(inside=inside)
    by_name = {name: [*FEATURES[name], *DEPRECATED[name]] for name in ("shape", "shape2D")}
    if plane == "coronal":  # here PyRadiomics asks another axis for a single slice
        wanted = {"classes": ["shape2D"], "features": {"shape2D": by_name["shape2D"]}}
        turned = [sitk.PermuteAxes(image, (0, 2, 1)) for image in pair]
        reference = pyradiomics(turned, ExtractionSettings(force_2d="axial", **wanted))
        found = compare(native(pair, ExtractionSettings(force_2d=plane, **wanted)), reference)
        assert not found, "\n".join(map(str, found))
    else:
        agree(pair, force_2d=plane, classes=["shape", "shape2D", "glcm"], features=by_name)
    agree(pair)
    agree(pair, resample={"spacing_mm": [1.5, 1.5, 1.5]})


def test_a_picture():
    """A volume of one slice is what PyRadiomics calls a picture, but for a voxel's volume."""
    image, mask = case()
    filters = ["original", {"kind": "log", "sigma_mm": [2]}, "wavelet", "gradient"]
    how = {"filters": filters, "classes": TEXTURE}
    volume = image[:, :, 9:10], mask[:, :, 9:10]
    ours = native(volume, ExtractionSettings(force_2d="axial", **how))
    theirs = PyRadiomicsEngine().extract(image[:, :, 9], mask[:, :, 9], ExtractionSettings(**how))
    for name in theirs:
        if name.endswith("TotalEnergy"):
            theirs[name] *= image.GetSpacing()[2]
    assert not (found := compare(ours, theirs)), "\n".join(map(str, found))


@pytest.mark.parametrize(
    "part",
    [
        np.s_[0:3, 0:9, 15:24],
        np.s_[17:, :, :4],
        np.s_[:, :, :],
        np.s_[4:5, 7:9, 3:4],
        np.s_[4:6, 7:9, 3:5],
        np.s_[3:17:3, 4:20:4, 5:20:3],
    ],
    ids=["corner", "edges", "all", "two voxels", "eight voxels", "apart"],
)
def test_regions_of_all_kinds(part):
    inside = np.zeros(SHAPE, bool)
    inside[part] = True
    filters = ["original", {"kind": "log", "sigma_mm": [1.5]}, "wavelet", "gradient"]
    agree(case(inside=inside), filters=filters, minimum_dimensions=1)
    agree(case(inside=inside), force_2d="axial", minimum_dimensions=1, distances=[1, 2])


@pytest.mark.parametrize("value", [50, 1 / 3, 12345.678])
def test_a_flat_image(value):
    """Whether deviations are 0 or rounding errors decides skewness and kurtosis: 0 or 1."""
    image, mask = case(np.float64)
    agree((image * 0 + value, mask), filters=["original", "gradient", "exponential", "square"])


REFUSED = {
    "dimensions": ({"minimum_dimensions": 3}, np.s_[3:9, 3:9, 4:5]),
    "one voxel": ({}, np.s_[3:4, 3:4, 3:4]),
    "a line": ({}, np.s_[3:4, 3:12, 3:4]),
    "few voxels": ({"minimum_voxels": 64}, np.s_[3:7, 3:7, 3:7]),
    "nothing in range": ({"resegment": {"range": [5000, 6000]}}, np.s_[3:7, 3:7, 3:7]),
    "lost in resampling": ({"resample": {"spacing_mm": [9, 9, 9]}}, np.s_[3:5, 3:5, 3:4]),
    "many slices for shape2D": (
        {"force_2d": "axial", "classes": ["shape2D"]},
        np.s_[3:7, 3:7, 3:7],
    ),
    "too small for the filter": (
        {"filters": [{"kind": "log", "sigma_mm": [60]}]},
        np.s_[3:7, 3:7, 3:7],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_both_refuse(name):
    change, part = REFUSED[name]
    inside = np.zeros(SHAPE, bool)
    inside[part] = True
    for extracted in (pyradiomics, native):
        with pytest.raises(CaseError):
            extracted(case(inside=inside), ExtractionSettings(**change))


def test_the_matrix_holds_every_setting():
    """A setting that is added must be added here too."""
    said = {key for settings in MATRIX.values() for key in settings}
    elsewhere = {"channel", "classes", "correct_mask", "geometry_tolerance", "mask_channel"}
    assert said | elsewhere == set(ExtractionSettings.model_fields)
    assert set(TextureSettings.model_fields) <= said
    assert list(KNOWN_INTERPOLATORS) == INTERPOLATORS


@pytest.mark.whole
@pytest.mark.parametrize(("modality", "patient"), REAL)
@pytest.mark.parametrize("name", MATRIX)
def test_real_cases(sarcoma, modality, patient, name):
    image, mask = read(sarcoma, modality, patient)
    if modality == "PET":  # to the grey values that the matrix is written for
        image = image * 100
    agree((image, mask), **MATRIX[name])
