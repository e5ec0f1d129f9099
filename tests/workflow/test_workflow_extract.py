"""`radpipe extract`: one pair of files, or a table of them that is gone on with after a kill."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radpipe.core.errors import FaultsError, UsageError
from radpipe.features import extract as extract_features
from radpipe.steps.extractor import Outcome
from radpipe.steps.workers import Died, work
from radpipe.study.pair_table import read_pairs
from radpipe.workflow import extract_command

PARAMS = """\
imageType: {Original: {}, Wavelet: {}}
featureClass: {shape: , firstorder: [Mean, Kurtosis], glcm: [Id]}
setting: {binWidth: 10, label: 4, additionalInfo: true}
"""
CHEAP = "featureClass: {shape: , firstorder: [Mean]}\n"


def radpipe(*words, cwd):
    """Run the command and return (status, output, error)."""
    done = subprocess.run(
        [sys.executable, "-m", "radpipe", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def write(array, path, spacing=(1.0, 1.0, 2.0)):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing[: array.ndim])
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return image


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of images and masks with label 4, and one picture."""
    root = tmp_path_factory.mktemp("数据")
    rng = np.random.default_rng(0)
    mask = np.zeros((12, 24, 24), np.uint8)
    mask[2:10, 4:20, 5:21] = 4
    for number in range(5):
        grey = rng.normal(100, 20, mask.shape).astype(np.float32)
        write(grey, root / "图像" / f"病人{number}.nii.gz")
    write(mask, root / "mask.nii.gz")
    write((mask == 4).astype(np.uint8), root / "one.nii.gz")
    write(grey[5], root / "flat.nrrd")
    write(np.minimum(mask[5], 1), root / "flat_mask.nrrd")
    (root / "Params.yaml").write_text(PARAMS)
    (root / "cheap.yaml").write_text(CHEAP)
    return root


def pair_of(folder, number):
    return folder / "图像" / f"病人{number}.nii.gz", folder / "mask.nii.gz"


def read(path):
    return pd.read_csv(path, encoding="utf-8-sig", float_precision="round_trip")


def test_one_pair_is_printed_as_a_program_gets_it(folder):
    image, mask = pair_of(folder, 0)
    status, output, error = radpipe("extract", image, mask, "--label", 4, cwd=folder)
    assert (status, error) == (0, "")
    found = pd.read_csv(StringIO(output), float_precision="round_trip")
    found = found.set_index("feature")["value"].to_dict()
    images = (sitk.ReadImage(str(path)) for path in (image, mask))
    reference = extract_features(*images, label=4)
    assert list(found) == list(reference)
    assert found == reference


def test_one_pair_with_a_parameter_file_is_written_as_a_row(folder, tmp_path):
    image, mask = pair_of(folder, 0)
    out = tmp_path / "features.csv"
    words = ("extract", image, mask, "--params", "Params.yaml", "-o", out)
    status, output, error = radpipe(*words, cwd=folder)
    assert (status, output) == (0, f"{out}: 41 features of mask.nii.gz\n")
    assert error == (
        "note: Params.yaml:3 setting.additionalInfo: does not act; features come without "
        "diagnostics\n"
    )
    row = read(out)
    assert list(row.columns[:3]) == ["case", "image", "mask"]
    assert row["case"].tolist() == ["病人0"]
    assert row.shape == (1, 3 + 41)


def test_what_cannot_be_extracted_is_told_in_one_line(folder):
    image, mask = pair_of(folder, 0)
    status, output, error = radpipe("extract", image, mask, "-l", 2, cwd=folder)
    assert (status, output) == (1, "")
    assert len(error.splitlines()) == 1
    assert "labels there: 4" in error


def command(image, mask=None, **options):
    """Call the command within this process."""
    chosen = {
        **{"params": None, "label": None, "engine": "native", "channel": None, "out": None},
        **{"cores": 1, "say": lambda line: None},
    }
    mask = None if mask is None else Path(mask)
    return extract_command.extract(Path(image), mask, **{**chosen, **options})


@pytest.mark.parametrize(
    ("words", "options", "says"),
    [
        (("a.nii.gz",), {}, "an image without a mask; give IMAGE MASK, or a table"),
        (("a.csv", "m.nii.gz"), {}, "takes no mask beside it; remove m.nii.gz"),
        (("a.csv",), {}, "add -o features.csv"),
        (("a.csv",), {"out": Path("f.xlsx")}, "name a file .csv"),
        (("a.csv",), {"out": Path("a.csv")}, "that is what is read"),
        (("a.nii", "m.nii"), {"engine": "ntive"}, "there are: native, pyradiomics"),
    ],
)
def test_a_wrong_command_line_is_told_with_its_cure(words, options, says):
    with pytest.raises(UsageError, match=says):
        command(*words, **options)


