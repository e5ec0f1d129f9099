"""Codes stand for case ids, and for nothing else."""

import pytest

from radpipe.steps.codes import coded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P03 was read twice, as P031 and P03_b", "C001 was read twice, as P031 and C001_b"),
        ("clinical.age: 3 of 39 values are missing", "clinical.age: 3 of 39 values are missing"),
        ("same patient as case 13, 7 mm slices", "same patient as case C002, 7 mm slices"),
        ("与患者13相同，13 mm", "与患者C002相同，13 mm"),
        ("C001 and 3.5", "C001 and 3.5"),
        ("与P03同一患者；张三移动", "与C001同一患者；C004移动"),
    ],
)
def test_whole_ids_alone_are_replaced(text, shown):
    assert coded(text, {"P03": "C001", "13": "C002", "3": "C003", "张三": "C004"}) == shown


def test_without_codes_a_text_stays():
    assert coded("P03", {}) == "P03"
