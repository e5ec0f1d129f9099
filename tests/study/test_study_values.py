"""Cells that are no numbers, and levels that are too many, are told with their cure."""

import pytest
from study_making import Making

from radpipe.study.check import check_path


def column(made: Making, *cells: str) -> None:
    """Write a column ``size`` into the table, its cells in turn."""
    head, *rows = made.table.read_text().splitlines()
    rows = [f"{row},{cells[i % len(cells)]}" for i, row in enumerate(rows)]
    made.table.write_text("\n".join([f"{head},size", *rows]) + "\n")


@pytest.mark.parametrize(
    ("cells", "cure"),
    [
        ([f"{i}.5mm" for i in range(11)], "write the numbers alone (0.5), all in one unit, and "
         "that unit in unit:"),
        (["24mm", "3.2 cm", "20%"], "write the numbers alone (24), all in one unit, and that unit "
         "in unit:; or set its type to nominal or ordinal"),
        (["small", "large"], "set its type to nominal or ordinal"),
        ([f"size{i}" for i in range(12)], "write numbers, or leave the variable out"),
        (["1", "51岁", "3"], "write 51, without its unit"),
        ([*"123456789", "24x30mm"], 'write a number, or add "24x30mm" to cohort.missing'),
    ],
)  # fmt: skip
def test_numbers_with_units_are_no_levels(made: Making, cells: list[str], cure: str) -> None:
    made.swap("  grade:", "  size: {type: continuous}\n  grade:")
    column(made, *cells)
    [line] = [str(f) for f in check_path(made.folder).faults]
    assert line.endswith(f"; {cure}")


def test_a_nominal_variable_of_many_levels_is_noted(made: Making) -> None:
    made.swap("  grade:", "  size: {type: nominal}\n  grade:")
    column(made, *"abcde")
    [line] = [w for w in check_path(made.folder).warnings if "levels in" in w]
    assert "clinical.size: 5 levels in 12 training cases, each a coefficient of its own" in line
    made.swap("size: {type: nominal}", "size: {type: nominal, groups: {other: [d, e]}}")
    assert not [w for w in check_path(made.folder).warnings if "levels in" in w]