def test_a_colour_image_needs_a_channel(tmp_path):
    grey = np.random.default_rng(0).normal(100, 20, (6, 12, 12)).astype(np.float32)
    one = sitk.GetImageFromArray(grey)
    sitk.WriteImage(sitk.Compose([one * 0, one]), str(tmp_path / "us.nrrd"))
    write(np.ones((6, 12, 12), np.uint8), tmp_path / "m.nrrd", (1.0, 1.0, 1.0))
    files = tmp_path / "us.nrrd", tmp_path / "m.nrrd"
    params = tmp_path / "cheap.yaml"
    params.write_text(CHEAP)
    with pytest.raises(Exception, match="choose one"):
        command(*files, params=params)
    lines = command(*files, params=params, channel=1)
    assert f"original_firstorder_Mean,{extract_features(one, np.ones_like(grey))[MEAN]}" in lines


MEAN = "original_firstorder_Mean"


def table(folder, name, lines, encoding="utf-8"):
    """Write a table of pairs beside the images."""
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def rows_of(folder):
    """Return the lines of a table with rows that cannot be extracted, and a picture."""
    lines = ["Image,Mask,ID,医院,Label"]
    lines += [f"图像/病人{n}.nii.gz,mask.nii.gz,P{n},=北京,4" for n in range(4)]
    lines.append(f"{folder / '图像' / '病人4.nii.gz'},one.nii.gz,P4,上海,")
    lines.append("none.nii.gz,mask.nii.gz,P5,,4")
    lines.append("图像/病人1.nii.gz,mask.nii.gz,P6,-1,2.0")
    lines.append("flat.nrrd,flat_mask.nrrd,P7,@x,1")
    return lines


@pytest.fixture(scope="module")
def batch(folder, tmp_path_factory):
    """What comes of the table on one core."""
    out = tmp_path_factory.mktemp("batch") / "features.csv"
    path = table(folder, "pairs.csv", rows_of(folder), "gbk")
    return out, radpipe("extract", path, "-o", out, "-c", 1, "-p", "cheap.yaml", cwd=folder)


def test_rows_keep_their_order_and_failed_ones_their_reason(batch, folder):
    out, (status, output, error) = batch
    found = read(out)
    assert list(found["case"]) == [f"P{n}" for n in range(8)]
    assert list(found.columns[:6]) == ["case", "image", "mask", "医院", "label", "error"]
    assert found["医院"].tolist()[:5] == ["'=北京"] * 4 + ["上海"]
    assert found["医院"].tolist()[6:] == ["-1", "'@x"]
    assert found["image"][0] == "图像/病人0.nii.gz"
    failed = found["error"].notna().tolist()
    assert failed == [False] * 5 + [True, True, False]
    assert found[MEAN].isna().tolist() == failed
    assert "no such file" in found["error"][5]
    assert "labels there: 4" in found["error"][6]
    for number in (0, 4):
        image = sitk.ReadImage(str(pair_of(folder, number)[0]))
        grey = sitk.GetArrayFromImage(image)[2:10, 4:20, 5:21]
        assert found[MEAN][number] == pytest.approx(grey.mean(), rel=1e-6)
    assert found["original_shape_VoxelVolume"].isna().tolist() == [*failed[:7], True]
    assert status == 1
    assert output == ""
    lines = error.splitlines()
    assert 'read as GBK (for example "医院")' in lines[0]
    assert "6 of 8 cases" in lines[-3]
    assert "6 computed, 0 found in" in lines[-3]
    assert lines[-2].startswith("pairs.csv row 7 (P5): ")
    assert lines[-1].startswith("pairs.csv row 8 (P6): ")


def test_the_number_of_cores_changes_no_number(batch, folder, tmp_path):
    out = tmp_path / "features.csv"
    radpipe("extract", "pairs.csv", "-o", out, "-c", 2, "-p", "cheap.yaml", cwd=folder)
    assert out.read_bytes() == batch[0].read_bytes()


def test_what_is_done_is_not_done_again(batch, folder):
    before = batch[0].read_bytes()
    words = ("extract", "pairs.csv", "-o", batch[0], "-c", 2, "-p", "cheap.yaml")
    _, _, error = radpipe(*words, cwd=folder)
    assert "0 computed, 6 found in" in error
    assert batch[0].read_bytes() == before


