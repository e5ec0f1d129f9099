"""What a model's report says of its cut-offs: values, spread, and honest p values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.numbers import number
from radpipe.core.target import indicators, kind_of
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import CutoffSpec, ScoreAt
from radpipe.models.cutoffs.learn import learn_pair
from radpipe.resampling.streams import integer, stream

if TYPE_CHECKING:
    from radpipe.models.crossfit import ScopeFit

DRAWS = 200
CENTRAL = (0.025, 0.975)
ON_OWN_SCORES = (
    "corrected for the search of the cut-off, not for scores that come from out-of-fold "
    "predictions of the same cases, on which log-rank tests reject too often"
)
CLUSTERED = "no p value: the test has no form for several cases a patient"


def cutoffs_report(
    rule: CutoffSpec,
    y: NDArray[Any],
    groups: NDArray[Any],
    fits: Sequence[ScopeFit],
    several: bool,
    seed: int,
    score_at: ScoreAt | None = None,
) -> dict[str, Any]:
    """Return the final cut-offs, those of the resamples, and the spread of the final ones.

    Parameters
    ----------
    rule : CutoffSpec
        How they were learned.
    y, groups : array, shape (n,)
        Target and patient of all cases.
    fits : sequence of ScopeFit
        The final one first.
    several : bool
        Whether each label has its own; then there is a list of values, one each.
    seed : int
        Of draws and permutations.
    score_at : callable, optional
        The final fit's way from a risk to a score.
    """

    def of(fit: ScopeFit, which: int) -> Any:
        values = [number(v) for v in fit.cuts[which]]
        return values if several else values[0]

    found: dict[str, Any] = {
        "cutoff_final": of(fits[0], 0),
        "cutoffs": [of(f, 0) for f in fits[1:]],
    }
    if any(np.isfinite(f.cuts[1]).any() for f in fits):
        found["cutoff_high_final"] = of(fits[0], 1)
        found["cutoffs_high"] = [of(f, 1) for f in fits[1:]]
    if not np.isfinite(fits[0].cuts[0]).any():
        return found
    found["cutoff_rule"] = rule.model_dump(mode="json")
    rows = np.unique(fits[0].scope.train)
    score, outcome, patients = fits[0].inner_score[rows], y[rows], groups[rows]
    if rule.learns:
        draws = bootstrap(rule, outcome, score, patients, stream(seed, "cutoff"), score_at)
        found["cutoff_bootstrap"] = spread(draws, several)
    if rule.optimised:
        found["cutoff_p"] = p_values(
            rule, outcome, score[:, 0], patients, integer(seed, "cutoff_p")
        )
    return found


def bootstrap(
    rule: CutoffSpec,
    y: NDArray[Any],
    score: FloatArray,
    groups: NDArray[Any],
    rng: np.random.Generator,
    score_at: ScoreAt | None = None,
    draws: int = DRAWS,
) -> FloatArray:
    """Return the cut-offs of bootstrap draws of the training cases, shape (draws, columns, 2).

    Patients are drawn with all their cases and the inner scores that these have.
    """
    _, patient = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(patient, kind="stable"), np.cumsum(np.bincount(patient))[:-1])
    if kind_of(y) == "multilabel":
        targets = list(indicators(y).astype(np.int64).T)
    else:
        targets, score = [y], score[:, :1]
    out = np.empty((draws, len(targets), 2))
    for b in range(draws):
        picked = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[k] for k in picked])
        for c, target in enumerate(targets):
            out[b, c] = learn_pair(rule, target[rows], score[rows, c], score_at)
    return out


def spread(draws: FloatArray, several: bool) -> dict[str, Any]:
    """Return the central 95 % of the cut-offs of the draws (b, columns, 2)."""
    found: dict[str, Any] = {
        "draws": len(draws),
        "method": "central 95% over bootstrap draws of the training cases with their inner "
        "out-of-fold scores",
    }
    for which, name in enumerate(("cutoff", "cutoff_high")):
        limits = []
        for column in draws[:, :, which].T:
            known = column[np.isfinite(column)]
            ends = np.quantile(known, CENTRAL) if known.size else np.full(2, np.nan)
            limits.append([number(v) for v in ends])
        if any(v is not None for ends in limits for v in ends):
            found[name] = limits if several else limits[0]
    return found


def p_values(
    rule: CutoffSpec, y: NDArray[Any], score: FloatArray, groups: NDArray[Any], seed: int
) -> dict[str, Any]:
    """Return the plain and the corrected p value of an optimised cut-off, with their methods."""
    from radpipe.stats.logrank import log_rank

    if len(np.unique(groups)) < len(groups):
        return {"plain": None, "corrected": None, "note": CLUSTERED}
    known = np.isfinite(score)
    y, score = y[known], score[known]
    corrected = rule.corrected_p(y, score, seed)
    assert corrected is not None
    low, high = rule.learn(y, score)
    place = (score >= low).astype(int) + (score >= high)  # of a high of NaN none is above
    test = log_rank(y["time"], y["event"], place)
    return {
        "plain": number(test.p),
        "plain_method": f"{test.method}, which knows nothing of the search",
        # The two rest on other variances of the statistic: no correction makes p smaller.
        "corrected": number(np.maximum(corrected[0], test.p)),
        "corrected_method": corrected[1],
        "note": ON_OWN_SCORES,
    }
