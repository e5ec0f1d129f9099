"""One small study that went from images to report once; tests change it and run it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Bench, Outcome
from study_making import make, replace

CASES = [f"P{i:02d}" for i in range(1, 31)]


def bench(folder: Path, cases: list[str]) -> Bench:
    """Write a study with two shards, two models, controls and two outputs."""
    made = make(folder / "studies" / "small", cases)
    replace(
        made.file,
        "outputs:\n  - {kind: roc, models: [radscore, combined]}",
        "controls: {permutations: 2}\noutputs:\n  - metrics\n"
        "  - {kind: roc, models: [radscore, combined]}",
    )
    return Bench(made, folder / "reports")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Outcome]:
    """The study and its first run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RADPIPE_DATA", raising=False)
        made = bench(tmp_path_factory.mktemp("run"), CASES)
        return made, made.run()


@pytest.fixture
def current(first: tuple[Bench, Outcome]) -> Bench:
    """The study, all of it up to date."""
    made, outcome = first
    assert outcome.status == 0, outcome.lines
    return made
