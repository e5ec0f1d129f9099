"""Do a study's models find their inputs and selections, and can they be fitted in an order?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from radpipe.core.errors import Fault, nearest
from radpipe.features.names import SEPARATOR, expected, feature_id
from radpipe.selection.univariable import TESTS
from radpipe.study.lookup import Lookup
from radpipe.study.names import RESERVED
from radpipe.study.places import KeyPath

CLINICAL = "clinical"


def models(look: Lookup) -> Iterator[Fault]:
    """A model's inputs and selection exist, and all take the endpoint."""
    for name, model in look.spec.models.items():
        key = "inputs" if "inputs" in type(model).model_fields else "input"
        for i, wanted in enumerate(getattr(model, "inputs", ())):
            place = ("models", name, key, i) if key == "inputs" else ("models", name, key)
            yield from _input(look, place, name, wanted)
            if key == "input":
                yield from _ordered(look, place, wanted)
        yield from look.takes(("models", name, "kind"), model, f"model {model.kind}")
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
    """Return the fault of a marker whose values have no order."""
    variable = look.spec.clinical.get(wanted.removeprefix(f"{CLINICAL}."))
    if wanted.startswith(f"{CLINICAL}.") and variable is not None and variable.type == "nominal":
        yield look.fault(
            place,
            f"{wanted!r}, a nominal variable, whose levels have no order",
            "set its type to ordinal or binary, or take kind logistic or cox",
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
    elif block in look.spec.blocks and look.spec.blocks[block].image in look.spec.images:
        known = [feature_id(block, name) for name in expected(look.spec.settings(block))]
        if wanted not in known:
            yield look.fault(
                place,
                f"found the feature {wanted!r}",
                nearest(wanted, known) or "name one of them",
                f"the {len(known)} features of {block}, such as {known[0]}" if known else "",
            )


def _selection(look: Lookup, name: str, model: Any) -> Iterator[Fault]:
    """Return the faults of a model's selection."""
    chosen = getattr(model, "selection", None)
    place: KeyPath = ("models", name, "selection")
    if chosen is None:
        return
    if isinstance(chosen, str):
        yield from look.known(place, chosen, "selection", "selection")
        steps = look.spec.selection.get(chosen, ())
    else:
        steps = chosen
    for i, selector in enumerate(steps):
        at = (*place, i) if not isinstance(chosen, str) else place
        yield from look.takes(at, selector, f"selector {selector.kind}")
        yield from _test(look, at, selector)
        if selector.kind == "lasso" and model.kind.startswith("penalised_"):
            yield look.fault(
                at,
                f"a lasso step before {model.kind}",
                "remove the step; the model's own LASSO selects",
            )


def _test(look: Lookup, place: KeyPath, selector: Any) -> Iterator[Fault]:
    """Return the fault of a univariable test for another kind of endpoint."""
    endpoint, test = look.spec.endpoint.type, getattr(selector, "test", None)
    if test is not None and not selector.takes(endpoint) and "endpoint" not in look.broken:
        yield look.fault(
            place,
            f"the test {test!r} for a {endpoint} endpoint",
            "choose another, or leave it out for the automatic one",
            ", ".join(sorted(TESTS[endpoint])),
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
