"""The benchmark runs and says what it should; nothing here is timed."""

import re

from tests.benchmarks.statistics_screening import main


def test_a_small_run(capsys):
    main(["--features", "12", "--cases", "60", "--measured", "3"])
    said = capsys.readouterr().out
    rows = re.findall(r"^(\S.*?) {2,}([\d.]+) +([\d.]+) +\d+  (.+)$", said, re.M)
    assert [row[0] for row in rows] == ["Welch's t", "Mann-Whitney", "logistic score", "Cox score"]
    assert ["3 columns scaled" in row[3] for row in rows] == [False, False, True, True]
