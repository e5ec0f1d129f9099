"""A step's digest holds its own code, and what this imports to compute with."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from radpipe.core.digests import import_closure
from radpipe.steps.runner import STEPS
from radpipe.workflow.step_code import (
    CODE,
    COMPARED,
    PICTURES,
    READING,
    TABLE_READINGS,
    StepCode,
)

FITTING = ["chain", "fit", "control"]
ENGINE = StepCode(("radpipe.features.case",))
ASKED = {
    "extract": [ENGINE, READING],
    "readings": [TABLE_READINGS, CODE["cohort"]],
    "chain": [COMPARED],
    "control": [COMPARED],
    "output": [PICTURES],
}
"""What a digest holds besides where the study asks for it."""

CARRIERS = {
    f"radpipe.io.{name}"
    for name in ("atomic", "ledger", "model_json", "model_types", "models", "paths", "progress",
                 "store")
}  # fmt: skip
"""Modules that keep and carry what others computed; of the layer core, what decides a number is
listed by hand."""
EXCEPTIONS = {
    "radpipe.study.load": "gives the settings, which the digest holds",
    "radpipe.study.schema": "gives the settings, which the digest holds",
    "radpipe.study.preparationrefs": "gives the steps of a model, which the digest holds",
    "radpipe.study.shards": "deals the cases, which a shard's digest holds and others await",
    "radpipe.features.registry": "gives the engine, whose name or code the digest holds",
}
"""Imports that no digest needs, and why."""
STEP_EXCEPTIONS = {
    ("simulate", "radpipe.study.check"): "tells faults, and makes nothing",
    ("derive", "radpipe.study.cohort"): "gives the cases; their digest is a table's own",
    ("fit", "radpipe.steps.readings"): "a fit reads what its chain chose",
    ("predictions", "radpipe.steps.material"): "gives the endpoint, which the digest holds",
    ("predictions", "radpipe.steps.uses"): "writes the ledger, which is no result",
} | {
    (step, "radpipe.steps.context"): "gives the study, its folders and its tables as they are"
    for step in STEPS
    if step not in [*FITTING, "cards", "report"]
}
"""Imports that the digest of one step does not need, and why."""


def modules_of(*codes):
    """Return the modules whose change is a change of the code."""
    found = set()
    for code in codes:
        found |= set(code.alone).union(*map(import_closure, code.closed))
    return found


def imports(module):
    """Return the modules of radpipe that one imports, at its top or inside functions."""
    tree = ast.parse(Path(find_spec(module).origin).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inside if is_module(name)} or {node.module}
    return {name for name in found if name.startswith("radpipe.")}


def is_module(name):
    try:
        return name.startswith("radpipe.") and find_spec(name) is not None
    except ModuleNotFoundError:  # what should hold it is a module itself
        return False


def layer(module):
    return module.removeprefix("radpipe.").split(".")[0]


def lacking(step):
    """Return what a step's own modules import and its digest lacks."""
    held = modules_of(CODE[step], *ASKED.get(step, []))
    own = [m for m in modules_of(CODE[step]) if layer(m) in ("steps", "outputs")]
    found = {name for module in own for name in imports(module)} - held
    return {name for name in found - CARRIERS if layer(name) != "core"}


def test_every_step_has_its_code():
    assert set(CODE) == set(STEPS)
    for step in STEPS:
        assert STEPS.module_of(step) in modules_of(CODE[step])


@pytest.mark.parametrize("step", STEPS)
def test_a_digest_lacks_nothing_that_its_step_imports(step):
    excepted = {module for of, module in STEP_EXCEPTIONS if of == step}
    assert lacking(step) - set(EXCEPTIONS) == excepted


def test_no_exception_is_left_over():
    assert set(EXCEPTIONS) <= set().union(*map(lacking, STEPS))


@pytest.mark.parametrize("step", FITTING)
def test_a_fit_depends_on_how_its_folds_are_made_and_on_no_word_of_the_report(step):
    held = modules_of(CODE[step])
    assert {"radpipe.study.plans", "radpipe.resampling.plan"} <= held
    assert "radpipe.study.reported" not in held
    assert not {layer(module) for module in held} & {"outputs", "report"}


def test_a_report_depends_on_what_its_advice_and_a_card_on_what_its_warnings_are_made_of():
    advice = {"radpipe.study.advice", "radpipe.study.copies", "radpipe.study.riskrefs"}
    assert {*advice, "radpipe.outputs.cutoff_rows"} <= modules_of(CODE["report"])
    assert "radpipe.preparation.combat_unseen" in modules_of(CODE["cards"])
