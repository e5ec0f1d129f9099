"""Metrics and curves of several classes, several labels, measured values and competing events."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from evaluation_making import (
    CONTINUOUS,
    NAMES,
    SURVIVAL,
    class_endpoint,
    class_tables,
    competing_tables,
    continuous_tables,
    survival_tables,
)

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.evaluation import curves
from radpipe.evaluation.classes import Several, _kappa, _kappa_influence, confusion
from radpipe.evaluation.compare import compare
from radpipe.evaluation.headline_metric import HEADLINE, headline_value
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.outcomes import columns_of, tally, target_of
from radpipe.evaluation.roc_curves import roc
from radpipe.evaluation.table import slices

KINDS = ("multiclass", "ordinal", "multilabel")


def row(table, **key):
    for name, value in key.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module", params=KINDS)
def several(request):
    return request.param, class_tables(request.param), class_endpoint(request.param)


def held_out(tables, model="a", k=3):
    """True classes and risks (n, k) of the held-out cases, by hand."""
    predictions, outcomes = tables
    part = predictions[(predictions["kind"] == "held-out") & (predictions["model"] == model)]
    risk = part.pivot(index="case", columns="class", values="risk")[NAMES[:k]]
    return outcomes.set_index("case").loc[risk.index], risk.to_numpy()


def test_outcomes_come_back_from_their_columns():
    rng = np.random.default_rng(0)
    for y, kind, names in (
        (target.binary([0, 1]), "binary", ()),
        (target.multiclass([0, 2, 1], 3), "multiclass", NAMES[:3]),
        (target.ordinal([1, 1], 3), "ordinal", NAMES[:3]),
        (target.multilabel(rng.random((4, 2)) < 0.5), "multilabel", NAMES[:2]),
        (target.continuous([1.5, 2]), "continuous", ()),
        (target.survival([1, 2, 3], [1, 0, 0], [0, 1, 0]), "survival", ()),
    ):
        again = target_of(pd.DataFrame(columns_of(y, names)), kind, names)
        assert target.kind_of(again) == kind
        np.testing.assert_array_equal(again, y)
    frame = pd.DataFrame(columns_of(target.survival([1, 2, 3], [1, 0, 0], [0, 1, 0])))
    assert tally(frame, {"kind": "survival"}) == [("event", 1), ("competing event", 1)]


def test_every_value_has_a_method_and_every_gap_a_note(several):
    _, tables, endpoint = several
    table = metrics(*tables, endpoint)
    assert (table["method"] != "").all()
    assert (table.loc[table["estimate"].isna(), "note"] != "").all()
    assert set(table["class"]) == {"", *endpoint["classes"]}
    assert not table.duplicated(["model", "split", "metric", "class"]).any()


def test_overall_values_are_those_of_scikit_learn(several):
    sklearn = pytest.importorskip("sklearn.metrics")
    kind, tables, endpoint = several
    table = metrics(*tables, endpoint)
    table = table[(table["model"] == "a") & (table["split"] == "internal")]
    overall = table[table["class"] == ""].set_index("metric")["estimate"]
    truth, risk = held_out(tables)
    if kind == "multilabel":
        y = truth[[f"y.{name}" for name in endpoint["classes"]]].to_numpy()
        called = (risk >= 0.5).astype(int)
        assert overall["macro_auc"] == pytest.approx(sklearn.roc_auc_score(y, risk))
        assert overall["hamming_loss"] == pytest.approx(sklearn.hamming_loss(y, called))
        assert overall["subset_accuracy"] == pytest.approx(sklearn.accuracy_score(y, called))
        assert overall["micro_f1"] == pytest.approx(sklearn.f1_score(y, called, average="micro"))
    else:
        y, called = truth["y"].to_numpy(), risk.argmax(axis=1)
        ovr = {"multi_class": "ovr", "average": "macro"}
        assert overall["macro_auc"] == pytest.approx(sklearn.roc_auc_score(y, risk, **ovr))
        ovo = sklearn.roc_auc_score(y, risk, multi_class="ovo")
        assert overall["hand_till"] == pytest.approx(ovo)
        balanced = sklearn.balanced_accuracy_score(y, called)
        assert overall["balanced_accuracy"] == pytest.approx(balanced)
        weights = "quadratic" if kind == "ordinal" else None
        kappa = sklearn.cohen_kappa_score(y, called, weights=weights)
        assert overall["kappa"] == pytest.approx(kappa)
        assert overall["log_loss"] == pytest.approx(sklearn.log_loss(y, risk))
        assert ("ranked_probability_score" in overall) == (kind == "ordinal")
    found = sklearn.f1_score(y, called, average="macro")
    assert overall["macro_f1"] == pytest.approx(found)
    single = sklearn.f1_score(y, called, average=None)
    f1 = table[table["metric"] == "f1"].set_index("class")["estimate"]
    np.testing.assert_allclose(f1[endpoint["classes"]], single)


def test_resampled_counts_are_means_over_repeats():
    predictions, outcomes = class_tables("multiclass")
    endpoint = class_endpoint("multiclass")
    table = metrics(predictions, outcomes, endpoint)
    part = predictions[(predictions["model"] == "a") & (predictions["kind"] == "out-of-fold")]
    y = outcomes.set_index("case")["y"]
    hits = []
    for _, own in part.groupby("repeat"):
        risk = own.pivot(index="case", columns="class", values="risk")[endpoint["classes"]]
        hits.append((risk.to_numpy().argmax(axis=1) == y.loc[risk.index]).mean())
    mine = row(table, model="a", split="resampled", metric="accuracy")
    assert mine["estimate"] == pytest.approx(np.mean(hits))
    counts = confusion(predictions, outcomes, endpoint)
    own = counts[(counts["model"] == "a") & (counts["split"] == "resampled")]
    assert own.loc[own["true"] == own["called"], "n"].sum() == pytest.approx(60 * np.mean(hits))
    assert own["n"].sum() == pytest.approx(60)


def test_the_interval_of_kappa_ends_at_one():
    """Of few cases that agree almost perfectly Wald's interval passes it."""
    predictions, outcomes = class_tables(n=9, held_out=9, repeats=1)
    endpoint = class_endpoint("multiclass")
    own = slices(predictions, outcomes, endpoint)
    parts = [s for s in own if s.model == "a" and s.split == "internal"]
    right = np.column_stack([p.y for p in parts]).astype(float)
    right[0] = np.roll(right[0], 1)  # one case is called wrongly
    one = Several([replace(p, call=call[:, None]) for p, call in zip(parts, right.T, strict=True)])
    found = _kappa(one, False, 0.95)
    assert found.estimate + 1.96 * found.se > 1
    assert found.upper == 1
    assert "within -1 and 1" in found.method


