"""Logistic regression by maximum likelihood, with inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.coefficients import (
    WALD,
    by_patient,
    coefficient_table,
    determined,
    interval_words,
    without_errors,
)
from radpipe.models.intervals import logistic_spread
from radpipe.models.line import LogOdds
from radpipe.models.spec import BINARY, FittedSpec, Scaling
from radpipe.stats.clusters import clustered

if TYPE_CHECKING:
    from radpipe.stats.logistic import LogisticFit

PROFILE = "profile penalised likelihood, 95%"
NO_PROFILE = "Firth's penalised likelihood has intervals of its coefficients alone"
SEPARATED = (
    "a combination of the variables separates the outcome: Firth's penalised likelihood is used, "
    "since maximum likelihood has no finite estimate"
)


class LogisticSpec(FittedSpec):
    """Maximum-likelihood logistic regression; Firth's penalty where the data are separated.

    Intervals and p values are Wald's, clustered by patient where a patient has several cases; of
    Firth's fit those of the profile penalised likelihood, as ``logistf``, which has no form for
    several cases a patient.
    """

    endpoints: ClassVar[frozenset[str]] = BINARY
    takes_weights: ClassVar[bool] = True
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["logistic"] = "logistic"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Logistic()


class Logistic(LogOdds):
    """Maximum likelihood, or Firth's penalised likelihood where the classes are separated.

    Firth's profile takes hundreds of fits: it is made when the summary is asked for, or the model
    is stored, and the training rows are held until then.
    """

    pending_: tuple[LogisticFit, Any, Any, Any] | None = None

    def fit(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> Logistic:
        """Fit; a column that earlier columns span gets no coefficient."""
        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        fit, interval, notes = _fitted(values, y, sample_weight, groups)
        self.pending_ = (fit, values, y, sample_weight) if interval == PROFILE else None
        none = NO_PROFILE if interval == PROFILE else ""
        self.intercept_ = float(fit.coef[0])
        self.coef_ = np.nan_to_num(fit.coef[1:])
        self.spread_ = logistic_spread(self.names_, fit, groups, none if interval else notes[-1])
        self.summary_ = {
            "coefficients": _rows(self.names_, fit),
            "intercept": self.intercept_,
            "params": {"method": fit.method, **interval_words(interval), "n": fit.n},
            "notes": notes + determined(self.names_, fit.coef[1:]),
        }
        return self

    def summary(self) -> dict[str, Any]:
        """Return coefficients with their intervals, and what was odd."""
        if self.pending_ is not None:
            from radpipe.stats.profile import profile_intervals

            fit, values, y, weights = self.pending_
            own = profile_intervals(values, y, "firth", weights)
            fit = replace(fit, lower=own.lower, upper=own.upper, p=own.p)
            self.summary_["coefficients"] = _rows(self.names_, fit)
            self.pending_ = None
        return super().summary()

    def __getstate__(self) -> dict[str, Any]:
        """Return what is stored: never the training rows."""
        if self.pending_ is not None:
            self.summary()
        return self.__dict__.copy()


def _rows(names: Sequence[str], fit: LogisticFit) -> list[dict[str, Any]]:
    """Return the coefficients but the intercept, as a summary has them."""
    parts = (fit.coef, fit.se, fit.lower, fit.upper, fit.p)
    return coefficient_table(names, *(part[1:] for part in parts), "or")


def _fitted(
    values: FloatArray, y: NDArray[Any], weights: Any, groups: Any
) -> tuple[LogisticFit, str, list[str]]:
    """Return the fit, what its intervals are (empty where it has none), and notes."""
    from radpipe.stats.logistic import fit_firth, fit_logistic, robust_vcov

    fit = fit_logistic(values, y, weights)
    several = clustered(groups)
    if fit.converged and not fit.separated:
        if not several:
            return fit, WALD, []
        return by_patient(fit, robust_vcov(fit, values, y, weights, groups=groups), groups)
    notes = [SEPARATED] if fit.separated else []
    fit = fit_firth(values, y, weights)
    if several:
        fit, interval, said = without_errors(fit, "Firth's penalised likelihood")
        return fit, interval, notes + said
    return fit, PROFILE, notes
