"""What a cohort's size allows is told before the run, in numbers of the sample-size criteria."""

import numpy as np
import pytest
from study_making import BINARY, SURVIVAL, Making, make

from radpipe.core import target
from radpipe.stats.anticipated_r2 import r2_from_c
from radpipe.stats.expected_shrinkage import expected_shrinkage, expected_shrinkage_continuous
from radpipe.stats.sample_size import riley_binary, riley_continuous, riley_survival
from radpipe.stats.summaries import auc_hanley_mcneil
from radpipe.study.adequacy import Need, adequacy, expected_interval, riley
from radpipe.study.cohort import build_cohort
from radpipe.study.load import load_study

FORTY = np.arange(100) < 40


def told(made: Making) -> list[str]:
    study = load_study(made.folder)
    return adequacy(study, build_cohort(study))


def test_binary():
    need = riley(target.binary(FORTY), 5)
    r2 = r2_from_c(0.75, 0.4)
    assert need.n == riley_binary(r2, 5, 0.4).final.n
    assert need.shrinkage == expected_shrinkage(r2, 5, 100)
    e = auc_hanley_mcneil(0.75, 40, 60)
    assert (
        expected_interval(target.binary(FORTY)) == f"{e.lower:.2f}–{e.upper:.2f} (40 of 100 cases)"
    )
    assert riley(target.binary(np.zeros(9)), 5) is None
    assert expected_interval(target.binary(np.zeros(9))) == "none (0 of 9 cases)"


def test_survival_is_planned_at_the_horizon():
    y = target.survival(np.linspace(1, 3, 100), FORTY)
    largest = 1 - np.exp(2 * (0.4 * np.log(0.4) - 0.4))
    wanted = riley_survival(0.15 * largest, 5, 0.4 / 2, 1.5, 2.0)
    need = riley(y, 5, 1.5)
    assert need.n == wanted.final.n
    assert need.shrinkage == pytest.approx(expected_shrinkage(0.15 * largest, 5, 100))
    assert riley(y, 5, 0.2).n <= riley(y, 5).n  # at the mean follow-up where there is no horizon
    assert riley(target.survival(np.ones(9), np.zeros(9)), 5) is None


def test_a_measured_value():
    y = target.continuous(np.linspace(9, 11, 100))
    wanted = riley_continuous(0.25, 6, 10.0, y.std(ddof=1))
    need = riley(y, 6)
    assert need.n == wanted.final.n
    assert need.shrinkage == expected_shrinkage_continuous(0.25, 6, 100)
    assert riley(y, 1).n == riley(y, 3).n
    centred = riley(y - y.mean(), 6)  # the relative precision of a mean of 0 asks for nothing
    assert centred.n == need.n
    assert riley(y[:5], 6) is None
    assert expected_interval(y).endswith("(100 cases)")


def test_the_rarest_class_and_label_count():
    classes = target.multiclass(np.digitize(np.arange(100), [20, 50]), 3)
    assert riley(classes, 5) == riley(target.binary(np.arange(100) < 20), 5)
    # Of a label that most cases have, those without it.
    labels = target.multilabel(np.column_stack([np.arange(100) < 90, FORTY]))
    assert riley(labels, 5) == riley(target.binary(np.arange(100) < 10), 5)
    assert expected_interval(labels).endswith("(10 of 100 cases)")


def test_models_that_say_the_same_share_a_line(made):
    made.swap(
        "outputs:",
        "  # more\noutputs:",
        "  combined:",
        "  second: {kind: logistic, inputs: [clinical]}\n"
        "  forest: {kind: random_forest, inputs: [t1_tumour]}\n  combined:",
    )
    few, many, wide = told(made)
    assert "models.second, combined: 5 events for 2 candidate coefficients (2.5 each" in few
    assert "expect them to overfit" in few
    assert "models.radscore, forest: 5 events for 32 candidate features (0.16 each)" in many
    assert wide.endswith("out-of-fold 0.45–1.00 (5 of 12 cases)")


def test_what_a_selection_leaves_to_a_model_without_penalty(made):
    made.swap("kind: penalised_logistic", "kind: logistic")
    [line] = [line for line in told(made) if "models.radscore" in line]
    assert "32 candidate features (0.16 each), of which the selection leaves 2 (2.5 each)" in line
    made.swap("n: 2}", "n: 40}")
    [line] = [line for line in told(made) if "models.radscore" in line]
    assert "32 candidate features (0.16 each): what is chosen" in line


def test_too_few_for_sure_risks_is_not_called_overfitting(made, monkeypatch):
    monkeypatch.setattr("radpipe.study.adequacy.PER_PARAMETER", 1)
    monkeypatch.setattr("radpipe.study.adequacy.riley", lambda *_: Need(50, 0.96, "an AUC"))
    few = told(made)[0]
    assert "shrinkage 0.96 (0.9 is wanted): enough against overfitting, not for sure risks" in few


def test_held_out_sets_have_their_interval_and_survival_its_index(made):
    made.swap(
        BINARY, SURVIVAL, "  id: patient", "  id: patient\n  split: {kind: random}",
        "penalised_logistic", "penalised_cox", "kind: logistic", "kind: cox",
        "kind: roc", "kind: kaplan_meier",
    )  # fmt: skip
    wide = told(made)[-1]
    assert "of a C-index of 0.75: out-of-fold" in wide
    assert "; internal " in wide


def test_enough_cases_are_enough(tmp_path):
    many = make(tmp_path / "studies" / "small", [f"P{i}" for i in range(12)])
    rows = [f"P{i},{i % 2},{40 + i % 9},low,{50 + i}" for i in range(900)]
    many.table.write_text("\n".join(["patient,relapse,age,grade,days", *rows]) + "\n")
    assert [line for line in told(many) if "overfit" in line or "candidate" in line] == []
