"""A block may leave its extraction to a PyRadiomics parameter file."""

import json
from pathlib import Path

import pytest
from study_making import Making, load_faults

from radpipe.core.errors import FaultsError
from radpipe.features.settings import ExtractionSettings, canonical, settings_of
from radpipe.study.check import check_path
from radpipe.study.load import load_study
from radpipe.study.params import read_params

FILE = "studies/small/study.yaml"
PARAMS = "studies/small/Params.yaml"
TEXT = """\
# As it came with a paper.
setting:
  binWidth: 5
  force2D: true
  geometryTolerance: 1e-3
  resampledPixelSpacing:
  label: 1
imageType:
  Original: {}
  Wavelet:
    wavelet: haar
featureClass:
  shape:
  glcm:
    - 'Id'
    - 'Idm'
"""
SAME = {
    "discretise": {"kind": "bin_width", "width": 5},
    "force_2d": "axial",
    "geometry_tolerance": 1e-3,
    "filters": ["original", {"kind": "wavelet", "family": "haar"}],
    "classes": ["shape", "glcm"],
    "features": {"glcm": ["Id", "Idm"]},
}


@pytest.fixture
def made(made: Making) -> Making:
    made.swap(
        "    filters: [original]\n    classes: [shape, firstorder]\n",
        "    extraction: {params: Params.yaml}\n",
    )
    (made.folder / "Params.yaml").write_text(TEXT)
    return made


def test_the_block_is_as_if_its_keys_stood_in_the_study(made: Making) -> None:
    spec = load_study(made.folder).spec
    assert settings_of(spec.blocks["t1_tumour"]) == ExtractionSettings(**SAME)
    assert spec.settings("t1_tumour") == ExtractionSettings(**SAME)
    made.swap("inputs: [t1_tumour]", "inputs: [t1_tumour__wavelet-LH_glcm_Idm]")
    assert load_study(made.folder).spec.models["radscore"]
    made.swap("wavelet-LH_glcm_Idm", "wavelet-LLH_glcm_Idm")
    assert "wavelet-LLH_glcm_Idm" in load_faults(made)[0]


def test_what_the_file_says_is_what_counts(made: Making) -> None:
    def settings() -> str:
        return canonical(load_study(made.folder).spec.settings("t1_tumour"))

    before, file = settings(), made.folder / "Params.yaml"
    file.write_text(TEXT.replace("As it came", "Changed by nobody"))
    assert settings() == before
    file.write_text(TEXT.replace("binWidth: 5", "binWidth: 10"))
    assert settings() != before


def test_json_with_tabs(made: Making) -> None:
    parameters = {"setting": {"binWidth": 5}, "imageType": {"LoG": {"sigma": [1.0, 1e-1]}}}
    (made.folder / "Params.json").write_text(json.dumps(parameters, indent="\t"))
    made.swap("Params.yaml", "Params.json")
    [log] = load_study(made.folder).spec.settings("t1_tumour").filters
    assert log.sigma_mm == (1, 0.1)


def test_a_sound_file_gives_no_warnings_of_its_own(made: Making) -> None:
    found = check_path(made.folder)
    assert found.faults == ()
    assert not [line for line in found.warnings if "Params" in line]


def test_what_does_not_act_is_a_warning(made: Making) -> None:
    made.swap("modality: MR", "modality: MR, normalise: z_score")
    text = TEXT.replace("label: 1", "label: 2").replace("binWidth: 5", "removeOutliers: 3")
    (made.folder / "Params.yaml").write_text(text)
    found = check_path(made.folder)
    assert found.faults == ()
    assert [line for line in found.warnings if "Params" in line] == [
        f"{PARAMS}:3 setting.removeOutliers: does not act without normalize: true",
        f"{FILE}:15 blocks.t1_tumour.extraction: {PARAMS} names label 2, but label 1 of region "
        "'tumour' counts",
        f"{FILE}:15 blocks.t1_tumour.extraction: {PARAMS} leaves the grey values as they are; "
        "normalise of image 't1' does not act",
    ]


def test_all_faults_of_both_files_at_once(made: Making) -> None:
    made.swap("title: A small study", "titel: x", "inputs: [t1_tumour]", "inputs: [t1_tumor]")
    text = TEXT.replace("binWidth", "binWith").replace("1e-3", "wide").replace("'Id'", "Idd")
    (made.folder / "Params.yaml").write_text(text)
    found = [str(fault) for fault in check_path(made.folder).faults]
    assert [line.split("; allowed")[0] for line in found] == [
        f"{PARAMS}:5 setting.geometryTolerance: found 'wide'",
        f"{PARAMS}:3 setting.binWith: found the unknown key 'binWith'",
        f"{PARAMS}:15 featureClass.glcm[1]: found 'Idd', which is no feature of glcm; nearest: Id",
        f"{FILE}:2 titel: found the unknown key 'titel'",
        f"{FILE}:22 models.radscore.inputs[1]: found 't1_tumor'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{params: Params.yaml}", "{params: Params.yaml}\n    filters: [original]",
         ":15 blocks.t1_tumour.extraction: found a parameter file beside filters; remove it, or "
         "extraction"),
        ("image: t1\n", "image: t1\n    normalise: null\n    force_2d: axial\n",
         ":17 blocks.t1_tumour.extraction: found a parameter file beside normalise, force_2d; "
         "remove them, or extraction"),
        ("Params.yaml", "Parms.yaml",
         ":15 blocks.t1_tumour.extraction.params: found no file studies/small/Parms.yaml; put it "
         "there, or correct the path"),
        ("Params.yaml", "../Params.yaml",
         ":15 blocks.t1_tumour.extraction.params: found the path '../Params.yaml', which leaves "
         "the study's folder; give one below it"),
        ("{params: Params.yaml}", "Params.yaml",
         ":15 blocks.t1_tumour.extraction: found 'Params.yaml'; allowed: settings (key: value) or "
         "null"),
        ("{params:", "{param:",
         ":15 blocks.t1_tumour.extraction.param: found the unknown key 'param'; allowed: params; "
         "nearest: params"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_key(made: Making, old: str, new: str, line: str) -> None:
    made.swap(old, new)
    assert load_faults(made) == [FILE + line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ": the file is empty; start it with `setting:`"),
        ("# nothing\n", ": the file is empty; start it with `setting:`"),
        ("binWidth", ": found 'binWidth'; write `key: value`"),
        ("setting: {label: 1, label: 2}",
         ":1 setting.label: the key 'label' a second time (first in line 1); keep one of them"),
        ("setting:\n  normalize: yes\n",
         ":2 setting.normalize: found 'yes'; allowed: true or false"),
        ("imageType:\n  LoG:\n", ":1 imageType: found no image to compute on; add Original"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_file(made: Making, text: str, line: str) -> None:
    (made.folder / "Params.yaml").write_text(text)
    assert load_faults(made) == [PARAMS + line]


def test_a_file_alone(made: Making) -> None:
    settings, extra = read_params(made.folder / "Params.yaml")
    assert settings == ExtractionSettings(**SAME)
    assert (extra.label, extra.notes) == (1, ())
    with pytest.raises(FaultsError, match="no such file"):
        read_params(Path("none.yaml"))
