"""Which masks ``correct_mask`` brings to the grid of their image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from radpipe.core.errors import CaseError
from radpipe.study.load import Study
from radpipe.study.pairs import Pair
from radpipe.study.rows import some


def moved_masks(study: Study, pairs: Iterable[Pair]) -> Iterator[str]:
    """Yield a line on each block whose masks are moved, with the cases and how they differ."""
    told: dict[str, dict[str, str]] = {}
    for pair in pairs:
        asked = [settings for settings in pair.settings if settings.correct_mask]
        how = _apart(pair, min(settings.tolerance for settings in asked)) if asked else ""
        if how:
            told.setdefault(_blocks(study, pair), {})[pair.case] = how
    for where, cases in told.items():
        listed = some(f"{case} ({how})" for case, how in cases.items())
        many = f"masks of {len(cases)} cases" if len(cases) > 1 else "the mask of 1 case"
        yield (
            f"{where}: correct_mask brings {many} from another grid to the image's: {listed}; "
            "look at them in a montage"
        )


def _blocks(study: Study, pair: Pair) -> str:
    """Return where the first block of a pair whose masks may be moved stands."""
    for name, block in study.spec.extracted.items():
        same = (block.image, block.region) == (pair.image, pair.region)
        if same and study.spec.settings(name).correct_mask:
            return study.places.where("blocks", name, "correct_mask")
    return study.places.where("blocks")


def _apart(pair: Pair, tolerance: float) -> str:
    """Return how the grids of image and mask differ; empty where they do not."""
    from radpipe.imaging.axes import geometry_like
    from radpipe.imaging.volume import differences
    from radpipe.io.images import read_header

    try:
        image, mask = (read_header(path) for path in (pair.image_path, pair.mask_path))
    except CaseError:  # a file that is not there or damaged is told by itself
        return ""
    own = geometry_like(mask.geometry, image.geometry)
    return "; ".join(differences(image.geometry, own, tolerance))
