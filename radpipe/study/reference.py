"""The reference of study.yaml, made from the settings classes themselves (Markdown)."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from radpipe.core.registry import Registry
from radpipe.study.schema import StudySpec
from radpipe.study.shapes import Shape, describe, fields, is_spec, literal, tags
from radpipe.study.yaml import plain

_PARAMETER = re.compile(r"^(\w+(?:, \w+)*) : .*$")

_ALWAYS = {
    "kind": "chooses these settings",
    "label": "how figures and tables call it",
    "id": "name of the output's folder; default the kind",
    "title": "heading in the report; default the kind's own",
}
"""Keys that need no word where they are declared."""


def reference() -> str:
    """Return every key of study.yaml: type, default, allowed values, meaning."""
    lines = ["# study.yaml", "", *_about(StudySpec), ""]
    queue: list[tuple[str, Shape]] = []
    lines += _table(StudySpec, "", queue)
    done: set[tuple[str, int]] = set()
    told: list[tuple[str, Registry]] = []
    while queue:
        path, shape = queue.pop(0)
        if _inside_itself(path, shape, told):
            continue
        for heading, spec in _choices(path, shape):
            if (heading, id(spec)) not in done:
                done.add((heading, id(spec)))
                lines += ["", f"## {heading}", "", *_about(spec), ""]
                lines += _table(spec, path, queue)
    return "\n".join(lines) + "\n"


def _inside_itself(path: str, shape: Shape, told: list[tuple[str, Registry]]) -> bool:
    """Return whether kinds stand inside a kind of the same registry, and were told there."""
    own = [marker.registry for branch in shape.branches() if (marker := branch.marker())]
    below = any(r in own and path.startswith(f"{above}.") for above, r in told)
    told += [(path, registry) for registry in own]
    return below


def _choices(path: str, shape: Shape) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the settings classes that may stand at a path, each with its heading."""
    key, _ = tags(shape)
    for branch in shape.branches():
        marker = branch.marker()
        if marker is not None:
            for kind in marker.registry:
                yield f"{path} {{kind: {kind}}}", _spec(marker.registry, kind)
        elif is_spec(branch.annotation):
            words = literal(branch.annotation, key)
            tag = f" {{{key}: {words[0]}}}" if len(words) == 1 else ""
            yield path + tag, branch.annotation


def _spec(registry: Registry, kind: str) -> type[BaseModel]:
    spec: type[BaseModel] = registry[kind]
    return spec


def _table(spec: type[BaseModel], path: str, queue: list[tuple[str, Shape]]) -> list[str]:
    """Return one table of keys; nested settings are put in the queue."""
    said = meanings(spec)
    rows = ["| key | what may stand there | default | meaning |", "| --- | --- | --- | --- |"]
    for key, field in fields(spec).items():
        shape = Shape.of_field(field)
        below = f"{path}.{key}" if path else key
        queue += [(below + more, inner) for more, inner in _inside(shape)]
        name = next((n for n, f in spec.model_fields.items() if f is field), key)
        meaning = field.description or said.get(name) or _ALWAYS.get(key, "")
        cells = (f"`{key}`", describe(shape), _default(field), meaning)
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return rows


def _inside(shape: Shape) -> Iterator[tuple[str, Shape]]:
    """Yield the nested settings of a field, with what its path goes on with."""
    for branch in shape.branches():
        origin, args = get_origin(branch.annotation), get_args(branch.annotation)
        if tags(branch)[1] or is_spec(branch.annotation) or branch.marker():
            yield "", shape
            return
        if origin is dict:
            yield from ((f".NAME{more}", inner) for more, inner in _inside(Shape.of(args[1])))
        elif origin in (tuple, list) and args:
            yield from ((f"[]{more}", inner) for more, inner in _inside(Shape.of(args[0])))


def _default(field: FieldInfo) -> str:
    """Return a default as it would be written in the file."""
    if field.is_required():
        return "required"
    return _written(None if field.default is PydanticUndefined else field.default)


def _written(value: Any) -> str:
    """Return a value in YAML's flow style."""
    if isinstance(value, BaseModel):
        return _written(value.model_dump(mode="json", by_alias=True))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(v) for v in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value if plain(value) == value else f'"{value}"'
    return "null" if value is None else str(value)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("``", "`").split())


def _about(spec: type[BaseModel]) -> list[str]:
    """Return the first paragraph of what a settings class says of itself."""
    text = inspect.getdoc(spec) if "__doc__" in vars(spec) else None
    return [_cell((text or "").split("\n\n")[0])]


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
