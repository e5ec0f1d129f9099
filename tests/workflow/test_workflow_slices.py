"""A job's digest changes with what the job depends on, and with nothing else."""

import pytest

from radpipe.io.paths import Paths
from radpipe.study.load import load_study
from radpipe.workflow.slices import Slices

JOBS = [
    ("extract", "t1_tumour"),
    ("cohort", ""),
    ("clinical", ""),
    ("chain", "few-radscore"),
    ("fit", "radscore"),
    ("fit", "combined"),
    ("control", "combined"),
    ("predictions", ""),
    ("output", "roc"),
    ("report", ""),
]


def digests(made):
    slices = Slices(load_study(made.folder), Paths(made.folder / "reports", "small"), False)
    [chain] = slices.chains
    return {
        (step, item): slices.digest(step, chain if step == "chain" else item) for step, item in JOBS
    }


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        ("tumour: {masks", "tumour: {label: 2, masks", {"extract", "report"}),
        ("filters: [original]", "normalise: z_score\n    filters: [original]",
         {"extract", "report"}),
        ("title: A small study", "title: Another", {"output", "report"}),
        ("column: relapse,", "column: relapse, label: relapse in two years,",
         {"output", "report"}),
        ("unit: years", "unit: a, label: Age", {"output", "report"}),
        ("kind: logistic,", "kind: logistic, label: both,", {"output", "report"}),
        ("{type: ordinal, levels: [low, high]}", "{type: nominal, reference: low}",
         {"clinical", "output", "report"}),
        ("mrmr, n: 2", "mrmr, n: 3", {"chain", "control", "report"}),  # a fit reads the chain
        ("# nothing", "# a remark", set()),
    ],
)  # fmt: skip
def test_what_a_change_touches(made, old, new, steps):
    made.write(made.file.read_text() + "\n# nothing\n")
    before = digests(made)
    made.swap(old, new)
    after = digests(made)
    assert {step for step, item in JOBS if before[step, item] != after[step, item]} == steps


def test_drawn_images_are_dependencies_of_what_draws_them(made):
    made.swap("{kind: roc, models: [radscore, combined]}", "{kind: montage, id: roc}")
    before = digests(made)
    made.mask("P04").touch()
    after = digests(made)
    assert {step for step, item in JOBS if before[step, item] != after[step, item]} == {
        "extract", "output",
    }  # fmt: skip
