"""Do the parts of a study.yaml fit each other? Every fault at once, none that only follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from radpipe.core.errors import Fault, nearest
from radpipe.outputs.base import PredictionOutputSpec
from radpipe.outputs.words import APPARENT, RESAMPLED
from radpipe.study.blockrefs import blocks, images
from radpipe.study.boundrefs import bounds
from radpipe.study.circles import circles
from radpipe.study.draft import Draft
from radpipe.study.formulas import columns_of, refers
from radpipe.study.lookup import Lookup
from radpipe.study.modelrefs import cycles, models
from radpipe.study.names import an, normal
from radpipe.study.places import KeyPath
from radpipe.study.preparationrefs import preparations
from radpipe.study.readerrefs import compared, readers
from radpipe.study.riskrefs import cutoffs, shown_risks

CONTROL = "control_"
"""What the names of a run's own control models begin with."""


def cross_faults(draft: Draft) -> list[Fault]:
    """Return the faults between the parts of a study; none where no part could be read."""
    if draft.spec is None:
        return []
    look = Lookup(draft, draft.spec)
    checks = (
        _names_shared,
        _labels,
        _simulated,
        _regions,
        images,
        blocks,
        _predictors,
        _circles,
        models,
        cutoffs,
        bounds,
        preparations,
        cycles,
        readers,
        compared,
        _outputs,
    )
    return [fault for check in checks for fault in check(look)]


def _names_shared(look: Lookup) -> Iterator[Fault]:
    """One namespace for blocks and models; and no two names that differ in case only."""
    for section in (
        "readers", "images", "regions", "blocks", "clinical", "preparation", "selection", "models",
    ):  # fmt: skip
        seen: dict[str, str] = {}
        for name in sorted(look.names(section)):
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                yield look.fault(
                    (section, name), f"the name {name!r} beside {other!r}", "rename one of them"
                )
    blocks = {name.casefold(): name for name in look.names("blocks")}
    for name in sorted(look.names("models")):
        block = blocks.get(name.casefold())
        if block is not None:
            line = look.places.where("blocks", block).split(" ")[0].rsplit(":", 1)[-1]
            yield look.fault(
                ("models", name),
                f"the name {name!r}, which a block has too (line {line})",
                "rename one of them",
            )
        if name.startswith(CONTROL):
            yield look.fault(
                ("models", name),
                f"a name that begins with {CONTROL}",
                "rename it; such names are kept for the run's own controls",
            )


def _labels(look: Lookup) -> Iterator[Fault]:
    """Models are told apart in print: by their labels, or their names where they have none."""
    shown: dict[str, str] = {}
    for name, model in look.spec.models.items():
        label = getattr(model, "label", None) or name
        other = shown.setdefault(label, name)
        if other != name:
            yield look.fault(
                ("models", name, "label"),
                f"{label!r}, by which model {other!r} is shown too",
                "give each model a label of its own",
            )


def _simulated(look: Lookup) -> Iterator[Fault]:
    """Simulated times are in days, and made only where they are asked for."""
    simulate, endpoint = look.spec.simulate, look.spec.endpoint
    if simulate is not None and look.spec.cohort.external:
        found = "external cohorts in a simulated study, whose data are one cohort"
        yield look.fault(("cohort", "external"), found, "remove them")
    if simulate is None or endpoint.type != "survival" or "endpoint" in look.broken:
        return
    if simulate.endpoint != "survival":
        found = f"found {simulate.endpoint}, but the study's endpoint is survival"
        yield look.fault(("simulate", "endpoint"), found, "write survival")
    elif endpoint.time_unit != "days":
        found = f"found {endpoint.time_unit}, but simulated times are in days"
        yield look.fault(("endpoint", "time_unit"), found, "write days")


def _regions(look: Lookup) -> Iterator[Fault]:
    """A region's masks belong to images that there are."""
    for name, region in look.spec.regions.items():
        for image in region.masks:
            yield from look.known(("regions", name, "masks", image), image, "images", "image")


def _predictors(look: Lookup) -> Iterator[Fault]:
    """Neither the endpoint nor the id may be a clinical variable; a column is used once."""
    endpoint, cohort = look.spec.endpoint.columns, look.spec.cohort
    kept = {normal(column): "the endpoint" for column in endpoint}
    kept.setdefault(normal(cohort.id), "the case id")
    if cohort.group:
        kept.setdefault(normal(cohort.group), "the group")
    for column in getattr(cohort.split, "columns", tuple)():
        kept.setdefault(normal(column), "the split")
    resampling: Any = look.spec.evaluation.resampling
    for column in resampling.columns():
        kept.setdefault(normal(column), "the centre that resampling leaves out")
    for name, variable in look.spec.clinical.items():
        key = () if variable.expression is None else ("expression",)
        for column in map(normal, columns_of(name, variable, look.names("clinical"))):
            role = kept.get(column)
            if role is not None:
                yield look.fault(
                    ("clinical", name, *key),
                    f"the column {column!r}, which is {role}",
                    f"remove {'it from the formula' if key else 'the variable'}; it cannot be a "
                    "predictor as well",
                )


