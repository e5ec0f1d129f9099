"""What each feature is: IBSI identifier, unit, where its formula stands, how it deviates.

The table is ``catalogue.csv``, one row for each feature of PyRadiomics 3.0.1. Its columns:

- ``ibsi``: the permanent identifier of the Image Biomarker Standardisation Initiative's
  reference manual [1]_; empty where the manual has no such feature.
- ``section``: where the manual defines it (its third chapter as of version 10; sections may
  move, identifiers do not).
- ``unit``: ``intensity`` is the image's own unit (HU, SUV or none), a ``grey level`` is a bin.
- ``paper``: where the feature comes from.
- ``deviation``: how PyRadiomics' definition differs from the manual's; empty where it does not.

References
----------
.. [1] Zwanenburg A, Leger S, Vallières M, Löck S. Image biomarker standardisation initiative.
   arXiv:1612.07003.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from radpipe.core.errors import RadpipeError, nearest
from radpipe.features.names import parse

FAMILIES = {
    "firstorder": "intensities of the region (IBSI: DHQ4, over the volume)",
    "shape": "shape in three dimensions (IBSI: DHQ4, over the volume)",
    "shape2D": "shape of one slice (not in IBSI)",
    "glcm": "grey level co-occurrence (IBSI: ITBB, mean over 3D directions)",
    "glrlm": "grey level run lengths (IBSI: ITBB, mean over 3D directions)",
    "glszm": "grey level size zones (IBSI: KOBO, one 3D matrix)",
    "gldm": "grey level dependence, IBSI's NGLDM (KOBO, one 3D matrix)",
    "ngtdm": "neighbourhood grey tone difference (IBSI: KOBO, one 3D matrix)",
}
"""The classes in the table's order: what they are, and which of IBSI's aggregations they have."""

PAPERS = {
    "Aerts 2014": "Aerts HJWL et al. doi:10.1038/ncomms5006",
    "Albregtsen 2000": "Albregtsen F, Nielsen B, Danielsen HE. doi:10.1109/ICPR.2000.903650",
    "Amadasun 1989": "Amadasun M, King R. doi:10.1109/21.44046",
    "Chu 1990": "Chu A, Sehgal CM, Greenleaf JF. doi:10.1016/0167-8655(90)90112-F",
    "Clausi 2002": "Clausi DA. doi:10.5589/m02-004",
    "Dasarathy 1991": "Dasarathy BV, Holder EB. doi:10.1016/0167-8655(91)80014-2",
    "Galloway 1975": "Galloway MM. doi:10.1016/S0146-664X(75)80008-6",
    "Haralick 1973": "Haralick RM, Shanmugam K, Dinstein I. doi:10.1109/TSMC.1973.4309314",
    "Haralick 1979": "Haralick RM. doi:10.1109/PROC.1979.11328",
    "Soh 1999": "Soh L-K, Tsatsoulis C. IEEE Trans Geosci Remote Sens 37:780-795",
    "Sun 1983": "Sun C, Wee WG. doi:10.1016/0734-189X(83)90032-4",
    "Thibault 2009": "Thibault G et al. Pattern Recognition and Information Processing, 140-145",
    "Unser 1986": "Unser M. doi:10.1109/TPAMI.1986.4767760",
    "Zhang 2001": "Zhang C, Chen T. doi:10.1109/ICIP.2001.958278",
    "van Griethuysen 2017": "van Griethuysen JJM et al. doi:10.1158/0008-5472.CAN-17-0339",
}
"""The papers of the table, in full enough a form to find them."""

NOTES = (
    "With a bin width, PyRadiomics' bins start at a multiple of the width; IBSI's start at the "
    "region's minimum or at the lower end of the re-segmentation range. Grey levels, and with "
    "them Entropy, Uniformity and the texture classes, follow. With a bin count they agree.",
    "On resampling, PyRadiomics aligns the new grid with the corner of the first voxel; IBSI "
    "aligns the grids' centres, and rounds the new intensities where the old are whole numbers.",
)
"""What holds for whole classes."""


class Entry(NamedTuple):
    """One feature of the catalogue: a row of its table."""

    family: str
    feature: str
    ibsi: str
    section: str
    unit: str
    paper: str
    deviation: str


COLUMNS = ("class", *Entry._fields[1:])
"""The table's head; ``family`` is ``class`` there, which Python keeps for itself."""


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return every feature, class by class."""
    text = files("radpipe.features").joinpath("catalogue.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(io.StringIO(text))
    return tuple(Entry(*row) for row in rows)


def of_class(family: str) -> tuple[Entry, ...]:
    """Return the features of one class.

    Raises
    ------
    RadpipeError
        Where there is no such class.
    """
    if family not in FAMILIES:
        hint = nearest(family, list(FAMILIES))
        raise RadpipeError(
            f"feature class {family!r} is not known; allowed: {', '.join(FAMILIES)}"
            + (f"; {hint}" if hint else "")
        )
    return tuple(entry for entry in catalogue() if entry.family == family)


def entry_of(name: str) -> Entry | None:
    """Return what is known of ``wavelet-LLH_glcm_Contrast``; None for features of other tools.

    Raises
    ------
    ValueError
        Where ``name`` has not the three parts of a feature's name.
    """
    _, family, feature = parse(name)
    return _by_name().get((family, feature))


def as_csv(entries: Iterable[Entry]) -> str:
    """Return ``entries`` as the text of a csv file."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(entries)
    return text.getvalue()


@cache
def _by_name() -> dict[tuple[str, str], Entry]:
    return {(entry.family, entry.feature): entry for entry in catalogue()}
