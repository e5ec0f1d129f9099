"""Metrics of several classes or labels together: averages over them, agreement, overall errors.

Under resampling an AUC is the mean over repeats; a count is that of each case's mean over repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.evaluation.table import FloatArray, Slice, slices
from radpipe.stats.influence import mean_of, ratio_influence, ratio_of, wald
from radpipe.stats.kappa import kappa_of_table
from radpipe.stats.mean_auc import hand_till_auc, macro_auc, micro_auc
from radpipe.stats.proportions import wilson_clustered
from radpipe.stats.results import Estimate, counted, join_notes

LEAST = 1e-15
"""Risks below it count as it in the log loss, which is infinite at 0."""


@dataclass(frozen=True)
class Several:
    """The slices of all classes of one model in one split, as arrays (n, repeats, k).

    Parameters
    ----------
    parts : sequence of Slice
        One a class, with the same cases in the same order.
    """

    parts: Sequence[Slice]

    @property
    def names(self) -> list[str]:
        """Classes in their order."""
        return [p.label for p in self.parts]

    @property
    def group(self) -> NDArray[Any] | None:
        """Patient of each case."""
        return self.parts[0].group

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each case is of each class, (n, k)."""
        return np.column_stack([p.y == 1 for p in self.parts])

    @property
    def pooled(self) -> FloatArray:
        """What ranks."""
        return np.stack([p.pooled for p in self.parts], axis=2)

    @property
    def risk(self) -> FloatArray | None:
        """Probabilities; None where the model gives none."""
        if not all(None in p.risk for p in self.parts):
            return None
        return np.stack([p.risk[None] for p in self.parts], axis=2)

    @property
    def called(self) -> FloatArray:
        """Share of the repeats that call a case of each class, (n, k); NaN where none does."""
        return np.column_stack([over_repeats(p.call) for p in self.parts])

    @property
    def counts(self) -> FloatArray:
        """True (rows) by called (columns) classes, (k, k), averaged over repeats."""
        share = np.nan_to_num(self.called)
        return np.asarray(self.present.T.astype(float) @ share)


