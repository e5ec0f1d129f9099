"""What pydantic finds wrong, in the words of someone who writes study.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from radpipe.core.errors import Fault, nearest
from radpipe.study.places import KeyPath, Places
from radpipe.study.shapes import Shape, describe, example, fields, spec_for, step, tags

_KIND_ERRORS = frozenset(
    {"kind_unknown", "kind_missing", "kind_type", "union_tag_invalid", "union_tag_not_found"}
)
_SHOWN = 60


def schema_faults(
    error: ValidationError, data: Any, root: type[BaseModel], places: Places
) -> list[tuple[KeyPath, Fault | None]]:
    """Return every fault of a file with the key path that it concerns.

    A path without a fault is wrong as well, but that only follows from another fault.

    Parameters
    ----------
    error : ValidationError
    data : object
        What the file holds.
    root : type of BaseModel
        The settings class that refused it.
    places : Places
        The file and its lines.
    """
    problems: dict[KeyPath, dict[str, Any]] = {}
    for problem in error.errors(include_url=False):
        path = key_path(problem["loc"], data, missing=problem["type"] == "missing")
        problems.setdefault(path, dict(problem))
    shadowed = _shadowed(problems, data)
    found: list[tuple[KeyPath, Fault | None]] = [(path, None) for path in shadowed]
    for path, item in sorted(problems.items(), key=lambda p: _line(places, p[0])):
        if path not in shadowed:
            found.append((path, _fault(path, item, data, Shape(root), places)))
    return found


def key_path(loc: Sequence[str | int], data: Any, missing: bool = False) -> KeyPath:
    """Return the keys of a pydantic location that stand in the file.

    Pydantic adds the tag of a union, the name of a validator or ``[key]``; these are left out.
    """
    path: KeyPath = ()
    for i, part in enumerate(loc):
        if _holds(data, part):
            path, data = (*path, part), data[part]
        elif missing and i == len(loc) - 1:
            path = (*path, part)
    return path


def at(data: Any, path: KeyPath) -> Any:
    """Return what stands at a key path, None where nothing does."""
    for part in path:
        if not _holds(data, part):
            return None
        data = data[part]
    return data


def holds(data: Any, path: KeyPath) -> bool:
    """Return whether something stands at a key path."""
    return not path or _holds(at(data, path[:-1]), path[-1])


def _holds(data: Any, part: str | int) -> bool:
    """Return whether a mapping has the key, or a list the position."""
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def _line(places: Places, path: KeyPath) -> int:
    while path and path not in places.lines:
        path = path[:-1]
    return places.lines.get(path, 0)


def _shadowed(problems: Mapping[KeyPath, Mapping[str, Any]], data: Any) -> set[KeyPath]:
    """Return the paths whose fault only follows from another one.

    A missing key beside a misspelt one, or one without its colon, is that one; and where a value
    fits none of several types, what is wrong inside it says more than that it fits none.
    """
    unknown = [path for path, item in problems.items() if item["type"] == "extra_forbidden"]
    found = set()
    for path, item in problems.items():
        inside = any(other != path and other[: len(path)] == path for other in problems)
        if item["type"] == "missing":
            beside = [_stem(other[-1]) for other in unknown if other[:-1] == path[:-1]]
            if nearest(str(path[-1]), beside):
                found.add(path)
        elif inside and item["type"] != "value_error" and isinstance(at(data, path), list | dict):
            found.add(path)
    return found


def _stem(key: str | int) -> str:
    """Return the key that a text is where the colon behind it was forgotten."""
    return str(key).partition(" ")[0]


def _shape(path: Iterable[str | int], data: Any, root: Shape) -> Shape | None:
    """Return what may stand at a key path; a candidate of tuning is one of the tuned setting."""
    path = list(path)
    if path[:1] == ["models"] and path[2:3] == ["tune"] and len(path) > 3:
        path = [*path[:2], path[3]]
    shape: Shape | None = root
    for part in path:
        if shape is None:
            return None
        shape, data = step(shape, data, part), at(data, (part,))
    return shape


def _fault(path: KeyPath, item: Mapping[str, Any], data: Any, root: Shape, places: Places) -> Fault:
    """Return one error as a fault."""
    value, kind = at(data, path), str(item["type"])
    shape = _shape(path, data, root)
    if kind == "extra_forbidden":
        return _unknown_key(path, data, root, places)
    if kind == "missing":
        allowed = describe(shape) if shape else ""
        return Fault(places.where(*path), "the key is missing", "add it", allowed)
    if kind in _KIND_ERRORS and shape is not None:
        return _unknown_kind(path, value, shape, places)
    if kind in ("value_error", "assertion_error"):
        message = str(item["msg"]).partition(", ")[2] or str(item["msg"])
        found, _, cure = message.partition("; ")
        return Fault(places.where(*path), f"found {found}", cure)
    allowed = describe(shape) if shape else str(item["msg"])
    cure = nearest(value, allowed.split(", ")) if isinstance(value, str) else ""
    if kind in ("too_short", "too_long") and value:
        return Fault(places.where(*path), f"found {len(value)}", cure, allowed)
    if shape is not None and not isinstance(value, Mapping) and (model := example(shape)):
        cure = f"write {path[-1]}: {model}" if path else cure
    return Fault(places.where(*path), f"found {written(value)}", cure, allowed)


def _unknown_key(path: KeyPath, data: Any, root: Shape, places: Places) -> Fault:
    """Return the fault of a key that the settings do not have."""
    owner = _shape(path[:-1], data, root)
    spec = spec_for(owner, at(data, path[:-1])) if owner else None
    known = list(fields(spec)) if spec else []
    unused = [key for key in known if key not in (at(data, path[:-1]) or {})]
    key, stem = str(path[-1]), _stem(path[-1])
    cure = nearest(key, unused) or nearest(stem, unused) or "remove it"
    if stem != key and stem in unused and at(data, path) is None:
        cure = f"write {stem}: {key.removeprefix(stem).strip()}"
    found = f"found the unknown key {key!r}"
    return Fault(places.where(*path), found, cure, ", ".join(known))


def _unknown_kind(path: KeyPath, value: Any, shape: Shape, places: Places) -> Fault:
    """Return the fault of a ``kind`` (or ``type``) that is missing or not known."""
    tag, known = tags(shape)
    allowed = ", ".join(known)
    if isinstance(value, str):
        return Fault(places.where(*path), f"found {written(value)}", nearest(value, known), allowed)
    if not isinstance(value, Mapping):
        found = f"found {written(value)}"
        return Fault(places.where(*path), found, f"write {{{tag}: ...}}", f"{tag} {allowed}")
    if value.get(tag) is None:
        return Fault(places.where(*path), f"the key {tag!r} is missing", "add it", allowed)
    found = f"found {written(value[tag])}"
    return Fault(places.where(*path, tag), found, nearest(str(value[tag]), known), allowed)


def told_once(faults: Iterable[Fault], folders: Sequence[str]) -> tuple[Fault, ...]:
    """Return faults of several cohorts' tables that are one and the same as one, with its folders.

    Parameters
    ----------
    faults : iterable of Fault
    folders : sequence of str
        Of the external cohorts, as the faults name them.
    """
    same: dict[tuple[str, ...], list[tuple[str, Fault]]] = {}
    for fault in faults:
        text = f"{fault.where}\n{fault.found}"
        of = next((f for f in sorted(folders, key=len, reverse=True) if f"{f}/" in text), "")
        plain = text.replace(f"{of}/", "") if of else text
        same.setdefault((plain, fault.case), []).append((of, fault))
    found = []
    for group in same.values():
        others = [of for of in dict.fromkeys(of for of, _ in group[1:]) if of != group[0][0]]
        more = f" (the same in {', '.join(others)})" if others else ""
        found.append(replace(group[0][1], found=group[0][1].found + more))
    return tuple(found)


def written(value: Any) -> str:
    """Return a value as its writer knows it, short."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "settings (key: value)" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + "...'"
