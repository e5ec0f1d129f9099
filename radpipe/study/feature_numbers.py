"""Cells of a feature table as numbers under plain names, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pandas as pd

from radpipe.core.errors import Fault
from radpipe.study.feature_layouts import Cells
from radpipe.study.names import normal
from radpipe.study.places import shown
from radpipe.study.values import number

_PLAIN = re.compile(r"[^\w.+-]+")


def plain_name(name: str) -> str:
    """Return a name as a feature id holds it: letters, digits and ``_ . + -``, others as ``_``."""
    return _PLAIN.sub("_", normal(name)) or "_"


def value_of(cell: str | None, words: Collection[str]) -> float | None:
    """Return a cell as a number; None where it is missing (empty, or one of ``words``) or none."""
    return None if is_missing(cell, words) else number(normal(str(cell)))


def is_missing(cell: str | None, words: Collection[str]) -> bool:
    """Return whether a cell is empty or one of the words that mean a missing value."""
    text = normal(cell) if isinstance(cell, str) else ""
    return not text or text in words


def faults_of_names(
    cells: Cells, plain: Mapping[str, str], kept: Mapping[str, str], where: str
) -> Iterator[Fault]:
    """Yield the faults of columns that no model may see, and of those that become one name.

    Parameters
    ----------
    plain : mapping of str to str
        Name in the table -> plain name.
    kept : mapping of str to str
        What no model may see, without case -> what it is.
    where : str
        The place of ``columns`` in study.yaml.
    """
    for name in plain:
        role = kept.get(normal(name).casefold())
        if role is not None:
            found = f"the column {name!r}, which is {role}"
            cure = "name under columns which ones are features; it cannot be a predictor"
            yield Fault(where, found, cure)
    first: dict[str, str] = {}
    for name, short in plain.items():
        other = first.setdefault(short, name)
        if other != name:
            found = f"the features {other!r} and {name!r}, which are both called {short!r}"
            cure = "rename one, or leave it out with columns"
            yield Fault(shown(cells.table.path), found, cure)


def as_numbers(
    cells: Cells, plain: Mapping[str, str], words: Collection[str]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return cells as numbers under plain names, and a fault for each text that is none.

    The frame is empty where two names are the same.
    """
    strange: dict[str, list[tuple[str, str]]] = {}
    columns: dict[str, list[float]] = {}
    for name, short in plain.items():
        values = columns.setdefault(short, [])
        for case, cell in cells.frame[name].items():
            value = value_of(cell, words)
            if value is None and not is_missing(cell, words):
                strange.setdefault(str(cell), []).append((str(case), name))
            values.append(np.nan if value is None else value)
    faults = []
    for text, places in strange.items():
        many = f" (and {len(places) - 1} cells more)" if len(places) > 1 else ""
        found = f"text {text!r} where a number is meant{many}"
        cure = f'correct it, add "{text}" to missing, or leave it out with columns'
        faults.append(Fault(cells.place(*places[0]), found, cure))
    if len(columns) < len(plain):
        return pd.DataFrame(), faults
    return pd.DataFrame(columns, index=cells.frame.index, dtype=float), faults
