"""The jobs of second readings: who waits for them, and what makes them anew."""

from pathlib import Path

import pytest
from readings_making import once, twice

from radpipe.io.paths import Paths
from radpipe.study.load import load_study
from radpipe.workflow.slices import Slices

BLOCK = "t1_tumour"


def slices_of(made):
    return Slices(load_study(made.folder), Paths(Path("reports").absolute(), "small"), False)


def digests(made):
    slices = slices_of(made)
    [chain] = slices.chains
    found = {item: slices.digest("extract", item) for item in [BLOCK, *readings(made)]}
    return found | {
        "readings": slices.digest("readings", BLOCK),
        "chain": slices.digest("chain", chain),
        "fit": slices.digest("fit", "radscore"),
    }


def readings(made):
    return [f"{BLOCK}.r2"] if "r2:" in made.file.read_text() else [f"{BLOCK}.perturbation.1"]


def changed(made, *changes):
    before = digests(made)
    made.swap(*changes)
    after = digests(made)
    return {job for job in before if before[job] != after[job]}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_chain_waits_for_readings_and_the_block_does_not():
    slices = slices_of(twice())
    [chain] = slices.chains
    readings = str(slices.paths.readings(BLOCK))
    assert readings in slices.chain_inputs(chain)
    assert readings in slices.control_inputs("combined")
    assert readings not in slices.model_inputs("combined")
    assert str(slices.paths.chain(chain)) in slices.output_inputs()
    [first, second] = slices.reading_paths(BLOCK)  # 24 cases in two shards
    assert first.as_posix().endswith(".work/shards/t1_tumour.r2/0.json")
    assert second not in slices.shard_paths(BLOCK)


def test_a_study_that_compares_nothing_extracts_nothing_twice():
    made = twice()
    made.swap("{kind: icc, min_cases: 10}, ", "")
    slices = slices_of(made)
    [chain] = slices.chains
    assert [path for path in slices.chain_inputs(chain) if "readings" in path] == []
    assert slices.control_inputs("combined") == [
        path for path in slices.control_inputs("combined") if "readings" not in path
    ]


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [
        (("double_read}", "double_read, values: [1, 2]}"), set()),
        (("double_read}", "double_read}, exclude: {P01: torn}"), {f"{BLOCK}.r2"}),
        (("few: [{kind: icc, min_cases: 10}", "few: [{kind: icc, min_cases: 11}"), {"chain"}),
        (("tumour: {masks", "tumour: {label: 2, masks"), {BLOCK, f"{BLOCK}.r2"}),
    ],
)
def test_what_a_change_of_a_reader_touches(changes, jobs):
    assert changed(twice(), *changes) == jobs


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [
        (("shift_mm: 1", "shift_mm: 2"), {f"{BLOCK}.perturbation.1"}),
        (("n: 2,", "n: 3,"), {"readings"}),
        (("n: 2,", "n: 2, on: {fraction: 0.9},"), {f"{BLOCK}.perturbation.1"}),
    ],
)
def test_what_a_change_of_perturbations_touches(changes, jobs):
    assert changed(once(), *changes) == jobs
