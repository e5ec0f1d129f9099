"""Blocks without images of their own are made of others or of tables; empty regions as asked."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from study_making import CASES, Making

from radpipe.core.errors import RadpipeError
from radpipe.io.paths import Paths
from radpipe.steps import cohort, derive, extract, gather
from radpipe.steps.context import Context, open_context
from radpipe.study.load import load_study
from radpipe.workflow.dag import Dag
from radpipe.workflow.slices import Slices

MASKS = '{masks: {t1: "masks/{patient}.nii.gz"}}'
BLOCKS = """\
blocks:
  change: {kind: delta, of: later, minus: t1_tumour}
  relative: {kind: delta, of: later, minus: t1_tumour, change: relative}
  means: {kind: ratio, of: later, over: t1_tumour}
  path: {kind: table, file: path.csv}
  percents: {kind: histogram, image: t1, region: tumour, percentiles: [0, 100]}
  later: {image: t2, region: tumour, classes: [firstorder]}
"""


@pytest.fixture
def context(made: Making) -> Context:
    """A study with blocks of every kind; the later image is twice the earlier one."""
    for case in CASES:
        later = made.data / "later" / f"{case}.nii.gz"
        later.parent.mkdir(exist_ok=True)
        sitk.WriteImage(sitk.ReadImage(str(made.image(case))) * 2, str(later))
    made.swap(
        'modality: MR}\n', 'modality: MR}\n  t2: {path: "later/{patient}.nii.gz", modality: MR}\n',
        MASKS, MASKS[:-2] + ', t2: "masks/{patient}.nii.gz"}}', "blocks:\n", BLOCKS,
    )  # fmt: skip
    rows = "".join(f"{case},{i}\n" for i, case in enumerate(CASES))
    (made.data / "path.csv").write_text(f"patient,a b\n{rows}")
    return open_context(made.folder, reports=Path("reports"))


def block(context: Context, name: str) -> pd.DataFrame:
    if name in context.study.spec.extracted:
        extract.run(context, name, 0)
        gather.run(context, name, 0)
    else:
        derive.run(context, name, 0)
    return pd.read_parquet(context.paths.block(name)).set_index("case")


def test_blocks_are_made_of_others(context: Context) -> None:
    first, later = block(context, "t1_tumour"), block(context, "later")
    mean = "original_firstorder_Mean"
    change = block(context, "change")
    assert list(change.columns) == [c.replace("later__", "change__") for c in later.columns]
    np.testing.assert_allclose(
        change[f"change__{mean}"], later[f"later__{mean}"] - first[f"t1_tumour__{mean}"]
    )
    assert np.allclose(block(context, "relative")[f"relative__{mean}"], 1)
    assert np.allclose(block(context, "means")[f"means__{mean}"], 2)
    percents = block(context, "percents")
    minimum = "t1_tumour__original_firstorder_Minimum"
    assert np.allclose(percents["percents__original_histogram_0Percentile"], first[minimum])
    assert block(context, "path")["path__a_b"].tolist() == list(range(12))


def test_what_is_divided_by_zero_is_missing(context: Context) -> None:
    first = block(context, "t1_tumour")
    block(context, "later")
    column = "t1_tumour__original_firstorder_Mean"
    first.loc["P02", column], first.loc["P03", column] = 0, -first.loc["P03", column]
    first.reset_index().to_parquet(context.paths.block("t1_tumour"))
    relative = block(context, "relative")["relative__original_firstorder_Mean"]
    assert np.isnan(relative["P02"])
    assert relative["P03"] == pytest.approx(3)  # by the size of what was there, not its sign
    assert block(context, "means")["means__original_firstorder_Mean"].isna().sum() == 1


def emptied(made: Making, policy: str) -> Context:
    for case in ("P04", "P05"):
        sitk.WriteImage(sitk.ReadImage(str(made.mask(case))) * 0, str(made.mask(case)))
    if policy:
        made.swap("tumour: {masks", f"tumour: {{empty: {policy}, masks")
    return open_context(made.folder, reports=Path("reports"))


EMPTY = (
    r"P04.nii.gz: the mask is empty; draw the region, or exclude the case; or allow it "
    r"\(regions\.tumour\.empty\)\n"
)


def test_an_empty_region_is_a_fault(made: Making) -> None:
    with pytest.raises(RadpipeError, match=EMPTY):
        block(emptied(made, ""), "t1_tumour")


@pytest.mark.parametrize(("policy", "value"), [("missing", np.nan), ("zero", 0.0)])
def test_an_empty_region_as_a_value(made: Making, policy: str, value: float) -> None:
    context = emptied(made, policy)
    frame = block(context, "t1_tumour")
    np.testing.assert_array_equal(frame.loc[["P04", "P05"]].to_numpy(), value)
    assert frame.drop(index=["P04", "P05"]).notna().all(axis=None)
    assert len(cohort.included(context).frame) == 12


@pytest.mark.parametrize("policy", ["missing", "zero", "exclude"])
def test_the_line_of_a_run_counts_the_cases_without_the_region(made: Making, policy: str) -> None:
    said = extract.run(emptied(made, policy), "t1_tumour", 0)
    told = "10 cases, 10 computed, 0 found in the store, 0 failed, 2 without the region"
    assert said == f"t1_tumour, shard 0: {told}"


def test_an_empty_region_excludes_a_case_and_is_counted(made: Making) -> None:
    context = emptied(made, "exclude")
    assert len(block(context, "t1_tumour")) == 10
    found = cohort.included(context)
    assert [case for case in CASES if case not in set(found.frame["case"])] == ["P04", "P05"]
    reason = "no voxel of region tumour"
    assert found.info["excluded"] == [
        {"case": "P04", "reason": reason}, {"case": "P05", "reason": reason},
    ]  # fmt: skip


def test_what_each_block_depends_on(context: Context, made: Making) -> None:
    def digests() -> dict[str, str]:
        slices = Slices(load_study(made.folder), Paths(Path("reports"), "small"), False)
        spec = slices.spec
        found = {name: slices.digest("derive", name) for name in spec.derived}
        return found | {name: slices.digest("extract", name) for name in spec.extracted}

    before = digests()
    (made.data / "path.csv").write_text((made.data / "path.csv").read_text() + "X,1\n")
    made.swap("percentiles: [0, 100]", "percentiles: [5]")
    made.swap("change: relative", "change: absolute")
    after = digests()
    assert {n for n in before if before[n] != after[n]} == {"path", "percents", "relative"}


def test_the_rules_make_each_block_in_its_own_way(context: Context) -> None:
    jobs = Dag([context.study], Path("reports").absolute())
    assert jobs.blocks_by("derive").count("change") == 1
    assert "t1_tumour" not in jobs.blocks_by("derive")
    assert "t1_tumour" in jobs.blocks_by("gather")
    made_of = [Path(path).name for path in jobs.derive_inputs("small", "means")]
    assert made_of == ["later.parquet", "t1_tumour.parquet"]
    assert jobs.failures("small") == []
