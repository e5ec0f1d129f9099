"""Study codes (C001 ...), which stand for case ids in whatever is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from radpipe.resampling.streams import stream
from radpipe.steps.context import Context

NAMED = r"(?:cases?|patients?|病例|患者|编号)[ :：]*"
"""Words after which a number is an id."""
BEFORE, AFTER = "(?<![A-Za-z0-9])", "(?![A-Za-z0-9])"
"""Chinese is written without spaces, so that only Latin letters and digits go on with an id."""


def codes(context: Context) -> dict[str, str]:
    """Return what stands for each case of the table in print; empty where ids are shown.

    Numbers follow a random order, so that a code does not tell the place in the table.
    """
    if context.study.spec.report.ids:
        return {}
    info = context.cohort_info()
    cases = [*context.cohort()["case"], *(e["case"] for e in info["excluded"])]
    order = stream(context.study.spec.evaluation.seed, "codes").permutation(len(cases))
    width = max(3, len(str(len(cases))))
    return {case: f"C{place + 1:0{width}d}" for case, place in zip(cases, order, strict=True)}


def coded(text: str, key: Mapping[str, str]) -> str:
    """Return ``text`` with codes in place of case ids.

    An id is replaced where it stands alone (``P03`` in ``P03_t1.nii.gz``, not in ``P031``). An id
    of digits alone could be any number: it is one only after a word such as ``case``.
    """
    if not key:
        return text
    ids = sorted(key, key=len, reverse=True)
    numbers = [re.escape(case) for case in ids if case.isdigit()]
    others = [re.escape(case) for case in ids if not case.isdigit()]
    parts = [rf"{BEFORE}(?:{'|'.join(others)}){AFTER}"] if others else []
    if numbers:
        parts.append(rf"(?P<word>{NAMED})(?P<number>{'|'.join(numbers)}){AFTER}")

    def code(found: re.Match[str]) -> str:
        groups = found.groupdict()
        if groups.get("number"):
            return groups["word"] + key[groups["number"]]
        return key[found.group(0)]

    return re.sub("|".join(parts), code, text)


def shown_info(context: Context, key: Mapping[str, str]) -> dict[str, Any]:
    """Return what there is to say of the cohort, its texts with codes."""
    info = context.cohort_info()
    return {
        **info,
        "warnings": [coded(text, key) for text in info["warnings"]],
        "notes": [coded(text, key) for text in info["notes"]],
        "excluded": [{**e, "reason": coded(e["reason"], key)} for e in info["excluded"]],
    }
