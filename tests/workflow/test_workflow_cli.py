"""The command line: usage errors are 2, faults are 1, and neither shows a traceback."""

import subprocess
import sys
import time

import pytest

from radpipe.core.errors import RadpipeError
from radpipe.workflow.commands import study_folder


def radpipe(*words, cwd=None):
    """Run the command and return (status, output, error)."""
    done = subprocess.run(
        [sys.executable, "-m", "radpipe", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def test_an_unknown_option_names_the_nearest(root):
    status, _, error = radpipe("run", "demo", "--coers", "2", cwd=root)
    assert status == 2
    assert "--cores" in error


def test_an_unknown_command_names_the_nearest(root):
    status, _, error = radpipe("chekc", "demo", cwd=root)
    assert status == 2
    assert "check" in error


def test_an_unknown_study_names_the_nearest(root):
    status, _, error = radpipe("run", "dmeo", cwd=root)
    assert status == 1
    assert "nearest: demo" in error
    assert len(error.strip().splitlines()) == 1


def test_of_many_studies_a_few_are_named(tmp_path, monkeypatch):
    for i in range(30):
        (tmp_path / f"studies/s{i:02d}").mkdir(parents=True)
        (tmp_path / f"studies/s{i:02d}/study.yaml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RadpipeError, match="s07 and 22 more; make one"):
        study_folder("nope")


@pytest.mark.parametrize("study", ["demo"])
def test_the_bundled_study_has_no_fault(root, tmp_path, study):
    status, output, _ = radpipe("check", study, "--reports", str(tmp_path), cwd=root)
    assert status == 0
    assert "no fault found" in output


def test_faults_come_all_at_once_a_line_each(root, tmp_path):
    text = (root / "studies" / "demo" / "study.yaml").read_text()
    folder = tmp_path / "studies" / "broken"
    folder.mkdir(parents=True)
    text = text.replace("threshold: 0.9", "treshold: 0.9").replace("folds: 5", "folds: five")
    (folder / "study.yaml").write_text(text)
    for command in ("check", "run"):
        status, output, error = radpipe(command, str(folder), cwd=tmp_path)
        lines = (output + error).splitlines()
        assert status == 1
        assert sum("study.yaml:" in line for line in lines) == 2
        assert any("threshold" in line for line in lines)
        assert any("'five'" in line for line in lines)
    assert not (tmp_path / "reports" / "broken" / ".work" / "shards").exists()


def test_status_before_anything_ran(root, tmp_path):
    status, output, _ = radpipe("status", "demo", "--reports", str(tmp_path), cwd=root)
    assert status == 0
    assert "0 of 60 cases extracted" in output or "made by the first run" in output
    assert "report: missing" in output


def test_schema_names_every_model(root):
    from radpipe.models.registry import MODELS
    from radpipe.outputs.registry import OUTPUTS
    from radpipe.selection.registry import SELECTORS

    status, output, _ = radpipe("schema", cwd=root)
    assert status == 0
    for kind in (*MODELS, *OUTPUTS, *SELECTORS):
        assert kind in output


def test_help_is_quick(root):
    radpipe("--help", cwd=root)
    began = time.process_time()
    status, output, _ = radpipe("--help", cwd=root)
    assert status == 0
    assert "run" in output
    assert time.process_time() - began < 0.5


def test_no_heavy_library_is_loaded_for_help():
    heavy = "('numpy', 'pandas', 'sklearn')"
    code = f"import sys, radpipe.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
