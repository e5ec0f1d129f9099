"""Second readings on their way from the masks to what the selection compares."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from readings_making import CASES, READ, mask_of, once, twice
from study_making import Making, write_volume

from radpipe.core.errors import RadpipeError
from radpipe.features import extract as extract_features
from radpipe.io import atomic
from radpipe.models.chains import run_chains
from radpipe.steps import cohort, extract, gather, readings
from radpipe.steps.context import Context, open_context
from radpipe.steps.readings import read_readings
from radpipe.steps.reliability import reliability
from radpipe.study.derived import chains
from radpipe.study.readings import reading_items
from radpipe.study.shards import study_shards

BLOCK = "t1_tumour"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def at_work(made: Making, exclude_failed: bool = False) -> Context:
    """Extract all that the study's selections compare."""
    context = open_context(made.folder, reports=Path("reports"), exclude_failed=exclude_failed)
    for item in [BLOCK, *reading_items(context.study.spec)]:
        for number in range(len(study_shards(context.study, item))):
            extract.run(context, item, number)
    gather.run(context, BLOCK, 0)
    return context


def test_each_reading_is_what_its_mask_gives() -> None:
    made = twice()
    context = at_work(made)
    assert readings.run(context, BLOCK, 0) == f"{BLOCK}: 24 readings, 0 failed"
    stored = pd.read_parquet(context.paths.readings(BLOCK))
    assert list(stored.columns[:2]) == ["reader", "case"]
    found = read_readings(context, [BLOCK], CASES)
    assert list(found) == ["r2"]
    assert found["r2"].index.tolist() == CASES
    assert found["r2"].notna().any(axis=1).tolist() == [case in READ for case in CASES]
    pair = sitk.ReadImage(str(made.image("P05"))), sitk.ReadImage(str(mask_of(made, "r2", "P05")))
    reference = extract_features(*pair, {"classes": ["shape", "firstorder"]})
    for name, value in reference.items():
        assert found["r2"].loc["P05", f"{BLOCK}__{name}"] == value


def test_the_selection_compares_the_readings_in_every_fit() -> None:
    context = at_work(twice())
    readings.run(context, BLOCK, 0)
    cohort.run(context, "", 0)
    table = context.cohort()
    [chain] = chains(context.study.spec).values()
    inputs = replace(
        context.inputs(chain.inputs, table), readings=read_readings(context, [BLOCK], CASES)
    )
    flat = f"{BLOCK}__original_firstorder_Mean"
    inputs.static[flat] = 1.0
    y = context.outcome(table)
    found = run_chains(chain.steps, inputs, y, context.plan(table, y), 1, inner=False)
    [detail] = found["final"].details
    rows = {row["feature"]: row for row in detail["rows"]}
    assert detail["kind"] == "icc"
    assert len(rows) == found["final"].log[0]["entered"]
    told = {*rows, *(row["feature"] for row in detail["apart"])}
    assert flat in told - set(rows)
    assert told == set(inputs.readings["r2"].columns)
    assert rows[f"{BLOCK}__original_shape_VoxelVolume"]["icc"] > 0.5
    assert {row["n"] for row in rows.values()} == {24}
    for name, result in found.items():
        log = result.log[0]
        assert log["readers"] == ["r2"]
        assert log["dropped"] == log["unreliable"] + log["undefined"] > 0
        assert log["cases"] < 24 or name == "final"
    kept = {name for name, row in rows.items() if row["kept"]}
    assert set(found["final"].selected) <= kept
    record = {name: result.to_dict(details=name == "final") for name, result in found.items()}
    atomic.write_json(context.paths.chain(chain.name), record)
    [entry] = reliability(context)
    listed = {row["feature"] for row in entry["rows"]}
    assert (listed, entry["dropped_before"]) == (told, len(detail["apart"]))
    assert (entry["selection"], entry["models"], entry["cases"]) == ("few", ["radscore"], 24)
    first, *rest = detail["rows"]
    record["final"]["details"] = [detail | {"rows": rest, "apart": [first]}]
    atomic.write_json(context.paths.chain(chain.name), record)
    [entry] = reliability(context)
    assert entry["rows"] == [first | {"dropped_before": True}, *rest]
    assert entry["dropped_before"] == 1


def test_a_reading_that_fails_costs_no_other() -> None:
    made = twice()
    mask = sitk.GetArrayFromImage(sitk.ReadImage(str(mask_of(made, "r2", "P04"))))
    write_volume(mask_of(made, "r2", "P04"), np.zeros_like(mask))
    context = at_work(made)
    with pytest.raises(RadpipeError) as error:
        readings.run(context, BLOCK, 0)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("case P04, reading r2: ")
    assert "the mask is empty" in lines[0]
    assert lines[-2:] == ["  readers.r2.exclude:", '    "P04": "features could not be extracted"']
    assert len(pd.read_parquet(context.paths.block(BLOCK))) == 30
    readings.run(replace(context, exclude_failed=True), BLOCK, 0)
    assert len(pd.read_parquet(context.paths.readings(BLOCK))) == 23
    made.swap("column: double_read}", 'column: double_read}, exclude: {P04: "empty"}')
    assert "23 readings, 0 failed" in readings.run(at_work(made), BLOCK, 0)


def test_perturbed_readings_are_kept_under_keys_of_their_own() -> None:
    made = once()
    context = at_work(made)
    assert "60 readings, 0 failed" in readings.run(context, BLOCK, 0)
    found = read_readings(context, [BLOCK], CASES)
    assert list(found) == ["perturbation.1", "perturbation.2"]
    first = pd.read_parquet(context.paths.block(BLOCK)).set_index("case")
    volume = f"{BLOCK}__original_shape_VoxelVolume"
    change = found["perturbation.1"][volume] / first[volume]
    assert change.nunique() > 5
    assert (found["perturbation.1"] != found["perturbation.2"]).any(axis=None)
    item = f"{BLOCK}.perturbation.2"
    assert "0 computed" in extract.run(context, item, 0)
    made.swap("noise: 1,", "noise: 2,")
    again = open_context(made.folder, reports=Path("reports"))
    assert "10 computed" in extract.run(again, item, 0)
    assert "0 computed" in extract.run(again, BLOCK, 0)


def test_derived_blocks_have_derived_readings() -> None:
    made = twice()
    made.swap(
        "blocks:\n", "blocks:\n  change: {kind: delta, of: t1_tumour, minus: other}\n"
        "  other: {image: t1, region: tumour, classes: [shape, firstorder],"
        " resample: {spacing_mm: [1, 1, 1]}}\n",
        "inputs: [t1_tumour]", "inputs: [change]",
    )  # fmt: skip
    context = open_context(made.folder, reports=Path("reports"))
    assert reading_items(context.study.spec) == [f"{BLOCK}.r2", "other.r2"]
    for item in reading_items(context.study.spec):
        for number in range(len(study_shards(context.study, item))):
            extract.run(context, item, number)
    for block in (BLOCK, "other"):
        readings.run(context, block, 0)
    found = read_readings(context, ["change", BLOCK], CASES)["r2"]
    name = "original_firstorder_Mean"
    parts = read_readings(context, [BLOCK, "other"], CASES)["r2"]
    pd.testing.assert_series_equal(
        found[f"change__{name}"],
        parts[f"{BLOCK}__{name}"] - parts[f"other__{name}"],
        check_names=False,
    )
    assert found[f"change__{name}"].notna().sum() == 24
