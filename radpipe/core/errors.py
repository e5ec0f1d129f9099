"""Errors that a user can act on: where, what was found, what is allowed, and the cure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LAST = re.compile(r"\.|__")
_MOST_NEAR = 2


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
    """Return a hint such as ``nearest: folds``, or an empty string where nothing is near.

    Case and width of letters do not count, nor does what stands before the last ``.`` or ``__``
    of a name (``psa`` is ``clinical.psa``). Two names equally near are both told; of more than
    two, none is nearer than by chance.
    """
    wanted = _folded(word)
    folded = {str(name): _folded(name) for name in known}
    for same in (
        [name for name, text in folded.items() if text == wanted],
        [name for name, text in folded.items() if _LAST.split(text)[-1] == wanted],
    ):
        if same:
            return _hint(same)
    texts = list(dict.fromkeys(folded.values()))
    near = difflib.get_close_matches(wanted, texts, n=3, cutoff=0.6)
    shares = [difflib.SequenceMatcher(None, text, wanted).ratio() for text in near]
    best = [text for text, share in zip(near, shares, strict=True) if share == shares[0]]
    return _hint([name for name, text in folded.items() if text in best])


def _folded(word: object) -> str:
    return unicodedata.normalize("NFKC", str(word)).casefold()


def _hint(names: Sequence[str]) -> str:
    return f"nearest: {' or '.join(names)}" if 0 < len(names) <= _MOST_NEAR else ""
