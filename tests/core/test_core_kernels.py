"""The cache of compiled loops: shared, filled once, and new when any loop changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from radpipe.core import kernels

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
from radpipe.core.kernels import compile_once
compile_once(["tests.core.tiny_loops"])
import numpy as np
from tests.core.tiny_loops import total
print(total(np.arange(4.0)), sum(total.stats.cache_hits.values()))
"""


def start(cache: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "RADPIPE_CACHE_DIR": str(cache)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(worker: subprocess.Popen[str]) -> tuple[str, str]:
    out, error = worker.communicate(timeout=120)
    assert worker.returncode == 0, error
    return out, error


def test_of_workers_that_start_together_one_compiles(tmp_path):
    found = [finish(worker) for worker in [start(tmp_path) for _ in range(3)]]
    assert sorted(out.split() for out, _ in found) == [["6.0", "0"], ["6.0", "1"], ["6.0", "1"]]
    said = [error for _, error in found if error]
    assert len(said) == 1
    assert said[0].count("\n") == 1
    assert "compiling" in said[0]
    assert finish(start(tmp_path)) == ("6.0 1\n", "")


def test_without_a_writable_place_a_temporary_folder_serves(tmp_path):
    (tmp_path / "file").write_text("in the way")
    out, error = finish(start(tmp_path / "file" / "cache"))
    assert out == "6.0 0\n"
    assert error.count("cannot be written") == 1
    assert "RADPIPE_CACHE_DIR" in error


def test_the_cache_changes_with_any_compiled_loop(tmp_path, monkeypatch):
    source = tmp_path / "loops.py"
    source.write_text("@kernel()\ndef f(x): return x\n")
    monkeypatch.setattr(kernels, "PACKAGE", tmp_path)
    first = kernels.cache_name()
    (tmp_path / "other.py").write_text("x = 1\n")
    assert kernels.cache_name() == first
    source.write_text("@kernel()\ndef f(x): return x + 1\n")
    assert kernels.cache_name() != first


def test_all_sources_with_loops_are_found_and_compiled_by_the_engine():
    from radpipe.features.native_engine import KERNELS

    names = {
        ".".join(path.relative_to(kernels.PACKAGE.parent).with_suffix("").parts)
        for path in kernels.sources()
    }
    assert names == set(KERNELS)


@pytest.mark.parametrize("variable", ["RADPIPE_CACHE_DIR", "XDG_CACHE_HOME"])
def test_where_the_cache_lies(variable, tmp_path, monkeypatch):
    monkeypatch.delenv("RADPIPE_CACHE_DIR", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert tmp_path in (kernels.cache_base(), kernels.cache_base().parent)
