"""Features of new cases that are made of other features, as the study made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpipe.features.names import feature_id, split_id
from radpipe.study.blocks import BLOCKS
from radpipe.study.derivation import derive

Blocks = Mapping[str, Mapping[str, Any]]
"""By name, how the blocks of a stored model are made."""


@dataclass(frozen=True)
class _Derived:
    """What `derive` looks at of a study."""

    derived: Mapping[str, Any]


def parts_of(blocks: Blocks, block: str) -> tuple[str, ...]:
    """Return the blocks that one is made of; none where it is extracted, or read from a table."""
    own = blocks[block]
    if "image" in own or own["kind"] == "table":
        return ()
    return tuple(BLOCKS[own["kind"]].model_validate(own).parts)


def sources(blocks: Blocks, feature: str) -> list[str]:
    """Return the features of others that a feature is made of in the end; itself where of none."""
    block, name = split_id(feature)
    parts = parts_of(blocks, block)
    if not parts:
        return [feature]
    return [source for part in parts for source in sources(blocks, feature_id(part, name))]


def first_blocks(blocks: Blocks, needed: Iterable[str]) -> list[str]:
    """Return the blocks that features are of, or made of in the end."""
    return list(dict.fromkeys(split_id(s)[0] for name in needed for s in sources(blocks, name)))


def not_extracted(blocks: Blocks, block: str) -> str:
    """Return why a block cannot be extracted from images alone; empty where it can."""
    own = blocks[block]
    if own["kind"] == "table":
        return "is read from a table"
    return "is of a computed image" if own.get("expression") else ""


def made(blocks: Blocks, block: str, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a block's features from those that it is made of in the end.

    Parameters
    ----------
    blocks : mapping
    block : str
    frames : mapping of str to DataFrame
        The blocks that are at hand: a row a case, columns ``block__feature``.
    """
    if block in frames:
        return frames[block]
    own = BLOCKS[blocks[block]["kind"]].model_validate(blocks[block])
    below = {part: made(blocks, part, frames) for part in parts_of(blocks, block)}
    return derive(_Derived({block: own}), block, below)  # type: ignore[arg-type]
