"""On pure noise nothing predicts: each selector with one model, each model with one selector.

Selection and fitting happen inside the folds; the mean of 20 draws stays at chance. The product of
them all, and with tuning, is ``python -m tests.noise``.
"""

from dataclasses import replace

import numpy as np
import pytest

from radpipe.models.chains import chosen, run_chains
from radpipe.resampling.plan import Plan
from tests import noise
from tests.models import pairs as of

DRAWS = range(20)
LADDER = ["binary", "survival", "continuous", "ordinal", "multiclass", "multilabel"]
"""Where a family takes binary endpoints it is tried on those, else on the first that it takes."""


def kind_of(names_of, name):
    return next(kind for kind in LADDER if name in names_of(kind))


@pytest.mark.parametrize("selector", sorted({s for kind in LADDER for s in of.selectors(kind)}))
def test_a_selector_finds_nothing_in_noise(selector):
    kind = kind_of(of.selectors, selector)
    found = [noise.rankings(selector, [of.learner(kind)], kind, seed)[0] for seed in DRAWS]
    assert abs(np.mean(found) - 0.5) < noise.WIDTH, np.round(found, 2)


@pytest.mark.parametrize("model", sorted({m for kind in LADDER for m in of.models(kind)}))
def test_a_model_finds_nothing_in_noise(model):
    kind = kind_of(of.models, model)
    selector = "mrmr" if of.valid("mrmr", model) else of.NONE
    found = [noise.rankings(selector, [model], kind, seed)[0] for seed in DRAWS]
    assert abs(np.mean(found) - 0.5) < noise.WIDTH, np.round(found, 2)


def test_a_selection_on_all_rows_would_be_seen(monkeypatch):
    """The same road with the leak that it is built to keep out."""
    draw_of = noise.draw_of

    def leaky(selector, kind, seed):
        inputs, y, plan = draw_of(seed, kind)
        every = np.arange(len(y))
        whole = Plan(tuple(replace(scope, train=every) for scope in plan.scopes))
        specs = [of.selector_of(selector)]
        return chosen({"all": run_chains(specs, inputs, y, whole, seed, inner=False)})

    monkeypatch.setattr(noise, "chains_of", leaky)
    found = [noise.rankings("univariable", ["lda"], "binary", seed)[0] for seed in DRAWS]
    assert np.mean(found) > 0.5 + noise.WIDTH, np.round(found, 2)
