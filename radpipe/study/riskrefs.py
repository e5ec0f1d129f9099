"""Do cut-offs fit the endpoint, and are risks shown only where they are probabilities?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from radpipe.core.errors import Fault
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.outputs.rival_risks import rival_sentences
from radpipe.study.derived import uncalibrated_parts
from radpipe.study.lookup import Lookup
from radpipe.study.names import an, regression_kind
from radpipe.study.places import KeyPath
from radpipe.study.schema import StudySpec

if TYPE_CHECKING:
    from radpipe.study.cohort import Cohort
    from radpipe.study.load import Study

NOMOGRAM = "nomogram"
REGRESSION = "regression_table"


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
            found = f"the cut-off {rule.kind!r} for {an(endpoint)} endpoint"
            yield look.fault(place, found, cure, ", ".join(able) or "none")
        elif not rule.takes(endpoint):
            found = f"a cut-off on the risk for {an(endpoint)} endpoint, which has one a horizon"
            yield look.fault(place, found, "set on: score, or choose median")
        elif rule.by_risk and not model.gives_risk(endpoint):
            found = f"a cut-off on the risk of a model without one (kind {model.kind})"
            yield look.fault(place, found, "take {kind: fixed, at: ..., on: score}, or another")


def shown_risks(look: Lookup, place: KeyPath, output: Any) -> Iterator[Fault]:
    """Return the faults of an output whose models give no risk that it may show."""
    if look.spec.endpoint.type not in output.endpoints and "endpoint" not in look.broken:
        return  # told elsewhere: no model makes it fit
    if any(key[2] == "calibrate" for key in look.left_out):
        return  # which risks are calibrated cannot be told
    models: dict[str, Any] = dict(look.spec.models)
    kinds = output.model_kinds
    for i, name in enumerate(getattr(output, "models", ())):
        if name not in models or (kinds is not None and models[name].kind not in kinds):
            continue  # told elsewhere
        why = unfit(look.spec, name, output)
        if why is not None:
            yield look.fault((*place, "models", i), f"model {name!r}, {why[0]}", why[1])
    whole = set(models) == look.names("models") and "models" in look.told
    if getattr(output, "models", True) or not whole:
        return
    there = [name for name, model in models.items() if kinds is None or model.kind in kinds]
    whys = {name: unfit(look.spec, name, output) for name in there}
    if kinds is not None and not there:
        found = f"output {output.kind}, but the study has no model that it shows"
        cure = f"add a model of kind {' or '.join(sorted(kinds))}, or remove the output"
        yield look.fault((*place, "kind"), found, cure)
    elif whys and all(whys.values()):
        name, why = next((n, w) for n, w in whys.items() if w)
        found = f"output {output.kind}, but no model can be shown in it: {name!r}, {why[0]}"
        yield look.fault((*place, "kind"), found, why[1])


def unfit(spec: StudySpec, name: str, output: Any) -> tuple[str, str] | None:
    """Return why an output cannot show a model's risks, and the cure; None where it can."""
    model: Any = spec.models[name]
    kind = output.kind
    if output.needs_risk and not model.has_risk:
        found = f"which gives no risk (kind {model.kind})"
        other = regression_kind(spec.endpoint.type)
        return found, f"leave it out of {kind}, or wrap it in a {other} model"
    if output.needs_risk and not model.risk_is_calibrated:
        found = f"whose risks are no probabilities as they stand (kind {model.kind})"
        return found, f"add calibrate: platt to the model, or leave it out of {kind}"
    raw = next(uncalibrated_parts(spec, name), None) if output.needs_risk else None
    if raw is not None:
        of = spec.models[raw].kind
        found = f"a mean of risks that are no probabilities as they stand: {raw!r} (kind {of})"
        return found, f"add calibrate: platt to {raw}, or leave it out of {kind}"
    balance = getattr(model, "balance", None)
    if kind == REGRESSION and balance is not None:
        found = "whose rows are balanced, so that its intervals and p values are not the cohort's"
        return found, f"remove balance from the model, or leave it out of {kind}"
    calibration = getattr(model, "calibration", None)
    if kind == NOMOGRAM and model.kind == NOMOGRAM and calibration is not None:
        if balance is not None:
            found = "whose axes are of balanced rows, and not of the cohort's risks"
            return found, f"remove balance from the model, or leave it out of {kind}"
        found = "whose risks are calibrated after the fit, so that its axes do not give them"
        return found, f"remove calibrate from the model, or leave it out of {kind}"
    return None


def rivalled(study: Study, cohort: Cohort) -> Iterator[str]:
    """Yield a line on risks that are shown though they take competing events for censoring."""
    if "competing" not in cohort.frame or not cohort.frame["competing"].any():
        return
    models: dict[str, Any] = dict(study.spec.models)
    shown: dict[str, dict[str, str]] = {}
    for output in study.spec.outputs:
        if not output.needs_risk:
            continue
        for name in getattr(output, "models", ()) or models:
            if name not in models:
                continue  # told elsewhere
            fits = output.model_kinds is None or models[name].kind in output.model_kinds
            if fits and unfit(study.spec, name, output) is None:
                shown[name] = {"kind": models[name].kind}
    for said in rival_sentences(shown, shown):
        yield f"{study.places.where('endpoint', 'competing')}: {said.removesuffix('.')}"
