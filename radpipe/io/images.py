"""Reads images: NIfTI, NRRD and MetaImage, with damaged files found before they do harm."""

from __future__ import annotations

import gzip
import math
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from radpipe.core.errors import CaseError, Fault
from radpipe.core.memory import check_room
from radpipe.imaging.axes import axes_fault
from radpipe.imaging.volume import Geometry, check_finite
from radpipe.io import nifti

if TYPE_CHECKING:
    import SimpleITK as sitk

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".mha")
"""Formats with header and voxels in one file, so that a file's digest covers its voxels."""


@dataclass(frozen=True)
class Header:
    """What a file says of its image, read without the voxels.

    Parameters
    ----------
    geometry : Geometry
        Its grid, of two or three axes.
    components : int
        Values a voxel: 1 for grey values, 3 for colour.
    pixel : str
        Type of the voxels, as ITK names it.
    """

    geometry: Geometry
    components: int
    pixel: str

    @property
    def dimension(self) -> int:
        """Number of axes in the file."""
        return len(self.geometry.size)

    @property
    def bytes(self) -> int:
        """What the voxels take in memory."""
        bits = re.search(r"(\d+)-bit", self.pixel)
        each = self.components * (int(bits[1]) if bits else 64) // 8
        return math.prod(self.geometry.size) * each


def read_header(path: Path) -> Header:
    """Read the header of a volume, or of a picture of two dimensions.

    Raises
    ------
    CaseError
        Where the file is missing, of another format or damaged, a series of volumes, or of
        complex numbers.
    """
    header = _header(path)
    if "complex" in header.pixel:
        cure = "save the magnitude, or the part that is meant"
        raise CaseError(Fault(str(path), f"has complex voxels ({header.pixel})", cure))
    return header


def read_image(path: Path) -> sitk.Image:
    """Read a volume or a picture, of one channel or several, whose voxels are all finite.

    Raises
    ------
    CaseError
        As :func:`read_header`, and where voxels are missing from the file, NaN or infinite, or
        more than there is memory for.
    """
    image = _read(path)
    check_finite(image, str(path))
    return image


def read_mask(path: Path) -> sitk.Image:
    """Read a mask: labels, in any voxel type.

    Raises
    ------
    CaseError
        As :func:`read_image`.
    """
    return read_image(path)


def _read(path: Path) -> sitk.Image:
    import SimpleITK as sitk

    header = read_header(path)
    size = " x ".join(str(n) for n in header.geometry.size)
    check_room(2 * header.bytes, str(path), f"an image of {size} voxels", "crop or resample it")
    if path.name.endswith((".nii", ".nii.gz")):
        try:
            image = nifti.read(path, header.geometry, header.components)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            _damaged(path, "is cut off or damaged inside", error)
        if image is not None:
            return image
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with _stderr_kept_quiet():
            return reader.Execute()
    except RuntimeError as error:
        _damaged(path, "its voxels cannot be read", error)


def _information(path: Path) -> sitk.ImageFileReader:
    """Return a reader that has read the header."""
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    head = nifti.head_of(path) if path.name.endswith(".nii.gz") else b""
    if head:
        with tempfile.NamedTemporaryFile(suffix=".nii") as copy:
            copy.write(head)
            copy.flush()
            reader.SetFileName(copy.name)
            with suppress(RuntimeError):  # what is wrong is said of the file itself
                reader.ReadImageInformation()
                return reader
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def _header(path: Path) -> Header:
    import SimpleITK as sitk

    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise CaseError(Fault(str(path), found, "check the path, or exclude the case"))
    if not path.name.endswith(SUFFIXES):
        raise CaseError(
            Fault(
                str(path),
                f"is of another format ({path.suffix or 'no suffix'})",
                "convert it, header and voxels in one file",
                allowed=", ".join(SUFFIXES),
            )
        )
    if path.stat().st_size == 0:
        raise CaseError(Fault(str(path), "is empty", "copy or export it again"))
    try:
        with _stderr_kept_quiet():
            reader = _information(path)
    except RuntimeError as error:
        _damaged(path, "is no image, or its header is damaged", error)
    size = reader.GetSize()
    # A fourth axis of length 1 is a volume all the same; ITK drops it when reading.
    while len(size) > 3 and size[-1] == 1:
        size = size[:-1]
    fault = axes_fault(tuple(size), str(path))
    if fault is not None:
        raise CaseError(fault)
    n, axes = len(size), reader.GetDimension()
    direction = reader.GetDirection()
    geometry = Geometry(
        tuple(size),
        tuple(reader.GetSpacing()[:n]),
        tuple(reader.GetOrigin()[:n]),
        tuple(direction[row * axes + column] for row in range(n) for column in range(n)),
    )
    pixel = sitk.GetPixelIDValueAsString(reader.GetPixelIDValue())
    return Header(geometry, reader.GetNumberOfComponents(), pixel)


def _damaged(path: Path, found: str, error: Exception) -> NoReturn:
    lines = [line.strip() for line in str(error).strip().splitlines()]
    said = [line for line in lines[-1:] if not line.startswith(("Reason:", "sitk::ERROR"))]
    detail = f" ({said[0]})" if said else ""
    raise CaseError(Fault(str(path), f"{found}{detail}", "copy or export it again")) from error


@contextmanager
def _stderr_kept_quiet() -> Iterator[None]:
    """Keep what the C++ libraries write to file descriptor 2 from the user's terminal.

    Their errors arrive as exceptions as well, so nothing is lost.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as sink:
            os.dup2(sink.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
