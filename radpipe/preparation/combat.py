"""ComBat: differences between batches (scanners, centres), learned on training rows."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import field_validator

from radpipe.core.columns import BATCH, CLINICAL, COVARIATE, is_feature, variable
from radpipe.core.errors import RadpipeError
from radpipe.core.spec import Text, Texts
from radpipe.preparation.base import FloatArray, PreparationSpec, Step
from radpipe.preparation.combat_unseen import LEAST_CASES, frame_of, harmonise
from radpipe.preparation.order import moments, varies


class CombatSpec(PreparationSpec):
    """Remove differences between batches from radiomic features, as `sva::ComBat`.

    Fitted on the training rows. Cases of a batch that these lack pass through as they are,
    which is said, unless `transductive` is set.

    Parameters
    ----------
    batch : str
        Column of the cohort table that names each case's batch (scanner, centre).
    covariates : list of str
        Clinical variables whose effect on features is kept.
    prior : {'parametric', 'nonparametric'}
        Of the batch effects over features: normal and inverse gamma, or their own distribution.
    mean_only : bool
        Shift batches, leave their variances.
    reference : str
        Batch that stays as it is and that the others are brought to.
    transductive : bool
        Bring a batch that training never saw to the others by location and scale of its own
        features (no outcome is used). Every caption says so. Fewer than 10 held-out cases of it
        are refused before the run; so few in a fold, or to be predicted, pass through as they
        are, which is said.
    """

    kind: Literal["combat"] = "combat"
    batch: Text
    covariates: Texts = ()
    prior: Literal["parametric", "nonparametric"] = "parametric"
    mean_only: bool = False
    reference: Text | None = None
    transductive: bool = False

    @field_validator("covariates")
    @classmethod
    def _plain(cls, covariates: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.removeprefix(CLINICAL) for name in covariates)

    def build(self, seed: int) -> Step:
        """Return the unfitted step."""
        return Combat(
            self.batch,
            self.covariates,
            self.prior,
            self.mean_only,
            self.reference,
            self.transductive,
        )

    def batch_columns(self) -> tuple[str, ...]:
        """Return the column of the cohort table."""
        return (self.batch,)

    def covariate_names(self) -> tuple[str, ...]:
        """Return the clinical variables."""
        return self.covariates


class Combat(Step):
    """ComBat (`radpipe.stats.combat`) of the features, fitted and applied by batch.

    Parameters
    ----------
    batch, covariates, prior, mean_only, reference, transductive :
        As for `CombatSpec`.
    """

    kind: ClassVar[str] = "combat"

    def __init__(
        self,
        batch: str,
        covariates: tuple[str, ...] = (),
        prior: str = "parametric",
        mean_only: bool = False,
        reference: str | None = None,
        transductive: bool = False,
    ) -> None:
        self.batch = batch
        self.covariates = covariates
        self.prior = prior
        self.mean_only = mean_only
        self.reference = reference
        self.transductive = transductive

    @property
    def columnwise(self) -> bool:
        """Whether what becomes of a column depends on no other: batch effects are shrunken."""
        return False

    @property
    def applied_columnwise(self) -> bool:
        """Whether, once fitted, no column needs another: those of an unseen batch may."""
        return not self.transductive

    def _learn(self, values: FloatArray, about: pd.DataFrame | None) -> None:
        from radpipe.stats.combat import fit_combat
        from radpipe.stats.combat_input import ConfoundedBatchError

        self.unseen_: dict[str, int] = {}
        self.too_few_: dict[str, int] = {}
        self.places_ = np.flatnonzero([is_feature(c) for c in self.names_])
        labels = self._labels(about, len(values))
        found, count = np.unique(labels, return_counts=True)
        self.batches_ = {str(b): int(n) for b, n in zip(found, count, strict=True)}
        self.combat_, self.frame_ = None, None
        self.covariates_: list[str] = []
        if not self.places_.size:
            return
        own = self._covariates(about)
        self.covariates_ = [c for c in own.columns if varies(*moments(own[[c]].to_numpy()))[0]]
        extra = own[self.covariates_].to_numpy(dtype=float) if self.covariates_ else None
        features = values[:, self.places_]
        try:
            self.combat_ = fit_combat(
                features, labels, extra, self.prior, self.mean_only, self.reference
            )
        except ConfoundedBatchError as error:
            beside = f" beside {', '.join(self.covariates)}" if self.covariates else ""
            cure = "leave covariates out of combat, or merge small batches"
            found = f"batch {self.batch!r}{beside}, in {len(values)} rows of one fit: {error}"
            raise RadpipeError(f"combat: {found}; {cure}") from error
        except ValueError as error:
            raise RadpipeError(f"combat: batch {self.batch!r}: {error}") from error
        if self.transductive:
            self.frame_ = frame_of(self.combat_, features, extra)

    def _apply(
        self, values: FloatArray, about: pd.DataFrame | None
    ) -> tuple[FloatArray, list[str]]:
        labels, values = self._labels(about, len(values)), values.copy(order="K")
        unseen = np.array([label not in self.batches_ for label in labels], dtype=bool)
        if self.combat_ is not None and len(values):
            extra = self._coded(about)
            seen = np.flatnonzero(~unseen)
            at = np.ix_(seen, self.places_)
            values[at] = self.combat_.apply(values[at], labels[seen], extra[seen])
        for batch in sorted(set(labels[unseen])):
            rows = np.flatnonzero(labels == batch)
            few = self.frame_ is not None and rows.size < LEAST_CASES
            noted = self.too_few_ if few else self.unseen_
            noted[batch] = max(noted.get(batch, 0), rows.size)
            if self.frame_ is not None and not few:
                at = np.ix_(rows, self.places_)
                values[at] = harmonise(
                    self.frame_, values[at], extra[rows], self.prior, self._shifts_only()
                )
        return values, self.names_

    def _shifts_only(self) -> bool:
        """Return whether the fitted adjustment leaves variances (a batch of one case does so)."""
        return self.mean_only or "mean only" in str(self.combat_.method if self.combat_ else "")

    def _labels(self, about: pd.DataFrame | None, n: int) -> NDArray[Any]:
        column = BATCH + self.batch
        if about is None or column not in about:
            raise RadpipeError(f"combat: the inputs table has no column {column!r}")
        labels = about[column]
        lost = int(labels.isna().sum())
        if lost:
            raise RadpipeError(
                f"combat: {lost} of {n} cases have no {self.batch!r}; fill it in, or exclude them"
            )
        return labels.astype(str).to_numpy(dtype=object)

    def _covariates(self, about: pd.DataFrame | None) -> pd.DataFrame:
        assert about is not None  # the labels were there
        names = [COVARIATE + name for name in self.covariates]
        columns = [str(c) for c in about.columns if variable(str(c)) in names]
        gone = sorted(set(names) - {variable(c) for c in columns})
        if gone:
            raise RadpipeError(f"combat: the inputs table has no column {gone[0]!r}")
        return about[columns].astype(float)

    def _coded(self, about: pd.DataFrame | None) -> FloatArray:
        assert about is not None
        if not self.covariates_:
            return np.zeros((len(about), 0))
        return about[self.covariates_].to_numpy(dtype=float)

    def report(self) -> dict[str, Any]:
        """Return batches, covariates and method, and the batches that were not there to fit."""
        notes = [self.combat_.note] if self.combat_ is not None and self.combat_.note else []
        if self.combat_ is None:
            notes.append("no feature to harmonise")
        return {
            "batch": self.batch,
            "batches": self.batches_,
            "covariates": self.covariates_,
            "reference": self.reference,
            "method": self.combat_.method if self.combat_ is not None else "none",
            "notes": notes,
            "unseen": dict(self.unseen_),
            "too_few": dict(self.too_few_),
        }

    @property
    def flags(self) -> list[str]:
        """What became of batches that training never saw, in words."""
        noted = (*sorted(self.unseen_.items()), *sorted(self.too_few_.items()))
        return [] if self.combat_ is None else [self._told(batch, n) for batch, n in noted]

    def told(self, about: pd.DataFrame) -> dict[str, str]:
        """Return what becomes of rows of batches that training never saw, in words, by batch."""
        labels = self._labels(about, len(about))
        new = Counter(label for label in labels if label not in self.batches_)
        return {} if self.combat_ is None else {b: self._told(b, n) for b, n in new.items()}

    def _told(self, batch: str, n: int) -> str:
        left = f"batch {batch} (n={n}) not harmonised: unseen in training"
        if self.frame_ is None:
            return left
        if n < LEAST_CASES:
            return f"{left}, and fewer than {LEAST_CASES} are too few to be transductive"
        return f"transductive ComBat of batch {batch} (n={n})"
