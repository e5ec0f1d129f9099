"""Optimism: how much of a model's apparent performance is due to fitting it on the same cases.

Harrell's bootstrap (Harrell, Lee and Mark, Stat Med 1996;15:361), Efron's .632 (JASA 1983;78:316)
and .632+ (Efron and Tibshirani, JASA 1997;92:548), and cross-validation. The whole modelling must
be repeated on each resample, selection and tuning included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.bootstrap_counts import bootstrap_counts
from radpipe.stats.clusters import codes
from radpipe.stats.results import NAN, FloatArray, IntArray, floats, join_notes

Scheme = Literal["bootstrap", ".632", ".632+", "cross-validation"]
Model = TypeVar("Model")

LESS = frozenset({"brier", "log_loss", "rmse", "mae", "mse"})
MORE = frozenset({"c", "c_index", "auc", "macro_auc", "dxy", "r2"})
"""Indexes of which less, and more, is better; of another .632+ takes it from the apparent value,
as if that were better than no information."""

_NAMES = {
    "bootstrap": "optimism bootstrap",
    ".632": ".632 bootstrap",
    ".632+": ".632+ bootstrap",
    "cross-validation": "cross-validation",
}


@dataclass(frozen=True)
class Corrected:
    """One index: apparent, mean in the training and test parts, optimism, corrected."""

    apparent: float
    training: float
    test: float
    optimism: float
    corrected: float
    resamples: int


@dataclass(frozen=True)
class Optimism:
    """Indexes of a model's performance, corrected for optimism; every array is (k,).

    Attributes
    ----------
    names : tuple of str
        The indexes.
    apparent : array
        Of the model on the cases it was fitted on.
    training, test : array
        Means over resamples: of each resample's model on its own cases, and on its test cases
        (bootstrap: all cases; .632 and .632+: those not drawn; cross-validation: the fold).
    optimism, corrected : array
        ``apparent - corrected``, and the index to be expected in new cases: for the bootstrap
        apparent less the mean of training - test, for cross-validation the mean over folds.
    resamples : array
        In how many resamples both means are defined.
    method : str
    n : int
        Cases.
    note : str
        How many resamples failed, or why an index is missing.
    """

    names: tuple[str, ...]
    apparent: FloatArray
    training: FloatArray
    test: FloatArray
    optimism: FloatArray
    corrected: FloatArray
    resamples: IntArray
    method: str
    n: int
    note: str = ""

    def of(self, name: str) -> Corrected:
        """Return one index by its name."""
        if name not in self.names:
            raise ValueError(f"no index {name!r}: {', '.join(self.names)}")
        i = self.names.index(name)
        return Corrected(
            apparent=float(self.apparent[i]),
            training=float(self.training[i]),
            test=float(self.test[i]),
            optimism=float(self.optimism[i]),
            corrected=float(self.corrected[i]),
            resamples=int(self.resamples[i]),
        )


def optimism(
    fit: Callable[[IntArray], Model],
    measure: Callable[[Model, IntArray], Mapping[str, float]],
    n: int,
    scheme: Scheme = "bootstrap",
    resamples: int = 200,
    seed: int = 0,
    groups: Any = None,
    no_information: Mapping[str, float] | None = None,
) -> Optimism:
    """Correct any model's performance for optimism.

    Parameters
    ----------
    fit : callable
        Takes row numbers (some repeated) and returns the model fitted on these rows. A ValueError
        or LinAlgError leaves the resample out.
    measure : callable
        Takes a model and row numbers, and returns named indexes of the model on these rows; NaN
        where undefined.
    n : int
        Cases; row numbers are 0 to n - 1.
    scheme : "bootstrap", ".632", ".632+" or "cross-validation"
    resamples : int
        At least 2; for cross-validation the number of folds.
    seed : int
        The same seed gives the same resamples.
    groups : array (n,), optional
        Patient of each case; whole patients are drawn or held out.
    no_information : mapping, optional
        For .632+: an index's value where predictors and outcome are independent (0.5 for C).

    Returns
    -------
    Optimism

    Raises
    ------
    ValueError
        If scheme, number of resamples or a name in ``no_information`` is not allowed, or the
        model cannot be fitted on all cases.
    """
    rows = np.arange(n)
    apparent = dict(measure(fit(rows), rows))
    names = tuple(apparent)
    training, test = [], []
    for drawn, held in splits(n, scheme, resamples, seed, groups):
        for count, tested in zip(drawn, held, strict=True):
            own = np.repeat(rows, count.astype(np.int64))
            others = np.flatnonzero(tested)
            try:
                model = fit(own)
                seen, new = measure(model, own), measure(model, others)
            except (ValueError, np.linalg.LinAlgError):
                seen = new = dict.fromkeys(names, NAN)
            training.append([seen[name] for name in names])
            test.append([new[name] for name in names])
    return combine(apparent, training, test, scheme, n, no_information)


def splits(
    n: int, scheme: Scheme, resamples: int, seed: int, groups: Any = None
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield blocks of resamples: how often each holds each case, and which cases test it (b, n).

    Parameters and errors as for `optimism`.
    """
    if scheme not in _NAMES:
        raise ValueError(f"no scheme {scheme!r}: {', '.join(_NAMES)}")
    if resamples < 2:
        raise ValueError(f"{resamples} resamples: at least 2 are needed")
    rng = np.random.default_rng(seed)
    if scheme == "cross-validation":
        unit = codes(groups, n)
        units = int(unit.max(initial=-1)) + 1
        if resamples > units:
            raise ValueError(f"{resamples} folds for {units} cases or patients")
        fold = rng.permutation(np.arange(units) % resamples)[unit]
        held = (fold == np.arange(resamples)[:, None]).astype(np.float64)
        yield 1 - held, held
        return
    for counts in bootstrap_counts(np.zeros(n), resamples, rng, groups):
        everyone = np.ones(counts.shape)
        yield counts, everyone if scheme == "bootstrap" else (counts == 0).astype(np.float64)


