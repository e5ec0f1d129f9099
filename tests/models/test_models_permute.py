"""Permuted outcomes: whole patients move."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.models.lda import LdaSpec
from radpipe.models.permute import Procedure, control, permute_outcomes, permuted_metrics


def test_permutation_moves_whole_patients():
    groups = np.repeat([f"p{i}" for i in range(20)], 3)
    y = np.repeat(np.arange(20) % 2, 3)
    out = permute_outcomes(y, groups, np.random.default_rng(0))
    assert not np.array_equal(out, y)
    assert out.sum() == y.sum()
    assert pd.Series(out).groupby(groups).nunique().max() == 1
    s = target.survival(np.arange(1, 61), np.arange(60) % 2)
    moved = permute_outcomes(s, groups, np.random.default_rng(1))
    assert sorted(moved["time"]) == sorted(s["time"])
    blocks = moved["time"].reshape(20, 3)
    assert (np.diff(blocks, axis=1) == 1).all()  # a patient's three outcomes stay together


def test_control_has_the_range_over_permutations():
    found = control("m", list(np.linspace(0.3, 0.7, 41)), "auc")
    assert found["metric"] == "auc"
    assert found["range95"] == pytest.approx([0.31, 0.69])


def test_permutations_that_no_folds_can_be_dealt_of_have_no_value():
    """Two patients hold half of the cases: where they get the rare class, it has two groups."""
    groups = np.array(["A"] * 20 + ["B"] * 20 + [f"C{i:02d}" for i in range(32)])
    classes = (["a"] * 10 + ["b"] * 10) * 2 + ["a"] * 15 + ["b"] * 12 + ["c"] * 5
    y = target.multiclass(np.unique(classes, return_inverse=True)[1], 3)
    table = pd.DataFrame({"t1__f": np.random.default_rng(0).normal(size=72)}, index=groups)
    model = Procedure("m", LdaSpec(inputs=["t1"]), table)
    values, reasons = permuted_metrics(model, y, groups, {}, 1, n=12, folds=2, inner_folds=2)
    known = np.isfinite(values)
    assert 0 < known.sum() < 12
    assert all("2 folds need at least" in r or "too few for 2 folds" in r for r in reasons)
    record = control("m", values, "macro_auc", reasons)
    assert (record["n"], record["undefined"]) == (known.sum(), 12 - known.sum())
    assert record["range95"][0] <= record["mean"] <= record["range95"][1]


def test_a_control_without_a_value_says_why():
    found = control("m", [np.nan, np.nan], "auc", ["2 folds need more"])
    assert found["range95"] is None
    assert found["permutations"] == []
    assert found["reason"] == (
        "does not apply, since no permutation has a defined auc (2 folds need more)"
    )
