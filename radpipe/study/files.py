"""What each case of a block is extracted from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from radpipe.features.settings import ExtractionSettings
from radpipe.imaging.perturb import Perturbation
from radpipe.io.maps import Source
from radpipe.study.cohort import build_cohort
from radpipe.study.load import Study
from radpipe.study.pairs import Pair, pairs
from radpipe.study.readings import cases_read, drawn_by, parts_of, perturbation_of


@dataclass(frozen=True)
class BlockFiles:
    """What one case of a block is extracted from.

    Parameters
    ----------
    case : str
    image : Path or ImageMap
    mask : Path
    label : int
        The region's value in the mask.
    settings : ExtractionSettings
        The block's, with the normalisation of its image.
    perturbation : Perturbation or None
        How image and mask are changed first, for a reading that nobody drew.
    """

    case: str
    image: Source
    mask: Path
    label: int
    settings: ExtractionSettings
    perturbation: Perturbation | None = None


def block_files(study: Study, item: str) -> dict[str, BlockFiles]:
    """Return what each case of a block, or of one of its readings, is extracted from.

    Cases stand in table order; of a second reading, only those that were read.

    Raises
    ------
    FaultsError
        Where the cohort has faults.
    """
    block, reader = parts_of(item)
    spec, settings = study.spec.extracted[block], study.spec.settings(block)
    cohort = build_cohort(study)
    found = {
        pair.case: BlockFiles(pair.case, pair.source, pair.mask_path, pair.label, settings)
        for pair in pairs(study, cohort.rows, drawn_by(study.spec, reader))
        if (pair.image, pair.region) == (spec.image, spec.region)
    }
    if not reader:
        return found
    read = [case for case in cases_read(study, cohort, reader) if case in found]
    return {
        case: replace(found[case], perturbation=perturbation_of(study.spec, item, case))
        for case in read
    }


def case_pairs(study: Study) -> list[Pair]:
    """Return every image with every region of the study's blocks, for each case in table order.

    Raises
    ------
    FaultsError
        Where the cohort has faults.
    """
    return list(pairs(study, build_cohort(study).rows))
