"""Do the models that combine or cut others' values have what they need?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from radpipe.core.errors import Fault
from radpipe.study.lookup import Lookup
from radpipe.study.names import an
from radpipe.study.places import KeyPath


def placed_inputs(name: str, model: Any) -> Iterator[tuple[KeyPath, str]]:
    """Yield each input of a model with the key that names it."""
    if model.kind == "rule":
        for i, condition in enumerate(model.conditions):
            yield ("models", name, model.key, i, "input"), condition.input
    elif "inputs" in type(model).model_fields:
        for i, wanted in enumerate(model.inputs):
            yield ("models", name, "inputs", i), wanted
    else:
        yield ("models", name, "input"), model.input


def combined(look: Lookup, name: str, model: Any) -> Iterator[Fault]:
    """Return what does not fit the endpoint, or the models that are combined."""
    endpoint = look.spec.endpoint
    told = "endpoint" not in look.broken
    if told and endpoint.type in model.all_endpoints() and not model.takes(endpoint.type):
        key, found, cure = model.misfit
        yield look.fault(("models", name, key), f"{found} for {an(endpoint.type)} endpoint", cure)
    alone = endpoint.type == "survival" and not endpoint.competing
    if told and alone and getattr(model, "needs_competing", False):
        yield look.fault(
            ("models", name, "kind"),
            f"model {model.kind}, but the endpoint has no competing events",
            "name them (endpoint.competing), or take kind cox",
        )
    method = getattr(model, "calibrate", None)
    if told and method is not None and endpoint.type in ("survival", "continuous"):
        yield look.fault(
            ("models", name, "calibrate"),
            f"calibrate: {method} for {an(endpoint.type)} endpoint, which has no classes",
            "remove the key",
        )
    if model.kind == "fusion":
        yield from _fused(look, name, model)


def _fused(look: Lookup, name: str, model: Any) -> Iterator[Fault]:
    """Return the faults of what a fusion is made of."""
    endpoint = look.spec.endpoint.type
    for place, wanted in placed_inputs(name, model):
        part: Any = look.spec.models.get(wanted)
        if part is None:
            if wanted in look.names("models") or not _measured(look, wanted):
                continue  # told elsewhere
            yield look.fault(
                place,
                f"{wanted!r}, which is no model",
                "name a model that is fitted to it",
                ", ".join(sorted(look.names("models") - {name})) or "none",
            )
        elif model.stacks(endpoint) == "risk" and not part.gives_risk(endpoint):
            yield look.fault(
                place,
                f"model {wanted!r}, which gives no risk (kind {part.kind})",
                f"take a logistic model of it, or a method other than {model.method}",
            )


def _measured(look: Lookup, wanted: str) -> bool:
    """Return whether a name is that of a block, a feature or clinical variables."""
    return wanted in look.names("blocks") or "__" in wanted or wanted.startswith("clinical")
