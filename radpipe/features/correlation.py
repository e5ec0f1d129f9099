"""Maximal correlation coefficient of co-occurrence matrices.

It is the root of the second largest eigenvalue of Q(i,j) = sum over k of
P(i,k) P(j,k) / (px(i) py(k) + eps). But for the constant, Q is self-adjoint when levels are
weighted by px, and its largest eigenvalue is 1, of the vector of ones: what is left is the
largest eigenvalue beside that vector, which Lanczos' recursion finds in few products [1]_. The
constant matters among rare levels, whose marginals' product comes near to it: then all
eigenvalues are computed.

References
----------
.. [1] Parlett BN. The symmetric eigenvalue problem. SIAM 1998.
"""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel

EPS = float(np.spacing(1))
FEW = 6
"""Levels up to which all eigenvalues are as quick."""

ASYMMETRY = 1e-6
"""Share of the constant in a denominator, above which Q is not taken for self-adjoint."""

EXHAUSTED = 1e-9
"""Length of the next basis vector, below which the basis may have missed an eigenvector."""

STEPS = 60
PRECISE = 1e-7
"""Residual that is small enough; the eigenvalue's error is its square over the gap."""


def maximal_correlation(matrices: np.ndarray) -> float:
    """Return the coefficient, averaged over matrices.

    Parameters
    ----------
    matrices : ndarray of float64, shape (directions, levels, levels)
        Each sums to 1.
    """
    count, n = matrices.shape[:2]
    if n < 2:
        return 1.0
    px = matrices.sum(axis=2)
    py = matrices.sum(axis=1)
    found = np.full(count, np.nan, complex)
    small = np.zeros((count, STEPS, STEPS))
    sizes = np.zeros(count, np.int64)
    worst = np.zeros(count)
    if n > FEW:
        _project(matrices, px, py, small, sizes, worst)
    for m in range(count):
        if sizes[m] and worst[m] < ASYMMETRY:
            top = _largest(small[m], sizes[m])
            found[m] = max(top, 0.0)
            continue
        if sizes[m]:
            q = small[m, : sizes[m], : sizes[m]]
        else:
            p = matrices[m]
            q = (p / (px[m][:, None] * py[m] + EPS)) @ p.T
        found[m] = np.sort(np.linalg.eigvals(q).astype(complex))[-2]
    return float(np.nanmean(np.sqrt(found)).real)


@kernel()
def _remove(vector, basis, count, px, parts):
    """Take out the parts along the basis, and add what they were to ``parts``."""
    for b in range(count):
        part = 0.0
        for i in range(vector.size):
            part += px[i] * vector[i] * basis[b, i]
        for i in range(vector.size):
            vector[i] -= part * basis[b, i]
        parts[b] += part


@kernel("float64(float64[:,::1], int64)")
def _largest(h, size):
    """Return the largest eigenvalue of a matrix's tridiagonal part from its second row on.

    Signs of the pivots count the eigenvalues above a number, and halving finds the number.
    """
    low, high = 0.0, 1.1
    for _ in range(52):
        middle = 0.5 * (low + high)
        above = 0
        pivot = 1.0
        for i in range(1, size):
            square = h[i, i - 1] * h[i, i - 1] if i > 1 else 0.0
            pivot = h[i, i] - middle - square / pivot
            if pivot == 0.0:
                pivot = 1e-300
            if pivot > 0.0:
                above += 1
        if above > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel()
def _last_component(h, size, eigenvalue):
    """Return the last component of its eigenvector, of length 1."""
    before, here = 0.0, 1.0
    square = 1.0
    for i in range(1, size - 1):
        left = h[i, i - 1] * before if i > 1 else 0.0
        before, here = here, ((eigenvalue - h[i, i]) * here - left) / h[i + 1, i]
        square += here * here
    return here / np.sqrt(square)


@kernel()
def _lanczos(n, first, column, value, weight, px, basis, h):
    """Fill in what Q is on a growing basis; return its size, or 0 where that is not enough."""
    inner = np.empty(n)
    outer = np.empty(n)
    parts = np.zeros(STEPS)
    for i in range(n):
        basis[0, i] = 1.0
    for i in range(n):  # a smooth start, and some of everything
        outer[i] = i - 0.5 * n + 0.3 * ((i * 7919) % 31 - 15)
    _remove(outer, basis, 1, px, parts)
    for step in range(STEPS):
        if step > 0:
            length = 0.0
            for i in range(n):
                length += px[i] * outer[i] * outer[i]
            length = np.sqrt(length)
            if step > 1:
                h[step, step - 1] = length
            if length < EXHAUSTED:
                return 0
            if step >= 5:
                top = _largest(h, step)
                if length * abs(_last_component(h, step, top)) <= PRECISE * top:
                    return step
            for i in range(n):
                basis[step, i] = outer[i] / length
        v = basis[step]
        for j in range(n):
            inner[j] = 0.0
        for i in range(n):
            for k in range(first[i], first[i + 1]):
                inner[column[k]] += value[k] * v[i]
        keep = outer.copy() if step == 0 else outer
        for i in range(n):
            outer[i] = 0.0
            for k in range(first[i], first[i + 1]):
                outer[i] += weight[k] * inner[column[k]]
        parts[:] = 0.0
        for _ in range(2):  # once more for what rounding left
            _remove(outer, basis, step + 1, px, parts)
        for b in range(step + 1):
            h[b, step] = parts[b]
        if step == 0:
            for i in range(n):  # a loop: numba takes seconds to compile a copy
                outer[i] = keep[i]
    return 0


@kernel(
    "void(float64[:,:,::1], float64[:,::1], float64[:,::1], float64[:,:,::1], int64[::1],"
    " float64[::1])"
)
def _project(matrices, px, py, small, sizes, worst):
    """Fill in what each Q is on a basis that holds the second eigenvector, and its size."""
    n = matrices.shape[1]
    first = np.zeros(n + 1, np.int64)
    column = np.empty(n * n, np.int64)
    value = np.empty(n * n)
    weight = np.empty(n * n)
    basis = np.empty((STEPS, n))
    for m in range(matrices.shape[0]):
        p, x, y = matrices[m], px[m], py[m]
        filled = 0
        for i in range(n):
            first[i] = filled
            for j in range(n):
                share = p[i, j]
                if share != 0.0:
                    both = x[i] * y[j]
                    worst[m] = max(worst[m], EPS / both)
                    column[filled] = j
                    value[filled] = share
                    weight[filled] = share / (both + EPS)
                    filled += 1
        first[n] = filled
        sizes[m] = _lanczos(n, first, column, value, weight, x, basis, small[m])
