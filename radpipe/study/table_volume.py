"""Which table of features holds the region's volume, for the control model of the volume alone."""

from __future__ import annotations

import re
from pathlib import Path

from radpipe.core.errors import FaultsError
from radpipe.features.names import feature_id, volume_feature
from radpipe.io.tables import column_names, read_table
from radpipe.study.blocks import TableSpec, fits
from radpipe.study.names import normal
from radpipe.study.schema import StudySpec


def volume_of_tables(spec: StudySpec, data: Path) -> str:
    """Return the id of the first table's volume feature; empty where no table there has one.

    What is wrong with a table is told where its features are read.
    """
    for name, block in spec.derived.items():
        if isinstance(block, TableSpec):
            feature = volume_feature(_names(block, data))
            if feature:
                return feature_id(name, feature)
    return ""


def _names(block: TableSpec, data: Path) -> list[str]:
    """Return the features of a table; those of the first case where each has a file."""
    try:
        path = next(iter(sorted(data.glob(re.sub(r"\{[^}]*\}", "*", block.file)))), None)
        if path is None:
            return []
        if block.layout == "wide":
            names = column_names(path, block.sheet)
        else:
            frame = read_table(path, block.sheet).frame
            parts = [frame[normal(name)] for name in block.feature if normal(name) in frame]
            cells = zip(*parts, strict=True)
            names = ["_".join((cell or "").strip() for cell in row) for row in cells]
    except FaultsError:
        return []
    return [n for n in names if not block.columns or any(fits(n, c) for c in block.columns)]
