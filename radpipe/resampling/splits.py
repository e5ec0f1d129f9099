"""Which cases are held out: by nothing, at random, by a column, by a centre, or by a date.

Each spec's ``assign`` returns one label a case: ``"train"``, or the name of the held-out set
(``"internal"``, ``"temporal"``, ``"external:NAME"``). A group is never divided, and there may be
several external sets, each with results of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.spec import KindSpec, Text, Texts
from radpipe.resampling.folds import deal
from radpipe.resampling.streams import stream

Labels = NDArray[np.str_]


class NoSplitSpec(KindSpec):
    """Nothing is held out: performance comes from resampling alone."""

    kind: Literal["none"] = "none"

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the split reads."""
        return ()

    def sets(self) -> tuple[str, ...]:
        """Return the names of the held-out sets."""
        return ()

    def assign(self, strata: Any, groups: Sequence[str], table: pd.DataFrame, seed: int) -> Labels:
        """Return ``"train"`` for every case."""
        return np.full(len(groups), "train")


class RandomSplitSpec(KindSpec):
    """A share of the cases is held out at random, stratified by outcome, groups kept whole.

    Parameters
    ----------
    test_fraction : float
        Share of the cases that is held out.
    """

    kind: Literal["random"] = "random"
    test_fraction: float = Field(0.3, gt=0, lt=1)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the split reads."""
        return ()

    def sets(self) -> tuple[str, ...]:
        """Return the names of the held-out sets."""
        return ("internal",)

    def assign(self, strata: Any, groups: Sequence[str], table: pd.DataFrame, seed: int) -> Labels:
        """Return ``"internal"`` for the held-out cases and ``"train"`` for the others.

        Parameters
        ----------
        strata : array of int, shape (n,)
            Outcome class (`radpipe.core.target.strata`).
        groups : sequence of str, shape (n,)
            Patient of each case.
        table : DataFrame
            Cohort table as text, in the order of ``strata``; not used here.
        seed : int
            The study's seed; the draw is its stream ``split/random``.
        """
        share = np.array([1 - self.test_fraction, self.test_fraction])
        part = deal(np.asarray(strata), groups, share, stream(seed, "split", "random"))
        labels = np.where(part == 1, "internal", "train")
        return _complete(labels, groups)


class ColumnSplitSpec(KindSpec):
    """A column of the cohort table says where each case belongs.

    Parameters
    ----------
    column : str
        Column of the cohort table.
    train : list of str
        Its values that mean a training case.
    internal : list of str
        Its values that mean a case held out from the same source.
    temporal : list of str
        Its values that mean a later case of the same centre.
    external : dict of str to list of str
        Name of another centre -> its values; each becomes a test set of its own.
    """

    kind: Literal["column"] = "column"
    column: str
    train: Texts = Field(min_length=1)
    internal: Texts = ()
    temporal: Texts = ()
    external: dict[str, Texts] = Field(default_factory=dict)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the split reads."""
        return (self.column,)

    def sets(self) -> tuple[str, ...]:
        """Return the names of the held-out sets."""
        return (
            *(name for name in ("internal", "temporal") if getattr(self, name)),
            *(f"external:{name}" for name in self.external),
        )

    def assign(self, strata: Any, groups: Sequence[str], table: pd.DataFrame, seed: int) -> Labels:
        """Return the label that the study gives to each case's value of ``column``."""
        meaning = dict.fromkeys(self.train, "train")
        named = {"internal": self.internal, "temporal": self.temporal}
        named |= {f"external:{name}": values for name, values in self.external.items()}
        for label, values in named.items():
            for value in values:
                if value in meaning:
                    raise RadpipeError(
                        f"split: value {value!r} of column {self.column!r} is named for both "
                        f"{meaning[value]} and {label}; name it once"
                    )
                meaning[value] = label
        found = table[self.column].astype("string").fillna("").str.strip()
        unknown = sorted(set(found) - set(meaning))
        if unknown:
            idle = [value for value in meaning if value not in set(found)]
            more = f", and nowhere {', '.join(map(repr, idle))}" if idle else ""
            raise RadpipeError(
                f"split: column {self.column!r} holds {', '.join(map(repr, unknown))}, which the "
                f"study gives no place{more}; named are: {', '.join(map(repr, meaning))}; name it "
                "under train, internal, temporal or external, or exclude the cases"
            )
        labels = np.array([meaning[value] for value in found])
        for label in dict.fromkeys(meaning.values()):
            if label != "train" and label not in labels:
                values = [value for value, name in meaning.items() if name == label]
                raise RadpipeError(
                    f"split: no case of {label}: column {self.column!r} nowhere holds "
                    f"{', '.join(map(repr, values))}; it holds "
                    f"{', '.join(map(repr, sorted(set(found))))}; correct the values, or leave "
                    "the set out"
                )
        return _complete(labels, groups)


