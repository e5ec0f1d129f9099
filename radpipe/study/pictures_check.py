"""Are the images and masks there, sound, and on the same grid?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from radpipe.core.errors import CaseError, Fault
from radpipe.study.load import Study
from radpipe.study.pairs import Pair
from radpipe.study.places import shown

if TYPE_CHECKING:
    from radpipe.imaging.volume import Geometry


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
        Patterns that fit no case at all, and files that several cases share.
    cases : list of Fault
        What concerns one case: a missing or damaged file, another grid, an absent label.
    """
    fatal, hopeless = _patterns_without_files(study, pairs)
    fatal += _shared_files(pairs)
    found: dict[str, Fault] = {}
    look = _Looker(headers, voxels)
    for i, pair in enumerate(pairs):
        for fault in look.at(pair, hopeless):
            found.setdefault(str(fault), fault)
        if progress is not None:
            progress(i + 1, len(pairs))
    return fatal, list(found.values())


def _patterns_without_files(
    study: Study, pairs: Sequence[Pair]
) -> tuple[list[Fault], frozenset[Path]]:
    """Return a fault for each pattern that no case has a file for, and those paths."""
    groups: dict[tuple[str, ...], list[Path]] = {}
    for pair in pairs:
        image, mask = ("images", pair.image, "path"), ("regions", pair.region, "masks", pair.image)
        groups.setdefault(image, []).append(pair.image_path)
        groups.setdefault(mask, []).append(pair.mask_path)
    faults, hopeless = [], set[Path]()
    for key, paths in groups.items():
        if len(set(paths)) > 1 and not any(path.exists() for path in paths):
            hopeless |= set(paths)
            found = f"no file for any of the {len(set(paths))} cases, such as {shown(paths[0])}"
            faults.append(Fault(study.places.where(*key), found, "correct the path or the data"))
    return faults, frozenset(hopeless)


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
    """Looks at pairs; an image that several regions share is read once."""

    def __init__(self, headers: bool, voxels: bool) -> None:
        self.headers = headers
        self.voxels = voxels
        self._last: tuple[Path | None, Geometry | None, list[Fault]] = (None, None, [])

    def at(self, pair: Pair, hopeless: frozenset[Path]) -> list[Fault]:
        """Return the faults of one pair."""
        image, faults = self._image(pair, hopeless)
        if pair.mask_path in hopeless:
            return faults
        try:
            mask = self._geometry(pair.mask_path)
            if image is not None and mask is not None:
                from radpipe.imaging.volume import check_pair

                check_pair(image, mask, shown(pair.image_path), shown(pair.mask_path))
            if self.voxels:
                from radpipe.imaging.volume import region
                from radpipe.io.images import read_mask

                region(read_mask(pair.mask_path), pair.label, shown(pair.mask_path))
        except CaseError as error:
            return [*faults, _told(error.fault, pair.mask_path, pair.case)]
        return faults

    def _image(self, pair: Pair, hopeless: frozenset[Path]) -> tuple[Geometry | None, list[Fault]]:
        """Return the image's grid where it is known, and its faults."""
        path = pair.image_path
        if path in hopeless:
            return None, []
        if self._last[0] != path:
            geometry: Geometry | None = None
            faults: list[Fault] = []
            try:
                geometry = self._geometry(path)
                if self.voxels:
                    from radpipe.io.images import read_image

                    read_image(path)
            except CaseError as error:
                faults.append(_told(error.fault, path, pair.case))
            self._last = (path, geometry, faults)
        return self._last[1], self._last[2]

    def _geometry(self, path: Path) -> Geometry | None:
        """Return a file's grid, None where headers are not asked for; or say it is not there."""
        if not path.exists():
            cure = "add the file, correct its path, or exclude the case"
            raise CaseError(Fault(str(path), "no such file", cure))
        if not self.headers:
            return None
        from radpipe.io.images import read_header

        return read_header(path).geometry


def _told(fault: Fault, path: Path, case: str) -> Fault:
    """Return a fault with its case, and with the path as the user knows it."""
    where = fault.where.replace(str(path), shown(path))
    if case not in where:
        where = f"{where}: case {case}"
    return replace(fault, where=where, case=case)
