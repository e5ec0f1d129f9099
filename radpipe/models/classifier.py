"""What the families share that wrap a classifier of scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.base import FloatArray, Model
from radpipe.models.importance import importance
from radpipe.models.spec import CLASSIFIER
from radpipe.models.tuning import TunedSpec

CLASSES_IN_ANY_ORDER: frozenset[str] = CLASSIFIER | {"ordinal"}
"""Kinds of endpoint that a classifier takes; to it the classes of an ordinal one have no order."""


class ClassifierSpec(TunedSpec):
    """Settings of a family that takes two or more classes."""

    endpoints: ClassVar[frozenset[str]] = CLASSES_IN_ANY_ORDER
    calibrated_risk: ClassVar[bool] = True
    """Whether the risks are meant as frequencies; False where they are so only once calibrated."""


class Classifier(Model):
    """A classifier of scikit-learn's protocol, on one thread.

    A subclass returns the unfitted classifier, or has its own `_learn` and `_probabilities`. The
    score is the risk; on the scale "log_odds" it is that of a binary endpoint's event. A class
    that the training rows do not hold has risk 0, and is named in the notes.
    """

    def _estimator(self, n: int, p: int) -> Any:
        """Return the unfitted classifier for n rows and p columns."""
        raise NotImplementedError

    def _settings(self) -> dict[str, Any]:
        """Return what the summary says of the settings."""
        return {name: v for name, v in self.get_params(deep=False).items() if name != "seed"}

    def fit(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> Classifier:
        """Fit to the classes that the training rows hold."""
        self.names_ = [str(c) for c in X.columns]
        self.n_classes_ = target.n_classes(y)
        self.present_, codes = np.unique(target.codes(y), return_inverse=True)
        self.notes_: list[str] = []
        self.degenerate_ = len(self.present_) < 2
        if self.n_classes_ == 1 and self.degenerate_:
            raise RadpipeError(
                f"{type(self).__name__}: all {len(y)} training cases have the same outcome; "
                "ask for fewer folds, or more cases"
            )
        absent = np.setdiff1d(np.arange(max(self.n_classes_, 2)), self.present_)
        if absent.size:
            said = ", ".join(str(code) for code in absent)
            self.notes_.append(f"no training case of class number {said} (from 0): its risk is 0")
        if self.degenerate_:
            self.notes_.append("the training cases are all of one class, which gets risk 1")
            return self
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self._learn_grouped(X.to_numpy(dtype=float), codes, sample_weight, groups)
        self.notes_ += sorted({_said(w) for w in caught if issubclass(w.category, UserWarning)})
        for other in caught:
            if not issubclass(other.category, UserWarning):
                warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
        return self

    def _learn_grouped(
        self, values: FloatArray, codes: NDArray[Any], sample_weight: Any, groups: Any
    ) -> None:
        """Fit as `_learn` does; families with inference need the patients too."""
        self._learn(values, codes, sample_weight)

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        """Fit to codes from 0 without gaps."""
        self.fitted_ = self._estimator(*values.shape)
        self.fitted_.fit(values, codes, **weighted(sample_weight))

    def _probabilities(self, values: FloatArray) -> FloatArray:
        """Return the risk of each class that the training rows hold."""
        return np.asarray(self.fitted_.predict_proba(values), dtype=float)

    def _log_odds(self, values: FloatArray) -> FloatArray:
        """Return the log odds of the event of a binary endpoint, shape (n,)."""
        return np.asarray(self.fitted_.decision_function(values), dtype=float)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risks, or the log odds of a binary endpoint's event."""
        if self.score_scale == "log_odds" and self.n_classes_ == 1:
            return self._log_odds(X.to_numpy(dtype=float))
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the probability of the event, shape (n,), or of each class, shape (n, k)."""
        if self.degenerate_:
            return self._placed(np.ones((len(X), 1)))
        found = self._probabilities(X.to_numpy(dtype=float))
        return self._placed(found / found.sum(axis=1, keepdims=True))

    def _placed(self, found: FloatArray, absent: float = 0.0) -> FloatArray:
        """Return columns of the classes at hand as those of all classes; of two, the second."""
        if self.n_classes_ == 1:
            return found[:, 1]
        risk = np.full((len(found), self.n_classes_), absent)
        risk[:, self.present_] = found
        return risk

    def summary(self) -> dict[str, Any]:
        """Return the settings, and the columns by falling importance where the family has it."""
        found: dict[str, Any] = {
            "coefficients": [],
            "params": self._settings(),
            "notes": list(self.notes_),
        }
        values = None if self.degenerate_ else self._importances()
        if values is not None:
            found["importance"] = importance(self.names_, values)
        return found

    def _importances(self) -> FloatArray | None:
        """Return the importance of each column; None where the family has none."""
        values = getattr(getattr(self, "fitted_", None), "feature_importances_", None)
        return None if values is None else np.asarray(values, dtype=float)


def _said(warning: warnings.WarningMessage) -> str:
    """Return what a library warns of (no convergence, collinear columns) as a note."""
    text = " ".join(str(warning.message).split()).split(". ")[0]
    return f"no full convergence: {text}" if "Convergence" in warning.category.__name__ else text


def weighted(sample_weight: Any) -> dict[str, Any]:
    """Return the weights as an argument of ``fit``; none for a family that takes none."""
    return {} if sample_weight is None else {"sample_weight": np.asarray(sample_weight)}
