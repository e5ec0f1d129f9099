"""How ids of one table are written where they mean those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radpipe.study.rows import some


def bare(digits: str) -> str:
    """Return a run of digits without its leading zeros."""
    return digits.lstrip("0") or digits[-1:]


def zeros(run: str) -> str:
    """Return the cure of an id that has lost its leading zeros; ``run`` is as it should be."""
    return f"Excel dropped the leading zeros: make the column text, and write {run}"


def shortened(cases: Sequence[str], ids: Sequence[str]) -> dict[str, str]:
    """Return case -> the id of a table that is the same but for its leading zeros."""
    by_number = {bare(own): own for own in ids if own.isdigit()}
    return {
        case: by_number[bare(case)]
        for case in cases
        if case.isdigit() and by_number.get(bare(case), case) != case
    }


def told_zeros(pairs: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong with ids that lost zeros, in a table or in the cohort's; and the cure.

    Parameters
    ----------
    pairs : mapping of str to str
        Case -> its id in the table (`shortened`).
    """
    case, own = next(iter(pairs.items()))
    found = f"no features of {len(pairs)} case{'s' if len(pairs) > 1 else ''}, whose ids differ"
    found += f" in their leading zeros only ({own} here where the cohort has {case})"
    if len(own) < len(case):
        return found, zeros(case)
    return found, f"{zeros(own)} in the cohort table"


def told_strangers(cases: Sequence[str], ids: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong where no case of the cohort stands in a table, and the cure."""
    theirs = list(dict.fromkeys(own for own in ids if own))
    there = f"the table has {some(theirs)}" if theirs else "the table has none"
    found = f"no case of the cohort by its id: the cohort has {some(cases)}; {there}"
    return found, "write the ids alike in both tables, or name the column that holds them with id:"
