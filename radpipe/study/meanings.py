"""What settings classes say of their fields: the meanings that `radpipe schema` prints."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

_PARAMETER = re.compile(r"^(\w+(?:, \w+)*) : .*$")


def meanings(spec: type[BaseModel]) -> dict[str, str]:
    """Return the one-line meaning of each field that its class documents.

    Read from the ``Parameters`` section of the docstrings (numpydoc), and from strings that
    stand below a field.
    """
    found: dict[str, str] = {}
    for owner in reversed(spec.__mro__):
        if owner not in (BaseModel, object) and issubclass(owner, BaseModel):
            found |= _from_docstring(inspect.cleandoc(owner.__doc__ or ""))
            found |= _below_fields(owner)
    return found


def _from_docstring(text: str) -> dict[str, str]:
    """Return the parameters of a numpydoc docstring."""
    _, _, section = text.partition("Parameters\n----------\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in section.splitlines():
        head = _PARAMETER.match(line) or re.match(r"^(\w+(?:, \w+)*)$", line)
        if re.fullmatch(r"-{3,}", line):
            break
        if head:
            names = head.group(1).split(", ")
        elif line.startswith(" "):
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip()
    return found


def _below_fields(owner: type[Any]) -> dict[str, str]:
    """Return the strings that stand below fields in a class's source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    except (OSError, TypeError):  # no source at hand (an installed archive)
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found
