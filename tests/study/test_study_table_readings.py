"""Readers whose values stand in a table each: what counts, what is wrong, what is compared."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_making import Making

from radpipe.models.chains import run_chains
from radpipe.steps import cohort, derive, readings
from radpipe.steps.context import Context, open_context
from radpipe.steps.readings import read_readings
from radpipe.study.check import CheckReport, check_path
from radpipe.study.derived import chains
from radpipe.study.load import load_study
from radpipe.workflow.dag import Dag

CASES = [f"P{i:02d}" for i in range(40)]
READ = CASES[:24]
STUDY = """\
schema: 1
title: Two readers
endpoint: {type: binary, column: y, positive: 1}
cohort: {table: clinical.csv, id: patient}
readers: {r1: {primary: true}, r2: {}}
blocks:
  feat: {kind: table, file: "feat_{reader}.csv"}
  late: {kind: table, file: "late_{reader}.csv"}
  change: {kind: delta, of: late, minus: feat}
selection:
  stable: [{kind: icc, threshold: 0.75}]
models:
  own: {kind: penalised_logistic, inputs: [feat], selection: stable}
  both: {kind: penalised_logistic, inputs: [change], selection: stable}
evaluation: {resampling: {kind: repeated_cv, folds: 3, repeats: 1, inner_folds: 6}}
outputs: [reliability]
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    """Write a study; both readers agree on a and b, and not on c."""
    monkeypatch.chdir(tmp_path)
    found = Making(Path("studies/small"))
    found.data.mkdir(parents=True)
    found.write(STUDY)
    rng = np.random.default_rng(2)
    y = np.arange(len(CASES)) % 2
    pd.DataFrame({"patient": CASES, "y": y}).to_csv(found.table, index=False)
    first = rng.normal(size=(len(CASES), 3))
    again = first + rng.normal(size=first.shape) * [0.1, 0.1, 5]
    for name, factor in (("feat", 1), ("late", 3)):
        write(found, f"{name}_r1.csv", first * factor, CASES)
        write(found, f"{name}_r2.csv", (again * factor)[: len(READ)], READ)
    return found


def write(made: Making, name: str, values: np.ndarray, cases: list[str]) -> None:
    table = pd.DataFrame(values, columns=["a", "b", "c"])
    table.insert(0, "patient", cases)
    table.to_csv(made.data / name, index=False)


def table(made: Making, name: str) -> pd.DataFrame:
    return pd.read_csv(made.data / name).set_index("patient")


def check(made: Making) -> CheckReport:
    return check_path(made.folder)


def told(made: Making) -> list[str]:
    return [str(fault) for fault in check(made).faults]


def at_work(made: Making) -> Context:
    context = open_context(made.folder, reports=Path("reports"))
    cohort.run(context, "", 0)
    for block in ("feat", "late", "change"):
        derive.run(context, block, 0)
    for block in ("feat", "late"):
        readings.run(context, block, 0)
    return context


def test_the_first_reader_is_modelled_and_the_others_are_compared(made: Making) -> None:
    assert told(made) == []
    context = at_work(made)
    first = pd.read_parquet(context.paths.block("feat")).set_index("case")
    assert first.loc["P39", "feat__a"] == table(made, "feat_r1.csv").loc["P39", "a"]
    found = read_readings(context, ["feat", "change"], CASES)["r2"]
    assert found.notna().any(axis=1).tolist() == [case in READ for case in CASES]
    own, late = (table(made, f"{name}_r2.csv").loc["P03", "c"] for name in ("feat", "late"))
    assert found.loc["P03", "feat__c"] == own
    assert found.loc["P03", "change__c"] == pytest.approx(late - own)


def test_the_comparison_keeps_what_readers_agree_on(made: Making) -> None:
    context = at_work(made)
    frame = context.cohort()
    y = context.outcome(frame)
    for chain in chains(context.study.spec).values():
        inputs = context.inputs(chain.inputs, frame, readings=chain.inputs)
        fits = run_chains(chain.steps, inputs, y, context.plan(frame, y), 1, inner=False)
        [block] = chain.inputs
        assert fits["final"].selected == [f"{block}__a", f"{block}__b"]
        assert fits["final"].log[0]["cases"] == len(READ)


