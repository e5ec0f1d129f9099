"""Settings that are chosen inside the training rows, by what they give on inner folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from radpipe.core import target
from radpipe.core.errors import nearest
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.out_of_fold import (
    mean_ranking,
    out_of_fold_stages,
    training_folds,
    weighted,
)
from radpipe.models.spec import FittedSpec
from radpipe.resampling.folds import IntArray

Value = int | float | str
Grid = Mapping[str, Sequence[Value]]


def _grid(value: Any) -> Any:
    """Read ``none`` or nothing as no candidates, and one value as a list of it."""
    if value is None or value == "none":
        return {}
    if not isinstance(value, Mapping):
        return value
    return {name: v if isinstance(v, list | tuple) else [v] for name, v in value.items()}


Candidates = Annotated[
    dict[str, Annotated[list[Value], Field(min_length=1)]], BeforeValidator(_grid)
]


class TunedSpec(FittedSpec):
    """Settings of a family some of which may be chosen on inner folds.

    A family's default candidates are the default of ``tune``; every other setting of the family
    may be named there too. Each is an argument of the family's estimator, by the same name.

    Parameters
    ----------
    tune : mapping of str to list
        Candidates of settings, the simplest first: all combinations are tried, and the best mean
        AUC (several classes: mean over classes; survival: Harrell's C; continuous: least mean
        squared error) over the inner folds is taken, the first on a tie; `none` tries nothing. A
        setting that is given a value is not tuned unless it is named here.
    folds : int
        Folds inside the training rows that tune, and calibrate where the family needs it.
    """

    tune: Candidates = Field({})
    folds: int = Field(5, ge=2)

    @model_validator(mode="before")
    @classmethod
    def _set_is_not_tuned(cls, data: Any) -> Any:
        """Take out of the default candidates what is set by hand."""
        if not isinstance(data, Mapping) or "tune" in data:
            return data
        default = cls.model_fields["tune"].get_default(call_default_factory=True)
        return {**data, "tune": {name: v for name, v in default.items() if name not in data}}

    @model_validator(mode="after")
    def _set_or_tuned(self) -> Self:
        for name in self.tune:
            field = type(self).model_fields[name]
            if name in self.model_fields_set and getattr(self, name) != field.default:
                raise ValueError(f"{name!r} both set and tuned; keep one of the two")
        return self

    @classmethod
    def tunable(cls) -> list[str]:
        """Return the names of the settings that may be tuned."""
        fixed = {"kind", *TunedSpec.model_fields}
        return [name for name in cls.model_fields if name not in fixed]

    @field_validator("tune")
    @classmethod
    def _of_the_family(cls, grid: dict[str, list[Value]]) -> dict[str, list[Value]]:
        """Return the candidates as the family's own settings would be read."""
        return {name: [cls._candidate(name, v) for v in values] for name, values in grid.items()}

    @classmethod
    def _candidate(cls, name: str, value: Value) -> Any:
        known = cls.tunable()
        if name not in known:
            hint = nearest(name, known)
            allowed = f"allowed: {', '.join(known)}" if known else "write tune: none"
            raise ValueError(
                f"{name!r}, which is no setting to tune; {hint + '; ' if hint else ''}{allowed}"
            )
        field = cls.model_fields[name]
        try:
            return TypeAdapter(Annotated[field.annotation, field]).validate_python(value)
        except ValidationError as error:
            said = error.errors(include_url=False)[0]["msg"]
            raise ValueError(f"{value!r} as a candidate of {name}; {said}") from error

    def tuned(self, model: Model, seed: int) -> Model:
        """Return the model with the candidates to choose from, or with the only one there is."""
        if all(len(values) == 1 for values in self.tune.values()):
            return model.set_params(**{name: v[0] for name, v in self.tune.items()})
        return Tuned(model, {name: list(v) for name, v in self.tune.items()}, self.folds, seed)


