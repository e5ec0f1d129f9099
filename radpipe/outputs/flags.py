"""What has to be said of a model wherever it is shown, such as how a new batch was harmonised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_CASES = re.compile(r"\(n=(\d+)\)")


def flag_sentences(
    models: Mapping[str, Mapping[str, Any]],
    fits: Mapping[str, Mapping[str, Any]],
    shown: Iterable[str],
) -> list[str]:
    """Return one sentence a flag, with the models that it concerns.

    Parameters
    ----------
    models : mapping
        Name -> ``{"label", "inputs"}``.
    fits : mapping
        Name -> what its fit wrote; ``flags`` is a list of texts. Those of models that are
        inputs count for the model that is made of them.
    shown : iterable of str
        The models that are shown.
    """
    found: dict[str, list[str]] = {}
    for name in shown:
        flags = dict.fromkeys(
            flag
            for part in _with_parts(name, models)
            for flag in fits.get(part, {}).get("flags", ())
        )
        for flag in _merged(flags):
            found.setdefault(flag, []).append(str(models.get(name, {}).get("label") or name))
    return [f"{', '.join(labels)}: {flag}." for flag, labels in found.items()]


def _with_parts(name: str, models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a model and, in their order, those that it is made of."""
    below = [part for part in models.get(name, {}).get("inputs", ()) if part in models]
    return [name, *(deeper for part in below for deeper in _with_parts(part, models))]


def _merged(flags: Iterable[str]) -> list[str]:
    """Return flags that differ in their number of cases alone as one, with the range of it."""
    numbers: dict[str, list[int]] = {}
    for flag in flags:
        cases = [int(n) for n in _CASES.findall(flag)]
        numbers.setdefault(_CASES.sub("(n={})", flag) if len(cases) == 1 else flag, []).extend(
            cases if len(cases) == 1 else []
        )
    return [text.replace("{}", _range(found)) if found else text for text, found in numbers.items()]


def _range(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"
