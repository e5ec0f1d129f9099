"""Are the images and masks there, sound, and on the same grid?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from radpipe.core.errors import CaseError, Fault
from radpipe.imaging.volume import EmptyRegion
from radpipe.io.maps import Part
from radpipe.study.load import Study
from radpipe.study.pairs import Pair
from radpipe.study.places import shown

if TYPE_CHECKING:
    import SimpleITK as sitk

    from radpipe.features.settings import ExtractionSettings
    from radpipe.io.images import Header


def picture_faults(
    study: Study,
    pairs: Sequence[Pair],
    *,
    headers: bool,
    voxels: bool,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Fault], list[Fault]]:
    """Look at the image and the mask of each pair.

    Returns
    -------
    fatal : list of Fault
        Patterns that fit no case at all, files that several cases share, and blocks that ask
        pictures of two dimensions for what they do not have.
    cases : list of Fault
        What concerns one case: a missing or damaged file, another grid, an absent label.
    """
    fatal, hopeless = _patterns_without_files(study, pairs)
    fatal += _shared_files(pairs)
    found: dict[str, Fault] = {}
    may_lack = [n for n, region in study.spec.regions.items() if region.empty != "fault"]
    look = _Looker(headers, voxels, frozenset(may_lack))
    for i, pair in enumerate(pairs):
        for fault in look.at(pair, hopeless):
            told = _of_block(study, pair, fault)
            found.setdefault(str(told), told)
        if progress is not None:
            progress(i + 1, len(pairs))
    return fatal + _of_pictures(study, look.flat), list(found.values())


def _of_block(study: Study, pair: Pair, fault: Fault) -> Fault:
    """Return a fault whose cure names the block that a setting belongs to."""
    for name, block in study.spec.extracted.items():
        if (block.image, block.region) == (pair.image, pair.region):
            keys = r"set (?=correct_mask|geometry_tolerance)"
            return replace(fault, cure=re.sub(keys, f"set blocks.{name}.", fault.cure))
    return fault


def _of_pictures(study: Study, flat: frozenset[tuple[str, str]]) -> list[Fault]:
    """Return the faults of blocks whose images have two dimensions."""
    from radpipe.features.picture import PLANE, names_change, picture_problem

    faults = []
    for name, block in study.spec.extracted.items():
        if (block.image, block.region) not in flat:
            continue
        settings = study.spec.settings(name)
        problem = picture_problem(settings)
        if problem is None and names_change(settings):
            problem = "the filters' names follow force_2d", f"add force_2d: {PLANE}"
        if problem is not None:
            found = f"found images of two dimensions, and {problem[0]}"
            faults.append(Fault(study.places.where("blocks", name), found, problem[1]))
    return faults


def _patterns_without_files(
    study: Study, pairs: Sequence[Pair]
) -> tuple[list[Fault], frozenset[Path]]:
    """Return a fault for each pattern that no case has a file for, and those paths."""
    groups: dict[tuple[str, ...], list[Path]] = {}
    for pair in pairs:
        mask = ("regions", pair.region, "masks", pair.image)
        for part in _parts(pair):
            groups.setdefault(("images", part.name, "path"), []).append(part.path)
        groups.setdefault(mask, []).append(pair.mask_path)
    faults, hopeless = [], set[Path]()
    for key, paths in groups.items():
        if len(set(paths)) > 1 and not any(path.exists() for path in paths):
            hopeless |= set(paths)
            found = f"no file for any of the {len(set(paths))} cases, such as {shown(paths[0])}"
            faults.append(Fault(study.places.where(*key), found, "correct the path or the data"))
    return faults, frozenset(hopeless)


def _parts(pair: Pair) -> tuple[Part, ...]:
    """Return the images with files that a pair's image is made of."""
    return (Part(pair.image, pair.image_path),) if pair.made is None else pair.made.parts


def _shared_files(pairs: Sequence[Pair]) -> list[Fault]:
    """Return the faults of cases that would be extracted from the very same region."""
    first: dict[tuple[Path, Path, int], Pair] = {}
    faults = []
    for pair in pairs:
        key = (pair.image_path, pair.mask_path, pair.label)
        other = first.setdefault(key, pair)
        if other.case != pair.case:
            found = f"the mask of case {other.case} as well, with the same image and label"
            cure = "give the path a placeholder that tells the cases apart"
            faults.append(Fault(shown(pair.mask_path), found, cure, case=pair.case))
    return faults


