"""Keep the columns that a selector chooses again and again on halves of the rows."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, field_validator

from radpipe.core import target
from radpipe.core.kinds import OneOf
from radpipe.core.spec import KindSpec
from radpipe.resampling.folds import deal
from radpipe.resampling.streams import integer, stream
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import variables
from radpipe.selection.registry import SELECTORS

ROUNDING = 1e-9


class StabilitySpec(SelectorSpec):
    """Keep columns that are chosen in a large enough share of random halves of the rows.

    Halves come in pairs that complete each other, are stratified by the outcome and keep patients
    whole. Without a selector of its own each half runs a LASSO path and takes the first columns
    that enter it, so many that no more than `errors` columns are to be expected to be kept
    wrongly (Meinshausen and Buehlmann's bound, which rests on exchangeable noise columns): the
    square root of ``errors * (2 * threshold - 1)`` times the number of columns that enter. No more
    than a few above that can be kept, so that few columns ask for a larger `errors`. Of several
    labels each has its own path, and an even part of `errors`. Where that allows not even one
    column, one is taken, and must be chosen in a larger share of the halves; where that share is
    above 1 nothing is kept, and the chain says which `errors` would do.

    Parameters
    ----------
    threshold : float
        Share of the halves in which a kept column is chosen.
    halves : int
        How many halves.
    errors : float
        With the LASSO path: columns kept wrongly that are to be expected, at most.
    selector : selector, optional
        What chooses in each half, with its own settings, in place of the LASSO path.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["stability"] = "stability"
    threshold: float = Field(0.75, gt=0.5, le=1)
    halves: int = Field(100, ge=2)
    errors: float = Field(1.0, gt=0)
    selector: Annotated[KindSpec, OneOf(SELECTORS)] | None = None

    @field_validator("selector")
    @classmethod
    def _one_that_can(cls, chosen: Any) -> Any:
        if chosen is not None and (
            chosen.needs_readings or chosen.makes_columns or chosen.kind == "stability"
        ):
            raise ValueError(f"a selector that chooses columns by their values, not {chosen.kind}")
        return chosen

    def takes(self, endpoint: str) -> bool:
        """Return whether the selector inside takes this kind of endpoint."""
        inside: Any = self.selector
        return inside is None or (endpoint in inside.endpoints and inside.takes(endpoint))

    def misfit(self, endpoint: str) -> tuple[str, str]:
        """Return which setting does not fit an endpoint that the kind takes, and what would."""
        return f"the selector {self.selector.kind if self.selector else ''!r}", "another selector"

    def parts(self) -> tuple[SelectorSpec, ...]:
        """Return this selector and the one inside."""
        return (self, self.selector) if isinstance(self.selector, SelectorSpec) else (self,)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return StabilitySelector(self.threshold, self.halves, self.errors, self.selector, seed)


class StabilitySelector(Selector):
    """Stability selection on complementary halves.

    Attributes
    ----------
    frequency_ : array, shape (p,)
        Share of the halves in which each column (a factor: any of its columns) is chosen, in
        order of the columns' names; of several labels with a path each, the largest.

    References
    ----------
    Meinshausen, Buehlmann 2010, J R Stat Soc B 72:417-473; Shah, Samworth 2013, J R Stat Soc B
    75:55-80 (complementary pairs).
    """

    def __init__(
        self,
        threshold: float = 0.75,
        halves: int = 100,
        errors: float = 1.0,
        selector: Any = None,
        seed: int = 0,
    ) -> None:
        self.threshold = threshold
        self.halves = halves
        self.errors = errors
        self.selector = selector
        self.seed = seed

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        named = np.arange(len(X)) if groups is None else np.asarray(groups)
        owner = variables(names)
        number = int(owner.max()) + 1
        frame = pd.DataFrame(X, columns=names) if self.selector is not None else None
        wanted = _with_paths(y) if frame is None else [y]
        most, least = self._limits(number, len(wanted)) if frame is None else (0, self.threshold)
        self.none_allowed_ = _none_allowed(self.errors, number, len(wanted)) if least > 1 else ""
        chosen = np.zeros((len(wanted), number))
        for draw in range(-(-self.halves // 2)):
            rng = stream(self.seed, "stability", str(draw))
            half = deal(target.strata(y), named, np.ones(2), rng)
            for side in range(min(2, self.halves - 2 * draw)):
                rows = np.flatnonzero(half == side)
                for place, outcome in enumerate(wanted):
                    if frame is None:
                        mask = first_on_path(X[rows], outcome[rows], owner, most)
                    else:
                        own = integer(self.seed, "stability", str(draw), str(side))
                        mask = self._inside(frame.iloc[rows], outcome[rows], named[rows], own)
                    chosen[place, np.unique(owner[mask])] += 1
        self.frequency_ = (chosen.max(axis=0) / self.halves)[owner]
        return np.asarray(self.frequency_ >= least - ROUNDING)

    def _limits(self, number: int, paths: int) -> tuple[int, float]:
        """Return how many variables a path takes, and the least share of a kept one.

        Wrongly kept are at most ``most ** 2 / (2 * least - 1) / number`` of each path.
        """
        allowed = self.errors / paths * number
        most = max(1, int(np.sqrt(allowed * (2 * self.threshold - 1)) + ROUNDING))
        return most, max(self.threshold, (1 + most**2 / allowed) / 2)

    def log(self) -> dict[str, Any]:
        """Return why no column can be kept; nothing where some can."""
        return {"why": self.none_allowed_} if self.none_allowed_ else {}

    def _inside(self, X: pd.DataFrame, y: NDArray[Any], groups: Any, seed: int) -> BoolArray:
        """Return what the selector inside keeps of one half; constant columns are left out."""
        from radpipe.stats.design import DegenerateDataError

        varies = np.ptp(X.to_numpy(), axis=0) > 0
        mask = np.zeros(X.shape[1], dtype=bool)
        if varies.any():
            try:
                fitted = self.selector.build(seed).fit(X.loc[:, varies], y, groups)
            except DegenerateDataError:  # the half does not determine anything
                return mask
            mask[np.flatnonzero(varies)] = fitted.get_support()
        return mask


def _none_allowed(errors: float, number: int, paths: int) -> str:
    """Return why no share of the halves is large enough, and the least `errors` that allow one."""
    of = f"{number} variables" + (f" and {paths} labels" if paths > 1 else "")
    least = np.ceil(100 * paths / number) / 100
    return f"errors {errors:g} with {of} allows not even one; set errors to {least:g} or more"


def _with_paths(y: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the outcomes that have a path each: labels, or else the one that there is."""
    if target.kind_of(y) != "multilabel":
        return [y]
    return [target.binary(label) for label in target.indicators(y).T]


def first_on_path(X: FloatArray, y: NDArray[Any], owner: NDArray[np.intp], most: int) -> BoolArray:
    """Return the columns of the ``most`` variables that enter a LASSO path first, shape (p,).

    The path is followed as far as needed. Where several enter between two of its penalties and
    not all may be taken, the first names are.
    """
    from radpipe.stats.design import DegenerateDataError

    entered: list[int] = []
    try:
        for ratio, steps in ((0.5, 15), (0.1, 50), (None, 100)):
            coefs = _path(X, y, ratio, steps)
            entered = _in_order(coefs, owner)
            if len(entered) >= most:
                break
    except DegenerateDataError:  # nothing varies with the outcome in this half
        return np.zeros(X.shape[1], dtype=bool)
    return np.isin(owner, entered[:most])


def _in_order(coefs: NDArray[np.bool_], owner: NDArray[np.intp]) -> list[int]:
    """Return the variables in the order in which they enter; ``coefs`` (L, p) says which are in."""
    known: dict[int, None] = {}
    for step in coefs:
        known |= dict.fromkeys(owner[step].tolist())
    return list(known)


def _path(X: FloatArray, y: NDArray[Any], ratio: float | None, steps: int) -> NDArray[np.bool_]:
    """Return which columns have a coefficient at each penalty of a path, (L, p)."""
    from radpipe.stats import lasso

    # glmnet's own tolerance: what counts is the order in which columns enter
    settings: dict[str, Any] = {"tolerance": 1e-7, "min_ratio": ratio, "n_lambda": steps}
    kind = target.kind_of(y)
    if kind == "survival":
        return lasso.path_cox(X, y["time"], y["event"].astype(float), **settings).coefs != 0
    if kind == "continuous":
        return lasso.path_gaussian(X, y, **settings).coefs != 0
    if kind == "binary":
        return lasso.path_binomial(X, y, **settings).coefs != 0
    path = lasso.path_multinomial(X, target.codes(y), **settings)
    return (path.coefs != 0).any(axis=1)
