"""The recursions of a Gaussian along one axis of a volume, both ways, many lines side by side.

Sums are made in double precision in ITK's order, and both ways' sum is kept in single, so that
the values are ITK's to the last bit. Coefficients: see ``recursive_gaussian.py``.
"""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel

WIDTH = 128
"""Most lines that are filtered side by side: enough for vectors, few enough for the cache."""
TILE = 16
"""Values of a line that are turned at a time: what a line of the cache holds."""


@kernel()
def _lanes(lines):
    """Return how many lines to filter side by side, a multiple of 8 that leaves few idle."""
    rounds = (lines + WIDTH - 1) // WIDTH
    each = (lines + rounds - 1) // rounds
    return (each + 7) // 8 * 8


@kernel()
def _causal(data, out, stop, c):
    """Filter lines that lie side by side from their beginning to place ``stop``.

    Before the edge the image goes on with the edge's value, which the recursion has settled to.
    """
    lanes = data.shape[1]
    n0, n1, n2, n3 = c[0], c[1], c[2], c[3]
    d1, d2, d3, d4 = c[4], c[5], c[6], c[7]
    for i in range(min(4, stop)):
        for s in range(lanes):
            edge = data[0, s]
            x1 = data[i - 1, s] if i >= 1 else edge
            x2 = data[i - 2, s] if i >= 2 else edge
            x3 = data[i - 3, s] if i >= 3 else edge
            value = data[i, s] * n0 + x1 * n1 + x2 * n2 + x3 * n3
            y1 = out[i - 1, s] * d1 if i >= 1 else edge * c[12]
            y2 = out[i - 2, s] * d2 if i >= 2 else edge * c[13]
            y3 = out[i - 3, s] * d3 if i >= 3 else edge * c[14]
            out[i, s] = value - (y1 + y2 + y3 + edge * c[15])
    for i in range(4, stop):
        for s in range(lanes):
            value = data[i, s] * n0 + data[i - 1, s] * n1 + data[i - 2, s] * n2
            value = value + data[i - 3, s] * n3
            back = out[i - 1, s] * d1 + out[i - 2, s] * d2 + out[i - 3, s] * d3
            out[i, s] = value - (back + out[i - 4, s] * d4)


@kernel()
def _anticausal(data, recent, causal, out, low, c):
    """Filter from the end to the beginning, without the voxel itself, and add both halves.

    Only the last five places are kept (``recent``); ``out`` begins at place ``low``.
    """
    length, lanes = data.shape
    d1, d2, d3, d4 = c[4], c[5], c[6], c[7]
    m1, m2, m3, m4 = c[8], c[9], c[10], c[11]
    last = length - 1
    for i in range(last, low - 1, -1):
        now = i % 5
        r1, r2, r3, r4 = (i + 1) % 5, (i + 2) % 5, (i + 3) % 5, (i + 4) % 5
        j = last - i
        if j >= 4:
            for s in range(lanes):
                value = data[i + 1, s] * m1 + data[i + 2, s] * m2 + data[i + 3, s] * m3
                value = value + data[i + 4, s] * m4
                ahead = recent[r1, s] * d1 + recent[r2, s] * d2 + recent[r3, s] * d3
                recent[now, s] = value - (ahead + recent[r4, s] * d4)
        else:
            for s in range(lanes):
                edge = data[last, s]
                x1 = data[i + 1, s] if j >= 1 else edge
                x2 = data[i + 2, s] if j >= 2 else edge
                x3 = data[i + 3, s] if j >= 3 else edge
                value = x1 * m1 + x2 * m2 + x3 * m3 + edge * m4
                y1 = recent[r1, s] * d1 if j >= 1 else edge * c[16]
                y2 = recent[r2, s] * d2 if j >= 2 else edge * c[17]
                y3 = recent[r3, s] * d3 if j >= 3 else edge * c[18]
                recent[now, s] = value - (y1 + y2 + y3 + edge * c[19])
        k = i - low
        if k < out.shape[0]:
            for s in range(out.shape[1]):
                out[k, s] = np.float32(causal[i, s] + recent[now, s])


# Rows are cut out before the inner loops: an index that may be negative would be tested for it,
# and the loops could not use the processor's vectors.


@kernel(
    "void(float32[:,::1], float32[:,::1], int64, float64[::1])",
    "void(float64[:,::1], float32[:,::1], int64, float64[::1])",
)
def along_lines(source, out, low, c):
    """Filter every row of an array of shape (lines, length); keep what fits, from place low."""
    lines, length = source.shape
    lanes = _lanes(lines)
    data = np.zeros((length, lanes))
    causal = np.zeros((length, lanes))
    recent = np.zeros((5, lanes))
    turned = np.zeros((out.shape[1], lanes), np.float32)
    for first in range(0, lines, lanes):
        count = min(lanes, lines - first)
        for start in range(0, length, TILE):
            stop = min(length, start + TILE)
            for s in range(count):
                row = source[first + s]
                for i in range(start, stop):
                    data[i, s] = row[i]
        _causal(data, causal, low + out.shape[1], c)
        _anticausal(data, recent, causal, turned, low, c)
        for start in range(0, turned.shape[0], TILE):
            stop = min(turned.shape[0], start + TILE)
            for s in range(count):
                kept = out[first + s]
                for i in range(start, stop):
                    kept[i] = turned[i, s]


@kernel(
    "void(float32[:,:,::1], float32[:,:,::1], int64, float64[::1])",
    "void(float64[:,:,::1], float32[:,:,::1], int64, float64[::1])",
)
def along_columns(source, out, low, c):
    """Filter along the middle axis of an array of shape (planes, length, columns)."""
    planes, length, columns = source.shape
    lanes = _lanes(columns)
    data = np.zeros((length, lanes))
    causal = np.zeros((length, lanes))
    recent = np.zeros((5, lanes))
    for p in range(planes):
        for first in range(0, columns, lanes):
            count = min(lanes, columns - first)
            for i in range(length):
                row = source[p, i, first : first + count]
                line = data[i]
                for s in range(row.size):
                    line[s] = row[s]
            _causal(data, causal, low + out.shape[1], c)
            _anticausal(data, recent, causal, out[p, :, first : first + count], low, c)


@kernel("void(float32[::1], float32[::1], float64)")
def add(total, term, factor):
    """Add ``factor * term``, rounding to single precision each time."""
    for i in range(total.size):
        total[i] = np.float32(np.float64(total[i]) + np.float64(term[i]) * factor)
