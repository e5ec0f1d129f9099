"""The predictions table taken apart into arrays, a model, split and class at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import CLASSES, indicators
from radpipe.evaluation.outcomes import target_of
from radpipe.evaluation.predictions import IN_BAG, split_labels, validate

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
        Outcome: 0/1 (of several classes or labels: whether it is this one), or the measured
        value; None for survival.
    time, event : array (n,) or None
        Survival outcome; None for another one.
    score : array (n, repeats)
        What ranks, or the predicted value; NaN where a case was not predicted in a repeat.
    risk : mapping of horizon to array (n, repeats)
        P(event), by horizon; the one key of an endpoint without horizons is None. Empty where
        the model gives no risk.
    call : array (n, repeats)
        1 where ``score >= cutoff`` (of several classes: where this one is the most probable),
        else 0; NaN where there is none.
    cutoffs : array (fits,)
        One cut-off per fit; where there are two, the lower one, which `call` means.
    label : str
        The class or label that is compared with the rest; empty where there is one outcome.
    competing : array (n,) or None
        1 where a competing event ended the time; None where there is no such event.
    above : array (n, repeats) or None
        As `call`, for the upper of two cut-offs; None where no fit has one.
    cutoffs_high : array (fits,)
        The upper cut-offs; empty where there are none.
    comparable : bool
        Whether a score means the same in every fit: a yes or no, or a value as it was measured.
    flat : bool
        Whether no fit tells two cases apart, so that which side of its cut-off they are on is
        chance. A yes or no is an answer, be it the same for all.
    """

    model: str
    split: str
    case: NDArray[Any]
    group: NDArray[Any] | None
    y: NDArray[Any] | None
    time: FloatArray | None
    event: NDArray[np.int64] | None
    score: FloatArray
    risk: Mapping[float | None, FloatArray]
    call: FloatArray
    cutoffs: FloatArray
    label: str = ""
    competing: NDArray[np.int64] | None = None
    above: FloatArray | None = None
    cutoffs_high: FloatArray = field(default_factory=lambda: np.empty(0))
    comparable: bool = False
    flat: bool = False

    @property
    def n(self) -> int:
        """Cases."""
        return int(self.case.size)

    @property
    def predicted(self) -> NDArray[np.bool_]:
        """Which cases have a prediction in any repeat, (n,)."""
        return np.isfinite(self.score).any(axis=1)

    @property
    def patients(self) -> int:
        """Patients with a prediction: as many as cases where there are no groups."""
        known = self.predicted
        return int(known.sum() if self.group is None else np.unique(self.group[known]).size)

    @property
    def events(self) -> int:
        """Predicted cases with the event, or of the class; -1 for a measured value."""
        outcome = self.y if self.y is not None else self.event
        assert outcome is not None
        return -1 if outcome.dtype.kind == "f" else int(outcome[self.predicted].sum())

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

        Scores of different fits need not be on one scale; risks are. But where the score means the
        same in every fit, the risk adds only how the shares of events differ between the folds. Of
        several classes it is the risk in every split: a class's score says nothing without those
        of the others.
        """
        by_risk = None in self.risk and (self.label or (self.resampled and not self.comparable))
        return self.risk[None] if by_risk else self.score

    def ranking_at(self, horizon: float) -> FloatArray:
        """Return what ranks at a horizon: the risk by then, or the score (none, or `pooled`)."""
        return self.score if self.comparable else self.risk.get(horizon, self.score)


def horizons_of(endpoint: Mapping[str, Any]) -> tuple[float, ...]:
    """Return the endpoint's horizons; empty where it has none."""
    return tuple(float(h) for h in endpoint.get("horizons") or ())


