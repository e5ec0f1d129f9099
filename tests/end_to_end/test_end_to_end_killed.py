"""A run that dies at any moment goes on with the same command, and repeats almost nothing."""

import pytest
from conftest import bench

CASES = [f"P{i:02d}" for i in range(1, 31)]
IN_HAND = 2
"""Cases that two cores can have in hand when they die."""


@pytest.mark.parametrize("whole", [True, False], ids=["the whole run", "the parent alone"])
def test_what_a_killed_run_had_computed_is_found_again(tmp_path, monkeypatch, whole):
    monkeypatch.delenv("RADPIPE_DATA", raising=False)
    made = bench(tmp_path, CASES)
    made.made.swap(
        "filters: [original]", "filters: [original, {kind: log, sigma_mm: [1, 2]}, wavelet]"
    )
    made.made.swap("    classes: [shape, firstorder]\n", "")
    before = made.kill(computed=4, whole=whole)
    assert before >= 4
    again = made.run()
    assert again.status == 0, again.lines
    assert "went on where an earlier run died" in again.output
    assert before + again.cases()["computed"] <= len(CASES) + IN_HAND
    seen = {e["case"] for e in made._events() if e["status"] in ("computed", "stored")}
    assert seen == set(CASES)
    assert made.run().events == []
