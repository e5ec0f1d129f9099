"""The benchmark runs and says what it should; nothing here is timed."""


def test_a_short_run(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))
    from tests.benchmarks.statistics_cox_bootstrap import measure

    found = measure(resamples=5, counted=2)
    assert found.ours > 0
    assert found.theirs > 0
    assert found.gap < 1e-3
    assert "scaled" in str(found)
