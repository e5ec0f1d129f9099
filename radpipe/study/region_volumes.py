"""The volumes of a study's regions, which the control model of the volume alone is made of."""

from __future__ import annotations

from collections import Counter

from radpipe.features.names import SEPARATOR, expected, feature_id, volume_feature
from radpipe.study.patterns import IMAGE
from radpipe.study.schema import StudySpec


def region_volumes(spec: StudySpec) -> dict[str, str]:
    """Return the features that are volumes of regions, and whose volume each is.

    There is one for each region and mask: blocks of a region on one image, and on images that
    share its mask, hold the same volume, of which the first block's is taken. Whose volume a
    table holds is not known: each one there is taken, and called as its block.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for name, block in spec.extracted.items():
        feature = volume_feature(expected(spec.settings(name)))
        if feature:
            masks = spec.regions[block.region].masks if block.region in spec.regions else {}
            mask = masks.get(block.image, "").replace(f"{{{IMAGE}}}", block.image)
            own = feature_id(name, feature), block.image
            found.setdefault((block.region, mask), own)
    masks_of = Counter(region for region, _ in found)
    volumes = {
        feature: f"{region} ({image})" if masks_of[region] > 1 else region
        for (region, _), (feature, image) in found.items()
    }
    return volumes | {v: v.rpartition(SEPARATOR)[0] for v in spec.table_volumes}
