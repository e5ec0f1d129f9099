"""What follows from study.yaml without being written there: controls, chains, dependencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radpipe.core.digests import digest
from radpipe.models.registry import MODELS
from radpipe.selection.registry import SELECTORS
from radpipe.study.places import KeyPath
from radpipe.study.preparationrefs import steps_of
from radpipe.study.region_volumes import region_volumes
from radpipe.study.schema import StudySpec

CLINICAL = "clinical"
REGRESSIONS = {
    "binary": "logistic",
    "multiclass": "multinomial",
    "ordinal": "ordinal",
    "multilabel": "logistic",
    "continuous": "linear",
    "survival": "cox",
}
"""The plain regression of each kind of endpoint, which the control models are."""
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
    covariates : tuple of str
        Clinical variables that the preparation looks at, be they inputs or not.
    """

    blocks: tuple[str, ...]
    features: tuple[str, ...]
    clinical: tuple[str, ...]
    models: tuple[str, ...]
    covariates: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """Return all clinical variables that are read."""
        return tuple(dict.fromkeys((*self.clinical, *self.covariates)))


def inputs_of(spec: StudySpec, names: Sequence[str], preparation: Sequence[Any] = ()) -> Inputs:
    """Sort the names of a model's inputs into blocks, features, clinical variables and models.

    With the steps of its preparation, what those look at belongs to it.
    """
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
    covariates = sorted({name for step in preparation for name in step.covariate_names()})
    parts = (blocks, features, clinical, models, covariates)
    return Inputs(*(tuple(dict.fromkeys(part)) for part in parts))


def control_models(spec: StudySpec) -> dict[str, Any]:
    """Return the control models that apply: the regions' volumes alone, the clinical alone.

    Of volumes that are as good as the same (a mask on the grids of two images) one is taken, in
    each fit: the difference of two of them is noise.
    """
    from radpipe.outputs.verdicts import SAME_VOLUME, volume_label

    family: Any = MODELS[REGRESSIONS[spec.endpoint.type]]
    controls: dict[str, Any] = {}
    volumes = region_volumes(spec)
    if spec.controls.volume and volumes:
        alike = SELECTORS["correlation"](threshold=SAME_VOLUME, keep="first")
        controls[VOLUME_CONTROL] = family(
            inputs=list(volumes),
            selection=[alike] if len(volumes) > 1 else None,
            label=volume_label(list(volumes.values())),
        )
    if spec.controls.clinical and spec.clinical:
        controls[CLINICAL_CONTROL] = family(inputs=[CLINICAL], label="clinical variables alone")
    return controls


def all_models(spec: StudySpec) -> dict[str, Any]:
    """Return the study's models and its control models, by name."""
    return {**spec.models, **control_models(spec)}


def uncalibrated_parts(spec: StudySpec, name: str) -> Iterator[str]:
    """Yield the models whose risks a fusion averages though they are no probabilities."""
    model: Any = all_models(spec)[name]
    if model.kind != "fusion" or model.method == "vote":
        return
    if model.stacks(spec.endpoint.type) != "risk":
        return
    for below in model.inputs:
        part: Any = spec.models.get(below)
        if part is None or below == name:
            continue  # told elsewhere
        if part.has_risk and not part.risk_is_calibrated:
            yield below
        yield from uncalibrated_parts(spec, below)


def all_inputs(spec: StudySpec, model: str) -> Inputs:
    """Return the inputs of a model and of the models that it is made of."""
    models = all_models(spec)
    below = [models[part] for part in with_submodels(spec, model)]
    return inputs_of(
        spec,
        [name for part in below for name in part.inputs],
        [step for part in below for step in steps_of(spec, part)],
    )


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


@dataclass(frozen=True)
class Selection:
    """One selection of a model.

    Parameters
    ----------
    label : str
        The study's name for it, or ``own``.
    steps : tuple of SelectorSpec
    inputs : tuple of str
        What it chooses from.
    place : key path
        Where study.yaml lists its steps.
    """

    label: str
    steps: tuple[Any, ...]
    inputs: tuple[str, ...]
    place: KeyPath


def selections(spec: StudySpec, model: Any, name: str = "") -> list[Selection]:
    """Return the selections of a model: one of all its inputs, or some of single ones."""
    chosen: Any = getattr(model, "selection", None)
    here: KeyPath = ("models", name, "selection")
    parts: list[tuple[Any, tuple[str, ...], KeyPath]]
    if isinstance(chosen, Mapping):
        parts = [(own, (of,), (*here, of)) for of, own in chosen.items()]
    else:
        parts = [(chosen, tuple(getattr(model, "inputs", ())), here)]
    found = []
    for own, inputs, place in parts:
        if isinstance(own, str):
            steps, place = spec.selection.get(own, ()), ("selection", own)
        else:
            steps = own or ()
        if steps:
            label = own if isinstance(own, str) else "own"
            found.append(Selection(label, tuple(steps), inputs, place))
    return found


def selection_steps(spec: StudySpec, model: Any) -> list[Any]:
    """Return the selector settings of a model, of all its selections."""
    return [step for part in selections(spec, model) for step in part.steps]


@dataclass(frozen=True)
class Chain:
    """One selection chain on one set of prepared inputs; models that agree in all share it."""

    name: str
    steps: tuple[Any, ...]
    inputs: tuple[str, ...]
    preparation: tuple[Any, ...] = ()

    @property
    def needs_readings(self) -> bool:
        """Whether a selector looks at second readings."""
        return any(step.needs_readings for step in self.steps)


def chains_of(spec: StudySpec, model: Any) -> tuple[Chain, ...]:
    """Return the chains of a model; none where it selects nothing."""
    preparation = steps_of(spec, model)
    found = []
    for own in selections(spec, model):
        dumped = [[s.model_dump(mode="json") for s in part] for part in (own.steps, preparation)]
        key = digest(*dumped, list(own.inputs))
        found.append(Chain(f"{own.label}-{key[:8]}", own.steps, own.inputs, preparation))
    return tuple(found)


def free_inputs(spec: StudySpec, model: Any) -> list[str]:
    """Return the inputs of a model that no selection of it chooses from."""
    taken = {name for part in selections(spec, model) for name in part.inputs}
    return [name for name in model.inputs if name not in taken]


def chains(spec: StudySpec) -> dict[str, Chain]:
    """Return the study's chains by name."""
    found = (chain for model in all_models(spec).values() for chain in chains_of(spec, model))
    return {chain.name: chain for chain in found}
