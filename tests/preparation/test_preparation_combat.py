"""ComBat inside the preparation: the statistics' numbers, learned on training rows."""

import numpy as np
import pandas as pd
import pytest
from preparation_toys import CLINICAL

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs
from radpipe.models.linear import LinearSpec
from radpipe.models.prepare import Prepare
from radpipe.preparation.combat import Combat, CombatSpec
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import LeaveOneCentreOutSpec
from radpipe.stats.combat import fit_combat

FEATURES = [f"t1__f{i:02d}" for i in range(20)]


def cohort(sizes=None, seed=0):
    """Return features with batch effects of location and scale, age, site, and the batch."""
    sizes = sizes or {"A": 40, "B": 30}
    rng = np.random.default_rng(seed)
    batch = np.repeat(list(sizes), list(sizes.values()))
    number = np.unique(batch, return_inverse=True)[1]
    age = rng.normal(60, 9, len(batch))
    X = rng.normal(size=(len(batch), 20)) + 0.05 * age[:, None]
    X = X * (1 + 0.7 * number[:, None]) + 3 * number[:, None] + rng.normal(size=20)
    frame = pd.DataFrame(X, columns=FEATURES)
    frame["radscore"] = rng.random(len(batch))
    frame["clinical.age"] = frame["covariate.age"] = age
    frame["covariate.site"] = rng.choice(CLINICAL["site"]["levels"], len(batch))
    frame["batch.scanner"] = batch
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


def prepared(frame, **settings):
    return Prepare(CLINICAL, steps=(CombatSpec(batch="scanner", **settings),)).fit(frame)


@pytest.mark.parametrize(
    "settings",
    [{}, {"prior": "nonparametric"}, {"mean_only": True}, {"reference": "B"}],
    ids=["default", "nonparametric", "mean_only", "reference"],
)
def test_numbers_are_the_statistics_own_fitted_on_training_rows(settings):
    frame = cohort()
    train, test = frame.iloc[:50], frame.iloc[50:]
    fitted = fit_combat(train[FEATURES], train["batch.scanner"], None, **settings)
    found = prepared(train, **settings).transform(test)
    assert np.allclose(
        found[FEATURES], fitted.apply(test[FEATURES], test["batch.scanner"]), rtol=1e-12
    )
    assert found["radscore"].equals(test["radscore"])
    assert found["clinical.age"].equals(test["clinical.age"])


def test_covariates_are_coded_completed_and_preserved():
    frame = cohort()
    frame.loc[3, "covariate.age"] = np.nan
    frame.loc[5, "covariate.site"] = None
    age = frame["covariate.age"].fillna(frame["covariate.age"].median())
    site = frame["covariate.site"].fillna(frame["covariate.site"].mode()[0])
    extra = np.column_stack([age, site == "leg", site == "trunk"]).astype(float)
    fitted = fit_combat(frame[FEATURES], frame["batch.scanner"], extra)
    prepare = prepared(frame, covariates=["clinical.age", "site"])
    found = prepare.transform(frame)
    want = fitted.apply(frame[FEATURES], frame["batch.scanner"], extra)
    assert np.allclose(found[FEATURES], want, rtol=1e-12)
    assert prepare.report()["steps"][1]["covariates"] == [
        "covariate.age", "covariate.site=leg", "covariate.site=trunk",
    ]  # fmt: skip


def test_unseen_batch_passes_through_and_is_said():
    frame = cohort({"A": 40, "B": 30, "C": 14})
    train, other = frame[frame["batch.scanner"] != "C"], frame[frame["batch.scanner"] == "C"]
    prepare = prepared(train)
    assert prepare.flags == []
    found = prepare.transform(frame)
    assert np.array_equal(found.loc[other.index, FEATURES], other[FEATURES])
    assert prepare.flags == ["batch C (n=14) not harmonised: unseen in training"]
    assert prepare.report()["steps"][1]["unseen"] == {"C": 14}
    alone = prepare.transform(train)
    assert np.array_equal(found.loc[train.index], alone)


@pytest.mark.parametrize("prior", ["parametric", "nonparametric"])
@pytest.mark.parametrize("sizes", [{"A": 40, "B": 30, "C": 40}, {"A": 40, "C": 40}])
def test_transductive_brings_an_unseen_batch_near_the_others(prior, sizes):
    frame = cohort(sizes)
    other = frame["batch.scanner"] == "C"
    prepare = prepared(frame[~other], transductive=True, prior=prior)
    found = prepare.transform(frame)[FEATURES]
    before = frame[FEATURES]

    def apart(table):
        location = (table[other].mean() - table[~other].mean()).abs().mean()
        return location, abs(np.log(table[other].std() / table[~other].std())).mean()

    assert apart(found)[0] < 0.15 * apart(before)[0]
    assert apart(found)[1] < 0.5 * apart(before)[1]
    assert prepare.flags == ["transductive ComBat of batch C (n=40)"]
    assert prepare.transform(frame)[FEATURES].equals(found)


