"""Cox proportional hazards regression, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.coefficients import coefficient_table, determined
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.intervals import cox_spread
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling


class CoxSpec(FittedSpec):
    """Cox regression (Efron's method for ties, Efron baseline)."""

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["cox"] = "cox"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Cox()


class Cox(Model):
    """Cox regression; the score is the log hazard relative to the training rows' mean."""

    score_scale: ClassVar[ScoreScale] = "log_hazard"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Cox:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.cox import fit_cox

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        fit = fit_cox(values, y["time"], y["event"].astype(float))
        # Only plain numbers are kept, so that a stored model depends on nothing else.
        self.coef_ = np.nan_to_num(fit.coef)
        self.centre_ = float(fit.means @ self.coef_)
        self.baseline_ = baseline_hazard(self.predict_score(X), y)
        self.spread_ = cox_spread(self.names_, fit, values, y)
        notes = []
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
            "intercept": -self.centre_,
            "params": {"ties": fit.ties, "interval": "Wald, 95%", "n": fit.n, "events": fit.events},
            "notes": notes + determined(self.names_, fit.coef),
        }
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the linear predictor minus its mean over the training rows."""
        return np.asarray(X.to_numpy(dtype=float) @ self.coef_ - self.centre_)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons))."""
        return risk_at(self.baseline_, self.predict_score(X), horizons)

    def summary(self) -> dict[str, Any]:
        """Return coefficients with Wald intervals, and what was odd.

        ``intercept`` is minus the mean linear predictor of the training rows.
        """
        return dict(self.summary_)
