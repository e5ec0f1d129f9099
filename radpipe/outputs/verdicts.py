"""What its negative controls say of a model, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radpipe.evaluation.headline_metric import HeadlineMetric
from radpipe.outputs.words import listed

SAME_VOLUME = 0.99
"""Volumes that are correlated more than this are one, in the control of the volume alone."""


def volume_label(of: Sequence[str], one: str = "volume alone") -> str:
    """Return what the control of the volume is called; where it has several, whose they are."""
    return f"volumes of {listed(of)} alone" if len(of) > 1 else one


def number(value: float) -> str:
    """Return a value with two digits and a true minus."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")


def difference(entry: Mapping[str, Any]) -> str:
    """Return ``0.02, −0.05 to 0.09``: how much better than volume alone; empty if undefined."""
    found = entry.get("beyond_volume") or {}
    values = [found.get(key) for key in ("difference", "lower", "upper")]
    if any(value is None for value in values):
        return ""
    estimate, low, high = (number(value) for value in values if value is not None)
    return f"{estimate}, {low} to {high}"


def volume_verdict(entry: Mapping[str, Any], told: HeadlineMetric) -> str:
    """Return how little a model differs from volume alone; empty if it is better or uses no image.

    Parameters
    ----------
    entry : mapping
        What the controls say of the model: ``beyond_volume``, a mapping of ``difference``,
        ``lower``, ``upper`` (None where undefined) and ``note``; ``real``, ``range95``.
    told : HeadlineMetric
        What both were measured by.
    """
    found = entry.get("beyond_volume")
    if not found:
        return ""
    words = difference(entry)
    if not words:
        return found.get("note") or "undefined"
    return "" if found["lower"] > 0 else f"difference of {told.label} {words}"


def permuted_verdict(entry: Mapping[str, Any], told: HeadlineMetric) -> str:
    """Return where a model's value lies among permuted ones; empty if it is above their range.

    A value that is no better than chance is named too, wherever few permutations came to lie.
    """
    if entry.get("real") is None or not entry.get("range95"):
        return ""
    low, high = entry["range95"]
    if entry["real"] > high:
        above = entry["real"] > told.chance
        return "" if above else f"{told.label} {number(entry['real'])}, chance is {told.chance:g}"
    lies = "within" if entry["real"] >= low else "below"
    return (
        f"{told.label} {number(entry['real'])}, {lies} the range over permutations, "
        f"{number(low)} to {number(high)}"
    )


def verdicts(
    entries: Mapping[str, Mapping[str, Any]], told: HeadlineMetric, volumes: Sequence[str] = ()
) -> list[str]:
    """Return a sentence for each control that models are not better than, naming all of them.

    Parameters
    ----------
    entries : mapping
        How a model is called -> what the controls say of it.
    told : HeadlineMetric
        What all were measured by.
    volumes : sequence of str
        Whose volumes the control of the volume has.
    """
    alone = volume_label(volumes, "volume of the region alone")
    volume = {label: volume_verdict(entry, told) for label, entry in entries.items()}
    known = {label: words for label, words in volume.items() if difference(entries[label])}
    unknown = {label: words for label, words in volume.items() if label not in known}
    permuted = {label: permuted_verdict(entry, told) for label, entry in entries.items()}
    found = [
        _sentence(known, f"not better than the {alone}"),
        _sentence(unknown, f"not comparable with the {alone}"),
        _sentence(permuted, "not better than with a permuted endpoint"),
    ]
    return [sentence for sentence in found if sentence]


def _sentence(found: Mapping[str, str], words: str) -> str:
    """Return ``A (why) and B (why) are`` followed by ``words``; empty where nothing was found."""
    named = [f"{label} ({why})" for label, why in found.items() if why]
    if not named:
        return ""
    return f"{listed(named)} {'is' if len(named) == 1 else 'are'} {words}, out-of-fold."
