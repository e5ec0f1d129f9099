"""What univariable tests of a selection said of the variables that a regression chose from."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.io import atomic
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.univariable import INFERENCE, alone
from radpipe.resampling.plan import FINAL
from radpipe.steps.context import Context
from radpipe.study.derived import chains_of


def univariable(
    context: Context,
    model: Any,
    fitted: ModelPipeline,
    table: pd.DataFrame,
    y: NDArray[Any],
    groups: NDArray[Any],
) -> dict[str, Any]:
    """Return the entry ``univariable`` of a model's fit; nothing where there is none to make.

    Parameters
    ----------
    context : Context
    model : ModelSpec
        Its settings.
    fitted : ModelPipeline
        The final model.
    table : DataFrame
        Its training rows as they are measured.
    y, groups : arrays
        Of the same rows.
    """
    if model.kind not in INFERENCE:
        return {}
    judged = _judged(context, model)
    rows: dict[str, dict[str, Any]] = {}
    for detail in judged:
        for row in detail["rows"]:
            rows.setdefault(row["variable"], row)
    if not rows:
        return {}
    kind = context.study.spec.endpoint.type
    found = {"tests": list(dict.fromkeys(d["test"] for d in judged)), "rows": list(rows.values())}
    if kind not in model.endpoints:  # fitted once a class: there is no one regression
        return {"univariable": found}
    own = alone(lambda: model.build(kind, 0), fitted.prepare, table, y, groups, found["rows"])
    return {"univariable": found | own}


def _judged(context: Context, model: Any) -> list[dict[str, Any]]:
    """Return what the univariable tests of the model's final selections told."""
    finals = (
        atomic.read_json(context.paths.chain(chain.name))[FINAL]
        for chain in chains_of(context.study.spec, model)
    )
    return [detail for final in finals for detail in final["details"] if "test" in detail]
