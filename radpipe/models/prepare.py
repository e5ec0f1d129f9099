"""The part of every pipeline before the estimator, learned on its training rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import ABOUT, BATCH, CLINICAL, COVARIATE, is_feature, variable
from radpipe.core.estimator import Estimator
from radpipe.preparation.base import Step
from radpipe.preparation.coding import Coding
from radpipe.preparation.impute import Impute
from radpipe.preparation.order import moments, varies
from radpipe.preparation.scale import Scale
from radpipe.resampling.streams import integer


class Prepare(Estimator):
    """Code factors, run the steps, drop constants.

    - coding is `radpipe.preparation.coding.Coding`'s: an ordinal variable is its level's place,
      a nominal one has 0/1 columns named ``clinical.sex=Male``;
    - where no step fills in missing values, that comes first: missing or infinite numbers take
      the training median, missing levels the most frequent one (the earlier in the dictionary
      on a tie);
    - columns that are constant on the training rows (to rounding) are dropped;
    - the family's z scores come last, of the columns that no step has scaled, by the training
      mean and the standard deviation with divisor n - 1.

    Columns ``batch.NAME`` (text) and ``covariate.NAME`` of the table are no predictors: they
    are for harmonisation only.

    Parameters
    ----------
    clinical : mapping
        Clinical dictionary: name to ``{"type": "continuous" | "ordinal" | "nominal" |
        "binary", "levels": [...]}``.
    scaling : "none", "features" or "all"
        What is put on z scores; ``"features"`` leaves clinical variables and the scores of
        other models (columns without ``__``) in their own units.
    impute : bool
        False leaves every column as it is (markers): missing stays missing.
    steps : sequence of PreparationSpec
        What is done to the coded columns, in order (`radpipe.preparation.registry`).
    seed : int
        For the steps that draw; each has its own stream.
    keep : sequence of str, optional
        Variables that selection left; others leave the result. Steps that look across columns
        (ComBat, nearest neighbours) still see them all, as they did before the selection. Where
        every input is kept there was none, and the indicators of what is missing stay too.
    parts : sequence of sequence of str
        Variables of each of several selections. Steps that look across columns see those of one
        at a time, as they did before it; the variables of none learn from all.
    """

    def __init__(
        self,
        clinical: Mapping[str, Mapping[str, Any]] | None = None,
        scaling: str = "none",
        impute: bool = True,
        steps: Sequence[Any] = (),
        seed: int = 0,
        keep: Sequence[str] | None = None,
        parts: Sequence[Sequence[str]] = (),
    ) -> None:
        self.clinical = clinical
        self.scaling = scaling
        self.impute = impute
        self.steps = steps
        self.seed = seed
        self.keep = keep
        self.parts = parts

    def fit(self, X: pd.DataFrame, groups: Any = None) -> Prepare:
        """Learn from training rows; ``X`` holds float columns, and text for factors."""
        self._learn(X, groups)
        return self

    def fit_transform(self, X: pd.DataFrame, groups: Any = None) -> pd.DataFrame:
        """Learn from training rows, and return them prepared: as `fit` and `transform`, once."""
        return self._last(self._learn(X, groups))

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return complete numeric columns in the order of their names."""
        Z, about = self.coding_.transform(self._own(X)), self._about(X)
        for step in self.steps_:
            Z = step.transform(Z, about)
        return self._last(Z)

    def _learn(self, X: pd.DataFrame, groups: Any) -> pd.DataFrame:
        """Learn everything; return the rows after the steps, with constants and unscaled."""
        names = [str(c) for c in X.columns]
        predictors = sorted(c for c in names if not c.startswith(ABOUT))
        self.steps_ = self._plan(predictors)
        whole = self.keep is None or set(predictors) <= set(self.keep)
        self.kept_ = None if whole else set(self.keep or ())
        self.inputs_ = self._inputs(predictors)
        table = self._own(X)
        self.coding_ = Coding(self.clinical, every_level=not self.impute).fit(table)
        Z = self.coding_.transform(table)
        self.imputed_ = self.coding_.missing(table, Z) if self.impute else {}
        self._learn_about(X, [c for c in names if c.startswith(ABOUT)])
        about = self._about(X)
        for step in self.steps_:
            Z = step.fit_transform(Z, about, groups)
        self._learn_columns(Z)
        return Z

    def _learn_columns(self, Z: pd.DataFrame) -> None:
        """Learn which columns are left, and the family's scaling of them."""
        names = [str(c) for c in Z.columns]
        if self.kept_ is not None:
            names = [c for c in names if c in self.kept_ or _of_factor(c) in self.kept_]
        own = Z if len(names) == Z.shape[1] else Z[names]
        mean, sd = moments(own.to_numpy(dtype=float))
        varying = varies(mean, sd) if self.impute else np.ones(len(names), dtype=bool)
        self.columns_ = [c for c, ok in zip(names, varying, strict=True) if ok]
        self.constant_ = [c for c, ok in zip(names, varying, strict=True) if not ok]
        self.scale_: Scale | None = None
        left = self.to_scale(self.columns_, self.scaling if self.impute else "none")
        if left.any():
            self.scale_ = Scale.z_scores_of(self.columns_, mean[varying], sd[varying], left)

    def to_scale(self, names: Sequence[str], scaling: str) -> NDArray[np.bool_]:
        """Return which columns a family's scaling acts on: never on those that a step has scaled.

        Twice would undo what the step was asked for.
        """
        if scaling == "none":
            return np.zeros(len(names), dtype=bool)
        done = {name for step in self.steps_ if isinstance(step, Scale) for name in step.scaled}
        own = (name not in done and (scaling == "all" or is_feature(name)) for name in names)
        return np.fromiter(own, dtype=bool, count=len(names))

    def _last(self, Z: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that are left, scaled."""
        levels = Z.attrs["levels"]
        if len(self.columns_) != Z.shape[1]:
            Z = Z[self.columns_]
        if self.scale_ is not None:
            Z = self.scale_.transform(Z)
        Z.attrs["levels"] = levels
        return Z

    def unseen(self, X: pd.DataFrame) -> int:
        """Return how many values of ``X`` are levels that the training rows did not hold."""
        return self.coding_.unseen(X)

    def report(self) -> dict[str, Any]:
        """Return what was learned, ready for JSON."""
        wanted = set(self.inputs_ if self.kept_ is None else map(variable, self.kept_))
        factors = self.coding_.factors_.items()
        found: dict[str, Any] = {
            "imputed": {name: n for name, n in self.imputed_.items() if name in wanted},
            "constant_dropped": self.constant_,
            "reference_levels": {
                n: f.seen[0] for n, f in factors if not f.ordinal and f.seen and n in wanted
            },
            "z_scores": self._z_scores(),
            "z_score_divisor": "n - 1",
        }
        if self.steps:
            found["steps"] = [
                {"kind": step.kind, **_extent(step), **step.report()} for step in self.steps_
            ]
            found["flags"] = self.flags
        return found

    @property
    def flags(self) -> list[str]:
        """What every caption of a result has to say of its preparation."""
        return list(dict.fromkeys(flag for step in self.steps_ for flag in step.flags))

    def _plan(self, names: list[str]) -> list[Step]:
        """Return the unfitted steps for predictors of these names."""
        own: list[Step] = []
        reach = self._reach(names)
        for i, spec in enumerate(self.steps):
            seed = integer(self.seed, "preparation", str(i), spec.kind)
            if spec.build(seed).columnwise:
                own.append(spec.build(seed))
                continue
            for sees, changes in reach:
                step = spec.build(seed)
                step.sees, step.changes = sees, changes
                own.append(step)
        if self.impute and not any(isinstance(step, Impute) for step in own):
            own.insert(0, Impute())
        return own

    def _reach(self, names: list[str]) -> list[tuple[list[str] | None, list[str] | None]]:
        """Return what each step that looks across columns sees, and changes; None for all.

        A selection is made once for all models that share it, whatever else these take, so that
        it cannot have seen their other inputs: the model has to prepare its columns likewise.
        """
        left, found = list(names), list[tuple[list[str] | None, list[str] | None]]()
        for part in map(set, self.parts):
            own = [name for name in left if name in part]
            left = [name for name in left if name not in part]
            found += [(own, own)] if own else []
        # the others first, while they can still see what the parts were
        found = [(None, left), *found] if left else found
        return found if len(found) > 1 else [(None, None)]

    def _inputs(self, names: list[str]) -> list[str]:
        """Return the columns to read: all, or what is kept where no step looks across columns."""
        if self.kept_ is None or not all(step.columnwise for step in self.steps_):
            return names
        wanted = {variable(name) for name in self.kept_} | self.kept_
        return [name for name in names if name in wanted]

    def _own(self, X: pd.DataFrame) -> pd.DataFrame:
        return X if self.inputs_ == list(X.columns) else X[self.inputs_]

    def _learn_about(self, X: pd.DataFrame, names: list[str]) -> None:
        """Learn to code and to complete what the steps have to know beside the predictors."""
        batches = {BATCH + name for spec in self.steps for name in spec.batch_columns()}
        kept = {COVARIATE + name for spec in self.steps for name in spec.covariate_names()}
        self.texts_ = sorted(batches & set(names))
        self.covariates_ = sorted(kept & set(names))
        self.completing_: list[Any] = []
        if self.covariates_:
            coding = Coding(self.clinical).fit(X[self.covariates_])
            fill = Impute().fit(coding.transform(X[self.covariates_]))
            self.completing_ = [coding, fill]

    def _about(self, X: pd.DataFrame) -> pd.DataFrame | None:
        """Return batches as text, and covariates coded and complete; None where there are none."""
        if not self.texts_ and not self.covariates_:
            return None
        texts = X[self.texts_]
        if not self.completing_:
            return texts
        coding, fill = self.completing_
        return pd.concat([texts, fill.transform(coding.transform(X[self.covariates_]))], axis=1)

    def _z_scores(self) -> dict[str, dict[str, float]]:
        """Return mean and standard deviation of the columns that the family put on z scores."""
        found: dict[str, dict[str, float]] = {}
        for step in (*self.steps_, self.scale_):
            if isinstance(step, Scale):
                found |= step.z_scores()
        left = set(self.columns_)
        return {name: score for name, score in found.items() if name in left}


def _of_factor(column: str) -> str:
    """Return the variable of a coded column; a feature's indicator is a column of its own."""
    return variable(column) if column.startswith(CLINICAL) else column


def _extent(step: Step) -> dict[str, int]:
    """Return how many variables a step changes, where it is not all."""
    return {} if step.changes is None else {"variables": len(step.changes)}
