"""Do cut-offs fit the endpoint, and are risks shown only where they are probabilities?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from radpipe.core.errors import Fault
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.study.lookup import Lookup
from radpipe.study.places import KeyPath

NOMOGRAM = "nomogram"


def cutoffs(look: Lookup) -> Iterator[Fault]:
    """A model's cut-off is learned in a way that the endpoint and the model's scores allow."""
    endpoint = look.spec.endpoint.type
    if "endpoint" in look.broken:
        return
    models: dict[str, Any] = dict(look.spec.models)
    for name, model in models.items():
        rule = getattr(model, "cutoff", None)
        if rule is None:
            continue
        place: KeyPath = ("models", name, "cutoff")
        if endpoint not in rule.endpoints:
            able = [kind for kind in CUTOFFS if endpoint in CUTOFFS[kind].endpoints]
            cure = "choose one of these" if able else "remove the key: nothing is cut there"
            found = f"the cut-off {rule.kind!r} for a {endpoint} endpoint"
            yield look.fault(place, found, cure, ", ".join(able) or "none")
        elif not rule.takes(endpoint):
            found = f"a cut-off on the risk for a {endpoint} endpoint, which has one a horizon"
            yield look.fault(place, found, "set on: score, or choose median")
        elif rule.by_risk and not model.gives_risk(endpoint):
            found = f"a cut-off on the risk of a model without one (kind {model.kind})"
            yield look.fault(place, found, "take {kind: fixed, at: ..., on: score}, or another")


def shown_risks(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output whose models give no risk that it may show."""
    for i, name in enumerate(getattr(output, "models", ())):
        model = look.spec.models.get(name)
        why = None if model is None else unfit(model, output)
        if why is not None:
            yield look.fault((*place, "models", i), f"model {name!r}, {why[0]}", why[1])
    if getattr(output, "models", True):
        return
    kinds = output.model_kinds
    there = {n: m for n, m in look.spec.models.items() if kinds is None or m.kind in kinds}
    whys = {name: unfit(model, output) for name, model in there.items()}
    if whys and all(whys.values()) and set(look.spec.models) == look.names("models"):
        name, why = next((n, w) for n, w in whys.items() if w)
        found = f"output {output.kind}, but no model can be shown in it: {name!r}, {why[0]}"
        yield look.fault((*place, "kind"), found, why[1])


def unfit(model: Any, output: Any) -> tuple[str, str] | None:
    """Return why an output cannot show a model's risks, and the cure; None where it can."""
    kind = output.kind
    if output.needs_risk and not model.has_risk:
        found = f"which gives no risk (kind {model.kind})"
        return found, f"leave it out of {kind}, or wrap it in a logistic or cox model"
    if output.needs_risk and not model.risk_is_calibrated:
        found = f"whose risks are no probabilities as they stand (kind {model.kind})"
        return found, f"add calibrate: platt to the model, or leave it out of {kind}"
    calibration = getattr(model, "calibration", None)
    if kind == NOMOGRAM and model.kind == NOMOGRAM and calibration is not None:
        if model.balance is not None:
            found = "whose axes are of balanced rows, and not of the cohort's risks"
            return found, f"remove balance from the model, or leave it out of {kind}"
        found = "whose risks are calibrated after the fit, so that its axes do not give them"
        return found, f"remove calibrate from the model, or leave it out of {kind}"
    return None
