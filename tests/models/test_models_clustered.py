"""Where a patient has several cases, every error, interval and p value is by patient."""

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort
from scipy.special import expit

from radpipe.core import target
from radpipe.models.coefficients import BY_PATIENT, ENOUGH_PATIENTS, FEW, ROUGH
from radpipe.models.intervals import interval_of, why_none
from radpipe.models.plain_parts import part_of
from radpipe.models.registry import MODELS
from radpipe.stats.logistic import fit_logistic, robust_vcov
from tests.golden.case import CASES, Case

INPUTS = ["t1__f0", "t1__f1", "t1__f2"]
FAMILIES = {
    "logistic": "binary",
    "linear": "continuous",
    "multinomial": "multiclass",
    "ordinal": "ordinal",
    "fine_gray": "survival",
    "cox": "survival",
    "nomogram": "survival",
}


def cases(endpoint, n=160, competing=False):
    """Return columns, target and patients, who have two cases each that are alike."""
    table, targets = cohort(n=n)
    X, y = table[INPUTS].copy(), targets[endpoint]
    patient = np.array([f"p{i:03d}" for i in range(n)])
    patient[1::2] = patient[::2]
    X.iloc[1::2] = X.iloc[::2].to_numpy() + np.random.default_rng(1).normal(0, 0.3, (n // 2, 3))
    if competing:
        y = target.survival(y["time"], y["event"], ~y["event"] & (np.arange(n) % 3 > 0))
    return X, y, patient


def twice(X, y, patient):
    """Return every case entered twice, within its patient."""
    return pd.concat([X, X], ignore_index=True), np.concatenate([y, y]), np.tile(patient, 2)


def build(kind, endpoint):
    return MODELS[kind](inputs=INPUTS).build(endpoint, 0)


def errors(kind, endpoint, X, y, patient=None):
    summary = build(kind, endpoint).fit(X, y, patient).summary()
    return np.array([row["se"] for row in summary["coefficients"]]), summary


@pytest.mark.parametrize(("kind", "endpoint"), FAMILIES.items())
def test_cases_entered_twice_within_their_patient_change_no_error(kind, endpoint):
    data = cases(endpoint, competing=kind == "fine_gray")
    once, summary = errors(kind, endpoint, *data)
    again, other = errors(kind, endpoint, *twice(*data))
    # Efron's ties, which the copies make, are another likelihood: Cox's moves a little
    rtol = 0.02 if kind in ("cox", "nomogram") else 1e-6
    np.testing.assert_allclose(again, once, rtol=rtol)
    assert summary["params"]["interval"].endswith(BY_PATIENT)
    p, q = (np.array([row["p"] for row in s["coefficients"]]) for s in (summary, other))
    np.testing.assert_allclose(np.log(p), np.log(q), rtol=rtol, atol=rtol)


@pytest.mark.parametrize(("kind", "endpoint"), FAMILIES.items())
def test_errors_that_rest_on_few_patients_are_said_to_come_out_small(kind, endpoint):
    X, y, patient = cases(endpoint, competing=kind == "fine_gray")
    few = np.array([f"p{int(name[1:]) % 39:02d}" for name in patient])
    told = [
        [note for note in errors(kind, endpoint, X, y, own)[1]["notes"] if "by patient" in note]
        for own in (patient, few)
    ]
    assert told == [[], [ROUGH.format(39, ENOUGH_PATIENTS)]]


@pytest.mark.parametrize(("kind", "endpoint"), FAMILIES.items())
def test_patients_of_one_case_each_change_nothing(kind, endpoint):
    X, y, _ = cases(endpoint, competing=kind == "fine_gray")
    one_each = np.arange(len(X))[::-1]
    assert errors(kind, endpoint, X, y, one_each)[1] == errors(kind, endpoint, X, y)[1]


def limits(model, X, horizons=()):
    part = part_of(model)
    values = {name: X[name].to_numpy() for name in X}
    return interval_of(part, values, model.predict_score(X), horizons)


def test_the_interval_of_a_logistic_risk_is_by_patient():
    X, y, patient = cases("binary")
    low, high, method = limits(build("logistic", "binary").fit(X, y, patient), X)
    fit = fit_logistic(X.to_numpy(), y)
    covariance = robust_vcov(fit, X.to_numpy(), y, groups=patient)
    rows = np.column_stack([np.ones(len(X)), X])
    half = 1.959963984540054 * np.sqrt(np.einsum("ni,ij,nj->n", rows, covariance, rows))
    np.testing.assert_allclose(low[:, 0], expit(rows @ fit.coef - half), rtol=1e-9)
    np.testing.assert_allclose(high[:, 0], expit(rows @ fit.coef + half), rtol=1e-9)
    assert "clustered by patient" in method
    assert "clustered" not in limits(build("logistic", "binary").fit(X, y), X)[2]


def test_the_interval_of_a_cox_risk_is_by_patient():
    X, y, patient = cases("survival", n=400)
    model = build("cox", "survival").fit(X, y, patient)
    new, at = X.iloc[:6], (100.0, 300.0)
    low, high, method = limits(model, new, at)
    assert "clustered by patient" in method

    def log_hazards(rows):
        found = build("cox", "survival").fit(X[rows], y[rows]).predict_risk(new, at)
        return np.log(-np.log1p(-found))

    # the jackknife of whole patients
    left_out = np.array([log_hazards(patient != p) for p in np.unique(patient)])
    known = np.sqrt(((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    own = (np.log(-np.log1p(-high)) - np.log(-np.log1p(-low))) / (2 * 1.959963984540054)
    np.testing.assert_allclose(own, known, rtol=0.08)


def test_the_interval_of_a_cox_risk_does_not_shrink_with_copies():
    X, y, patient = cases("survival")
    new, at = X.iloc[:6], (100.0, 300.0)
    once = limits(build("nomogram", "survival").fit(X, y, patient), new, at)
    copies = twice(X, y, patient)
    again = limits(build("nomogram", "survival").fit(*copies), new, at)
    width, same = (high - low for low, high, _ in (once, again))
    np.testing.assert_allclose(same, width, rtol=0.03)


def separated():
    X, _, patient = cases("binary", n=60)
    return X, (X["t1__f0"] > 0).to_numpy().astype(int), patient


@pytest.mark.parametrize(
    ("kind", "endpoint"), [("logistic", "binary"), ("multinomial", "ordinal"), ("ordinal",) * 2]
)
def test_a_method_without_a_form_for_patients_has_coefficients_alone(kind, endpoint):
    X, y, patient = separated()
    y = target.ordinal(y + (X["t1__f0"] > 1).to_numpy(), 3) if endpoint == "ordinal" else y
    _, summary = errors(kind, endpoint, X, y, patient)
    for row in summary["coefficients"]:
        assert np.isfinite(row["coef"])
        assert all(row[key] is None for key in ("se", "lower", "upper", "p", "or_lower"))
    assert any("several rows a patient" in note for note in summary["notes"])
    assert "interval" not in summary["params"]


@pytest.mark.parametrize(("kind", "endpoint"), FAMILIES.items())
def test_too_few_patients_are_said(kind, endpoint):
    X, y, _ = cases(endpoint, competing=kind == "fine_gray")
    few = np.arange(len(X)) % (3 if endpoint == "survival" else 4)
    se, summary = errors(kind, endpoint, X, y, few)
    assert (se == None).all()  # noqa: E711
    assert FEW in summary["notes"]
    model = build(kind, endpoint).fit(X, y, few)
    if kind not in ("multinomial", "ordinal"):
        assert interval_of(part_of(model), {}, np.zeros(3), (1.0,)) is None


TABLES = {"sex2": "", "quasi_separated": "_quasi", "separated": "_separated"}


@pytest.mark.parametrize("name", ["quasi_separated", "separated"])
def test_a_firth_model_has_the_intervals_and_p_values_of_logistf(name):
    case = Case(CASES / "logistic_firth")
    table, known = case.table(f"input{TABLES[name]}.csv"), case.expected["values"][name]
    model = build("logistic", "binary").fit(table.iloc[:, 1:], table.iloc[:, 0].to_numpy())
    summary = model.summary()
    for row in summary["coefficients"]:
        assert row["coef"] == pytest.approx(known["coef"][row["name"]], rel=1e-4)
        assert row["p"] == pytest.approx(known["p_pl"][row["name"]], rel=1e-4)
        ends = known.get("pl_ci95", {"x": known.get("x_pl_ci95_brute_force")})[row["name"]]
        assert [row["lower"], row["upper"]] == pytest.approx(ends, rel=1e-4)
    assert summary["params"]["interval"] == "profile penalised likelihood, 95%"
    assert "separates" in summary["notes"][0]


def test_the_risks_of_a_firth_model_have_no_interval_and_why():
    X, y, _ = separated()
    model = build("nomogram", "binary").fit(X, y)
    assert limits(model, X) is None
    assert "coefficients alone" in why_none(part_of(model))


def test_a_stored_firth_model_holds_no_training_row():
    X, y, _ = separated()
    model = build("logistic", "binary").fit(X, y)
    stored = model.__getstate__()
    assert stored["pending_"] is None
    assert max(np.size(value) for value in stored.values()) < len(X)
