"""Risks that are learned from a model's scores, on folds inside the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.core.numbers import number
from radpipe.models.base import FloatArray, Model, NoFeatures, ScoreScale
from radpipe.models.inner import Fold, folds_within, groups_of_classes, training_folds
from radpipe.models.wrapper import Wrapper

Method = Literal["platt", "isotonic"]

NOT_RISING = "out-of-fold scores do not rise with the outcome, or are too few"


class Calibrated(Wrapper):
    """A model whose risk is a rising function of its score, learned on out-of-fold scores.

    In a resample these are those of its inner folds, with selection done anew in each (`settle`):
    scores of rows that the selection has seen would be too good, and the risks too far apart.
    Elsewhere the model deals its own folds. The model itself is fitted to all training rows.
    Platt's function is a sigmoid (the score is then its risk, which the scores of different fits
    are pooled on); the isotonic one has steps (the score is then Platt's log odds, since steps
    rank their cases equal). Of several classes each has its own function of its own score, and
    their risks are divided by their sum. Functions are learned on rows as they are, balanced or
    not, so that risks are those of the training rows' prevalence.

    A class of fewer than two groups, and one whose scores do not rise with it, gets its share of
    the training rows as everyone's risk.

    Parameters
    ----------
    model : Model
        Unfitted, of an endpoint with classes or labels. Of one that is calibrated already the
        model within is taken: risks are made once. One that is fitted once a class keeps each
        class's own risks, which are calibrated again, together.
    method : {'platt', 'isotonic'}
    folds : int
        At least 2; those that tune the model too.
    seed : int
        Of the folds.
    settled : mapping, optional
        The functions, where they are known: ``slopes``, ``intercepts`` and ``shares`` of each
        class, and the ``steps`` (at, risk) of each.

    References
    ----------
    Platt, Probabilistic outputs for support vector machines, 1999 (with his targets between 0
    and 1); Zadrozny and Elkan, KDD 2002 (isotonic, and several classes one against the rest).
    """

    settles: ClassVar[bool] = True

    def __init__(
        self,
        model: Model,
        method: Method = "platt",
        folds: int = 5,
        seed: int = 0,
        settled: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.method = method
        self.folds = folds
        self.seed = seed
        self.settled = settled

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """Risks, or Platt's log odds beside isotonic risks."""
        return "risk" if self.method == "platt" else "log_odds"

    def settle(self, folds: Sequence[Fold]) -> tuple[Model, list[Model]]:
        """Learn the functions on the scores of all folds; for each fold, on those of the others."""
        _classes_only(target.kind_of(folds[0].y))
        model, fits = self._within().settle(folds)
        scores = [
            np.nan * fold.score(fit) if isinstance(fit, NoFeatures) else fold.score(fit)
            for fold, fit in zip(folds, fits, strict=True)
        ]
        own = self._around(model, self._functions(folds, scores))
        apart: list[Model] = []
        for place, (fold, fit) in enumerate(zip(folds, fits, strict=True)):
            if isinstance(fit, NoFeatures):
                apart.append(fold.fit(self))
                continue
            others = [i for i in range(len(folds)) if i != place] or [place]
            learned = self._functions([folds[i] for i in others], [scores[i] for i in others])
            apart.append(self._around(model, learned)._take(learned, fit, fold.y))
        return own, apart

    def _within(self) -> Model:
        return self.model.model if isinstance(self.model, Calibrated) else self.model

    def _around(self, model: Model, settled: Mapping[str, Any]) -> Calibrated:
        return Calibrated(model, self.method, self.folds, self.seed, settled)

    def _functions(self, folds: Sequence[Fold], scores: Sequence[FloatArray]) -> dict[str, Any]:
        """Return the functions of each class that pooled out-of-fold scores teach."""
        truth, members = (
            np.concatenate([getattr(fold, name) for fold in folds]) for name in ("truth", "members")
        )
        labels, table = _labels(truth), np.concatenate(scores)
        have = groups_of_classes(truth, members)
        if target.kind_of(truth) in ("binary", "multilabel"):  # the absence is an outcome too
            have = have.reshape(2, -1).min(axis=0)
        found = _flat(truth)
        for c, event in enumerate(labels.T):
            known = ~np.isnan(table[:, c])
            if have[c] < 2 or not known.any():
                continue
            score, event = table[known, c], event[known]
            found["slopes"][c], found["intercepts"][c] = sigmoid(score, event)
            if self.method == "isotonic" and found["slopes"][c] > 0:
                found["steps"][c] = isotonic(score, event)
        return found

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Calibrated:
        """Fit the model; learn its functions on folds of these rows where they are not known."""
        from sklearn.base import clone

        _classes_only(target.kind_of(y))
        model, settled = self._within(), self.settled
        if settled is None:
            part = training_folds(y, groups, self.folds, self.seed, "calibration")
            settled = _flat(y)
            if part is not None:
                own, _ = self.settle(folds_within(X, y, groups, part))
                model, settled = own.model, own.settled  # type: ignore[attr-defined]
        return self._take(settled, clone(model).fit(X, y, groups), y)

    def _take(self, settled: Mapping[str, Any], fitted: Model, y: NDArray[Any]) -> Calibrated:
        """Take over the functions and a fitted model."""
        self.kind_, self.model_, self.names_ = target.kind_of(y), fitted, fitted.names_
        self.slopes_, self.intercepts_ = settled["slopes"], settled["intercepts"]
        self.shares_, self.steps_ = settled["shares"], settled["steps"]
        self.degenerate_ = fitted.degenerate_
        self.flat_ = "" if self.degenerate_ or self.slopes_.any() else NOT_RISING
        return self

    def _scores(self, X: pd.DataFrame) -> FloatArray:
        return self.model_.predict_score(X).reshape(len(X), -1)

    def _log_odds(self, scores: FloatArray) -> FloatArray:
        """Return Platt's log odds of each class; of one without a function those of its share."""
        share = np.clip(self.shares_, 1e-9, 1 - 1e-9)
        flat = np.log(share / (1 - share))
        return np.where(self.slopes_ > 0, scores * self.slopes_ + self.intercepts_, flat)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risks, or of an isotonic fit to a binary endpoint Platt's log odds."""
        if self.kind_ != "binary" or self.method == "platt":
            return self.predict_risk(X)
        return self._log_odds(self._scores(X))[:, 0]

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the calibrated risk, shape (n,), or of each class or label, shape (n, k)."""
        from scipy.special import expit

        scores = self._scores(X)
        risk = np.where(self.slopes_ > 0, expit(self._log_odds(scores)), self.shares_)
        for c, (at, height) in enumerate(self.steps_):
            if at.size:
                risk[:, c] = np.interp(scores[:, c], at, height)
        if self.kind_ == "binary":
            return risk[:, 0]
        if self.kind_ == "multilabel":
            return risk
        total = risk.sum(axis=1, keepdims=True)
        return np.divide(risk, total, out=np.tile(self.shares_, (len(X), 1)), where=total > 0)

    def nomogram(self, horizons: tuple[float, ...] = ()) -> None:
        """Return nothing: the axes of the model's nomogram end at risks that are not these."""

    def summary(self) -> dict[str, Any]:
        """Return what the model says, with how its risks were made."""
        found = super().summary()
        said = {"method": self.method, "on": "out-of-fold scores of the training rows"}
        lines = zip(self.slopes_, self.intercepts_, strict=True)
        said["sigmoid"] = [{"slope": number(b), "intercept": number(a)} for b, a in lines]
        notes = list(found.get("notes", []))
        flat = [str(c) for c in np.flatnonzero(self.slopes_ <= 0)]
        if flat:
            of = "" if self.kind_ == "binary" else f" of class number {', '.join(flat)} (from 0)"
            notes.append(
                f"out-of-fold scores{of} do not rise with the outcome, or are too few: everyone "
                "gets the training rows' share"
            )
        params = {**found.get("params", {}), "calibration": said}
        return {**found, "params": params, "notes": notes}


