"""Pairs of image and mask: which there are, and where each case's lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.patterns import fill, matches, placeholders
from radpipe.study.places import KeyPath
from radpipe.study.rows import Rows


@dataclass(frozen=True)
class Pair:
    """Image and mask of one case: what a block is extracted from, and a montage shows."""

    case: str
    image: str
    region: str
    image_path: Path
    mask_path: Path
    label: int


def pairs(study: Study, rows: Rows) -> Iterator[Pair]:
    """Yield every image with every region drawn on it, for all rows whose paths can be told."""
    for case, cells in zip(rows.cases, _cells(rows), strict=True):
        for image, region in used_pairs(study):
            mask = study.spec.regions[region].masks[image]
            try:
                image_path = study.data / fill(study.spec.images[image].path, cells, image)
                mask_path = study.data / fill(mask, cells, image)
            except ValueError:
                continue  # told by path_faults
            yield Pair(
                case, image, region, image_path, mask_path, study.spec.regions[region].label
            )


def used_pairs(study: Study) -> list[tuple[str, str]]:
    """Return the (image, region) of the blocks; where there are no blocks, all that have a mask."""
    blocks = [(block.image, block.region) for block in study.spec.blocks.values()]
    drawn = [(i, name) for name, region in study.spec.regions.items() for i in region.masks]
    return list(dict.fromkeys(blocks or drawn))


def path_faults(study: Study, rows: Rows) -> list[Fault]:
    """Return the faults of cases whose cells make no path, or one that leaves its folder."""
    patterns: dict[str, tuple[KeyPath, str]] = {}
    for image, region in used_pairs(study):
        path = study.spec.images[image].path
        patterns.setdefault(path, (("images", image, "path"), image))
        mask = study.spec.regions[region].masks[image]
        patterns.setdefault(mask, (("regions", region, "masks", image), image))
    faults: dict[str, Fault] = {}
    for pattern, (_, image) in patterns.items():
        if any(column in rows.absent for column in placeholders(pattern)):
            continue
        for case, cells in zip(rows.cases, _cells(rows), strict=True):
            try:
                fill(pattern, cells, image)
            except ValueError as error:
                fault = rows.fault([case], str(error), "correct the cell, or exclude the case")
                faults.setdefault(str(fault), fault)
    return list(faults.values())


def strangers(study: Study) -> dict[str, Path]:
    """Return the ids that have an image of the study's but perhaps no row, with one such image.

    Only patterns that name the id column alone can tell.
    """
    column = normal(study.spec.cohort.id)
    found: dict[str, Path] = {}
    for image in dict.fromkeys(image for image, _ in used_pairs(study)):
        pattern = study.spec.images[image].path
        if placeholders(pattern) == (column,):
            for match in matches(study.data, pattern, image):
                found.setdefault(normal(match.values[column]), match.path)
    return found


def _cells(rows: Rows) -> list[dict[str, str | None]]:
    """Return each row as column -> cell."""
    return [
        {str(key): value for key, value in record.items()}
        for record in rows.frame.to_dict("records")
    ]
