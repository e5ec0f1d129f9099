"""A study whose cohort is simulated names the tables that it is made with."""

import pytest
from study_making import Making, load_faults

from radpipe.study.load import load_study

BLOCK = "\n  slides: {kind: table, file: slides.csv}\nclinical:"


@pytest.fixture
def simulated(made: Making) -> Making:
    """A sound study of a simulated cohort, with one block from a table."""
    made.swap("column: relapse", "column: event", "id: patient", "id: patient_id")
    made.swap("{patient}", "{patient_id}", "\nclinical:", BLOCK)
    made.swap("cohort:", "simulate: {cases: 20, tables: {slides: {features: 9}}}\ncohort:")
    return made


def test_a_table_that_is_simulated_may_be_a_block(simulated: Making) -> None:
    assert load_study(simulated.folder, need_data=False).spec.derived.keys() == {"slides"}


def test_another_table_is_a_fault(simulated: Making) -> None:
    simulated.swap("file: slides.csv", "file: slide.csv")
    assert load_faults(simulated) == [
        "studies/small/study.yaml:18 blocks.slides.file: the table 'slide.csv', which the "
        "simulated cohort does not have; allowed: slides.csv; add it to simulate.tables, or "
        "remove the block"
    ]
