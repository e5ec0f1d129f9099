"""ComBat: batch effects of location and scale removed by empirical Bayes, as sva::ComBat.

Fitted on one set of cases (train) and applied to others of the same batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.combat_input import (
    UnseenBatchError,
    check_design,
    covariates_of,
    labels_of,
    numbered,
    table_of,
)
from radpipe.stats.combat_prior import nonparametric, parametric, shrunken_means
from radpipe.stats.results import BoolArray, FloatArray, IntArray, floats, join_notes


@dataclass(frozen=True)
class ComBat:
    """A fitted adjustment of p features for b batches with c covariates.

    ``grand_mean``, ``sd`` (p,) and ``coefficients`` (c, p) standardise a value; ``gamma`` (shift)
    and ``delta`` (variance), (b, p), are each batch's shrunken effects on that scale.
    ``adjusted`` (p,) is False for features that are returned as they are: constant in a batch or
    overall. ``n`` cases were used; ``note`` says what deviates from what was asked for.
    """

    batches: tuple[Any, ...]
    grand_mean: FloatArray
    sd: FloatArray
    coefficients: FloatArray
    gamma: FloatArray
    delta: FloatArray
    adjusted: BoolArray
    reference: Any
    method: str
    n: int
    note: str = ""

    def apply(self, values: Any, batch: Any, covariates: Any = None) -> FloatArray:
        """Return adjusted values of any cases of the fitted batches.

        Parameters
        ----------
        values : array (m, p)
            The features in the order of the fit; NaN stays NaN.
        batch : array (m,)
            Their batches, all of which the fit knew.
        covariates : array (m, c), optional
            In the order and coding of the fit.

        Raises
        ------
        UnseenBatchError
            If a batch was not there when the adjustment was fitted.
        ValueError
            If the shapes do not suit the fit, or a covariate is missing.
        """
        x = table_of(values)
        if x.shape[1] != self.grand_mean.size:
            raise ValueError(f"{x.shape[1]} features; {self.grand_mean.size} were fitted")
        labels = labels_of(batch, x.shape[0])
        extra = covariates_of(covariates, x.shape[0])
        if extra.shape[1] != self.coefficients.shape[0]:
            raise ValueError(f"{extra.shape[1]} covariates; {len(self.coefficients)} were fitted")
        number = {name: i for i, name in enumerate(self.batches)}
        unseen = sorted({str(name) for name in labels if name not in number})
        if unseen:
            raise UnseenBatchError(
                f"batch {', '.join(unseen)} was not fitted; "
                f"fitted are {', '.join(map(str, self.batches))}"
            )
        of = np.array([number[name] for name in labels], dtype=np.int64)
        expected = self.grand_mean + extra @ self.coefficients
        scaled = (x - expected - self.gamma[of] * self.sd) / np.sqrt(self.delta[of])
        out = np.where(self.adjusted, scaled + expected, x)
        if self.reference is not None:
            # Cases of the reference batch are what they were, to the last digit.
            out = np.where((of == number[self.reference])[:, None], x, out)
        return floats(out)


def fit_combat(
    values: Any,
    batch: Any,
    covariates: Any = None,
    prior: Literal["parametric", "nonparametric"] = "parametric",
    mean_only: bool = False,
    reference: Any = None,
    convergence: float = 1e-4,
) -> ComBat:
    """Fit ComBat to the cases of at least one batch.

    Parameters
    ----------
    values : array (n, p)
        One row for each case, one column for each feature; NaN is allowed.
    batch : array (n,)
        Batch (scanner, centre) of each case.
    covariates : array (n, c), optional
        What is to be kept: numeric columns, indicators for categories, without an intercept.
    prior : str
        Of the batch effects over features: normal and inverse gamma, or their own distribution.
    mean_only : bool
        Shift batches, leave their variances; it is also what a batch of one case leads to.
    reference : optional
        A batch that stays as it is and that the others are brought to.
    convergence : float
        Largest relative change at which the parametric iteration ends, as in sva.

    Raises
    ------
    ConfoundedBatchError
        If covariates and batches are linearly dependent.
    ValueError
        If shapes do not fit, a covariate or batch is missing, a value is infinite, the reference
        is no batch or has one case, or a choice is not known.

    Notes
    -----
    Johnson, Li and Rabinovic, Biostatistics 2007;8:118. Details are sva's: pooled variances have
    divisor n (n - 1 as soon as a value is missing), and features that are constant within a
    batch of several cases are not adjusted. With a single batch there is nothing to adjust for,
    and nothing is changed.
    """
    if prior not in ("parametric", "nonparametric"):
        raise ValueError(f"the prior is parametric or nonparametric, not {prior!r}")
    x = table_of(values)
    n, p = x.shape
    labels = labels_of(batch, n)
    extra = covariates_of(covariates, n)
    if n == 0:
        raise ValueError("ComBat needs cases, not an empty table")
    batches, of = numbered(labels)
    if reference is not None and reference not in batches:
        known = ", ".join(map(str, batches))
        raise ValueError(f"the reference {reference!r} is no batch; batches are {known}")
    base = None if reference is None else batches.index(reference)
    notes = []
    count = np.bincount(of)
    if base is not None and count[base] == 1:
        raise ValueError(f"the reference {reference!r} has one case, hence no variance")
    if (count == 1).any() and not mean_only and len(batches) > 1:
        mean_only = True
        alone = ", ".join(str(batches[i]) for i in np.flatnonzero(count == 1))
        notes.append(f"batch {alone} has one case: means only are adjusted")
    adjusted = _varying(x, of, len(batches))
    mean, sd, coefficients = np.zeros(p), np.ones(p), np.zeros((extra.shape[1], p))
    gamma, delta = np.zeros((len(batches), p)), np.ones((len(batches), p))
    if len(batches) == 1:
        adjusted[:] = False
        notes.append("one batch: nothing to adjust for")
    else:
        check_design(of, extra, len(batches))
        found = _standard(x[:, adjusted], of, extra, base)
        mean[adjusted], sd[adjusted], coefficients[:, adjusted] = found
        scaled, exact = _scaled(x, of, mean + extra @ coefficients, sd)
        adjusted &= ~exact
        _say_left_out(adjusted, notes)
    if adjusted.any():
        gamma[:, adjusted], delta[:, adjusted] = _effects(
            scaled[:, adjusted], of, base, prior, mean_only, convergence
        )
    return ComBat(
        batches=batches,
        grand_mean=mean,
        sd=sd,
        coefficients=coefficients,
        gamma=gamma,
        delta=delta,
        adjusted=adjusted,
        reference=reference,
        method=f"ComBat, {prior} prior" + (", mean only" if mean_only else ""),
        n=n,
        note=join_notes(*notes),
    )


def _scaled(
    x: FloatArray, of: IntArray, expected: FloatArray, sd: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return standardised values, and which features batch and covariates fit exactly, (p,)."""
    tiny = 1e-13 * np.abs(np.where(np.isfinite(x), x, 0.0)).max(axis=0)
    rest = x - expected
    exact = sd <= tiny
    for i in np.flatnonzero(np.bincount(of) > 1):
        part = rest[of == i]
        centred = part - _means(part)
        exact |= np.abs(np.where(np.isfinite(centred), centred, 0.0)).max(axis=0) <= tiny
    return floats(rest / np.where(exact, 1.0, sd)), exact


