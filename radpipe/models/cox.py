"""Cox proportional hazards regression, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.coefficients import (
    WALD,
    by_patient,
    coefficient_table,
    determined,
    interval_words,
)
from radpipe.models.hazard import LogHazard, baseline_hazard
from radpipe.models.intervals import cox_spread
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling
from radpipe.stats.clusters import clustered


class CoxSpec(FittedSpec):
    """Cox regression (Efron's method for ties, Efron baseline).

    Intervals and p values are Wald's, clustered by patient where a patient has several cases.
    """

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["cox"] = "cox"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Cox()


class Cox(LogHazard):
    """Cox regression; the score is the log hazard relative to the training rows' mean."""

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Cox:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.cox import fit_cox
        from radpipe.stats.cox_residuals import robust_vcov

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        fit = fit_cox(values, y["time"], y["event"].astype(float))
        self.coef_ = np.nan_to_num(fit.coef)
        self.intercept_ = -float(fit.means @ self.coef_)
        self.baseline_ = baseline_hazard(self.predict_score(X), y)
        interval, notes, robust = WALD, [], None
        if clustered(groups):
            robust = robust_vcov(fit, values, y["time"], y["event"].astype(float), groups=groups)
        self.spread_ = cox_spread(self.names_, fit, values, y, robust, groups)
        if robust is not None:
            fit, interval, notes = by_patient(fit, robust, groups)
        if fit.monotone:
            runaway = ", ".join(self.names_[j] for j in fit.monotone)
            notes.append(
                f"the likelihood rises without end in {runaway}: its coefficient and interval "
                "mean nothing, though the ranking stands"
            )
        self.summary_ = {
            "coefficients": coefficient_table(
                self.names_, fit.coef, fit.se, fit.lower, fit.upper, fit.p, "hr"
            ),
            "intercept": self.intercept_,
            "params": {
                "ties": fit.ties,
                **interval_words(interval),
                "n": fit.n,
                "events": fit.events,
            },
            "notes": notes + determined(self.names_, fit.coef),
        }
        return self
