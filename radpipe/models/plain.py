"""Fitted pipelines that are plain arithmetic, as numbers that any program can read.

`plain` writes a pipeline down; `radpipe.models.arithmetic` computes with what is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from radpipe.core.columns import MISSING, variable
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.plain_parts import floats, part_of
from radpipe.models.prepare import Prepare
from radpipe.preparation.impute import Impute
from radpipe.preparation.outliers import Outliers
from radpipe.preparation.scale import Scale
from radpipe.selection.projection import Projection


def plain(pipeline: ModelPipeline) -> dict[str, Any] | None:
    """Return a fitted pipeline as numbers ready for JSON; None where it is no plain arithmetic.

    Returns
    -------
    dict or None
        ``coding`` of the variables into columns, ``steps`` that these go through in order,
        ``columns`` that the model takes, ``model``, and ``score`` ("risk", or its scale).
    """
    model = part_of(pipeline.model_)
    if model is None:
        return None
    fill = model.pop("fill", None)
    used = set(pipeline.model_.names_)
    if model["link"] in _SPARSE:
        used = {name for name, b in model["coefficients"].items() if np.any(b)}
        model["coefficients"] = {n: b for n, b in model["coefficients"].items() if n in used}
    after: list[dict[str, Any]] | None = []
    needed = set(used)
    if pipeline.projections:
        after = _steps_of(pipeline.rescale_, used) if pipeline.rescaled_ else []
        for projection in reversed(list(pipeline.projections)):
            if needed & set(projection.names):
                needed |= set(projection.columns)
                after = None if after is None else [_projected(projection), *after]
    needed &= set(pipeline.prepare_.columns_)
    needed |= _marked(pipeline.prepare_, needed)
    steps = _steps_of(pipeline.prepare_, needed)
    if steps is None or after is None:
        return None
    return {
        "coding": _coding(pipeline.prepare_, needed),
        "steps": [*steps, *after, *([{"kind": "fill", "with": fill}] if fill else [])],
        "columns": [c for c in pipeline.model_.names_ if c in used],
        "model": model,
        "score": "risk" if pipeline.score_is_risk else str(pipeline.model.score_scale),
    }


_SPARSE = ("identity", "logit", "cox", "softmax", "cumulative_logit")
"""Links of models with coefficients; a column without one need not be known."""


def _projected(projection: Projection) -> dict[str, Any]:
    return {
        "kind": "project",
        "columns": list(projection.columns),
        "centre": floats(projection.centre),
        "scale": floats(projection.scale),
        "names": list(projection.names),
        "loadings": [floats(row) for row in projection.loadings],
    }


def _coding(prepare: Prepare, needed: set[str]) -> list[dict[str, Any]]:
    """Return how variables become columns: as they are, a level's place, or 0/1."""
    coding: list[dict[str, Any]] = []
    factors = prepare.coding_.factors_
    for column in prepare.coding_.columns_:
        if column not in needed:
            continue
        name = column if column in factors else variable(column)
        if name not in factors:
            coding.append({"column": column, "variable": column})
            continue
        factor = factors[name]
        about: dict[str, Any] = {"places": {v: i for i, v in enumerate(factor.levels)}}
        if not factor.ordinal:
            level = column.removeprefix(f"{name}=")
            about = {"level": level, "levels": list(factor.levels), "reference": factor.seen[0]}
        coding.append({"column": column, "variable": name, **about})
    return coding


def _steps_of(prepare: Prepare, needed: set[str]) -> list[dict[str, Any]] | None:
    """Return what the steps of a preparation do to columns; None where one looks across them."""
    steps: list[dict[str, Any]] = []
    for step in (*prepare.steps_, *([prepare.scale_] if prepare.scale_ is not None else [])):
        found = _step(step, needed)
        if found is None:
            return None
        steps += found
    return steps


def _marked(prepare: Prepare, columns: Iterable[str]) -> set[str]:
    """Return the columns whose gaps the indicators among ``columns`` tell."""
    wanted = set(columns)
    return {
        step.names_[i]
        for step in prepare.steps_
        if isinstance(step, Impute)
        for i in step.indicated_
        if variable(step.names_[i]) + MISSING in wanted
    }


def _step(step: Any, needed: set[str]) -> list[dict[str, Any]] | None:
    """Return what one step does, in order; None where it looks across columns."""
    if step.changes is not None:  # it would, were there a gap to fill
        return None
    at = {name: i for i, name in enumerate(step.names_) if name in needed}
    if type(step) is Impute and step.learned_ is None:
        fill = {name: float(step.fill_[i]) for name, i in at.items()}
        marks = {
            variable(step.names_[i]) + MISSING: step.names_[i]
            for i in step.indicated_
            if variable(step.names_[i]) + MISSING in needed
        }
        mark = [{"kind": "mark", "columns": marks}] if marks else []
        return [*mark, {"kind": "fill", "with": fill}]
    if type(step) is Scale:
        moved = {n: (float(step.centre_[i]), float(step.scale_[i])) for n, i in at.items()}
        moved = {n: m for n, m in moved.items() if m != (0.0, 1.0)}
        if not all(np.isfinite(s) for _, s in moved.values()):
            return None  # a constant that is kept: a marker's column
        columns = {n: {"centre": c, "scale": s} for n, (c, s) in moved.items()}
        return [{"kind": "scale", "columns": columns}] if columns else []
    if type(step) is Outliers:
        limits = {}
        for place, low, high, middle in zip(
            step.places_, step.low_, step.high_, step.median_, strict=True
        ):
            name = step.names_[place]
            if name in at and np.isfinite(low):
                own = {"low": float(low), "high": float(high)}
                limits[name] = own | ({"median": float(middle)} if step.method == "median" else {})
        return [{"kind": "limit", "columns": limits}] if limits else []
    return None
