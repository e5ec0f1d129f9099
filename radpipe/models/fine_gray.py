"""Fine and Gray's regression: the risk of an event that other events may preclude."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.coefficients import (
    WALD,
    coefficient_table,
    determined,
    interval_words,
    patient_words,
)
from radpipe.models.hazard import LogHazard, causes, incidence_hazard
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling
from radpipe.stats.clusters import clustered


class FineGraySpec(FittedSpec):
    """Fine and Gray's proportional subdistribution hazards, as `cmprsk::crr`.

    The risk by a horizon is the cumulative incidence of the event, competing events being there.
    Where a patient has several cases, errors are clustered by patient.
    """

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"
    needs_competing: ClassVar[bool] = True

    kind: Literal["fine_gray"] = "fine_gray"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Subdistribution()


class Subdistribution(LogHazard):
    """The score is the log subdistribution hazard relative to the training rows' mean.

    The risk is the cumulative incidence.
    """

    score_scale: ClassVar[ScoreScale] = "log_subhazard"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Subdistribution:
        """Fit; a column that earlier columns span, or that runs away, gets no coefficient."""
        from radpipe.stats.fine_gray import fit_fine_gray

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        code = causes(y)
        kept = np.ones(values.shape[1], dtype=bool)
        several = groups if clustered(groups) else None
        fit, runaway = fit_fine_gray(values, y["time"], code, groups=several), []
        while fit.note:  # the others' coefficients stand only without those that run away
            lost = kept.copy()
            lost[kept] = np.isnan(fit.coef)
            runaway += [name for name, gone in zip(self.names_, lost, strict=True) if gone]
            kept &= ~lost
            if not kept.any():
                break
            fit = fit_fine_gray(values[:, kept], y["time"], code, groups=several)

        def placed(found: FloatArray) -> FloatArray:
            out = np.full(kept.size, np.nan)
            out[kept] = found if kept.any() else np.nan
            return out

        coef = placed(fit.coef)
        self.coef_ = np.nan_to_num(coef)
        self.intercept_ = -float(values.mean(axis=0) @ self.coef_)
        self.degenerate_ = not kept.any()
        self.baseline_ = incidence_hazard(y) if self.degenerate_ else (fit.times, fit.cumhaz)
        interval, notes = WALD, []
        if several is not None:
            interval, notes = patient_words(WALD, fit.se, groups)
        if runaway:
            notes.append(
                "the likelihood rises without end: left out, having no coefficient: "
                + ", ".join(sorted(runaway))
            )
        if not fit.competing:
            notes.append("no training case had a competing event: this is Cox regression")
        rows = coefficient_table(
            self.names_, coef, *(placed(v) for v in (fit.se, fit.lower, fit.upper, fit.p)), "shr"
        )
        known = np.where(np.isin(self.names_, runaway), 0.0, coef)
        self.summary_ = {
            "coefficients": rows,
            "intercept": self.intercept_,
            "params": {
                "method": fit.method,
                **interval_words(interval),
                "n": fit.n,
                "events": fit.events,
                "competing": fit.competing,
            },
            "notes": notes + determined(self.names_, known),
        }
        return self