def slices(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> list[Slice]:
    """Return every model's predictions by split; models in the order of the table.

    Splits come as: resampled, held-out ones in order of appearance, apparent. Of several classes
    or labels there is one slice each, in their order, with the same cases.
    """
    validate(predictions, outcomes)
    known = outcomes.set_index("case")
    label = split_labels(predictions)
    held_out = [s for s in label.unique() if s not in ("resampled", "apparent", IN_BAG)]
    out = []
    for model in predictions["model"].unique():
        for split in ["resampled", *held_out, "apparent"]:
            rows = predictions[(predictions["model"] == model) & (label == split)]
            if len(rows) and endpoint["kind"] in CLASSES:
                out += _by_class(str(model), str(split), rows, known, endpoint)
            elif len(rows):
                out.append(_slice(str(model), str(split), rows, known, endpoint))
    return out


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
    y: NDArray[Any] | None = None,
    label: str = "",
) -> Slice:
    cases = pd.Index(rows["case"].drop_duplicates())
    # Survival rows stand there once per horizon, with the same score.
    once = rows.drop_duplicates(["case", "repeat"])
    first = once.drop_duplicates("case")
    score = pivot(once, "score", cases)
    call, cutoffs = _reached(once, "cutoff", score, cases)
    above, cutoffs_high = _reached(once, "cutoff_high", score, cases)
    seen = outcomes.loc[cases]
    # a column that a table without such models may lack
    comparable = "comparable" in once and bool(once["comparable"].all())
    survival = endpoint["kind"] == "survival"
    rivals = survival and "competing" in seen and bool(seen["competing"].any())
    if y is None and not survival:
        number = float if endpoint["kind"] == "continuous" else np.int64
        y = seen["y"].to_numpy(dtype=number)
    return Slice(
        model=model,
        split=split,
        case=cases.to_numpy(dtype=object),
        group=groups_of_rows(first),
        y=y,
        time=seen["time"].to_numpy(dtype=float) if survival else None,
        event=seen["event"].to_numpy(dtype=np.int64) if survival else None,
        score=score,
        risk=_risks(rows, cases, survival),
        call=call,
        cutoffs=cutoffs,
        label=label,
        competing=seen["competing"].to_numpy(dtype=np.int64) if rivals else None,
        above=above if cutoffs_high.size else None,
        cutoffs_high=cutoffs_high,
        comparable=comparable,
        flat=not comparable and _flat(once),
    )


def _flat(once: pd.DataFrame) -> bool:
    """Return whether each fit gives all its cases one score; False where none has two cases."""
    fits = once.groupby(["repeat", "fold"])["score"].agg(["min", "max", "count"])
    known = fits[fits["count"] > 0]
    return bool((known["count"] > 1).any() and (known["min"] == known["max"]).all())


def _reached(
    once: pd.DataFrame, name: str, score: FloatArray, cases: pd.Index
) -> tuple[FloatArray, FloatArray]:
    """Return whether scores (n, repeats) reach a cut-off, NaN where none is; and that of each fit.

    The upper one is a column that tables with one cut-off may lack.
    """
    if name not in once:
        return np.full(score.shape, np.nan), np.empty(0)
    cutoff = pivot(once, name, cases)
    present = np.isfinite(score) & np.isfinite(cutoff)
    fits = once[["repeat", "fold", name]].dropna().drop_duplicates(["repeat", "fold"])
    reached = np.where(present, (score >= cutoff).astype(float), np.nan)
    return reached, fits[name].to_numpy(dtype=float)


def _by_class(
    model: str,
    split: str,
    rows: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
) -> list[Slice]:
    """Return one slice a class or label, each with its calls."""
    kind, names = endpoint["kind"], [str(name) for name in endpoint["classes"]]
    cases = pd.Index(rows["case"].drop_duplicates())
    present = indicators(target_of(outcomes.loc[cases], kind, names)).astype(np.int64)
    parts = []
    for name, y in zip(names, present.T, strict=True):
        own = rows[rows["class"] == name]
        if list(own["case"].drop_duplicates()) != list(cases):
            raise RadpipeError(
                f"predictions: {model} does not predict class {name!r} for the cases that it "
                "predicts the other classes for"
            )
        parts.append(_slice(model, split, own, outcomes, endpoint, y, name))
    return with_calls(parts, kind)


def with_calls(parts: Sequence[Slice], kind: str) -> list[Slice]:
    """Return the slices of the classes with what each case is called in each repeat.

    Of several classes the most probable one (ties: the first); of labels each whose score
    reaches its cut-off, or, where there is none, whose risk reaches one half.
    """
    if kind == "multilabel":
        return [replace(p, call=_half(p)) if not p.cutoffs.size else p for p in parts]
    cube = np.stack([p.risk.get(None, p.score) for p in parts], axis=2)
    known = np.isfinite(cube).all(axis=2)
    best = np.where(known[:, :, None], cube, -np.inf).argmax(axis=2)
    return [
        replace(p, call=np.where(known, (best == i).astype(float), np.nan), cutoffs=np.empty(0))
        for i, p in enumerate(parts)
    ]


def _half(part: Slice) -> FloatArray:
    """Return 1 where the risk reaches one half, NaN where there is no risk."""
    risk = part.risk.get(None, np.full(part.score.shape, np.nan))
    return np.where(np.isfinite(risk), (risk >= 0.5).astype(float), np.nan)


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
