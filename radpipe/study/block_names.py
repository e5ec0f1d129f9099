"""The features that a block holds, as far as they are known before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from radpipe.features.names import expected
from radpipe.study.blocks import DeltaSpec, RatioSpec, fits
from radpipe.study.schema import StudySpec

Tables = Mapping[str, Sequence[str]]
"""Block -> the features that were found in its table."""


def names_of(
    spec: StudySpec,
    block: str,
    tables: Tables = MappingProxyType({}),
    seen: frozenset[str] = frozenset(),
) -> list[str] | None:
    """Return the names of a block's features; None where only its table tells.

    Parameters
    ----------
    spec : StudySpec
    block : str
        A block of the study.
    tables : mapping of str to sequence of str
        What tables were found to hold.
    seen : frozenset of str
        Blocks that are made of this one, against circles.
    """
    found = spec.blocks.get(block)
    if block in spec.extracted:
        return (
            expected(spec.settings(block)) if spec.extracted[block].image in spec.images else None
        )
    if isinstance(found, DeltaSpec | RatioSpec) and block not in seen:
        parts = [names_of(spec, part, tables, seen | {block}) for part in found.parts]
        if any(names is None for names in parts):
            return None
        above, below = (names or [] for names in parts)
        return shared(above, below, found.features if isinstance(found, RatioSpec) else ("*",))
    return list(tables[block]) if block in tables else None


def shared(above: Sequence[str], below: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Return the names that two blocks share and a pattern means, in the first one's order."""
    known = set(below)
    return [n for n in above if n in known and any(fits(n, pattern) for pattern in patterns)]