def test_the_interval_of_kappa_does_not_depend_on_how_it_is_made():
    from radpipe.stats.influence import wald

    parts = slices(*class_tables("ordinal", held_out=300), class_endpoint("ordinal"))
    one = Several([p for p in parts if (p.model, p.split) == ("a", "internal")])
    fleiss = _kappa(one, True, 0.95)
    from radpipe.stats.kappa import kappa_of_table

    k = kappa_of_table(one.counts, "quadratic")
    delta = wald(k.estimate, _kappa_influence(one, True, k.observed, k.expected), "delta")
    assert delta.se == pytest.approx(fleiss.se, rel=0.01)


def test_several_cases_of_a_patient_are_clustered():
    for kind in KINDS:
        tables = class_tables(kind, per_patient=2, repeats=1, held_out=0, models=("a",))
        table = metrics(*tables, class_endpoint(kind))
        names = ["macro_auc", "micro_auc", "accuracy", "kappa", "macro_f1", "hamming_loss", "brier"]
        methods = table.loc[table["metric"].isin(names), "method"]
        assert methods.str.contains("patient").all()


def test_a_model_without_risks_ranks_and_calls_by_its_scores():
    predictions, outcomes = class_tables("multiclass")
    table = metrics(predictions.assign(risk=np.nan), outcomes, class_endpoint("multiclass"))
    names = set(table["metric"])
    assert {"macro_auc", "accuracy"} <= names
    assert not names & {"brier", "log_loss"}


def test_a_class_that_is_not_predicted_is_a_fault():
    predictions, outcomes = class_tables("multiclass")
    lacking = predictions[predictions["class"] != "grade 1"]
    with pytest.raises(RadpipeError, match="does not predict class 'grade 1'"):
        metrics(lacking, outcomes, class_endpoint("multiclass"))