def over_repeats(values: FloatArray) -> FloatArray:
    """Return the mean over repeats (axis 1) of those that are known; NaN where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def confusion(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> pd.DataFrame:
    """Return how many cases of which class are called of which, averaged over repeats.

    Of a binary endpoint the classes are those without the event and with it, called by the cut-off.

    Returns
    -------
    DataFrame
        Columns model, split, true, called, n (cases, a mean over repeats), of (cases of the true
        class that are called at all), repeats; one row a pair of classes.
    """
    rows, binary = [], endpoint["kind"] == "binary"
    parts = slices(predictions, outcomes, endpoint)
    for (model, split), own in groupby(parts, key=lambda part: (part.model, part.split)):
        several = Several(list(own))
        if binary:
            several = Several(_both_sides(several.parts[0], endpoint))
        counts, repeats = several.counts, several.parts[0].repeats
        for i, true in enumerate(several.names):
            for j, called in enumerate(several.names):
                found = {"model": model, "split": split, "true": true, "called": called}
                of = {"n": float(counts[i, j]), "of": float(counts[i].sum()), "repeats": repeats}
                rows.append(found | of)
    columns = ["model", "split", "true", "called", "n", "of", "repeats"]
    return pd.DataFrame(rows, columns=columns)


def _both_sides(part: Slice, endpoint: Mapping[str, Any]) -> list[Slice]:
    """Return the cases of a binary endpoint as of two classes."""
    assert part.y is not None
    name = str(endpoint.get("label") or "the event")
    return [
        replace(part, y=1 - part.y, call=1 - part.call, label=f"Without {name}"),
        replace(part, label=f"With {name}"),
    ]


def class_metrics(part: Several, kind: str, level: float) -> Iterator[tuple[str, Estimate]]:
    """Yield the metrics of all classes (or labels) together, by name."""
    y, scores, names = part.present, part.pooled, part.names
    yield "macro_auc", macro_auc(y, scores, level, part.group, names)
    yield "micro_auc", micro_auc(y, scores, level, part.group)
    if kind == "multilabel":
        yield from _label_metrics(part, level)
        return
    yield "hand_till", hand_till_auc(y, scores, level, part.group, names)
    yield "accuracy", _accuracy(part, level)
    yield "balanced_accuracy", _balanced(part, level)
    yield "macro_f1", _macro_f1(part, level)
    yield "kappa", _kappa(part, kind == "ordinal", level)
    risk = part.risk
    if risk is not None:
        yield from _errors(part, risk, kind, level)


def f1(part: Slice, level: float) -> Estimate:
    """Return 2 TP / (2 TP + FP + FN) of one class."""
    assert part.y is not None
    call = over_repeats(part.call)
    method = f"delta method{_on_counts(part)}"
    return ratio_of(2 * call * part.y, call + part.y, method, level, part.group, (0.0, 1.0))


def _on_counts(part: Slice) -> str:
    return f" on counts averaged over {part.repeats} repeats" if part.repeats > 1 else ""


def _hit(part: Several) -> FloatArray:
    """Return the share of repeats that call each case rightly, (n,)."""
    called = part.called
    known = np.isfinite(called).all(axis=1)
    return np.where(known, (np.nan_to_num(called) * part.present).sum(axis=1), np.nan)


def _accuracy(part: Several, level: float) -> Estimate:
    hit = _hit(part)
    known = np.isfinite(hit)
    group = None if part.group is None else part.group[known]
    e = wilson_clustered(hit[known], np.ones(int(known.sum())), group, level)
    left = int((~known).sum())
    note = f"{counted(left, 'case')} that are called of no class left out" if left else ""
    method = e.method + _on_counts(part.parts[0])
    return replace(e, method=method, note=join_notes(e.note, note))


def _balanced(part: Several, level: float) -> Estimate:
    """Return the mean over classes of the share that is called rightly."""
    hit = _hit(part)
    found = [
        ratio_influence(np.where(np.isfinite(hit), y * np.nan_to_num(hit), np.nan), y * 1.0)
        for y in part.present.T
    ]
    method = f"mean of the classes' sensitivities, delta method{_on_counts(part.parts[0])}"
    return _mean_over(found, part, method, level)


def _macro_f1(part: Several, level: float) -> Estimate:
    found = [
        ratio_influence(2 * call * y, call + y)
        for call, y in zip(part.called.T, part.present.T.astype(float), strict=True)
    ]
    method = f"mean of the classes' F1, delta method{_on_counts(part.parts[0])}"
    return _mean_over(found, part, method, level)


def _mean_over(
    found: Sequence[tuple[float, FloatArray, str]], part: Several, method: str, level: float
) -> Estimate:
    """Return the mean of ratios over classes."""
    value = float(np.mean([v for v, _, _ in found]))
    influence = np.mean([i for _, i, _ in found], axis=0)
    lacking = [
        f"{name}: {note}"
        for name, (v, _, note) in zip(part.names, found, strict=True)
        if np.isnan(v)
    ]
    note = join_notes(*lacking) if lacking else found[0][2]
    return wald(value, influence, method, level, part.group, (0.0, 1.0), note)


def _kappa(part: Several, ordered: bool, level: float) -> Estimate:
    """Return Cohen's kappa, with quadratic weights where classes have an order."""
    how = "quadratic" if ordered else "unweighted"
    n = int(np.isfinite(part.called).all(axis=1).sum())
    single = part.parts[0].repeats == 1 and part.group is None
    k = kappa_of_table(part.counts, "quadratic" if ordered else "unweighted", level)
    note = "" if np.isfinite(k.estimate) else k.note
    if single or not np.isfinite(k.estimate):
        method = f"Cohen's kappa, {how}; Wald interval within -1 and 1{_on_counts(part.parts[0])}"
        low, high = np.clip([k.lower, k.upper], -1.0, 1.0)
        return Estimate(k.estimate, float(low), float(high), method, n, k.se, level, note=note)
    method = f"Cohen's kappa, {how}; delta method, within -1 and 1{_on_counts(part.parts[0])}"
    influence = _kappa_influence(part, ordered, k.observed, k.expected)
    return wald(k.estimate, influence, method, level, part.group, (-1.0, 1.0), note)


