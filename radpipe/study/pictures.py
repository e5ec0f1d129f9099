"""From the image files of a folder to named images and regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.study import words as w
from radpipe.study.layout import Layout, layouts
from radpipe.study.names import name_problem
from radpipe.study.volumes import LOOKED_AT, Volumes, look, masks_of, modality_of

ENOUGH = 0.8
"""Share of the cases that a pattern must cover to be proposed (else it is only mentioned)."""


@dataclass(frozen=True)
class ImageFound:
    """An image of each case: name, pattern, modality, what that was guessed from, cases."""

    name: str
    pattern: str
    modality: str
    why: str
    cases: int


@dataclass(frozen=True)
class RegionFound:
    """A region: name, label, all labels seen, masks looked at, and image name -> pattern."""

    name: str
    label: int
    labels: tuple[int, ...]
    looked_at: int
    masks: Mapping[str, str]


@dataclass(frozen=True)
class Pictures:
    """The images and regions of a folder.

    Parameters
    ----------
    images, regions : tuple
        What is there for (nearly) all cases, each image with a mask on its grid.
    aside : tuple of str
        Patterns that are not proposed, each with the reason.
    without : mapping of str to str
        Id -> what the case lacks.
    """

    images: tuple[ImageFound, ...] = ()
    regions: tuple[RegionFound, ...] = ()
    aside: tuple[str, ...] = ()
    without: Mapping[str, str] | None = None


def find_pictures(
    data: Path,
    files: Sequence[str],
    column: str,
    ids: Sequence[str],
    row: Mapping[str, Mapping[str, str]],
) -> Pictures:
    """Find images, masks and how they belong together.

    Parameters
    ----------
    data : Path
        The data folder.
    files : sequence of str
        Its image files, posix paths.
    column, ids : str, sequence of str
        The id column and its values.
    row : mapping
        Id -> {column: value} of columns that may name a folder.
    """
    found = layouts(files, column, ids, row)
    full = [x for x in found if len(x.files) >= ENOUGH * len(ids)]
    aside = [f"{x.pattern}: {len(x.files)} of {len(ids)} cases" for x in found if x not in full]
    rest = len(files) - sum(len(x.files) for x in found)
    if rest:
        aside.append(f"{rest} further image files belong to no id of the table")
    cases = _spread([i for i in ids if all(i in x.files for x in full)] or ids)
    volumes = [look(data, x, cases) for x in full]
    aside += [problem for v in volumes for problem in v.problems]
    images = [v for v in volumes if not v.is_mask]
    masks = [v for v in volumes if v.is_mask]
    pairs = [(image, masks_of(image, masks, images)) for image in images]
    paired = [(image, regions) for image, regions in pairs if regions]
    used = {mask.layout.pattern for _, regions in paired for mask in regions.values()}
    aside += [f"{v.layout.pattern}: no mask on its grid" for v, regions in pairs if not regions]
    aside += [
        f"{v.layout.pattern}: a mask, on the grid of no image"
        for v in masks
        if v.layout.pattern not in used
    ]
    names = _image_names([image for image, _ in paired])
    return Pictures(
        tuple(
            ImageFound(name, v.layout.pattern, *modality_of(v), len(v.layout.files))
            for name, (v, _) in zip(names, paired, strict=True)
        ),
        _regions(names, [regions for _, regions in paired]),
        tuple(aside),
        _without(ids, names, paired),
    )


def _spread(ids: Sequence[str]) -> list[str]:
    """Return a few ids from the beginning, the middle and the end."""
    last = len(ids) - 1
    return list(dict.fromkeys(ids[round(last * i / (LOOKED_AT - 1))] for i in range(LOOKED_AT)))


def _image_names(images: Sequence[Volumes]) -> list[str]:
    """Return a short name for each image: the words that set it apart, or its modality."""
    common = set.intersection(*(set(v.words) for v in images)) if len(images) > 1 else set()
    modal = {word for known in w.MODALITY.values() for word in known}
    names: list[str] = []
    for volumes in images:
        own = [word for word in volumes.words if word not in common]
        own = own if len(images) > 1 else [word for word in own if word in modal]
        short = {"PT": "pet"}.get(modality_of(volumes)[0], modality_of(volumes)[0].lower())
        name = "_".join(own) or short
        name = name if not name_problem(name) else f"{short}_{name}"
        name = name if not name_problem(name) else short
        names.append(name if name not in names else f"{name}_{len(names) + 1}")
    return names


def _regions(
    names: Sequence[str], found: Sequence[Mapping[str, Volumes]]
) -> tuple[RegionFound, ...]:
    """Return the regions, each with its mask pattern for every image that has one."""
    result: list[RegionFound] = []
    for region in dict.fromkeys(region for regions in found for region in regions):
        own = [
            (n, regions[region])
            for n, regions in zip(names, found, strict=True)
            if region in regions
        ]
        labels = sorted({label for _, v in own for label in v.labels})
        common = [label for label in labels if all(label in v.common for _, v in own)]
        label = 1 if 1 in common else (common or labels or [1])[0]
        name = region if not name_problem(region) and region not in names else f"roi_{region}"
        name = name if not name_problem(name) else f"roi{len(result) + 1}"
        masks = {image: v.layout.pattern for image, v in own}
        looked = max(len(v.grids) for _, v in own)
        result.append(RegionFound(name, label, tuple(labels), looked, masks))
    return tuple(result)


def _without(
    ids: Sequence[str],
    names: Sequence[str],
    paired: Sequence[tuple[Volumes, Mapping[str, Volumes]]],
) -> dict[str, str]:
    """Return what each incomplete case lacks."""
    lacks: dict[str, list[str]] = {}
    for name, (image, regions) in zip(names, paired, strict=True):
        needed: list[tuple[str, Layout]] = [(f"no image {name}", image.layout)]
        needed += [(f"no mask on {name}", mask.layout) for mask in regions.values()]
        for what, layout in needed:
            for case in ids:
                if case not in layout.files and what not in lacks.get(case, []):
                    lacks.setdefault(case, []).append(what)
    return {case: ", ".join(what) for case, what in lacks.items()}
