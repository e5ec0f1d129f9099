"""Every number of every golden case is R's, or stands in xfail.yaml with its reason."""

import pytest

from tests.golden.case import cases
from tests.golden.compare import compare
from tests.golden.judge import judge

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden(case):
    if case.name == "rsf":
        pytest.importorskip("sksurv")
    verdict = judge(case)
    assert not verdict.fault
    assert not verdict.unknown, "\n".join(
        [f"{len(verdict.unknown)} differ", *map(str, verdict.unknown[:40])]
    )
    assert not verdict.stale, "xfail.yaml names what is right by now"


def test_every_number_is_counted():
    assert len(CASES) == 70
    asked = [row for case in CASES for row in compare(case.expected, {}) if row.asked]
    assert len(asked) == 23963
