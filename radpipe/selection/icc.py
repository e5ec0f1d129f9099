"""Keep the columns on which readings of the same cases agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError, nearest
from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec

PERTURBED = "perturbation."
"""Beginning of the names of perturbed readings, before their number."""
ALL_PERTURBED = "perturbations"
"""What stands for all of them where readers are named."""

Form = Literal["icc1_1", "icc2_1", "icc3_1", "icc1_k", "icc2_k", "icc3_k"]
On = Literal["estimate", "lower"]


class IccSpec(SelectorSpec):
    """Drop columns whose intraclass correlation between readings is too low or undefined.

    Only training cases that all the named readers read count. Columns that have no second
    reading (clinical variables, tables) pass.

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
        Fewer cases with all readings than this stop the study.
    readers : tuple of str
        Who is compared with the primary reader; empty means all. `perturbations` stands for the
        perturbed readings.
    """

    kind: Literal["icc"] = "icc"
    form: Form = "icc2_1"
    threshold: float = Field(0.75, gt=-1, lt=1)
    on: On = "estimate"
    min_cases: int = Field(10, ge=5)
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
        One entry a column that was read again: feature, icc, lower, upper, n (cases), kept.
    """

    def __init__(
        self,
        form: Form = "icc2_1",
        threshold: float = 0.75,
        on: On = "estimate",
        min_cases: int = 10,
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
            The other readings, with the rows and columns of ``X``; NaN where a case was not read.

        Raises
        ------
        RadpipeError
            Where fewer than ``min_cases`` cases have all readings.
        """
        first = ~X.index.duplicated()
        own = X[first]
        names = sorted(str(column) for column in own.columns)
        chosen = chosen_readers(self.readers, readings or {})
        values = [own[names].to_numpy(dtype=float)]
        values += [
            readings[reader][first].reindex(columns=names).to_numpy(dtype=float)  # type: ignore[index]
            for reader in chosen
        ]
        ratings = np.stack(values, axis=2).transpose(1, 0, 2)  # (p, n, readers)
        again = ~np.isnan(ratings[:, :, 1:])
        read = again.any(axis=(1, 2)) if chosen else np.zeros(len(names), dtype=bool)
        self.readers_ = list(chosen)
        self.n_cases_ = self._enough(names, read, again)
        self.without_readings_ = int((~read).sum())
        rows = np.flatnonzero(read)
        self.table_ = self._table([names[i] for i in rows], ratings[rows])
        self._dropped = frozenset(row["feature"] for row in self.table_ if not row["kept"])
        super().fit(X, y, groups)
        return self

    def _enough(self, names: list[str], read: BoolArray, again: BoolArray) -> int:
        """Return how many cases have all readings, by the block with fewest of them."""
        blocks: dict[str, list[int]] = {}
        for place in np.flatnonzero(read):
            blocks.setdefault(names[place].split("__", 1)[0], []).append(int(place))
        counts = {
            block: int(again[places].any(axis=0).all(axis=1).sum())
            for block, places in blocks.items()
        }
        fewest = min(counts, key=lambda block: (counts[block], block), default="")
        found = counts.get(fewest, 0)
        if found < self.min_cases:
            where = f" in block {fewest}" if len(counts) > 1 else ""
            raise RadpipeError(
                f"icc: {found} training cases{where} were read by all of "
                f"{', '.join(['the primary reader', *self.readers_])}; allowed: {self.min_cases} "
                "or more; read more cases a second time, add perturbations, take fewer folds, or "
                "lower min_cases"
            )
        return found

    def _table(self, names: list[str], ratings: FloatArray) -> list[dict[str, Any]]:
        """Return the coefficient of each feature with its interval."""
        from radpipe.stats.icc import icc_features
        from radpipe.stats.icc_forms import FORMS

        found = icc_features(ratings)
        form = [name.lower() for name in FORMS].index(f"icc({self.form[3]},{self.form[5]})")
        columns = (found.estimate[:, form], found.lower[:, form], found.upper[:, form])
        judged = columns[0 if self.on == "estimate" else 1]
        with np.errstate(invalid="ignore"):
            kept = judged >= self.threshold  # not where it is undefined
        return [
            {
                "feature": name,
                **{
                    key: float(column[i]) if np.isfinite(column[i]) else None
                    for key, column in zip(("icc", "lower", "upper"), columns, strict=True)
                },
                "n": int(found.n[i]),
                "kept": bool(kept[i]),
            }
            for i, name in enumerate(names)
        ]

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
