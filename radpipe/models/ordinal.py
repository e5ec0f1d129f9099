"""Ordinal logistic regression (proportional odds) by maximum likelihood, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.classifier import Classifier
from radpipe.models.coefficients import coefficient_table, determined, interval_words
from radpipe.models.multinomial import fit_classes
from radpipe.models.spec import FittedSpec, Scaling


class OrdinalSpec(FittedSpec):
    """Log odds of a higher class, the same for every cut between two classes.

    Where a patient has several cases, errors are clustered by patient.
    """

    endpoints: ClassVar[frozenset[str]] = frozenset({"ordinal"})
    lifts: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True
    calibrated_risk: ClassVar[bool] = True
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["ordinal"] = "ordinal"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Ordinal()


class Ordinal(Classifier):
    """Maximum likelihood; where the classes are separated, with pseudo-data."""

    def _learn_grouped(
        self, values: FloatArray, codes: NDArray[Any], sample_weight: Any, groups: Any
    ) -> None:
        from radpipe.stats.ordinal import fit_ordinal, robust_vcov

        fit, interval, said = fit_classes(
            fit_ordinal, robust_vcov, values, codes, sample_weight, groups
        )
        self.notes_ += said
        # plain numbers only, so that a stored model depends on nothing else
        self.coef_ = np.nan_to_num(fit.coef)
        self.thresholds_ = fit.thresholds.copy()
        self.table_ = coefficient_table(
            self.names_, fit.coef, fit.se, fit.lower, fit.upper, fit.p, "or"
        )
        self.notes_ += determined(self.names_, fit.coef)
        self.params_ = {"method": fit.method, **interval_words(interval), "n": len(codes)}

    def _probabilities(self, values: FloatArray) -> FloatArray:
        from scipy.special import expit

        below = expit(self.thresholds_ - (values @ self.coef_)[:, None])
        n = len(values)
        return np.diff(np.column_stack([np.zeros(n), below, np.ones(n)]), axis=1)

    def summary(self) -> dict[str, Any]:
        """Return coefficients with Wald intervals, and the thresholds between the classes."""
        if self.degenerate_:
            return super().summary()
        return {
            "coefficients": [dict(row) for row in self.table_],
            "thresholds": self.thresholds_.tolist(),
            "params": dict(self.params_),
            "notes": list(self.notes_),
        }