def test_curves_of_classes_have_the_areas_of_the_metrics(several):
    _, tables, endpoint = several
    table, numbers = roc(*tables, endpoint), metrics(*tables, endpoint)
    for name, average in (*((c, "") for c in endpoint["classes"]), ("", "macro"), ("", "micro")):
        own = table[(table["model"] == "a") & (table["split"] == "internal")]
        own = own[(own["class"] == name) & (own["average"] == average)]
        area = np.trapezoid(own["tpr"], own["fpr"])
        metric = f"{average}_auc" if average else "auc"
        found = row(numbers, model="a", split="internal", metric=metric, **{"class": name})
        assert area == pytest.approx(found["estimate"], abs=0.01)


def test_calibration_of_each_class(several):
    _, tables, endpoint = several
    data = curves.calibration(*tables, endpoint)
    groups = data.groups[(data.groups["model"] == "a") & (data.groups["split"] == "internal")]
    assert groups.groupby("class")["n"].sum().to_dict() == dict.fromkeys(endpoint["classes"], 40)
    assert set(data.summary["class"]) == set(endpoint["classes"])


def test_continuous_values_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    predictions, outcomes = continuous_tables()
    table = metrics(predictions, outcomes, CONTINUOUS)
    mine = table[(table["model"] == "a") & (table["split"] == "internal")]
    mine = mine.set_index("metric")
    part = predictions[(predictions["model"] == "a") & (predictions["kind"] == "held-out")]
    y = outcomes.set_index("case")["y"].loc[part["case"]].to_numpy()
    score = part["score"].to_numpy()
    assert mine["estimate"]["r2"] == pytest.approx(sklearn.r2_score(y, score))
    rmse = sklearn.root_mean_squared_error(y, score)
    assert mine["estimate"]["rmse"] == pytest.approx(rmse)
    assert mine["estimate"]["mae"] == pytest.approx(sklearn.mean_absolute_error(y, score))
    assert mine["estimate"]["bias"] == pytest.approx(np.mean(score - y))
    slope, start = np.polyfit(score, y, 1)
    assert mine["estimate"]["calibration_slope"] == pytest.approx(slope)
    assert mine["estimate"]["calibration_intercept"] == pytest.approx(start)
    assert (mine["lower"] < mine["estimate"]).all()
    assert (mine["estimate"] < mine["upper"]).all()
    assert (mine["events"] == -1).all()


def test_r_squared_over_repeats_is_their_mean():
    predictions, outcomes = continuous_tables()
    mine = row(
        metrics(predictions, outcomes, CONTINUOUS), model="a", split="resampled", metric="r2"
    )
    part = predictions[(predictions["model"] == "a") & (predictions["kind"] == "out-of-fold")]
    y = outcomes.set_index("case")["y"]
    each = []
    for _, own in part.groupby("repeat"):
        true = y.loc[own["case"]].to_numpy()
        each.append(1 - np.sum((own["score"] - true) ** 2) / np.sum((true - true.mean()) ** 2))
    assert mine["estimate"] == pytest.approx(np.mean(each))


def test_what_has_no_clustered_form_has_no_interval_and_says_so():
    table = metrics(*continuous_tables(per_patient=2), CONTINUOUS).set_index("metric")
    assert table.loc["r2", "lower"].notna().all()
    assert table.loc["pearson", "lower"].isna().all()
    assert table.loc["pearson", "note"].str.contains("no form for several cases").all()


def test_a_constant_prediction_is_undefined_not_perfect():
    predictions, outcomes = continuous_tables()
    table = metrics(predictions.assign(score=1.0), outcomes, CONTINUOUS).set_index("metric")
    for name in ("pearson", "spearman", "ccc", "calibration_slope"):
        assert table.loc[name, "estimate"].isna().all()
        assert (table.loc[name, "note"] != "").all()
    assert (table.loc["r2", "estimate"] <= 1e-9).all()


