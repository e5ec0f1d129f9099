"""Blocks that are made of other blocks."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from radpipe.core.errors import RadpipeError
from radpipe.features.combine import change, ratio
from radpipe.features.names import feature_id, split_id
from radpipe.study.block_names import shared
from radpipe.study.blocks import DeltaSpec, RatioSpec
from radpipe.study.schema import StudySpec


def derive(spec: StudySpec, block: str, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the features of a block that is made of others.

    Parameters
    ----------
    spec : StudySpec
    block : str
        The block, of kind delta or ratio.
    frames : mapping of str to DataFrame
        Each block that it is made of: a row a case, which is the index; columns
        ``block__feature``.

    Returns
    -------
    DataFrame
        A row for each case of either, columns ``block__feature``; NaN where a value is missing
        or undefined.

    Raises
    ------
    RadpipeError
        Where the blocks share no feature that is asked for.
    """
    own = spec.derived[block]
    above, below = (
        frames[part].rename(columns=lambda column: split_id(str(column))[1]) for part in own.parts
    )
    patterns = own.features if isinstance(own, RatioSpec) else ("*",)
    names = shared(list(above.columns), list(below.columns), patterns)
    if not names:
        raise RadpipeError(
            f"block {block}: {' and '.join(own.parts)} share no feature that it asks for; "
            "give them the same settings, or name other features"
        )
    if isinstance(own, DeltaSpec):
        found = change(above[names], below[names], own.change == "relative")
    else:
        found = ratio(above, below, names)
    return found.set_axis([feature_id(block, name) for name in names], axis=1)
