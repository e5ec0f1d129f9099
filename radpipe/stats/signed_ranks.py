"""Tests of pairs, or of one sample against 0, by signs and ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats import exact_ranks, samples
from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes, normal_p

Zeros = Literal["wilcoxon", "pratt"]


@dataclass(frozen=True)
class SignedRanks:
    """Ranks of the absolute differences, those of zeros left out.

    Parameters
    ----------
    ranks : array (n_nonzero,)
        Mid-ranks. ``positive`` says which of them belong to positive differences.
    zeros : int
        Differences that are zero.
    ties : bool
        Whether absolute differences repeat.
    note : str
        What was left out.
    """

    ranks: FloatArray
    positive: FloatArray
    zeros: int
    ties: bool
    note: str = ""

    @property
    def plus(self) -> float:
        """Sum of the ranks of positive differences, R's V."""
        return float(self.ranks @ self.positive)

    @property
    def minus(self) -> float:
        """Sum of the ranks of negative differences."""
        return float(self.ranks.sum()) - self.plus

    @property
    def rank_biserial(self) -> float:
        """(W+ - W-) / (W+ + W-), the matched-pairs rank-biserial correlation (Kerby 2014)."""
        total = float(self.ranks.sum())
        return (self.plus - self.minus) / total if total > 0 else NAN


def signed_ranks(x: Any, y: Any = None, zeros: Zeros = "wilcoxon") -> SignedRanks:
    """Rank the absolute values of ``x`` or of x - y.

    Parameters
    ----------
    x, y : array (n,)
        One sample, or the two values of each pair; an incomplete pair is left out. Differences are
        rounded to 12 digits, so that those equal but for floating point are ties.
    zeros : {'wilcoxon', 'pratt'}
        Leave zeros out before ranking, or rank them and then leave them out (Pratt, JASA
        1959;54:655).

    Raises
    ------
    ValueError
        If ``x`` and ``y`` differ in length, or ``zeros`` is another word.
    """
    from scipy.stats import rankdata

    if zeros not in ("wilcoxon", "pratt"):
        raise ValueError(f"zeros {zeros!r}: wilcoxon or pratt")
    d, note = samples.signed(x, y)
    other = d != 0
    size = np.abs(d)
    ranks = floats(rankdata(size)[other] if zeros == "pratt" else rankdata(size[other]))
    known = d[other]
    ties = np.unique(size[other]).size < known.size
    return SignedRanks(ranks, floats(known > 0), int(d.size - known.size), ties, note)


def wilcoxon(
    x: Any,
    y: Any = None,
    exact: bool | None = None,
    continuity: bool = True,
    zeros: Zeros = "wilcoxon",
) -> TestResult:
    """Wilcoxon's signed-rank test, as wilcox.test; ``statistic`` is the rank sum W+ (R's V).

    ``estimate`` is the matched-pairs rank-biserial correlation.

    Parameters
    ----------
    x, y : array (n,)
        One sample, or the two values of each pair; an incomplete pair is left out.
    exact : bool, optional
        None: R's rule, exact below 50 values without ties and zeros, else the normal
        approximation. True with ties or zeros: exact given the ties, as wilcox.exact of
        exactRankTests.
    continuity : bool
        Continuity correction of the normal approximation.
    zeros : {'wilcoxon', 'pratt'}
        See `signed_ranks`. Pratt's with ``continuity=False`` and ``exact=False`` is coin's
        wilcoxsign_test.

    Raises
    ------
    ValueError
        As `signed_ranks`, or if the sample is too large for the exact distribution.
    """
    found = signed_ranks(x, y, zeros)
    n = found.ranks.size
    plain = not found.ties and found.zeros == 0
    if exact is None:
        exact = n < 50 and plain
    kind = "exact" if plain else "exact given the ties"
    if not exact:
        kind = "normal approximation" + (" with continuity" if continuity else "")
    ranked = ", zeros ranked (Pratt)" if zeros == "pratt" else ""
    method = f"Wilcoxon signed-rank test, {kind}{ranked}"
    note = found.note
    if found.zeros and zeros == "wilcoxon":
        note = join_notes(note, f"{found.zeros} zero differences left out")
    if n == 0:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, "no difference from zero"))
    middle = float(found.ranks.sum()) / 2
    distance = found.plus - middle
    if exact:
        chances = exact_ranks.signed_sum_chances(2 * found.ranks)
        p = exact_ranks.two_sided(chances, 2 * found.plus, 2 * middle)
    else:
        if continuity:
            distance -= 0.5 * float(np.sign(distance))
        p = normal_p(distance / float(np.sqrt((found.ranks**2).sum() / 4)))
    return TestResult(found.plus, p, method, n, estimate=found.rank_biserial, note=note)


def sign_test(x: Any, y: Any = None, level: float = 0.95) -> TestResult:
    """Test by the signs of ``x`` or of x - y alone (binomial, exact); zeros are left out.

    The statistic is the number of positive signs; ``estimate`` is their share, with the interval
    of Clopper and Pearson.
    """
    from scipy.stats import binomtest

    from radpipe.stats.proportions import clopper_pearson

    found = signed_ranks(x, y)
    n, plus = found.ranks.size, int(found.positive.sum())
    method = "sign test, exact"
    if n == 0:
        return TestResult(NAN, NAN, method, n, note=join_notes(found.note, "no sign: no test"))
    p = float(binomtest(plus, n, 0.5).pvalue)
    share = clopper_pearson(plus, n, level)
    limits = (share.estimate, share.lower, share.upper)
    note = found.note
    if found.zeros:
        note = join_notes(note, f"{found.zeros} zero differences left out")
    return TestResult(float(plus), p, method, n, NAN, *limits, level=level, note=note)
