"""A run that dies at any moment goes on with the same command, and repeats almost nothing."""

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
    before = made.kill(4, whole, *UNTIL)
    assert before >= 4
    again = made.run(*UNTIL)
    assert again.status == 0, again.lines
    assert "went on where an earlier run died" in again.output
    assert before + again.cases()["computed"] <= len(CASES) + IN_HAND
    assert set(made.seen()) == set(CASES)
    if whole:
        assert made.run(*UNTIL).events == []
