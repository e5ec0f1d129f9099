"""Support vector machine, tuned and calibrated inside the training rows."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model
from radpipe.models.spec import BINARY, FittedSpec, Scaling
from radpipe.resampling.inner import inner_folds


class SvmSpec(FittedSpec):
    """Support vector machine on z scores; the cost is tuned over a printed grid.

    ``gamma`` of the rbf kernel is 1 / number of columns, as in `e1071::svm`.

    Parameters
    ----------
    kernel : {'linear', 'rbf'}
        Shape of the decision surface: a plane, or radial basis functions.
    costs : list of float
        Costs of a misplaced case to choose from, by mean AUC over the inner folds.
    folds : int
        Folds that tune the cost and calibrate the risk, inside the training rows.
    """

    endpoints: ClassVar[frozenset[str]] = BINARY
    scaling: ClassVar[Scaling] = "all"

    kind: Literal["svm"] = "svm"
    kernel: Literal["linear", "rbf"] = "rbf"
    costs: list[float] = Field([0.1, 1.0, 10.0], min_length=1)
    folds: int = Field(5, ge=2)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Svm(self.kernel, tuple(self.costs), self.folds, seed)


class Svm(Model):
    """Support vector machine whose score is its calibrated risk.

    The cost with the highest mean AUC over inner folds is taken (the smallest on a tie). Risks
    are Platt's: a sigmoid on out-of-fold decision values of the training rows
    (`CalibratedClassifierCV`, ``ensemble=False``). The risk, and not the decision value, is the
    score, since decision values of different fits have no common scale to be pooled on.
    """

    def __init__(
        self,
        kernel: str = "rbf",
        costs: tuple[float, ...] = (0.1, 1.0, 10.0),
        folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.kernel = kernel
        self.costs = costs
        self.folds = folds
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Svm:
        """Tune, fit and calibrate."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.svm import SVC

        self.names_ = [str(c) for c in X.columns]
        values, target = X.to_numpy(dtype=float), np.asarray(y)
        part = inner_folds(target, groups, self.folds, self.seed, "svm")
        if part is None:
            raise RadpipeError(
                "svm: its tuning needs at least two training cases (or groups) of each outcome"
            )
        splits = [
            (np.flatnonzero(part != f), np.flatnonzero(part == f)) for f in range(part.max() + 1)
        ]
        self.aucs_ = [self._auc(values, target, splits, cost) for cost in sorted(self.costs)]
        self.cost_ = sorted(self.costs)[int(np.argmax(np.round(self.aucs_, 9)))]
        svc = SVC(C=self.cost_, kernel=self.kernel, gamma="auto", tol=1e-4)
        self.calibrated_ = CalibratedClassifierCV(svc, method="sigmoid", cv=splits, ensemble=False)
        self.calibrated_.fit(values, target)
        return self

    def _auc(self, X: FloatArray, y: NDArray[Any], splits: list[Any], cost: float) -> float:
        from sklearn.svm import SVC

        from radpipe.stats.roc import auc

        found = []
        for train, test in splits:
            svc = SVC(C=cost, kernel=self.kernel, gamma="auto", tol=1e-4).fit(X[train], y[train])
            found.append(auc(y[test], svc.decision_function(X[test])))
        return float(np.mean(found))

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the calibrated risk."""
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the calibrated probability of the event."""
        return np.asarray(self.calibrated_.predict_proba(X.to_numpy(dtype=float))[:, 1])

    def decision(self, X: pd.DataFrame) -> FloatArray:
        """Return decision values before calibration: above 0 on the side of the event, (n,)."""
        return np.asarray(self._machine().decision_function(X.to_numpy(dtype=float)))

    def support_vectors(self) -> int:
        """Return how many training rows are support vectors of the final machine."""
        return int(self._machine().n_support_.sum())

    def _machine(self) -> Any:
        # without an ensemble there is one machine, fitted to all training rows
        return self.calibrated_.calibrated_classifiers_[0].estimator

    def summary(self) -> dict[str, Any]:
        """Return the grid and what was chosen."""
        return {
            "coefficients": [],
            "params": {
                "kernel": self.kernel,
                "gamma": "1 / number of columns",
                "costs": sorted(self.costs),
                "mean_auc_by_cost": self.aucs_,
                "cost": self.cost_,
                "folds": self.folds,
                "calibration": "Platt's sigmoid on out-of-fold decision values",
            },
            "notes": [],
        }
