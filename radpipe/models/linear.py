"""Linear regression by least squares, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.numbers import number
from radpipe.core.target import EndpointKind
from radpipe.models.base import ScoreScale
from radpipe.models.coefficients import (
    coefficient_table,
    determined,
    interval_words,
    patient_words,
)
from radpipe.models.line import Line
from radpipe.models.spec import CONTINUOUS, FittedSpec, Scaling
from radpipe.stats.clusters import clustered


class LinearSpec(FittedSpec):
    """Linear regression by least squares, with t tests, as R's ``lm``.

    Where a patient has several cases, errors are clustered by patient, with patients - 1 degrees
    of freedom.
    """

    endpoints: ClassVar[frozenset[str]] = CONTINUOUS
    has_risk: ClassVar[bool] = False
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["linear"] = "linear"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Linear()


class Linear(Line):
    """Least squares; the score is the expected value."""

    score_scale: ClassVar[ScoreScale] = "value"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Linear:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.linear import by_patient, fit_linear

        self.names_ = [str(c) for c in X.columns]
        fit = fit_linear(X.to_numpy(dtype=float), y)
        interval, notes = "t, 95%", list(filter(None, [fit.note]))
        if clustered(groups):
            fit = by_patient(fit, groups)
            interval, more = patient_words(interval, fit.se, groups)
            notes += more
        self.intercept_ = float(fit.coef[0])
        self.coef_ = np.nan_to_num(fit.coef[1:])
        rows = coefficient_table(
            self.names_, fit.coef[1:], fit.se[1:], fit.lower[1:], fit.upper[1:], fit.p[1:], ""
        )
        for row, standardised in zip(rows, fit.standardised[1:], strict=True):
            row["standardised"] = number(standardised)
        self.summary_ = {
            "coefficients": rows,
            "intercept": self.intercept_,
            "params": {
                "method": fit.method,
                **interval_words(interval),
                "n": fit.n,
                "r2": number(fit.r2),
                "adj_r2": number(fit.adj_r2),
                "sigma": number(fit.sigma),
                "df_residual": fit.df_residual,
                "f_p": number(fit.f_test.p),
            },
            "notes": notes + determined(self.names_, fit.coef[1:]),
        }
        return self
