"""Reading volumes: what is whole is read exactly, what is not is told in one line."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.io.images import SUFFIXES, read_header, read_image, read_mask


@pytest.fixture
def volume():
    array = np.random.default_rng(1).normal(size=(7, 9, 11)).astype(np.float32)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((1.0, 2.0, 3.0))
    image.SetOrigin((-5.0, 4.0, 10.0))
    return image


def write(image, path):
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_format_is_read_exactly(volume, tmp_path, suffix):
    path = write(volume, tmp_path / f"case{suffix}")
    header, image = read_header(path), read_image(path)
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(volume), strict=True
    )
    assert header.geometry.size == image.GetSize() == (11, 9, 7)
    np.testing.assert_allclose(header.geometry.spacing, (1, 2, 3))
    np.testing.assert_allclose(header.geometry.origin, (-5, 4, 10))
    np.testing.assert_allclose(header.geometry.direction, np.eye(3).ravel())
    assert (header.dimension, header.components, header.pixel) == (3, 1, "32-bit float")


def refusal(path, read=read_image):
    with pytest.raises(CaseError) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text


def test_missing_file_folder_and_empty_file(tmp_path):
    assert "is not there" in refusal(tmp_path / "none.nii.gz")
    assert "is a folder" in refusal(tmp_path)
    empty = tmp_path / "empty.nii.gz"
    empty.touch()
    assert "is empty" in refusal(empty)


def test_other_format_names_the_ones_that_are_read(tmp_path):
    path = tmp_path / "case.mhd"
    path.write_text("NDims = 3")
    assert ".nii.gz, .nrrd, .mha" in refusal(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.005, 0.5, 0.95])
def test_cut_off_file(volume, tmp_path, suffix, kept, capfd):
    path = write(volume, tmp_path / f"case{suffix}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert "again" in refusal(path)
    assert capfd.readouterr().err == ""


def test_header_of_a_cut_off_nifti_is_still_read(volume, tmp_path):
    path = write(volume, tmp_path / "case.nii")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert read_header(path).geometry.size == (11, 9, 7)
    assert f"{len(whole) - 1} bytes of {len(whole)}" in refusal(path)


def test_gzip_with_a_wrong_checksum(volume, tmp_path):
    path = write(volume, tmp_path / "case.nii.gz")
    damaged = bytearray(path.read_bytes())
    damaged[-8] ^= 1
    path.write_bytes(bytes(damaged))
    refusal(path)


def test_uncompressed_nifti_named_gz_is_no_trap(volume, tmp_path):
    plain = write(volume, tmp_path / "case.nii")
    zipped = tmp_path / "zipped.nii.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_image(zipped).GetSize() == (11, 9, 7)


def test_a_series_of_volumes_is_refused_with_their_number(volume, tmp_path):
    series = write(sitk.JoinSeries([volume, volume]), tmp_path / "series.nii.gz")
    for read in (read_image, read_mask, read_header):
        said = refusal(series, read)
        assert "4 dimensions (11 x 9 x 7 x 2), a series of 2 volumes" in said
        assert "save the one of the 2 volumes" in said


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dimension", [2, 3])
def test_pictures_and_colours_are_read_exactly(volume, tmp_path, suffix, dimension):
    one = volume if dimension == 3 else volume[:, :, 2]
    for image in (one, sitk.Compose([one, one + 1, one]), sitk.Cast(one, sitk.sitkUInt8)):
        path = write(image, tmp_path / f"case{suffix}")
        header, found = read_header(path), read_image(path)
        np.testing.assert_array_equal(
            sitk.GetArrayFromImage(found), sitk.GetArrayFromImage(image), strict=True
        )
        assert header.geometry.size == found.GetSize() == image.GetSize()
        assert header.components == found.GetNumberOfComponentsPerPixel()
        assert header.bytes == sitk.GetArrayViewFromImage(image).nbytes


def test_colours_of_bytes_are_checked_too(tmp_path):
    channel = sitk.GetImageFromArray(np.arange(63 * 11, dtype=np.uint8).reshape(7, 9, 11))
    path = write(sitk.Compose([channel] * 3), tmp_path / "colour.nii")
    assert read_image(path).GetNumberOfComponentsPerPixel() == 3
    path.write_bytes(path.read_bytes()[:-1])
    assert "cut off" in refusal(path)
    strange = sitk.Compose([sitk.Cast(channel, sitk.sitkFloat32)] * 2)
    strange[1, 1, 1] = (0.0, float("nan"))
    assert "NaN or infinite voxels: 1" in refusal(write(strange, tmp_path / "strange.nii"))


def test_more_voxels_than_memory_are_refused(volume, tmp_path, monkeypatch):
    path = write(volume, tmp_path / "case.nii.gz")
    monkeypatch.setattr("radpipe.core.memory.free", lambda: 100)
    assert "an image of 11 x 9 x 7 voxels needs about" in refusal(path)


def test_a_fourth_axis_of_one_is_a_volume(volume, tmp_path):
    path = write(sitk.JoinSeries([volume]), tmp_path / "one.nii.gz")
    assert read_header(path).geometry.size == read_image(path).GetSize() == (11, 9, 7)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("pixel", [sitk.sitkFloat32, sitk.sitkFloat64])
def test_values_that_are_no_numbers(volume, tmp_path, value, suffix, pixel):
    """ITK's NIfTI reader alone would turn them into 0."""
    volume = sitk.Cast(volume, pixel)
    volume[3, 3, 3] = float(value)
    path = write(volume, tmp_path / f"case{suffix}")
    assert "NaN or infinite voxels: 1 of 693" in refusal(path)


def test_integers_are_never_taken_for_strange_numbers(tmp_path):
    image = sitk.GetImageFromArray(np.full((5, 6, 7), -1, np.int32))
    assert read_image(write(image, tmp_path / "case.nii.gz"))[0, 0, 0] == -1