class _Looker:
    """Looks at pairs; an image that several regions share is read once.

    Parameters
    ----------
    headers, voxels : bool
        Whether to read headers; whether to read the voxels too.
    may_lack : set of str
        Regions of which a mask need not have a voxel.
    """

    def __init__(self, headers: bool, voxels: bool, may_lack: frozenset[str]) -> None:
        self.headers = headers
        self.voxels = voxels
        self.may_lack = may_lack
        self._flat: set[tuple[str, str]] = set()
        self._last: tuple[Path | None, Header | None, list[Fault]] = (None, None, [])

    @property
    def flat(self) -> frozenset[tuple[str, str]]:
        """The (image, region) of pictures of two dimensions that were looked at."""
        return frozenset(self._flat)

    def at(self, pair: Pair, hopeless: frozenset[Path]) -> list[Fault]:
        """Return the faults of one pair."""
        image, faults = self._image(pair, hopeless)
        if pair.mask_path in hopeless:
            return faults
        if image is not None and image.dimension == 2:
            self._flat.add((pair.image, pair.region))
        try:
            mask = self._header(pair.mask_path)
            voxels = self._mask(pair.mask_path) if self.voxels else None
        except CaseError as error:
            return [*faults, _told(error.fault, pair.mask_path, pair.case)]
        own: dict[str, Fault] = {}
        for settings in pair.settings:
            try:
                _check_grids(pair, image, mask, settings)
                if voxels is not None:
                    _check_region(pair, image, voxels, settings)
            except CaseError as error:
                if isinstance(error, EmptyRegion) and pair.region in self.may_lack:
                    continue
                told = _told(error.fault, pair.mask_path, pair.case)
                own.setdefault(str(told), told)
        return [*faults, *own.values()]

    def _part(self, part: Part) -> Header | None:
        """Return the header of an image that a map is made of, of which one channel counts."""
        from radpipe.imaging.axes import channel_fault

        header = self._header(part.path)
        if header is None:
            return None
        fault = channel_fault(header.components, part.channel, shown(part.path))
        if fault is not None:
            raise CaseError(fault)
        return replace(header, components=1)

    def _map(self, pair: Pair, hopeless: frozenset[Path]) -> tuple[Header | None, list[Fault]]:
        """Return the header of a map, and the faults of the images that it is made of."""
        from radpipe.io.maps import check_grid

        first: Header | None = None
        faults: list[Fault] = []
        for part in _parts(pair):
            try:
                header = None if part.path in hopeless else self._part(part)
                if header is not None and first is not None:
                    names = shown(pair.image_path), shown(part.path)
                    check_grid(first.geometry, header.geometry, *names)
                first = first or header
            except CaseError as error:
                faults.append(_told(error.fault, part.path, pair.case))
        if self.voxels and not faults and not hopeless & {part.path for part in _parts(pair)}:
            from radpipe.io.maps import read_source

            try:
                read_source(pair.source)
            except CaseError as error:
                faults.append(_told(error.fault, pair.image_path, pair.case))
        return None if faults else first, faults

    def _image(self, pair: Pair, hopeless: frozenset[Path]) -> tuple[Header | None, list[Fault]]:
        """Return the image's header where it is known, and its faults."""
        if pair.made is not None:
            return self._map(pair, hopeless)
        path = pair.image_path
        if path in hopeless:
            return None, []
        if self._last[0] != path:
            header: Header | None = None
            faults: list[Fault] = []
            try:
                header = self._header(path)
                if self.voxels:
                    from radpipe.io.images import read_image

                    read_image(path)
            except CaseError as error:
                faults.append(_told(error.fault, path, pair.case))
            self._last = (path, header, faults)
        return self._last[1], self._last[2]

    def _mask(self, path: Path) -> sitk.Image:
        from radpipe.io.images import read_mask

        return read_mask(path)

    def _header(self, path: Path) -> Header | None:
        """Return a file's header, None where headers are not asked for; or say it is not there."""
        if not path.exists():
            from radpipe.io.images import SUFFIXES

            cure = "add the file, correct its path, or exclude the case"
            stem = path.name.partition(".")[0]
            others = [stem + end for end in SUFFIXES if path.with_name(stem + end).exists()]
            if others:
                cure = f"{others[0]} is there: correct the path, or convert the file"
            raise CaseError(Fault(str(path), "no such file", cure))
        if not self.headers:
            return None
        from radpipe.io.images import read_header

        return read_header(path)


def _check_grids(
    pair: Pair, image: Header | None, mask: Header | None, settings: ExtractionSettings
) -> None:
    """Check channels and grids, as far as the headers are known."""
    from radpipe.imaging.axes import channel_fault, geometry_like
    from radpipe.imaging.volume import check_pair

    names = shown(pair.image_path), shown(pair.mask_path)
    for header, channel, name in zip(
        (image, mask), (settings.channel, settings.mask_channel), names, strict=True
    ):
        fault = channel_fault(header.components, channel, name) if header else None
        if fault is not None:
            raise CaseError(fault)
    if image is None or mask is None:
        return
    own = geometry_like(mask.geometry, image.geometry)
    if not settings.correct_mask or len(own.size) != image.dimension:
        check_pair(image.geometry, own, *names, settings.tolerance)


def _check_region(
    pair: Pair, image: Header | None, mask: sitk.Image, settings: ExtractionSettings
) -> None:
    """Check that the region is there, and within the image where it lies on another grid."""
    from radpipe.imaging.align import check_inside
    from radpipe.imaging.axes import one_channel
    from radpipe.imaging.volume import differences, geometry_of, region

    name = shown(pair.mask_path)
    found = region(one_channel(mask, settings.mask_channel, name), pair.label, name)
    grid = geometry_of(found)
    if image is None or image.geometry == grid or image.dimension != len(grid.size):
        return
    if settings.resample or differences(image.geometry, grid, settings.tolerance):
        check_inside(image.geometry, found, shown(pair.image_path), name)


def _told(fault: Fault, path: Path, case: str) -> Fault:
    """Return a fault with its case, and with the path as the user knows it."""
    where = fault.where.replace(str(path), shown(path))
    if case not in where:
        where = f"{where}: case {case}"
    return replace(fault, where=where, case=case)
