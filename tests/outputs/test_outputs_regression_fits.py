"""Regression tables against statsmodels, from study.yaml to what is printed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from outputs_making import study
from scipy import stats
from study_making import Making
from test_outputs_every import assert_inside

from radpipe.core import target
from radpipe.io import atomic
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.regression_rows import EFFECT
from radpipe.outputs.style import Style, drawing
from radpipe.outputs.words import p_words
from radpipe.selection.chain import run_chain
from radpipe.selection.registry import SELECTORS
from radpipe.steps.context import open_context
from radpipe.steps.runner import run_step
from radpipe.study.derived import chains

STUDY = """\
schema: 1
endpoint: {endpoint}
cohort: {{table: clinical.csv, id: patient}}
clinical:
  age: {{type: continuous, unit: years, label: Age}}
  crp: {{type: continuous, label: "C反应蛋白 (high-sensitivity, measured before the first course)"}}
  noise: {{type: continuous}}
  grade: {{type: ordinal, levels: [low, middle, high], label: Grade}}
  site: {{type: nominal, levels: [arm, leg, trunk], label: Site}}
selection:
  independent: [{{kind: univariable_multivariable, p: 0.2, p_multivariable: 0.2}}]
  tested: [{{kind: univariable, n: 2, test: {test}}}]
models:
  chosen: {{kind: {kind}, label: Chosen, inputs: [clinical], selection: independent}}
  ranked: {{kind: {kind}, inputs: [clinical], selection: tested}}
  whole: {{kind: {kind}, inputs: [clinical.age, clinical.site]}}
evaluation: {{resampling: {{kind: repeated_cv, folds: 3, repeats: 1, inner_folds: 2}}}}
outputs: [regression_table]
"""
ENDPOINTS = {
    "binary": ("{type: binary, column: relapse, positive: 1, label: relapse}", "logistic",
               "mann_whitney"),
    "survival": ("{type: survival, time: days, event: relapse, time_unit: days, "
                 "horizons: [300]}", "cox", "auto"),
}  # fmt: skip


def cohort(n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "patient": [f"P{i:02d}" for i in range(n)],
            "age": rng.normal(60, 9, n).round(),
            "crp": rng.normal(0, 1, n),
            "noise": rng.normal(0, 1, n),
            "grade": rng.choice(["low", "middle", "high"], n),
            "site": rng.choice(["arm", "leg", "trunk"], n),
        }
    )
    link = 0.06 * (table["age"] - 60) + 0.9 * table["crp"] + 0.9 * (table["site"] == "trunk")
    time = rng.exponential(400 * np.exp(-link))
    return table.assign(
        relapse=(link + rng.logistic(size=n) > 0.3).astype(int), days=time.round(1) + 1
    )


@pytest.fixture(scope="module", params=list(ENDPOINTS))
def fits(request, tmp_path_factory):
    """Return the kind of endpoint, the table, and what the fits of a study wrote."""
    endpoint, kind, test = ENDPOINTS[request.param]
    made_study = Making(tmp_path_factory.mktemp(request.param) / "studies" / "small")
    made_study.data.mkdir(parents=True)
    made_study.write(STUDY.format(endpoint=endpoint, kind=kind, test=test))
    table = cohort()
    table.to_csv(made_study.table, index=False)
    for step in ("cohort", "clinical"):
        run_step(step, made_study.folder)
    context = open_context(made_study.folder)
    for name in chains(context.study.spec):
        run_step("chain", made_study.folder, name)
    for name in context.study.spec.models:
        run_step("fit", made_study.folder, name)
    return request.param, table, context


def output(fits):
    """Return the table's result, of a made-up study whose models and fits are these."""
    kind, _, context = fits
    spec = context.study.spec
    models = {
        name: {"kind": model.kind, "label": model.label or name, "inputs": []}
        for name, model in spec.models.items()
    }
    clinical = {name: v.model_dump(mode="json") for name, v in spec.clinical.items()}
    read = {name: atomic.read_json(context.paths.fit(name)) for name in models}
    data = dataclasses.replace(study(kind), models=models, fits=read, clinical=clinical)
    return data, OUTPUTS["regression_table"]().compute(data)


