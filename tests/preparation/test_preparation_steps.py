"""What holds for every step: nothing is learned from other rows, columns have no order."""

import numpy as np
import pytest
from preparation_toys import CLINICAL, STEPS, steps, table

from radpipe.models.prepare import Prepare
from radpipe.preparation.registry import PREPARATION


def prepare(name, **settings):
    return Prepare(CLINICAL, "features", steps=steps(name), seed=3, **settings)


def test_every_kind_is_tried():
    assert {s["kind"] for chain in STEPS.values() for s in chain} == set(PREPARATION)


@pytest.mark.parametrize("name", list(STEPS))
def test_one_step_or_two_are_the_same_and_complete(name):
    frame = table()
    Z = prepare(name).fit_transform(frame)
    again = prepare(name).fit(frame).transform(frame)
    assert np.array_equal(Z, again)
    assert np.isfinite(Z.to_numpy()).all()
    assert list(Z.columns) == sorted(Z.columns) == list(again.columns)
    assert not [c for c in Z if c.startswith(("batch.", "covariate."))]
    assert Z.attrs["levels"] == again.attrs["levels"] != {}
    assert list(Z.index) == list(frame.index)


@pytest.mark.parametrize("name", list(STEPS))
def test_other_rows_change_nothing_that_is_learned(name):
    frame = table()
    train, test = frame.iloc[:40], frame.iloc[40:].copy()
    fitted = prepare(name).fit(train)
    before, learned = fitted.transform(train), fitted.report()
    first = fitted.transform(test)
    features = [c for c in test if "__" in c]
    garbage = test.copy()
    garbage[features] = 1e6 * np.random.default_rng(1).normal(size=(len(test), len(features)))
    fitted.transform(garbage)
    assert np.array_equal(fitted.transform(train), before)
    assert np.array_equal(fitted.transform(test), first)
    assert fitted.report() == learned


@pytest.mark.parametrize("name", list(STEPS))
def test_a_row_is_prepared_alone_as_among_others(name):
    frame = table()
    fitted = prepare(name).fit(frame.iloc[:40])
    among, alone = fitted.transform(frame.iloc[40:]), fitted.transform(frame.iloc[45:46])
    assert np.allclose(among.iloc[5], alone.iloc[0], rtol=1e-9)


@pytest.mark.parametrize("name", list(STEPS))
def test_the_order_of_columns_decides_nothing(name):
    frame = table()
    shuffled = frame[list(np.random.default_rng(5).permutation(frame.columns))]
    one, other = prepare(name).fit(frame), prepare(name).fit(shuffled)
    assert np.array_equal(one.transform(frame), other.transform(shuffled))
    assert one.report() == other.report()


@pytest.mark.parametrize("name", list(STEPS))
def test_what_is_kept_is_prepared_as_before_the_selection(name):
    frame, kept = table(), ["t1__f03", "clinical.site", "t1__f07"]
    whole = prepare(name).fit_transform(frame)
    part = prepare(name, keep=kept).fit_transform(frame)
    assert list(part.columns) == [c for c in whole if c.split("=")[0] in kept and "__" not in c] + [
        "t1__f03", "t1__f07",
    ]  # fmt: skip
    assert np.allclose(part, whole[part.columns], rtol=1e-12)


def test_a_kept_indicator_is_found_again():
    kept = ["t1__f03=missing"]
    part = prepare("median", keep=kept).fit_transform(table())
    assert list(part.columns) == kept
    assert part.iloc[:, 0].tolist() == table()["t1__f03"].isna().astype(float).tolist()


def test_where_every_input_is_kept_indicators_stay():
    frame = table()
    inputs = [c for c in frame if not c.startswith(("batch.", "covariate."))]
    assert (
        prepare("median", keep=inputs)
        .fit_transform(frame)
        .equals(prepare("median").fit_transform(frame))
    )


@pytest.mark.parametrize("name", list(STEPS))
def test_the_table_that_is_given_stays_as_it_is(name):
    frame = table()
    prepare(name).fit(frame).transform(frame)
    assert frame.equals(table())


@pytest.mark.parametrize("name", list(STEPS))
def test_parts_are_prepared_as_by_themselves_and_the_rest_among_all(name):
    frame = table()
    train, test = frame.iloc[:40], frame.iloc[40:]
    about = [c for c in frame if c.startswith(("batch.", "covariate."))]
    features = [c for c in frame if "__" in c]
    parts = [features[:5], [*features[5:9], "clinical.site"]]
    fitted = prepare(name, parts=parts).fit(train)
    found, whole = fitted.transform(test), prepare(name).fit(train).transform(test)
    assert list(found) == list(whole)
    assert found.attrs == whole.attrs
    others = list(found)
    for part in parts:
        alone = prepare(name).fit(train[[*part, *about]]).transform(test)
        assert set(alone) < set(found)
        np.testing.assert_allclose(found[list(alone)], alone, rtol=1e-9, atol=1e-12)
        others = [c for c in others if c not in alone]
    assert {c.split("=")[0] for c in others} >= {*features[9:], "clinical.age", "clinical.grade"}
    np.testing.assert_allclose(found[others], whole[others], rtol=1e-9, atol=1e-12)
    assert fitted.flags == prepare(name).fit(train).flags
    again = prepare(name, parts=parts).fit_transform(train)
    assert np.array_equal(again, fitted.transform(train))
