"""Do a study's preparations and balances fit its endpoint, its clinical variables, its table?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from radpipe.core.errors import Fault
from radpipe.core.spec import KindSpec
from radpipe.preparation.combat import CombatSpec
from radpipe.preparation.registry import BALANCE
from radpipe.study.lookup import Lookup
from radpipe.study.names import normal
from radpipe.study.places import KeyPath
from radpipe.study.schema import StudySpec

_LEVEL = "missing"  # what the indicator of a variable is called as if it were a level


def preparations(look: Lookup) -> Iterator[Fault]:
    """A model's preparation exists, its steps name what there is, its balance has classes."""
    for place, step in _steps(look.spec):
        yield from _step(look, place, step)
    for name, model in look.spec.models.items():
        chosen = getattr(model, "preparation", None)
        if isinstance(chosen, str):
            key: KeyPath = ("models", name, "preparation")
            yield from look.known(key, chosen, "preparation", "preparation")
        yield from _balance(look, name, model)


def steps_of(spec: StudySpec, model: Any) -> tuple[Any, ...]:
    """Return the steps that a model names; none where it leaves them to the default."""
    chosen = getattr(model, "preparation", None)
    if isinstance(chosen, str):
        return tuple(spec.preparation.get(chosen, ()))
    return tuple(chosen or ())


def batch_columns(spec: StudySpec) -> list[tuple[KeyPath, str]]:
    """Return each column of the cohort table that names batches, and where the study says so."""
    found: dict[str, KeyPath] = {}
    for place, step in _steps(spec):
        for name in getattr(step, "batch_columns", tuple)():
            found.setdefault(name, (*place, "batch"))
    return [(place, name) for name, place in found.items()]


def references(spec: StudySpec) -> list[tuple[KeyPath, str, str]]:
    """Return each batch that others are brought to: where it is named, its column, its name."""
    return [
        ((*place, "reference"), step.batch, step.reference)
        for place, step in _steps(spec)
        if isinstance(step, CombatSpec) and step.reference is not None
    ]


def measured_by(spec: StudySpec, column: str) -> str:
    """Return the continuous clinical variable that is read from a column; empty for none."""
    for name, variable in spec.clinical.items():
        read = variable.type == "continuous" and not variable.computed
        if read and normal(variable.column or name) == normal(column):
            return name
    return ""


def transductive_columns(spec: StudySpec) -> set[str]:
    """Return those of them by which batches that training never saw are harmonised too."""
    steps: list[Any] = [step for _, step in _steps(spec) if getattr(step, "transductive", False)]
    return {name for step in steps for name in step.batch_columns()}


def _steps(spec: StudySpec) -> Iterator[tuple[KeyPath, KindSpec]]:
    """Yield every step of the study and of its models, with its place."""
    for name, steps in spec.preparation.items():
        for i, step in enumerate(steps):
            yield ("preparation", name, i), step
    for name, model in spec.models.items():
        chosen = getattr(model, "preparation", None)
        for i, step in enumerate(() if isinstance(chosen, str) else chosen or ()):
            yield ("models", name, "preparation", i), step


def _step(look: Lookup, place: KeyPath, step: Any) -> Iterator[Fault]:
    """Return the faults of one step."""
    if step.kind == "combat":
        yield from _combat(look, place, step)
    if step.kind == "impute" and step.indicator:
        for name, variable in look.spec.clinical.items():
            if _LEVEL in variable.levels and variable.type in ("nominal", "binary"):
                yield look.fault(
                    (*place, "indicator"),
                    f"an indicator beside the level {_LEVEL!r} of clinical variable {name!r}",
                    "rename the level, or leave the indicator out",
                )


def _combat(look: Lookup, place: KeyPath, step: Any) -> Iterator[Fault]:
    """Return the faults of a harmonisation's batch and covariates."""
    batch, cohort = normal(step.batch), look.spec.cohort
    roles = {} if "cohort" in look.broken else {normal(cohort.id): "the case id"}
    if cohort.group and "cohort" not in look.broken:
        roles[normal(cohort.group)] = "the group"
    if "endpoint" not in look.broken:
        roles |= {normal(column): "the endpoint" for column in look.spec.endpoint.columns}
    if batch in roles:
        found = f"the column {batch!r}, which is {roles[batch]}"
        yield look.fault((*place, "batch"), found, "name the column of scanners or centres")
    name = measured_by(look.spec, batch)
    if name and batch not in roles:
        found = f"the column {batch!r}, which clinical variable {name!r} measures"
        yield look.fault((*place, "batch"), found, "name the column of scanners or centres")
    for i, name in enumerate(step.covariates):
        where: KeyPath = (*place, "covariates", i)
        yield from look.known(where, name, "clinical", "clinical variable")
        variable = look.spec.clinical.get(name)
        if variable is not None and normal(variable.column or name) == batch:
            found = f"the covariate {name!r}, which is the batch"
            yield look.fault(where, found, "leave it out; the two cannot be told apart")


def _balance(look: Lookup, name: str, model: Any) -> Iterator[Fault]:
    """Return the faults of a model's balance."""
    balance = getattr(model, "balance", None)
    if balance is None:
        return
    place: KeyPath = ("models", name, "balance")
    own_folds = bool(getattr(type(model), "cross_validates", False))
    for misfit in look.takes(place, balance, f"balance {balance.kind}"):
        yield replace(misfit, cure="remove balance")  # all of them are of classes
        return
    if balance.weighs and not getattr(type(model), "takes_weights", False):
        yield look.fault(
            place,
            f"balance {balance.kind} of a model of kind {model.kind}, which takes no weights",
            "choose another balance",
            _resamplings(own_folds),
        )
    if balance.makes_rows and own_folds:
        yield look.fault(
            place,
            f"balance {balance.kind} of a model of kind {model.kind}, whose own cross-validation "
            "would judge penalties by rows made of those it fits",
            "choose another balance, or select by lasso and fit logistic to what it leaves",
            _resamplings(own_folds),
        )


def _resamplings(own_folds: bool) -> str:
    """Return the balances that need no weights, for a model with or without folds of its own."""
    kinds: dict[str, Any] = {kind: BALANCE[kind] for kind in BALANCE}
    return ", ".join(
        kind for kind, own in kinds.items() if not own.weighs and not (own.makes_rows and own_folds)
    )
