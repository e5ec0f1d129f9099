"""The filter by agreement of readings."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from radpipe.core.errors import RadpipeError
from radpipe.selection.chain import run_chain
from radpipe.selection.correlation import CorrelationSpec
from radpipe.selection.icc import IccSpec
from radpipe.stats.icc import icc

N, READ = 40, 25


def readings(seed=0, noise=(0.05, 0.5, 0.65, 3.0)):
    """The primary reading with features of falling agreement, and that of a second reader."""
    rng = np.random.default_rng(seed)
    names = [f"t1__f{i}" for i in range(len(noise))]
    cases = [f"P{i:02d}" for i in range(N)]
    X = pd.DataFrame(rng.normal(size=(N, len(noise))), columns=names, index=cases)
    again = X + rng.normal(size=X.shape) * noise
    again.iloc[READ:] = np.nan
    return X, {"r2": again}


def fitted(X, other, **settings):
    return IccSpec(**settings).build(0).fit(X, np.zeros(len(X)), readings=other)


@pytest.mark.parametrize("form", ["icc1_1", "icc2_1", "icc3_1", "icc1_k", "icc2_k", "icc3_k"])
def test_each_form_is_that_of_the_statistics_on_the_double_read_rows(form):
    X, other = readings()
    selector = fitted(X, other, form=form)
    for row in selector.table_:
        name = row["feature"]
        pair = np.column_stack([X[name], other["r2"][name]])[:READ]
        known = icc(pair).forms[f"ICC({form[3]},{form[5]})"]
        assert [row["icc"], row["lower"], row["upper"]] == pytest.approx(
            [known.estimate, known.lower, known.upper]
        )
        assert row["n"] == READ
        assert row["kept"] == (known.estimate >= 0.75)
    kept = [row["feature"] for row in selector.table_ if row["kept"]]
    assert list(selector.get_feature_names_out()) == kept
    assert 0 < len(kept) < X.shape[1]


def test_the_lower_limit_keeps_less_than_the_estimate():
    X, other = readings()
    kept = {
        on: set(fitted(X, other, on=on).get_feature_names_out()) for on in ("estimate", "lower")
    }
    assert kept["lower"] < kept["estimate"]


def test_what_is_undefined_is_dropped_and_what_nobody_read_passes():
    X, other = readings()
    X["t1__flat"] = 2.0
    other["r2"]["t1__flat"] = np.where(np.arange(N) < READ, 2.0, np.nan)
    X["clinical.age"] = np.arange(N)
    selector = fitted(X, other)
    kept = selector.get_feature_names_out()
    assert "t1__flat" not in kept
    assert "clinical.age" in kept
    flat = {row["feature"]: row for row in selector.table_}["t1__flat"]
    assert flat["icc"] is None
    assert flat["reason"]
    log = selector.log()
    assert (log["undefined"], log["without_readings"], log["cases"]) == (1, 1, READ)
    assert log["unreliable"] == sum(not row["kept"] for row in selector.table_) - 1


def test_what_is_known_in_too_few_cases_is_undefined_however_well_they_agree():
    X, other = readings()
    for name, known in (("t1__three", 3), ("t1__nine", 9), ("t1__ten", 10)):
        X[name] = np.arange(N) ** 2.0
        other["r2"][name] = np.where(np.arange(N) < known, X[name] + 0.01, np.nan)
    selector = fitted(X, other)
    assert {"t1__three", "t1__nine"}.isdisjoint(selector.get_feature_names_out())
    assert "t1__ten" in selector.get_feature_names_out()
    found = {row["feature"]: row for row in selector.table_}
    assert found["t1__three"] == {
        "feature": "t1__three", "icc": None, "lower": None, "upper": None, "n": 3, "kept": False,
        "reason": "known in 3 cases, fewer than 10",
    }  # fmt: skip
    assert found["t1__ten"]["reason"] == ""
    assert selector.log()["undefined"] == 2
    assert "t1__ten" not in fitted(X, other, min_cases=11).get_feature_names_out()


def test_copies_of_a_case_count_once():
    X, other = readings()
    rows = np.concatenate([np.arange(N), np.arange(12), np.arange(12)])
    drawn = {"r2": other["r2"].iloc[rows]}
    assert fitted(X.iloc[rows], drawn).table_ == fitted(X, other).table_


def test_rows_that_were_read_once_decide_nothing():
    X, other = readings()
    spoilt = X.copy()
    spoilt.iloc[READ:] = 1e6
    assert fitted(spoilt, other).table_ == fitted(X, other).table_


def test_too_few_cases_stop_the_study_by_block():
    X, other = readings()
    few = {"r2": other["r2"].copy()}
    few["r2"].iloc[9:] = np.nan
    with pytest.raises(RadpipeError, match=r"icc: 9 training cases were read by all of the prim"):
        fitted(X, few)
    ten = {"r2": other["r2"].copy()}
    ten["r2"].iloc[10:] = np.nan
    assert fitted(X, ten).n_cases_ == 10
    with pytest.raises(RadpipeError, match=r"allowed: 11 or more; .* or lower min_cases"):
        fitted(X, ten, min_cases=11)
    with pytest.raises(ValidationError, match="greater than or equal to 10"):
        IccSpec(min_cases=9)
    with pytest.raises(RadpipeError, match="0 training cases"):
        fitted(X, {})
    both = X.assign(**{"pet__f": X["t1__f0"]})
    few = {"r2": other["r2"].assign(**{"pet__f": both["pet__f"].where(np.arange(N) < 4)})}
    with pytest.raises(RadpipeError, match="4 training cases in block pet were read"):
        fitted(both, few)


@pytest.mark.parametrize("threshold", [0.0, 0.99])
def test_where_nothing_that_was_read_again_is_left_the_rest_passes(threshold):
    X, other = readings(noise=(2.0, 3.0))
    X[["path__a", "path__b"]] = np.random.default_rng(1).normal(size=(N, 2))
    for number in (1, 2):
        other[f"perturbation.{number}"] = X[["t1__f0", "t1__f1"]] + 0.1 * number
    steps = [IccSpec(readers=["r2"], threshold=threshold), IccSpec(readers=["perturbations"])]
    found = run_chain(steps, X, np.zeros(N), 0, readings=other)
    kept = {row["feature"] for row in found.details[0]["rows"] if row["kept"]}
    assert found.selected == sorted(kept | {"path__a", "path__b"})
    assert found.log[1]["without_readings"] == 2
    told = [row["feature"] for part in ("rows", "apart") for row in found.details[1][part]]
    assert sorted(told) == ["t1__f0", "t1__f1"]


def test_what_another_selector_dropped_first_is_judged_all_the_same():
    X, other = readings()
    X["t1__copy"] = X["t1__f0"]
    other["r2"]["t1__copy"] = other["r2"]["t1__f0"]
    steps = [CorrelationSpec(threshold=0.99), IccSpec()]
    found = run_chain(steps, X, np.zeros(N), 0, readings=other)
    [detail] = found.details
    [row] = detail["apart"]
    assert row["feature"] in {"t1__copy", "t1__f0"} - set(found.selected)
    told = sorted([*detail["rows"], row], key=lambda row: row["feature"])
    assert told == fitted(X, other).table_
    quick = run_chain(steps, X, np.zeros(N), 0, readings=other, detailed=False)
    assert (quick.selected, quick.details[0]["apart"]) == (found.selected, [])


def test_a_constant_column_is_told_to_have_no_coefficient():
    X, other = readings()
    flat = {"r2": ["t1__flat"], "r3": ["t1__unread"]}
    found = run_chain([IccSpec(readers=["r2"])], X, np.zeros(N), 0, readings=other, constant=flat)
    [row] = found.details[0]["apart"]
    assert (row["feature"], row["icc"], row["n"], row["kept"]) == ("t1__flat", None, READ, False)
    assert row["reason"] == "constant in the training cases"


def test_a_reader_who_did_not_read_a_block_is_left_out_of_its_comparison():
    X, other = readings()
    X["pet__f"] = X["t1__f0"] + 0.1
    other["r3"] = other["r2"].assign(pet__f=X["t1__f0"])
    found = {row["feature"]: row for row in fitted(X, other).table_}
    assert found["pet__f"] == fitted(X[["pet__f"]], {"r3": other["r3"]}).table_[0]
    assert (found["pet__f"]["n"], found["t1__f0"]["n"]) == (N, READ)
    other["r3"].loc[X.index[9] :, "pet__f"] = np.nan
    with pytest.raises(RadpipeError, match=r"9 training cases in block pet .* primary reader, r3;"):
        fitted(X, other)


def test_what_a_reader_has_no_case_of_is_not_what_nobody_reads():
    X, other = readings()
    other["r2"].iloc[:] = np.nan
    with pytest.raises(RadpipeError, match="0 training cases were read by all"):
        fitted(X, other)


def test_readers_are_chosen_by_name():
    X, other = readings()
    rng = np.random.default_rng(5)
    other["r3"] = X + rng.normal(size=X.shape)
    for number in (1, 2):
        other[f"perturbation.{number}"] = X + 0.01 * rng.normal(size=X.shape)
    alone = fitted(X, {"r3": other["r3"]})
    assert fitted(X, other, readers=["r3"]).table_ == alone.table_
    perturbed = fitted(X, other, readers=["perturbations"])
    assert perturbed.log()["readers"] == ["perturbation.1", "perturbation.2"]
    assert all(row["kept"] and row["n"] == N for row in perturbed.table_)
    assert {row["n"] for row in fitted(X, other).table_} == {READ}  # all four, where all read
    with pytest.raises(RadpipeError, match=r"no readings by 'r4'; allowed: r2, r3, perturbation.1"):
        fitted(X, other, readers=["r4"])


def test_the_order_of_columns_and_readers_decides_nothing():
    X, other = readings()
    other["r3"] = other["r2"] + 0.1
    first = fitted(X, other)
    turned = {reader: other[reader][X.columns[::-1]] for reader in ("r3", "r2")}
    again = fitted(X[X.columns[::-1]], turned)
    assert [row["feature"] for row in again.table_] == [row["feature"] for row in first.table_]
    np.testing.assert_allclose(
        [row["icc"] for row in again.table_], [row["icc"] for row in first.table_], rtol=1e-12
    )
    assert set(again.get_feature_names_out()) == set(first.get_feature_names_out())
