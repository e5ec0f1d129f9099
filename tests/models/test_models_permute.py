"""Permuted outcomes: whole patients move."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.models.permute import control, permute_outcomes


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
