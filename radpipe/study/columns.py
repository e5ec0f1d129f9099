"""What the columns of a table seem to be: their types, and which of them tell the outcome."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from radpipe.study import words as w

Kind = Literal["continuous", "ordinal", "nominal", "binary", "text", "date", "constant", "empty"]

_FEW = 20
"""One strange cell in so many is taken for a slip."""
_MOST_DIRT = 3

MAX_LEVELS = 8
"""A variable with more levels is taken for free text."""

_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|(19|20)\d{6}"
)


@dataclass(frozen=True)
class Column:
    """One column as it was found.

    Parameters
    ----------
    name : str
        Its name in the table.
    kind : str
        What it seems to be.
    levels : tuple of str
        Values in the order to propose; empty for continuous, text and dates.
    counts : tuple of int
        How often each level occurs.
    missing : int
        Cells that are empty, or hold a word that means so in a numeric column.
    tokens : tuple of str
        Those words (``NA``).
    low, high : float
        Range of a continuous column.
    dirt : str
        Where a few cells alone make it what it is, these (``numbers but for '60y' in row 5``).
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    missing: int = 0
    tokens: tuple[str, ...] = ()
    low: float = float("nan")
    high: float = float("nan")
    dirt: str = ""


def describe(name: str, cells: Sequence[str | None], rows: Sequence[int] = ()) -> Column:
    """Return what a column seems to be.

    Parameters
    ----------
    name : str
        Its name.
    cells : sequence of str or None
        Its text, None where empty.
    rows : sequence of int
        Rows of the file that the cells stand in; without them nothing is said of dirt.
    """
    filled = [cell.strip() for cell in cells if cell]
    empty = len(cells) - len(filled)
    counts = Counter(filled)
    if not counts:
        return Column(name, "empty", missing=empty)
    tokens = tuple(v for v in counts if v.lower() in w.MISSING)
    values = [v for v in filled if v not in tokens]
    if len(set(values)) < 2 and len(counts) < 2:
        return Column(name, "constant", tuple(counts), tuple(counts.values()), empty)
    if values and sum(bool(_DATE.fullmatch(v)) for v in values) >= 0.8 * len(values):
        return Column(name, "date", missing=empty)
    numbers = [number(v) for v in values]
    if values and all(n is not None for n in numbers):
        found = [n for n in numbers if n is not None]
        return _numeric(name, values, found, empty + len(filled) - len(values), tokens)
    column = _categorical(name, counts, empty)
    return replace(column, dirt=_dirt(cells, rows, counts)) if rows else column