def test_a_file_a_case_and_reader(made: Making) -> None:
    for name, cases in (("feat_r1", CASES), ("feat_r2", READ)):
        values = table(made, f"{name}.csv")
        folder = made.data / name
        folder.mkdir()
        for case in cases:
            values.loc[[case]].to_csv(folder / f"{case}.csv", index=False)
    made.swap("feat_{reader}.csv", "feat_{reader}/{patient}.csv")
    assert told(made) == []
    context = at_work(made)
    found = read_readings(context, ["feat"], CASES)["r2"]
    assert found.dropna().index.tolist() == READ
    for case in READ:
        (made.data / "feat_r2" / f"{case}.csv").unlink()
    [lost] = told(made)
    assert "reader r2: found no file for 40 of the cases, such as studies/small/data" in lost


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("feat_r2.csv", None, "blocks.feat.file: reader r2: found no file studies/small/data/fea"),
        ("feat_r1.csv", None, "blocks.feat.file: found no file studies/small/data/feat_r1.csv"),
        ("feat_r2.csv", lambda t: t.drop(columns="c"), "reader r2 has no feature c; give all rea"),
        ("feat_r2.csv", lambda t: t.rename(columns={"c": "cc"}), "has no feature c; nearest: cc"),
        ("feat_r2.csv", lambda t: t.iloc[:9], "selection.stable[1]: 9 training cases with all re"),
        ("feat_r2.csv", lambda t: t.rename(index=str.lower), "reader r2, whose table has no feat"),
        ("feat_r2.csv", lambda t: t.replace(t.iloc[3, 1], "x"), "row 5 column 'b': reader r2: te"),
        ("feat_r1.csv", lambda t: t.iloc[:39], "feat_r1.csv: no features of case P39; add them"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_readers_table(made: Making, file: str, change, said: str) -> None:
    if change is None:
        (made.data / file).unlink()
    else:
        change(table(made, file)).to_csv(made.data / file)
    lines = told(made)
    assert any(said in line for line in lines), lines
    assert len(lines) == 1, lines


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("feat_{reader}", "feat_r1", "late_{reader}", "late_r1"),
         "whose files no path tells apart; put {reader} into blocks.feat.file, such as "
         "feat_r1_{reader}.csv"),
        (("r2: {}", "r2: {cases: [P01, P30]}"),
         "readers.r2.cases: reader r2, of whom feat_{reader}.csv has no features of P30; add them"),
        (("readers: {r1: {primary: true}, r2: {}}\n", ""),
         "blocks.feat.file: {reader} in a path, but the study has no readers; add readers"),
        (("feat_{reader}", "{patiend}_{reader}"),
         "blocks.feat.file: found the column 'patiend', which clinical.csv does not have"),
        (("readers: {r1: {primary: true}, r2: {}}\n", "perturbations: {n: 3, shift_mm: 1}\n",
          "feat_{reader}", "feat_r1", "late_{reader}", "late_r1"),
         "selector icc, but none of the model's inputs is read twice; take the selector out, or "
         "add a second reader under readers"),
        (("feat_{reader}", "feat_r1"),
         "none of the model's inputs is read twice; take the selector out, or put {reader} into "
         "blocks.feat.file"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_once(made: Making, changes: tuple[str, ...], said: str) -> None:
    made.swap(*changes)
    lines = told(made)
    assert sum(said in line for line in lines) == 1, lines
    assert len(lines) <= 4, lines
    assert not any("regions.NAME" in line for line in lines)


def test_readings_of_held_out_and_external_cases_are_not_looked_at(made: Making) -> None:
    made.swap("id: patient}", "id: patient, external: {B: b}}")
    place = made.data / "b"
    place.mkdir()
    (place / "clinical.csv").write_text("patient,y\nX1,0\nX2,1\n")
    (place / "feat_r1.csv").write_text("patient,a,b,c\nX1,1,2,3\nX2,3,2,1\n")
    (place / "late_r1.csv").write_text("patient,a,b,c\nX1,1,2,3\nX2,3,2,1\n")
    assert told(made) == []
    context = at_work(made)
    assert sorted(read_readings(context, ["feat"], CASES)["r2"].dropna().index) == READ


def test_a_column_that_only_the_second_reader_has_is_left_out_and_said(made: Making) -> None:
    table(made, "feat_r2.csv").assign(more=1.5).to_csv(made.data / "feat_r2.csv")
    report = check(made)
    assert report.faults == ()
    assert any("reader r2: columns that the first reader lacks, left out: more" in line
               for line in report.warnings)  # fmt: skip


def test_a_changed_reading_is_gathered_again(made: Making) -> None:
    def digests() -> tuple[str, str]:
        jobs = Dag([load_study(made.folder)], Path("reports").absolute())
        return jobs.digest("small", "derive", "feat"), jobs.digest("small", "readings", "feat")

    before = digests()
    table(made, "feat_r2.csv").iloc[:20].to_csv(made.data / "feat_r2.csv")
    after = digests()
    assert after[0] == before[0]
    assert after[1] != before[1]
    jobs = Dag([load_study(made.folder)], Path("reports").absolute())
    assert jobs.reading_shards("small", "feat") == []
    chain = next(name for name, c in chains(jobs._studies["small"].spec).items()
                 if c.inputs == ("change",))  # fmt: skip
    read = [Path(path).name for path in jobs.chain_inputs("small", chain) if "/readings/" in path]
    assert sorted(read) == ["feat.parquet", "late.parquet"]


def test_a_selection_that_several_models_name_is_told_once(made: Making) -> None:
    made.swap("stable: [{kind: icc,", "stable: [{kind: icc, min_cases: 25,")
    made.swap("models:\n", "models:\n  more:\n    {kind: penalised_logistic, inputs: [feat, late], "
              "selection: stable}\n")  # fmt: skip
    [line] = told(made)
    assert "selection.stable[1]: 24 training cases with all readings; allowed: 25 or more" in line
    kept = table(made, "late_r2.csv").iloc[:20]
    kept.reset_index().to_csv(made.data / "late_r2.csv", index=False)
    made.swap("r2: {}", "r2: {cases: {column: read}}")
    cells = pd.read_csv(made.table).assign(read=["1"] * 20 + ["0"] * 20)
    cells.to_csv(made.table, index=False)
    [line] = told(made)
    assert "20 training cases with all readings; allowed" in line
