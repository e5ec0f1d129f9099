"""What is written of a model as plain numbers predicts what the fitted pipeline predicts."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import (
    CLASSES,
    cohort,
    every_model,
    inputs_of,
    lifted_models,
    plan_of,
    table_for,
)
from scipy.special import expit

from radpipe.core import target
from radpipe.models.arithmetic import Arithmetic, coded, limited
from radpipe.models.crossfit import crossfit
from radpipe.models.formula import formula
from radpipe.models.intervals import interval_of
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.plain import plain
from radpipe.models.prepare import Prepare
from radpipe.models.registry import MODELS
from radpipe.models.training import training_variables
from radpipe.preparation.registry import PREPARATION as STEPS
from radpipe.selection.projection import Projection

PLAIN = {"cox", "fine_gray", "linear", "logistic", "marker", "multinomial", "nomogram", "ordinal",
         "penalised_cox", "penalised_linear", "penalised_logistic", "ridge", "rule",
         "threshold"}  # fmt: skip
IMPUTING = PLAIN - {"marker", "rule", "threshold"}
CASES = [(s, e) for s, e in every_model() + lifted_models() if s.kind in PLAIN]
PREPARATIONS = {
    "own": (),
    "indicators": (
        STEPS["outliers"](),
        STEPS["impute"](indicator=True),
        STEPS["scale"](method="robust", columns="all"),
    ),
    "winsorised": (
        STEPS["impute"](method="most_frequent"),
        STEPS["outliers"](method="winsorise", columns="all"),
        STEPS["scale"](method="min_max"),
    ),
}


def with_gaps():
    """Return the toy cohort with a tenth of the values missing."""
    table, targets = cohort()
    rng = np.random.default_rng(3)
    for name in table.columns:
        lost = rng.random(len(table)) < 0.1
        table.loc[lost, name] = np.nan if table[name].dtype == float else None
    return table, targets


def fitted(spec, endpoint, preparation=(), table=None):
    gappy, targets = with_gaps()
    table = gappy if table is None else table
    table = table_for(spec, table)
    y = targets[endpoint]
    classes = CLASSES if endpoint in target.CLASSES else ()
    found = crossfit("m", spec, inputs_of(table), y, plan_of(y), 1, classes=classes, inner=False,
                     preparation=preparation)  # fmt: skip
    return found.final, table.iloc[::-1]


def written(final):
    return json.loads(json.dumps(plain(final), allow_nan=False))


def assert_predicts_as(found, final, spec, endpoint, new):
    """Compare scores, and risks where there are any, of the arithmetic and of the pipeline."""
    tight = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(found.predict_score(new), final.predict_score(new), **tight)
    if spec.gives_risk(endpoint):
        at = (100.0, 400.0) if endpoint == "survival" else ()
        np.testing.assert_allclose(
            found.predict_risk(new, at), final.predict_risk(new, at), **tight
        )


@pytest.mark.parametrize(
    ("spec", "endpoint", "preparation"),
    [
        pytest.param(s, e, p, id=f"{s.kind}-{e}-{p}")
        for s, e in CASES
        for p in PREPARATIONS
        if s.kind in IMPUTING or p == "own"  # the others take values as they are
    ],
)
def test_numbers_predict_as_the_pipeline(spec, endpoint, preparation):
    final, new = fitted(spec, endpoint, PREPARATIONS[preparation])
    found = Arithmetic(written(final))
    new = new.assign(t1__f0=new["t1__f0"] * 5)
    if "t1__f1" in new:
        new["t1__f1"] = np.where(new["t1__f1"] > 1, np.inf, new["t1__f1"])
    assert_predicts_as(found, final, spec, endpoint, new)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("kind", ["logistic", "penalised_cox", "linear"])
def test_the_formula_gives_the_linear_predictor(kind, preparation):
    endpoint = {"penalised_cox": "survival", "linear": "continuous"}.get(kind, "binary")
    spec = MODELS[kind](inputs=["t1", "clinical"])
    final, new = fitted(spec, endpoint, PREPARATIONS[preparation])
    numbers = written(final)
    own = formula(numbers)
    total = np.full(len(new), own["intercept"])
    for term in own["terms"]:
        entry = [e for e in numbers["coding"] if e["column"] == term["column"]]
        column = new[term["variable"]]
        value = coded(entry[0], column) if entry else column.isna().to_numpy(dtype=float)
        value = np.where(np.isnan(value), term["missing_becomes"], value)
        for limit in term["limits"]:
            value = limited(value, limit)
        total = total + term["coefficient"] * value
    np.testing.assert_allclose(total, Arithmetic(numbers).linear_predictor(new), atol=1e-9)


@pytest.mark.parametrize("free", [(), ("t1__f1",)])
def test_a_projection_is_written_too(free):
    table, targets = cohort()
    rng = np.random.default_rng(1)
    columns = ["t1__f0", "t1__f1", "t1__f2"]
    parts = Projection(columns, [0.1, 0.2, 0.3], [1.0, 2.0, 0.5], ["pc1", "pc2"],
                       rng.normal(size=(3, 2)).tolist())  # fmt: skip
    model = MODELS["logistic"](inputs=["t1"]).build("binary", 0)
    final = ModelPipeline(columns, Prepare(scaling="features"), model, [parts], free)
    final.fit(table[columns], targets["binary"])
    assert set(final.model_.names_) == {"pc1", "pc2", *free}
    found = written(final)
    new = table[columns] + 0.3
    mine = Arithmetic(found).predict_score(new)
    np.testing.assert_allclose(mine, final.predict_score(new), rtol=0, atol=1e-12)
    own = formula(found)
    assert [term["column"] for term in own["terms"]] == columns
    total = own["intercept"] + new.to_numpy() @ [term["coefficient"] for term in own["terms"]]
    np.testing.assert_allclose(total, mine, atol=1e-10)


def test_what_looks_across_cases_or_grows_trees_is_not_plain():
    final, _ = fitted(MODELS["logistic"](inputs=["t1"]), "binary", (STEPS["impute"](method="knn"),))
    assert plain(final) is None
    final, _ = fitted(MODELS["random_forest"](inputs=["t1"], trees=3), "binary")
    assert plain(final) is None


def test_calibrated_and_balanced_models_are_plain():
    calibrated = [{"calibrate": "platt"}, {"calibrate": "isotonic"}]
    every = [("binary", m) for m in (*calibrated, {"balance": "class_weight"})]
    every += [(endpoint, m) for endpoint in ("multiclass", "multilabel") for m in calibrated]
    for endpoint, more in every:
        spec = MODELS["logistic"].model_validate({"inputs": ["t1"], **more})
        final, new = fitted(spec, endpoint, table=cohort()[0])
        found = Arithmetic(written(final))
        for which in ("predict_score", "predict_risk"):
            np.testing.assert_allclose(
                getattr(found, which)(new), getattr(final, which)(new), rtol=0, atol=1e-12
            )


def test_only_what_a_sparse_model_uses_is_needed():
    final, _ = fitted(MODELS["penalised_logistic"](inputs=["t1", "clinical"], folds=5), "binary")
    assert set(Arithmetic(written(final)).variables) == set(final.used)
    table = with_gaps()[0]
    assert {v["name"] for v in training_variables(table, final)} == set(final.used)


def test_training_ranges_and_levels():
    table, _ = with_gaps()
    final, _ = fitted(MODELS["logistic"](inputs=["t1", "clinical"]), "binary")
    found = {v["name"]: v for v in training_variables(table, final)}
    age = found["clinical.age"]
    assert (age["low"], age["high"]) == (table["clinical.age"].min(), table["clinical.age"].max())
    assert age["missing"] == table["clinical.age"].isna().sum() > 0
    assert found["clinical.site"]["seen"] == table["clinical.site"].value_counts().to_dict()
    assert list(found["clinical.grade"]["seen"]) == ["Low", "Intermediate", "High"]


def test_the_interval_of_a_logistic_risk_is_that_of_its_log_odds():
    from scipy.special import expit

    from radpipe.stats.logistic import fit_logistic

    table, targets = cohort()
    columns = [c for c in table.columns if c.startswith("t1__")]
    final, _ = fitted(MODELS["logistic"](inputs=["t1"]), "binary", table=table[columns])
    found = Arithmetic(written(final))
    new = table[columns].iloc[:7]
    low, high, _ = interval_of(
        found.found["model"], found.prepared(new), found.predict_score(new), ()
    )
    # the same model fitted to the values as they are: a Wald interval does not depend on scale
    fit = fit_logistic(table[columns].to_numpy(), targets["binary"])
    rows = np.column_stack([np.ones(7), new.to_numpy()])
    line, half = (
        rows @ fit.coef,
        1.959963984540054 * np.sqrt(np.einsum("ni,ij,nj->n", rows, fit.vcov, rows)),
    )
    np.testing.assert_allclose(low[:, 0], expit(line - half), rtol=1e-6)
    np.testing.assert_allclose(high[:, 0], expit(line + half), rtol=1e-6)


def test_the_interval_of_a_cox_risk_is_that_of_survfit():
    from radpipe.stats.cox import fit_cox
    from radpipe.stats.cox_curves import predicted_survival

    table, targets = cohort()
    y = targets["survival"]
    columns = [c for c in table.columns if c.startswith("t1__")]
    final, _ = fitted(MODELS["cox"](inputs=["t1"]), "survival", table=table[columns])
    found = Arithmetic(written(final))
    new, at = table[columns].iloc[:7], (0.1, 100.0, 400.0)
    low, high, _ = interval_of(
        found.found["model"], found.prepared(new), found.predict_score(new), at
    )
    values = table[columns].to_numpy()
    fit = fit_cox(values, y["time"], y["event"].astype(float))
    known = predicted_survival(fit, values, y["time"], y["event"].astype(float), new, at)
    np.testing.assert_allclose(low, 1 - known.upper, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(high, 1 - known.lower, rtol=1e-6, atol=1e-12)
    assert np.isnan(low[:, 0]).all()  # before the first event there is no risk to speak of


FUSIONS = [
    (endpoint, method)
    for endpoint in ("binary", "survival", "continuous", "multiclass", "ordinal", "multilabel")
    for method in ("mean", "weighted_mean", "vote", "logistic")
    if MODELS["fusion"](inputs=["a", "b"], method=method).takes(endpoint)
]


@pytest.mark.parametrize(("endpoint", "method"), FUSIONS)
def test_a_fusion_is_numbers_over_the_values_of_its_models(endpoint, method):
    spec = MODELS["fusion"](inputs=["a", "b"], method=method)
    y = cohort(n=80)[1][endpoint]
    k = 3 if endpoint in target.CLASSES else 1
    truth = target.indicators(y) if k > 1 else np.argsort(np.argsort(target_order(y)))[:, None] / 80
    rng = np.random.default_rng(2)
    said = {m: expit(truth + rng.normal(size=(80, k))) for m in "ab"}
    names = {m: [f"{m}[{c}]" for c in range(k)] if k > 1 else [m] for m in "ab"}
    X = pd.DataFrame({n: said[m][:, c] for m in "ab" for c, n in enumerate(names[m])})
    X.iloc[3, :k] = np.nan  # the first model has nothing to say of one case
    model = spec.assemble(endpoint, 0)
    final = ModelPipeline(list(X.columns), Prepare(impute=False), model).fit(X, y)
    found = Arithmetic(written(final))
    new = X.iloc[::-1].assign(**{names["b"][0]: rng.random(80)})
    new.iloc[5] = np.nan  # none of them has
    assert_predicts_as(found, final, spec, endpoint, new)
    assert np.isfinite(found.predict_score(X)).all()
    own = formula(found.found)
    assert (own is None) == (method != "logistic")


def target_order(y):
    """Return what rises with the outcome."""
    return -y["time"] if target.kind_of(y) == "survival" else np.asarray(y, dtype=float)
