"""One small study that went from images to report once; tests change it and run it again."""

from __future__ import annotations

import pytest
from bench import CASES, Bench, Outcome, bench


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Outcome]:
    """The study and its first run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RADPIPE_DATA", raising=False)
        made = bench(tmp_path_factory.mktemp("run"), CASES)
        return made, made.run()


@pytest.fixture
def current(first: tuple[Bench, Outcome]) -> Bench:
    """The study after its first run, and after what earlier tests of the file changed."""
    made, outcome = first
    assert outcome.status == 0, outcome.lines
    return made
