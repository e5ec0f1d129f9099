"""Which files are the images of new cases?"""

import pytest

from radpipe.steps.new_images import _files


@pytest.mark.parametrize("pattern", ["", "/{case}.nii.gz", "/*.nii.gz"])
def test_hidden_files_are_no_cases(tmp_path, pattern):
    for name in ("P01.nii.gz", "._P01.nii.gz", ".P02.nii.gz"):
        (tmp_path / name).touch()
    assert _files(f"{tmp_path}{pattern}") == {"P01": tmp_path / "P01.nii.gz"}
