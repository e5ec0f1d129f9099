"""Preparation is learned on training rows: filling in, coding, constants, z scores."""

import numpy as np
import pandas as pd
import pytest

from radpipe.models.prepare import Prepare

CLINICAL = {
    "age": {"type": "continuous"},
    "grade": {"type": "ordinal", "levels": ["Low", "Mid", "High"]},
    "site": {"type": "nominal", "levels": ["arm", "leg", "trunk"]},
}
TRAIN = pd.DataFrame(
    {
        "t1__a": [1.0, 2.0, np.nan, 6.0],
        "t1__b": [5.0, 5.0, 5.0, 5.0],
        "radscore": [0.1, 0.2, 0.3, 0.5],
        "clinical.age": [50.0, 60.0, 70.0, np.inf],
        "clinical.grade": ["Low", "High", None, "High"],
        "clinical.site": ["leg", "leg", "trunk", None],
    }
)
TEST = pd.DataFrame(
    {
        "t1__a": [np.nan],
        "t1__b": [9.0],
        "radscore": [0.0],
        "clinical.age": [np.nan],
        "clinical.grade": ["Mid"],
        "clinical.site": ["arm"],
    }
)


def test_filled_in_coded_and_scaled_by_training_rows():
    prepare = Prepare(CLINICAL, scaling="features").fit(TRAIN)
    Z = prepare.transform(TRAIN)
    assert list(Z.columns) == [
        "clinical.age", "clinical.grade", "clinical.site=trunk", "radscore", "t1__a",
    ]  # fmt: skip
    a = np.array([1, 2, 2, 6.0])
    assert np.allclose(Z["t1__a"], (a - a.mean()) / a.std(ddof=1))
    assert list(Z["clinical.age"]) == [50, 60, 70, 60]
    assert list(Z["clinical.grade"]) == [0, 2, 2, 2]
    assert list(Z["clinical.site=trunk"]) == [0, 0, 1, 0]
    assert list(Z["radscore"]) == [0.1, 0.2, 0.3, 0.5]
    report = prepare.report()
    assert report["imputed"] == {
        "clinical.age": 1, "clinical.grade": 1, "clinical.site": 1, "t1__a": 1,
    }  # fmt: skip
    assert report["constant_dropped"] == ["t1__b"]
    assert report["reference_levels"] == {"clinical.site": "leg"}
    assert Z.attrs["levels"]["clinical.site"] == ["leg", "trunk"]


def test_unseen_levels_take_the_reference_and_are_counted():
    prepare = Prepare(CLINICAL).fit(TRAIN)
    Z = prepare.transform(TEST)
    assert Z["clinical.site=trunk"][0] == 0  # arm was never seen: as leg, the reference
    assert Z["clinical.grade"][0] == 1  # an ordinal level has its place all the same
    assert Z["t1__a"][0] == 2
    assert prepare.unseen(TEST) == 2
    assert prepare.unseen(TRAIN) == 0


def test_constant_to_rounding_is_constant():
    frame = pd.DataFrame({"t1__c": 1e6 + np.array([0, 1, 2]) * 1e-10, "t1__d": [0.0, 1.0, 3.0]})
    assert list(Prepare().fit(frame).transform(frame).columns) == ["t1__d"]


def test_without_imputation_missing_stays_missing():
    columns = ["t1__a", "clinical.grade", "clinical.site"]
    found = Prepare(CLINICAL, impute=False).fit(TRAIN[columns]).transform(TRAIN[columns])
    for name in columns:
        coded = [c for c in found.columns if c.split("=")[0] == name]
        assert found[coded].isna().all(axis=1).tolist() == TRAIN[name].isna().tolist()
        assert TRAIN[name].isna().any()


def test_a_column_missing_in_all_training_rows_is_dropped():
    frame = pd.DataFrame({"t1__a": [np.nan] * 3, "t1__b": [1.0, 2.0, 4.0]})
    assert list(Prepare().fit(frame).transform(frame).columns) == ["t1__b"]


def by_hand(train, rows, scaling):
    """Return what the default preparation comes to, a column at a time."""
    found = {}
    for name in sorted(train.columns):
        clinical = CLINICAL.get(name.removeprefix("clinical."), {"type": "continuous"})
        if clinical["type"] == "continuous":
            finite = train[name].replace([np.inf, -np.inf], np.nan)
            value = rows[name].replace([np.inf, -np.inf], np.nan).fillna(finite.median())
            own = finite.fillna(finite.median())
            coded = {name: (own.astype(float), value.astype(float))}
        else:
            counts = train[name].value_counts()
            seen = [level for level in clinical["levels"] if level in counts]
            fill = max(seen, key=lambda level: counts[level])
            own, value = train[name].fillna(fill), rows[name].fillna(fill)
            if clinical["type"] == "ordinal":
                place = {level: float(i) for i, level in enumerate(clinical["levels"])}
                coded = {name: (own.map(place), value.map(place))}
            else:
                coded = {
                    f"{name}={v}": ((own == v).astype(float), (value == v).astype(float))
                    for v in seen[1:]
                }
        for column, (own, value) in coded.items():
            if own.std(ddof=1) <= 1e-10 * abs(own.mean()):
                continue
            scaled = scaling == "all" or (scaling == "features" and "__" in column)
            found[column] = (value - own.mean()) / own.std(ddof=1) if scaled else value
    return pd.DataFrame(found)[sorted(found)]


