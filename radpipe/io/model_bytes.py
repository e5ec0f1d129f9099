"""The bytes of a model file: the same for the same model, whenever it is written."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

SCHEMA = "schema.json"


def reproducible(body: bytes) -> bytes:
    """Return a skops archive whose names, order and dates tell of nothing but its model.

    skops names arrays and objects by where they lie in memory, and other members at random.
    Here both are numbered in the order in which the schema comes upon them.
    """
    out = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as given, ZipFile(out, "w") as made:
        schema = json.loads(given.read(SCHEMA))
        names, numbers = dict[str, str](), dict[int, int]()
        for node in _nodes(schema):
            file, place = node.get("file"), node.get("__id__")
            if isinstance(file, str):
                new = f"{len(names):05d}{PurePosixPath(file).suffix}"
                node["file"] = names.setdefault(file, new)
            if isinstance(place, int):
                node["__id__"] = numbers.setdefault(place, len(numbers))
        for old, new in names.items():
            made.writestr(ZipInfo(new), given.read(old))
        made.writestr(ZipInfo(SCHEMA), json.dumps(schema, indent=2))
    return out.getvalue()


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a schema, outer ones first."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from _nodes(inner)
