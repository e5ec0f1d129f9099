"""Multinomial logistic regression by maximum likelihood, with inference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core.numbers import number
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.classifier import Classifier
from radpipe.models.coefficients import (
    WALD,
    by_patient,
    coefficient_table,
    interval_words,
    without_errors,
)
from radpipe.models.spec import FittedSpec, Scaling
from radpipe.stats.clusters import clustered

PSEUDO = (
    "a combination of the variables separates the classes, and maximum likelihood has no finite "
    "estimate: pseudo-data worth one case a parameter are added (Clogg et al. 1991); Wald "
    "intervals are rough"
)


class MultinomialSpec(FittedSpec):
    """Log odds of each class against the first one, by maximum likelihood.

    Where a patient has several cases, errors are clustered by patient.
    """

    endpoints: ClassVar[frozenset[str]] = frozenset({"multiclass", "ordinal"})
    lifts: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True
    calibrated_risk: ClassVar[bool] = True
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["multinomial"] = "multinomial"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Multinomial()


class Multinomial(Classifier):
    """Maximum likelihood; where the classes are separated, with pseudo-data (`with_pseudo_data`).

    The reference is the first class that the training rows hold.
    """

    def _learn_grouped(
        self, values: FloatArray, codes: NDArray[Any], sample_weight: Any, groups: Any
    ) -> None:
        from radpipe.stats.multinomial import fit_multinomial, robust_vcov

        fit, interval, said = fit_classes(
            fit_multinomial, robust_vcov, values, codes, sample_weight, groups
        )
        self.notes_ += said
        # plain numbers only, so that a stored model depends on nothing else
        self.intercepts_ = fit.coef[:, 0].copy()
        self.coefs_ = np.nan_to_num(fit.coef[:, 1:])
        self.rows_ = [
            {"class": int(code), **row}
            for c, code in enumerate(self.present_[1:])
            for row in coefficient_table(
                self.names_,
                *(part[c, 1:] for part in (fit.coef, fit.se, fit.lower, fit.upper, fit.p)),
                "or",
            )
        ]
        aliased = [n for n, b in zip(self.names_, fit.coef[0, 1:], strict=True) if np.isnan(b)]
        if aliased:
            self.notes_.append(
                f"no coefficient, since other columns determine it: {', '.join(aliased)}"
            )
        self.params_ = {
            "method": fit.method,
            "reference_class": int(self.present_[0]),
            **interval_words(interval),
            "n": len(codes),
        }

    def _probabilities(self, values: FloatArray) -> FloatArray:
        from scipy.special import softmax

        lines = values @ self.coefs_.T + self.intercepts_
        return np.asarray(softmax(np.column_stack([np.zeros(len(values)), lines]), axis=1))

    def summary(self) -> dict[str, Any]:
        """Return each class's coefficients with Wald intervals; ``class`` counts from 0."""
        if self.degenerate_:
            return super().summary()
        return {
            "coefficients": [dict(row) for row in self.rows_],
            "intercepts": [
                {"class": int(code), "coef": number(value)}
                for code, value in zip(self.present_[1:], self.intercepts_, strict=True)
            ],
            "params": dict(self.params_),
            "notes": list(self.notes_),
        }


def fit_classes(
    fit_to: Callable[..., Any],
    robust_vcov: Callable[..., FloatArray],
    values: FloatArray,
    codes: NDArray[Any],
    sample_weight: Any,
    groups: Any,
) -> tuple[Any, str, list[str]]:
    """Fit a model of several classes by maximum likelihood, with pseudo-data where they separate.

    Returns
    -------
    fit : object
        As ``fit_to`` returns it; its errors clustered by patient (``robust_vcov``) where groups
        repeat, or taken away where they have no such form.
    interval : str
        What its intervals are; empty where it has none.
    notes : list of str
    """
    fit, several = fit_to(values, codes, weights=sample_weight), clustered(groups)
    if fit.separated or not fit.converged:
        parameters = int(np.isfinite(fit.coef).sum()) + len(getattr(fit, "thresholds", ()))
        more, labels, weights = with_pseudo_data(values, codes, sample_weight, parameters)
        fit = fit_to(more, labels, weights=weights)
        if not several:
            return fit, WALD, [PSEUDO]
        fit, interval, notes = without_errors(fit, "a fit with pseudo-data")
        return fit, interval, [PSEUDO, *notes]
    if several:
        return by_patient(fit, robust_vcov(fit, values, codes, groups, sample_weight), groups)
    return fit, WALD, []


def with_pseudo_data(
    values: FloatArray, codes: NDArray[Any], sample_weight: Any, parameters: int
) -> tuple[FloatArray, NDArray[Any], FloatArray]:
    """Return rows, classes and weights to which pseudo-data are added that make estimates finite.

    Every row is also each class, with weights in proportion to the classes' shares that add up to
    one case a parameter. The means of the risks do not move.

    References
    ----------
    Clogg, Rubin, Schenker, Schultz, Weidman, J Am Stat Assoc 1991;86:68.
    """
    n, k = len(values), int(codes.max()) + 1
    weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    share = np.bincount(codes, weights=weights, minlength=k) / weights.sum()
    pseudo = np.outer(share, weights) * (parameters / weights.sum())
    return (
        np.tile(values, (k + 1, 1)),
        np.concatenate([codes, np.repeat(np.arange(k), n)]),
        np.concatenate([weights, pseudo.ravel()]),
    )
