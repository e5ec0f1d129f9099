"""What is to be said of risks that take a competing event for censoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from radpipe.models.registry import MODELS

TOO_HIGH = (
    "the risks censor the competing event and are too high; kind fine_gray gives the probability "
    "of the event"
)


def censors(kind: str) -> bool:
    """Return whether a kind of model takes competing events for censoring."""
    return not getattr(MODELS[kind], "needs_competing", False)


def rival_sentences(models: Mapping[str, Mapping[str, Any]], shown: Iterable[str]) -> list[str]:
    """Return one sentence on the models shown whose risks are none beside competing events.

    Parameters
    ----------
    models : mapping
        Name -> ``{"kind", "label"}``.
    shown : iterable of str
        Models whose risks are shown, of an endpoint with competing events.
    """
    names = [str(models[m].get("label") or m) for m in shown if censors(str(models[m]["kind"]))]
    return [f"{', '.join(names)}: {TOO_HIGH}."] if names else []
