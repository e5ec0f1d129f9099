"""The control of the volume has the volumes of all regions and visits, each once."""

import pytest
from study_making import BINARY, SURVIVAL, Making

from radpipe.outputs.verdicts import SAME_VOLUME
from radpipe.study.adequacy import adequacy
from radpipe.study.cohort import build_cohort
from radpipe.study.derived import VOLUME_CONTROL, chains_of, control_models
from radpipe.study.load import load_study
from radpipe.study.region_volumes import region_volumes

IMAGE = '  t1: {path: "images/{patient}.nii.gz", modality: MR}\n'
T1 = 't1: "masks/{patient}.nii.gz"'
MASKS = f"{{masks: {{{T1}}}}}"
VOXEL = "original_shape_VoxelVolume"
SETTINGS = "filters: [original], classes: [shape, firstorder]"


def widened(made: Making, masks: str, *blocks: str, regions: str = "") -> Making:
    """Add an image t2 and blocks that stand before t1_tumour."""
    made.swap(
        IMAGE, IMAGE + IMAGE.replace("t1:", "t2:"), MASKS, f"{{masks: {{{masks}}}}}\n{regions}",
        "blocks:\n", "blocks:\n" + "".join(f"  {block}\n" for block in blocks),
    )  # fmt: skip
    return made


def with_bone(made: Making) -> Making:
    """Add a second region of the same image."""
    bone = f"  bone: {{label: 2, masks: {{{T1}}}}}\n"
    return widened(made, T1, f"bone: {{image: t1, region: bone, {SETTINGS}}}", regions=bone)


def test_one_volume_is_taken_as_it_is(made: Making) -> None:
    control = control_models(load_study(made.folder).spec)[VOLUME_CONTROL]
    assert control.inputs == [f"t1_tumour__{VOXEL}"]
    assert (control.selection, control.label) == (None, "volume alone")


@pytest.mark.parametrize(
    ("masks", "of"),
    [
        ('t1: "masks/{patient}.nii.gz", t2: "masks/{patient}.nii.gz"', ["tumour"]),
        ('t1: "masks/{image}/{patient}.nii.gz", t2: "masks/{image}/{patient}.nii.gz"',
         ["tumour (t2)", "tumour (t1)"]),
        ('t1: "masks/{patient}.nii.gz", t2: "late/{patient}.nii.gz"',
         ["tumour (t2)", "tumour (t1)"]),
    ],
)  # fmt: skip
def test_a_region_counts_once_for_each_mask(made: Making, masks: str, of: list[str]) -> None:
    late = f"image: t2, region: tumour, {SETTINGS}"
    fine = f"{late}, resample: {{spacing_mm: [1, 1, 1]}}"
    widened(made, masks, f"late: {{{late}}}", f"fine: {{{fine}}}")
    found = region_volumes(load_study(made.folder, need_data=False).spec)
    assert list(found.values()) == of
    assert list(found) == [f"late__{VOXEL}", f"t1_tumour__{VOXEL}"][: len(of)]


@pytest.mark.parametrize("endpoint", [BINARY, SURVIVAL])
def test_all_regions_are_in_the_control_and_in_its_name(made: Making, endpoint: str) -> None:
    with_bone(made)
    if endpoint == SURVIVAL:
        made.swap(BINARY, SURVIVAL, "penalised_logistic", "penalised_cox", "kind: logistic",
                  "kind: cox", "kind: roc", "kind: kaplan_meier")  # fmt: skip
    spec = load_study(made.folder).spec
    control = control_models(spec)[VOLUME_CONTROL]
    assert control.inputs == [f"bone__{VOXEL}", f"t1_tumour__{VOXEL}"]
    assert control.label == "volumes of bone and tumour alone"
    [chain] = chains_of(spec, control)
    [step] = chain.steps
    assert (step.kind, step.threshold, step.keep) == ("correlation", SAME_VOLUME, "first")
    assert chain.inputs == tuple(control.inputs)


def test_few_events_for_several_volumes_are_told(made: Making) -> None:
    def told() -> list[str]:
        study = load_study(made.folder)
        lines = adequacy(study, build_cohort(study))
        return [line for line in lines if "controls.volume" in line]

    assert told() == []
    with_bone(made)
    [line] = told()
    assert "5 events for the volumes of 2 regions or images (2.5 each" in line
    made.swap("outputs:", "controls: {volume: false}\noutputs:")
    assert told() == []
