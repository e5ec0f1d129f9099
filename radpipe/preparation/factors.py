"""Which coded columns belong to one factor, and the nearest level of a value between levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FactorColumns:
    """The columns of one factor: the place of an ordinal level, or 0/1 for each nominal one."""

    name: str
    ordinal: bool
    places: list[int]


def factor_columns(
    names: Sequence[str], levels: Mapping[str, Sequence[str]]
) -> list[FactorColumns]:
    """Return the factors among coded columns, by ``attrs["levels"]`` of their table.

    A nominal factor's columns stand in the order of its levels; the reference has none.
    """
    place = {name: i for i, name in enumerate(names)} if levels else {}
    found = []
    for name, own in levels.items():
        if name in place:
            found.append(FactorColumns(name, True, [place[name]]))
        else:
            coded = [place[f"{name}={v}"] for v in own if f"{name}={v}" in place]
            if coded:
                found.append(FactorColumns(name, False, coded))
    return found


def snap(values: FloatArray, known: FloatArray) -> FloatArray:
    """Return each row of ``values`` (m, q) as the nearest row of ``known`` (n, q).

    Of several that are as near, the first in order of their values.
    """
    seen = np.unique(known, axis=0)
    distance = ((values[:, None, :] - seen[None]) ** 2).sum(axis=2)
    return np.asarray(seen[distance.argmin(axis=1)])
