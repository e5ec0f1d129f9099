"""One live owner a study; what a dead one left is ended."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from radpipe.core.errors import RadpipeError
from radpipe.io.progress import RUN_VARIABLE
from radpipe.workflow.owner import end_processes, owning


def test_a_second_owner_gets_one_line(tmp_path):
    with owning(tmp_path, "demo"), pytest.raises(RadpipeError) as refused, owning(tmp_path, "demo"):
        pass
    text = str(refused.value)
    assert "demo: process" in text
    assert str(os.getpid()) in text
    assert "wait for it or stop it" in text
    assert "\n" not in text


def test_the_study_is_free_again_afterwards(tmp_path):
    with owning(tmp_path, "demo"):
        pass
    with owning(tmp_path, "demo") as owner:
        assert not owner.inherited
    assert not (tmp_path / "run.json").exists()


def test_what_a_dead_run_left_is_ended(tmp_path):
    environment = os.environ | {RUN_VARIABLE: "the-dead-run"}
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(120)"], env=environment
    )
    time.sleep(0.3)
    record = {"run": "the-dead-run", "pid": 1, "host": os.uname().nodename, "started": 0}
    (tmp_path / "run.json").write_text(json.dumps(record))
    with owning(tmp_path, "demo") as owner:
        assert owner.inherited
        assert owner.left_behind == 1
    assert not psutil.pid_exists(orphan.pid)
    orphan.wait(timeout=10)  # psutil has reaped it; Popen must not warn


def test_an_owner_on_another_machine_is_not_touched(tmp_path):
    record = {"run": "x", "pid": 4, "host": "another-machine", "started": 0}
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(RadpipeError, match="cannot be seen from") as refused, owning(tmp_path, "d"):
        pass
    assert "delete" in str(refused.value)


def test_a_damaged_record_is_no_owner(tmp_path):
    (tmp_path / "run.json").write_text("{")
    with owning(tmp_path, "demo") as owner:
        assert not owner.inherited


def test_no_other_run_is_ended():
    assert end_processes("no-such-run") == 0
    assert psutil.pid_exists(os.getpid())


HYDRA = """
import os, signal, subprocess, sys, time
def grow(*_):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    os._exit(0)
signal.signal(signal.SIGTERM, grow)
print("ready", flush=True)
time.sleep(120)
"""


def test_what_a_dead_run_starts_while_it_is_ended_is_ended_too():
    environment = os.environ | {RUN_VARIABLE: "the-growing-run"}
    orphan = subprocess.Popen(
        [sys.executable, "-c", HYDRA], env=environment, stdout=subprocess.PIPE, text=True
    )
    with orphan:
        assert orphan.stdout.readline() == "ready\n"
        assert end_processes("the-growing-run") == 2
    assert end_processes("the-growing-run") == 0
