"""Which columns alone tell every case with the event from every other."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CHANCE = 0.01
"""How likely some column of a table may separate by chance, and be worth no word."""


def separating(table: pd.DataFrame, event: NDArray[np.bool_]) -> list[str]:
    """Return the columns whose values in cases with the event are all above, or below, the others'.

    A column that ignores the outcome does so in 2 of all orders of the cases; as many columns as
    the table has may do so with `CHANCE` at most.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        Numbers; a missing value is left out. Other columns are not looked at.
    event : array of bool, shape (n,)
        Which cases had the event.
    """
    found = []
    numbers = table.select_dtypes("number")
    for name in numbers:
        values = numbers[name].to_numpy(dtype=float)
        known = np.isfinite(values)
        with_event, without = values[known & event], values[known & ~event]
        k, n = len(with_event), int(known.sum())
        if not 0 < k < n:
            continue
        apart = with_event.min() > without.max() or with_event.max() < without.min()
        orders = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        if apart and exp(log(2 * numbers.shape[1]) - orders) <= CHANCE:
            found.append(str(name))
    return found
