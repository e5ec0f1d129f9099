"""Mutual information of continuous features and an outcome from nearest neighbours.

``X`` has shape (n, p) and is finite; the estimates are in nats, shape (p,), and at least 0. They
are those of scikit-learn's ``mutual_info_classif`` and ``mutual_info_regression`` where no values
are tied. Those break ties at random; here a case whose neighbours are its equals is compared with
all of its equals, as categories are (the idea of Gao and others 2017), so that nothing is drawn.

References
----------
Kraskov, Stoegbauer, Grassberger 2004, Physical Review E 69:066138; Ross 2014, PLoS ONE 9:e87357;
Gao, Kannan, Oh, Viswanath 2017, arXiv:1709.06212.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import digamma

from radpipe.stats.design import Array, DegenerateDataError, matrix, vector


def information_classes(X: Any, labels: Any, neighbours: int = 3) -> Array:
    """Return each column's mutual information with a class (Ross).

    Parameters
    ----------
    X : array of shape (n, p)
    labels : array of shape (n,)
        Of any type. A class of one case is left out.
    neighbours : int
        How many of a case's class are looked for, or all that there are.
    """
    from radpipe.stats.neighbour_kernels import class_neighbours

    rows = matrix(X)
    _, place, count = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    known = count[place] > 1
    if np.unique(place[known]).size < 2:
        raise DegenerateDataError("the outcome has fewer than two classes of two cases")
    code, size = place[known].astype(np.int64), count[place][known].astype(np.int64)
    k = np.minimum(neighbours, size - 1)
    near, within = class_neighbours(np.asfortranarray(rows[known]), code, k)
    out = digamma(len(code)) - digamma(size).mean() + (digamma(near) - digamma(within)).mean(axis=0)
    return np.asarray(np.maximum(out, 0.0), dtype=np.float64)


def information_numbers(X: Any, y: Any, neighbours: int = 3) -> Array:
    """Return each column's mutual information with a number (Kraskov's first estimate).

    Columns and outcome are divided by their standard deviations; the distance of two cases is the
    larger one of the two differences.
    """
    from radpipe.stats.neighbour_kernels import pair_neighbours

    rows = matrix(X)
    n = len(rows)
    values = vector(y, n, "the outcome")
    if np.ptp(values) == 0:
        raise DegenerateDataError("the outcome has one value only")
    if n <= neighbours:
        raise DegenerateDataError(f"{neighbours} neighbours need more than {n} cases")
    spread = rows.std(axis=0)
    scaled = rows / np.where(spread > 0, spread, 1.0)
    near, own, other = pair_neighbours(
        np.asfortranarray(scaled), values / values.std(), int(neighbours)
    )
    out = digamma(n) + (digamma(near) - digamma(own) - digamma(other)).mean(axis=0)
    return np.asarray(np.maximum(out, 0.0), dtype=np.float64)
