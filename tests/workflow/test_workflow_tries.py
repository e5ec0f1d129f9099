"""A shard with a failing case is extracted again until it is mended or left out, then never."""

from pathlib import Path

import numpy as np
import pytest
from study_making import Making, write_volume

from radpipe.io import progress
from radpipe.io.paths import Paths
from radpipe.steps import extract
from radpipe.steps.context import open_context
from radpipe.study.load import load_study
from radpipe.workflow.slices import Slices

BLOCK = "t1_tumour"


class Runs:
    """Runs of one shard: done where its digest is not that of the last time, as in the DAG."""

    def __init__(self, made: Making) -> None:
        self.made = made
        self.reports = Path("reports").absolute()
        self.digest = ""

    def __call__(self, exclude_failed: bool) -> set[tuple[str, str]] | None:
        """Return the cases that were computed or failed; None where nothing was to do."""
        slices = Slices(load_study(self.made.folder), Paths(self.reports, "small"), exclude_failed)
        found = slices.digest("extract", BLOCK)
        if found == self.digest:
            return None
        self.digest = found
        context = open_context(
            self.made.folder, reports=self.reports, exclude_failed=exclude_failed
        )
        path = context.paths.progress
        start = path.stat().st_size if path.exists() else 0
        slices.paths.shard(BLOCK, 0).unlink(missing_ok=True)  # Snakemake takes away outputs
        extract.run(context, BLOCK, 0)
        events = [event for event, _ in progress.read(path, start)]
        return {(e.case, e.status) for e in events if e.case and e.status != "stored"}


@pytest.fixture
def runs(made):
    return Runs(made)


def redraw(made, case):
    mask = np.zeros((6, 8, 8), dtype=np.uint8)
    mask[2:4, 1:6, 2:6] = 1
    write_volume(made.mask(case), mask)


def spoil(made, case):
    """Cut a case's image off, and return what mends it."""
    image = made.image(case)
    whole = image.read_bytes()
    image.write_bytes(whole[: len(whole) // 3])
    return lambda: image.write_bytes(whole)


@pytest.mark.parametrize("stopped", [0, 1, 3])
def test_who_goes_on_without_a_case_waits_for_it_no_more(made, runs, stopped):
    mend = spoil(made, "P03")
    for _ in range(stopped):
        assert ("P03", "failed") in runs(exclude_failed=False)
    if not stopped:
        assert ("P03", "failed") in runs(exclude_failed=True)
    assert runs(exclude_failed=True) is None

    for case in ("P07", "P08"):
        redraw(made, case)
        assert runs(exclude_failed=True) == {(case, "computed"), ("P03", "failed")}
        assert runs(exclude_failed=True) is None

    mend()
    assert runs(exclude_failed=True) == {("P03", "computed")}
    assert runs(exclude_failed=True) is None
    assert runs(exclude_failed=False) is None

    spoil(made, "P05")
    assert runs(exclude_failed=True) == {("P05", "failed")}
    assert runs(exclude_failed=True) is None


def test_a_failing_case_is_tried_at_each_run_that_it_stops(made, runs):
    mend = spoil(made, "P03")
    assert ("P03", "failed") in runs(exclude_failed=True)
    for _ in range(3):
        assert runs(exclude_failed=False) == {("P03", "failed")}
    mend()
    assert runs(exclude_failed=False) == {("P03", "computed")}
    assert runs(exclude_failed=False) is None
    assert runs(exclude_failed=True) is None
