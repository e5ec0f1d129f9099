"""One run after an upgrade does all that the new version changes, and nothing else."""

import re
import shutil
from dataclasses import replace

import pytest
from bench import CASES

import radpipe

LOOPS = "features/zones.py"


def add(package, module, line):
    """Add a line at the end of a module."""
    path = package / "radpipe" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


@pytest.fixture
def upgraded(current, tmp_path):
    """The study, run from now on by a copy of the package."""
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(radpipe.__path__[0], tmp_path / "radpipe", ignore=without)
    return replace(current, code=tmp_path)


def test_changed_loops_and_a_changed_report_take_one_run(upgraded):
    add(upgraded.code, LOOPS, "NEW = 1")
    add(upgraded.code, "report/html.py", "NEW = 1")
    outcome = upgraded.run()
    assert outcome.status == 0, outcome.lines
    assert outcome.done("warm") == {""}
    assert outcome.cases() == {"computed": len(CASES)}
    assert outcome.done("fit") >= {"radscore", "combined"}
    assert outcome.done("report") == {""}
    assert upgraded.run().events == []

    add(upgraded.code, LOOPS, "# a remark")
    planned = upgraded.run("--", "--dry-run", "--quiet", "host")
    log = (upgraded.work / "run.log").read_text()
    assert planned.status == 0
    assert set(re.findall(r"^rule (\w+):", log, re.MULTILINE)) == {"warm", "all"}, log
