"""Where in a file something stands: key paths, their lines, and how both are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

KeyPath = tuple[str | int, ...]
"""The keys (and list positions) that lead to a value: ``("models", "svm", "C")``."""


def shown(path: Path) -> str:
    """Return a path as a user sees it: from the working folder where it lies below that."""
    full, here = path.absolute(), Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()


def dotted(path: KeyPath) -> str:
    """Return ``models.svm.C`` or ``outputs[2].kind`` (list items are counted from 1)."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


@dataclass(frozen=True)
class Places:
    """The places of one YAML file.

    Parameters
    ----------
    file : Path
        The file.
    lines : mapping of key path to int
        Line of each key and list item, counted from 1.
    """

    file: Path
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """Return ``studies/x/study.yaml:12 models.svm.C``, by the nearest key that has a line."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = f":{self.lines[known]}" if known else ""
        return f"{shown(self.file)}{line} {dotted(path)}".rstrip()
