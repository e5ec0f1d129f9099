"""The reference of study.yaml, made from the settings classes themselves (Markdown)."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from radpipe.core.errors import UsageError, nearest
from radpipe.core.registry import Registry
from radpipe.study.meanings import meanings
from radpipe.study.schema import StudySpec
from radpipe.study.shapes import Shape, describe, fields, is_spec, literal, tags
from radpipe.study.yaml import plain

_ALWAYS = {
    "label": "how figures and tables call it",
    "id": "name of the output's folder; default the kind",
    "title": "heading in the report; default the kind's own",
}
"""Keys that need no word where they are declared."""

_HEAD = ["| key | what may stand there | default | meaning |", "| --- | --- | --- | --- |"]
_SHARED_BY = 4
"""Kinds that must have the same row before it is told once for all of them."""

_PARTS = (
    "`radpipe schema PART` prints one part: a section (models), a kind (svm), or a key (folds)."
)


@dataclass
class Section:
    """One settings class, where it first stands in study.yaml.

    Parameters
    ----------
    path : str
        Where it stands; empty for the whole file.
    tag, word : str
        What chooses it (``kind: svm``), and the word in it; empty where nothing has to.
    about : str
        What the class says of itself.
    rows : dict of str to str
        Key -> its row of the table.
    also : list of str
        The other paths at which it may stand.
    """

    path: str
    tag: str
    word: str
    about: str
    rows: dict[str, str]
    also: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Return the path, with what chooses these settings there."""
        return f"{self.path} {{{self.tag}}}" if self.tag else self.path

    def lines(self, shared: Mapping[str, str] | None = None) -> list[str]:
        """Return the section; rows that were told as shared are only named."""
        told = [key for key, row in self.rows.items() if (shared or {}).get(key) == row]
        own = [row for key, row in self.rows.items() if key not in told]
        lines = ["", f"## {self.heading}", "", self.about]
        lines += ["", *_HEAD, *own] if own else []
        lines += ["", f"Shared keys: {_quoted(told)}."] if told else []
        return lines + (["", f"Also at: {_quoted(self.also)}."] if self.also else [])


def reference(part: str = "") -> str:
    """Return every key of study.yaml: type, default, allowed values, meaning.

    Parameters
    ----------
    part : str
        Only this part: a section (``models``), a kind (``svm``, ``models.svm``) or a key.

    Raises
    ------
    UsageError
        Where no part has this name.
    """
    root, *below = _sections()
    if part:
        lines = _part(part, root, below)
    else:
        lines = ["# study.yaml", "", root.about, "", _PARTS, "", *_HEAD, *root.rows.values()]
        lines += _told(below)
    return "\n".join(lines) + "\n"


def _part(part: str, root: Section, below: Sequence[Section]) -> list[str]:
    """Return the lines of one part: a section with all below it, kinds, or the rows of a key."""
    if part in root.rows:
        inside = [s for s in below if _names(s.path)[0] == part]
        return [f"# {part}", "", *_HEAD, root.rows[part], *_told(inside)]
    *above, last = part.split(".")
    found = [s for s in below if last == s.word and set(above) <= set(_names(s.path))]
    found = found or [s for s in below if part == s.path or part == _names(s.path)[-1]]
    if found:
        return [f"# {part}", *(line for s in found for line in s.lines())]
    rows: dict[str, list[str]] = {}
    for section in [s for s in below if last in s.rows and set(above) <= set(_names(s.path))]:
        rows.setdefault(section.rows[last], []).append(section.heading)
    if rows:
        told = [["", f"At {_quoted(places)}:", "", *_HEAD, row] for row, places in rows.items()]
        return [f"# {part}", *(line for lines in told for line in lines)]
    known = [*root.rows, *(s.word for s in below if s.word), *(k for s in below for k in s.rows)]
    hint = nearest(part, list(dict.fromkeys(known)))
    allowed = f"allowed: {', '.join(root.rows)}, a kind, or a key"
    raise UsageError("; ".join(filter(None, [f"no part {part!r} of study.yaml", allowed, hint])))


