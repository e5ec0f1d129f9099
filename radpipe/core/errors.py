"""Errors that a user can act on: where, what was found, what is allowed, and the cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, said in one line.

    Parameters
    ----------
    where : str
        File with line or row, and the key or case (``study.yaml:12 models.svm.C``).
    found : str
        What stands there.
    cure : str
        What to do about it.
    allowed : str
        What may stand there; empty where the cure says it all.
    case : str
        Id of the only case concerned; empty where the fault concerns the study.
    """

    where: str
    found: str
    cure: str
    allowed: str = ""
    case: str = ""

    def __str__(self) -> str:
        parts = [self.found]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.cure:
            parts.append(self.cure)
        subject = f"case {self.case}: " if self.case and self.case not in self.where else ""
        return " ".join(f"{self.where}: {subject}{'; '.join(parts)}".split())


class RadpipeError(Exception):
    """A failure that the user can mend; the message is one line, without traceback."""


class UsageError(RadpipeError):
    """The command line is wrong (exit status 2)."""


class FaultsError(RadpipeError):
    """All the faults that were found together."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


class CaseError(RadpipeError):
    """One case cannot be worked on; the others go on."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def nearest(word: str, known: Sequence[str]) -> str:
    """Return a hint such as `` (nearest: folds)``, or an empty string where nothing is near."""
    near = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return f"nearest: {near[0]}" if near else ""
