"""The first bytes of a NIfTI file, also where they are damaged or unusual."""

import gzip
import struct

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.io.images import read_header, read_image
from radpipe.io.nifti import head_of, layout_of

VOXELS = np.random.default_rng(1).integers(0, 9, (4, 5, 6)).astype(np.int16)


@pytest.fixture
def plain(tmp_path):
    """A NIfTI file that is not gzipped."""
    path = tmp_path / "plain.nii"
    sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path))
    return path.read_bytes()


def gzipped(folder, content):
    path = folder / "case.nii.gz"
    path.write_bytes(gzip.compress(content))
    return path


def with_offset(content, offset):
    return content[:108] + struct.pack("<f", offset) + content[112:]


def test_the_head_is_what_stands_before_the_voxels(plain, tmp_path):
    assert head_of(gzipped(tmp_path, plain)) == plain[:352]
    assert layout_of(plain[:352]) == (352, 16, "<i2", False)


def test_an_extension_belongs_to_the_head(plain, tmp_path):
    extension = struct.pack("<2i", 4096, 6) + b"x" * 4088
    path = gzipped(tmp_path, with_offset(plain[:352] + extension + plain[352:], 352 + 4096))
    assert len(head_of(path)) == 352 + 4096
    assert read_header(path).geometry.size == (6, 5, 4)


def test_an_extension_longer_than_what_is_read_is_left_to_itk(plain, tmp_path):
    length = 1 << 15
    extension = struct.pack("<2i", length, 6) + b"x" * (length - 8)
    path = gzipped(tmp_path, with_offset(plain[:352] + extension + plain[352:], 352 + length))
    assert head_of(path) == b""
    assert read_header(path).geometry.size == (6, 5, 4)


def test_a_plain_file_under_a_gzipped_name_has_no_head_of_its_own(plain, tmp_path):
    path = tmp_path / "case.nii.gz"
    path.write_bytes(plain)
    assert head_of(path) == b""


@pytest.mark.parametrize("offset", [np.nan, np.inf, -1, 0, 351, 1e9])
def test_an_impossible_offset_is_no_head(plain, tmp_path, offset):
    assert head_of(gzipped(tmp_path, with_offset(plain, offset))) == b""


@pytest.mark.parametrize("offset", [np.nan, -1, 0, 348, 351])
def test_voxels_said_to_lie_in_the_header_are_read_as_itk_reads_them(plain, tmp_path, offset):
    path = gzipped(tmp_path, with_offset(plain, offset))
    theirs = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(read_image(path)), theirs)


@pytest.mark.parametrize("kept", [0, 1, 2, 12, 40])
def test_a_file_cut_in_its_header_is_a_fault_of_the_case(plain, tmp_path, kept):
    path = gzipped(tmp_path, plain)
    path.write_bytes(path.read_bytes()[:kept])
    assert head_of(path) == b""
    with pytest.raises(CaseError) as caught:
        read_header(path)
    assert path.name in str(caught.value)


def test_damaged_bytes_in_the_header_are_a_fault_of_the_case(plain, tmp_path):
    path = gzipped(tmp_path, plain)
    content = bytearray(path.read_bytes())
    content[10:30] = b"\xff" * 20
    path.write_bytes(content)
    assert head_of(path) == b""
    with pytest.raises(CaseError):
        read_header(path)
