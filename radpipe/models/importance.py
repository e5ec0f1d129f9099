"""How much trees used each column."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.models.base import FloatArray


def importance(names: list[str], values: FloatArray) -> list[dict[str, Any]]:
    """Return the columns that the trees used, most important first."""
    order = np.argsort(-np.asarray(values), kind="stable")
    return [{"name": names[i], "importance": float(values[i])} for i in order if values[i] > 0]
