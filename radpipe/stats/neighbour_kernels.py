"""Compiled counts of neighbours in one dimension and two; import inside functions.

Every column is sorted, so that neighbours are looked for outwards from a case, and what lies
nearer than a radius is found by halving.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.design import Array
from radpipe.stats.lasso_descent import compiled


@compiled
def reach(v: Array, at: int, radius: float) -> int:
    """Return how many of the rising values ``v`` are equal to ``v[at]`` or nearer than a radius.

    ``v[at]`` itself is one of them.
    """
    x = v[at]
    low, high = 0, at  # the first value that counts lies in [low, high]
    while low < high:
        middle = (low + high) // 2
        if x - v[middle] < radius or v[middle] == x:
            high = middle
        else:
            low = middle + 1
    first = low
    low, high = at, v.size - 1  # the last one
    while low < high:
        middle = (low + high + 1) // 2
        if v[middle] - x < radius or v[middle] == x:
            low = middle
        else:
            high = middle - 1
    return low - first + 1


@compiled
def class_neighbours(X: Array, code: Any, k: Any) -> Any:
    """Count, for each case and column, the cases nearer than its k-th neighbour of its class.

    Returns the neighbours (k, or all equals where the k-th is one, itself among them) and the
    cases of any class that are nearer, itself among them, both (n, p).
    """
    n, p = X.shape
    near, within = np.zeros((n, p)), np.zeros((n, p))
    for j in range(p):
        order = np.argsort(X[:, j])
        v = X[order, j]
        for c in range(code.max() + 1):
            places = np.flatnonzero(code[order] == c)
            own = v[places]
            for t in range(places.size):
                i = order[places[t]]
                left, right, radius = t, t, 0.0
                for _ in range(k[i]):
                    before = own[t] - own[left - 1] if left > 0 else np.inf
                    after = own[right + 1] - own[t] if right + 1 < own.size else np.inf
                    radius = min(before, after)
                    if before <= after:
                        left -= 1
                    else:
                        right += 1
                within[i, j] = reach(v, places[t], radius)
                near[i, j] = k[i] if radius > 0.0 else reach(own, t, 0.0)
    return near, within


@compiled
def pair_neighbours(X: Array, y: Array, k: int) -> Any:
    """Count, for each case and column, the cases nearer than its k-th neighbour in both.

    Returns the neighbours (k, or all equals where the k-th is one, itself among them), and the
    cases that are nearer in the column and in ``y``, itself among them, each (n, p).
    """
    n, p = X.shape
    near, own, other = np.zeros((n, p)), np.zeros((n, p)), np.zeros((n, p))
    nearest = np.empty(k)
    y_order = np.argsort(y)
    y_sorted, y_place = y[y_order], np.empty(n, np.int64)
    y_place[y_order] = np.arange(n)
    for j in range(p):
        order = np.argsort(X[:, j])
        v, w = X[order, j], y[order]
        for at in range(n):
            left, right, filled, equals = at, at, 0, 1
            while True:
                before = v[at] - v[left - 1] if left > 0 else np.inf
                after = v[right + 1] - v[at] if right + 1 < n else np.inf
                along = min(before, after)
                if (filled == k and along > nearest[k - 1]) or along == np.inf:
                    break
                if before <= after:
                    left -= 1
                    across = abs(w[left] - w[at])
                else:
                    right += 1
                    across = abs(w[right] - w[at])
                distance = max(along, across)
                equals += distance == 0.0
                if filled < k or distance < nearest[k - 1]:  # into its place among the nearest
                    place = filled if filled < k else k - 1
                    while place > 0 and nearest[place - 1] > distance:
                        nearest[place] = nearest[place - 1]
                        place -= 1
                    nearest[place] = distance
                    filled = min(filled + 1, k)
            radius = nearest[k - 1]
            i = order[at]
            own[i, j] = reach(v, at, radius)
            other[i, j] = reach(y_sorted, y_place[i], radius)
            near[i, j] = k if radius > 0.0 else equals
    return near, own, other
