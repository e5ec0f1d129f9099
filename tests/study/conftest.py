"""Sound studies to spoil."""

from pathlib import Path

import pytest
from study_making import Making, make


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    """A sound study at ``studies/small`` of the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RADPIPE_DATA", raising=False)
    return make(Path("studies/small"))
