"""How a formula is taken apart into words and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_INSTEAD = {
    "=": "write == to compare",
    "&": "write and",
    "|": "write or",
    "!": "write not, or !=",
    "%": "there is no remainder",
    "?": "write where(condition, yes, no)",
    ".": "names have no parts; a name with dots is written `in backquotes`",
}
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?(?![\w.]))
      | `(?P<quoted>[^`]+)`
      | "(?P<double>[^"]*)" | '(?P<single>[^']*)'
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>\*\*|<=|>=|==|!=|[-+*/^<>(),])
    )""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in"})


class ExpressionError(ValueError):
    """A formula that cannot be read; the message is ``what was found; the cure``."""


@dataclass(frozen=True)
class Token:
    """A word, a sign, a number or a text of a formula, and where it begins."""

    kind: str
    text: str
    place: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words and signs of a formula, and an end."""
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            rest = text[place:end].lstrip()
            cure = _INSTEAD.get(rest[0], "")
            cure = cure or 'a name with other signs is written `in backquotes`, text "in quotes"'
            raise ExpressionError(f"{rest[:12]!r} at character {end - len(rest) + 1}; {cure}")
        kind = str(found.lastgroup)
        word = found[kind]
        kind = {"quoted": "name", "double": "text", "single": "text"}.get(kind, kind)
        if kind == "name" and found.lastgroup == "name" and word in _WORDS:
            kind = "word"
        yield Token(
            kind,
            word.strip() if kind in ("name", "text") else word,
            found.start(str(found.lastgroup)),
        )
        place = found.end()
    yield Token("end", "the end", end)