def combine(
    apparent: Mapping[str, float],
    training: Any,
    test: Any,
    scheme: Scheme,
    n: int,
    no_information: Mapping[str, float] | None = None,
) -> Optimism:
    """Return the corrected indexes from those of the resamples, each (R, k).

    ``training`` and ``test`` hold a column for each name of ``apparent``; a resample in which one
    of the two is NaN is left out for that index.
    """
    names = tuple(apparent)
    value = floats(list(apparent.values()))
    first, second = floats(training).reshape(-1, len(names)), floats(test).reshape(-1, len(names))
    used = np.isfinite(first) & np.isfinite(second)
    count = used.sum(axis=0)
    seen, new = (
        np.divide(
            np.where(used, x, 0.0).sum(axis=0),
            count,
            out=np.full(count.shape, NAN),
            where=count > 0,
        )
        for x in (first, second)
    )
    chance = no_information or {}
    if unknown := [name for name in chance if name not in names]:
        raise ValueError(f"no index {', '.join(unknown)}: {', '.join(names)}")
    note = ""
    if scheme == ".632":
        corrected = 0.368 * value + 0.632 * new
    elif scheme == ".632+":
        worst = floats([chance.get(name, NAN) for name in names])
        less = np.array(
            [
                name in LESS or (name not in MORE and high > own)
                for name, own, high in zip(names, value, worst, strict=True)
            ],
            dtype=bool,
        )
        corrected = _plus(value, new, worst, less)
        lacking = [name for name in names if name not in chance]
        note = f"no value without information for {', '.join(lacking)}" if lacking else ""
    elif scheme == "cross-validation":
        corrected = new
    else:
        corrected = value - (seen - new)
    never = [name for name, some in zip(names, count, strict=True) if not some]
    empty = f"undefined in every resample: {', '.join(never)}" if never else ""
    failed = int((~used.any(axis=1)).sum())
    lost = f"{failed} of {first.shape[0]} resamples left out: the model cannot be fitted there"
    unit = "folds" if scheme == "cross-validation" else "resamples"
    return Optimism(
        names=names,
        apparent=value,
        training=seen,
        test=new,
        optimism=value - corrected,
        corrected=corrected,
        resamples=count.astype(np.int64),
        method=f"{_NAMES[scheme]}, {first.shape[0]} {unit}",
        n=n,
        note=join_notes(lost if failed else "", empty, note),
    )


def _plus(
    apparent: FloatArray, test: FloatArray, worst: FloatArray, less: NDArray[np.bool_]
) -> FloatArray:
    """Return the .632+ estimate: the test value weighs more the nearer it is to no information.

    ``less`` says of which indexes less is better; of the others all signs turn. A model that is
    no better than chance on its own cases has nothing to lose: it has the .632 estimate.
    """
    shrunk = np.where(less, np.minimum(test, worst), np.maximum(test, worst))
    room = np.where(less, worst - apparent, apparent - worst)
    gap = np.where(less, shrunk - apparent, apparent - shrunk)
    share = np.divide(gap, room, out=np.zeros(room.shape), where=room > 0)
    weight = 0.632 / (1 - 0.368 * np.clip(share, 0, 1))
    return floats(np.where(np.isfinite(worst), (1 - weight) * apparent + weight * shrunk, NAN))
