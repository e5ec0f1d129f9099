"""From images to report through the real command, and what a second run does again.

The tests change one study in turn: its first run is the dearest part.
"""

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bench import CASES, Bench
from study_making import write_volume

import radpipe
from radpipe.io.atomic import read_json

LOOPS = "features/zones.py"


def test_the_first_run_ends_with_a_report_and_three_lines(first):
    bench, outcome = first
    assert outcome.status == 0, outcome.lines
    report = bench.reports / "small" / "report.html"
    assert outcome.output.splitlines()[-1].endswith("report.html")
    summary = outcome.output.splitlines()[-3:]
    assert summary[0].startswith("small: ")
    assert f"{len(CASES)} case extractions computed" in summary[0]
    assert "AUC" in summary[1]
    page = report.read_text(encoding="utf-8")
    assert "A small study" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert (bench.reports / "index.html").exists()
    assert outcome.done("fit") == {"radscore", "combined", "control_volume", "control_clinical"}


def test_a_second_run_has_nothing_to_do_whatever_comments_say(current):
    text = current.made.file.read_text()
    current.made.file.write_text(text + "\n# a remark\n")
    again = current.run()
    assert again.status == 0
    assert again.events == []
    assert any("nothing to do" in line for line in again.lines)


def test_a_changed_model_refits_itself_alone(current):
    current.made.swap("kind: logistic, inputs: [radscore", "kind: nomogram, inputs: [radscore")
    again = current.run()
    assert again.status == 0, again.lines
    assert again.done("fit") == {"combined"}
    assert again.done("control") == {"combined"}
    assert not again.done("chain")
    assert not again.cases()
    assert again.done("output") >= {"roc", "metrics"}


def test_one_core_and_two_give_the_same_numbers(current, tmp_path):
    other = Bench(current.made, tmp_path / "reports")
    alone = other.call("run", "--cores", "1", "--", "--until", "predictions")
    assert alone.status == 0, alone.lines
    for name in ("blocks/t1_tumour", "predictions", "metrics"):
        mine, theirs = (pd.read_parquet(b.work / f"{name}.parquet") for b in (current, other))
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    for model in ("radscore", "combined"):
        mine, theirs = (read_json(b.work / f"models/{model}/fit.json") for b in (current, other))
        assert {**mine, "seconds": 0} == {**theirs, "seconds": 0}


def redraw(bench, case):
    """Replace a mask by a larger one."""
    mask = np.zeros((6, 8, 8), dtype=np.uint8)
    mask[2:4, 1:6, 2:6] = 1
    write_volume(bench.made.mask(case), mask)


def test_a_replaced_mask_recomputes_one_case(current):
    redraw(current, "P07")
    again = current.run("--", "--until", "gather")
    assert again.status == 0, again.lines
    assert again.cases()["computed"] == 1
    assert {e["case"] for e in again.events if e["status"] == "computed"} == {"P07"}


def test_a_bad_case_costs_no_other(current):
    image = current.made.image("P03")
    whole = image.read_bytes()
    try:
        image.write_bytes(whole[: len(whole) // 3])
        stopped = current.run()
        assert stopped.status == 1
        named = [line for line in stopped.lines if "P03" in line]
        assert named, stopped.lines
        assert any("P03.nii.gz: is cut off" in line and "export it again" in line for line in named)
        assert stopped.cases()["failed"] == 1
        status = current.call("status")
        assert "1 failed" in status.output

        without = current.run("--exclude-failed")
        assert without.status == 0, without.lines
        cohort = pd.read_parquet(current.work / "cohort.parquet")
        assert sorted(set(CASES) - set(cohort["case"])) == ["P03"]
        assert "1 case left out" in without.output
        page = (current.reports / "small" / "report.html").read_text(encoding="utf-8")
        assert "is cut off" in page
        assert not any(case in page for case in CASES)  # codes stand for them
        assert current.run("--exclude-failed").events == []
        assert "all is up to date" in current.call("status").output

        shards = map(read_json, (current.work / "shards" / "t1_tumour").glob("*.json"))
        [beside] = [set(shard["keys"]) for shard in shards if shard["failed"]]
        redraw(current, max(beside - {"P07"}))
        changed = current.run("--exclude-failed", "--", "--until", "gather", "cohort")
        assert changed.cases()["computed"] == 1
        assert changed.cases()["failed"] == 1
        assert current.run("--exclude-failed", "--", "--until", "gather", "cohort").events == []
    finally:
        image.write_bytes(whole)
    mended = current.run("--", "--until", "gather", "cohort")
    assert mended.status == 0, mended.lines
    assert mended.done("gather") == {"t1_tumour"}
    assert len(pd.read_parquet(current.work / "cohort.parquet")) == len(CASES)
    assert current.run("--", "--until", "gather", "cohort").events == []


def add(package, module, line):
    """Add a line at the end of a module."""
    path = package / "radpipe" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


@pytest.fixture
def upgraded(current, tmp_path):
    """The study, run from now on by a copy of the package."""
    shutil.copytree(radpipe.__path__[0], tmp_path / "radpipe")
    return replace(current, code=tmp_path)


def test_an_upgrade_takes_one_run_and_does_nothing_else_again(upgraded):
    """Here loops and the report are changed."""
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