def _circles(look: Lookup) -> Iterator[Fault]:
    """No clinical variable is computed, by way of others, from itself."""
    clinical = look.spec.clinical
    for way in circles({name: refers(name, clinical) for name in clinical}):
        found = f"variables that are computed from each other: {' <- '.join(way)}"
        yield look.fault(("clinical", way[0], "expression"), found, "name columns in one of them")


def _outputs(look: Lookup) -> Iterator[Fault]:
    """An output's models exist and can be shown in it."""
    named: dict[str, int] = {}
    for position, output in zip(look.positions, look.spec.outputs, strict=True):
        place = ("outputs", position)
        yield from look.takes((*place, "kind"), output, f"output {output.kind}")
        if output.id:
            first = named.setdefault(output.id.casefold(), position)
            if first != position:
                found = f"the id {output.id!r} a second time"
                yield look.fault((*place, "id"), found, "rename one of them")
        yield from _shown_models(look, place, output)
        yield from shown_risks(look, place, output)
        none = "models" in look.told and not look.names("models")
        if isinstance(output, PredictionOutputSpec) and none:
            found = f"output {output.kind}, but the study has no models"
            yield look.fault((*place, "kind"), found, "add models, or remove the output")
        yield from _shown_others(look, place, output)
        yield from _shown_splits(look, place, output)
        yield from _horizons(look, place, output)
        yield from _shown_classes(look, place, output)


def _shown_models(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output's models."""
    against = getattr(output, "against", None)
    if against is not None:
        yield from look.known((*place, "against"), against, "models", "model")
    for i, name in enumerate(getattr(output, "models", ())):
        where = (*place, "models", i)
        yield from look.known(where, name, "models", "model")
        model = look.spec.models.get(name)
        if model is None:
            continue
        kinds = output.model_kinds
        if kinds is not None and model.kind not in kinds:
            yield look.fault(
                where,
                f"model {name!r} of kind {model.kind}",
                f"leave it out of {output.kind}",
                f"models of kind {', '.join(sorted(kinds))}",
            )


def _shown_others(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output's images and clinical variables."""
    if output.needs_images:
        yield from _pictured(look, place, output)
    for key, section, noun in (
        ("images", "images", "image"),
        ("variables", "clinical", "clinical variable"),
    ):
        for i, name in enumerate(getattr(output, key, ())):
            yield from look.known((*place, key, i), name, section, noun)
            drawn = {image for region in look.spec.regions.values() for image in region.masks}
            if key == "images" and name in look.spec.images and name not in drawn:
                found = f"image {name!r}, on which no region has a mask"
                yield look.fault((*place, key, i), found, f"add regions.NAME.masks.{name}")


def _pictured(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the fault of an output that draws images, where there is nothing to draw."""
    for section, cure in (
        ("images", "add images, or remove the output"),
        ("regions", "add regions with masks, or remove the output"),
    ):
        if section in look.told and not look.names(section):
            found = f"output {output.kind}, but the study has no {section}"
            yield look.fault((*place, "kind"), found, cure)
            return


def _shown_splits(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output's splits; those of a split that is wrong are not known."""
    if {"cohort", "cohort.split"} & look.broken:
        return
    sets, more = look.spec.cohort.held_out()
    known = (RESAMPLED, *sets, APPARENT)
    for i, name in enumerate(getattr(output, "splits", ())):
        if name not in known and not (more and name.startswith("external:")):
            cure = nearest(name, known) or "name one of these, or hold cases out (cohort.split)"
            found = f"found the split {name!r}"
            more_sets = ("external:NAME of each centre or cohort that is held out",) if more else ()
            allowed = ", ".join((RESAMPLED, *sets, *more_sets, APPARENT))
            yield look.fault((*place, "splits", i), found, cure, allowed)


def _shown_classes(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output's classes."""
    known = look.spec.endpoint.class_labels
    takes = look.spec.endpoint.type in output.endpoints
    if "endpoint" in look.broken or not takes:
        return
    for i, name in enumerate(getattr(output, "classes", ())):
        if name not in known:
            allowed = ", ".join(known) or f"none for {an(look.spec.endpoint.type)} endpoint"
            cure = nearest(name, known) or ("name one of these" if known else "remove it")
            yield look.fault((*place, "classes", i), f"found the class {name!r}", cure, allowed)


def _horizons(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output that needs a time at which risk is meant."""
    horizons = getattr(look.spec.endpoint, "horizons", None)
    wanted = getattr(output, "horizon", None)
    if horizons is None:
        if wanted is not None and "endpoint" not in look.broken:
            found = f"a horizon for {an(look.spec.endpoint.type)} endpoint"
            yield look.fault((*place, "horizon"), found, "remove it")
        return
    if (output.needs_risk or output.needs_horizon) and not horizons:
        what = "risks at a time" if output.needs_risk else "a time"
        yield look.fault(
            (*place, "kind"),
            f"{output.kind}, which needs {what}",
            "add endpoint.horizons",
        )
    if wanted is not None and horizons and wanted not in horizons:
        allowed = ", ".join(f"{h:g}" for h in horizons)
        yield look.fault(
            (*place, "horizon"), f"found {wanted:g}", "add it to endpoint.horizons", allowed
        )
