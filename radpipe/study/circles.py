"""Things that are made of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def circles(below: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield each way from a name back to itself, one for the same names.

    Parameters
    ----------
    below : mapping of str to sequence of str
        Name -> the names that it is made of; itself is left out.
    """
    told: set[frozenset[str]] = set()
    for start in below:
        way = _way(start, below)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            yield [*way, start]


def _way(start: str, below: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the way from a name to the one that is made of it, or an empty list."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop()
        for name in below.get(way[-1], ()):
            if name == start and len(way) > 1:
                return way
            if name not in seen and name != start:
                seen.add(name)
                ways.append([*way, name])
    return []
