"""What can be understood of a study.yaml that has faults, so that all of them are found at once.

A key or an entry that is wrong is left out and the rest is read again, until it holds. Later
checks then run on what is left, and do not complain of references to what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.study.faults import holds, schema_faults, written
from radpipe.study.params import with_params
from radpipe.study.places import KeyPath, Places
from radpipe.study.schema import StudySpec
from radpipe.study.shapes import fields
from radpipe.study.yaml import read_yaml

VERSION = 1
_NAMED = frozenset(
    {"readers", "images", "regions", "blocks", "clinical", "preparation", "selection", "models"}
)
_LISTED = frozenset({"outputs", "assumed"})
_STAND_INS: dict[str, dict[str, Any]] = {
    "endpoint": {"type": "binary", "column": "?", "positive": "?"},
    "cohort": {"table": "?.csv", "id": "?"},
}
_KEYED = frozenset({"preparation", "selection", "models", "outputs"})
"""Sections of whose entries the key that is wrong is left out, as long as the rest holds."""
_ROUNDS = 50


@dataclass(frozen=True)
class Draft:
    """A study.yaml as far as it can be read.

    Parameters
    ----------
    places : Places
        The file and its lines.
    spec : StudySpec or None
        What holds; None where nothing much does.
    faults : tuple of Fault
        What is wrong with the file itself.
    names : mapping of str to set of str
        Section -> every name in it, those that are wrong inside as well; a section that is
        no mapping, whose names cannot be told, is left out.
    outputs : tuple of int
        For each output of ``spec`` its position in the file.
    broken : set of str
        Which of ``endpoint`` and ``cohort`` could not be understood; ``spec`` then holds a
        stand-in, which no later check may look at.
    left_out : set of key path
        The wrong keys without which the rest of their entry holds.
    """

    places: Places
    spec: StudySpec | None
    faults: tuple[Fault, ...]
    names: Mapping[str, frozenset[str]]
    outputs: tuple[int, ...] = ()
    broken: frozenset[str] = frozenset()
    left_out: frozenset[KeyPath] = frozenset()


def read_draft(file: Path) -> Draft:
    """Read a study.yaml as far as possible.

    Raises
    ------
    FaultsError
        Where the file is not YAML, or not a study at all.
    """
    data, lines = read_yaml(file)
    places = Places(file, lines)
    if not isinstance(data, dict):
        raise FaultsError([Fault(places.where(), f"found {written(data)}", "write `key: value`")])
    found = {str(fault): fault for fault in _check_version(data, places)}
    misspelt = _misspelt(data) if "schema" not in data else ()
    data = {key: value for key, value in data.items() if key not in misspelt}
    data["schema"] = VERSION
    names, given = _names(data), data
    kept = {section: list(range(len(_items(data, section)))) for section in _LISTED}
    data, params_faults = with_params(data, places)
    found |= {str(fault): fault for fault in params_faults}
    broken: set[str] = set()
    keys: set[KeyPath] = set()
    for _ in range(_ROUNDS):
        try:
            spec = StudySpec.model_validate(data)
        except ValidationError as error:
            moved = Places(file, _moved(lines, kept))
            problems = schema_faults(error, data, StudySpec, moved)
            found |= {
                str(fault): fault
                for path, fault in problems
                if fault is not None and not any(key[: len(path)] == path for key in keys)
            }
            wrong = {path for path, _ in problems}
            unknown = {path for path in wrong if _is_unknown(error, path)}
            cuts = {path if path in unknown else _cut(path, data) for path in wrong}
            keys |= {cut for cut in cuts - unknown if len(cut) > 2 and cut[0] in _KEYED}
            pruned, keys = _pruned(data, cuts, keys, kept)
            for section in sorted(_STAND_INS.keys() - pruned.keys()):
                pruned[section] = _STAND_INS[section]
                broken.add(section)
            if pruned == data:
                break
            data = pruned
        else:
            if _has_split(given) and not _has_split(data):
                broken.add("cohort.split")
            outputs = tuple(kept["outputs"])
            faults = tuple(found.values())
            return Draft(places, spec, faults, names, outputs, frozenset(broken), frozenset(keys))
    return Draft(places, None, tuple(found.values()), names)


def _has_split(data: Mapping[str, Any]) -> bool:
    cohort = data.get("cohort")
    return isinstance(cohort, dict) and "split" in cohort


def _check_version(data: Mapping[str, Any], places: Places) -> list[Fault]:
    """Refuse a file of another version at once: all else about it would be guesswork.

    A file that does not say its version is read as one of this version; the fault is returned.
    """
    version = data.get("schema")
    if version == VERSION and not isinstance(version, bool):
        return []
    if version is None:
        hint = nearest("schema", _misspelt(data))
        return [Fault(places.where("schema"), "the key is missing", hint or "add `schema: 1`")]
    cure = "write `schema: 1`, or install the radpipe that the study was written for"
    raise FaultsError([Fault(places.where("schema"), f"found {written(version)}", cure, "1")])


def _misspelt(data: Mapping[str, Any]) -> list[str]:
    """Return the keys that `schema` may be meant by."""
    return [k for k in data if k not in fields(StudySpec) and nearest("schema", [str(k)])]


def _names(data: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the names in each section, be its key misspelt."""
    unknown = [key for key in data if key not in fields(StudySpec)]
    found = {}
    for section in _NAMED:
        meant = [section] if section in data else [k for k in unknown if nearest(k, [section])]
        values = [data[key] for key in meant]
        if all(isinstance(value, dict) for value in values):
            found[section] = frozenset(name for value in values for name in value)
    return found


