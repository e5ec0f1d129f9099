"""Do a study's models find their inputs and selections, and can they be fitted in an order?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from radpipe.core.errors import Fault, nearest
from radpipe.features.names import SEPARATOR, feature_id
from radpipe.models.registry import MODELS
from radpipe.selection.registry import SELECTORS
from radpipe.study.block_names import names_of
from radpipe.study.combinerefs import combined, placed_inputs
from radpipe.study.derived import selections
from radpipe.study.lookup import Lookup
from radpipe.study.names import RESERVED, an, regression_kind
from radpipe.study.places import KeyPath

CLINICAL = "clinical"


def models(look: Lookup) -> Iterator[Fault]:
    """A model's inputs and selection exist, and all take the endpoint."""
    for name, model in look.spec.models.items():
        for place, wanted in placed_inputs(name, model):
            yield from _input(look, place, name, wanted)
            if place[-1] == "input":
                yield from _ordered(look, place, wanted)
        yield from look.takes(("models", name, "kind"), model, f"model {model.kind}", MODELS)
        yield from combined(look, name, model)
        yield from _selection(look, name, model)


def _input(look: Lookup, place: KeyPath, model: str, wanted: str) -> Iterator[Fault]:
    """Return the fault of an input that there is not."""
    single = CLINICAL + "."
    if wanted == CLINICAL:
        if not look.names("clinical") and "clinical" in look.told:
            yield look.fault(place, "'clinical', of which there are none", "add clinical: ...")
    elif wanted.startswith(single):
        variable = wanted.removeprefix(single)
        yield from look.known(place, variable, "clinical", "clinical variable")
    elif SEPARATOR in wanted:
        yield from _feature(look, place, wanted)
    elif wanted == model and wanted not in look.names("blocks"):
        yield look.fault(place, "the model itself", "name other inputs")
    elif wanted not in look.names("blocks", "models"):
        if not {"blocks", "models"} <= set(look.told):
            return
        known = sorted(look.names("blocks", "models") - {model} - RESERVED)
        known += [CLINICAL, *(single + name for name in sorted(look.names("clinical")))]
        allowed = ", ".join(known) + ", or a feature block__name"
        yield look.fault(place, f"found {wanted!r}", nearest(wanted, known), allowed)


def _ordered(look: Lookup, place: KeyPath, wanted: str) -> Iterator[Fault]:
    """Return the fault of a variable taken by itself whose values have no order."""
    variable = look.spec.clinical.get(wanted.removeprefix(f"{CLINICAL}."))
    if wanted.startswith(f"{CLINICAL}.") and variable is not None and variable.type == "nominal":
        yield look.fault(
            place,
            f"{wanted!r}, a nominal variable, whose levels have no order",
            "set its type to ordinal or binary, or take kind "
            f"{regression_kind(look.spec.endpoint.type)}",
        )
    elif wanted == CLINICAL or wanted in look.names("blocks"):
        yield look.fault(
            place,
            f"{wanted!r}, which is not one column",
            "name one feature (block__name) or one clinical variable (clinical.name)",
        )


def _feature(look: Lookup, place: KeyPath, wanted: str) -> Iterator[Fault]:
    """Return the fault of a feature that no extraction gives."""
    block, _, _ = wanted.partition(SEPARATOR)
    if block not in look.names("blocks"):
        yield from look.known(place, block, "blocks", "block", f" of the feature {wanted!r}")
    elif (names := names_of(look.spec, block)) is not None:
        known = [feature_id(block, name) for name in names]
        if wanted not in known:
            yield look.fault(
                place,
                f"found the feature {wanted!r}",
                nearest(wanted, known) or "name one of them",
                f"the {len(known)} features of {block}, such as {known[0]}" if known else "",
            )


def _selection(look: Lookup, name: str, model: Any) -> Iterator[Fault]:
    """Return the faults of a model's selections."""
    chosen = getattr(model, "selection", None)
    place: KeyPath = ("models", name, "selection")
    if isinstance(chosen, Mapping):
        for wanted in chosen:
            if wanted not in model.inputs:
                allowed = ", ".join(model.inputs)
                cure = nearest(wanted, model.inputs) or "name one of the model's inputs"
                yield look.fault((*place, wanted), f"found {wanted!r}", cure, allowed)
            whole = wanted.partition("." if wanted.startswith(CLINICAL + ".") else SEPARATOR)[0]
            if whole != wanted and {whole, wanted} <= set(model.inputs) and whole in chosen:
                yield look.fault(
                    (*place, wanted),
                    f"found {wanted!r}, from which the selection of {whole} chooses too",
                    "take one of the two selections out (a column named in inputs without a "
                    "selection of its own is always kept)",
                )
    named = chosen if isinstance(chosen, Mapping) else {"": chosen}
    for of, own in named.items():
        if isinstance(own, str):
            at = (*place, of) if of else place
            yield from look.known(at, own, "selection", "selection")
    for part in selections(look.spec, model, name):
        for i, selector in enumerate(part.steps):
            at = place if part.place[0] == "selection" else (*part.place, i)
            yield from look.takes(at, selector, f"selector {selector.kind}", SELECTORS)
            yield from _test(look, at, selector)
            if selector.kind in ("lasso", "elastic_net") and model.kind.startswith("penalised_"):
                yield look.fault(
                    at,
                    f"{an(selector.kind)} step before {model.kind}",
                    "remove the step; the model's own LASSO selects",
                )


def _test(look: Lookup, place: KeyPath, selector: Any) -> Iterator[Fault]:
    """Return the fault of a setting (a test, a criterion) for another kind of endpoint."""
    endpoint = look.spec.endpoint.type
    known = endpoint in selector.endpoints and "endpoint" not in look.broken
    if known and not selector.takes(endpoint):
        found, allowed = selector.misfit(endpoint)
        yield look.fault(
            place,
            f"{found} for {an(endpoint)} endpoint",
            "choose another, or leave it out for the default",
            allowed,
        )


def cycles(look: Lookup) -> Iterator[Fault]:
    """No model is, by way of others, its own input."""
    below = {
        name: [i for i in getattr(model, "inputs", ()) if i in look.spec.models and i != name]
        for name, model in look.spec.models.items()
    }
    told: set[frozenset[str]] = set()
    for start in below:
        circle = _circle(start, below)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield look.fault(
                ("models", start, "inputs"),
                f"models that feed each other: {' <- '.join([*circle, start])}",
                "take one of these inputs out",
            )


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
