"""The signs of a YAML text that its writer meant otherwise: full-width ones, brackets, quotes.

A small scanner of its own: it runs where PyYAML gave up, and has to go on behind the slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ASCII = {
    "：": ":",
    "，": ",",
    "、": ",",
    "“": '"',
    "”": '"',
    "＂": '"',
    "‘": "'",
    "’": "'",
    "｛": "{",
    "［": "[",
    "【": "[",
}
"""Signs of Chinese typing -> what YAML knows in their place."""

SPACES = {"\u3000": "the wide Chinese space", "\u00a0": "a no-break space"}
CLOSERS = {"{": "}", "[": "]"}
_QUOTES = frozenset("“”＂‘’")
_OPENERS = _QUOTES | frozenset("｛［【")
_WRAPPED = re.compile(r"“[^“”]*”|‘[^‘’]*’|＂.*＂|｛.*｝|［.*］|【.*】", re.DOTALL)
_KEY = re.compile(r"\s*(?:- +)*[^\s:：#,，{\[\"'-][^:：#,，{\[]*")
_ENDS = re.compile(r"\s*([,}\]:].*)?$|\s+#")
_NEXT_KEY = re.compile(r"( *)[^\s#:,{}\[\]\"'-][^:,{}\[\]]*:(\s|$)")


@dataclass(frozen=True)
class Slip:
    """One sign that stands where another was meant.

    Parameters
    ----------
    line : int
        Its line, counted from 1; 0 for none.
    found, cure : str
        What stands there, and what to do.
    foreign : bool
        Whether it is a sign that YAML does not know at all.
    """

    line: int
    found: str
    cure: str
    foreign: bool = False


@dataclass
class _Scan:
    """What is open while a text is read.

    Brackets with their line and its indentation; a quote with its line; and of the text since
    the last comma (or line start) the last sign that is no space, and whether a colon is in it.
    """

    open: list[tuple[str, int, int]] = field(default_factory=list)
    quote: tuple[str, int] | None = None
    last: str = ""
    colon: bool = False

    def read(self, sign: str) -> None:
        """Take in one sign."""
        if self.open and sign in ",，{[":
            self.last, self.colon = "", False
        elif not sign.isspace():
            self.last = sign
            self.colon = self.colon or sign in ":："


def chinese(sign: str, line: int = 0) -> Slip:
    """Return the slip of one full-width sign."""
    return Slip(line, f"the Chinese {sign}", f"write the ASCII {ASCII[sign]}", foreign=True)


def wrapped(text: str) -> Slip | None:
    """Return the slip of plain text that stands in Chinese quotes or brackets."""
    if _WRAPPED.fullmatch(text) is None:
        return None
    first = ASCII[text[0]]
    kind = "quotes" if text[0] in _QUOTES else "brackets"
    found = f"{text} in Chinese {kind}"
    return Slip(0, found, f"write {first}{text[1:-1]}{CLOSERS.get(first, first)}")


def strange_key(key: str) -> Slip | None:
    """Return the slip of a key that took in what stands before or behind it."""
    if key[:1] in SPACES:
        return _wide(key[0])
    return chinese("：") if re.match(r"[^：]+：\s*[{\[]", key) else None


def _wide(sign: str, line: int = 0) -> Slip:
    found = f"{SPACES[sign]} (Chinese typing, or a copied text)"
    return Slip(line, found, "indent with spaces", foreign=True)


def strange_signs(text: str) -> list[Slip]:
    """Return each full-width sign that stands where YAML wants its ASCII one, in order."""
    return list(dict.fromkeys(slip for slip in _scan(text) if slip.foreign))


def open_signs(text: str) -> list[Slip]:
    """Return brackets and quotes that do not pair up; the first counts, more may follow from it."""
    return [slip for slip in _scan(text) if not slip.foreign]


def _scan(text: str) -> Iterator[Slip]:
    state = _Scan()
    for number, line in enumerate(text.splitlines(), start=1):
        key = _NEXT_KEY.match(line) if state.open and not state.quote else None
        if key and len(key[1]) <= state.open[0][2]:
            yield _unclosed(state.open)
            state.open.clear()
        yield from _line(state, number, line)
    if state.quote:
        yield _unquoted(*state.quote)
    elif state.open:
        yield _unclosed(state.open)


def _unquoted(sign: str, line: int) -> Slip:
    found = f"a {sign} that is not closed on its line"
    return Slip(line, found, f"write {sign} at the end of the text")


def _unclosed(opened: list[tuple[str, int, int]]) -> Slip:
    """Return the slip of brackets that nothing closes."""
    signs = " and a ".join(sign for sign, _, _ in opened)
    due = "".join(CLOSERS[sign] for sign, _, _ in reversed(opened))
    verb = "are" if len(opened) > 1 else "is"
    return Slip(opened[0][1], f"a {signs} that {verb} not closed", f"write {due} at the end")


def _line(state: _Scan, number: int, line: str) -> Iterator[Slip]:
    """Yield the slips of one line, and keep what is open behind it."""
    indent = len(line) - len(line.lstrip())
    yield from (_wide(sign, number) for sign in SPACES if sign in line[:indent])
    if not state.open:
        state.last, state.colon = "", False
    for column, c in enumerate(line):
        before = line[column - 1] if column else " "
        if state.quote:
            if c == state.quote[0]:
                if state.quote[1] < number and not _ENDS.match(line[column + 1 :]):
                    yield _unquoted(*state.quote)
                state.quote = None
            state.last = "x"
            continue
        if c == "#" and before in " \t":
            return
        starts = state.last in ("", ":", "：", "-") and before in " \t{[,，:："
        if c in "\"'" and starts:
            state.quote = (c, number)
        elif (
            (c in _OPENERS and starts)
            or (c == "：" and _is_key(state, line[:column]))
            or (c in "，、" and state.open and (c == "，" or state.open[-1][0] == "["))
        ):
            yield chinese(c, number)
        yield from _bracket(state, number, indent, c, starts)
        state.read(c)


def _is_key(state: _Scan, before: str) -> bool:
    """Return whether a colon behind ``before`` ends a key."""
    if state.open:
        return state.open[-1][0] == "{" and not state.colon
    return _KEY.fullmatch(before) is not None


def _bracket(state: _Scan, number: int, indent: int, c: str, starts: bool) -> Iterator[Slip]:
    """Yield the slip of a bracket, and keep it where it opens one."""
    if c in CLOSERS and (starts or state.open):
        if not starts:
            yield Slip(number, f"a {c} inside a text", 'put the text in quotes ("...")')
        state.open.append((c, number, indent))
    elif c in CLOSERS.values() and state.open:
        sign, line, _ = state.open.pop()
        if CLOSERS[sign] != c:
            of = "" if line == number else f" of line {line}"
            found = f"a {c} where the {sign}{of} is still open"
            yield Slip(number, found, f"write {CLOSERS[sign]} before it")
            if state.open and CLOSERS[state.open[-1][0]] == c:
                state.open.pop()
