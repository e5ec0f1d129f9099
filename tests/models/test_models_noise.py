"""On pure noise nothing predicts: each selector with one model, each model with one selector.

Selection and fitting happen inside the folds, and inside the inner folds of what is tuned or
calibrated; the mean of 20 draws stays at chance. Leaks that are planted into the same road do not.
The product of them all is ``python -m tests.noise``.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from radpipe.models.chains import chosen, run_chains
from radpipe.models.registry import MODELS
from radpipe.resampling.plan import Plan
from radpipe.selection.registry import SELECTORS
from tests import noise
from tests.models import pairs as of

DRAWS = range(20)
LADDER = ["binary", "survival", "continuous", "ordinal", "multiclass", "multilabel"]
"""Where a family takes binary endpoints it is tried on those, else on the first that it takes."""
BOLD = 0.025
"""How much worse than the prevalence the mean Brier score of calibrated risks of noise may be."""

TUNED = sorted({name for kind in LADDER for name in of.tuned(kind)})


def kind_of(names_of, name):
    of.need(name)
    return next(kind for kind in LADDER if name in names_of(kind))


def ranked(selector, model, kind, tuned=False):
    """Return the mean of the draws, and each draw's own."""
    found = [noise.rankings(selector, [model], kind, seed, tuned)[0] for seed in DRAWS]
    return np.mean(found), np.round(found, 2)


@pytest.mark.parametrize("selector", [of.NONE, *SELECTORS])
def test_a_selector_finds_nothing_in_noise(selector):
    kind = kind_of(of.selectors, selector)
    mean, draws = ranked(selector, of.learner(kind), kind)
    assert abs(mean - 0.5) < noise.WIDTH, draws


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_selector_keeps_something_of_noise(selector):
    """Behind an empty selection every model is at chance, whatever it saw."""
    kind = kind_of(of.selectors, selector)
    chains = [noise.chains_of(selector, kind, seed, False) for seed in DRAWS]
    kept = [len(fold.columns) for folds in chains for fold in folds.values()]
    assert np.mean(np.array(kept) > 0) > 2 / 3, kept


@pytest.mark.parametrize("model", MODELS)
def test_a_model_finds_nothing_in_noise(model):
    kind = kind_of(of.models, model)
    mean, draws = ranked("mrmr" if of.valid("mrmr", model) else of.NONE, model, kind)
    assert abs(mean - 0.5) < noise.WIDTH, draws


@pytest.mark.parametrize("model", TUNED)
def test_a_tuned_model_finds_nothing_in_noise(model):
    kind = kind_of(of.tuned, model)
    assert of.settles(of.model_of(model, tuned=True), kind)
    mean, draws = ranked("mrmr", model, kind, tuned=True)
    assert abs(mean - 0.5) < noise.WIDTH, draws


@pytest.mark.parametrize("model", of.calibrated())
def test_calibrated_risks_of_noise_are_not_bold(model):
    spec = of.model_of(model, calibrate="platt")
    found = [noise.brier_excess(spec, "mrmr", seed) for seed in DRAWS]
    assert np.mean(found) < BOLD, np.round(found, 3)


def on_all_rows(selector, kind, seed, inner):
    """Return what a selector leaves each fold that is shown the rows left out too."""
    inputs, y, plan = noise.draw_for(selector, kind, seed)
    every = np.arange(len(y))
    whole = Plan(tuple(replace(scope, train=every) for scope in plan.scopes))
    return chosen({"all": run_chains(noise.chain_of(selector), inputs, y, whole, seed, False)})


@pytest.mark.parametrize("selector", [name for name in SELECTORS if name not in of.BLIND])
def test_a_selection_on_all_rows_would_be_seen(selector, monkeypatch):
    """The same road with the leak that it is built to keep out."""
    monkeypatch.setattr(noise, "chains_of", on_all_rows)
    kind = kind_of(of.selectors, selector)
    mean, draws = ranked(selector, of.learner(kind), kind)
    assert mean > 0.5 + noise.WIDTH, draws


def test_a_selection_before_the_inner_folds_would_be_seen(monkeypatch):
    """Risks are calibrated on rows that chose the columns: too bold, whatever they rank."""
    nested = noise.chains_of

    def before(selector, kind, seed, inner):
        chains = nested(selector, kind, seed, inner)
        return {key: chains[key.split("/")[0]] for key in chains}

    monkeypatch.setattr(noise, "chains_of", before)
    spec = of.model_of("lda", calibrate="platt")
    found = [noise.brier_excess(spec, "mrmr", seed) for seed in DRAWS]
    assert np.mean(found) > BOLD, np.round(found, 3)


@pytest.mark.parametrize("selector", sorted(of.BLIND))
def test_a_blind_selector_does_not_look_at_the_outcome(selector):
    """It needs no leak of its own above."""
    inputs, y, plan = noise.draw_for(selector, "binary", 0)
    left, of_others = (
        run_chains(noise.chain_of(selector), inputs, own, plan, 0, inner=False)
        for own in (y, np.random.default_rng(0).permutation(y))
    )
    assert left == of_others


def test_a_pair_that_is_beyond_or_has_no_mean_is_told():
    found = pd.Series({"at chance": 0.51, "above": 0.6, "below": 0.4, "a fault": np.nan})
    assert noise.beyond(found).tolist() == [False, True, True, True]
    assert noise.shown(found).tolist() == ["0.510", "0.600*", "0.400*", "nan*"]
