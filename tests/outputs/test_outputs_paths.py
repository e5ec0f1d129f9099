"""Coefficient paths are those of any endpoint whose model has them."""

from __future__ import annotations

import dataclasses

import numpy as np
import outputs_making
import pytest
from fit_making import path_summary

from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing


@pytest.mark.parametrize(
    ("name", "kind", "loss"),
    [("multiclass", "penalised_logistic", "multinomial deviance"),
     ("ordinal", "penalised_logistic", "multinomial deviance"),
     ("continuous", "penalised_linear", "mean squared error")],
)  # fmt: skip
def test_a_path_of_any_endpoint_says_what_its_curve_is(name, kind, loss):
    spec, data = OUTPUTS["lasso_path"](), outputs_making.study(name)
    path = {"path": path_summary(np.random.default_rng(0), ["a", "b"])}
    data = dataclasses.replace(
        data,
        models={"m": {"kind": kind, "label": "Path", "inputs": []}},
        fits={"m": {"summary": path}},
    )
    assert name in spec.endpoints
    result = spec.compute(data)
    assert f"cross-validated {loss}" in result.caption
    assert ("sum of squares" in result.caption) == (name != "continuous")
    with drawing():
        assert spec.draw(result, Style.of(data)).axes[1].get_ylabel().startswith(loss.capitalize())
