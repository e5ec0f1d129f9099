"""Numbers as JSON knows them."""

from __future__ import annotations

import math
from typing import Any


def number(value: Any) -> float | None:
    """Return a finite float, or None: JSON has no NaN, and an undefined number is missing."""
    value = float(value)
    return value if math.isfinite(value) else None
