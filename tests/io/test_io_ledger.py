"""The ledger of held-out use: only ever longer, one line a use, whatever happens to a process."""

import json
from concurrent.futures import ProcessPoolExecutor

from radpipe.io.ledger import counts, note_use, read_uses


def _note(args):
    path, config = args
    return len(note_use(path, config, ["m"], {"internal": 20}))


def test_the_same_settings_count_once(tmp_path):
    path = tmp_path / "small" / "ledger.jsonl"
    assert read_uses(path) == []
    for config in ("a", "a", "b", "a"):
        uses = note_use(path, config, ["m", "n"], {"internal": 20})
    assert [use.count for use in uses] == [1, 2]
    first = json.loads(path.read_text().splitlines()[0])
    assert first["time"].endswith("+00:00")
    assert (first["models"], first["splits"]) == (["m", "n"], {"internal": 20})
    assert counts(uses) == {"internal": 2}


def test_a_set_that_came_later_has_its_own_count(tmp_path):
    path = tmp_path / "ledger.jsonl"
    note_use(path, "a", ["m"], {"internal": 20})
    uses = note_use(path, "b", ["m"], {"internal": 20, "external:Two": 9})
    assert counts(uses) == {"internal": 2, "external:Two": 1}
    # With cases that were not there before, the same settings are another look.
    uses = note_use(path, "b", ["m"], {"internal": 20, "external:Two": 12})
    assert len(uses) == 3
    assert counts(uses) == {"internal": 2, "external:Two": 2}


def test_what_stands_there_stays(tmp_path):
    path = tmp_path / "ledger.jsonl"
    note_use(path, "a", ["m"], {"internal": 20})
    with path.open("ab") as file:
        file.write('{"time": "2026-01-01", "conf\u00e9'.encode()[:-1])  # torn within a letter
    before = path.read_bytes()
    assert [use.config for use in read_uses(path)] == ["a"]
    uses = note_use(path, "b", ["m"], {"internal": 20})
    assert path.read_bytes().startswith(before)
    assert [use.config for use in read_uses(path)] == ["a", "b"]
    assert uses[-1].count == 2


def test_two_processes_take_turns(tmp_path):
    path = tmp_path / "ledger.jsonl"
    work = [(path, f"c{i % 12}") for i in range(36)]
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(_note, work))
    uses = read_uses(path)
    assert [use.count for use in uses] == list(range(1, 13))
    assert {use.config for use in uses} == {f"c{i}" for i in range(12)}
    assert len(path.read_bytes().splitlines()) == 12
