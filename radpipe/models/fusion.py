"""Late fusion: models combined by what they predict out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.numbers import number
from radpipe.core.target import CLASSES, EndpointKind, kind_of
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.calibrated import Calibrated, sigmoid
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.logistic import Logistic
from radpipe.models.sides import HALF
from radpipe.models.spec import ModelSpec
from radpipe.models.votes import learned_cuts, votes

Method = Literal["logistic", "mean", "weighted_mean", "vote"]


class FusionSpec(ModelSpec):
    """Several models made one, by their predictions: late fusion, and ensembles.

    The models may be of different blocks (late fusion) or different families on the same inputs
    (a voting or stacking ensemble). What is learned of them is learned on their out-of-fold
    predictions of the training rows. A regression over models' scores with inference is `kind:
    logistic`, `multinomial`, `cox` or `linear` with models as inputs; with points, `nomogram`.

    Parameters
    ----------
    inputs : list of str
        Models.
    method : {'mean', 'weighted_mean', 'logistic', 'vote'}
        `mean` and `weighted_mean` are of the models' risks (continuous endpoints: of their
        values; survival: of the z scores of their scores, and one Cox coefficient makes the
        risk). `logistic` is a logistic regression on their scores (binary endpoints). `vote` is
        the share of the models that speak for the event: with a score at or above the Youden
        cut-off, or (survival) the median; of classes, with their most likely one. Half of the
        votes make an event, unless `cutoff` says otherwise. The risk of a vote is Platt's sigmoid
        of the share (survival: one Cox coefficient makes it).
    weights : list of float, optional
        Of `weighted_mean`, one a model; by default how far a model's out-of-fold AUC, or
        concordance, is above 0.5.
    """

    endpoints: ClassVar[frozenset[str]] = CLASSES | {"binary", "survival", "continuous"}
    imputes: ClassVar[bool] = False  # a model without a prediction has no say

    kind: Literal["fusion"] = "fusion"
    inputs: list[str] = Field(min_length=2)
    method: Method = "mean"
    weights: list[float] | None = None

    @model_validator(mode="after")
    def _weighed(self) -> Self:
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("a model twice among the inputs; name each once")
        if self.weights is None:
            return self
        if self.method != "weighted_mean":
            raise ValueError(f"weights beside method {self.method}; set it to weighted_mean")
        if len(self.weights) != len(self.inputs):
            raise ValueError(
                f"{len(self.weights)} weights for {len(self.inputs)} models; give one a model"
            )
        if not all(np.isfinite(w) and w >= 0 for w in self.weights) or not sum(self.weights):
            raise ValueError("weights below 0, or all 0; give shares of the models")
        return self

    @property
    def selection(self) -> None:
        """A fusion selects nothing."""
        return None

    def takes(self, endpoint: str) -> bool:
        """Return whether the method makes sense for this kind of endpoint."""
        if self.method == "logistic":
            return endpoint == "binary"
        return endpoint != "continuous" if self.method == "vote" else super().takes(endpoint)

    @property
    def misfit(self) -> tuple[str, str, str]:
        """What an endpoint does not fit that the kind takes: the key, what it says, a cure."""
        cure = "take mean or weighted_mean"
        if self.method != "vote":
            cure += ", or vote where the endpoint is not continuous"
        return "method", f"method {self.method}", cure

    def stacks(self, endpoint: str) -> Literal["score", "risk"]:
        """Return what of the models is combined."""
        averaged = endpoint == "binary" and self.method in ("mean", "weighted_mean")
        return "risk" if averaged or endpoint in CLASSES else "score"

    def cutoff_for(self, endpoint: EndpointKind) -> Any:
        """Return the rule of the cut-off; of votes it is half of them."""
        halved = self.method == "vote" and endpoint in ("binary", "survival")
        return self.cutoff or (HALF if halved else super().cutoff_for(endpoint))

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        if not self.takes(endpoint):
            raise RadpipeError(f"fusion: method {self.method} for a {endpoint} endpoint; take mean")
        given = None if self.weights is None else dict(zip(self.inputs, self.weights, strict=True))
        fusion = Fusion(self.method, given, endpoint)
        if self.method == "vote" and endpoint in CLASSES:
            return Calibrated(fusion, "platt", seed=seed)
        return fusion


class Fusion(Model):
    """One prediction from columns that are each a model's; of classes ``MODEL[0]`` and on.

    A model without a prediction of a case has no say in it (`logistic`: the training median).

    Parameters
    ----------
    method : {'mean', 'weighted_mean', 'logistic', 'vote'}
    weights : mapping of str to float, optional
        By model; learned where None.
    endpoint : str
        Kind of endpoint.
    """

    def __init__(
        self,
        method: Method = "mean",
        weights: Mapping[str, float] | None = None,
        endpoint: EndpointKind = "binary",
    ) -> None:
        self.method = method
        self.weights = weights
        self.endpoint = endpoint

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """Risks, log odds, or what has no unit."""
        if self.method == "logistic":
            return "log_odds"
        averaged = self.endpoint != "survival" and self.method != "vote"
        return "risk" if averaged and self.endpoint != "continuous" else "value"

    @property
    def comparable(self) -> bool:  # type: ignore[override]
        """Whether scores are shares of the votes."""
        return self.method == "vote"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Fusion:
        """Learn weights, cut-offs and risks from out-of-fold predictions."""
        self.names_ = [str(c) for c in X.columns]
        self.kind_ = kind_of(y)
        self.models_ = sorted({name.partition("[")[0] for name in self.names_})
        self.notes_: list[str] = []
        empty = [name for name in self.names_ if X[name].isna().all()]
        if empty:
            raise RadpipeError(
                f"fusion: {', '.join(empty)}: no prediction of any training case; take models "
                "with a risk, or method logistic"
            )
        if self.method == "logistic":
            self.medians_ = np.nanmedian(X.to_numpy(dtype=float), axis=0)
            self.logistic_ = Logistic().fit(self._filled(X), y, groups)
            return self
        table = self._table(X)
        self.means_, self.sds_ = np.zeros(len(self.models_)), np.ones(len(self.models_))
        self.cuts_ = learned_cuts(table, y) if self.method == "vote" else np.empty((0, 0))
        if self.kind_ == "survival":
            self.means_ = np.nanmean(table[:, :, 0], axis=0)
            sd = np.nanstd(table[:, :, 0], axis=0, ddof=1)
            self.sds_ = np.where(sd > 0, sd, 1.0)
        self.weights_ = self._learned_weights(table, y)
        self._learn_risk(self._combined(X), y)
        return self

    def _filled(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.fillna(dict(zip(self.names_, self.medians_.tolist(), strict=True)))

    def _table(self, X: pd.DataFrame) -> FloatArray:
        """Return the models' predictions, shape (n, models, columns of a prediction)."""
        if self.kind_ not in CLASSES:
            return X[self.models_].to_numpy(dtype=float)[:, :, None]
        k = len(self.names_) // len(self.models_)
        own = [X[[f"{m}[{c}]" for c in range(k)]].to_numpy(dtype=float) for m in self.models_]
        return np.stack(own, axis=1)

    def _learned_weights(self, table: FloatArray, y: NDArray[Any]) -> FloatArray:
        """Return the weight of each model; their sum is 1."""
        from radpipe.models.ranking import ranking

        m = len(self.models_)
        if self.method != "weighted_mean":
            return np.full(m, 1 / m)
        if self.weights is not None:
            found = np.array([float(self.weights[name]) for name in self.models_])
        else:
            above = [ranking(y, table[:, i]) - 0.5 for i in range(m)]
            found = np.maximum(np.nan_to_num(np.array(above)), 0.0)
        if not found.sum():
            self.notes_.append("no model ranks the training cases above chance: equal weights")
            return np.full(m, 1 / m)
        return np.asarray(found / found.sum())

    def _combined(self, X: pd.DataFrame) -> FloatArray:
        """Return the weighted mean of what the models say, shape (n, columns of a prediction)."""
        table = self._table(X)
        known = ~np.isnan(table)
        if self.method == "vote":
            said = votes(table, self.cuts_)
        elif self.kind_ == "survival":
            said = (table - self.means_[:, None]) / self.sds_[:, None]
        else:
            said = table
        weight = self.weights_[:, None] * known
        total = weight.sum(axis=1)
        mean = (np.where(known, said, 0.0) * weight).sum(axis=1)
        return np.divide(mean, total, out=np.full_like(mean, np.nan), where=total > 0)

    def _learn_risk(self, combined: FloatArray, y: NDArray[Any]) -> None:
        """Learn the risk at each value, where the values are none themselves."""
        known = ~np.isnan(combined).any(axis=1)
        score, y = combined[known, 0], y[known]
        self.slope_, self.intercept_ = 1.0, 0.0
        self.baseline_ = (np.empty(0), np.empty(0))
        if self.kind_ == "binary" and self.method == "vote":
            self.slope_, self.intercept_ = sigmoid(score, y == 1)
            if not self.slope_:
                share = float(np.clip(np.mean(y), 1e-9, 1 - 1e-9))
                self.intercept_ = float(np.log(share / (1 - share)))
        elif self.kind_ == "survival":
            from radpipe.stats.cox import fit_cox

            fit = fit_cox(score[:, None], y["time"], y["event"].astype(float))
            slope = float(np.nan_to_num(fit.coef[0]))
            self.slope_ = 0.0 if fit.monotone else max(slope, 0.0)
            self.intercept_ = -self.slope_ * float(score.mean())
            self.baseline_ = baseline_hazard(self.slope_ * score + self.intercept_, y)
        if not self.slope_:
            self.notes_.append(
                "out of fold, what the models say does not rise with the outcome: everyone has "
                "the risk of all training cases"
            )

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what the models say together, shape (n,), or of each class (n, k)."""
        if self.method == "logistic":
            return self.logistic_.predict_score(self._filled(X))
        combined = self._combined(X)
        if self.kind_ not in CLASSES:
            return combined[:, 0]
        if self.kind_ == "multilabel":
            return combined
        total = combined.sum(axis=1, keepdims=True)
        even = np.full_like(combined, 1 / combined.shape[1])
        return np.divide(combined, total, out=even, where=total != 0)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), by each horizon (n, h), or of each class (n, k)."""
        from scipy.special import expit

        if self.method == "logistic":
            return self.logistic_.predict_risk(self._filled(X))
        score = self.predict_score(X)
        if self.kind_ == "survival":
            return risk_at(self.baseline_, self.slope_ * score + self.intercept_, horizons)
        if self.kind_ == "binary" and self.method == "vote":
            return np.asarray(expit(self.slope_ * score + self.intercept_))
        return score

    def summary(self) -> dict[str, Any]:
        """Return the weights, cut-offs, or the regression."""
        if self.method == "logistic":
            found = self.logistic_.summary()
            return {**found, "params": {"method": "logistic", "fit": found["params"]}}
        params: dict[str, Any] = {
            "method": self.method,
            "weights": dict(zip(self.models_, self.weights_.tolist(), strict=True)),
        }
        if self.cuts_.size:
            cuts = [[number(v) for v in row] for row in self.cuts_]
            params["cutoffs"] = {
                name: row if len(row) > 1 else row[0]
                for name, row in zip(self.models_, cuts, strict=True)
            }
        if self.kind_ == "survival":
            params["z_scores"] = {
                name: {"mean": float(mean), "sd": float(sd)}
                for name, mean, sd in zip(self.models_, self.means_, self.sds_, strict=True)
            }
        if self.kind_ == "survival" or (self.kind_ == "binary" and self.method == "vote"):
            params["risk"] = {"slope": self.slope_, "intercept": self.intercept_}
        return {"coefficients": [], "params": params, "notes": list(self.notes_)}