def _kappa_influence(part: Several, ordered: bool, observed: float, expected: float) -> FloatArray:
    """Return each case's influence on kappa: through the agreement, and through the margins."""
    called, y = part.called, part.present.astype(float)
    known = np.isfinite(called).all(axis=1)
    called, y, n, k = called[known], y[known], int(known.sum()), len(part.names)
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    credit = 1 - steps**2 if ordered else np.eye(k)
    rows, columns = y.mean(axis=0), called.mean(axis=0)
    agreed = np.einsum("ni,ij,nj->n", y, credit, called) - observed
    chance = y @ credit @ columns + called @ credit.T @ rows - 2 * expected
    out = np.full(known.size, np.nan)
    out[known] = (agreed / (1 - expected) - chance * (1 - observed) / (1 - expected) ** 2) / n
    return out


def _errors(
    part: Several, risk: FloatArray, kind: str, level: float
) -> Iterator[tuple[str, Estimate]]:
    """Yield the mean errors of the probabilities."""
    y = part.present[:, None, :].astype(float)
    repeats = risk.shape[1]
    over = f", mean over {repeats} repeats" if repeats > 1 else ""
    group = part.group
    squares = over_repeats(((risk - y) ** 2).sum(axis=2))
    method = f"sum over classes of squared errors (0 to 2), Wald interval{over}"
    yield "brier", mean_of(squares, method, level, group, (0.0, 2.0))
    own = np.where(np.isfinite(risk).all(axis=2), (risk * y).sum(axis=2), np.nan)
    loss = over_repeats(-np.log(np.maximum(own, LEAST)))
    method = f"mean of -ln(risk of the true class), Wald interval{over}"
    yield "log_loss", mean_of(loss, method, level, group, (0.0, np.inf))
    if kind == "ordinal":
        steps = (np.cumsum(risk, axis=2) - np.cumsum(y, axis=2))[:, :, :-1]
        score = over_repeats((steps**2).mean(axis=2))
        method = f"squared errors of the cumulative risks, mean of the cuts, Wald interval{over}"
        yield "ranked_probability_score", mean_of(score, method, level, group, (0.0, 1.0))


def _label_metrics(part: Several, level: float) -> Iterator[tuple[str, Estimate]]:
    """Yield what tells how the called labels agree with the true ones."""
    y = part.present.astype(float)
    calls = np.stack([p.call for p in part.parts], axis=2)
    if not np.isfinite(calls).any():
        return
    after = _on_counts(part.parts[0]).replace("counts", "shares")
    group, wrong = part.group, np.abs(calls - y[:, None, :])
    method = f"share of wrong labels, Wald interval{after}"
    hamming = over_repeats(wrong.mean(axis=2))
    yield "hamming_loss", mean_of(hamming, method, level, group, (0.0, 1.0))
    whole = np.where(np.isfinite(wrong).all(axis=2), (wrong.max(axis=2) == 0) * 1.0, np.nan)
    exact = over_repeats(whole)
    known = np.isfinite(exact)
    kept = None if group is None else group[known]
    e = wilson_clustered(exact[known], np.ones(int(known.sum())), kept, level)
    yield "subset_accuracy", replace(e, method=e.method + _on_counts(part.parts[0]))
    yield "macro_f1", _macro_f1(part, level)
    called = part.called
    method = f"F1 of all labels together, delta method{_on_counts(part.parts[0])}"
    top, bottom = 2 * (called * y).sum(axis=1), (called + y).sum(axis=1)
    yield "micro_f1", ratio_of(top, bottom, method, level, group, (0.0, 1.0))
