"""Which columns `radpipe new` takes for outcomes, in Chinese and of several classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scaffold_making import csv, flat, names, passes, some_rows

from radpipe.study.load import load_study
from radpipe.study.sniff import sniff


def chinese_rows() -> list[dict[str, str]]:
    """Return a cohort whose columns tell what was found, and how follow-up ended, in Chinese."""
    rng = np.random.default_rng(3)
    return [
        {
            "patient_id": row["patient_id"],
            "年龄": row["age"],
            "性别": row["sex"],
            "诊断年龄": row["age"],
            "病理结果": ("良性", "恶性")[int(rng.integers(2))],
            "受体状态": ("阳性", "阴性")[int(rng.integers(2))],
            "分级": ("低级别", "中级别", "高级别")[i % 3],
            "组": ("存活", "死亡")[int(rng.integers(2))],
            "随访时间(月)": str(5 + 2 * i),
            "状态": ("存活", "死亡")[i % 2],
        }
        for i, row in enumerate(some_rows())
    ]


def test_outcomes_are_known_by_chinese_names_and_by_values(tmp_path: Path) -> None:
    csv(tmp_path / "d/t.csv", chinese_rows())
    found = sniff(tmp_path / "d")
    seen = [(c.column, c.time) for c in found.endpoints]
    assert seen[0] == ("病理结果", "")
    assert ("状态", "随访时间(月)") in seen
    assert {"受体状态"}.isdisjoint(column for column, _ in seen)
    assert names(found) == ["年龄", "性别", "诊断年龄", "受体状态", "分级"]
    assert found.left_out["组"] == found.left_out["状态"] == "an outcome, or what follows it"


def test_survival_is_found_by_a_bare_status(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k not in ("病理结果", "组")} for row in chinese_rows()]
    csv(tmp_path / "d/t.csv", rows)
    first = sniff(tmp_path / "d").endpoints[0]
    assert (first.time, first.column, first.positive) == ("随访时间(月)", "状态", "死亡")


@pytest.mark.parametrize(("column", "type_"), [("分级", "multiclass"), ("grade", "ordinal")])
def test_an_endpoint_of_three_classes_is_drafted(tmp_path: Path, column: str, type_: str) -> None:
    flat(tmp_path / "d")
    rows = some_rows()
    if column == "分级":
        rows = [
            {"patient_id": row["patient_id"], "age": row["age"], "分级": "甲乙丙"[i % 3]}
            for i, row in enumerate(rows)
        ]
    csv(tmp_path / "d/t.csv", rows)
    text = passes(tmp_path, tmp_path / "d", column)
    spec = load_study(tmp_path / "studies/new").spec
    assert spec.endpoint.type == type_
    assert len(spec.endpoint.class_labels) == 3
    assert "confusion_matrix" in text
    assert spec.models["clinical_model"].kind == {"ordinal": "ordinal"}.get(type_, "multinomial")
