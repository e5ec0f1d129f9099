"""A nomogram: a logistic or Cox model over radscores and clinical variables, read as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.cox import Cox
from radpipe.models.hazard import hazard_at
from radpipe.models.logistic import Logistic
from radpipe.models.spec import BOTH, FittedSpec
from radpipe.selection.base import term

if TYPE_CHECKING:
    from radpipe.stats.nomogram import Term


class NomogramSpec(FittedSpec):
    """Logistic regression (binary) or Cox regression (survival), drawn as a nomogram.

    Variables stay in their own units, since the axes of the nomogram are read in them.
    """

    endpoints: ClassVar[frozenset[str]] = BOTH
    lifts: ClassVar[bool] = False  # the points of several classes have no common axis

    kind: Literal["nomogram"] = "nomogram"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Nomogram(endpoint)


class Nomogram(Model):
    """A logistic or Cox model with the points of its variables (rms's arithmetic)."""

    def __init__(self, endpoint: EndpointKind = "binary") -> None:
        self.endpoint = endpoint

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """Log odds, or log hazard relative to the training rows' mean."""
        return "log_hazard" if self.endpoint == "survival" else "log_odds"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Nomogram:
        """Fit the regression; levels of factors come with the table (`Prepare.transform`)."""
        self.names_ = [str(c) for c in X.columns]
        regression: Logistic | Cox = Cox() if self.endpoint == "survival" else Logistic()
        self.regression_ = regression.fit(X, y, groups)
        self.terms_ = [asdict(term) for term in _terms(X, self.regression_.coef_)]
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the linear predictor."""
        return self.regression_.predict_score(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), or P(event by each horizon)."""
        return self.regression_.predict_risk(X, horizons)

    def summary(self) -> dict[str, Any]:
        """Return the regression's summary."""
        return self.regression_.summary()

    def nomogram(self, horizons: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """Return variables with their points, total points, and the risks that totals mean.

        None where no variable has an effect. The axes reach as far as the variables' axes do, so
        that every case on those can be read; a Cox model has one risk axis a horizon. ``ends``
        are those of a risk axis's line, which may lie beyond its outermost ticks.
        """
        from radpipe.stats import nomogram as points
        from radpipe.stats.design import DegenerateDataError
        from radpipe.stats.nomogram_risks import reachable, read_risks

        try:
            terms = [points.Term(**known) for known in self.terms_]
            constant = float(self.regression_.summary()["intercept"])
            chart = points.build(terms, constant, reachable(terms, constant))
        except DegenerateDataError:
            return None
        if self.endpoint == "binary":
            axes = [(None, *read_risks(chart))]
        else:
            hazards = hazard_at(self.regression_.baseline_, horizons)
            axes = [
                (float(t), *read_risks(chart, float(h)))
                for t, h in zip(horizons, hazards, strict=True)
            ]
        return {
            "variables": [
                {
                    "name": axis.term.name,
                    "values": list(
                        axis.term.labels if axis.term.kind == "categorical" else axis.term.values
                    ),
                    "points": list(axis.points),
                    "categorical": axis.term.kind == "categorical",
                }
                for axis in chart.axes
            ],
            "points_per_unit": chart.points_per_unit,
            "lp_at_zero": chart.lp_at_zero,
            "total_points": list(chart.total),
            "linear_predictor": {
                "values": list(chart.lp_axis.values),
                "total_points": list(chart.lp_axis.points),
            },
            "risks": [
                {
                    "horizon": t,
                    "risk": list(ticks.values),
                    "total_points": list(ticks.points),
                    "ends": {"risk": list(ends.values), "total_points": list(ends.points)},
                }
                for t, ticks, ends in axes
            ],
        }


def _terms(X: pd.DataFrame, coef: FloatArray) -> list[Term]:
    """Return each variable with its effect at every tick or level, in order of the names."""
    from radpipe.stats.nomogram import categorical, continuous

    levels: dict[str, list[str]] = X.attrs.get("levels", {})
    by_column = dict(zip(map(str, X.columns), coef.tolist(), strict=True))
    terms = []
    for name in sorted({_term_of(column, levels) for column in by_column}):
        if name in by_column and name in levels:  # ordinal: the place of each level
            b = by_column[name]
            terms.append(categorical(name, {v: b * i for i, v in enumerate(levels[name])}))
        elif name in by_column:
            terms.append(continuous(name, by_column[name], X[name].to_numpy(dtype=float)))
        else:
            effects = {v: by_column.get(f"{name}={v}", 0.0) for v in levels[name]}
            terms.append(categorical(name, effects))
    return terms


def _term_of(column: str, levels: Mapping[str, Sequence[str]]) -> str:
    """Return the variable whose level a column stands for; of any other column its own name.

    The indicator of a missing value is a variable of its own.
    """
    name = term(column)
    return name if column.removeprefix(f"{name}=") in levels.get(name, ()) else column
