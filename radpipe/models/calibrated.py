"""Risks that are learned from a model's scores, on folds inside the training rows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.coefficients import number
from radpipe.models.out_of_fold import (
    groups_of_classes,
    out_of_fold,
    training_folds,
    weighted,
)
from radpipe.models.tuning import Tuned

Method = Literal["platt", "isotonic"]


class Calibrated(Model):
    """A model whose risk is a rising function of its score, learned on out-of-fold scores.

    The model itself is fitted to all training rows. Platt's function is a sigmoid (the score is
    then its risk, which the scores of different fits are pooled on); the isotonic one has steps
    (the score is then Platt's log odds, since steps rank their cases equal). Of several classes
    each has its own function of its own score, and their risks are divided by their sum. Training
    weights do not bear on the function, so that risks are those of the training rows' prevalence.

    A class of fewer than two groups, and one whose scores do not rise with it, gets its share of
    the training rows as everyone's risk.

    Parameters
    ----------
    model : Model
        Unfitted, of an endpoint with classes or labels. Of one that is calibrated already the
        model within is taken: risks are made once.
    method : {'platt', 'isotonic'}
    folds : int
        At least 2; those that tuned the model serve again.
    seed : int
        Of the folds.

    References
    ----------
    Platt, Probabilistic outputs for support vector machines, 1999 (with his targets between 0
    and 1); Zadrozny and Elkan, KDD 2002 (isotonic, and several classes one against the rest).
    """

    def __init__(
        self, model: Model, method: Method = "platt", folds: int = 5, seed: int = 0
    ) -> None:
        self.model = model
        self.method = method
        self.folds = folds
        self.seed = seed

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """Risks, or Platt's log odds beside isotonic risks."""
        return "risk" if self.method == "platt" else "log_odds"

    @property
    def sparse(self) -> bool:  # type: ignore[override]
        """Whether the model's fit itself leaves columns out."""
        return self.model.sparse

    def fit(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> Calibrated:
        """Fit the model, and its risks to out-of-fold scores."""
        self.kind_ = target.kind_of(y)
        if self.kind_ in ("survival", "continuous"):
            raise RadpipeError(
                f"calibrate: a {self.kind_} endpoint has no classes whose risks could be "
                "calibrated; remove the key"
            )
        self.model_, scores = self._scored(X, y, groups, sample_weight)
        self.names_ = self.model_.names_
        labels = target.indicators(y) if self.kind_ in target.CLASSES else y[:, None] == 1
        have = groups_of_classes(y, groups)
        if self.kind_ in ("binary", "multilabel"):  # there the absence is an outcome too
            have = have.reshape(2, -1).min(axis=0)
        k = labels.shape[1]
        self.slopes_, self.intercepts_ = np.zeros(k), np.zeros(k)
        self.shares_ = labels.mean(axis=0)
        self.steps_: list[tuple[FloatArray, FloatArray]] = []
        table = None if scores is None else scores.reshape(len(y), k)
        for c in range(k):
            steps = (np.empty(0), np.empty(0))
            if table is not None and have[c] >= 2:
                known = ~np.isnan(table[:, c])
                event, score = labels[known, c], table[known, c]
                self.slopes_[c], self.intercepts_[c] = sigmoid(score, event)
                if self.method == "isotonic" and self.slopes_[c] > 0:
                    steps = isotonic(score, event)
            self.steps_.append(steps)
        self.degenerate_ = not self.slopes_.any()
        return self

    def _scored(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any, sample_weight: Any
    ) -> tuple[Model, FloatArray | None]:
        """Return the fitted model and out-of-fold scores; None where there are no folds."""
        from sklearn.base import clone

        model = clone(self.model.model if isinstance(self.model, Calibrated) else self.model)
        if isinstance(model, Tuned):
            return model, model.fit_scored(X, y, groups, sample_weight)
        part = training_folds(y, groups, self.folds, self.seed, "calibration")
        scores = None if part is None else out_of_fold(model, X, y, part, groups, sample_weight)
        return model.fit(X, y, groups, **weighted(sample_weight)), scores

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

    def used(self) -> list[str]:
        """Return the columns that the model uses; none where every risk is the same."""
        return [] if self.degenerate_ else self.model_.used()

    def summary(self) -> dict[str, Any]:
        """Return what the model says, with how its risks were made."""
        found = self.model_.summary()
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
