"""What a model's fits learned, ready for fit.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.numbers import number
from radpipe.core.target import CLASSES, events, indicators, kind_of
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import score_at
from radpipe.models.cutoffs.report import cutoffs_report
from radpipe.models.inputs import Inputs
from radpipe.models.learned_threshold import threshold_report
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.scores import Layout
from radpipe.models.spec import ModelSpec
from radpipe.models.threshold import Threshold
from radpipe.resampling.streams import integer

if TYPE_CHECKING:
    from radpipe.models.crossfit import ScopeFit


def fit_report(
    name: str,
    spec: ModelSpec,
    y: NDArray[Any],
    inputs: Inputs,
    fits: Sequence[ScopeFit],
    final: ModelPipeline,
    listed: bool,
    layout: Layout,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what was learned in the final fit (the first) and over the resamples.

    Features are listed by scope, and counted over the resamples, where something chose them:
    a selection (``listed``) or a sparse model. A model that takes all its columns would
    repeat them in every scope.
    """
    scope = fits[0].scope
    chosen = listed or final.model.sparse
    used = {f.scope.name: f.used for f in fits} if chosen else {}
    resamples = fits[1:]
    counts = Counter(feature for f in resamples for feature in f.used if chosen)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    summary = final.summary()
    rule, own = spec.cutoff_for(kind_of(y)), fits[0].own
    scale = score_at(*own) if rule.by_risk and own is not None else None
    report: dict[str, Any] = {
        "model": name,
        "kind": spec.kind,
        "inputs": list(getattr(spec, "inputs", [])),
        "endpoint": kind_of(y),
        "n_train": len(np.unique(scope.train)),
        **_counts(y[np.unique(scope.train)], layout),
        "n_groups": len(np.unique(inputs.groups[scope.train])),
        "features_final": final.used,
        "selected_by_scope": used,
        "frequency": [
            {"feature": feature, "count": count, "of": len(resamples)} for feature, count in ranked
        ],
        "degenerate": [f.scope.name for f in fits if f.degenerate],
        "unseen_levels": sum(f.unseen for f in fits),
        "flags": _flags(inputs, fits),
        "learns": spec.learns,
        "calibrated_risk": spec.risk_is_calibrated,
        **cutoffs_report(
            rule, y, inputs.groups, fits, any(layout.classes), integer(seed, "model", name), scale
        ),
        "score_scale": "risk" if final.score_is_risk else str(final.model.score_scale),
        "summary": summary,
    }
    if spec.risk_is_calibrated and own is not None and not final.score_is_risk:
        at = {
            cut: risks_at(*own, float(values[0]))
            for cut, values in zip(("cutoff", "cutoff_high"), fits[0].cuts, strict=True)
        }
        report["cutoff_risk"] = {cut: risks for cut, risks in at.items() if risks is not None}
    if isinstance(final.model_, Threshold):
        rows = np.unique(scope.train)
        table = final.prepare_.transform(inputs.training(scope, rows))
        report |= threshold_report(
            final.model_,
            table,
            y[rows],
            inputs.groups[rows],
            integer(seed, "model", name),
            [f.value_cut for f in resamples],
        )
    nomogram = final.model_.nomogram(layout.times)
    if nomogram is not None:
        report["nomogram"] = nomogram
    return report


def risks_at(score: FloatArray, risk: FloatArray, cut: float) -> list[float | None] | None:
    """Return the risk of a case whose score is ``cut``, by each horizon; None without one.

    Parameters
    ----------
    score, risk : array, shape (n, a)
        The final fit's predictions for its own training rows. Where a risk is no rising
        function of the score, it is None; between the rows' scores it lies between their risks.
    cut : float
    """
    from scipy.special import expit

    if not np.isfinite(cut) or not np.isfinite(risk).any():
        return None
    found: list[float | None] = []
    for s, r in zip(score.T, risk.T, strict=True):
        order = np.lexsort((r, s))
        known = order[np.isfinite(s[order]) & np.isfinite(r[order])]
        s, r = s[known], r[known]
        if np.allclose(r, expit(s), rtol=1e-9, atol=1e-12):
            found.append(float(expit(cut)))
            continue
        # an equal score with another risk, too, is no function of the score
        rising = bool((np.diff(r) >= -1e-9).all() and (np.diff(r)[np.diff(s) <= 0] <= 1e-9).all())
        found.append(number(np.interp(cut, s, r)) if rising and s.size else None)
    return found


def _flags(inputs: Inputs, fits: Sequence[ScopeFit]) -> list[str]:
    """Return what is to be said of the fits: of their rows, their sub-models, their predictions."""
    flat = [set(inputs.flat(f.scope)) for f in fits]
    said = [flag for f in fits for flag in f.flags]
    for name in inputs.stacked:
        where = _where([name in own for own in flat])
        if where:
            said.append(
                f"{name} is the same for every case of each inner fold ({where}), so that it has "
                "no learned weight there"
            )
        if name not in flat[0] and name in inputs.still():
            said.append(
                f"{name} of the final fit is the same for every case, though that of its inner "
                "folds is not: its weight moves all new cases alike"
            )
    for why in dict.fromkeys(f.flat for f in fits if f.flat):
        where = _where([f.flat == why for f in fits])
        said.append(f"{why} ({where}): such a fit predicts what its training rows show as a whole")
    return list(dict.fromkeys(said))


def _where(found: Sequence[bool]) -> str:
    """Return in which fits something was found, the final one first; empty where in none."""
    count, of = sum(found[1:]), len(found) - 1
    parts = ["final fit"] if found[0] else []
    return ", ".join([*parts, *([f"{count} of {of} resamples"] if count else [])])


def _counts(y: NDArray[Any], layout: Layout) -> dict[str, Any]:
    """Return how many training rows have the event, or are of each class."""
    kind = kind_of(y)
    if kind == "continuous":
        return {}
    if kind in CLASSES:
        counts = indicators(y).sum(axis=0)
        return {"n_classes": dict(zip(layout.classes, counts.tolist(), strict=True))}
    return {"n_events": int(events(y).sum())}