class CentreSplitSpec(KindSpec):
    """Whole centres are held out; each is an external test set of its own.

    Parameters
    ----------
    column : str
        Column of the cohort table that names the centre.
    train : list of str
        The centres to train on; every other one is held out as ``external:CENTRE``.
    external : list of str
        The centres to hold out instead; every other one is trained on.
    """

    kind: Literal["centre"] = "centre"
    column: Text
    train: Texts = ()
    external: Texts = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> CentreSplitSpec:
        if bool(self.train) == bool(self.external):
            said = "both train and external" if self.train else "neither train nor external"
            raise ValueError(f"{said}; name the centres of one of them, the others follow")
        return self

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the split reads."""
        return (self.column,)

    def sets(self) -> tuple[str, ...] | None:
        """Return the names of the held-out sets; None where only the table can tell them."""
        return tuple(f"external:{name}" for name in self.external) or None

    def assign(self, strata: Any, groups: Sequence[str], table: pd.DataFrame, seed: int) -> Labels:
        """Return ``"train"``, or ``"external:CENTRE"`` for the cases of a held-out centre."""
        found = table[self.column].astype("string").fillna("").str.strip()
        there = sorted(set(found))
        if "" in there:
            raise RadpipeError(
                f"split: {int((found == '').sum())} cases without a centre (column "
                f"{self.column!r} is empty); fill it in, or exclude the cases"
            )
        named = {centre.strip() for centre in (*self.train, *self.external)}
        missing = sorted(named - set(there))
        if missing:
            raise RadpipeError(
                f"split: no case of centre {', '.join(map(repr, missing))}: column "
                f"{self.column!r} holds {', '.join(map(repr, there))}; correct the name"
            )
        held = [(centre in named) == bool(self.external) for centre in found]
        labels = [f"external:{c}" if out else "train" for c, out in zip(found, held, strict=True)]
        return _complete(np.array(labels), groups)


FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S"),
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"),
)
"""How dates are usually written."""


class DateSplitSpec(KindSpec):
    """Cases after a date are held out as the temporal test set.

    Parameters
    ----------
    column : str
        Column of the cohort table that holds a date.
    train_until : str
        Last date of the training cases, written as in the table.
    format : str
        How the dates are written: %Y year, %m month, %d day.
    """

    kind: Literal["date"] = "date"
    column: str
    train_until: Text
    format: str = "%Y-%m-%d"

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the split reads."""
        return (self.column,)

    def sets(self) -> tuple[str, ...]:
        """Return the names of the held-out sets."""
        return ("temporal",)

    def assign(self, strata: Any, groups: Sequence[str], table: pd.DataFrame, seed: int) -> Labels:
        """Return ``"train"`` up to and including ``train_until``, and ``"temporal"`` after it."""
        text = table[self.column].astype("string").fillna("").str.strip()
        dates = pd.to_datetime(text, format=self.format, errors="coerce")
        limit = pd.to_datetime(self.train_until, format=self.format, errors="coerce")
        wrong = [repr(str(t)) for t in text[dates.isna()]]
        if wrong:
            known = _format_of(text)
            cure = f'write format: "{known}"' if known else "mend the cells, or give their format"
            raise RadpipeError(
                f"split: column {self.column!r}: no date of the form {self.format}: "
                f"{', '.join(wrong[:3])}; {cure}"
            )
        if pd.isna(limit):
            until = pd.Series([self.train_until])
            meant = pd.to_datetime(until, format=_format_of(until) or self.format, errors="coerce")[
                0
            ]
            example = (dates.max() if pd.isna(meant) else meant).strftime(self.format)
            raise RadpipeError(
                f"split: train_until {self.train_until!r} is no date of the form {self.format}; "
                f'write it as in the table, for example "{example}"'
            )
        later = dates.to_numpy() > limit
        if later.all() or not later.any():
            first, last = (day.strftime(self.format) for day in (dates.min(), dates.max()))
            side = f"after {self.train_until}" if later.all() else f"{self.train_until} or earlier"
            raise RadpipeError(
                f"split: every date of column {self.column!r} is {side}; the dates run from "
                f"{first} to {last}; correct train_until"
            )
        return _complete(np.where(later, "temporal", "train"), groups)


def _format_of(text: pd.Series) -> str:
    """Return the usual form that all dates are written in; empty where it is none, or two."""
    fits = [f for f in FORMATS if pd.to_datetime(text, format=f, errors="coerce").notna().all()]
    return fits[0] if len(fits) == 1 else ""


def _complete(labels: Labels, groups: Sequence[str]) -> Labels:
    """Refuse a split that divides a group, or that leaves one side empty."""
    place: dict[str, str] = {}
    for label, group in zip(labels, groups, strict=True):
        if place.setdefault(str(group), str(label)) != label:
            raise RadpipeError(
                f"split: the cases of group {group!r} stand in both {place[str(group)]} and "
                f"{label}, and a patient's cases must stay together; exclude those on one side, "
                "or split by a column that gives each patient one side"
            )
    for side, empty in (
        ("training", not np.any(labels == "train")),
        ("held-out", bool(np.all(labels == "train"))),
    ):
        if empty:
            raise RadpipeError(f"split: no case is left on the {side} side; change the split")
    return labels