def _say_left_out(adjusted: BoolArray, notes: list[str]) -> None:
    """Note the features that are not adjusted; one left alone is not either."""
    out = int((~adjusted).sum())
    if out:
        notes.append(
            f"{out} features not adjusted: constant within a batch, or fitted exactly by batch "
            "and covariates"
        )
    if adjusted.sum() == 1:
        adjusted[:] = False
        notes.append("one feature alone has no others to learn batch effects from: not adjusted")


def _means(part: FloatArray) -> FloatArray:
    """Return the means (p,) of known values; 0 where there is none."""
    known = np.isfinite(part)
    return floats(np.where(known, part, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _standard(
    data: FloatArray, of: IntArray, extra: FloatArray, base: int | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return grand mean (p,), pooled sd (p,) and covariates' coefficients (c, p)."""
    b = int(of.max()) + 1
    design = np.column_stack([np.eye(b)[of], extra])
    known = np.isfinite(data)
    whole = known.all(axis=0)
    found = np.empty((design.shape[1], data.shape[1]))
    found[:, whole] = np.linalg.lstsq(design, data[:, whole], rcond=None)[0]
    for j in np.flatnonzero(~whole):
        rows = known[:, j]
        check_design(of[rows], extra[rows], b)
        found[:, j] = np.linalg.lstsq(design[rows], data[rows, j], rcond=None)[0]
    rest = data - design @ found
    used = np.ones(of.size, dtype=np.bool_) if base is None else of == base
    mean = np.bincount(of) / of.size @ found[:b] if base is None else found[base]
    if whole.all():
        variance = np.mean(rest[used] ** 2, axis=0)
    else:
        variance = np.nanvar(rest[used], axis=0, ddof=1)
    return floats(mean), floats(np.sqrt(variance)), floats(found[b:])


def _effects(
    scaled: FloatArray,
    of: IntArray,
    base: int | None,
    prior: str,
    mean_only: bool,
    convergence: float,
) -> tuple[FloatArray, FloatArray]:
    """Return each batch's shrunken shift and variance, both (b, p)."""
    b = int(of.max()) + 1
    parts = [scaled[of == i] for i in range(b)]
    gamma_hat = floats([_means(part) for part in parts])
    if base is not None:
        gamma_hat = gamma_hat - gamma_hat[base]
    gamma, delta = np.zeros(gamma_hat.shape), np.ones(gamma_hat.shape)
    for i, part in enumerate(parts):
        if i == base:
            continue
        if mean_only:
            spread = np.ones(gamma_hat.shape[1])
        else:
            spread = floats(np.nanvar(part, axis=0, ddof=1))
        if prior == "nonparametric":
            gamma[i], delta[i] = nonparametric(part, gamma_hat[i], spread)
        elif mean_only:
            gamma[i] = shrunken_means(gamma_hat[i])
        else:
            gamma[i], delta[i] = parametric(part, gamma_hat[i], spread, convergence)
    if mean_only:
        delta[:] = 1.0
    return gamma, delta


def _varying(x: FloatArray, of: IntArray, b: int) -> BoolArray:
    """Return which features vary in every batch of several cases, and overall, (p,)."""
    groups = [of == i for i in range(b) if np.sum(of == i) > 1]
    keep = np.ones(x.shape[1], dtype=np.bool_)
    for rows in [np.ones(of.size, dtype=np.bool_), *groups]:
        part = x[rows]
        some = np.isfinite(part).sum(axis=0) > 1
        top = np.where(np.isfinite(part), part, -np.inf).max(axis=0)
        low = np.where(np.isfinite(part), part, np.inf).min(axis=0)
        bound = 8 * np.finfo(float).eps * np.maximum(np.abs(top), np.abs(low))
        keep &= some & (np.where(some, top, 1) - np.where(some, low, 0) > bound)
    present = [np.isfinite(x[of == i]).any(axis=0) for i in range(b)]
    return np.asarray(keep & np.all(present, axis=0), dtype=np.bool_)