def _dirt(cells: Sequence[str | None], rows: Sequence[int], counts: Counter[str]) -> str:
    """Return which few cells keep a column from being numbers, or two values."""
    texts = [(cell or "").strip() for cell in cells]
    spoken = Counter({v: n for v, n in counts.items() if v.lower() not in w.MISSING})
    few = max(1, spoken.total() // _FEW)
    words = {v for v in spoken if number(v) is None}
    two = [v for v, n in spoken.most_common(2) if n > few]
    rare = {v for v in spoken if v not in two}
    for kind, strange in (("numbers", words), (f"two values ({', '.join(two)})", rare)):
        count = sum(spoken[v] for v in strange)
        if 0 < count <= few and (kind == "numbers" or len(two) == 2):
            places = [(t, row) for t, row in zip(texts, rows, strict=True) if t in strange]
            shown = ", ".join(f"{t!r} in row {row}" for t, row in places[:_MOST_DIRT])
            more = f" and {count - _MOST_DIRT} more" if count > _MOST_DIRT else ""
            return f"{kind} but for {shown}{more}; correct that in the table"
    return ""


def _numeric(
    name: str, values: list[str], numbers: list[float], missing: int, tokens: tuple[str, ...]
) -> Column:
    """Return a column of numbers: a code with few whole values, or a measurement."""
    counts = Counter(values)
    levels = sorted(counts, key=float)
    whole = all(n == int(n) and 0 <= n < 10 for n in numbers)
    kind: Kind = "continuous"
    if len(set(numbers)) == 1:
        kind = "constant"
    elif len(levels) == 2 and whole:
        kind = "binary"
    elif whole and (len(levels) <= 4 or (len(levels) <= 6 and w.says(name, w.ORDERED))):
        kind = "ordinal"
    if kind == "continuous":
        return Column(name, kind, (), (), missing, tokens, min(numbers), max(numbers))
    return Column(name, kind, tuple(levels), tuple(counts[v] for v in levels), missing, tokens)


def _categorical(name: str, counts: Counter[str], missing: int) -> Column:
    """Return a column of words; a few levels whose order is known are ordinal."""
    total = sum(counts.values())
    if len(counts) > MAX_LEVELS or len(counts) > max(2, total / 3):
        return Column(name, "text", missing=missing)
    ranks = {level: _rank(level) for level in counts}
    spoken = [level for level in counts if level.lower() not in w.MISSING]
    orders = {ranks[level][0] for level in spoken}
    ordered = len(spoken) > 2 and len(orders) == 1 and "" not in orders
    if ordered:
        levels = sorted(spoken, key=lambda v: ranks[v][1])
    else:
        levels = sorted(spoken, key=lambda v: -counts[v])
    levels += [level for level in counts if level not in spoken]
    kind: Kind = "binary" if len(levels) == 2 else "ordinal" if ordered else "nominal"
    return Column(name, kind, tuple(levels), tuple(counts[v] for v in levels), missing)


def _rank(level: str) -> tuple[str, float]:
    """Return the order that a level belongs to and its place in it (``("", 0)`` for none)."""
    text = level.lower()
    for order in w.ORDERS:
        if text in order:
            return order[-1] + order[0], order.index(text)
    letter = re.fullmatch(r"([a-z]+)[ -]?(\d)([a-z]?)", text)
    if letter:
        return letter[1], int(letter[2]) + (ord(letter[3]) - 96) / 30 if letter[3] else int(
            letter[2]
        )
    roman = re.fullmatch(r"(i{1,3}|iv|v)([abc]?)(期|级)?", text.replace("stage", "").strip())
    if roman:
        place = ["i", "ii", "iii", "iv", "v"].index(roman[1])
        return "roman", place + (ord(roman[2]) - 96) / 30 if roman[2] else float(place)
    return "", 0


def number(text: str) -> float | None:
    """Return a finite number, or None where the text is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) != float("inf") and value == value and "_" not in text else None


def why_left_out(column: Column, cells: Sequence[str | None], outcome: pd.Series | None) -> str:
    """Return why a column is no predictor to propose, or an empty string.

    Parameters
    ----------
    column : Column
        What the column seems to be.
    cells : sequence of str or None
        Its text.
    outcome : Series of float, optional
        1 where the event was seen, 0 where not, NaN where unknown; same order as ``cells``.
    """
    name = column.name
    short = {
        "text": "free text or many levels (group them: see `groups`)",
        "date": "a date",
        "constant": "one value only",
        "empty": "empty",
    }
    if column.kind in short:
        told = w.says(name, (*w.TREATMENT, *w.FOLLOW)) or w.is_survival(name)
        return "tells or follows the outcome" if told else column.dirt or short[column.kind]
    if w.says(name, w.PERSONAL):
        return "personal data"
    if not w.says(name, w.BASELINE):
        if w.says(name, w.TREATMENT):
            return "treatment follows the diagnosis and the risk; it leaks the outcome"
        spoken = (name, column.levels)
        if w.is_survival(*spoken) or w.is_condition(*spoken) or w.says(name, w.FOLLOW):
            return "an outcome, or what follows it"
        if w.says(name, w.TIME) and not w.says(name, ("age", "年龄")):
            return "a time between events is rarely known before the outcome"
    return tells(column, cells, outcome) if outcome is not None else ""


def tells(column: Column, cells: Sequence[str | None], outcome: pd.Series) -> str:
    """Return a reason where a column's values or gaps all but give the outcome away."""
    known = outcome.notna().to_numpy()
    event = outcome[known].to_numpy()
    texts = [(cell or "").strip() for cell, k in zip(cells, known, strict=True) if k]
    if len(set(event)) < 2:
        return ""
    gap = pd.Series([text == "" or text in column.tokens for text in texts])
    if gap.sum() >= 3 and abs(separation(gap.astype(float), event) - 0.5) > 0.3:
        return "its gaps follow the outcome; it may have been filled in afterwards"
    if column.kind == "continuous":
        values = pd.Series([number(t) if t not in column.tokens else None for t in texts])
    else:
        rate = pd.Series(event).groupby(pd.Series(texts)).mean()
        values = pd.Series([rate[t] for t in texts])
    auc = separation(values.astype(float), event)
    return f"tells the outcome alone (AUC {max(auc, 1 - auc):.2f})" if abs(auc - 0.5) > 0.45 else ""


def separation(values: pd.Series, event: object) -> float:
    """Return the AUC of ``values`` for ``event`` over the rows with a value; 0.5 for none."""
    frame = pd.DataFrame({"v": values.to_numpy(), "e": event}).dropna()
    positive = int((frame["e"] == 1).sum())
    negative = len(frame) - positive
    if not positive or not negative:
        return 0.5
    ranks = float(frame["v"].rank()[frame["e"] == 1].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)
