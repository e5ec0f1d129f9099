"""The work of the modelling benchmark written directly with scikit-learn.

A pipeline a model: medians, correlation filter, mRMR, z scores, the estimator. A grid is searched
over the whole pipeline on a fit's inner folds (each candidate selects anew); the best one then
gives the inner predictions. The selection is that of the pipeline under test, column for column;
every model has its own.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import roc_curve
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from radpipe.resampling.plan import Scope

PATHS = 10
"""Paths by which a LASSO's penalty is chosen, a fit."""


class CorrelationFilter(TransformerMixin, BaseEstimator):
    """Columns join, the least correlated first, unless a member repeats them."""

    def __init__(self, threshold: float = 0.9) -> None:
        self.threshold = threshold

    def fit(self, X: np.ndarray, y: Any = None) -> CorrelationFilter:
        r = np.abs(np.corrcoef(X, rowvar=False))
        kept: list[int] = []
        for column in np.argsort(r.mean(axis=0).round(9), kind="stable"):
            if not kept or r[column, kept].max() <= self.threshold:
                kept.append(int(column))
        self.kept_ = np.sort(kept)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return X[:, self.kept_]


class Mrmr(TransformerMixin, BaseEstimator):
    """The first columns by mutual information of correlations, relevance less redundancy."""

    def __init__(self, n: int = 20) -> None:
        self.n = n

    def fit(self, X: np.ndarray, y: np.ndarray) -> Mrmr:
        Z = (X - X.mean(axis=0)) / X.std(axis=0) / len(X) ** 0.5
        target = (y - y.mean()) / y.std() / len(y) ** 0.5
        worth = -0.5 * np.log(1 - (Z.T @ target) ** 2)
        shared, chosen = np.zeros(Z.shape[1]), [int(worth.argmax())]
        while len(chosen) < min(self.n, Z.shape[1]):
            r = Z.T @ Z[:, chosen[-1]]
            shared += -0.5 * np.log(1 - np.minimum(r * r, 1 - 1e-15))
            score = worth - shared / len(chosen)
            score[chosen] = -np.inf
            chosen.append(int(score.argmax()))
        self.kept_ = np.sort(chosen)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return X[:, self.kept_]


@dataclass
class Selection(TransformerMixin, BaseEstimator):
    """All of the pipeline before the z scores.

    Notes CPU seconds and the number of fits, and the columns of each.
    """

    threshold: float
    n: int
    spent: list[float] = field(default_factory=lambda: [0.0, 0])
    chosen: list[list[str]] = field(default_factory=list)

    def __sklearn_clone__(self) -> Selection:
        return Selection(self.threshold, self.n, self.spent, self.chosen)  # what is noted is shared

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Selection:
        self.steps_ = Pipeline(
            [
                ("median", SimpleImputer(strategy="median")),
                ("varies", VarianceThreshold()),
                ("correlation", CorrelationFilter(self.threshold)),
                ("mrmr", Mrmr(self.n)),
            ]
        )
        began = time.process_time()
        self.steps_.fit(X, y)
        self.spent[0] += time.process_time() - began
        self.spent[1] += 1
        places = np.arange(X.shape[1])
        for name in ("varies", "correlation", "mrmr"):
            step = self.steps_[name]
            places = places[step.get_support() if name == "varies" else step.kept_]
        self.chosen.append(sorted(X.columns[places]))
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        began = time.process_time()
        found = self.steps_.transform(X)
        self.spent[0] += time.process_time() - began
        return found


