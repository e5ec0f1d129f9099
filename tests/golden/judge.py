"""Whether a case's numbers are those of R."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.golden.case import HERE, Case
from tests.golden.compare import Row, compare

XFAIL = HERE / "xfail.yaml"


@dataclass(frozen=True)
class Verdict:
    """How one case went.

    ``misses`` are the rows that differ, ``known`` those of them that xfail.yaml names, ``stale``
    its patterns that no miss fits.
    """

    case: Case
    numbers: int
    right: int
    misses: list[Row]
    known: list[Row]
    stale: list[str]
    fault: str = ""

    @property
    def unknown(self) -> list[Row]:
        return [row for row in self.misses if row not in self.known]

    @property
    def passed(self) -> bool:
        return not self.unknown and not self.fault

    def line(self) -> str:
        """Return the verdict in one line."""
        text = f"{self.case.name}: {self.right} of {self.numbers}"
        if self.fault:
            return f"{text}; {self.fault}"
        if not self.misses:
            return text
        worst = max(self.misses, key=lambda row: row.excess)
        known = f", {len(self.known)} of the misses known" if self.known else ""
        return f"{text}{known}; worst: {worst}"


def judge(case: Case) -> Verdict:
    """Compute a case's values and compare them with R's."""
    fault, got = "", {}
    try:
        if case.adaptor is None:
            fault = "no adaptor"
        else:
            got = case.adaptor(case)
    except Exception as error:  # noqa: BLE001  one case costs no other its line
        fault = f"{type(error).__name__}: {error}"
    rows = compare(case.expected, got)
    asked = [row for row in rows if row.asked]
    misses = [row for row in rows if not row.right]
    patterns = _xfail().get(case.name, {})
    known = [row for row in misses if any(re.search(p, row.path) for p in patterns)]
    stale = [p for p in patterns if not any(re.search(p, row.path) for row in misses)]
    right = sum(row.right for row in asked)
    return Verdict(case, len(asked), right, misses, known, stale, fault)


@cache
def _xfail() -> dict[str, dict[str, Any]]:
    """Return, for each case, the patterns of paths that are not reproduced, with their reasons."""
    return yaml.safe_load(XFAIL.read_text(encoding="utf-8")) or {}
