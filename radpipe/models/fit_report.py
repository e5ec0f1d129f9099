"""What a model's fits learned, ready for fit.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import events, kind_of
from radpipe.models.inputs import Inputs
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.spec import ModelSpec

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
    horizons: tuple[float, ...],
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
    report: dict[str, Any] = {
        "model": name,
        "kind": spec.kind,
        "inputs": list(getattr(spec, "inputs", [])),
        "endpoint": kind_of(y),
        "n_train": len(np.unique(scope.train)),
        "n_events": int(events(y[np.unique(scope.train)]).sum()),
        "n_groups": len(np.unique(inputs.groups[scope.train])),
        "features_final": final.used,
        "selected_by_scope": used,
        "frequency": [
            {"feature": feature, "count": count, "of": len(resamples)} for feature, count in ranked
        ],
        "degenerate": [f.scope.name for f in fits if f.degenerate],
        "summary": summary,
    }
    nomogram = final.model_.nomogram(horizons)
    if nomogram is not None:
        report["nomogram"] = nomogram
    return report
