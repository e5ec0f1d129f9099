"""A stepwise search among too many columns is told before the run that it would stop."""

from study_making import Making

from radpipe.study.check import check_path

MRMR = "few: [{kind: mrmr, n: 2}]"
STEPWISE = "few: [{kind: stepwise}]"


def told(made: Making) -> list[str]:
    return [str(fault) for fault in check_path(made.folder).faults]


def plain(made: Making) -> None:
    made.swap("kind: penalised_logistic", "kind: logistic")


def test_a_block_of_more_features_than_the_smallest_fit_has_rows(made: Making) -> None:
    plain(made)
    made.swap(MRMR, STEPWISE)
    [line] = told(made)
    assert "selection.few[1]: a stepwise search among 32 columns, where the smallest fit" in line
    assert "has 3 training rows; allowed: fewer columns than rows; put a selector before" in line


def test_what_is_reduced_before_it_or_small_passes(made: Making) -> None:
    plain(made)
    made.swap(MRMR, "few: [{kind: mrmr, n: 2}, {kind: stepwise}]")
    assert told(made) == []
    made.swap("few: [{kind: mrmr, n: 2}, {kind: stepwise}]", STEPWISE,
              "inputs: [t1_tumour]", "inputs: [clinical]")  # fmt: skip
    assert told(made) == []
