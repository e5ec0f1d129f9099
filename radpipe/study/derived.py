"""What follows from study.yaml without being written there: controls, chains, dependencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radpipe.core.digests import digest
from radpipe.features.names import expected, feature_id, volume_feature
from radpipe.models.cox import CoxSpec
from radpipe.models.logistic import LogisticSpec
from radpipe.study.schema import StudySpec

CLINICAL = "clinical"
VOLUME_CONTROL = "control_volume"
CLINICAL_CONTROL = "control_clinical"


@dataclass(frozen=True)
class Inputs:
    """What a model's inputs are made of.

    Parameters
    ----------
    blocks : tuple of str
        Blocks of which any feature is used.
    features : tuple of str
        Single features, by id.
    clinical : tuple of str
        Clinical variables.
    models : tuple of str
        Models whose values are inputs.
    """

    blocks: tuple[str, ...]
    features: tuple[str, ...]
    clinical: tuple[str, ...]
    models: tuple[str, ...]


def inputs_of(spec: StudySpec, names: Sequence[str]) -> Inputs:
    """Sort the names of a model's inputs into blocks, features, clinical variables and models."""
    blocks: list[str] = []
    features: list[str] = []
    clinical: list[str] = []
    models: list[str] = []
    for name in names:
        if name == CLINICAL:
            clinical += spec.clinical
        elif name.startswith(f"{CLINICAL}."):
            clinical.append(name.removeprefix(f"{CLINICAL}."))
        elif name in spec.blocks:
            blocks.append(name)
        elif "__" in name and name.split("__", 1)[0] in spec.blocks:
            features.append(name)
            blocks.append(name.split("__", 1)[0])
        else:
            models.append(name)
    return Inputs(*(tuple(dict.fromkeys(part)) for part in (blocks, features, clinical, models)))


def control_models(spec: StudySpec) -> dict[str, Any]:
    """Return the control models that apply: the region's volume alone, the clinical alone."""
    family: Any = LogisticSpec if spec.endpoint.type == "binary" else CoxSpec
    controls: dict[str, Any] = {}
    volume = _volume(spec)
    if spec.controls.volume and volume:
        controls[VOLUME_CONTROL] = family(inputs=[volume], label="volume alone")
    if spec.controls.clinical and spec.clinical:
        controls[CLINICAL_CONTROL] = family(inputs=[CLINICAL], label="clinical variables alone")
    return controls


def controls_left_out(spec: StudySpec) -> list[str]:
    """Return why a control does not apply, one line each."""
    lines = []
    if not spec.controls.volume:
        lines.append("volume alone: switched off in study.yaml (controls.volume)")
    elif not _volume(spec):
        lines.append("volume alone: does not apply, since no block has the shape class")
    if not spec.controls.clinical:
        lines.append("clinical variables alone: switched off in study.yaml (controls.clinical)")
    elif not spec.clinical:
        lines.append("clinical variables alone: does not apply, since there are none")
    if not spec.controls.permutations:
        lines.append("permuted endpoint: switched off in study.yaml (controls.permutations)")
    return lines


def _volume(spec: StudySpec) -> str:
    """Return the id of the first block's volume feature, or an empty string."""
    for block in spec.blocks:
        feature = volume_feature(expected(spec.settings(block)))
        if feature:
            return feature_id(block, feature)
    return ""


def all_models(spec: StudySpec) -> dict[str, Any]:
    """Return the study's models and its control models, by name."""
    return {**spec.models, **control_models(spec)}


def all_inputs(spec: StudySpec, model: str) -> Inputs:
    """Return the inputs of a model and of the models that it is made of."""
    models = all_models(spec)
    below = with_submodels(spec, model)
    return inputs_of(spec, [name for part in below for name in models[part].inputs])


def with_submodels(spec: StudySpec, model: str) -> list[str]:
    """Return the models that ``model`` is made of, itself last, each after what it needs."""
    models = all_models(spec)
    order: list[str] = []

    def visit(name: str) -> None:
        for below in inputs_of(spec, models[name].inputs).models:
            visit(below)
        if name not in order:
            order.append(name)

    visit(model)
    return order


def selection_steps(spec: StudySpec, model: Any) -> list[Any]:
    """Return the selector settings of a model: its own list, or the study's named chain."""
    chosen = model.selection
    if chosen is None:
        return []
    return list(spec.selection[chosen]) if isinstance(chosen, str) else list(chosen)


@dataclass(frozen=True)
class Chain:
    """One selection chain on one set of inputs; models that agree in both share it."""

    name: str
    steps: tuple[Any, ...]
    inputs: tuple[str, ...]


def chain_of(spec: StudySpec, model: Any) -> Chain | None:
    """Return the chain of a model, or None where it selects nothing."""
    steps = selection_steps(spec, model)
    if not steps:
        return None
    label = model.selection if isinstance(model.selection, str) else "own"
    key = digest([step.model_dump(mode="json") for step in steps], list(model.inputs))
    return Chain(f"{label}-{key[:8]}", tuple(steps), tuple(model.inputs))


def chains(spec: StudySpec) -> dict[str, Chain]:
    """Return the study's chains by name."""
    found = (chain_of(spec, model) for model in all_models(spec).values())
    return {chain.name: chain for chain in found if chain}


def output_names(spec: StudySpec) -> Mapping[str, Any]:
    """Return the outputs by the name of their folder; a kind asked for twice is numbered."""
    named: dict[str, Any] = {}
    for output in spec.outputs:
        name, number = output.name, 2
        while name in named:
            name, number = f"{output.name}-{number}", number + 1
        named[name] = output.model_copy(update={"id": name})
    return named
