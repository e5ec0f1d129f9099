"""Cross-validation of elastic-net paths by cv.glmnet's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from radpipe.stats.design import Array, DegenerateDataError, matrix, vector
from radpipe.stats.lasso_path import (
    Family,
    Fits,
    Outcome,
    Path,
    Settings,
    fit_path,
    linear_predictor,
    outcome,
    saturated_loglik,
)

Measure = Literal["deviance", "auc", "class", "c_index"]


AnyPath = TypeVar("AnyPath", bound=Fits)


@dataclass(frozen=True)
class CvPath(Generic[AnyPath]):
    """A path with its cross-validated error.

    Attributes
    ----------
    path : Fits
        The fit to all rows; the arrays below match its penalties.
    cv_mean, cv_se : array of shape (L,)
        Mean over folds weighted by their size (events for grouped Cox), and
        ``sqrt(weighted variance / (K - 1))``. An error, save for "auc" and "c_index", which are
        the better the higher.
    lambda_min, lambda_1se : float
        The penalty of the best mean, and the largest penalty within one standard error of it.
    index_min, index_1se : int
        Their positions in ``path.lambdas``.
    measure : str
        What was cross-validated, in words.
    """

    path: AnyPath
    cv_mean: Array
    cv_se: Array
    lambda_min: float
    lambda_1se: float
    index_min: int
    index_1se: int
    measure: str
    folds: int


def cross_validate(
    X: Any,
    target: Outcome,
    folds: Any,
    settings: Settings,
    measure: Measure = "deviance",
    grouped: bool = True,
    exact: bool = True,
) -> CvPath[Path]:
    """Cross-validate a path; see `radpipe.stats.lasso.cv_binomial`.

    Raises
    ------
    DegenerateDataError
        If there are fewer than three folds, or a fold leaves an outcome without variance.
    """
    rows = matrix(X)
    n = rows.shape[0]
    parts = fold_rows(folds, n)
    whole = fit_path(rows, target, settings)
    predictions = []
    for name, own in parts.items():
        train = np.setdiff1d(np.arange(n), own)
        fitted = target.rows(train)
        if np.ptp(fitted.y) == 0 and (target.family != "cox" or not fitted.y.any()):
            raise DegenerateDataError(f"without fold {name} the outcome has one value only")
        part = fit_path(rows[train], fitted, settings, whole.lambdas if exact else None)
        # for Cox every row is predicted: the grouped deviance needs them all
        seen = np.arange(n) if target.family == "cox" else own
        # on its own path by interpolation; beyond its end the last fit stands
        predictions.append(linear_predictor(part, rows[seen], whole.lambdas))
    members = list(parts.values())
    if target.family == "cox":
        values, weights, said = _cox(target, members, predictions, measure, grouped)
    else:
        values, weights, said = _plain(target, members, predictions, measure)
    chosen = choose(whole.lambdas, values, weights, said in ("AUC", "C-index"))
    return CvPath(whole, *chosen, said, len(parts))


def choose(
    lambdas: Array, values: Array, weights: Array, higher_is_better: bool = False
) -> tuple[Array, Array, float, float, int, int]:
    """Return mean, standard error, lambda.min, lambda.1se and both positions (see `CvPath`).

    ``values`` (folds, L) are weighted by ``weights`` (folds,).
    """
    mean = np.average(values, axis=0, weights=weights)
    variance = np.average((values - mean) ** 2, axis=0, weights=weights)
    error = np.sqrt(variance / (values.shape[0] - 1))
    best_first = -mean if higher_is_better else mean
    at_min = int(np.argmin(best_first))  # the first, so the largest penalty, among equals
    at_1se = int(np.argmax(best_first <= best_first[at_min] + error[at_min]))
    return mean, error, float(lambdas[at_min]), float(lambdas[at_1se]), at_min, at_1se


def fold_rows(folds: Any, n: int) -> dict[Any, NDArray[np.int64]]:
    """Return the rows of each fold, by its name in sorted order.

    Raises
    ------
    DegenerateDataError
        If there are fewer than three folds.
    """
    labels = np.asarray(folds)
    if labels.shape != (n,):
        raise ValueError(f"folds have shape {labels.shape}, the design has {n} rows")
    names = np.unique(labels)
    if names.size < 3:
        raise DegenerateDataError("cross-validation needs at least three folds")
    return {name: np.flatnonzero(labels == name) for name in names}


def _plain(
    target: Outcome, members: list[NDArray[np.int64]], predictions: list[Array], measure: Measure
) -> tuple[Array, Array, str]:
    """Return values (folds, L), their weights and the measure's name."""
    if measure not in ("deviance", "auc", "class") or (
        measure != "deviance" and target.family != "binomial"
    ):
        raise ValueError(f"{measure!r} cannot be cross-validated for family {target.family}")
    sizes = np.array([take.size for take in members], dtype=np.float64)
    per_fold = sizes.mean()
    if measure == "auc" and per_fold >= 10:
        # of probabilities, as cv.glmnet: those that round to 1 are tied
        both = [np.ptp(target.y[take]) > 0 for take in members]
        values = [
            auc_columns(target.y[take], special.expit(eta))
            for take, eta, ok in zip(members, predictions, both, strict=True)
            if ok
        ]
        return np.array(values), sizes[np.array(both)], "AUC"
    if measure == "class":
        losses = [
            ((eta > 0) != (target.y[take] == 1.0)[:, None]).astype(np.float64)
            for take, eta in zip(members, predictions, strict=True)
        ]
        said = "misclassification error"
    else:
        losses = [
            _loss(target.family, target.y[take], eta)
            for take, eta in zip(members, predictions, strict=True)
        ]
        said = "mean squared error" if target.family == "gaussian" else "binomial deviance"
    return *by_fold(losses), said


