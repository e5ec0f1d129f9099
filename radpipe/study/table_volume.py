"""Which tables of features hold volumes of regions, for the control model of the volume alone."""

from __future__ import annotations

import re
from pathlib import Path

from radpipe.core.errors import FaultsError
from radpipe.features.names import SEPARATOR, feature_id, volume_feature
from radpipe.io.tables import column_names, read_table
from radpipe.study.blocks import TableSpec, fits
from radpipe.study.names import normal
from radpipe.study.schema import StudySpec


def volumes_of_tables(spec: StudySpec, data: Path) -> tuple[str, ...]:
    """Return the ids of the tables' volume features; none where no table there has one.

    A table of several regions, whose features are named REGION__FEATURE, has one of each. What is
    wrong with a table is told where its features are read.
    """
    found = []
    for name, block in spec.derived.items():
        if isinstance(block, TableSpec):
            regions: dict[str, list[str]] = {}
            for feature in _names(block, data):
                regions.setdefault(feature.rpartition(SEPARATOR)[0], []).append(feature)
            volumes = (volume_feature(own) for own in regions.values())
            found += [feature_id(name, volume) for volume in volumes if volume]
    return tuple(found)


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