def test_a_constant_outcome_has_no_calibration_line():
    predictions, outcomes = continuous_tables()
    table = metrics(predictions, outcomes.assign(y=2.0), CONTINUOUS).set_index("metric")
    for name in ("calibration_slope", "calibration_intercept"):
        assert table.loc[name, ["estimate", "lower", "upper"]].isna().all(axis=None)
        assert table.loc[name, "note"].str.contains("do not vary").all()


def test_competing_events_change_what_they_should():
    predictions, outcomes = competing_tables()
    plain = metrics(predictions, outcomes.drop(columns="competing"), SURVIVAL)
    zero = metrics(predictions, outcomes.assign(competing=0), SURVIVAL)
    pd.testing.assert_frame_equal(plain, zero)
    table = metrics(predictions, outcomes, SURVIVAL)
    for name in ("c_index", "auc_at_1", "brier_at_1", "oe_at_1"):
        before = row(plain, model="a", split="resampled", metric=name)["estimate"]
        after = row(table, model="a", split="resampled", metric=name)["estimate"]
        assert before != after
    c = row(table, model="a", split="internal", metric="c_index")
    assert "competing events outlive all" in c["method"]
    # Whoever had a competing event is not at risk any more: fewer events are to be seen.
    assert (
        row(table, model="a", split="internal", metric="oe_at_2")["estimate"]
        < row(plain, model="a", split="internal", metric="oe_at_2")["estimate"]
    )
    groups = curves.calibration(predictions, outcomes, SURVIVAL, horizon=2.0).groups
    assert groups["method"].str.contains("Aalen-Johansen").all()
    benefit = curves.decision(predictions, outcomes, SURVIVAL, horizon=2.0)
    assert benefit.loc[benefit["model"] == "a", "method"].str.contains("cumulative").all()


def test_differences_of_every_kind():
    for (predictions, outcomes), endpoint, metric in (
        (class_tables(), class_endpoint("multiclass"), "auc"),
        (continuous_tables(), CONTINUOUS, "r2"),
        (competing_tables(), SURVIVAL, "c_index"),
    ):
        tables = predictions[predictions["kind"] != "out-of-fold"], outcomes
        pairs, table = compare(*tables, endpoint), metrics(*tables, endpoint)
        for _, found in pairs[pairs["metric"] == metric].iterrows():
            key = {"split": found["split"], "metric": metric, "class": found["class"]}
            values = [row(table, model=m, **key)["estimate"] for m in ("a", "b")]
            assert found["difference"] == pytest.approx(values[0] - values[1])


def test_the_headline_metric_stands_in_the_table():
    for tables, endpoint in (
        *((class_tables(kind), class_endpoint(kind)) for kind in KINDS),
        (continuous_tables(), CONTINUOUS),
        (survival_tables(), SURVIVAL),
        (competing_tables(), SURVIVAL),
    ):
        predictions, outcomes = tables
        predictions = predictions[predictions["kind"] == "held-out"]
        told = HEADLINE[endpoint["kind"]]
        mine = row(metrics(predictions, outcomes, endpoint), model="a", metric=told.name)
        part = predictions[predictions["model"] == "a"].drop_duplicates(["case", "class"])
        ranks = "risk" if "classes" in endpoint else "score"
        wide = part.pivot(index="case", columns="class", values=ranks)
        names = endpoint.get("classes") or [""]
        seen = outcomes.set_index("case").loc[wide.index]
        if endpoint["kind"] == "survival" and "competing" not in seen:
            seen = seen.assign(competing=0)
        y = target_of(seen, endpoint["kind"], endpoint.get("classes") or ())
        scores = wide[names].to_numpy()
        found = headline_value(y, scores if len(names) > 1 else scores[:, 0])
        assert found == pytest.approx(mine["estimate"])


def test_in_bag_rows_are_no_performance():
    predictions, outcomes = class_tables("multiclass")
    bag = predictions[predictions["kind"] == "apparent"].assign(kind="in-bag", split="resampled")
    both = pd.concat([predictions, bag], ignore_index=True)
    endpoint = class_endpoint("multiclass")
    parts, plain = (slices(table, outcomes, endpoint) for table in (both, predictions))
    assert [(p.model, p.split) for p in parts] == [(p.model, p.split) for p in plain]
    for mine, other in zip(parts, plain, strict=True):
        np.testing.assert_array_equal(mine.score, other.score)
