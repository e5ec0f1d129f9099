"""Balances: which rows, which weights, whose groups."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.preparation.registry import BALANCE

KINDS = list(BALANCE)
DRAWN = [kind for kind in KINDS if kind != "class_weight"]


def rows(counts=(40, 12), seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    X = pd.DataFrame(rng.normal(size=(len(codes), 3)) + codes[:, None], columns=list("abc"))
    X["clinical.site=leg"] = rng.integers(0, 2, len(codes)).astype(float)
    X["clinical.site=trunk"] = (1 - X["clinical.site=leg"]) * rng.integers(0, 2, len(codes))
    X.attrs["levels"] = {"clinical.site": ["arm", "leg", "trunk"]}
    y = target.binary(codes) if len(counts) == 2 else target.multiclass(codes, len(counts))
    return X, y, np.array([f"P{i // 2}" for i in range(len(codes))])


def sizes(y):
    return np.bincount(target.codes(y)).tolist()


@pytest.mark.parametrize(
    ("kind", "want"),
    [("oversample", [40, 40]), ("smote", [40, 40]), ("undersample", [12, 12])],
)
def test_classes_become_of_one_size(kind, want):
    X, y, groups = rows()
    found, outcome, members, weights = BALANCE[kind]().build(1).resample(X, y, groups)
    assert weights is None
    assert sizes(outcome) == want
    assert len(found) == len(outcome) == len(members) == sum(want)
    assert list(found.columns) == list(X.columns)
    assert found.attrs == X.attrs
    assert np.isfinite(found.to_numpy()).all()


@pytest.mark.parametrize(
    ("kind", "want"),
    [("oversample", [30, 15, 15]), ("smote", [30, 15, 15]), ("undersample", [16, 10, 8])],
)
def test_several_classes_and_a_ratio(kind, want):
    X, y, groups = rows((30, 10, 8))
    _, outcome, _, _ = BALANCE[kind](ratio=0.5).build(1).resample(X, y, groups)
    assert sizes(outcome) == want
    assert outcome.dtype == y.dtype


@pytest.mark.parametrize("kind", KINDS)
def test_the_draw_is_that_of_the_seed(kind):
    X, y, groups = rows()
    build = BALANCE[kind]().build
    one, same, other = (build(s).resample(X, y, groups) for s in (1, 1, 2))
    assert one[0].equals(same[0])
    assert np.array_equal(one[2], same[2])
    assert kind == "class_weight" or not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_are_given_stay_as_they_are(kind):
    X, y, groups = rows()
    BALANCE[kind]().build(1).resample(X, y, groups)
    again = rows()
    assert X.equals(again[0])
    assert np.array_equal(y, again[1])
    assert np.array_equal(groups, again[2])


def test_weights_even_the_classes_out():
    X, y, groups = rows()
    found, outcome, members, weights = BALANCE["class_weight"]().build(1).resample(X, y, groups)
    assert found is X
    assert outcome is y
    assert members is groups
    assert [weights[y == c].sum() for c in (0, 1)] == pytest.approx([26, 26])


@pytest.mark.parametrize("kind", ["oversample", "undersample"])
def test_copies_stay_with_their_patient(kind):
    X, y, groups = rows()
    found, outcome, members, _ = BALANCE[kind]().build(1).resample(X, y, groups)
    for i, row in enumerate(found.index):
        assert (members[i], outcome[i]) == (groups[row], y[row])
        assert found.iloc[i].equals(X.loc[row])


@pytest.mark.parametrize("kind", [str, int])
def test_synthetic_rows_are_groups_of_their_own_between_rows_of_their_class(kind):
    X, y, groups = rows()
    groups = groups if kind is str else np.arange(len(y))
    found, outcome, members, _ = BALANCE["smote"]().build(1).resample(X, y, groups)
    n = len(y)
    assert np.array_equal(found.iloc[:n], X)
    assert np.array_equal(members[:n], groups)
    assert (outcome[n:] == 1).all()
    assert len(set(members[n:]) - set(groups)) == len(members) - n
    minority = X[y == 1]
    for name in "abc":
        assert found[name].iloc[n:].between(minority[name].min(), minority[name].max()).all()
    levels = set(map(tuple, X[["clinical.site=leg", "clinical.site=trunk"]].to_numpy()))
    made = found[["clinical.site=leg", "clinical.site=trunk"]].iloc[n:].to_numpy()
    assert set(map(tuple, made)) <= levels


@pytest.mark.parametrize("rare", [1, 2, 4])
def test_a_class_with_few_rows_has_fewer_neighbours(rare):
    X, y, groups = rows((20, rare))
    found, outcome, _, _ = BALANCE["smote"](neighbours=5).build(1).resample(X, y, groups)
    assert sizes(outcome) == [20, 20]
    if rare == 1:
        assert len(found[target.codes(outcome) == 1].drop_duplicates()) == 1


@pytest.mark.parametrize("kind", DRAWN)
def test_one_class_alone_is_left_as_it_is(kind):
    X, y, groups = rows((20, 0))
    found, outcome, _, _ = BALANCE[kind]().build(1).resample(X, y, groups)
    assert len(found) == len(outcome) == 20


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_classes_is_refused(kind):
    X = rows()[0]
    times = target.survival(np.arange(1, 53), np.arange(52) % 2)
    for y in (times, np.arange(52.0)):
        assert not BALANCE[kind].endpoints & {target.kind_of(y)}
        with pytest.raises(RadpipeError, match="has no classes to balance"):
            BALANCE[kind]().build(1).resample(X, y)
