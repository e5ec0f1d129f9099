"""The progress line says what the steps have said."""

import os

from radpipe.io import progress
from radpipe.io.progress import RUN_VARIABLE, Event
from radpipe.workflow.watch import Watch, clock


def watched(tmp_path, monkeypatch, *events):
    monkeypatch.setenv(RUN_VARIABLE, "this")
    for event in events:
        progress.add(tmp_path / "p.jsonl", event)
    watch = Watch(tmp_path / "p.jsonl", "this", cases=4, models=2)
    watch.update()
    return watch


def test_cases_are_counted_once_a_block(tmp_path, monkeypatch):
    watch = watched(
        tmp_path,
        monkeypatch,
        Event("extract", "ct", "computed", "a"),
        Event("extract", "ct", "stored", "a"),
        Event("extract", "pet", "computed", "a"),
    )
    assert watch.cases_done == 2
    assert "cases 2/4" in watch.line()


def test_models_and_failures(tmp_path, monkeypatch):
    watch = watched(
        tmp_path,
        monkeypatch,
        Event("fit", "svm", "started"),
        Event("fit", "svm", "done"),
        Event("fit", "rf", "started"),
        Event("gather", "ct", "failed", message="one\ntwo"),
    )
    watch.take_line("3 of 10 steps (30%) done")
    assert watch.models_done == 1
    assert watch.failures == ["one", "two"]
    assert "models 1/2" in watch.line()
    assert "steps 3/10" in watch.line()
    assert "rf" in watch.line()


def test_a_long_step_says_how_far_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv(RUN_VARIABLE, "this")
    path = tmp_path / "p.jsonl"
    watch = watched(tmp_path, monkeypatch, Event("fit", "svm", "started"))
    tell = progress.Teller(path, "fit", "svm", "fits", every=60)
    tell("final", 1, 101)
    watch.update()
    assert watch.line() == "svm"  # nothing is told at once
    tell.last -= 61
    tell("r012f3", 65, 101)
    tell("r012f4", 66, 101)
    watch.update()
    assert watch.line() == "svm: r012f3 (65 of 101 fits)"
    progress.add(path, Event("fit", "svm", "done"))
    watch.update()
    assert "r012f3" not in watch.line()


def test_events_of_another_run_and_cut_lines_tell_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv(RUN_VARIABLE, "other")
    progress.add(tmp_path / "p.jsonl", Event("fit", "svm", "done"))
    watch = watched(tmp_path, monkeypatch, Event("fit", "rf", "done"))
    with (tmp_path / "p.jsonl").open("a") as file:
        file.write('{"step": "fit", "it')
    watch.update()
    assert watch.models_done == 1
    assert os.environ[RUN_VARIABLE] == "this"


def test_the_time_left_is_of_the_cases_and_then_of_the_steps(tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    watch = watched(tmp_path, monkeypatch)
    for name in "abc":
        progress.add(tmp_path / "p.jsonl", Event("extract", "ct", "computed", name))
        now += 20
        watch.update()
    watch.take_line("6 of 9 steps (66%) done")
    assert watch.remaining() == "about 20 s left to extract"
    progress.add(tmp_path / "p.jsonl", Event("extract", "ct", "computed", "d"))
    watch.update()
    assert watch.remaining() == ""  # the cases tell nothing of the steps
    now += 10
    watch.take_line("7 of 9 steps (77%) done")
    assert watch.remaining() == "about 20 s left"
    now += 15
    assert watch.remaining() == "about 5 s left"
    now += 15
    assert watch.remaining() == ""


def test_durations_as_people_say_them():
    assert clock(45) == "45 s"
    assert clock(200) == "3 min 20 s"
    assert clock(7500) == "2 h 5 min"
