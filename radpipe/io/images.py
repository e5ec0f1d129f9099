"""Reads volumes: NIfTI, NRRD and MetaImage, with damaged files found before they do harm."""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from radpipe.core.errors import CaseError, Fault
from radpipe.imaging.volume import Geometry, check_finite
from radpipe.io import nifti

if TYPE_CHECKING:
    import SimpleITK as sitk

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".mha")
"""Formats with header and voxels in one file, so that a file's digest covers its voxels."""


@dataclass(frozen=True)
class Header:
    """What a file says of its volume, read without the voxels.

    Parameters
    ----------
    geometry : Geometry
        Grid of the first three axes (as many as the file has, where fewer).
    size : tuple of int
        Voxels along every axis of the file.
    components : int
        Values a voxel: 1 for grey values, 3 for colour.
    pixel : str
        Type of the voxels, as ITK names it.
    """

    geometry: Geometry
    size: tuple[int, ...]
    components: int
    pixel: str

    @property
    def dimension(self) -> int:
        """Number of axes in the file."""
        return len(self.size)


def read_header(path: Path) -> Header:
    """Read the header of a volume.

    Raises
    ------
    CaseError
        Where the file is missing, of another format or damaged, or is not one scalar volume of
        three dimensions.
    """
    header = _header(path)
    _check_scalar_volume(path, header)
    return header


def read_image(path: Path) -> sitk.Image:
    """Read a scalar volume of three dimensions whose voxels are all finite.

    Raises
    ------
    CaseError
        As :func:`read_header`, and where voxels are missing from the file, or NaN or infinite.
    """
    image = _read(path)
    check_finite(image, str(path))
    return image


def read_mask(path: Path) -> sitk.Image:
    """Read a mask: a scalar volume of labels, in any voxel type.

    Raises
    ------
    CaseError
        As :func:`read_image`.
    """
    return read_image(path)


def _read(path: Path) -> sitk.Image:
    import SimpleITK as sitk

    header = read_header(path)
    if path.name.endswith((".nii", ".nii.gz")):
        try:
            image = nifti.read(path, header.geometry, header.size)
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


def _header(path: Path) -> Header:
    import SimpleITK as sitk

    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise CaseError(
            Fault(str(path), found, "check the path in study.yaml, or exclude the case")
        )
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
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with _stderr_kept_quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        _damaged(path, "is no image, or its header is damaged", error)
    size = reader.GetSize()
    # A fourth axis of length 1 is a volume all the same; ITK drops it when reading.
    while len(size) > 3 and size[-1] == 1:
        size = size[:-1]
    n, axes = min(len(size), 3), reader.GetDimension()
    direction = reader.GetDirection()
    geometry = Geometry(
        tuple(size[:n]),
        tuple(reader.GetSpacing()[:n]),
        tuple(reader.GetOrigin()[:n]),
        tuple(direction[row * axes + column] for row in range(n) for column in range(n)),
    )
    pixel = sitk.GetPixelIDValueAsString(reader.GetPixelIDValue())
    return Header(geometry, tuple(size), reader.GetNumberOfComponents(), pixel)


def _check_scalar_volume(path: Path, header: Header) -> None:
    if header.dimension != 3:
        size = " x ".join(str(n) for n in header.size)
        cure = "save one volume of the series" if header.dimension > 3 else "save it as one slice"
        raise CaseError(
            Fault(str(path), f"has {header.dimension} dimensions ({size})", cure, allowed="3")
        )
    if header.components != 1 or "complex" in header.pixel:
        raise CaseError(
            Fault(
                str(path),
                f"has {header.components} values a voxel ({header.pixel})",
                "save one channel, or the grey values",
                allowed="1",
            )
        )


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
