"""What is wrong with a text that is no YAML, in the words of someone who writes study.yaml."""

from __future__ import annotations

import re

import yaml

from radpipe.core.errors import Fault
from radpipe.study.signs import Slip, open_signs, strange_signs

_COLON = re.compile(r"\s*(?:- +)*([^\s:#,{\[\"'-][^\s:#,{\[]*):([^\s:/].*)")
_INDENT = "in line with its neighbours"


def syntax_faults(error: yaml.MarkedYAMLError, text: str, name: str) -> list[Fault]:
    """Return PyYAML's complaint as what its writer did: every strange sign, or the first slip.

    Parameters
    ----------
    error : MarkedYAMLError
        Where PyYAML gave up, which often is behind the slip.
    text : str
        The file.
    name : str
        What faults call it.
    """
    slips = strange_signs(text)
    if not slips:
        slips = [_told(error, text) or _sign(error, text) or _laid_out(error, text)]
    return [Fault(f"{name}:{s.line}" if s.line else name, s.found, s.cure) for s in slips]


def _line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def _told(error: yaml.MarkedYAMLError, text: str) -> Slip | None:
    """Return what PyYAML says well enough by itself."""
    problem, line = error.problem or "", _line(error)
    if "'\\t'" in problem:
        return Slip(line, "a tab", "indent with spaces")
    if problem.startswith("more than"):
        cure = "write the values out" if "aliases" in problem else "nest less"
        return Slip(line, problem, cure)
    if "undefined alias" in problem:
        return Slip(line, problem, "write the value out, or quote a text that starts with *")
    if "document" in problem and "another" in problem:
        return Slip(line, "a second document (---)", "keep one document in the file")
    if problem.startswith("found character"):
        return Slip(line, problem, "quote the text that starts with it")
    return None


def _sign(error: yaml.MarkedYAMLError, text: str) -> Slip | None:
    """Return the bracket or quote that does not pair up, or the comma too few or too many."""
    problem, line = error.problem or "", _line(error)
    found = [slip for slip in open_signs(text) if slip.line <= max(line, 1)]
    if found:
        return found[0]
    if problem.startswith("expected the node content") and problem.endswith("','"):
        return Slip(line, "a comma with nothing before it", "remove one comma")
    if problem.startswith("expected ',' or") and error.problem_mark:
        rest = text.splitlines()[line - 1][error.problem_mark.column :]
        if rest.startswith(":"):
            cure = "write a comma between the two, or quote text that holds ':'"
            return Slip(line, "a ':' where a comma is due", cure)
        word = re.split(r"[\s,:{}\[\]]", rest, maxsplit=1)[0] or rest[:1]
        return Slip(line, f"no comma before {word}", "write a comma between the two")
    if problem.startswith("expected <block end>") and problem[-2:-1] in "]}":
        sign = problem[-2:-1]
        return Slip(line, f"a {sign} that closes nothing", "remove it")
    return None


def _laid_out(error: yaml.MarkedYAMLError, text: str) -> Slip:
    """Return a slip of layout: a colon without its space, a line without one, an indentation."""
    problem, line = error.problem or error.context or "not valid YAML", _line(error)
    lines = text.splitlines()
    early = error.context_mark.line + 1 if error.context_mark else line
    simple = "could not find expected ':'" in problem
    above = _above(lines, line)
    second = "mapping values are not allowed" in problem
    for number in dict.fromkeys([early if simple else line, above if second else line]):
        colon = _COLON.fullmatch(lines[number - 1].rstrip()) if 0 < number <= len(lines) else None
        if colon and ": " not in lines[number - 1]:
            cure = f"write `{colon[1]}: {colon[2][:40]}`"
            return Slip(number, "no space after ':'", cure)
    if simple:
        return Slip(early, "a line without ':' where a key is due", "write `key: value`")
    mark = error.problem_mark
    first = mark is not None and not re.search(
        r":\s", lines[line - 1][: mark.column] if 0 < line <= len(lines) else ""
    )
    if first and (second or "<block mapping start>" in problem) and above:
        return _indented(lines, line, above)
    if second:
        return Slip(line, "a second ': ' on the line", "quote text that holds ': '")
    context = f" {error.context}" if error.context and error.context != problem else ""
    found = f"not valid YAML: {problem}{context}"
    return Slip(line, found, "check indentation and brackets")


def _above(lines: list[str], line: int) -> int:
    """Return the last line with content above another one, 0 for none."""
    filled = (n for n in range(line - 1, 0, -1) if lines[n - 1].split("#")[0].strip())
    return next(filled, 0)


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indented(lines: list[str], line: int, above: int) -> Slip:
    """Return the slip of a line that stands deeper, or less deep, than any line it may join."""
    here, number = _spaces(lines[line - 1]), above
    if here <= _spaces(lines[above - 1]):
        levels: dict[int, int] = {}
        least = len(lines[line - 1])
        while number:
            depth = _spaces(lines[number - 1])
            if depth < least or not levels:
                levels[depth], least = number, depth
            number = _above(lines, number)
        number = levels[min(levels, key=lambda depth: (abs(depth - here), -depth))]
    depth = _spaces(lines[number - 1])
    found = f"indented by {_counted(here)}, line {number} by {depth}"
    if here == depth:
        return Slip(line, f"found a key that does not go on from line {number}", _INDENT)
    return Slip(line, found, f"indent as line {number}")


def _counted(spaces: int) -> str:
    return f"{spaces} space{'' if spaces == 1 else 's'}"
