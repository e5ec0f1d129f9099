"""What each case of a block is extracted from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from radpipe.features.settings import ExtractionSettings
from radpipe.study.cohort import build_cohort
from radpipe.study.load import Study
from radpipe.study.pairs import Pair, pairs


@dataclass(frozen=True)
class BlockFiles:
    """What one case of a block is extracted from.

    Parameters
    ----------
    case : str
    image, mask : Path
    label : int
        The region's value in the mask.
    settings : ExtractionSettings
        The block's, with the normalisation of its image.
    """

    case: str
    image: Path
    mask: Path
    label: int
    settings: ExtractionSettings


def block_files(study: Study, block: str) -> dict[str, BlockFiles]:
    """Return what each case of a block is extracted from, in table order.

    Raises
    ------
    FaultsError
        Where the cohort has faults.
    """
    spec, settings = study.spec.blocks[block], study.spec.settings(block)
    return {
        pair.case: BlockFiles(pair.case, pair.image_path, pair.mask_path, pair.label, settings)
        for pair in pairs(study, build_cohort(study).rows)
        if (pair.image, pair.region) == (spec.image, spec.region)
    }


def case_pairs(study: Study) -> list[Pair]:
    """Return every image with every region of the study's blocks, for each case in table order.

    Raises
    ------
    FaultsError
        Where the cohort has faults.
    """
    return list(pairs(study, build_cohort(study).rows))
