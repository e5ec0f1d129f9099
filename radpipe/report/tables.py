"""Tables as a reader wants them: few digits, numbers aligned, not longer than a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LONGEST = 60
SENTENCE = 60
"""Characters of a cell from which on it holds a sentence."""
_RANGE = re.compile(r"(?<=[\d%])(–| to | ± )(?=[\d−])")


@dataclass(frozen=True)
class TableView:
    """A table made of text.

    Parameters
    ----------
    title : str
    columns : tuple of str
    numeric : tuple of bool
        Which columns hold numbers and are aligned on the right.
    rows : tuple of tuple of str
    left_out : int
        How many rows more the file has.
    """

    title: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0

    @property
    def long(self) -> tuple[bool, ...]:
        """Return which columns hold sentences, and want room."""
        return tuple(any(len(cell) > SENTENCE for cell in column) for column in self._columns)

    @property
    def _columns(self) -> list[tuple[str, ...]]:
        return list(zip(*self.rows, strict=True)) or [()] * len(self.columns)


def shown(value: Any) -> str:
    """Return a cell's text: numbers with four significant digits, nothing for a missing value."""
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(map(shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(of)}" for key, of in value.items())
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:.4g}" if value % 1 or abs(value) > 1e9 else f"{value:.0f}"
        return text.replace("-", "−")
    return unbroken(str(value))


def unbroken(text: str) -> str:
    """Return ``text`` with its intervals tied together, so that none breaks over two lines."""
    return _RANGE.sub(lambda m: f"\u2060{m[0].replace(' ', chr(0xA0))}\u2060", text)


def table_view(frame: pd.DataFrame, title: str = "", longest: int = LONGEST) -> TableView:
    """Return a data frame as text; rows beyond ``longest`` are counted, not shown."""
    numeric = tuple(
        pd.api.types.is_numeric_dtype(frame[c]) and not pd.api.types.is_bool_dtype(frame[c])
        for c in frame.columns
    )
    head = frame.head(longest)
    cells = [[shown(value) for value in head[c].tolist()] for c in head.columns]
    rows = tuple(zip(*cells, strict=True)) if cells else ()
    names = tuple(str(c).replace("_", " ") for c in frame.columns)
    return TableView(title, names, numeric, rows, max(0, len(frame) - longest))


def records_view(records: Iterable[Mapping[str, Any]], title: str = "") -> TableView:
    """Return a list of records as a table; their keys are its columns."""
    return table_view(pd.DataFrame(list(records)), title)


def flat(settings: Mapping[str, Any], prefix: str = "") -> tuple[tuple[str, str], ...]:
    """Return nested settings as lines of ``discretise.width`` and ``0.3``."""
    lines: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            lines += flat(value, f"{name}.")
        else:
            lines.append((name, in_words(value)))
    return tuple(lines)


def in_words(value: Any) -> str:
    """Return a setting in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {in_words(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        joint = "; " if any(isinstance(v, Mapping) for v in value) else ", "
        return joint.join(in_words(v) for v in value)
    return shown(value)
