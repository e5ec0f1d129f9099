"""Every valid pair of selector and model, on one fold: what may not move a fit does not.

In one other fit everything is changed at once that must not matter: the rows left out are garbage,
the columns stand in another order, the libraries have two threads. Only where that fit differs
are the changes made one by one, to name what moved it; none at all is mere repetition. What a model
leaves open is chosen on inner folds that select for themselves, as in a study.

Binary and survival endpoints have all pairs; the other kinds have each selector with three models
and each model with three selectors, unless RADPIPE_ALL_PAIRS is set (``make test-pairs``).
"""

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numba
import numpy as np
import pandas as pd
import pytest
from threadpoolctl import ThreadpoolController

from radpipe.core import target
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import crossfit, fit_scope, predict
from radpipe.models.inputs import Inputs, stacked
from radpipe.models.registry import MODELS
from radpipe.models.scores import Layout
from radpipe.resampling.plan import Plan
from radpipe.selection.registry import SELECTORS
from tests import libraries
from tests.models import pairs as of
from tests.models.modelling_toys import CLASSES, CLINICAL, cohort, missing, plan_of, table_for

WHOLE = set(of.KINDS) if os.environ.get("RADPIPE_ALL_PAIRS") else {"binary", "survival"}
"""Kinds of endpoint that have all pairs."""
SEED = 3
TEXT = ["clinical.grade", "clinical.site"]
CASES = [(kind, selector) for kind in of.KINDS for selector in of.selectors(kind)]
SETTLED = [pytest.param(kind, of.tuned(kind), {"tuned": True}, id=kind) for kind in of.KINDS]
SETTLED += [pytest.param("binary", of.calibrated(), {"calibrate": "platt"}, id="calibrated")]
"""What is settled on inner folds where a study says so: families and settings, by endpoint."""


@dataclass(frozen=True)
class Change:
    """What is changed of the fit: the rows left out, the order of columns, the threads."""

    garbage: bool = False
    backwards: bool = False
    threads: int = 1


ALL = Change(garbage=True, backwards=True, threads=2)
ONE_BY_ONE = {
    "a repetition": Change(),
    "garbage in the rows left out": Change(garbage=True),
    "another order of columns": Change(backwards=True),
    "two threads": Change(threads=2),
}


LIBRARIES = cache(ThreadpoolController)


@contextmanager
def threads(n):
    """Hold numerical libraries to n threads; numba to as many of them as there are."""
    before = numba.get_num_threads()
    numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
    with LIBRARIES().limit(limits=n):
        yield
    numba.set_num_threads(before)


@cache
def world(kind, n=42, p=5):
    """Return the table, its second reading, the outcomes and the one scope."""
    table, targets = cohort(n=n, p=p, signal=2.0, seed=1)
    table.iloc[2, 1] = np.nan
    noise = np.random.default_rng(0).normal(scale=0.4, size=(n, p))
    again = table.filter(like="t1__") + noise * np.arange(p)
    plan = plan_of(targets[kind], folds=3, inner=2)
    return table, again, targets[kind], plan


