"""Finds the patterns behind the names of image files: ``masks/{patient_id}.nii.gz``."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from radpipe.io.images import SUFFIXES

_PIECES = re.compile(r"[0-9]+|[A-Za-z]+|[^\W\d_A-Za-z]+|[\W_]")
_MAX_FILES = 200_000
_MAX_REPEATS = 3  # an id that stands more often in one path is not looked for further


@dataclass(frozen=True)
class Layout:
    """A pattern and the files that it stands for.

    Parameters
    ----------
    pattern : str
        With ``{column}`` where a case's value stands.
    files : mapping of str to str
        Id -> path of the file, from the data folder.
    """

    pattern: str
    files: Mapping[str, str]


def walk(folder: Path) -> Iterator[str]:
    """Yield all files below a folder (hidden ones left out), as posix paths, sorted.

    Symbolic links are followed, each real folder once.
    """
    seen: set[str] = set()
    count = 0
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                count += 1
                if count > _MAX_FILES:
                    return
                yield (Path(root) / name).relative_to(folder).as_posix()


def suffix_of(path: str) -> str:
    """Return the image suffix of a path, or an empty string."""
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if path.endswith(s)), "")


def layouts(
    files: Sequence[str], column: str, ids: Sequence[str], row: Mapping[str, Mapping[str, str]]
) -> list[Layout]:
    """Return the patterns that explain the image files, those with most cases first.

    Parameters
    ----------
    files : sequence of str
        Posix paths from the data folder.
    column : str
        The id column.
    ids : sequence of str
        Its values.
    row : mapping
        Id -> {column: value} of other columns (centre, group) that may name a folder.
    """
    known = {_plain(i): i for i in ids}
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        suffix = suffix_of(file)
        if suffix and "{" not in file:
            for pattern, case in _readings(file[: -len(suffix)], column, known, row):
                found[pattern + suffix].setdefault(case, file)
    chosen: list[Layout] = []
    used: set[str] = set()
    remaining = {p: f for p, f in found.items() if len(f) > 1 or len(ids) == 1}
    order = sorted(remaining, key=lambda p: _rank(p, remaining[p], column))
    for pattern in order:
        fresh = {case: f for case, f in remaining[pattern].items() if f not in used}
        # A pattern that mostly repeats files of a better one is a chance reading of them.
        if (len(fresh) > 1 and len(fresh) > 0.5 * len(remaining[pattern])) or len(ids) == 1:
            chosen.append(Layout(pattern, fresh))
            used.update(fresh.values())
    return sorted(chosen, key=lambda x: -len(x.files))


def matched(files: Sequence[str], ids: Sequence[str]) -> int:
    """Return how many of the ids stand in the name of some image file."""
    known = {_plain(i): i for i in ids}
    seen: set[str] = set()
    for file in files:
        for segment in file[: -len(suffix_of(file))].split("/"):
            seen.update(case for _, _, case in _places(segment, known))
    return len(seen)


def _rank(pattern: str, files: Mapping[str, str], column: str) -> tuple[int, int, int]:
    """Most cases first; then few other columns, then many places for the id."""
    ids = pattern.count("{" + column + "}")
    return -len(files), pattern.count("{") - ids, -ids


def _readings(
    stem: str, column: str, known: Mapping[str, str], row: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield each way to read a path as a pattern, with the case it would belong to."""
    segments = stem.split("/")
    places: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for number, segment in enumerate(segments):
        for start, end, case in _places(segment, known):
            places[case].append((number, start, end))
    for case, spots in places.items():
        spots = spots[:_MAX_REPEATS]
        for size in range(1, len(spots) + 1):
            for chosen in combinations(spots, size):
                filled = _fill(segments, chosen, "{" + column + "}")
                yield "/".join(filled), case
                named = _name_folders(filled, row.get(case, {}))
                if named != filled:
                    yield "/".join(named), case


def _name_folders(segments: list[str], values: Mapping[str, str]) -> list[str]:
    """Put ``{column}`` for folders that are called like another value of the case."""
    by_value = {value: name for name, value in reversed(list(values.items()))}
    return ["{" + by_value[s] + "}" if s in by_value else s for s in segments]


def _fill(
    segments: Sequence[str], spots: Sequence[tuple[int, int, int]], placeholder: str
) -> list[str]:
    """Return the segments with a placeholder at the given spots (later ones first)."""
    filled = list(segments)
    for number, start, end in sorted(spots, reverse=True):
        filled[number] = filled[number][:start] + placeholder + filled[number][end:]
    return filled


def _places(segment: str, known: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield where a part of a name is an id: whole runs of letters or digits only."""
    pieces = [(m.start(), m.end()) for m in _PIECES.finditer(segment)]
    for i, (start, _) in enumerate(pieces):
        for _, end in pieces[i : i + 24]:
            case = known.get(_plain(segment[start:end]))
            if case is not None:
                yield start, end, case


def _plain(text: str) -> str:
    """Return text as ids are compared."""
    return unicodedata.normalize("NFKC", text).strip()
