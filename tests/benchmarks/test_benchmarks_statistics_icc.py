"""The benchmark runs and says what it should; nothing here is timed."""

import re


def test_a_small_run(root, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(root))
    from tests.benchmarks import statistics_icc

    monkeypatch.setattr(statistics_icc, "FEATURES", 60)
    monkeypatch.setattr(statistics_icc, "COMBAT_FEATURES", 20)
    statistics_icc.main()
    said = capsys.readouterr().out
    assert re.search(
        r"60 features x 40 subjects x 2 readers\n +radpipe [\d.]+ s; .+ ratio \d+", said
    )
    assert float(re.search(r"plain loop (\S+)", said).group(1)) < 1e-12
    assert len(re.findall(r"parametric: fit [\d.]+ s, apply [\d.]+ s", said)) == 2
