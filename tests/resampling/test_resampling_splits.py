"""Splits by chance, column and date."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core.errors import RadpipeError
from radpipe.resampling.splits import (
    CentreSplitSpec,
    ColumnSplitSpec,
    DateSplitSpec,
    NoSplitSpec,
    RandomSplitSpec,
)

TABLE = pd.DataFrame(
    {
        "centre": ["A", "A", "B", "C"],
        "day": ["2020-01-02", "2021-05-01", "2019-12-31", "2022-01-01"],
    }
)
EACH = ["1", "2", "3", "4"]


def test_none_keeps_all_in_training():
    assert list(NoSplitSpec().assign([0, 1, 0, 1], EACH, TABLE, 1)) == ["train"] * 4
    assert NoSplitSpec().sets() == ()


def test_random_is_stratified_and_keeps_groups():
    y = np.repeat([0, 1], [60, 40])
    groups = [f"p{i // 2}" for i in range(100)]
    labels = RandomSplitSpec(test_fraction=0.3).assign(y, groups, TABLE, 4)
    held = labels == "internal"
    assert held.sum() == 30
    assert set(labels[held]) == set(RandomSplitSpec(test_fraction=0.3).sets())
    assert y[held].sum() == 12
    assert len(set(np.array(groups)[held]) & set(np.array(groups)[~held])) == 0
    assert list(labels) == list(RandomSplitSpec(test_fraction=0.3).assign(y, groups, TABLE, 4))
    assert list(labels) != list(RandomSplitSpec(test_fraction=0.3).assign(y, groups, TABLE, 5))


def test_column():
    spec = ColumnSplitSpec(column="centre", train=["A"], internal=["B"], external={"east": ["C"]})
    assert list(spec.assign([0, 1, 0, 1], EACH, TABLE, 1)) == [
        "train", "train", "internal", "external:east",
    ]  # fmt: skip
    assert spec.sets() == ("internal", "external:east")


def test_column_without_a_case_of_a_set():
    spec = ColumnSplitSpec(column="centre", train=["A", "B", "C"], external={"west": ["D"]})
    with pytest.raises(RadpipeError, match=r"no case of external:west.*'D'.*'A', 'B', 'C'"):
        spec.assign([0, 1, 0, 1], EACH, TABLE, 1)


def test_column_with_a_value_without_a_place():
    with pytest.raises(RadpipeError, match="'C'"):
        ColumnSplitSpec(column="centre", train=["A"], internal=["B"]).assign(
            [0, 1, 0, 1], EACH, TABLE, 1
        )


def test_column_that_divides_a_patient():
    spec = ColumnSplitSpec(column="centre", train=["A"], internal=["B", "C"])
    with pytest.raises(RadpipeError, match=r"'p1' stand in both .*; exclude those on one side"):
        spec.assign([0, 1, 0, 1], ["p0", "p1", "p1", "p2"], TABLE, 1)


def test_centres_are_sets_of_their_own():
    trained = CentreSplitSpec(column="centre", train=["A"])
    held = CentreSplitSpec(column="centre", external=["B", "C"])
    for spec in (trained, held):
        assert list(spec.assign([0, 1, 0, 1], EACH, TABLE, 1)) == [
            "train", "train", "external:B", "external:C",
        ]  # fmt: skip
    assert trained.sets() is None
    assert held.sets() == ("external:B", "external:C")


def test_centres_are_named_from_one_side():
    for settings in ({}, {"train": ["A"], "external": ["B"]}):
        with pytest.raises(ValueError, match="name the centres of one of them"):
            CentreSplitSpec(column="centre", **settings)
    with pytest.raises(RadpipeError, match=r"no case of centre 'D'.*'A', 'B', 'C'"):
        CentreSplitSpec(column="centre", train=["A", "D"]).assign([0] * 4, EACH, TABLE, 1)
    with pytest.raises(RadpipeError, match="1 cases without a centre"):
        CentreSplitSpec(column="centre", train=["A"]).assign(
            [0] * 4, EACH, TABLE.replace("B", None), 1
        )


def test_date():
    spec = DateSplitSpec(column="day", train_until="2020-12-31")
    assert list(spec.assign([0, 1, 0, 1], EACH, TABLE, 1)) == [
        "train", "temporal", "train", "temporal",
    ]  # fmt: skip
    assert spec.sets() == ("temporal",)
    with pytest.raises(RadpipeError, match="no date"):
        DateSplitSpec(column="centre", train_until="2020-12-31").assign([0] * 4, EACH, TABLE, 1)


def test_an_empty_side_is_refused():
    with pytest.raises(RadpipeError, match=r"the dates run from 2019-12-31 to 2022-01-01; correct"):
        DateSplitSpec(column="day", train_until="2030-01-01").assign([0] * 4, EACH, TABLE, 1)


DAYS = pd.to_datetime(["2019-01-20", "2020-03-21", "2021-05-22", "2021-07-23"])


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("%Y/%m/%d", 'write format: "%Y/%m/%d"'),
        ("%Y年%m月%d日", 'write format: "%Y年%m月%d日"'),
        ("%d.%m.%y", "mend the cells, or give their format"),
    ],
)
def test_dates_of_another_form_are_told_with_their_format(form, told):
    table = pd.DataFrame({"day": DAYS.strftime(form)})
    spec = DateSplitSpec(column="day", train_until="2020-12-31")
    with pytest.raises(RadpipeError) as error:
        spec.assign([0] * 4, EACH, table, 1)
    first = ", ".join(repr(day.strftime(form)) for day in DAYS[:3])
    assert str(error.value) == (
        f"split: column 'day': no date of the form %Y-%m-%d: {first}; {told}"
    )


@pytest.mark.parametrize(
    ("until", "example"), [("2020/12/31", "2020-12-31"), ("the end of 2020", "2021-07-23")]
)
def test_the_last_day_of_training_is_written_as_the_table_is(until, example):
    spec = DateSplitSpec(column="day", train_until=until)
    with pytest.raises(RadpipeError) as error:
        spec.assign([0] * 4, EACH, pd.DataFrame({"day": DAYS.strftime("%Y-%m-%d")}), 1)
    assert str(error.value) == (
        f"split: train_until {until!r} is no date of the form %Y-%m-%d; write it as in the table, "
        f'for example "{example}"'
    )
