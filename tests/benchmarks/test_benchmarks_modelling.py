"""The benchmark runs and says what it should; nothing here is timed."""

from tests.benchmarks.modelling import main
from tests.benchmarks.modelling_cohort import cohort


def test_a_small_run(capsys):
    words = "--cases 60 --features 12 --folds 2 --repeats 1 --jobs 0 --penalties 3"
    main([*words.split(), "--only", "nomogram", "lda"])
    said = capsys.readouterr().out.splitlines()
    head = next(i for i, line in enumerate(said) if line.startswith("stage"))
    stages = [line[:22].strip() for line in said[head + 1 : -2]]
    named = ["chain union", "radscore", "lda", "nomogram", "all", "selections shared"]
    assert stages == named
    assert "3 fits with 5 inner ones each" in said[0]
    assert said[-1] == "both chose the same columns in 12 of 12 fits"


def test_the_blocks_are_correlated_as_radiomics_are():
    table, y = cohort(100, 80)
    r = table.filter(like="t1__").corr().abs().to_numpy()
    assert ((r > 0.9).sum(axis=1) > 1).mean() > 0.5
    assert 0.3 < y.mean() < 0.7
