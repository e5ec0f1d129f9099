"""What tests of several layers share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from study_making import Making, make

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("radpipe", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("radpipe")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sarcoma() -> Path:
    """The folder of the real cohort."""
    folder = Path(os.environ.get("RADPIPE_DATA") or ROOT.parent / "shared" / "sts")
    if not (folder / "clinical.csv").is_file():
        pytest.skip("the sarcoma cohort is not here (RADPIPE_DATA or ../shared/sts)")
    return folder


@pytest.fixture(autouse=True)
def _own_data(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the caller's folders out of tests that do not ask for the real cohort."""
    if "sarcoma" not in request.fixturenames:
        monkeypatch.delenv("RADPIPE_DATA", raising=False)
    for name in ("STORE", "RUN", "REPORTS", "EXCLUDE_FAILED"):
        monkeypatch.delenv(f"RADPIPE_{name}", raising=False)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    """A sound study at ``studies/small`` of the working folder, to spoil."""
    monkeypatch.chdir(tmp_path)
    return make(Path("studies/small"))