def estimators(penalties: int) -> dict[str, tuple[Any, dict[str, list[Any]]]]:
    """Return the estimator of each kind of model, and its grid.

    The penalties span about what the path of the LASSO would on standardised columns.
    """
    boosted = XGBClassifier(
        learning_rate=0.1, subsample=0.8, colsample_bytree=0.5, tree_method="exact", n_jobs=1
    )
    lasso = LogisticRegressionCV(
        Cs=np.logspace(-2, 2, penalties),
        l1_ratios=(1.0,),
        solver="liblinear",
        cv=PATHS,
        scoring="neg_log_loss",
        use_legacy_attributes=False,
    )
    return {
        "logistic": (LogisticRegression(C=np.inf), {}),
        "penalised_logistic": (lasso, {}),
        "svm": (SVC(gamma="auto"), {"C": [0.1, 1.0, 10.0, 100.0]}),
        "random_forest": (RandomForestClassifier(200, min_samples_leaf=3, n_jobs=1), {}),
        "xgboost": (boosted, {"max_depth": [1, 2], "n_estimators": [50, 100]}),
        "knn": (KNeighborsClassifier(algorithm="brute"), {"n_neighbors": [25, 15, 9, 5]}),
        "lda": (LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), {}),
        "nomogram": (LogisticRegression(C=np.inf), {}),
        "fusion": (LogisticRegression(C=np.inf), {}),
    }


@dataclass
class Plain:
    """What one model cost and chose, in the scopes that were measured.

    Attributes
    ----------
    selection, estimation : float
        CPU seconds.
    selections : int
        How many fits of the selection they hold.
    chosen : list of list of str
        The columns of each fit: a scope's inner folds first, then its own.
    inner, test : dict of str to array
        The scope's out-of-fold and test predictions.
    """

    selection: float
    estimation: float
    selections: int
    chosen: list[list[str]]
    inner: dict[str, np.ndarray]
    test: dict[str, np.ndarray]


def run(
    kind: str,
    tables: dict[str, pd.DataFrame],
    y: np.ndarray,
    scopes: Sequence[Scope],
    selection: Selection | None,
    penalties: int,
) -> Plain:
    """Fit a model and its inner folds in some scopes; ``tables`` holds each scope's columns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # liblinear says where it has not converged
        return _run(kind, tables, y, scopes, selection, penalties)


def _run(
    kind: str,
    tables: dict[str, pd.DataFrame],
    y: np.ndarray,
    scopes: Sequence[Scope],
    selection: Selection | None,
    penalties: int,
) -> Plain:
    steps: list[tuple[str, Any]] = [("selection", selection)] if selection else []
    estimator, grid = estimators(penalties)[kind]
    steps += [("z", StandardScaler()), ("model", estimator)]
    grid = {f"model__{name}": values for name, values in grid.items()}
    method = "decision_function" if kind == "svm" else "predict_proba"
    found = Plain(0.0, 0.0, 0, [], {}, {})
    noted = selection.chosen if selection else []
    began = time.process_time()
    for scope in scopes:
        table, place = tables[scope.name], {row: i for i, row in enumerate(scope.train)}
        train = table.iloc[scope.train]
        inner = [tuple([place[r] for r in rows] for rows in fold) for fold in scope.inner]
        outcome, pipeline, fits = y[scope.train], Pipeline(steps), len(noted)
        if grid:
            pipeline = GridSearchCV(pipeline, grid, cv=inner, scoring="roc_auc").fit(train, outcome)
            pipeline = pipeline.best_estimator_
        else:
            pipeline.fit(train, outcome)
        out = cross_val_predict(pipeline, train, outcome, cv=inner, method=method)
        if selection:  # those of the inner predictions, and before them that of all rows
            last = noted[fits:][-len(inner) - 1 :]
            noted[fits:] = [*last[1:], last[0]]
        score = out if out.ndim == 1 else out[:, 1]
        share, hit, at = roc_curve(outcome, score)
        new = getattr(pipeline, method)(table.iloc[scope.test])
        new = new if new.ndim == 1 else new[:, 1]
        assert new.shape == scope.test.shape
        assert np.isfinite(at[(hit - share).argmax()])
        found.inner[scope.name], found.test[scope.name] = score, new
    total = time.process_time() - began
    if selection:
        (found.selection, found.selections), found.chosen = selection.spent, selection.chosen
    found.estimation = total - found.selection
    return found