def columns(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return variables as a statistician codes them by hand."""
    coded = {"clinical.age": table["age"], "clinical.crp": table["crp"],
             "clinical.noise": table["noise"],
             "clinical.grade": table["grade"].map({"low": 0, "middle": 1, "high": 2}),
             "clinical.site=leg": table["site"] == "leg",
             "clinical.site=trunk": table["site"] == "trunk"}  # fmt: skip
    return pd.DataFrame({name: coded[name].astype(float) for name in names})


def expected(kind: str, table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return ratio, interval and p value of each column by another program."""
    X = columns(table, names)
    y = table["relapse"].to_numpy()
    if kind == "survival":
        fit = sm.PHReg(table["days"], X.to_numpy(), status=y, ties="efron").fit(tol=1e-14)
    else:
        rows = sm.add_constant(X.to_numpy())
        fit = sm.GLM(y, rows, family=sm.families.Binomial()).fit(tol=1e-14)
    found = np.column_stack([np.exp(fit.params), np.exp(fit.conf_int()), fit.pvalues])
    return pd.DataFrame(found[-len(names) :], index=names, columns=list(EFFECT))


def test_only_the_final_fit_keeps_what_was_tested(fits):
    _, table, context = fits
    X = columns(table, ["clinical.age", "clinical.crp", "clinical.noise"])
    y = target.binary(table["relapse"].to_numpy())
    specs = (SELECTORS["univariable"](p=0.2),)
    assert run_chain(specs, X, y, 0, detailed=False).details == ()
    assert [row["variable"] for row in run_chain(specs, X, y, 0).details[0]["rows"]] == list(X)
    for name in chains(context.study.spec):
        found = atomic.read_json(context.paths.chain(name))
        assert {key for key, fit in found.items() if fit.get("details")} == {"final"}


def test_the_final_model_is_that_of_other_programs(fits):
    kind, table, _ = fits
    terms = output(fits)[1].tables["terms"]
    for model in ("chosen", "ranked", "whole"):
        own = terms[(terms["model"] == model) & terms["in_final"]]
        told = expected(kind, table, own["term"].tolist())
        found = own[list(EFFECT)].to_numpy()
        np.testing.assert_allclose(found, told.to_numpy(), rtol=1e-6)
    whole = terms[terms["model"] == "whole"]
    assert whole["term"].tolist() == ["clinical.age", "clinical.site=leg", "clinical.site=trunk"]
    assert whole["reference"].tolist() == ["", "arm", "arm"]
    assert whole["selection_p"].isna().all()
    assert set(whole["events"]) == {table["relapse"].sum()}


def test_every_candidate_stands_there_alone_and_with_the_p_value_of_its_test(fits):
    kind, table, _ = fits
    terms = output(fits)[1].tables["terms"]
    every = {"age", "crp", "noise", "grade", "site"}
    for model, known in {"chosen": every, "ranked": every, "whole": {"age", "site"}}.items():
        own = terms[terms["model"] == model].set_index("term")
        assert set(own["variable"].str.removeprefix("clinical.")) == known
        assert (0 < own["in_final"].sum() < len(own)) == (model != "whole")
        for _, part in own.groupby("variable"):
            told = expected(kind, table, part.index.tolist())
            found = part[[f"univariable_{name}" for name in EFFECT]]
            np.testing.assert_allclose(found, told, rtol=1e-6)
    x, y = table["crp"], table["relapse"]
    shown = terms.set_index(["model", "term"])["selection_p"]
    if kind == "binary":  # the score test of a logistic model of one column is n r²
        score = len(x) * np.corrcoef(x, y)[0, 1] ** 2
        assert shown["chosen", "clinical.crp"] == pytest.approx(stats.chi2.sf(score, 1), rel=1e-9)
        ranks = stats.mannwhitneyu(x[y == 1], x[y == 0]).pvalue
        assert shown["ranked", "clinical.crp"] == pytest.approx(ranks, rel=1e-9)
        levels = stats.chi2_contingency(pd.crosstab(table["site"], y), correction=False).pvalue
        assert shown["chosen", "clinical.site=leg"] == pytest.approx(levels, rel=1e-9)


def test_the_second_p_value_is_that_beside_all_that_passed(fits):
    kind, table, _ = fits
    terms = output(fits)[1].tables["terms"]
    own = terms[(terms["model"] == "chosen") & (terms["selection_p"] < 0.2)]
    told = expected(kind, table, own["term"].tolist())["p"]
    numbers = own.loc[own["level"] == "", "term"]
    assert len(numbers) > 1
    for term in numbers:
        second = own.set_index("term").loc[term, "selection_p_multivariable"]
        assert second == pytest.approx(told[term], rel=1e-8)
    rest = terms[(terms["model"] == "chosen") & (terms["selection_p"] >= 0.2)]
    assert len(rest)
    assert rest["selection_p_multivariable"].isna().all()


def test_what_is_printed_says_method_levels_and_selection(fits):
    kind, _, _ = fits
    data, result = output(fits)
    shown, ratio = result.tables["regression"], {"binary": "OR", "survival": "HR"}[kind]
    whole = shown[shown["Model"] == "whole"].set_index("Level")
    row = result.tables["terms"].query("model == 'whole' and level == 'trunk'").iloc[0]
    numbers = f"{row['estimate']:.2f} ({row['lower']:.2f}–{row['upper']:.2f})"
    assert whole.loc["trunk (vs arm)", f"Final model {ratio} (95% interval)"] == numbers
    assert whole.loc["", "Variable"] == "Age (years)"
    assert "per level" in set(shown["Level"])
    params = data.fits["whole"]["summary"]["params"]
    assert f"intervals: {params['interval']}" in result.caption
    assert ("ties by Efron" in result.caption) == (kind == "survival")
    assert "Chosen and ranked: variables were selected on the same cases." in result.caption
    test = {"binary": "Mann-Whitney test; of categories chi-square", "survival": "Cox model"}[kind]
    assert test in result.caption
    site = shown[(shown["Model"] == "Chosen") & (shown["Variable"] == "Site")]
    assert (site["Univariable p"] != "").tolist() == [True, False]
    # The model that takes all it is given has no test: its p values are the regression's.
    assert "Chosen and ranked: univariable p values" in result.caption
    assert "" not in set(whole["Univariable p"])
    own = whole.loc["trunk (vs arm)", "Univariable p"]
    assert own == p_words(row["univariable_p"])


def test_variables_and_levels_stand_in_the_order_of_the_study(fits):
    data, _ = output(fits)
    clinical = {
        "site": {**data.clinical["site"], "levels": ["arm", "trunk", "leg"]},
        **{name: about for name, about in data.clinical.items() if name != "site"},
    }
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, clinical=clinical))
    terms = result.tables["terms"]
    whole = terms[terms["model"] == "whole"]["term"].tolist()
    assert whole == ["clinical.site=trunk", "clinical.site=leg", "clinical.age"]
    left_out = terms[(terms["model"] == "ranked") & ~terms["in_final"]]
    assert left_out["selection_p"].is_monotonic_increasing
    levels = terms[(terms["model"] == "chosen") & (terms["variable"] == "clinical.site")]["level"]
    assert levels.tolist() == ["trunk", "leg"]


def test_values_that_were_filled_in_are_told(fits):
    data, result = output(fits)
    assert not any("filled in" in note for note in result.notes)
    summary = data.fits["whole"]["summary"]
    told = {**summary["preparation"], "imputed": {"clinical.age": 5, "clinical.site": 1}}
    whole = {**data.fits["whole"], "summary": {**summary, "preparation": told}}
    found = OUTPUTS["regression_table"]().compute(
        dataclasses.replace(data, fits={**data.fits, "whole": whole})
    )
    assert (
        "whole: missing values were filled in (Age (years) in 5 cases and Site in 1 case), for the "
        "variable alone too: intervals take these values as known."
    ) in found.notes


def test_long_and_chinese_names_stay_on_the_page(fits):
    data, result = output(fits)
    assert any("反应蛋白" in label for label in result.tables["terms"]["label"])
    with drawing():
        figure = OUTPUTS["regression_table"]().draw(result, Style.of(data))
        assert_inside(figure, "regression_table")
    assert len(figure.axes) == 3