@cache
def inputs(kind, change, model=""):
    """Return what the fit is given, changed, and its outcomes."""
    table, again, y, plan = world(kind)
    # A copy: sums may differ in the last bit where tables lie differently in memory.
    table = (table_for(of.model_of(model), table) if model else table).copy()
    again = again.copy()
    rows = plan.resamples[0].test
    if change.garbage:
        touched = rows[: len(rows) // 2]
        numbers = [c for c in table if c not in TEXT]
        table.iloc[touched[::2], table.columns.get_indexer(numbers)] = 1e6
        table.iloc[touched[1::2], table.columns.get_indexer(numbers)] = np.nan
        again.iloc[rows] = -1e6
        for column, levels in zip(TEXT, (["High", None], ["moon", "trunk"]), strict=True):
            if column in table:
                table.iloc[touched[:2], table.columns.get_loc(column)] = levels
        y = of.garbled(y, rows)
    if change.backwards:
        table, again = table[table.columns[::-1]], again[again.columns[::-1]]
    groups = np.asarray(table.index, dtype=str)
    return Inputs(table, groups, CLINICAL, {}, {"r2": again}), y


@cache
def chain(kind, selector, change):
    """Return what a selector leaves the fit, by the road that every study takes."""
    own, y = inputs(kind, change)
    scope = world(kind)[3].resamples[0]
    specs = [of.selector_of(selector)]
    with threads(change.threads):
        found = run_chains(specs, own, y, Plan((scope,)), SEED)
    return found, chosen({"all": found})


@cache
def parts(kind, change):
    """Return the columns of two fitted models, which a fusion puts together."""
    own, y = inputs(kind, change)
    plan = world(kind)[3]
    spec = of.model_of(of.learner(kind))
    layers = CLASSES if kind in target.CLASSES else ()
    found = {}
    for name, columns in {"a": ["t1__f0", "t1__f1"], "b": ["t1__f2", "clinical.age"]}.items():
        both = Plan((plan.final, plan.resamples[0]))
        scores = crossfit(name, spec, own.only(columns), y, both, SEED, classes=layers).scores
        found |= stacked(name, scores, own.cases)
    return found


def fed(kind, model, change, **more):
    """Return what a model is fed, its outcomes and its settings."""
    own, y = inputs(kind, change, model)
    if model != "fusion":
        return own, y, of.model_of(model, **more)
    return Inputs(own.static[[]], own.groups, {}, parts(kind, change)), y, of.FUSION


def fitted(kind, selector, model, change, **more):
    """Return all that a fit is: summary, columns, and predictions of every untouched row."""
    scope = world(kind)[3].resamples[0]
    own, y, spec = fed(kind, model, change, **more)
    spec = of.behind(spec, selector)
    clean = fed(kind, model, Change())[0]
    found, chains = ({}, None) if selector == of.NONE else chain(kind, selector, change)
    layout = Layout.of(
        of.HORIZONS if kind == "survival" else (), CLASSES if kind in target.CLASSES else ()
    )
    inner = of.settles(spec, kind)
    with threads(change.threads):
        fit, pipeline = fit_scope("m", spec, own, y, scope, SEED, chains, layout, inner)
        if spec.stacks(kind) == "risk":
            clean = clean.of_risks(layout.classes)
        rows = pd.concat([clean.training(scope, scope.train), clean.test(scope)])
        values = list(predict(spec, pipeline, rows, layout))
    untouched = slice(len(scope.test) // 2, None)
    values += [fit.test_score[untouched], fit.test_risk[untouched]]
    values += [fit.inner_score, fit.inner_risk]
    return {
        "selection": {key: result.to_dict(details=True) for key, result in found.items()},
        "columns": pipeline.used,
        "summary": pipeline.summary(),
        "predictions": [v.tolist() for v in values],
    }


def moved(kind, selector, model, change, first, **more):
    """Return what of a fit is another after a change, bit for bit, and where first."""
    other = fitted(kind, selector, model, change, **more)
    return [
        f"{key} ({differing(first[key], other[key])})"
        for key in first
        if json.dumps(first[key]) != json.dumps(other[key])
    ]


def differing(one, other):
    """Return the first value that two records do not share, and how it is reached."""
    both = zip(one, other, strict=False) if isinstance(one, list) else ()
    if isinstance(one, dict) and isinstance(other, dict):
        both = ((value, other.get(key)) for key, value in one.items())
    names = list(one) if isinstance(one, dict) else range(len(one) if both else 0)
    for name, (a, b) in zip(names, both, strict=False):
        if json.dumps(a) != json.dumps(b):
            return f"{name}: {differing(a, b)}"
    return f"{one!r} became {other!r}"


def told(kind, selector, models, **more):
    """Return a line for each change that moves the fit of a model behind the selector."""
    lines = []
    for model in models:
        first = fitted(kind, selector, model, Change(), **more)
        assert np.isfinite(first["predictions"][0]).any(), model
        if whole := moved(kind, selector, model, ALL, first, **more):
            own = [
                f"{selector}, {model}: {name} moved {', '.join(keys)}"
                for name, change in ONE_BY_ONE.items()
                if (keys := moved(kind, selector, model, change, first, **more))
            ]
            lines += own or [f"{selector}, {model}: all changes at once moved {', '.join(whole)}"]
    return lines


@pytest.mark.parametrize(("kind", "selector"), CASES, ids=lambda name: name)
def test_nothing_but_training_rows_moves_a_fit(kind, selector):
    of.need(selector)
    models = [m for s, m in of.pairs(kind, kind in WHOLE) if s == selector and not missing(m)]
    lines = told(kind, selector, models)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize(("kind", "models", "way"), SETTLED)
def test_nothing_but_training_rows_moves_what_inner_folds_settle(kind, models, way):
    lines = told(kind, "mrmr", [m for m in models if not missing(m)], **way)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize(
    ("model", "way"), [("knn", {"tuned": True}), ("lda", {"calibrate": "platt"})]
)
def test_inner_folds_settle_with_what_they_select_themselves(model, way):
    own, y, spec = fed("binary", model, Change(), **way)
    scope, chains = world("binary")[3].resamples[0], chain("binary", "mrmr", Change())[1]
    before = dict.fromkeys(chains, chains[scope.name])
    first, other = (
        fit_scope("m", spec, own, y, scope, SEED, left)[1].summary() for left in (chains, before)
    )
    assert json.dumps(first["params"]) != json.dumps(other["params"])


def test_garbage_in_training_rows_does_move_a_fit():
    """The comparison above can fail."""
    _, _, y, plan = world("binary")
    scope = plan.resamples[0]
    wrong = of.garbled(y, scope.train[:5])
    own = inputs("binary", Change())[0]
    spec = of.model_of("logistic")
    first, other = (
        fit_scope("m", spec, own, outcome, scope, SEED, inner=False)[1].summary()
        for outcome in (y, wrong)
    )
    assert json.dumps(first) != json.dumps(other)


@pytest.mark.parametrize("kind", of.KINDS)
def test_the_selectors_of_the_pairs_keep_some_columns_and_not_all(kind):
    """Otherwise the pairs would say nothing of the selection, or of the model behind it."""
    columns = len(inputs(kind, Change())[0].columns)
    names = [name for name in of.selectors(kind) if name != of.NONE and not missing(name)]
    kept = {
        name: len(next(iter(chain(kind, name, Change())[0].values())).selected) for name in names
    }
    kept.pop("pca")  # made of all of them
    assert {name: n for name, n in kept.items() if not 0 < n < columns} == {}


@pytest.mark.parametrize("name", [*SELECTORS, *MODELS])
def test_every_family_stands_in_a_pair_of_each_endpoint_that_it_takes(name):
    of.need(name)
    wanted = {kind for kind in of.KINDS if name in (*of.selectors(kind), *of.models(kind))}
    found = {kind for kind in of.KINDS if any(name in pair for pair in of.pairs(kind, False))}
    assert found == wanted != set()


def test_the_pairs_are_those_that_a_study_may_name():
    whole = of.pairs("survival")
    assert ("univariable", "cox") in whole
    assert ("lasso", "penalised_cox") not in whole
    assert ("univariable", "marker") not in whole


def test_without_its_library_a_family_is_in_the_pairs_and_its_tests_are_skipped(monkeypatch):
    monkeypatch.setitem(libraries.MODULES, "scikit-survival", "no_such_module")
    assert any("random_survival_forest" in pair for pair in of.pairs("survival"))
    with pytest.raises(
        pytest.skip.Exception, match="needs scikit-survival, which is not installed"
    ):
        of.need("random_survival_forest")


@pytest.mark.parametrize(("model", "kind"), [("lda", "binary"), ("penalised_cox", "survival")])
def test_threads_move_nothing_in_a_table_that_they_share(model, kind):
    """Small products have one thread whatever is allowed; these are large enough for two."""
    table, targets = cohort(n=150, p=150, seed=1)
    own = Inputs(table, np.asarray(table.index, dtype=str), CLINICAL)
    y = targets[kind]
    scope = plan_of(y, folds=3, inner=2).resamples[0]
    found = []
    for n in (1, 2):
        with threads(n):
            fit, pipeline = fit_scope("m", of.model_of(model), own, y, scope, SEED, inner=False)
        found.append(json.dumps([pipeline.summary(), fit.test_score.tolist()]))
    assert found[0] == found[1]
