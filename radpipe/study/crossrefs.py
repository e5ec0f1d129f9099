"""Do the parts of a study.yaml fit each other? Every fault at once, none that only follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from radpipe.core.errors import Fault, nearest
from radpipe.features.names import SEPARATOR, expected, feature_id
from radpipe.study.draft import Draft
from radpipe.study.names import RESERVED, normal
from radpipe.study.places import Places
from radpipe.study.schema import StudySpec

CLINICAL = "clinical"
CONTROL = "control_"
"""What the names of a run's own control models begin with."""


def cross_faults(draft: Draft) -> list[Fault]:
    """Return the faults between the parts of a study; none where no part could be read."""
    if draft.spec is None:
        return []
    checks = _Checks(draft, draft.spec)
    return [
        *checks.names_shared(),
        *checks.regions(),
        *checks.blocks(),
        *checks.predictors(),
        *checks.models(),
        *checks.cycles(),
        *checks.outputs(),
    ]


class _Checks:
    """The checks of one study; names that are wrong inside count as there."""

    def __init__(self, draft: Draft, spec: StudySpec) -> None:
        self.spec = spec
        self.names = draft.names
        self.places: Places = draft.places
        self.positions = draft.outputs
        self.broken = draft.broken

    def names_shared(self) -> Iterator[Fault]:
        """One namespace for blocks and models; and no two names that differ in case only."""
        for section in ("images", "regions", "blocks", "clinical", "selection", "models"):
            seen: dict[str, str] = {}
            for name in sorted(self.names[section]):
                other = seen.setdefault(name.casefold(), name)
                if other != name:
                    yield self._fault(
                        (section, name), f"the name {name!r} beside {other!r}", "rename one of them"
                    )
        blocks = {name.casefold(): name for name in self.names["blocks"]}
        for name in sorted(self.names["models"]):
            block = blocks.get(name.casefold())
            if block is not None:
                line = self.places.where("blocks", block).split(" ")[0].rsplit(":", 1)[-1]
                yield self._fault(
                    ("models", name),
                    f"the name {name!r}, which a block has too (line {line})",
                    "rename one of them",
                )
            if name.startswith(CONTROL):
                yield self._fault(
                    ("models", name),
                    f"a name that begins with {CONTROL}",
                    "rename it; such names are kept for the run's own controls",
                )

    def regions(self) -> Iterator[Fault]:
        """A region's masks belong to images that there are."""
        for name, region in self.spec.regions.items():
            for image in region.masks:
                yield from self._known(("regions", name, "masks", image), image, "images", "image")

    def blocks(self) -> Iterator[Fault]:
        """A block's image and region exist, and the region has a mask on that image."""
        for name, block in self.spec.blocks.items():
            wrong = [
                *self._known(("blocks", name, "image"), block.image, "images", "image"),
                *self._known(("blocks", name, "region"), block.region, "regions", "region"),
            ]
            yield from wrong
            region = self.spec.regions.get(block.region)
            if not wrong and region is not None and block.image not in region.masks:
                yield self._fault(
                    ("blocks", name, "region"),
                    f"region {block.region!r}, which has no mask on image {block.image!r}",
                    f"add regions.{block.region}.masks.{block.image}",
                    f"images with a mask: {', '.join(region.masks)}",
                )

    def predictors(self) -> Iterator[Fault]:
        """Neither the endpoint nor the id may be a clinical variable; a column is used once."""
        endpoint, cohort = self.spec.endpoint.columns, self.spec.cohort
        kept = {normal(column): "the endpoint" for column in endpoint}
        kept.setdefault(normal(cohort.id), "the case id")
        if cohort.group:
            kept.setdefault(normal(cohort.group), "the group")
        for column in getattr(cohort.split, "columns", tuple)():
            kept.setdefault(normal(column), "the split")
        for name, variable in self.spec.clinical.items():
            column = normal(variable.column or name)
            role = kept.get(column)
            if role is not None:
                yield self._fault(
                    ("clinical", name),
                    f"the column {column!r}, which is {role}",
                    "remove the variable; it cannot be a predictor as well",
                )

    def models(self) -> Iterator[Fault]:
        """A model's inputs and selection exist, and all take the endpoint."""
        for name, model in self.spec.models.items():
            key = "inputs" if "inputs" in type(model).model_fields else "input"
            for i, wanted in enumerate(getattr(model, "inputs", ())):
                place = ("models", name, key, i) if key == "inputs" else ("models", name, key)
                yield from self._input(place, name, wanted)
            yield from self._endpoint(("models", name, "kind"), model, f"model {model.kind}")
            yield from self._selection(name, model)

    def _input(self, place: tuple[str | int, ...], model: str, wanted: str) -> Iterator[Fault]:
        """Return the fault of an input that there is not."""
        single = CLINICAL + "."
        if wanted == CLINICAL:
            if not self.names["clinical"]:
                yield self._fault(place, "'clinical', of which there are none", "add clinical: ...")
        elif wanted.startswith(single):
            variable = wanted.removeprefix(single)
            yield from self._known(place, variable, "clinical", "clinical variable")
        elif SEPARATOR in wanted:
            yield from self._feature(place, wanted)
        elif wanted == model and wanted not in self.names["blocks"]:
            yield self._fault(place, "the model itself", "name other inputs")
        elif wanted not in self.names["blocks"] | self.names["models"]:
            known = sorted((self.names["blocks"] | self.names["models"]) - {model} - RESERVED)
            known += [CLINICAL, *(single + name for name in sorted(self.names["clinical"]))]
            allowed = ", ".join(known) + ", or a feature block__name"
            yield self._fault(place, f"found {wanted!r}", nearest(wanted, known), allowed)

    def _feature(self, place: tuple[str | int, ...], wanted: str) -> Iterator[Fault]:
        """Return the fault of a feature that no extraction gives."""
        block, _, _ = wanted.partition(SEPARATOR)
        if block not in self.names["blocks"]:
            yield from self._known(place, block, "blocks", "block", f" of the feature {wanted!r}")
        elif block in self.spec.blocks and self.spec.blocks[block].image in self.spec.images:
            known = [feature_id(block, name) for name in expected(self.spec.settings(block))]
            if wanted not in known:
                yield self._fault(
                    place,
                    f"found the feature {wanted!r}",
                    nearest(wanted, known) or "name one of them",
                    f"the {len(known)} features of {block}, such as {known[0]}" if known else "",
                )

    def _selection(self, name: str, model: Any) -> Iterator[Fault]:
        """Return the faults of a model's selection."""
        chosen = getattr(model, "selection", None)
        place: tuple[str | int, ...] = ("models", name, "selection")
        if chosen is None:
            return
        if isinstance(chosen, str):
            yield from self._known(place, chosen, "selection", "selection")
            steps = self.spec.selection.get(chosen, ())
        else:
            steps = chosen
        for i, selector in enumerate(steps):
            at = (*place, i) if not isinstance(chosen, str) else place
            yield from self._endpoint(at, selector, f"selector {selector.kind}")
            if selector.kind == "lasso" and model.kind.startswith("penalised_"):
                yield self._fault(
                    at,
                    f"a lasso step before {model.kind}",
                    "remove the step; the model's own LASSO selects",
                )

    def _endpoint(
        self, place: tuple[str | int, ...], settings: Any, noun: str
    ) -> Iterator[Fault]:
        """Return the fault of a family that does not take the study's endpoint."""
        takes, endpoint = getattr(settings, "endpoints", None), self.spec.endpoint.type
        if takes and endpoint not in takes and "endpoint" not in self.broken:
            yield self._fault(
                place,
                f"{noun} for a {endpoint} endpoint",
                "choose another kind",
                f"endpoint {', '.join(sorted(takes))}",
            )

    def cycles(self) -> Iterator[Fault]:
        """No model is, by way of others, its own input."""
        below = {
            name: [i for i in getattr(model, "inputs", ()) if i in self.spec.models and i != name]
            for name, model in self.spec.models.items()
        }
        told: set[frozenset[str]] = set()
        for start in below:
            circle = _circle(start, below)
            if circle and frozenset(circle) not in told:
                told.add(frozenset(circle))
                yield self._fault(
                    ("models", start, "inputs"),
                    f"models that feed each other: {' <- '.join([*circle, start])}",
                    "take one of these inputs out",
                )

    def outputs(self) -> Iterator[Fault]:
        """An output's models exist and can be shown in it."""
        named: dict[str, int] = {}
        for position, output in zip(self.positions, self.spec.outputs, strict=True):
            place = ("outputs", position)
            yield from self._endpoint((*place, "kind"), output, f"output {output.kind}")
            if output.id:
                first = named.setdefault(output.id.casefold(), position)
                if first != position:
                    found = f"the id {output.id!r} a second time"
                    yield self._fault((*place, "id"), found, "rename one of them")
            yield from self._shown_models(place, output)
            yield from self._shown_others(place, output)
            yield from self._horizons(place, output)

    def _shown_models(self, place: tuple[str | int, ...], output: Any) -> Iterator[Fault]:
        """Return the faults of an output's models."""
        for i, name in enumerate(getattr(output, "models", ())):
            where = (*place, "models", i)
            yield from self._known(where, name, "models", "model")
            model = self.spec.models.get(name)
            if model is None:
                continue
            if output.needs_risk and not getattr(model, "has_risk", True):
                yield self._fault(
                    where,
                    f"model {name!r}, which gives no risk (kind {model.kind})",
                    f"leave it out of {output.kind}, or wrap it in a logistic or cox model",
                )
            kinds = output.model_kinds
            if kinds is not None and model.kind not in kinds:
                yield self._fault(
                    where,
                    f"model {name!r} of kind {model.kind}",
                    f"leave it out of {output.kind}",
                    f"models of kind {', '.join(sorted(kinds))}",
                )

    def _shown_others(self, place: tuple[str | int, ...], output: Any) -> Iterator[Fault]:
        """Return the faults of an output's images and clinical variables."""
        for key, section, noun in (
            ("images", "images", "image"),
            ("variables", "clinical", "clinical variable"),
        ):
            for i, name in enumerate(getattr(output, key, ())):
                yield from self._known((*place, key, i), name, section, noun)

    def _horizons(self, place: tuple[str | int, ...], output: Any) -> Iterator[Fault]:
        """Return the faults of an output that needs a time at which risk is meant."""
        horizons = getattr(self.spec.endpoint, "horizons", None)
        if horizons is None:
            return
        if output.needs_risk and not horizons:
            yield self._fault(
                (*place, "kind"),
                f"{output.kind}, which needs risks at a time",
                "add endpoint.horizons",
            )
        wanted = getattr(output, "horizon", None)
        if wanted is not None and horizons and wanted not in horizons:
            allowed = ", ".join(f"{h:g}" for h in horizons)
            yield self._fault(
                (*place, "horizon"), f"found {wanted:g}", "add it to endpoint.horizons", allowed
            )

    def _known(
        self,
        place: tuple[str | int, ...],
        name: str,
        section: str,
        noun: str,
        more: str = "",
    ) -> Iterator[Fault]:
        """Return the fault of a name that a section does not have."""
        known = sorted(self.names[section] - RESERVED)
        if name not in known:
            cure = nearest(name, known) or f"add it under {section}"
            found = f"found the {noun} {name!r}{more}"
            yield self._fault(place, found, cure, ", ".join(known) or "none")

    def _fault(
        self, place: Iterable[str | int], found: str, cure: str, allowed: str = ""
    ) -> Fault:
        return Fault(self.places.where(*place), found, cure, allowed)


def _circle(start: str, below: dict[str, list[str]]) -> list[str]:
    """Return the way from a model back to itself, or an empty list."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in below[way[-1]]:
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