def _items(data: Mapping[str, Any], section: str) -> list[Any]:
    value = data.get(section)
    return value if isinstance(value, list) else []


def _moved(lines: Mapping[KeyPath, int], kept: Mapping[str, list[int]]) -> dict[KeyPath, int]:
    """Return the lines with the list positions that are left after pruning."""
    moved = {}
    for path, line in lines.items():
        if len(path) > 1 and path[0] in kept and isinstance(path[1], int):
            positions = kept[str(path[0])]
            if path[1] not in positions:
                continue
            path = (path[0], positions.index(path[1]), *path[2:])
        moved[path] = line
    return moved


def _is_unknown(error: ValidationError, path: KeyPath) -> bool:
    """Return whether the fault at ``path`` is nothing but a key that is not known."""
    kinds = {
        item["type"]
        for item in error.errors(include_url=False)
        if item["loc"] and item["loc"][-1] == path[-1] and item["loc"][0] == path[0]
    }
    return kinds == {"extra_forbidden"}


def _pruned(
    data: dict[str, Any],
    cuts: set[KeyPath],
    keys: set[KeyPath],
    kept: dict[str, list[int]],
) -> tuple[dict[str, Any], set[KeyPath]]:
    """Return the data without what is wrong, and the keys left out of the entries that remain."""
    pruned: dict[str, Any] = _without(data, cuts)
    for section in _LISTED:
        gone = {path[1] for path in cuts if len(path) == 2 and path[0] == section}
        left = [i for i in range(len(kept[section])) if i not in gone]
        kept[section] = [kept[section][i] for i in left] if section in pruned else []
        keys = {
            (section, left.index(int(key[1])), *key[2:]) if key[0] == section else key
            for key in keys
            if key[0] != section or key[1] in left
        }
    return pruned, {key for key in keys if key[0] not in _NAMED or key[:2] not in cuts}


def _cut(path: KeyPath, data: Any) -> KeyPath:
    """Return what to leave out for a fault at ``path``: a key, an entry, or a section."""
    section = path[0] if path else ""
    if section in _KEYED and path[2:3] != ("models",):
        for end in range(len(path), 2, -1):
            if isinstance(path[end - 1], str) and holds(data, path[:end]):
                return path[:end]
    if section in _NAMED or section in _LISTED:
        return path[:2]
    if section == "cohort" and len(path) > 1 and path[1] not in ("table", "id"):
        return path[:2] if path[1] != "exclude" else path[:3]
    return path[:1]


def _without(data: Any, cuts: set[KeyPath]) -> Any:
    """Return nested data without the values at some key paths."""
    here = {path[0] for path in cuts if len(path) == 1}
    below = {
        key: {path[1:] for path in cuts if path[0] == key and len(path) > 1}
        for key in {path[0] for path in cuts}
    }
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    left = {
        key: _without(value, below[key]) if below.get(key) else value
        for key, value in pairs
        if key not in here
    }
    return left if isinstance(data, dict) else list(left.values())
