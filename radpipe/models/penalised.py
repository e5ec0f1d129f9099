"""What the penalised models share: the cross-validated path and the penalty chosen on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.numbers import number
from radpipe.models.base import FloatArray, Model
from radpipe.models.coefficients import ratio
from radpipe.models.inner import Fold
from radpipe.resampling.folds import IntArray
from radpipe.resampling.inner import inner_folds
from radpipe.selection.lasso_choice import LassoChoice
from radpipe.stats.design import DegenerateDataError


class PenaltyChoice(LassoChoice):
    """The settings that the penalised models share.

    Parameters
    ----------
    alpha : float
        Share of the LASSO in the penalty (glmnet's ``alpha``): 1 is the LASSO, 0 ridge
        regression, which keeps every column, between them the elastic net.
    folds : int
        Folds of the cross-validation that chooses the penalty, inside the training rows. Behind a
        selection the resampling's inner folds take their place, each with a selection of its own.
    """

    alpha: float = Field(1.0, ge=0, le=1)


def penalty(alpha: float) -> str:
    """Return the name of a penalty with this share of the LASSO."""
    if alpha in (0.0, 1.0):
        return "LASSO" if alpha else "ridge"
    return f"elastic net, alpha {alpha:g}"


class Penalised(Model):
    """A path of penalties, and the one at lambda.min or lambda.1se of a cross-validation.

    Its folds are its own (cv.glmnet's way), stratified by outcome, with groups whole. Behind a
    selection they are the inner folds of the resample (`settle`): a fold of columns that were
    chosen on all of the rows would find that they predict, whatever they are, and would leave
    them all in. Where the chosen penalty leaves no column, the model predicts what the training
    rows show, and counts as degenerate: the penalty is never moved until something enters. The
    same holds where the training rows do not allow three folds of its own.

    Parameters
    ----------
    choose : {'min', '1se'}
    folds : int
        Folds of its own.
    seed : int
        Of these.
    alpha : float
        The share of the LASSO in the penalty, 0 to 1.
    selected : bool
        Whether a selection came before, so that there is something to `settle`.
    settled : mapping, optional
        What `settle` found: the ``lambdas``, their ``cv_mean`` and ``cv_se``, the places ``min``
        and ``1se`` of two of them, and the number of ``folds``.
    """

    sparse: ClassVar[bool] = True
    effect: ClassVar[str] = "or"
    """What the exponentiated coefficient is called; empty where it means nothing."""
    too_few: ClassVar[str] = "too few events for three folds: no penalty can be chosen"
    measure: ClassVar[str] = ""
    """What is cross-validated, in words."""
    sizes_are: ClassVar[str] = ""
    """What the path tells of each column, where it is not the coefficient."""

    def __init__(
        self,
        choose: str = "min",
        folds: int = 10,
        seed: int = 0,
        alpha: float = 1.0,
        selected: bool = False,
        settled: Mapping[str, Any] | None = None,
    ) -> None:
        self.choose = choose
        self.folds = folds
        self.seed = seed
        self.alpha = alpha
        self.selected = selected
        self.settled = settled

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether the penalty is chosen on inner folds, since a selection came before."""
        return self.selected

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        """Return the `radpipe.stats.lasso.CvPath` of the family."""
        raise NotImplementedError

    def _path(self, X: FloatArray, y: NDArray[Any], lambdas: Any = None) -> Any:
        """Return the `radpipe.stats.lasso_path.Fits` of the family."""
        raise NotImplementedError

    def _losses(self, fold: Fold, path: Any, lambdas: FloatArray) -> FloatArray:
        """Return the loss of each row that a fold leaves out at each penalty, (m, penalties)."""
        raise NotImplementedError

    def _errors(
        self, folds: Sequence[Fold], paths: Sequence[Any], lambdas: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the error of each fold at each penalty, and the weights of the folds."""
        from radpipe.stats.lasso_cv import by_fold

        pairs = zip(folds, paths, strict=True)
        return by_fold([self._losses(fold, path, lambdas) for fold, path in pairs])

    def _folds(self, y: NDArray[Any], groups: Any) -> IntArray | None:
        return inner_folds(y, groups, self.folds, self.seed, "lasso")

    def settle(self, folds: Sequence[Fold]) -> tuple[Model, list[Model]]:
        """Choose the penalty on inner folds, of which each has the columns selected on its rows.

        Each fold's path is its own; between its penalties the error is interpolated, as in
        cv.glmnet. The penalties that are compared are those that all paths reach.
        """
        paths = [self._path_of(fold) for fold in folds]
        known = [(fold, path) for fold, path in zip(folds, paths, strict=True) if path is not None]
        if not self.settles or len(known) < 2:
            return super().settle(folds)
        from radpipe.stats.lasso_cv import choose
        from radpipe.stats.lasso_path import shared_penalties

        own, lines = [fold for fold, _ in known], [path for _, path in known]
        lambdas = shared_penalties(lines)
        mean, error, _, _, at_min, at_1se = choose(lambdas, *self._errors(own, lines, lambdas))
        places = {"min": at_min, "1se": at_1se}
        settled = {"lambdas": lambdas, "cv_mean": mean, "cv_se": error, "folds": len(own)} | places
        model = self.with_settings({"settled": settled})
        best = lambdas[places[self.choose]]
        return model, [
            model._at(fold, path, best) if fold.X.shape[1] else fold.fit(model)
            for fold, path in zip(folds, paths, strict=True)
        ]

    def _path_of(self, fold: Fold) -> Any:
        """Return the path of a fold; None where its rows allow none."""
        if not self.settles or not fold.X.shape[1]:
            return None
        try:
            return self._path(fold.X.to_numpy(dtype=float), fold.y)
        except DegenerateDataError:
            return None

    def _at(self, fold: Fold, path: Any, best: float) -> Penalised:
        """Return the fit of a fold at one penalty; without a path it has no coefficient."""
        fitted: Penalised = self.with_settings({})
        values = fitted._begin(fold.X, fold.y)
        if path is not None:
            from radpipe.stats.lasso_path import coefficients_at

            intercepts, coefs = coefficients_at(path, best)
            fitted._take(coefs[0], intercepts[0])
        return fitted._end(values, fold.y)

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Penalised:
        """Fit the path, cross-validate it, and take the coefficients at the chosen penalty."""
        values = self._begin(X, y)
        try:
            if self.settled is not None:
                self._take_settled(values, y)
            else:
                folds = self._folds(y, groups)
                if folds is None or len(np.unique(folds)) < 3:
                    self.reason_ = self.too_few
                else:
                    cv = self._cross_validated(values, y, folds)
                    at = cv.index_min if self.choose == "min" else cv.index_1se
                    self._take_path(cv.path, at, cv)
        except DegenerateDataError as error:
            self.reason_ = str(error)
        return self._end(values, y)

    def _begin(self, X: pd.DataFrame, y: NDArray[Any]) -> FloatArray:
        """Begin a fit without an effect of any column, and return the values."""
        self.names_ = [str(c) for c in X.columns]
        self.reason_, self.path_, self.n_folds_ = "", {}, 0
        self._start(X.shape[1], y)
        return X.to_numpy(dtype=float)

    def _end(self, values: FloatArray, y: NDArray[Any]) -> Penalised:
        self.degenerate_ = not self.coef_.any()
        self._finish(values, y)
        return self

    def _start(self, p: int, y: NDArray[Any]) -> None:
        """Begin without an effect of any of the p columns."""
        self.coef_, self.intercept_ = np.zeros(p), 0.0

    def _take_settled(self, values: FloatArray, y: NDArray[Any]) -> None:
        """Fit the path at the penalties that were compared, and take the chosen one."""
        from radpipe.stats.lasso_cv import CvPath

        found = dict(self.settled or {})
        path = self._path(values, y, found["lambdas"])
        known = len(path.lambdas)  # it may end early, where nothing converges any more
        at = {name: min(found[name], known - 1) for name in ("min", "1se")}
        self._take_path(
            path,
            at[self.choose],
            CvPath(
                path,
                found["cv_mean"][:known],
                found["cv_se"][:known],
                path.lambdas[at["min"]],
                path.lambdas[at["1se"]],
                at["min"],
                at["1se"],
                self.measure,
                found["folds"],
            ),
        )

    def _take_path(self, path: Any, at: int, cv: Any) -> None:
        """Take the coefficients at one place of a path, and keep it with its cross-validation."""
        self.n_folds_ = int(cv.folds)
        self._take(path.coefs[at], path.intercepts[at])
        if not self.coef_.any():
            self.reason_ = f"lambda.{self.choose} leaves no column"
        sizes = self._sizes(path.coefs)
        told = {"coefs_are": self.sizes_are} if self.sizes_are else {}
        self.path_ = {
            "log_lambda": np.log(path.lambdas),
            "coefs": {
                self.names_[j]: sizes[:, j].copy() for j in np.flatnonzero(sizes.any(axis=0))
            },
            **told,
            "cv_mean": cv.cv_mean,
            "cv_se": cv.cv_se,
            "nonzero": path.nonzero,
            "lambda_min": float(cv.lambda_min),
            "lambda_1se": float(cv.lambda_1se),
            "measure": cv.measure,
        }

    def _take(self, coef: FloatArray, intercept: Any) -> None:
        """Take the coefficients at the chosen penalty."""
        self.coef_, self.intercept_ = coef.copy(), float(intercept)

    def _sizes(self, coefs: FloatArray) -> FloatArray:
        """Return what the path tells of each column, shape (penalties, p)."""
        return coefs

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        """Learn what prediction needs beyond the coefficients."""

    def used(self) -> list[str]:
        """Return the columns with a coefficient."""
        return [n for n, b in zip(self.names_, self.coef_, strict=True) if b]

    def _formula(self) -> dict[str, Any]:
        """Return the coefficients other than 0, and the intercept."""
        rows = [
            {"name": n, "coef": number(b), **({self.effect: ratio(b)} if self.effect else {})}
            for n, b in zip(self.names_, self.coef_, strict=True)
            if b
        ]
        return {"coefficients": rows, "intercept": self.intercept_}

    def summary(self) -> dict[str, Any]:
        """Return the formula, the path and its cross-validation."""
        found: dict[str, Any] = {
            **self._formula(),
            "params": {
                "choose": self.choose,
                "folds": self.n_folds_,
                "folds_are": "inner" if self.settled is not None else "own",
                "penalty": penalty(self.alpha),
            },
            "notes": [self.reason_] if self.reason_ else [],
        }
        if self.path_:
            found["path"] = {
                key: {name: column.tolist() for name, column in value.items()}
                if isinstance(value, dict)
                else (value.tolist() if isinstance(value, np.ndarray) else value)
                for key, value in self.path_.items()
            }
        return found
