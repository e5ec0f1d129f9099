"""Every valid pair of selector and model, with small settings of each, for the tests of them all.

A pair is valid for a kind of endpoint that both take, where the model has a selection at all; a
LASSO before a model that is a LASSO itself is refused by the check of a study.
"""

from __future__ import annotations

import numpy as np
import pytest

from radpipe.core import target
from radpipe.models.registry import MODELS
from radpipe.selection.registry import SELECTORS
from tests.models.modelling_toys import missing, spec_of

HORIZONS = (200.0, 400.0)
KINDS = sorted(target.KINDS)
NONE = "none"
"""The name of what is no selection: every model is tested without one too."""

SETTINGS = {
    "univariable": {"n": 4},
    "variance": {"threshold": 0.85},
    "correlation": {"threshold": 0.2},
    "clusters": {"n": 4},
    "lasso": {"folds": 4},
    "elastic_net": {"folds": 4},
    "boruta": {"rounds": 12, "trees": 20, "p": 0.4},
    "rfe": {"n": 4, "step": 0.5},
    "forest_importance": {"n": 4, "trees": 10},
    "survival_forest_importance": {"n": 4, "trees": 10, "node_size": 5},
    "univariable_multivariable": {"p": 0.4, "p_multivariable": 0.4},
    "pca": {"n": 3},
    "stability": {"halves": 8, "threshold": 0.6, "selector": {"kind": "univariable", "n": 4}},
    "vif": {"threshold": 1.3},
    "icc": {"threshold": 0.6},
}
"""What keeps selectors quick and leaves something of few columns; others that count take 4."""


BLIND = frozenset({"icc", "variance", "correlation", "clusters", "vif", "pca"})
"""Selectors that, so set, do not look at the outcome."""

LEAST = {"trees": 4, "rounds": 5, "steps": 10, "folds": 4}
"""Settings of models whose sense is in their number; here they only have to run."""

FUSION = MODELS["fusion"](inputs=["a", "b"])
"""A fusion of two models; what those are, the test says."""


def learner(kind):
    """Return the name of a quick model for a kind of endpoint."""
    return {"continuous": "linear", "survival": "cox"}.get(kind, "naive_bayes")


def need(name):
    """Skip the test where a library is not there that a family or a selector needs."""
    if name != NONE and (absent := missing(name)):
        pytest.skip(f"{name} needs {', '.join(absent)}, which is not installed")


def selector_of(name):
    """Return small settings of a selector; None for no selection."""
    if name == NONE:
        return None
    spec = SELECTORS[name]
    settings = SETTINGS.get(name, {"n": 4} if "n" in spec.model_fields else {})
    return spec(**settings)


def selectors(kind):
    """Return the names of the selectors that take a kind of endpoint, and of no selection."""
    able = [n for n in SELECTORS if kind in SELECTORS[n].endpoints]
    # Without its library a selector has no settings that could say no.
    return [NONE, *(n for n in able if missing(n) or selector_of(n).takes(kind))]


def model_of(name, tuned=False, **more):
    """Return small settings of a model family; with its own tuning where that is wanted."""
    spec = spec_of(name)
    fields = type(spec).model_fields
    update = {key: value for key, value in LEAST.items() if key in fields}
    if tuned and "tune" in fields:
        update["tune"] = fields["tune"].get_default(call_default_factory=True)
    return spec.model_copy(update=update | more)


def behind(spec, selector):
    """Return the settings of a model that a selector stands before, which some models act on."""
    takes = selector != NONE and "selection" in type(spec).model_fields
    return spec.model_copy(update={"selection": selector}) if takes else spec


def models(kind):
    """Return the names of the model families that take a kind of endpoint."""
    able = [n for n in MODELS if kind in MODELS[n].all_endpoints()]
    return [n for n in able if missing(n) or model_of(n).takes(kind)]


def settles(spec, kind):
    """Return whether the model leaves something open, for its inner folds to choose."""
    return spec.assemble(kind, 0).settles


def tuned(kind):
    """Return the names of the model families that are tuned unless a study says otherwise."""
    fields = {n: MODELS[n].model_fields.get("tune") for n in models(kind)}
    return [n for n, own in fields.items() if own and own.get_default(call_default_factory=True)]


def calibrated():
    """Return the names of the model families whose risks of an event a study may calibrate."""
    return [n for n in models("binary") if "calibrate" in MODELS[n].model_fields]


def valid(selector, model):
    """Return whether a selector, by name, may stand before a model."""
    if selector == NONE:
        return True
    if selector in ("lasso", "elastic_net") and model.startswith("penalised_"):
        return False
    return "selection" in MODELS[model].model_fields


def pairs(kind, whole=True) -> list[tuple[str, str]]:
    """Return the valid pairs of a kind of endpoint, by selector.

    Parameters
    ----------
    kind : str
    whole : bool
        Without it each selector comes with three of its models, each model with three of its
        selectors (taken round from the place of the one in its list), and without selection
        come only the models that take none.
    """
    found = [(s, m) for s in selectors(kind) for m in models(kind) if valid(s, m)]
    if whole:
        return found
    few = {(s, m) for s, m in found if "selection" not in MODELS[m].model_fields}
    for side, names in enumerate((selectors(kind), models(kind))):
        for place, name in enumerate(names):
            own = [pair for pair in found if pair[side] == name and pair[0] != NONE]
            few |= {own[(place + i) % len(own)] for i in range(min(3, len(own)))}
    return [pair for pair in found if pair in few]


def garbled(y, rows):
    """Return the outcomes with those of some rows turned into what they are not."""
    kind, wrong = target.kind_of(y), y.copy()
    if kind == "binary":
        wrong[rows] = 1 - y[rows]
    elif kind == "continuous":
        wrong[rows] = 1e6
    elif kind == "survival":
        wrong["event"][rows] = ~y["event"][rows]
        wrong["time"][rows] = 1e6
    else:
        wrong[y.dtype.names[0]][rows] = np.roll(target.indicators(y)[rows], 1, axis=1)
    return wrong