class Tuned(Model):
    """A model whose settings are those that rank best on inner folds of the training rows.

    The chosen settings are fitted to all training rows. Where the rows allow no inner folds, the
    first candidate is taken, and said. A model may name in ``staged`` a setting whose fit holds
    the fits of all lower values (how many trees are added to each other); its `staged_score` then
    spares their own.

    Parameters
    ----------
    model : Model
        Unfitted.
    grid : mapping of str to sequence
        Candidates of its parameters, the simplest first.
    folds : int
        At least 2.
    seed : int
        Of the folds.
    """

    def __init__(self, model: Model, grid: Grid, folds: int = 5, seed: int = 0) -> None:
        self.model = model
        self.grid = grid
        self.folds = folds
        self.seed = seed

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """The scale of the model's scores."""
        return self.model.score_scale

    @property
    def sparse(self) -> bool:  # type: ignore[override]
        """Whether the model's fit itself leaves columns out."""
        return self.model.sparse

    def candidates(self) -> list[dict[str, Any]]:
        """Return every combination of the grid; the last setting changes first."""
        every = product(*self.grid.values())
        return [dict(zip(self.grid, values, strict=True)) for values in every]

    def fit(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> Tuned:
        """Choose, and fit what was chosen."""
        self.fit_scored(X, y, groups, sample_weight)
        return self

    def fit_scored(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> FloatArray | None:
        """Fit, and return the chosen settings' inner out-of-fold scores of the training rows.

        None where there are no inner folds.
        """
        from sklearn.base import clone

        options = self.candidates()
        part = training_folds(y, groups, self.folds, self.seed, "tuning")
        self.folds_ = 0 if part is None else int(part.max()) + 1
        self.means_: list[float] = []
        chosen: int = 0
        best: FloatArray | None = None
        if part is not None:
            scores = self._scores(options, X, y, part, groups, sample_weight)
            self.means_ = [mean_ranking(y, s, part) for s in scores]
            for place, mean in enumerate(self.means_):
                chosen = place if _better(mean, self.means_[chosen]) else chosen
            best = scores[chosen]
        self.chosen_ = options[chosen]
        self.best_ = clone(self.model).set_params(**self.chosen_)
        self.best_.fit(X, y, groups, **weighted(sample_weight))
        self.names_, self.degenerate_ = self.best_.names_, self.best_.degenerate_
        self.measure_ = _MEASURES[target.kind_of(y)]
        return best

    def _scores(
        self,
        options: list[dict[str, Any]],
        X: pd.DataFrame,
        y: NDArray[Any],
        part: IntArray,
        groups: Any,
        sample_weight: Any,
    ) -> list[FloatArray]:
        """Return each candidate's out-of-fold scores; one fit serves all its stages."""
        from sklearn.base import clone

        stage = getattr(self.model, "staged", "")
        scores: list[FloatArray] = [np.empty(0)] * len(options)
        alike: dict[tuple[Any, ...], list[int]] = {}
        for place, option in enumerate(options):
            rest = tuple((name, value) for name, value in option.items() if name != stage)
            alike.setdefault(rest, []).append(place)
        for places in alike.values():
            stages = [options[p].get(stage) for p in places]
            longest = places[stages.index(max(stages))] if stage in self.grid else places[0]
            model = clone(self.model).set_params(**options[longest])
            found = out_of_fold_stages(model, X, y, part, stages, groups, sample_weight)
            for place, s in zip(places, found, strict=True):
                scores[place] = s
        return scores

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the scores of the chosen model."""
        return self.best_.predict_score(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the risks of the chosen model."""
        return self.best_.predict_risk(X, horizons)

    def used(self) -> list[str]:
        """Return the columns that the chosen model uses."""
        return self.best_.used()

    def nomogram(self, horizons: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """Return the nomogram of the chosen model."""
        return self.best_.nomogram(horizons)

    def summary(self) -> dict[str, Any]:
        """Return what the chosen model says, with the grid, its scores and the choice."""
        found = self.best_.summary()
        means = self.means_ or [float("nan")] * len(self.candidates())
        tuning = {
            "grid": {name: list(values) for name, values in self.grid.items()},
            "measure": self.measure_,
            "folds": self.folds_,
            "candidates": [
                {**option, "score": float(mean) if np.isfinite(mean) else None}
                for option, mean in zip(self.candidates(), means, strict=True)
            ],
            "chosen": dict(self.chosen_),
        }
        notes = list(found.get("notes", []))
        if not self.folds_:
            notes.append(
                "too few cases of an outcome for inner folds: the first candidate is taken"
            )
        return {**found, "params": {**found.get("params", {}), "tuning": tuning}, "notes": notes}


_MEASURES = {
    "binary": "mean AUC",
    "multiclass": "mean AUC, macro",
    "ordinal": "mean AUC, macro",
    "multilabel": "mean AUC, macro",
    "survival": "mean C-index (Harrell)",
    "continuous": "minus mean squared error",
}


def _better(new: float, old: float) -> bool:
    """Return whether a mean is above another by more than rounding; an undefined one never is."""
    return not np.isnan(new) and (np.isnan(old) or round(new, 9) > round(old, 9))
