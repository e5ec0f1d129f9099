"""The predictions table, checked and taken apart into arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError

COLUMNS = (
    "format",
    "case",
    "group",
    "cohort",
    "split",
    "repeat",
    "fold",
    "model",
    "class",
    "horizon",
    "score",
    "risk",
    "cutoff",
    "kind",
)
KINDS = ("out-of-fold", "held-out", "apparent")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Slice:
    """One model's predictions in one split, with the outcomes of the same n cases.

    Parameters
    ----------
    model, split : str
        ``split`` is "resampled" (out-of-fold), a held-out split's label, or "apparent".
    case : array (n,)
        Ids, in the order in which the table has them.
    group : array (n,) or None
        Patient of each case; None where every patient has one case.
    y : array (n,) or None
        Binary outcome; None for survival.
    time, event : array (n,) or None
        Survival outcome; None for a binary one.
    score : array (n, repeats)
        What ranks; NaN where a case was not predicted in a repeat.
    risk : mapping of horizon to array (n, repeats)
        P(event), by horizon; the one key of a binary endpoint is None. Empty where the model
        gives no risk.
    cutoff, call : array (n, repeats)
        The fit's cut-off, and 1 where ``score >= cutoff``, else 0; NaN where there is none.
    cutoffs : array (fits,)
        One cut-off per fit.
    """

    model: str
    split: str
    case: NDArray[Any]
    group: NDArray[Any] | None
    y: NDArray[np.int64] | None
    time: FloatArray | None
    event: NDArray[np.int64] | None
    score: FloatArray
    risk: Mapping[float | None, FloatArray]
    call: FloatArray
    cutoffs: FloatArray

    @property
    def n(self) -> int:
        """Cases."""
        return int(self.case.size)

    @property
    def patients(self) -> int:
        """Patients: as many as cases where there are no groups."""
        return self.n if self.group is None else int(np.unique(self.group).size)

    @property
    def events(self) -> int:
        """Cases with the event."""
        outcome = self.y if self.y is not None else self.event
        assert outcome is not None
        return int(outcome.sum())

    @property
    def repeats(self) -> int:
        """Columns of the matrices."""
        return int(self.score.shape[1])

    @property
    def resampled(self) -> bool:
        """Whether these are out-of-fold predictions."""
        return self.split == "resampled"

    @property
    def pooled(self) -> FloatArray:
        """What is pooled over folds and ranked: out-of-fold risk where there is one, else score.

        Scores of different fits need not be on one scale; risks are.
        """
        return self.risk[None] if self.resampled and None in self.risk else self.score

    def ranking_at(self, horizon: float) -> FloatArray:
        """Return what ranks at a horizon: the risk by then, or the score where there is none."""
        return self.risk.get(horizon, self.score)


def horizons_of(endpoint: Mapping[str, Any]) -> tuple[float, ...]:
    """Return the endpoint's horizons; empty for a binary one."""
    return tuple(float(h) for h in endpoint.get("horizons") or ())


def validate(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    """Check both tables.

    Raises
    ------
    RadpipeError
        If a column is missing, a kind is unknown, a case was predicted twice in a repeat, or a
        predicted case has no outcome.
    """
    missing = [c for c in COLUMNS if c not in predictions.columns]
    if missing:
        raise RadpipeError(f"predictions: columns are missing: {', '.join(missing)}")
    unknown = sorted(set(predictions["kind"]) - set(KINDS))
    if unknown:
        raise RadpipeError(f"predictions: unknown kind {unknown[0]!r}; allowed: {', '.join(KINDS)}")
    key = ["model", "kind", "split", "class", "repeat", "horizon", "case"]
    twice = predictions.duplicated(key)
    if twice.any():
        row = predictions.loc[twice].iloc[0]
        raise RadpipeError(
            f"predictions: {row['model']} predicts case {row['case']} twice in repeat "
            f"{row['repeat']}"
        )
    if outcomes["case"].duplicated().any():
        raise RadpipeError("outcomes: a case stands there twice")
    orphans = set(predictions["case"]) - set(outcomes["case"])
    if orphans:
        raise RadpipeError(f"predictions: case {sorted(orphans)[0]} has no outcome")


def slices(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> list[Slice]:
    """Return every model's predictions by split; models in the order of the table.

    Splits come as: resampled, held-out ones in order of appearance, apparent.
    """
    validate(predictions, outcomes)
    known = outcomes.set_index("case")
    label = split_labels(predictions)
    held_out = [s for s in label.unique() if s not in ("resampled", "apparent")]
    out = []
    for model in predictions["model"].unique():
        for split in ["resampled", *held_out, "apparent"]:
            rows = predictions[(predictions["model"] == model) & (label == split)]
            if len(rows):
                out.append(_slice(str(model), str(split), rows, known, endpoint))
    return out


def split_labels(predictions: pd.DataFrame) -> pd.Series:
    """Return each row's split: "resampled", "apparent", or the held-out split's label."""
    named = {"out-of-fold": "resampled", "apparent": "apparent"}
    return predictions["kind"].map(named).fillna(predictions["split"]).astype(str)


def groups_of_rows(rows: pd.DataFrame) -> NDArray[Any] | None:
    """Return the patient of each row, or None where every patient has one case."""
    pairs = rows[["case", "group"]].drop_duplicates()
    several = pairs["group"].duplicated().any()
    return rows["group"].to_numpy(dtype=object) if several else None


def pivot(rows: pd.DataFrame, value: str, cases: pd.Index) -> FloatArray:
    """Return ``value`` as an array (cases, repeats), NaN where a repeat has no row for a case."""
    wide = rows.pivot(index="case", columns="repeat", values=value)
    return wide.reindex(cases).to_numpy(dtype=float)


def _slice(
    model: str,
    split: str,
    rows: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
) -> Slice:
    cases = pd.Index(rows["case"].drop_duplicates())
    # Survival rows stand there once per horizon, with the same score.
    once = rows.drop_duplicates(["case", "repeat"])
    first = once.drop_duplicates("case")
    score, cutoff = pivot(once, "score", cases), pivot(once, "cutoff", cases)
    present = np.isfinite(score) & np.isfinite(cutoff)
    call = np.where(present, (score >= cutoff).astype(float), np.nan)
    fits = once[["repeat", "fold", "cutoff"]].dropna().drop_duplicates(["repeat", "fold"])
    seen = outcomes.loc[cases]
    survival = endpoint["kind"] == "survival"
    return Slice(
        model=model,
        split=split,
        case=cases.to_numpy(dtype=object),
        group=groups_of_rows(first),
        y=None if survival else seen["y"].to_numpy(dtype=np.int64),
        time=seen["time"].to_numpy(dtype=float) if survival else None,
        event=seen["event"].to_numpy(dtype=np.int64) if survival else None,
        score=score,
        risk=_risks(rows, cases, survival),
        call=call,
        cutoffs=fits["cutoff"].to_numpy(dtype=float),
    )


def _risks(rows: pd.DataFrame, cases: pd.Index, survival: bool) -> dict[float | None, FloatArray]:
    if not survival:
        risk = pivot(rows, "risk", cases)
        return {None: risk} if np.isfinite(risk).any() else {}
    out: dict[float | None, FloatArray] = {}
    for horizon in np.unique(rows["horizon"].dropna().to_numpy(dtype=float)):
        part = rows[rows["horizon"] == horizon]
        risk = pivot(part, "risk", cases)
        if np.isfinite(risk).any():
            out[float(horizon)] = risk
    return out