def _names(path: str) -> list[str]:
    """Return the keys of a path: ``selection.NAME[]`` is ``[selection]``."""
    return [key for key in path.replace("[]", "").split(".") if key != "NAME"]


def _told(sections: Sequence[Section]) -> list[str]:
    """Return the lines of sections; rows that most kinds of one path share come first, once."""
    lines: list[str] = []
    by_path: dict[str, list[Section]] = {}
    for section in sections:
        by_path.setdefault(section.path, []).append(section)
    for path, kinds in by_path.items():
        shared = _shared(kinds)
        if shared:
            lines += ["", f"## {path}: keys of several kinds", "", *_HEAD, *shared.values()]
        lines += [line for kind in kinds for line in kind.lines(shared)]
    return lines


def _shared(kinds: Sequence[Section]) -> dict[str, str]:
    """Return key -> the row that several kinds have in common."""
    rows = Counter((key, row) for kind in kinds for key, row in kind.rows.items())
    best: dict[str, str] = {}
    for (key, row), count in rows.items():
        if count >= _SHARED_BY and count > rows[key, best.get(key, "")]:
            best[key] = row
    return best


@cache
def _sections() -> tuple[Section, ...]:
    """Return every settings class once, in the order of the file; the whole file first."""
    queue: list[tuple[str, Shape]] = []
    found: dict[int, Section] = {}
    root = Section("", "", "", _about(StudySpec), _rows(StudySpec, "", queue))
    while queue:
        path, shape = queue.pop(0)
        for tag, word, spec in _choices(shape):
            known = found.get(id(spec))
            if known is None:
                found[id(spec)] = Section(path, tag, word, _about(spec), _rows(spec, path, queue))
            elif path != known.path and path not in known.also:
                known.also.append(path)
    return (root, *found.values())


def _choices(shape: Shape) -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Yield the settings classes that a shape takes, each with what chooses it, and its word."""
    key, _ = tags(shape)
    for branch in shape.branches():
        marker = branch.marker()
        if marker is not None:
            for kind in marker.registry:
                yield f"kind: {kind}", kind, _spec(marker.registry, kind)
        elif is_spec(branch.annotation):
            words = literal(branch.annotation, key)
            only = str(words[0]) if len(words) == 1 else ""
            yield f"{key}: {only}" if only else "", only, branch.annotation


def _spec(registry: Registry, kind: str) -> type[BaseModel]:
    spec: type[BaseModel] = registry[kind]
    return spec


def _rows(spec: type[BaseModel], path: str, queue: list[tuple[str, Shape]]) -> dict[str, str]:
    """Return the row of each key; nested settings are put in the queue."""
    said = meanings(spec)
    rows = {}
    for key, info in fields(spec).items():
        if key in ("kind", "type") and len(literal(spec, key)) == 1:
            continue  # the heading says it
        shape = Shape.of_field(info)
        below = f"{path}.{key}" if path else key
        queue += [(below + more, inner) for more, inner in _inside(shape)]
        name = next((n for n, f in spec.model_fields.items() if f is info), key)
        meaning = info.description or said.get(name) or _ALWAYS.get(key, "")
        cells = (f"`{key}`", describe(shape), _default(info), meaning)
        rows[key] = "| " + " | ".join(_cell(cell) for cell in cells) + " |"
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


def _default(info: FieldInfo) -> str:
    """Return a default as it would be written in the file."""
    if info.is_required():
        return "required"
    return _written(None if info.default is PydanticUndefined else info.default)


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


def _about(spec: type[BaseModel]) -> str:
    """Return the first paragraph of what a settings class says of itself."""
    text = inspect.getdoc(spec) if "__doc__" in vars(spec) else None
    return _cell((text or "").split("\n\n")[0])


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