def test_a_killed_run_goes_on(folder, tmp_path):
    lines = ["image,mask,label"] + [f"图像/病人{n}.nii.gz,mask.nii.gz,4" for n in range(5)]
    path = table(folder, "slow.csv", lines)
    params = tmp_path / "slow.yaml"
    params.write_text(
        "imageType: {Original: {}, Wavelet: {level: 2}}\n"
        "setting: {resampledPixelSpacing: [0.4, 0.4, 0.4], binWidth: 1}\n"
    )
    out = tmp_path / "features.csv"
    words = ["extract", str(path), "-o", str(out), "-c", "1", "-p", str(params)]
    run = subprocess.Popen(
        [sys.executable, "-m", "radpipe", *words], start_new_session=True, stderr=subprocess.PIPE
    )
    store = Path(f"{out}.store")
    whole = "features/*/[!.]*.json"  # not one that is being written
    while not list(store.glob(whole)):
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    done = len(list(store.glob(whole)))
    assert 1 <= done < 5
    assert not out.exists()
    status, output, _ = radpipe(*words, cwd=folder)
    assert status == 0
    assert "5 of 5 cases in" in output
    assert f"{5 - done} computed, {done} found in" in output
    found = read(out)
    assert found["case"].tolist() == [1, 2, 3, 4, 5]
    assert found.drop(columns=["error"]).notna().all(axis=None)


def test_all_faults_of_a_table_at_once(folder):
    lines = ["Image,mask,Mask,label,error", ",m.nii,x,1,", "a.nii,,x,0,", "a.nii,m.nii,x,one,"]
    with pytest.raises(FaultsError) as caught:
        read_pairs(table(folder, "bad.csv", lines))
    assert [str(fault).partition("bad.csv: ")[2] for fault in caught.value.faults] == [
        "the columns 'mask' and 'Mask' mean the same; rename or remove one",
        "the column 'error', which the result will have; rename or remove it",
    ]
    lines = ["Image,mask,label", ",m.nii,1", "a.nii,,0", "a.nii,m.nii,one", "a.nii,m.nii,2"]
    with pytest.raises(FaultsError) as caught:
        read_pairs(table(folder, "bad.csv", lines))
    assert [str(fault).partition("bad.csv ")[2] for fault in caught.value.faults] == [
        "row 2: no image in column 'Image'; fill it, or remove the row",
        "row 3: no mask in column 'mask'; fill it, or remove the row",
        "row 3: '0' in column 'label'; allowed: a whole number from 1 on; correct it",
        "row 4: 'one' in column 'label'; allowed: a whole number from 1 on; correct it",
    ]
    with pytest.raises(FaultsError, match="no column 'mask'; name one so; there are: image, roi"):
        read_pairs(table(folder, "bad.csv", ["image,roi", "a,b"]))
    with pytest.raises(FaultsError, match="original_glcm_Id"):
        read_pairs(
            table(folder, "bad.csv", ["image,mask,original_glcm_Id", "a,b,1"]), ["original_glcm_Id"]
        )


def test_a_workbook_of_pairs(folder):
    frame = pd.DataFrame(
        {"Image": ["a.nii", "b.nii"], "Mask": ["m.nii", "/m.nii"], "ID": [7, 8], "Label": [1, 2]}
    )
    frame.to_excel(folder / "pairs.xlsx", index=False)
    rows = read_pairs(folder / "pairs.xlsx").rows
    assert [(row.case, row.image, row.mask, row.label) for row in rows] == [
        ("7", folder / "a.nii", folder / "m.nii", 1),
        ("8", folder / "b.nii", Path("/m.nii"), 2),
    ]


def square_or_die(number):
    """Return a square; end the process by a signal, or by an error, at some numbers."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        raise SystemExit(7)
    return number**2


@pytest.mark.parametrize("processes", [1, 3])
def test_a_process_that_dies_costs_its_job_alone(processes):
    found = dict(work(square_or_die, range(8), processes))
    assert found == {n: n**2 for n in range(8)} | {3: Died(-9), 5: Died(7)}
    assert list(work(square_or_die, [], processes)) == []


def test_the_progress_line():
    stream = StringIO()
    with extract_command.Progress(4, stream) as progress:
        progress.add(Outcome("stored", "k"))
        assert progress.line() == "cases 1/4"
        progress.add(Outcome("failed", reason="r"))
        progress.began -= 60
        progress.add(Outcome("computed", "k"))
        assert progress.line() == "cases 3/4, 1 failed, about 1 min 0 s left"
    assert stream.getvalue() == ""
    stream.isatty = lambda: True
    with extract_command.Progress(1, stream) as progress:
        progress.add(Outcome("computed", "k"))
    assert stream.getvalue() == "\r\x1b[Kcases 0/1\r\x1b[Kcases 1/1\n"
