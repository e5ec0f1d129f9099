"""Pairs of image and mask: which there are, and where each case's lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault
from radpipe.features.settings import ExtractionSettings
from radpipe.io.maps import ImageMap, Part, Source
from radpipe.study.load import Study
from radpipe.study.patterns import fill, placeholders
from radpipe.study.readers import primary_of
from radpipe.study.rows import Rows


@dataclass(frozen=True)
class Pair:
    """Image and mask of one case: what a block is extracted from, and a montage shows.

    Parameters
    ----------
    case, image, region : str
        The case's id, and the names of image and region.
    image_path, mask_path : Path
        Of a map, the first image that it is made of.
    label : int
        The region's value in the mask.
    settings : tuple of ExtractionSettings
        Of the blocks that are extracted from it; those of a block that asks for nothing where
        it is only shown.
    made : ImageMap or None
        How the image is computed, where it is a map.
    """

    case: str
    image: str
    region: str
    image_path: Path
    mask_path: Path
    label: int
    settings: tuple[ExtractionSettings, ...]
    made: ImageMap | None = None

    @property
    def source(self) -> Source:
        """Return where the image comes from."""
        return self.image_path if self.made is None else self.made


def pairs(study: Study, rows: Rows, reader: str = "") -> Iterator[Pair]:
    """Yield every image with every region drawn on it, for all rows whose paths can be told.

    As the primary reader drew them, or another one.
    """
    reader = reader or primary_of(study.spec.readers)
    known = {pair: _settings(study, *pair) for pair in study.spec.pairs()}
    for case, cells in zip(rows.cases, _cells(rows), strict=True):
        for (image, region), settings in known.items():
            mask = study.spec.regions[region].masks[image]
            folder = study.data / rows.folder(case)
            try:
                parts = _parts(study, image, cells, folder, reader)
                mask_path = folder / fill(mask, cells, image, reader)
            except ValueError:
                continue  # told by path_faults
            label = study.spec.regions[region].label
            expression = study.spec.images[image].expression
            made = None if expression is None else ImageMap(expression, parts)
            first = parts[0].path
            yield Pair(case, image, region, first, mask_path, label, settings, made)


def _parts(
    study: Study, image: str, cells: dict[str, str | None], folder: Path, reader: str
) -> tuple[Part, ...]:
    """Return the files of an image, or of those that it is computed from."""
    return tuple(
        Part(name, folder / fill(pattern, cells, name, reader), study.spec.images[name].channel)
        for name, pattern in study.spec.image_patterns(image).items()
    )


def _settings(study: Study, image: str, region: str) -> tuple[ExtractionSettings, ...]:
    """Return the settings of the blocks on an image and a region."""
    spec = study.spec
    found = [
        spec.settings(name)
        for name, block in spec.extracted.items()
        if (block.image, block.region) == (image, region)
    ]
    return tuple(found) or (ExtractionSettings(channel=spec.images[image].channel),)


def path_faults(study: Study, rows: Rows) -> list[Fault]:
    """Return the faults of cases whose cells make no path, or one that leaves its folder."""
    patterns: dict[str, str] = {}
    for image, region in study.spec.pairs():
        for name, pattern in study.spec.image_patterns(image).items():
            patterns.setdefault(pattern, name)
        patterns.setdefault(study.spec.regions[region].masks[image], image)
    faults: dict[str, Fault] = {}
    for pattern, image in patterns.items():
        if any(column in rows.absent for column in placeholders(pattern)):
            continue
        for case, cells in zip(rows.cases, _cells(rows), strict=True):
            try:
                fill(pattern, cells, image, primary_of(study.spec.readers))
            except ValueError as error:
                fault = rows.fault([case], str(error), "correct the cell, or exclude the case")
                faults.setdefault(str(fault), fault)
    return list(faults.values())


def _cells(rows: Rows) -> list[dict[str, str | None]]:
    """Return each row as column -> cell."""
    return [
        {str(key): value for key, value in record.items()}
        for record in rows.frame.to_dict("records")
    ]
