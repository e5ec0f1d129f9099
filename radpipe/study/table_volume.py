"""Which tables of features hold volumes of regions, for the control model of the volume alone."""

from __future__ import annotations

from pathlib import Path

from radpipe.core.errors import FaultsError
from radpipe.features.names import SEPARATOR, VOLUME_FEATURES, feature_id, volume_feature
from radpipe.io.tables import TEXT_SUFFIXES
from radpipe.study.blocks import TableSpec
from radpipe.study.cohort import read_cohort
from radpipe.study.feature_tables import feature_names
from radpipe.study.load import Study
from radpipe.study.rows import Rows

_WORDS = tuple(name.rpartition("_")[2] for name in VOLUME_FEATURES)


def volumes_of_tables(study: Study) -> tuple[str, ...]:
    """Return the ids of the tables' volume features; none where no table there has one.

    A table of several regions, whose features are named REGION__FEATURE, has one of each. Where
    each case has a file, the first with a volume tells. What is wrong with a table is told where
    its features are read.
    """
    blocks = [n for n, block in study.spec.derived.items() if isinstance(block, TableSpec)]
    cohort = read_cohort(study)[0] if blocks else None
    if cohort is None:
        return ()
    return tuple(
        feature_id(block, volume)
        for block in blocks
        for volume in _volumes(study, block, cohort.rows)
    )


def _volumes(study: Study, block: str, rows: Rows) -> list[str]:
    """Return the volume of each region in a table."""
    try:
        for names in feature_names(study, block, rows, _may_have_volumes, _is_volume):
            regions: dict[str, list[str]] = {}
            for feature in names:
                regions.setdefault(feature.rpartition(SEPARATOR)[0], []).append(feature)
            volumes = [volume_feature(own) for own in regions.values()]
            if any(volumes):
                return [volume for volume in volumes if volume]
    except FaultsError:
        return []
    return []


def _may_have_volumes(path: Path) -> bool:
    """Return whether a file may name a volume; every job asks, and most of a table is numbers."""
    if path.suffix.lower() not in TEXT_SUFFIXES:
        return True
    try:
        content = path.read_bytes()
    except OSError:  # told where it is read
        return True
    return any(word.encode() in content for word in _WORDS)


def _is_volume(name: str) -> bool:
    """Return whether a feature's name ends as that of a volume does."""
    return name.endswith(_WORDS)
