"""What the variables of a regression say alone, and by the univariable tests that chose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.io import atomic
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.univariable import INFERENCE, alone, judged_as
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

    Where univariable tests chose, it has all that they judged, else the variables of the model.

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
    kind = context.study.spec.endpoint.type
    found = {"tests": list(dict.fromkeys(d["test"] for d in judged)), "rows": list(rows.values())}
    names = _by_p(rows) if rows else _own(fitted, table)
    # One that is fitted once a class has no one regression.
    if names and kind in model.endpoints:
        found |= alone(lambda: model.build(kind, 0), fitted.prepare, table, y, groups, names)
    return {"univariable": found} if rows or names else {}


def _by_p(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what tests judged, the smallest p value first."""
    known = {name: row["p"] for name, row in rows.items() if row["p"] is not None}
    return sorted(known, key=lambda name: known[name])


def _own(fitted: ModelPipeline, table: pd.DataFrame) -> list[str]:
    """Return the variables of a model; none where they are components of others."""
    if fitted.projections:
        return []
    columns = fitted.prepared(table).columns
    return list(dict.fromkeys(judged_as(str(column)) for column in columns))


def _judged(context: Context, model: Any) -> list[dict[str, Any]]:
    """Return what the univariable tests of the model's final selections told."""
    finals = (
        atomic.read_json(context.paths.chain(chain.name))[FINAL]
        for chain in chains_of(context.study.spec, model)
    )
    return [detail for final in finals for detail in final["details"] if "test" in detail]