def _classes_only(kind: str) -> None:
    if kind in ("survival", "continuous"):
        raise RadpipeError(
            f"calibrate: a {kind} endpoint has no classes whose risks could be "
            "calibrated; remove the key"
        )


def _labels(y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return the event, or each class or label, as columns of 0/1, shape (n, k)."""
    return target.indicators(y) if target.kind_of(y) in target.CLASSES else y[:, None] == 1


def _flat(y: NDArray[Any]) -> dict[str, Any]:
    """Return functions that give everyone the share of each class."""
    shares = _labels(y).mean(axis=0)
    k = len(shares)
    nothing = [(np.empty(0), np.empty(0)) for _ in range(k)]
    return {"slopes": np.zeros(k), "intercepts": np.zeros(k), "shares": shares, "steps": nothing}


def sigmoid(score: FloatArray, event: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and intercept of the log odds on a score; (0, 0) where it does not rise.

    Platt's targets stand a little inside 0 and 1, so that separated scores have a finite slope.
    """
    from radpipe.stats.logistic import fit_logistic

    n, events = len(event), int(event.sum())
    if not 0 < events < n or np.ptp(score) == 0:
        return 0.0, 0.0
    aim = np.where(event, (events + 1) / (events + 2), 1 / (n - events + 2))
    scale = float(np.abs(score).max())
    # a case that aims at t is t of an event and 1 - t of none
    fit = fit_logistic(
        np.tile(score / scale, 2)[:, None],
        np.repeat([1, 0], n),
        weights=np.concatenate([aim, 1 - aim]),
    )
    slope = float(np.nan_to_num(fit.coef[1])) / scale
    return (slope, float(fit.coef[0])) if slope > 0 else (0.0, 0.0)


def isotonic(score: FloatArray, event: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return the scores and heights of the steps, held a little inside 0 and 1 as Platt's."""
    from sklearn.isotonic import IsotonicRegression

    events = int(event.sum())
    low, high = 1 / (len(event) - events + 2), (events + 1) / (events + 2)
    fit = IsotonicRegression(y_min=low, y_max=high, out_of_bounds="clip")
    fit.fit(score, event.astype(float))
    # plain arrays, so that a stored model depends on nothing else
    return np.asarray(fit.X_thresholds_), np.asarray(fit.y_thresholds_)