@pytest.mark.parametrize("scaling", ["none", "features", "all"])
def test_the_default_is_the_one_by_hand_on_random_tables(scaling):
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(12, 40))
        frame = pd.DataFrame(
            rng.lognormal(size=(n, 4)) * 10.0 ** rng.integers(-4, 5, 4),
            columns=["t1__b", "t1__a", "radscore", "clinical.age"],
        )
        frame["t1__same"] = 3.25
        for name in ("grade", "site"):
            frame[f"clinical.{name}"] = rng.choice(CLINICAL[name]["levels"], n).astype(object)
        frame = frame.mask(rng.random(frame.shape) < 0.15)
        frame.loc[0, "t1__a"] = np.inf
        train, rows = frame.iloc[: n - 4], frame.iloc[n - 4 :]
        want = by_hand(train, rows, scaling)
        found = Prepare(CLINICAL, scaling).fit(train).transform(rows)
        pd.testing.assert_frame_equal(found, want, rtol=1e-9)


def test_named_steps_are_completed_by_the_default_ones():
    from radpipe.preparation.registry import PREPARATION

    features = TRAIN[["t1__a", "radscore"]].assign(t1__c=[1.0, 2.0, 4.0, 100.0])
    steps = (PREPARATION["outliers"](rule="mad", k=2),)
    found = Prepare(scaling="features", steps=steps).fit_transform(features)
    c = np.array([1, 2, 4, 3.0])  # 100 is beyond, and the median stands for it
    assert np.allclose(found["t1__c"], (c - c.mean()) / c.std(ddof=1))
    assert np.isfinite(found["t1__a"]).all()  # no step fills in: the median comes first


def z(column):
    return (column - column.mean()) / column.std(ddof=1)


@pytest.mark.parametrize("method", ["min_max", "robust", "z"])
def test_the_family_scales_what_no_step_has_scaled_and_nothing_twice(method):
    from radpipe.preparation.registry import PREPARATION

    step = PREPARATION["scale"](method=method)
    table = TRAIN[["t1__a", "radscore", "clinical.grade"]].assign(
        **{"clinical.age": [50.0, 60.0, 75.0, 60.0], "t1__c": [1.0, 2.0, 4.0, 9.0]}
    )
    plain = Prepare(CLINICAL).fit_transform(table)
    alone = Prepare(CLINICAL, "none", steps=(step,)).fit_transform(table)
    features, rest = ["t1__a", "t1__c"], ["clinical.age", "clinical.grade", "radscore"]
    for scaling in ("features", "all"):
        prepare = Prepare(CLINICAL, scaling, steps=(step,)).fit(table)
        found = prepare.transform(table)
        np.testing.assert_array_equal(found[features], alone[features])
        want = z(plain[rest]) if scaling == "all" else plain[rest]
        np.testing.assert_allclose(found[rest], want, rtol=1e-12)
        said = set(prepare.report()["z_scores"])
        assert said == {*(features * (method == "z")), *(rest * (scaling == "all"))}
    every = PREPARATION["scale"](method=method, columns="all")
    whole = [
        Prepare(CLINICAL, scaling, steps=(every,)).fit_transform(table)
        for scaling in ("all", "none")
    ]
    pd.testing.assert_frame_equal(*whole)


@pytest.mark.parametrize("scaling", ["features", "all"])
def test_behind_a_projection_nothing_is_scaled_twice_and_factors_keep_their_levels(scaling):
    from radpipe.models.logistic import LogisticSpec
    from radpipe.models.pipeline import ModelPipeline
    from radpipe.preparation.registry import BALANCE, PREPARATION
    from radpipe.selection.projection import Projection

    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.normal(size=(40, 3)) * 9, columns=["t1__a", "t1__b", "t1__c"])
    table["clinical.age"] = rng.normal(60, 9, 40)
    for name in ("grade", "site"):
        table[f"clinical.{name}"] = rng.choice(CLINICAL[name]["levels"], 40).astype(object)
    made = Projection(["t1__a", "t1__b"], [0.0, 0.0], [1.0, 1.0], ["pca__1"], [[1.0], [2.0]])
    prepare = Prepare(CLINICAL, scaling, steps=(PREPARATION["scale"](method="min_max"),))
    model = LogisticSpec(inputs=["t1"]).build("binary", 0)
    pipeline = ModelPipeline(list(table), prepare, model, [made])
    y = (np.arange(40) < 9).astype(int)
    rows = pipeline.prepared_training(table, y)
    assert (rows["t1__c"].min(), rows["t1__c"].max()) == (0, 1)  # by the step, and no more
    a, b = ((table[c] - table[c].min()) / np.ptp(table[c]) for c in ["t1__a", "t1__b"])
    np.testing.assert_allclose(rows["pca__1"], z(a + 2 * b), rtol=1e-9)
    age = table["clinical.age"]
    np.testing.assert_allclose(rows["clinical.age"], z(age) if scaling == "all" else age)
    assert rows.attrs["levels"]["clinical.grade"] == ["Low", "Mid", "High"]
    made_up, *_ = BALANCE["smote"]().build(0).resample(rows, y)
    assert len(made_up) == 62
    for name in ("clinical.grade", "clinical.site=leg", "clinical.site=trunk"):
        assert set(made_up[name]) == set(rows[name])
    pd.testing.assert_frame_equal(pipeline.prepared(table), rows)