def test_transductive_is_what_combat_does_to_a_batch_of_its_own():
    """With the frame of a reference, an unseen batch is adjusted as if it had been fitted."""
    frame = cohort({"A": 40, "C": 25})
    other = frame["batch.scanner"] == "C"
    whole = fit_combat(frame[FEATURES], frame["batch.scanner"], None, reference="A")
    prepare = prepared(frame[~other], transductive=True, reference="A")
    want = whole.apply(frame[FEATURES], frame["batch.scanner"])
    assert np.allclose(prepare.transform(frame)[FEATURES], want, rtol=1e-9)


def test_transductive_leaves_few_cases_as_they_are_and_says_so():
    frame = cohort({"A": 40, "B": 30, "C": 12})
    other = frame[frame["batch.scanner"] == "C"]
    prepare = prepared(frame[frame["batch.scanner"] != "C"], transductive=True)
    few = other.iloc[:9]
    assert np.array_equal(prepare.transform(few)[FEATURES], few[FEATURES])
    said = "batch C (n=9) not harmonised: unseen in training, and fewer than 10 are too few to be "
    assert prepare.flags == [said + "transductive"]
    assert prepare.report()["steps"][1]["too_few"] == {"C": 9}
    ten = prepare.transform(other.iloc[:10])[FEATURES]
    assert not np.isclose(ten, other.iloc[:10][FEATURES]).any()
    assert prepare.flags == ["transductive ComBat of batch C (n=10)", said + "transductive"]


def test_a_small_centre_left_out_is_in_the_record_of_the_fits():
    frame = cohort({"A": 40, "B": 30, "C": 6})
    centre = frame["batch.scanner"].to_numpy(dtype=str)
    case = np.array([f"P{i:02d}" for i in range(len(frame))])
    inputs = Inputs(frame.set_axis(case), case, CLINICAL, {})
    y = (np.arange(len(frame)) % 2).astype(int)
    scheme = LeaveOneCentreOutSpec(column="scanner", inner_folds=2)
    plan = make_plan(y, case, np.full(len(y), "train"), scheme, 1, centre)
    spec = LinearSpec.model_validate({"inputs": ["t1"]})
    step = CombatSpec(batch="scanner", transductive=True)
    run = crossfit("m", spec, inputs, target.continuous(y * 1.0), plan, 1, inner=False,
                   preparation=(step,))  # fmt: skip
    assert sorted(run.fit["flags"]) == [
        "batch C (n=6) not harmonised: unseen in training, and fewer than 10 are too few to be "
        "transductive",
        "transductive ComBat of batch A (n=40)",
        "transductive ComBat of batch B (n=30)",
    ]
    assert np.isfinite(run.scores.query("role == 'test'")["score"]).all()


def test_features_constant_in_an_unseen_batch_stay():
    frame = cohort({"A": 40, "B": 30, "C": 12})
    other = frame["batch.scanner"] == "C"
    frame.loc[other, FEATURES[0]] = 5.0
    found = prepared(frame[~other], transductive=True).transform(frame[other])
    assert (found[FEATURES[0]] == 5.0).all()
    assert not np.allclose(found[FEATURES[1]], frame.loc[other, FEATURES[1]])


def test_a_training_batch_of_one_case_leads_to_means_only_and_is_said():
    frame = cohort({"A": 40, "B": 30, "C": 1})
    prepare = prepared(frame)
    step = prepare.report()["steps"][1]
    assert "mean only" in step["method"]
    assert "one case" in step["notes"][0]
    assert np.isfinite(prepare.transform(frame).to_numpy()).all()


def test_one_training_batch_is_left_alone_and_that_is_said():
    frame = cohort({"A": 40})
    prepare = prepared(frame)
    assert np.array_equal(prepare.transform(frame)[FEATURES], frame[FEATURES])
    assert "one batch" in prepare.report()["steps"][1]["notes"][0]


def test_a_covariate_that_is_the_batch_is_a_named_error():
    frame = cohort()
    frame["covariate.age"] = (frame["batch.scanner"] == "A").astype(float)
    with pytest.raises(RadpipeError, match=r"'scanner' beside age, in .*told apart.*; leave cov"):
        prepared(frame, covariates=["age"])


def test_what_is_missing_is_a_named_error():
    frame = cohort()
    with pytest.raises(RadpipeError, match=r"no column 'batch\.scanner'"):
        prepared(frame.drop(columns="batch.scanner"))
    with pytest.raises(RadpipeError, match=r"no column 'covariate\.age'"):
        prepared(frame.drop(columns="covariate.age"), covariates=["age"])
    with pytest.raises(RadpipeError, match="the reference 'Z' is no batch"):
        prepared(frame, reference="Z")
    frame.loc[4, "batch.scanner"] = None
    with pytest.raises(RadpipeError, match="1 of 70 cases have no 'scanner'"):
        prepared(frame)


def test_without_features_there_is_nothing_to_do():
    frame = cohort()[["radscore", "clinical.age", "batch.scanner"]]
    step = Combat("scanner")
    found = step.fit_transform(frame[["radscore"]], frame[["batch.scanner"]])
    assert found.equals(frame[["radscore"]])
    assert step.flags == []
    assert step.report()["notes"] == ["no feature to harmonise"]
