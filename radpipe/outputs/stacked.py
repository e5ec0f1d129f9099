"""What is to be said of a model that is fitted to the scores of other models."""

from __future__ import annotations

from collections.abc import Iterable

from radpipe.outputs.base import OutputData
from radpipe.outputs.words import listed


def stacked_words(data: OutputData, models: Iterable[str]) -> str:
    """Return on which scores the models rest that have other models as inputs; empty without.

    One sentence for all models that rest on the same ones.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for model in models:
        inputs = data.models[model].get("inputs") or ()
        parts = tuple(data.model_label(name) for name in inputs if name in data.models)
        if parts:
            found.setdefault(parts, []).append(data.model_label(model))
    return " ".join(
        f"{listed(labels)}: fitted to the inner out-of-fold scores of {listed(parts)} for the "
        f"training rows; a new case has the score of {'its' if len(parts) == 1 else 'their'} final "
        f"{'model' if len(parts) == 1 else 'models'}."
        for parts, labels in found.items()
    )
