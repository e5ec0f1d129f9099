"""What is allowed but rarely meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from radpipe.features.settings import doubts
from radpipe.study.cohort import Cohort
from radpipe.study.derived import inputs_of, selection_steps
from radpipe.study.load import Study
from radpipe.study.params import params_file, read_params
from radpipe.study.places import shown

_UNPENALISED = frozenset({"logistic", "cox", "nomogram"})
_EVENTS_PER_VARIABLE = 10


def advice(study: Study, cohort: Cohort) -> list[str]:
    """Return what a statistician would ask about, one line each."""
    found = [*_events_per_variable(study, cohort), *_horizons(study, cohort), *_settings(study)]
    return list(dict.fromkeys([*found, *_params(study)]))


def _events_per_variable(study: Study, cohort: Cohort) -> Iterator[str]:
    """Too many candidate coefficients for a model without penalty."""
    train = cohort.frame[cohort.frame["split"] == "train"]
    if "y" in train:
        events = int(min(train["y"].sum(), len(train) - train["y"].sum()))
    else:
        events = int(train["event"].sum())
    for name, model in study.spec.models.items():
        if model.kind not in _UNPENALISED:
            continue
        candidates = _candidates(study, cohort, model)
        if candidates and events / candidates < _EVENTS_PER_VARIABLE:
            where = study.places.where("models", name)
            yield (
                f"{where}: {events} events for {candidates} candidate "
                f"coefficient{'s' if candidates > 1 else ''} ({events / candidates:.1f} each; "
                f"{_EVENTS_PER_VARIABLE} is the usual least): expect it to overfit"
            )


def _candidates(study: Study, cohort: Cohort, model: Any) -> int:
    """Return how many coefficients a model may fit; 0 where a selection decides that."""
    inputs = inputs_of(study.spec, model.inputs)
    whole = [block for block in inputs.blocks if block in model.inputs]
    if whole:
        chosen = [getattr(step, "n", None) for step in selection_steps(study.spec, model)]
        return int(chosen[-1]) if chosen and chosen[-1] else 0
    count = len(inputs.models) + len(inputs.features)
    for name in inputs.clinical:
        variable = cohort.info["clinical"].get(name, {})
        many = variable.get("type") in ("nominal", "binary")
        count += max(len(variable["levels"]) - 1, 0) if many else 1
    return count


def _horizons(study: Study, cohort: Cohort) -> Iterator[str]:
    """Horizons that nobody was followed up to."""
    if "time" not in cohort.frame:
        return
    longest = float(cohort.frame["time"].max())
    for horizon in getattr(study.spec.endpoint, "horizons", ()):
        if horizon > longest:
            yield (
                f"{study.places.where('endpoint', 'horizons')}: nobody was followed up to "
                f"{horizon:g} {getattr(study.spec.endpoint, 'time_unit', '')} (longest: "
                f"{longest:g}); no risk can be checked there"
            )


def _settings(study: Study) -> Iterator[str]:
    """Extraction settings that engines take but that are rarely meant."""
    for name, block in study.spec.blocks.items():
        if block.image in study.spec.images:
            for doubt in doubts(study.spec.settings(name)):
                yield f"{study.places.where('blocks', name)}: {doubt}"


def _params(study: Study) -> Iterator[str]:
    """What PyRadiomics parameter files say in vain."""
    for name, block in study.spec.blocks.items():
        region = study.spec.regions.get(block.region)
        image = study.spec.images.get(block.image)
        if block.extraction is None or region is None or image is None:
            continue
        path = params_file(study.folder, block.extraction)
        extra = read_params(path)[1]
        yield from extra.notes
        where = study.places.where("blocks", name, "extraction")
        if extra.label not in (None, region.label):
            yield (
                f"{where}: {shown(path)} names label {extra.label}, but label {region.label} of "
                f"region {block.region!r} counts"
            )
        if image.normalise is not None and block.normalise is None:
            yield (
                f"{where}: {shown(path)} leaves the grey values as they are; normalise of image "
                f"{block.image!r} does not act"
            )
