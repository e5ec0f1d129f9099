"""The bytes of a NIfTI file: unpacked once, checked, and made into an image.

ITK's reader mends such files without a word: it fills voxels that are not in the file, and sets
those that are no numbers to 0. And it unpacks them slowly, which is most of the time that few
features take. Geometry still comes from ITK, which knows the many ways of writing it.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.imaging.volume import Geometry, not_finite

if TYPE_CHECKING:
    import SimpleITK as sitk

TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
}
"""Voxel types by their number in the header, those that are one number."""


GZIP = b"\x1f\x8b"
"""How a gzipped file begins."""


FIRST_VOXEL = 352
"""Where the voxels of a NIfTI-1 file begin at the earliest, in bytes."""


class Layout(NamedTuple):
    """What a NIfTI header says of the voxels.

    Parameters
    ----------
    offset : int
        Bytes before the first.
    bits : int
        Bits a voxel.
    dtype : str
        numpy's name of the type, with the order of bytes; empty where it is none of ``TYPES``.
    scaled : bool
        Whether the file holds a slope and intercept that change the values.
    """

    offset: int
    bits: int
    dtype: str
    scaled: bool


def layout_of(head: bytes) -> Layout:
    """Read the layout from the first bytes of a NIfTI-1 or NIfTI-2 file."""
    for order in "<>":
        length = struct.unpack_from(f"{order}i", head, 0)[0]
        if length == 348:
            start = struct.unpack_from(f"{order}f", head, 108)[0]
            offset = int(start) if math.isfinite(start) else 0
            code, bits = struct.unpack_from(f"{order}2h", head, 70)
            slope, shift = struct.unpack_from(f"{order}2f", head, 112)
        elif length == 540 and len(head) >= 540:
            offset = struct.unpack_from(f"{order}q", head, 168)[0]
            code, bits = struct.unpack_from(f"{order}2h", head, 12)
            slope, shift = struct.unpack_from(f"{order}2d", head, 176)
        else:
            continue
        scaled = slope != 0 and (slope != 1 or shift != 0)
        dtype = f"{order}{TYPES[code]}" if code in TYPES else ""
        return Layout(offset, bits, dtype, scaled)
    return Layout(0, 0, "", False)


def head_of(path: Path) -> bytes:
    """Return what a gzipped file holds before its voxels, or nothing where that is unusual.

    ITK takes milliseconds to find its way to the header of a gzipped file, which is as long as
    the features of a small region take.
    """
    with path.open("rb") as file:
        packed = file.read(1 << 14)
    if packed[:2] != GZIP:
        return b""
    try:
        found = zlib.decompressobj(wbits=31).decompress(packed, 1 << 14)
    except zlib.error:
        return b""
    offset = layout_of(found).offset if len(found) >= 540 else 0
    return found[:offset] if FIRST_VOXEL <= offset <= len(found) else b""


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where it is gzipped.

    Raises
    ------
    EOFError, gzip.BadGzipFile, zlib.error
        Where it is cut off or damaged.
    """
    content = path.read_bytes()
    if content[:2] != GZIP:
        return content
    stream = zlib.decompressobj(wbits=31)  # gzip.decompress would go on after a second header
    found = stream.decompress(content)
    if not stream.eof:
        raise EOFError("compressed file ended before the end-of-stream marker was reached")
    return gzip.decompress(content) if stream.unused_data.strip(b"\0") else found


def read(path: Path, geometry: Geometry, components: int = 1) -> sitk.Image | None:
    """Return the image, or None where only ITK can tell its values.

    Parameters
    ----------
    path : Path
        A file whose header has been read.
    geometry : Geometry
        Its grid.
    components : int
        Values a voxel; an image of several is left to ITK after it was checked.

    Raises
    ------
    CaseError
        Where voxels are missing, or are no finite numbers.
    EOFError, gzip.BadGzipFile, zlib.error
        Where the file is cut off or damaged.
    """
    import SimpleITK as sitk

    content = unpacked(path)
    layout = layout_of(content)
    voxels = math.prod(geometry.size)
    if layout.dtype:  # else the bits are those of all components together, as of a colour
        voxels *= components
    needed = layout.offset + voxels * layout.bits // 8
    if len(content) < needed:
        found = f"is cut off: {len(content)} bytes of {needed}"
        raise CaseError(Fault(str(path), found, "copy or export it again"))
    if not layout.dtype or layout.offset < FIRST_VOXEL:
        return None
    values = np.frombuffer(content, layout.dtype, voxels, layout.offset)
    if values.dtype.kind == "f":
        strange = voxels - int(np.isfinite(values).sum())
        if strange:
            raise CaseError(not_finite(str(path), strange, voxels))
    if layout.scaled or components > 1:
        return None
    array = values.astype(values.dtype.newbyteorder("="), copy=False)
    image = sitk.GetImageFromArray(array.reshape(geometry.size[::-1]))
    image.SetSpacing(geometry.spacing)
    image.SetOrigin(geometry.origin)
    image.SetDirection(geometry.direction)
    return image
