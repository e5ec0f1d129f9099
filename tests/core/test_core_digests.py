"""Digests change with what is computed, and with nothing else."""

import sys
from importlib import invalidate_caches

import pytest

from radpipe.core import digests

CODE = '''"""A module."""
from radpipe.core.errors import Fault


def double(x):
    """Return twice x."""
    # the reason
    return 2 * x
'''


def digest_of(tmp_path, name, text):
    """Return the code digest of a module made for the purpose."""
    (tmp_path / f"{name}.py").write_text(text)
    invalidate_caches()
    for function in (digests._path, digests._tree, digests._imports, digests._source):
        function.cache_clear()
    digests.import_closure.cache_clear()
    return digests.code_digest([name])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("made_up", None)


def test_comments_docstrings_and_layout_do_not_count(folder):
    before = digest_of(folder, "made_up", CODE)
    other = CODE.replace("Return twice x.", "Double.").replace("# the reason", "#\n\n\n    # why")
    assert digest_of(folder, "made_up", other) == before


def test_a_changed_statement_counts(folder):
    before = digest_of(folder, "made_up", CODE)
    assert digest_of(folder, "made_up", CODE.replace("2 * x", "3 * x")) != before


def test_the_closure_follows_imports_at_the_top_and_inside_functions():
    closure = digests.import_closure("radpipe.features.case")
    assert {"radpipe.core.errors", "radpipe.imaging.volume", "radpipe.features.names"} <= closure
    assert not any(name.startswith("radpipe.models") for name in closure)


def test_a_package_stands_for_its_modules():
    assert "radpipe.report.html" in digests.import_closure("radpipe.report")


def test_order_of_keys_does_not_count_and_values_do():
    assert digests.digest({"a": 1, "b": 2}) == digests.digest({"b": 2, "a": 1})
    assert digests.digest({"a": 1}) != digests.digest({"a": 2})
    assert digests.digest(1, 2) != digests.digest([1, 2])


def test_a_library_that_is_not_there_is_absent():
    assert digests.versions("numpy", "no-such-library")["no-such-library"] == "absent"
