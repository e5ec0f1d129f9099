"""The benchmark runs and says what it should; nothing here is timed."""

from tests.benchmarks.statistics_lasso import main


def test_a_small_run(capsys):
    main(["--features", "25", "--cases", "60", "--penalties", "2", "--measured", "5"])
    said = capsys.readouterr().out
    rows = [line[:28].strip() for line in said.splitlines()[2:]]
    assert rows[0].endswith("10 folds")
    assert rows[1:3] == ["multinomial path", "multinomial path, grouped"]
    assert rows[3:] == [
        *(f"mRMR {name}" for name in ("MID", "MIQ", "FCD", "FCQ", "ACD", "ACQ")),
        *(f"mRMR {name} of levels" for name in ("MID", "MIQ", "JMI")),
    ]
    assert "2 penalties of one fold scaled to all" in said
    assert "5 columns scaled to all" in said
