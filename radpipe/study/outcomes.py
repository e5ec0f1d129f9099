"""Which columns could be the endpoint: a yes-or-no outcome, or a time with its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.study import words as w
from radpipe.study.columns import Column, number
from radpipe.study.names import normal

Unit = Literal["days", "months", "years"]

_YEAR: dict[Unit, float] = {"days": 365, "months": 12, "years": 1}
_GENERIC = frozenset(
    ("time", "days", "day", "months", "month", "years", "year", "date", "status", "event", "to")
)


@dataclass(frozen=True)
class Candidate:
    """A possible endpoint.

    Parameters
    ----------
    column : str
        The yes-or-no column (of survival: the event), or that of the classes.
    positive, negative : str
        Its two values; ``positive`` is the event. Empty where there are classes.
    events, n : int
        Cases with the event, and cases with a known outcome.
    missing : int
        Cases without it.
    time : str
        The column of times of a survival endpoint, empty for a binary one.
    unit : str
        Unit of the times.
    unit_said : bool
        Whether the column's name gives the unit (else it was guessed from the values).
    horizons : tuple of float
        Times, in that unit, with events before and cases at risk after.
    tokens : tuple of str
        Words of the column that mean missing (``-``).
    classes : mapping of str to int
        Three classes or more with their cases, in their order; empty where there are two values.
    ordered : bool
        Whether the classes have an order.
    """

    column: str
    positive: str
    negative: str
    events: int
    n: int
    missing: int
    time: str = ""
    unit: Unit = "days"
    unit_said: bool = True
    horizons: tuple[float, ...] = ()
    tokens: tuple[str, ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)
    ordered: bool = False

    @property
    def type(self) -> str:
        """Return the type of the endpoint."""
        if self.classes:
            return "ordinal" if self.ordered else "multiclass"
        return "survival" if self.time else "binary"

    @property
    def fewest(self) -> int:
        """Return the cases of the rarest class, be it that without the event."""
        return min(self.classes.values(), default=min(self.events, self.n - self.events))


def candidates(columns: Sequence[Column], frame: pd.DataFrame) -> tuple[Candidate, ...]:
    """Return the possible endpoints, the likeliest first.

    A binary column whose name speaks of a condition (metastasis, 转移) comes before a time with
    its event; where the event's name speaks of survival (os, status, 生存) it is the other way.
    """
    columns = [_without_tokens(c) for c in columns]
    binary = [c for c in columns if c.kind == "binary" and not _baseline(c.name)]
    named = [c for c in binary if _is_condition(c) or w.is_survival(c.name, c.levels)]
    coded = [c for c in binary if c not in named and set(c.levels) == {"0", "1"}]
    times = [c for c in columns if c.kind == "continuous" and w.says(c.name, w.TIME)]
    times = [c for c in times if c.low >= 0 and not w.says(c.name, ("age", "年龄"))]
    paired = [p for event in named for p in _pairs(event, times, frame)]
    paired.sort(key=lambda p: not w.is_survival(p.column, (p.positive, p.negative)))
    conditions = [c for c in named if _is_condition(c)]
    others = [c for c in named if c not in conditions]
    as_binary = [_binary(c) for c in conditions]
    return (*as_binary, *paired, *(_binary(c) for c in (*others, *coded)))


def chosen_first(
    columns: Sequence[Column], frame: pd.DataFrame, endpoint: str | None, table: str
) -> tuple[Candidate, ...]:
    """Return the possible endpoints, the one that was asked for first.

    Raises
    ------
    FaultsError
        It is no column of a few values.
    """
    found = candidates(columns, frame)
    if endpoint is None:
        return found
    asked = normal(endpoint)
    first = [c for c in found if asked == (c.time or c.column)]
    if not first:
        named = [_without_tokens(c) for c in columns if normal(c.name) == asked]
        first = [_binary(c) for c in named if c.kind == "binary"]
        first += [_classes(c) for c in named if c.kind in ("nominal", "ordinal") and not c.dirt]
    if not first:
        allowed = ", ".join(dict.fromkeys(c.time or c.column for c in found)) or "none found"
        dirt = next((c.dirt for c in columns if normal(c.name) == asked), "")
        if dirt:
            raise FaultsError([Fault(table, f"the endpoint {endpoint!r} holds {dirt}", "")])
        cure = "name one of them, or another column of a few values"
        raise FaultsError([Fault(table, f"no possible endpoint {endpoint!r}", cure, allowed)])
    return (*first, *(c for c in found if c not in first))


def _without_tokens(column: Column) -> Column:
    """Return a column of two values and words that mean missing as one of two values."""
    spoken = [level for level in column.levels if level.lower() not in w.MISSING]
    if column.kind not in ("binary", "nominal", "ordinal") or len(spoken) != 2:
        return column
    count = dict(zip(column.levels, column.counts, strict=True))
    tokens = tuple(level for level in column.levels if level not in spoken)
    return replace(
        column,
        kind="binary",
        levels=tuple(spoken),
        counts=tuple(count[level] for level in spoken),
        missing=column.missing + sum(count[token] for token in tokens),
        tokens=(*column.tokens, *tokens),
    )


def outcome_of(candidate: Candidate, frame: pd.DataFrame) -> pd.Series:
    """Return 1 for the event, 0 for its absence and NaN for unknown, in the table's order.

    Of classes nothing is known in this way.
    """
    codes = {candidate.positive: 1.0, candidate.negative: 0.0}
    return frame[candidate.column].map(lambda v: codes.get((v or "").strip())).astype(float)


def _baseline(name: str) -> bool:
    return bool(w.says(name, (*w.BASELINE, *w.TREATMENT)))


def _is_condition(column: Column) -> bool:
    """Whether a column tells what happened, and not only that follow-up ended."""
    spoken = (column.name, column.levels)
    return w.is_condition(*spoken) and not w.is_survival(*spoken)


def _classes(column: Column) -> Candidate:
    count = dict(zip(column.levels, column.counts, strict=True))
    tokens = tuple(level for level in column.levels if level.lower() in w.MISSING)
    classes = {level: n for level, n in count.items() if level not in tokens}
    n = sum(classes.values())
    return Candidate(
        *(column.name, "", "", 0, n, column.missing + sum(count[token] for token in tokens)),
        tokens=(*column.tokens, *tokens),
        classes=classes,
        ordered=column.kind == "ordinal",
    )


def _binary(column: Column) -> Candidate:
    a, b = column.levels
    count = dict(zip(column.levels, column.counts, strict=True))
    positive = next((v for v in (a, b) if v.lower() in w.POSITIVE), None)
    if positive is None:
        denied = ("无", "未", "非")
        spoken = [v for v in (a, b) if w.says(v, w.POSITIVE) and not v.startswith(denied)]
        positive = spoken[0] if len(spoken) == 1 else min((a, b), key=lambda v: count[v])
    negative = b if positive == a else a
    n = sum(column.counts)
    return Candidate(
        *(column.name, positive, negative, count[positive], n, column.missing),
        tokens=column.tokens,
    )


def _pairs(event: Column, times: Sequence[Column], frame: pd.DataFrame) -> list[Candidate]:
    """Return the event with the one time whose name is nearest, where there is any."""
    scored = [(_kinship(event, time.name), time) for time in times]
    best = max((score for score, _ in scored), default=0.0)
    return [_survival(event, t, frame) for score, t in scored if score == best and score > 0][:1]


def _kinship(event: Column, time: str) -> float:
    """Return how many words two names share (beginnings count); follow-up goes with any death."""
    a, b = w.words(event.name), w.words(time)
    shared = 0.0
    for x in set(a) - _GENERIC:
        for y in set(b) - _GENERIC:
            near = x == y or (min(len(x), len(y)) >= 3 and (x.startswith(y) or y.startswith(x)))
            shared += near or (not x.isascii() and bool(set(_pieces(x)) & set(_pieces(y))))
    if not shared and w.is_survival(event.name, event.levels):
        shared += 0.5 * bool(w.says(time, (*w.FOLLOW, "survival", "生存", "os")))
        if "event" in a and "event" in b:
            shared += 0.5
        generic = set(b) <= _GENERIC or time in ("时间", "随访时间")
        shared += 0.25 * generic
    elif shared and "event" in a and "event" in b:
        shared += 0.5
    return shared


def _pieces(text: str) -> list[str]:
    """Return the two-character pieces of a Chinese word that tell something."""
    dull = ("时间", "状态", "天数", "月数")
    return [text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2] not in dull]


def _survival(event: Column, time: Column, frame: pd.DataFrame) -> Candidate:
    base = _binary(event)
    unit, said = _unit(time)
    happened = outcome_of(base, frame)
    values = frame[time.name].map(lambda v: number((v or "").strip()))
    known = happened.notna() & values.notna()
    t, e = values[known].astype(float), happened[known]
    horizons = tuple(
        years * _YEAR[unit]
        for years in (1, 2, 3, 5)
        if ((e == 1) & (t <= years * _YEAR[unit])).sum() >= 5
        and (t > years * _YEAR[unit]).sum() >= max(5, 0.2 * len(t))
    )
    if not horizons and len(t):
        horizons = (round(float(t.median()), 1),)
    events, n = int(e.sum()), int(known.sum())
    return Candidate(
        *(base.column, base.positive, base.negative, events, n, len(frame) - n),
        *(time.name, unit, said, horizons),
        tokens=(*base.tokens, *time.tokens),
    )


def _unit(time: Column) -> tuple[Unit, bool]:
    """Return the unit that a time's name gives, or the one that its range suggests."""
    named: dict[Unit, tuple[str, ...]] = {
        "days": ("days", "day", "天"),
        "months": ("months", "month", "mo", "月"),
        "years": ("years", "year", "yr", "年"),
    }
    for unit, known in named.items():
        if w.says(time.name, known):
            return unit, True
    return ("days" if time.high > 240 else "months" if time.high > 20 else "years"), False