def by_fold(losses: list[Array]) -> tuple[Array, Array]:
    """Return mean losses (folds, L) of cases' losses (cases, L), and the folds' weights.

    Below 3 cases a fold each case is its own fold, as in cv.glmnet.
    """
    sizes = np.array([len(loss) for loss in losses], dtype=np.float64)
    if sizes.mean() < 3:
        every = np.concatenate(losses)
        return every, np.ones(len(every))
    return np.array([loss.mean(axis=0) for loss in losses]), sizes


def losses(path: Path, X: Any, y: Any, lambdas: Any) -> Array:
    """Return each case's loss (deviance, or squared error) at any penalties, shape (n, L)."""
    return _loss(path.family, vector(y, len(y), "the outcome"), linear_predictor(path, X, lambdas))


def cox_increase(path: Path, X: Any, y: Any, new: Any, truth: Any, lambdas: Any) -> Array:
    """Return what new cases add to Cox's deviance at any penalties, shape (L,).

    Parameters
    ----------
    path : Path
        Fitted to ``X`` (n, p).
    y, truth : structured arrays (n,), (m,)
        ``time`` and ``event`` of those cases and of the new ones, ``new`` (m, p).
    lambdas : array of shape (L,)
    """
    rows = np.vstack([matrix(X), matrix(new)])
    time, event = (np.concatenate([y[key], truth[key]]) for key in ("time", "event"))
    whole = outcome("cox", len(rows), event, time)
    eta, fitted = linear_predictor(path, rows, lambdas), np.arange(len(y))
    return cox_deviances(whole, eta) - cox_deviances(whole.rows(fitted), eta[fitted])


def _loss(family: Family, y: Array, eta: Array) -> Array:
    """Return each case's deviance, (n, L); glmnet clips probabilities to [1e-5, 1 - 1e-5]."""
    if family == "gaussian":
        return (y[:, None] - eta) ** 2
    limit = np.log((1.0 - 1e-5) / 1e-5)
    held = np.clip(eta, -limit, limit)
    signed = np.where(y[:, None] == 1.0, -held, held)
    out: Array = 2.0 * np.logaddexp(0.0, signed)
    return out


def auc_columns(y: Array, scores: Array) -> Array:
    """Return the AUC of each column of ``scores`` (n, L); ties count one half."""
    ranks = stats.rankdata(scores, axis=0)
    cases = y == 1.0
    k, m = float(cases.sum()), float((~cases).sum())
    out: Array = (ranks[cases].sum(axis=0) - k * (k + 1.0) / 2.0) / (k * m)
    return out


def cox_deviances(target: Outcome, eta: Array) -> Array:
    """Return Cox's deviance (Breslow) of each column of linear predictors (n, L), shape (L,)."""
    order = np.argsort(-target.time, kind="stable")
    falling = -target.time[order]
    last = np.searchsorted(falling, falling, side="right") - 1
    happened = target.y[order] == 1.0
    values = eta[order]
    # Not the logarithm of a sum: of the first rows that may be 0 beside the largest.
    risk = np.logaddexp.accumulate(values, axis=0)[last[happened]]
    loglik = (values[happened] - risk).sum(axis=0)
    out: Array = 2.0 * (saturated_loglik(target) - loglik)
    return out


def c_index_columns(target: Outcome, eta: Array) -> Array:
    """Return Harrell's C of each column (n, L): a higher value should mean an earlier event."""
    t, happened = target.time, target.y == 1.0
    events = np.flatnonzero(happened)
    later = (t[None, :] > t[events, None]) | ((t[None, :] == t[events, None]) & ~happened[None, :])
    first, second = np.nonzero(later)
    high, low = eta[events[first]], eta[second]
    out: Array = ((high > low) + 0.5 * (high == low)).mean(axis=0)
    return out


def _cox(
    target: Outcome,
    members: list[NDArray[np.int64]],
    predictions: list[Array],
    measure: Measure,
    grouped: bool,
) -> tuple[Array, Array, str]:
    """Return values (folds, L), their weights and the measure's name.

    ``grouped``: a fold's deviance is that of all rows less that of the rows without it
    (Verweij and van Houwelingen 1993), both with the coefficients fitted without it.
    """
    n = target.y.size
    everyone = np.arange(n)
    if measure == "c_index":
        sizes = np.array([take.size for take in members], dtype=np.float64)
        columns = [
            c_index_columns(target.rows(take), eta[take])
            for take, eta in zip(members, predictions, strict=True)
        ]
        return np.array(columns), sizes, "C-index"
    if measure != "deviance":
        raise ValueError(f"{measure!r} cannot be cross-validated for family cox")
    events = np.array([target.y[take].sum() for take in members])
    values = []
    for take, eta, deaths in zip(members, predictions, events, strict=True):
        if deaths == 0:
            continue  # such a fold has weight 0
        if grouped:
            rest = np.setdiff1d(everyone, take)
            deviance = cox_deviances(target, eta) - cox_deviances(target.rows(rest), eta[rest])
        else:
            deviance = cox_deviances(target.rows(take), eta[take])
        values.append(deviance / deaths)
    return np.array(values), events[events > 0], "partial likelihood deviance"
