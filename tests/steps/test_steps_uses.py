"""Held-out cases are counted once for each configuration, and readers are told."""

import pandas as pd
import pytest

from radpipe.io import atomic
from radpipe.io.ledger import Use, read_uses
from radpipe.steps.context import open_context
from radpipe.steps.report import _provenance, warnings
from radpipe.steps.uses import configuration, held_out_line, held_out_warning, note_held_out
from radpipe.workflow import commands

PREDICTIONS = pd.DataFrame(
    {
        "case": ["P01", "P02", "P03", "P03", "P04"],
        "kind": ["out-of-fold", "apparent", "held-out", "held-out", "held-out"],
        "split": ["resampled", "train", "internal", "internal", "internal"],
        "model": ["radscore", "radscore", "radscore", "combined", "radscore"],
    }
)


def context(made):
    return open_context(made.folder)


@pytest.mark.parametrize(
    ("old", "new", "another"),
    [
        ("mrmr, n: 2", "mrmr, n: 3", True),
        ("classes: [shape, firstorder]", "classes: [shape]", True),
        ("tumour: {masks", "tumour: {label: 2, masks", True),
        ("kind: logistic,", "kind: nomogram,", True),
        ("id: patient", "id: patient\n  split: {kind: random}", True),
        ("title: A small study", "title: Another", False),
        ("kind: logistic,", "kind: logistic, label: both,", False),
        ("unit: years", "label: Age", False),
        ("- {kind: roc, models: [radscore, combined]}", "- metrics", False),
        ("evaluation:", "controls: {permutations: 3}\nevaluation:", False),
    ],
)  # fmt: skip
def test_what_makes_another_configuration(made, old, new, another):
    before = configuration(context(made))
    made.swap(old, new)
    assert (configuration(context(made)) != before) == another


def test_a_use_is_noted_where_held_out_cases_were_predicted(made):
    small = context(made)
    note_held_out(small, PREDICTIONS[PREDICTIONS["kind"] != "held-out"])
    assert read_uses(small.paths.ledger) == []
    for _ in range(2):
        note_held_out(small, PREDICTIONS)
    [use] = read_uses(small.paths.ledger)
    assert (use.splits, use.models) == ({"internal": 2}, ("radscore", "combined"))
    made.swap("mrmr, n: 2", "mrmr, n: 3")
    note_held_out(context(made), PREDICTIONS)
    assert [use.count for use in read_uses(small.paths.ledger)] == [1, 2]
    [line] = [
        line
        for line in commands.status(str(made.folder), data=None, reports=None)
        if "held-out" in line
    ]
    assert "internal (2 cases) twice" in line
    assert small.paths.ledger.parent == small.paths.folder  # not among intermediate results


def test_the_ledger_is_told_and_warned_of_from_the_second_use_on():
    def use(day, config):
        return Use(f"2026-05-0{day}T10:00:00+00:00", config, ("m",), {"internal": 20}, day)

    assert (held_out_line([]), held_out_warning([])) == ("", "")
    assert held_out_line([use(1, "a")]) == "internal (20 cases) once"
    assert held_out_warning([use(1, "a")]) == ""
    often = [use(1, "a"), use(2, "b"), use(3, "c")]
    assert held_out_line(often) == "internal (20 cases) 3 times"
    assert held_out_warning(often).startswith(
        "The held-out cases have been looked at 3 times with different settings "
        "or code (internal; 2026-05-01 to 2026-05-03): "
    )


def test_the_report_tells_of_uses_and_flags(made):
    small, info = context(made), {"warnings": ["a warning"], "notes": ["a note"]}
    for model in ("radscore", "combined"):
        atomic.write_json(small.paths.fit(model), {"flags": ["a flag"] * (model == "radscore")})
    note_held_out(small, PREDICTIONS)
    assert ("Held-out cases looked at", "internal (2 cases) once") in _provenance(small)
    once = warnings(small, info)
    assert once[:3] == ("radscore, combined: a flag.", "a warning", "a note")
    made.swap("mrmr, n: 2", "mrmr, n: 3")
    note_held_out(context(made), PREDICTIONS)
    twice = warnings(small, info)
    assert twice[0].startswith("The held-out cases have been looked at twice")
    assert twice[1:] == once
    assert any("95% interval to be expected" in line for line in once)
