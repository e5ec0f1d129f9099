"""The benchmark runs and says what it should; nothing here is timed."""


def test_a_short_run(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))
    from tests.benchmarks.statistics_auc import measure

    rows = measure(n=40, replicates=20, runs=1)
    assert len({row.name for row in rows}) == 3
    assert all(row.ours > 0 and row.theirs > 0 for row in rows)
