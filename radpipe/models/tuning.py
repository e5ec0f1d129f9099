"""Settings that are chosen inside the training rows, by what they give on inner folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, ClassVar, Self

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
from pydantic_core import InitErrorDetails, PydanticCustomError

from radpipe.core import target
from radpipe.core.errors import nearest
from radpipe.core.numbers import number
from radpipe.models.base import FloatArray, Model
from radpipe.models.inner import Fold, folds_within, mean_ranking, training_folds
from radpipe.models.spec import FittedSpec
from radpipe.models.wrapper import Wrapper

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
    """

    tune: Candidates = Field({})

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
        found: dict[str, list[Any]] = {}
        wrong: list[InitErrorDetails] = []
        for name, values in grid.items():
            for place, value in enumerate(values):
                try:
                    found.setdefault(name, []).append(cls._candidate(name, value))
                except ValidationError as error:
                    first = error.errors(include_url=False)[0]
                    kind, ctx = first["type"], first.get("ctx", {})
                    wrong.append(
                        InitErrorDetails(type=kind, loc=(name, place), input=value, ctx=ctx)
                    )
                except PydanticCustomError as error:
                    wrong.append(InitErrorDetails(type=error, loc=(name,), input=values))
                    break
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return found

    @classmethod
    def _candidate(cls, name: str, value: Value) -> Any:
        known = cls.tunable()
        if name not in known:
            hint = nearest(name, known)
            allowed = f"allowed: {', '.join(known)}" if known else "write tune: none"
            raise PydanticCustomError(
                "value_error",
                "Value error, {found}, which is no setting to tune; {hint}{allowed}",
                {"found": repr(name), "hint": f"{hint}; " if hint else "", "allowed": allowed},
            )
        field = cls.model_fields[name]
        return TypeAdapter(Annotated[field.annotation, field]).validate_python(value)

    def tuned(self, model: Model, seed: int) -> Model:
        """Return the model with the candidates to choose from, or with the only one there is."""
        if all(len(values) == 1 for values in self.tune.values()):
            return model.set_params(**{name: v[0] for name, v in self.tune.items()})
        return Tuned(model, {name: list(v) for name, v in self.tune.items()}, seed=seed)


class Tuned(Wrapper):
    """A model whose settings are those that rank best on inner folds of the training rows.

    The chosen settings are fitted to all training rows. In a resample the folds are its inner
    ones, each with the columns that selection left on that fold's rows (`settle`); elsewhere the
    model deals its own. Where the rows allow no folds, the first candidate is taken, and said. A
    model may name in ``staged`` a setting whose fit holds the fits of all lower values (how many
    trees are added to each other); its `staged_score` then spares their own.

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
    settled : mapping, optional
        What `settle` chose: the candidates' ``means``, the number of ``folds``, and which
        candidate was ``chosen``.
    """

    settles: ClassVar[bool] = True

    def __init__(
        self,
        model: Model,
        grid: Grid,
        folds: int = 5,
        seed: int = 0,
        settled: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.grid = grid
        self.folds = folds
        self.seed = seed
        self.settled = settled

    def candidates(self) -> list[dict[str, Any]]:
        """Return every combination of the grid; the last setting changes first."""
        every = product(*self.grid.values())
        return [dict(zip(self.grid, values, strict=True)) for values in every]

    def settle(self, folds: Sequence[Fold]) -> tuple[Model, list[Model]]:
        """Try every candidate in every fold, and keep the one that ranks best."""
        record, fits = self._choice(folds)
        return Tuned(self.model, self.grid, self.folds, self.seed, record), fits

    def _choice(self, folds: Sequence[Fold]) -> tuple[dict[str, Any], list[Model]]:
        tried = self.tried(folds)
        means = [mean_ranking(folds, scores) for scores, _ in tried]
        chosen = 0
        for place, mean in enumerate(means):
            chosen = place if _better(mean, means[chosen]) else chosen
        fits = tried[chosen][1]
        if not fits:  # it was a stage of longer fits
            model = self.model.with_settings(self.candidates()[chosen])
            fits = [fold.fit(model) for fold in folds]
        return {"means": means, "folds": len(folds), "chosen": chosen}, fits

    def tried(self, folds: Sequence[Fold]) -> list[tuple[list[FloatArray], list[Model]]]:
        """Return each candidate's scores in each fold, and its fits; one fit serves all stages.

        A candidate that is a stage of others' fits has none of its own.
        """
        options, stage = self.candidates(), self.model.staged
        found: list[tuple[list[FloatArray], list[Model]]] = [([], [])] * len(options)
        alike: dict[tuple[Any, ...], list[int]] = {}
        for place, option in enumerate(options):
            rest = tuple((name, value) for name, value in option.items() if name != stage)
            alike.setdefault(rest, []).append(place)
        for places in alike.values():
            stages = [options[p].get(stage) for p in places]
            longest = places[stages.index(max(stages))] if stage in self.grid else places[0]
            model = self.model.with_settings(options[longest])
            fits = [fold.fit(model) for fold in folds]
            for place, at in zip(places, stages, strict=True):
                scores = [fold.score(fit, at) for fold, fit in zip(folds, fits, strict=True)]
                found[place] = scores, fits if place == longest else []
        return found

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Tuned:
        """Fit what was chosen; choose on folds of these rows where nothing is settled."""
        settled = self.settled
        if settled is None:
            part = training_folds(y, groups, self.folds, self.seed, "tuning")
            settled = {"means": [], "folds": 0, "chosen": 0}
            if part is not None:
                settled = self._choice(folds_within(X, y, groups, part))[0]
        self.means_, self.folds_ = list(settled["means"]), int(settled["folds"])
        self.chosen_ = self.candidates()[settled["chosen"]]
        self.model_ = self.model.with_settings(self.chosen_)
        self.model_.fit(X, y, groups)
        self.names_, self.degenerate_ = self.model_.names_, self.model_.degenerate_
        self.measure_ = _MEASURES[target.kind_of(y)]
        return self

    def summary(self) -> dict[str, Any]:
        """Return what the chosen model says, with the grid, its scores and the choice."""
        found = super().summary()
        means = self.means_ or [float("nan")] * len(self.candidates())
        tuning = {
            "grid": {name: list(values) for name, values in self.grid.items()},
            "measure": self.measure_,
            "folds": self.folds_,
            "candidates": [
                {**option, "score": number(mean)}
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
