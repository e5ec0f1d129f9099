"""The case store: what is equal is found again, what differs or is damaged is not."""

import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpipe.core.errors import CaseError, RadpipeError
from radpipe.features.settings import ExtractionSettings, canonical
from radpipe.io.store import Store

PARTS = {
    "image_digest": "a" * 64,
    "mask_digest": "b" * 64,
    "label": 1,
    "settings": canonical(ExtractionSettings()),
    "engine": "pyradiomics",
    "engine_version": "3.1.4",
    "code": "c0de",
}
VALUES = {"original_glcm_Id": 0.1 + 0.2, "original_glcm_Idm": math.nan, "é_x_y": -1e-310}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def key(store):
    return store.key(**PARTS)


def test_key_changes_with_each_part_and_with_nothing_else(store):
    keys = {store.key(**PARTS)}
    for name, value in PARTS.items():
        keys.add(store.key(**{**PARTS, name: value + 1 if name == "label" else value + "x"}))
    assert len(keys) == len(PARTS) + 1
    assert Store(Path("elsewhere")).key(**PARTS) in keys
    assert store.key(**{**PARTS, "image_digest": PARTS["mask_digest"]}) != store.key(
        **{**PARTS, "mask_digest": PARTS["image_digest"]}
    )


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_infinity=False)
    )
)
def test_values_come_back_bit_for_bit(tmp_path_factory, values):
    store = Store(tmp_path_factory.getbasetemp() / "shared")
    key = store.key(**PARTS)
    store.put(key, values)
    found = store.get(key)
    assert list(found) == list(values)
    for name, value in values.items():
        same = math.isnan(found[name]) if math.isnan(value) else found[name].hex() == value.hex()
        assert same


def test_empty_store_and_another_study(store, key, tmp_path):
    assert store.get(key) is None
    assert store.meta(key) is None
    assert store.failure(key) is None
    store.put(key, VALUES, {"study": "one", "case": "C1"})
    other = Store(tmp_path / "store")
    assert other.get(key).keys() == VALUES.keys()
    assert other.meta(key) == {"study": "one", "case": "C1"}


def test_infinite_values_are_refused_and_leave_nothing(store, key):
    with pytest.raises(ValueError):
        store.put(key, {"x": math.inf})
    assert store.get(key) is None
    assert [p for p in store.root.rglob("*") if p.is_file()] == []


def test_failures_stand_apart_and_go_when_values_come(store, key):
    store.put_failure(key, "the mask is empty")
    assert store.get(key) is None
    assert store.failure(key) == "the mask is empty"
    store.put(key, VALUES)
    assert store.failure(key) is None
    assert store.get(key) is not None


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.99])
def test_a_cut_off_file_is_as_good_as_none(store, key, kept):
    store.put(key, VALUES)
    (path,) = (store.root / "features").rglob("*.json")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert store.get(key) is None
    store.put(key, VALUES)
    assert store.get(key) is not None


def test_a_changed_digit_or_a_swapped_file_is_damage(store, key):
    store.put(key, VALUES)
    (path,) = (store.root / "features").rglob("*.json")
    path.write_bytes(path.read_bytes().replace(b"0.3000", b"0.4000"))
    assert store.get(key) is None
    store.put(key, VALUES)
    other = store.key(**{**PARTS, "label": 2})
    store.put(other, VALUES)
    store._path("features", key).write_bytes(store._path("features", other).read_bytes())
    assert store.get(key) is None
    path.write_bytes(b"\xff\xfe\x00")
    assert store.get(key) is None


def old(path, content, seconds=3600):
    path.write_bytes(content)
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_digest_follows_the_content(store, tmp_path):
    path = old(tmp_path / "a.nii", b"one")
    first = store.digest_file(path)
    assert store.digest_file(old(tmp_path / "b.nii", b"one")) == first
    old(path, b"two")
    assert store.digest_file(path) != first


def test_a_touched_file_keeps_its_digest(store, tmp_path):
    path = old(tmp_path / "a.nii", b"one")
    first = store.digest_file(path)
    path.touch()
    assert store.digest_file(path) == first


def settle(monkeypatch):
    """Let the clock run ahead, so that files written just now count as settled."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 10**10)


def test_a_digest_is_kept_and_read_once(store, tmp_path, monkeypatch):
    path = old(tmp_path / "a.nii", b"one")
    settle(monkeypatch)
    first = store.digest_file(path)
    opened = []
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: opened.append(self) or real(self, *a, **k)
    )
    assert store.digest_file(path) == first
    assert path not in opened


def test_a_file_put_in_place_with_its_old_time_is_noticed(store, tmp_path, monkeypatch):
    path = old(tmp_path / "a.nii", b"one")
    settle(monkeypatch)
    first = store.digest_file(path)
    status = path.stat()
    replacement = tmp_path / "b.nii"
    replacement.write_bytes(b"two")
    os.utime(replacement, ns=(status.st_atime_ns, status.st_mtime_ns))
    time.sleep(0.02)
    replacement.replace(path)
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert store.digest_file(path) != first


def test_a_file_just_written_is_not_trusted(store, tmp_path):
    path = tmp_path / "a.nii"
    path.write_bytes(b"one")
    store.digest_file(path)
    assert not (store.root / "digests").exists()


def test_a_damaged_digest_is_computed_again(store, tmp_path, monkeypatch):
    path = old(tmp_path / "a.nii", b"one")
    settle(monkeypatch)
    first = store.digest_file(path)
    (kept,) = (store.root / "digests").rglob("*.json")
    kept.write_text("nonsense")
    assert store.digest_file(path) == first


def test_a_missing_file_is_told(store, tmp_path):
    with pytest.raises(CaseError, match=r"none\.nii: cannot be read \(No such file"):
        store.digest_file(tmp_path / "none.nii")


def test_a_store_that_cannot_be_written_is_told(tmp_path, key):
    (tmp_path / "file").touch()
    with pytest.raises(RadpipeError, match="RADPIPE_STORE"):
        Store(tmp_path / "file").put(key, VALUES)


WRITER = """
import sys
from pathlib import Path
from radpipe.io.store import Store
store, values = Store(Path(sys.argv[1])), {f"f{i}": i / 7 for i in range(2000)}
print("ready", flush=True)
n = 0
while True:
    store.put(f"{n % 5:064d}", values)
    n += 1
"""


def test_killed_and_concurrent_writers_leave_whole_files_only(store):
    values = {f"f{i}": i / 7 for i in range(2000)}
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(store.root)]
    for pause in (0.0, 0.01, 0.03):
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        for writer in writers:
            writer.stdout.readline()
        time.sleep(pause)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.close()
        for path in (store.root / "features").rglob("[!.]*.json"):
            assert store.get(path.stem) == values
