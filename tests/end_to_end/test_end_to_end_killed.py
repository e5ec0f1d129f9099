"""A run that dies at any moment goes on with the same command, and repeats almost nothing."""

from signal import SIGKILL

import pytest
from bench import CASES, bench

IN_HAND = 2
"""Cases that two cores can have in hand when they die."""
UNTIL = ("--", "--until", "gather")


@pytest.mark.parametrize("whole", [True, False], ids=["the whole run", "the parent alone"])
def test_what_a_killed_run_had_computed_is_found_again(tmp_path, monkeypatch, whole):
    monkeypatch.delenv("RADPIPE_DATA", raising=False)
    made = bench(tmp_path, CASES)
    made.made.swap(
        "filters: [original]",
        "filters: [original, {kind: log, sigma_mm: [1, 2]}, {kind: wavelet}]",
    )
    made.made.swap("    classes: [shape, firstorder]\n", "")
    dead = made.kill(lambda seen: seen.cases()["computed"] >= 4, whole, *UNTIL)
    before = dead.cases()["computed"]
    assert before >= 4
    again = made.run(*UNTIL)
    assert again.status == 0, again.lines
    assert "went on where an earlier run died" in again.output
    assert before + again.cases()["computed"] <= len(CASES) + IN_HAND
    assert set(made.seen()) == set(CASES)
    assert made.run(*UNTIL).events == []


def test_a_run_killed_inside_a_fit_resumes_at_that_model(tmp_path, monkeypatch):
    monkeypatch.delenv("RADPIPE_DATA", raising=False)
    made = bench(tmp_path, CASES[:12])
    made.made.swap(
        "controls: {permutations: 2}",
        "controls: {permutations: 0, volume: false, clinical: false}",
        "  - {kind: roc, models: [radscore, combined]}\n",
        "",
    )
    dead = made.kill(lambda seen: "combined" in seen.told("fit", "started"), whole=True)
    assert dead.status == -SIGKILL
    again = made.run()
    assert again.status == 0, again.lines
    assert "went on where an earlier run died" in again.output
    assert dead.done("fit") == {"radscore"}
    assert again.told("fit", "started") == {"combined"}
    for step in ("extract", "gather", "chain"):
        assert dead.done(step), step
        assert again.told(step, "started") == set(), step
    assert (made.reports / "small" / "report.html").is_file()
