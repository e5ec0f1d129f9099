"""Keep the columns on which readings of the same cases agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError, nearest
from radpipe.core.numbers import number
from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec

PERTURBED = "perturbation."
"""Beginning of the names of perturbed readings, before their number."""
ALL_PERTURBED = "perturbations"
"""What stands for all of them where readers are named."""

LEAST_CASES = 10
"""Fewer cases than this tell nothing of the agreement of readings."""

CONSTANT = "constant in the training cases"
"""Why a column without variation has no coefficient."""

Blocks = dict[tuple[str, tuple[str, ...]], list[str]]
"""Columns that were read again, by their block and who read them."""

Form = Literal["icc1_1", "icc2_1", "icc3_1", "icc1_k", "icc2_k", "icc3_k"]
On = Literal["estimate", "lower"]


class IccSpec(SelectorSpec):
    """Drop columns whose intraclass correlation between readings is too low or undefined.

    Only training cases that all the named readers read count; a reader who did not read a block
    at all is left out of its comparison. Columns that nobody read a second time (clinical
    variables, tables of one reader) pass.

    Parameters
    ----------
    form : {'icc1_1', 'icc2_1', 'icc3_1', 'icc1_k', 'icc2_k', 'icc3_k'}
        Form of Shrout and Fleiss: each case by other readers (1), agreement of readers drawn
        from many (2), consistency of these readers (3); of one reading (`_1`), or of the mean of
        all (`_k`).
    threshold : float
        The least value of a column that is kept.
    on : {'estimate', 'lower'}
        Whether the estimate must reach the threshold, or the lower limit of its 95% interval.
    min_cases : int
        Fewer cases with all readings than this, in any fit, stop the study; a column whose values
        are known in fewer of them counts as undefined.
    readers : tuple of str
        Who is compared with the primary reader; empty means all. `perturbations` stands for the
        perturbed readings.
    """

    kind: Literal["icc"] = "icc"
    form: Form = "icc2_1"
    threshold: float = Field(0.75, gt=-1, lt=1)
    on: On = "estimate"
    min_cases: int = Field(LEAST_CASES, ge=LEAST_CASES)
    readers: tuple[Text, ...] = ()

    endpoints: ClassVar[frozenset[str]] = KINDS
    needs_readings: ClassVar[bool] = True

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return IccSelector(self.form, self.threshold, self.on, self.min_cases, self.readers)


class IccSelector(Selector):
    """Filter by the intraclass correlation (`radpipe.stats.icc`) of the first and other readings.

    Attributes
    ----------
    table_ : list of dict
        One entry a column that was read again: feature, icc, lower, upper, n (cases), kept, and
        the reason where its coefficient is undefined (None).
    """

    def __init__(
        self,
        form: Form = "icc2_1",
        threshold: float = 0.75,
        on: On = "estimate",
        min_cases: int = LEAST_CASES,
        readers: tuple[str, ...] = (),
    ) -> None:
        self.form = form
        self.threshold = threshold
        self.on = on
        self.min_cases = min_cases
        self.readers = readers

    def fit(
        self,
        X: pd.DataFrame,
        y: NDArray[Any],
        groups: Any = None,
        readings: Mapping[str, pd.DataFrame] | None = None,
    ) -> IccSelector:
        """Learn which columns are reliable.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            The primary reader's values of the training rows, complete, indexed by case; the
            copies of a case (a bootstrap draw) count once.
        y : array, shape (n,)
            Any target; it is not looked at.
        groups : array, shape (n,), optional
            Not looked at.
        readings : mapping of str to DataFrame
            The other readings, with the rows of ``X`` and those of its columns that the reader
            read; NaN where a case was not read.

        Raises
        ------
        RadpipeError
            Where there are no readings, or fewer than ``min_cases`` cases of a block have all.
        """
        self.readers_ = list(chosen_readers(self.readers, readings or {}))
        first = ~X.index.duplicated()
        again = {reader: readings[reader][first] for reader in self.readers_}  # type: ignore[index]
        blocks = _blocks(X, again)
        self.n_cases_ = self._enough(again, blocks)
        self.without_readings_ = X.shape[1] - sum(map(len, blocks.values()))
        self.table_ = self._table(X[first], again, blocks)
        self._dropped = frozenset(row["feature"] for row in self.table_ if not row["kept"])
        super().fit(X, y, groups)
        return self

    def judge(
        self,
        X: pd.DataFrame,
        readings: Mapping[str, pd.DataFrame],
        constant: Mapping[str, Sequence[str]] | None = None,
    ) -> list[dict[str, Any]]:
        """Return entries like those of `table_` for columns that did not enter the fitted filter.

        Parameters
        ----------
        X, readings
            As for `fit`.
        constant : mapping of str to sequence of str, optional
            Columns by reader that do not vary in the primary reading: they have no coefficient.
        """
        first = ~X.index.duplicated()
        again = {reader: readings[reader][first] for reader in self.readers_}
        nothing = {"icc": None, "lower": None, "upper": None, "n": self.n_cases_, "kept": False}
        names = {name for reader in self.readers_ for name in (constant or {}).get(reader, ())}
        flat = [{"feature": name, **nothing, "reason": CONSTANT} for name in sorted(names)]
        return self._table(X[first], again, _blocks(X, again)) + flat

    def _enough(self, again: Mapping[str, pd.DataFrame], blocks: Blocks) -> int:
        """Return how many cases have all readings, by the block with fewest; 0 without a block."""
        if again and not blocks:
            return 0  # what is left was read by nobody else, and passes
        counts = {
            key: int(np.logical_and.reduce([_read(again[r][names]) for r in key[1]]).sum())
            for key, names in blocks.items()
        }
        fewest = min(counts, key=lambda key: (counts[key], key), default=("", ()))
        found = counts.get(fewest, 0)
        if found < self.min_cases:
            where = f" in block {fewest[0]}" if len(counts) > 1 else ""
            raise RadpipeError(
                f"icc: {found} training cases{where} were read by all of "
                f"{', '.join(['the primary reader', *fewest[1]])}; allowed: {self.min_cases} "
                "or more; read more cases a second time, add perturbations, "
                f"{more_folds(self.min_cases)}"
            )
        return found

    def _table(
        self, own: pd.DataFrame, again: Mapping[str, pd.DataFrame], blocks: Blocks
    ) -> list[dict[str, Any]]:
        """Return the coefficient of each feature with its interval, in order of their names."""
        found = []
        for (_, readers), names in blocks.items():
            tables = [own[names], *(again[reader][names] for reader in readers)]
            ratings = np.stack([table.to_numpy(dtype=float) for table in tables], axis=2)
            # One layout whatever the tables', so that sums round alike.
            found += self._rows(names, np.ascontiguousarray(ratings.transpose(1, 0, 2)))
        return sorted(found, key=lambda row: str(row["feature"]))

    def _rows(self, names: list[str], ratings: FloatArray) -> list[dict[str, Any]]:
        """Return an entry a feature of ratings (features, cases, readers)."""
        from radpipe.stats.icc import icc_features
        from radpipe.stats.icc_forms import FORMS

        found = icc_features(ratings)
        form = [name.lower() for name in FORMS].index(f"icc({self.form[3]},{self.form[5]})")
        enough = found.n >= self.min_cases
        every = (found.estimate, found.lower, found.upper)
        columns = tuple(np.where(enough, values[:, form], np.nan) for values in every)
        judged = columns[0 if self.on == "estimate" else 1]
        with np.errstate(invalid="ignore"):
            kept = judged >= self.threshold  # not where it is undefined
        return [
            {
                "feature": name,
                **{
                    key: number(column[i])
                    for key, column in zip(("icc", "lower", "upper"), columns, strict=True)
                },
                "n": int(found.n[i]),
                "kept": bool(kept[i]),
                "reason": self._reason(int(found.n[i]), columns[0][i], found.notes[i]),
            }
            for i, name in enumerate(names)
        ]

    def _reason(self, n: int, value: float, note: str) -> str:
        """Return why a coefficient is undefined; empty where it is not."""
        if n < self.min_cases:
            return f"known in {n} cases, fewer than {self.min_cases}"
        return note if np.isnan(value) else ""

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        return np.array([name not in self._dropped for name in names], dtype=bool)

    def log(self) -> dict[str, Any]:
        """Return what the filter found, in a few numbers."""
        undefined = sum(row["icc"] is None for row in self.table_)
        return {
            "cases": self.n_cases_,
            "readers": self.readers_,
            "unreliable": len(self._dropped) - undefined,
            "undefined": undefined,
            "without_readings": self.without_readings_,
        }


def _blocks(X: pd.DataFrame, again: Mapping[str, pd.DataFrame]) -> Blocks:
    """Return the columns that were read again, in order of their names."""
    known = {reader: frozenset(map(str, table.columns)) for reader, table in again.items()}
    found: Blocks = {}
    for name in sorted(map(str, X.columns)):
        readers = tuple(reader for reader, columns in known.items() if name in columns)
        if readers:
            found.setdefault((name.split("__", 1)[0], readers), []).append(name)
    return found


def _read(table: pd.DataFrame) -> BoolArray:
    """Return which cases a reader read."""
    return table.notna().any(axis=1).to_numpy(dtype=bool)


def more_folds(min_cases: int) -> str:
    """Return the cure of fits with too few cases: more folds leave more cases to each fit."""
    if min_cases > LEAST_CASES:
        return "take more folds, or lower min_cases"
    return "or take more folds"


def chosen_readers(named: tuple[str, ...], known: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the readers that a selector compares; all where it names none.

    Raises
    ------
    RadpipeError
        Where one is named that there is not.
    """
    found: list[str] = []
    for name in named or tuple(known):
        own = [r for r in known if r == name or (name == ALL_PERTURBED and r.startswith(PERTURBED))]
        if not own:
            raise RadpipeError(
                f"icc: no readings by {name!r}; allowed: {', '.join(known) or 'none'}; "
                f"{nearest(name, list(known)) or 'correct readers'}"
            )
        found += own
    return tuple(dict.fromkeys(found))
