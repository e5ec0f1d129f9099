"""Paths below the data folder, with ``{column}`` standing for a case's value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator

from radpipe.core.spec import Text
from radpipe.study.names import normal

IMAGE = "image"
"""The placeholder that stands for an image's name, not for a column."""

READER = "reader"
"""The placeholder that stands for a reader's name, not for a column."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SEPARATORS = re.compile(r"[/\\\x00-\x1f\x7f]")


def pattern_problem(pattern: str, folder: str = "data folder") -> str:
    """Return what is wrong with a pattern, whatever the table holds, or an empty string.

    Symbolic links inside the data folder are allowed: whoever keeps the folder made them.
    """
    if not pattern.strip():
        return f"an empty path; give a file below the {folder}"
    if "\\" in pattern:
        return f"the path {pattern!r} with backslashes; write /"
    leaves = PurePosixPath(pattern).is_absolute() or PureWindowsPath(pattern).drive
    if leaves or ".." in PurePosixPath(pattern).parts or pattern.startswith("~"):
        return f"the path {pattern!r}, which leaves the {folder}; give one below it"
    rest = _PLACEHOLDER.sub("", pattern)
    if "{" in rest or "}" in rest or "{}" in pattern.replace(" ", ""):
        return f"the path {pattern!r} with an unfinished placeholder; write {{column}}"
    return ""


def _inside(pattern: str) -> str:
    problem = pattern_problem(pattern)
    if problem:
        raise ValueError(problem)
    return pattern


Pattern = Annotated[Text, AfterValidator(_inside)]
"""A path below the data folder; ``{column}`` stands for that column's value."""


def placeholders(pattern: str) -> tuple[str, ...]:
    """Return the columns that a pattern names, each once."""
    names = (normal(name) for name in _PLACEHOLDER.findall(pattern))
    return tuple(dict.fromkeys(name for name in names if name not in (IMAGE, READER)))


def names_reader(pattern: str) -> bool:
    """Return whether a pattern leads to another file for each reader."""
    return READER in map(normal, _PLACEHOLDER.findall(pattern))


def fill(pattern: str, values: Mapping[str, str | None], image: str, reader: str = "") -> str:
    """Return the path of one case.

    Parameters
    ----------
    pattern : str
        Such as ``images/{patient_id}.nii.gz``.
    values : mapping of str to str or None
        The case's row: normalised column name -> cell.
    image : str
        What ``{image}`` stands for.
    reader : str
        What ``{reader}`` stands for.

    Raises
    ------
    ValueError
        Where a cell is empty, or would lead to another folder; the message says which.
    """

    own = {IMAGE: image, READER: reader}

    def cell(match: re.Match[str]) -> str:
        name = normal(match.group(1))
        value = own[name] if name in own else values.get(name)
        text = (value or "").strip()
        if not text:
            raise ValueError(f"an empty {name!r}, which the path {pattern} needs")
        if _SEPARATORS.search(text) or text in (".", ".."):
            raise ValueError(f"{name} {text!r}, which leads the path {pattern} out of its folder")
        return text

    return _PLACEHOLDER.sub(cell, pattern)


@dataclass(frozen=True)
class Match:
    """A file that fits a pattern, and the values of its placeholders."""

    path: Path
    values: Mapping[str, str]


def matches(folder: Path, pattern: str, image: str, reader: str = "") -> Iterator[Match]:
    """Yield the files below ``folder`` that fit a pattern, in the order of their names."""
    pattern = pattern.replace("{" + IMAGE + "}", image).replace("{" + READER + "}", reader)
    parts, names = [], list[str]()
    position = 0
    for found in _PLACEHOLDER.finditer(pattern):
        parts.append(re.escape(pattern[position : found.start()]))
        name = normal(found.group(1))
        first = name not in names
        parts.append("([^/]+)" if first else f"\\{names.index(name) + 1}")
        names += [name] if first else []
        position = found.end()
    expression = re.compile("".join(parts) + re.escape(pattern[position:]))
    glob = re.sub(r"[\[\]?*]", "?", _PLACEHOLDER.sub("\0", pattern)).replace("\0", "*")
    for path in sorted(folder.glob(glob)):
        fits = expression.fullmatch(path.relative_to(folder).as_posix())
        if fits:
            yield Match(path, dict(zip(names, fits.groups(), strict=True)))
