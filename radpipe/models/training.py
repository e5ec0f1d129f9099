"""What the training rows of a model held: what new cases are compared with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.columns import ABOUT, variable
from radpipe.models.pipeline import ModelPipeline


def needed(pipeline: ModelPipeline) -> list[str]:
    """Return the variables that a fitted pipeline's predictions depend on, by name.

    Where a fitted step of the preparation looks across columns, all that it looks at.
    """
    prepare = pipeline.prepare_
    if not all(step.applied_columnwise for step in prepare.steps_):
        return list(prepare.inputs_)
    used = set(pipeline.model_.used() if pipeline.model.sparse else pipeline.model_.names_)
    for projection in pipeline.projections:
        if used & set(projection.names):
            used |= set(projection.columns)
    names = {variable(column) for column in used}
    return [name for name in prepare.inputs_ if name in names]


def training_variables(table: pd.DataFrame, pipeline: ModelPipeline) -> list[dict[str, Any]]:
    """Return range, levels and gaps of each variable that a pipeline needs, ready for JSON.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        The training rows of the final fit, as it saw them.
    pipeline : ModelPipeline
        The final fit.
    """
    found = []
    factors = pipeline.prepare_.coding_.factors_
    for name in needed(pipeline):
        column = table[name]
        entry: dict[str, Any] = {"name": name}
        if name in factors:
            counts = column[column.notna()].astype(str).value_counts()
            own = factors[name]
            entry |= {
                "type": "ordinal" if own.ordinal else "nominal",
                "levels": list(own.levels),
                "seen": {level: int(counts[level]) for level in own.seen},
                "missing": int(column.isna().sum()),
            }
        else:
            values = column.to_numpy(dtype=float)
            known = values[np.isfinite(values)]
            entry |= {
                "type": "number",
                "low": float(known.min()) if known.size else None,
                "high": float(known.max()) if known.size else None,
                "median": float(np.median(known)) if known.size else None,
                "missing": int(len(values) - known.size),
            }
        found.append(entry)
    return found


def about_columns(pipeline: ModelPipeline) -> list[str]:
    """Return the columns beside the predictors that the preparation reads (``batch.NAME`` ...)."""
    names = [*pipeline.prepare_.texts_, *pipeline.prepare_.covariates_]
    assert all(name.startswith(ABOUT) for name in names)
    return names
