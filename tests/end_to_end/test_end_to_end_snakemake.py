"""Plain Snakemake builds the same workflow, with or without the real data."""

import subprocess
import sys

import pytest
from bench import CASES, bench


def snakemake(root, tmp_path, *words):
    """Return what a dry run of the root snakefile plans."""
    call = [sys.executable, "-m", "snakemake", "-s", str(root / "snakefile"), "-n", "-c2"]
    call += ["--directory", str(tmp_path), *words]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_demo_alone(root, tmp_path):
    reports = f"reports={tmp_path / 'reports'}"
    study = f"study={root / 'studies' / 'demo'}"
    status, text = snakemake(root, tmp_path, "--config", study, reports)
    assert status == 0, text
    assert "rule simulate" in text
    assert "rule report" in text


@pytest.mark.real
def test_every_study_whose_data_are_there(root, tmp_path, sarcoma, monkeypatch):
    monkeypatch.setenv("RADPIPE_DATA", str(sarcoma))
    status, text = snakemake(root, tmp_path, "--config", f"reports={tmp_path / 'reports'}")
    assert status == 0, text
    for study in ("demo", "sts-lung-metastasis", "sts-metastasis-free-survival"):
        assert f"{tmp_path}/reports/{study}/report.html" in text


def test_a_plan_alone_runs_nothing(tmp_path):
    made = bench(tmp_path, CASES)
    outcome = made.run("--", "--dry-run")
    assert outcome.status == 0, outcome.lines
    assert outcome.events == []
    assert not (made.reports / "small" / "report.html").exists()
