"""A PyRadiomics parameter file means here what it means to PyRadiomics."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st

from radpipe.core.errors import FaultsError
from radpipe.features.names import DEPRECATED, FEATURES, REMOVED, expected
from radpipe.features.params import from_pyradiomics
from radpipe.features.params_schema import FeatureClasses, Setting, VoxelSetting
from radpipe.features.pyradiomics_engine import to_pyradiomics
from radpipe.features.pyradiomics_words import IMAGE_TYPES, INTERPOLATORS
from radpipe.features.registry import FILTERS
from radpipe.features.settings import ExtractionSettings

pytestmark = pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning")

GLCM = ["Autocorrelation", "JointAverage", "ClusterShade", "Contrast", "Imc1", "Id", "SumSquares"]

EXAMPLES = {
    "nothing": {},
    "CT": {
        "imageType": {"Original": {}, "LoG": {"sigma": [1.0, 2.0]}, "Wavelet": {}},
        "featureClass": {"shape": None, "firstorder": None, "glcm": GLCM, "gldm": None},
        "setting": {
            "interpolator": "sitkBSpline",
            "resampledPixelSpacing": [1, 1, 1],
            "padDistance": 10,
            "binWidth": 25,
            "voxelArrayShift": 1000,
            "label": 1,
        },
    },
    "MR without resampling": {
        "imageType": {"Original": {}, "Wavelet": {}},
        "featureClass": {"shape": [], "firstorder": [], "glrlm": []},
        "setting": {
            "normalize": True,
            "normalizeScale": 100,
            "preCrop": True,
            "force2D": True,
            "force2Ddimension": 0,
            "binWidth": 5,
            "voxelArrayShift": 300,
        },
    },
    "all shape": {
        "setting": {"resampledPixelSpacing": None, "interpolator": "sitkBSpline"},
        "featureClass": {"shape": [*FEATURES["shape"], *DEPRECATED["shape"]]},
    },
    "every filter, with settings of their own": {
        "imageType": {
            "Wavelet": {"wavelet": "haar", "level": 2, "force2D": True, "force2Ddimension": 1},
            "Square": {"binCount": 16},
            "SquareRoot": {"binWidth": 3, "binCount": None},
            "Logarithm": {"distances": [1, 2], "gldm_a": 1},
            "Exponential": {"weightingNorm": None, "symmetricalGLCM": True},
            "Gradient": {"gradientUseSpacing": False, "voxelArrayShift": 7},
        },
        "featureClass": {"firstorder": ["StandardDeviation", "Mean"], "glcm": ["Id"]},
        "setting": {
            "binCount": 8,
            "weightingNorm": "manhattan",
            "symmetricalGLCM": False,
            "resegmentRange": [3, -3],
            "resegmentMode": "sigma",
            "resegmentShape": True,
            "minimumROIDimensions": 1,
            "minimumROISize": 10,
            "geometryTolerance": 1e-3,
            "correctMask": True,
            "label_channel": 0,
            "removeOutliers": None,
        },
    },
    "one slice": {
        "featureClass": {"shape2D": None, "ngtdm": None},
        "setting": {"force2D": True, "minimumROIDimensions": 2},
    },
}


@pytest.fixture(scope="module")
def tiny():
    """An image of 12 x 12 x 12 random values, and a region of one slice or several."""
    rng = np.random.default_rng(5)
    image = sitk.GetImageFromArray(rng.integers(0, 200, (12, 12, 12)).astype(np.int16))

    def pair(slices):
        region = np.zeros((12, 12, 12), np.uint8)
        region[slices, 2:10, 3:9] = 1
        return image, sitk.GetImageFromArray(region)

    return pair


@pytest.fixture
def extractor():
    """PyRadiomics' own extractor; ITK's tolerance, which it sets, is put back."""
    module = pytest.importorskip("radiomics.featureextractor", reason="no PyRadiomics")
    process = sitk.ProcessObject
    before = process.GetGlobalDefaultCoordinateTolerance()
    yield module.RadiomicsFeatureExtractor
    process.SetGlobalDefaultCoordinateTolerance(before)
    process.SetGlobalDefaultDirectionTolerance(before)


def run(extractor, parameters, pair):
    made = extractor(parameters)
    made.addProvenance(False)
    return made.execute(*pair)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_features_in_the_same_order_with_the_same_values(name, tiny, extractor):
    pair = tiny(slice(5, 6) if name == "one slice" else slice(3, 8))
    settings, _ = from_pyradiomics(EXAMPLES[name])
    theirs = run(extractor, EXAMPLES[name], pair)
    ours = run(extractor, to_pyradiomics(settings), pair)
    assert list(ours) == expected(settings)
    assert set(theirs) == set(ours)
    if name != "nothing":  # where no class is named, ours come in our order
        assert list(theirs) == list(ours)
    assert [float(theirs[k]) for k in ours] == [float(ours[k]) for k in ours]


@pytest.mark.parametrize("name", EXAMPLES)
def test_there_and_back(name):
    settings, _ = from_pyradiomics(EXAMPLES[name])
    again, extra = from_pyradiomics(to_pyradiomics(settings))
    assert again == settings
    assert extra.label == 1


LBP = ExtractionSettings(
    force_2d="coronal",
    filters=[{"kind": "lbp_2d", "samples": 9}, {"kind": "lbp_3d", "levels": 3, "force_2d": "off"}],
)


def test_local_binary_patterns_there_and_back(extractor):
    parameters = to_pyradiomics(LBP)
    assert extractor(parameters).enabledImagetypes["LBP3D"]["force2D"] is False
    assert from_pyradiomics(parameters)[0] == LBP
    assert expected(LBP)[14].startswith("lbp-2D_")
    assert {n.split("_")[0] for n in expected(LBP)[14:]} == {
        *("lbp-2D", "lbp-3D-m1", "lbp-3D-m2", "lbp-3D-m3", "lbp-3D-k")
    }


def test_every_word_of_pyradiomics_is_known(extractor):
    import radiomics
    import yaml

    with open(radiomics.getParameterValidationFiles()[0]) as file:
        schema = yaml.safe_load(file)["mapping"]
    assert set(Setting.model_fields) == set(schema["setting"]["mapping"])
    assert set(VoxelSetting.model_fields) == set(schema["voxelSetting"]["mapping"])
    assert set(IMAGE_TYPES) == set(radiomics.getImageTypes())
    assert sorted(kind for kind, _ in IMAGE_TYPES.values()) == sorted(FILTERS)
    classes = radiomics.getFeatureClasses()
    assert set(FeatureClasses.model_fields) == set(classes)
    for family, found in classes.items():
        deprecated = {name for name, is_so in found.getFeatureNames().items() if is_so}
        assert deprecated == {*DEPRECATED.get(family, ()), *REMOVED.get(family, {})}


def test_defaults_are_those_of_pyradiomics(extractor):
    theirs = extractor({}).settings
    ours = Setting().model_dump()
    assert {k: ours[k] for k in theirs if k != "additionalInfo"} == {
        k: v for k, v in theirs.items() if k != "additionalInfo"
    }


def test_numbers_of_interpolators():
    spacing = {"resampledPixelSpacing": [2, 2, 2]}
    for number, name in enumerate(INTERPOLATORS.values(), start=1):
        assert number == 3 or getattr(sitk, name) == number
        by_number, extra = from_pyradiomics({"setting": {"interpolator": number, **spacing}})
        by_name, _ = from_pyradiomics({"setting": {"interpolator": name, **spacing}})
        assert by_number == by_name
        assert extra.notes == (f"parameters setting.interpolator: read as {name}",)


def test_how_the_grid_is_read():
    def grid(**setting):
        settings, _ = from_pyradiomics({"setting": setting})
        return settings.resample, settings.crop

    assert grid() == grid(preCrop=False) == (None, None)
    assert grid(preCrop=True, padDistance=2)[1].pad_voxels == 2
    resampled = grid(preCrop=True, resampledPixelSpacing=[1, 1, 0], padDistance=3)
    assert resampled[0].spacing_mm == (1, 1, 0)
    assert (resampled[0].pad_voxels, resampled[1]) == (3, None)
    assert grid(resampledPixelSpacing=[0, 0, 0])[1].pad_voxels == 5
    assert grid(resampledPixelSpacing=[1, 1, 1], interpolator=None) == (None, None)


def test_what_does_not_act_is_noted():
    parameters = {
        "setting": {
            "label": 2, "additionalInfo": True, "preCrop": True, "padDistance": 4,
            "resampledPixelSpacing": [1, 1, 1], "normalizeScale": 100, "binWidth": 5,
            "binCount": 32, "force2Ddimension": 0, "resegmentShape": True, "lbp2DRadius": 2,
        },
        "imageType": {"Original": None, "LoG": {}, "Wavelet": {"normalize": True, "sigma": [1.0]}},
        "featureClass": {
            "shape": None, "shape2D": None, "glcm": ["Homogeneity1", "Id"],
            "gldm": ["DependencePercentage"],
        },
        "voxelSetting": {"kernelRadius": 2, "initValue": "nan"},
    }  # fmt: skip
    settings, extra = from_pyradiomics(parameters, "Params.yaml")
    assert extra.label == 2
    assert extra.notes == (
        "Params.yaml setting.additionalInfo: does not act; features come without diagnostics",
        "Params.yaml setting.normalizeScale: does not act without normalize: true",
        "Params.yaml setting.preCrop: does not act; resampling crops already",
        "Params.yaml setting.resegmentShape: does not act without resegmentRange",
        "Params.yaml setting.binWidth: does not act beside binCount",
        "Params.yaml setting.force2Ddimension: does not act without force2D: true",
        "Params.yaml setting.lbp2DRadius: does not act without its image type",
        "Params.yaml voxelSetting: does not act; features are those of the whole region",
        "Params.yaml imageType.LoG: gives no image without sigma",
        "Params.yaml imageType.Wavelet.normalize: does not act on one image type alone",
        "Params.yaml imageType.Wavelet.sigma: does not act on one image type alone",
        "Params.yaml featureClass.shape2D: gives nothing without force2D: true",
        "Params.yaml featureClass.glcm: Homogeneity1 has no value in PyRadiomics; "
        "use Id, which is equal",
        "Params.yaml featureClass.gldm: DependencePercentage has no value in PyRadiomics; "
        "leave it out, it is always 1",
    )
    assert [f.kind for f in settings.filters] == ["original", "wavelet"]
    assert settings.classes == ("shape", "glcm")
    assert settings.features == {"glcm": ("Id",)}


def test_a_filter_takes_its_settings_from_the_common_ones():
    settings, extra = from_pyradiomics({"setting": {"sigma": [3]}, "imageType": {"LoG": None}})
    assert settings.filters[0].sigma_mm == (3,)
    assert extra.notes == (
        "parameters setting.sigma: features of 3 are named log-sigma-3-0-mm-3D, where "
        "PyRadiomics writes log-sigma-3-mm-3D",
    )


def faults(parameters):
    with pytest.raises(FaultsError) as caught:
        from_pyradiomics(parameters, "p.yaml")
    return str(caught.value).splitlines()


def test_all_faults_at_once():
    assert faults({
        "setting": {
            "binWidth": "25", "binWith": 25, "label": 0, "force2D": "yes", "distances": [1, 0],
            "resampledPixelSpacing": [1], "weightingNorm": "manhatan", "interpolator": 11,
            "resegmentRange": [1, 2, 3], "voxelArrayShift": float("inf"),
        },
        "imageType": {"LogG": {}, "Wavelet": {"wavelet": "cof1"}, "Original": []},
        "featureClass": {"glcm": ["Contrst", 3], "shape": "all", "glcn": None},
        "voxelSettings": None,
    })[:-1] == [
        "p.yaml setting.label: found 0; allowed: 1 or more",
        "p.yaml setting.resampledPixelSpacing: found a list of 1; allowed: 2 values or more",
        f"p.yaml setting.interpolator: found 11; allowed: {', '.join(INTERPOLATORS.values())}"
        .replace(", sitkBlack", " or sitkBlack"),
        "p.yaml setting.resegmentRange: found a list of 3; allowed: 2 values or fewer",
        "p.yaml setting.binWidth: found '25'; allowed: a number",
        "p.yaml setting.distances[2]: found 0; allowed: 1 or more",
        "p.yaml setting.weightingNorm: found 'manhatan'; allowed: manhattan, euclidean, infinity "
        "or no_weighting; nearest: manhattan",
        "p.yaml setting.voxelArrayShift: found inf; allowed: a finite number",
        "p.yaml setting.force2D: found 'yes'; allowed: true or false",
        f"p.yaml setting.binWith: found the unknown key 'binWith'; allowed: "
        f"{', '.join(Setting.model_fields)}; nearest: binWidth",
        "p.yaml imageType.Original: found a list of 0; allowed: settings (key: value)",
        "p.yaml imageType.Wavelet.wavelet: found wavelet 'cof1' is not known; allowed: haar, dmey, "
        "db1-db38, sym2-sym20, coif1-coif17, bior and rbio 1.1-6.8; nearest: coif1",
        f"p.yaml imageType.LogG: found the unknown key 'LogG'; allowed: {', '.join(IMAGE_TYPES)}; "
        "nearest: LoG",
        "p.yaml featureClass.shape: found 'all'; allowed: a list",
        "p.yaml featureClass.glcm[1]: found 'Contrst', which is no feature of glcm; "
        "nearest: Contrast",
        "p.yaml featureClass.glcm[2]: found 3; allowed: text",
        f"p.yaml featureClass.glcn: found the unknown key 'glcn'; allowed: {', '.join(FEATURES)}; "
        "nearest: glcm",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ([], "p.yaml: found a list of 0; allowed: settings (key: value)"),
        ({1: 2}, "found the unknown key 1"),
        ({"imageType": {"LoG": {}}}, "imageType: found no image to compute on; add Original"),
        ({"featureClass": {"shape2D": None}}, "found no feature to compute; add a class"),
        ({"setting": {"label": 2}, "imageType": {"Original": {"label": 1}}}, "another label (1)"),
        (
            {"imageType": {"LBP2D": {"force2Ddimension": 2}}},
            "imageType.LBP2D: found the plane sagittal without force2D; add force2D: true, or "
            "remove force2Ddimension",
        ),
    ],
)
def test_what_has_no_counterpart(parameters, says):
    [line] = faults(parameters)
    assert says in line


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 400), st.floats(width=16),
    st.lists(st.one_of(st.integers(-2, 3), st.floats(width=16)), max_size=3),
    st.sampled_from(["", "haar", "sitkLinear", "sigma", "euclidean", "ror"]),
)  # fmt: skip
SETTINGS = st.dictionaries(st.sampled_from(list(Setting.model_fields)), VALUES, max_size=6)


@given(SETTINGS, st.dictionaries(st.sampled_from(list(IMAGE_TYPES)), SETTINGS, max_size=3))
def test_whatever_is_given_there_are_settings_or_faults(setting, images):
    try:
        settings, _ = from_pyradiomics({"setting": setting, "imageType": images})
    except FaultsError:
        return
    assert len(set(expected(settings))) == len(expected(settings))
    assert from_pyradiomics(to_pyradiomics(settings))[0] == settings
