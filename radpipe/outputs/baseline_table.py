"""Table 1: the clinical variables by outcome or by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pandas as pd

from radpipe.core.errors import RadpipeError, nearest
from radpipe.core.spec import Text
from radpipe.core.target import CLASSES, KINDS
from radpipe.outputs.base import OutputData, OutputSpec, Result
from radpipe.outputs.baseline_rows import Rows, continuous_rows, count_rows
from radpipe.outputs.words import is_survival, opening, sample, split_order, split_title

MARKS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ"


class BaselineTableSpec(OutputSpec):
    """Clinical variables by group.

    Parameters
    ----------
    by : {"auto", "outcome", "split"}
        What makes the columns; auto is the split where cases are held out, else the outcome
        (survival: no groups, since the event lies in the future of a baseline; several labels
        and measured values make no groups).
    variables : tuple of str
        Clinical variables, in this order; empty means all.
    continuous : {"auto", "mean_sd", "median_iqr"}
        How continuous variables are told; auto is mean ± SD where Shapiro-Wilk p > 0.05 in
        every group, else median [quartiles].
    smd : bool
        Whether to print standardised mean differences, where there are two groups.
    p : bool
        Whether to print p values; the footnote names the tests.
    """

    kind: Literal["baseline_table"] = "baseline_table"
    by: Literal["auto", "outcome", "split"] = "auto"
    variables: tuple[Text, ...] = ()
    continuous: Literal["auto", "mean_sd", "median_iqr"] = "auto"
    smd: bool = True
    p: bool = True

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Characteristics of the cases"
    section: ClassVar[str] = "cohort"

    def compute(self, data: OutputData) -> Result:
        """Return ``baseline`` (to read) and ``values`` (tidy: one row a variable, level, group)."""
        label = _groups(data, self.by)
        names = list(dict.fromkeys(label)) if label is not None else []
        names = _ordered(names, data)
        clustered = bool(data.cohort["group"].duplicated().any())
        notes = []
        test = self.p and len(names) > 1 and not clustered
        if label is None and self.by == "outcome":
            notes.append("No columns by outcome: several labels or measured values make no groups.")
        if self.p and len(names) > 1 and clustered:
            notes.append("No p values: the tests have no form for several cases a patient.")
        rows, shown = [], self.chosen_variables(data)
        for name in shown:
            column = data.cohort[f"clinical.{name}"]
            parts = {"Overall": column}
            if label is not None:
                parts |= {g: column[label == g] for g in names}
            known = data.clinical[name]
            if known["type"] == "continuous":
                found = continuous_rows(_shown(name, known), parts, self.continuous, test)
            else:
                found = count_rows(_shown(name, known), parts, _levels(column, known), test)
            rows.append(found)
        sizes = {"Overall": len(data.cohort)}
        if label is not None:
            sizes |= {g: int((label == g).sum()) for g in names}
        table, marks = _readable(rows, sizes, test, self.smd and len(names) == 2)
        values = [found.values for found in rows if len(found.values)]
        tidy = pd.concat(values, ignore_index=True) if values else pd.DataFrame()
        caption = (
            f"{opening(data)}{sample(data.cohort, data.endpoint)}. "
            "Mean ± standard deviation, median [lower–upper quartile], or n (%); percentages "
            "leave missing values out."
        )
        if marks:
            tests = "; ".join(f"{mark}{method}" for method, mark in marks.items())
            caption += f" P values: {tests}; not adjusted for their number. {_rules(data, shown)}"
        if self.smd and len(names) == 2:
            caption += " SMD: absolute standardised mean difference between the two groups."
        return Result(
            {"baseline": table, "values": tidy}, caption, tuple(notes), readable=("baseline",)
        )

    def chosen_variables(self, data: OutputData) -> tuple[str, ...]:
        """Return the variables to show."""
        for name in self.variables:
            if name.removeprefix("clinical.") not in data.clinical:
                raise RadpipeError(
                    f"output {self.name}: clinical variable {name!r} is not known; allowed: "
                    f"{', '.join(data.clinical)}; {nearest(name, list(data.clinical))}"
                )
        return tuple(v.removeprefix("clinical.") for v in self.variables) or tuple(data.clinical)


def _groups(data: OutputData, by: str) -> pd.Series | None:
    """Return the group of each case, or None where there is only the whole."""
    splits = data.cohort["split"].astype(str)
    if by == "split" or (by == "auto" and splits.nunique() > 1):
        return splits.map(lambda s: "Training" if s == "train" else split_title(s))
    kind = data.endpoint["kind"]
    if kind in ("multilabel", "continuous") or (by == "auto" and is_survival(data)):
        return None
    if kind in CLASSES:
        return data.cohort["y"].map(dict(enumerate(data.endpoint["classes"])))
    outcome = data.cohort["event" if is_survival(data) else "y"].astype(int)
    event = "event" if is_survival(data) else str(data.endpoint.get("label") or "event")
    return outcome.map({0: f"No {event}", 1: event[:1].upper() + event[1:]})


def _ordered(names: Sequence[str], data: OutputData) -> list[str]:
    """Return the groups with training rows and those without the event first."""
    splits = [
        "Training" if s == "train" else split_title(s)
        for s in sorted(set(data.cohort["split"].astype(str)), key=split_order)
    ]

    classes = list(data.endpoint.get("classes") or ())

    def place(name: str) -> tuple[int, int]:
        if name in classes:
            return 1, classes.index(name)
        first = 0 if name == "Training" or name.startswith("No ") else 1
        return first, splits.index(name) if name in splits else 0

    return sorted(names, key=place)


def _shown(name: str, known: Mapping[str, Any]) -> str:
    label = str(known.get("label") or name)
    return f"{label} ({known['unit']})" if known.get("unit") else label


def _levels(column: pd.Series, known: Mapping[str, Any]) -> list[str]:
    """Return the declared levels, or those that occur."""
    levels = known.get("levels")
    return [str(v) for v in levels] if levels else sorted(str(v) for v in column.dropna().unique())


def _rules(data: OutputData, variables: tuple[str, ...]) -> str:
    """Return the rules that picked the tests."""
    from radpipe.stats.group_tests import COUNT_RULE, MEASURE_RULE

    measured = {data.clinical[name]["type"] == "continuous" for name in variables}
    rules = ((True, "Continuous variables", MEASURE_RULE), (False, "Categorical", COUNT_RULE))
    picked = [f"{kind}: {rule}." for is_measure, kind, rule in rules if is_measure in measured]
    return " ".join(picked)


def _readable(
    rows: Sequence[Rows], sizes: Mapping[str, int], test: bool, smd: bool
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table to print, and the mark of each test that made a p value."""
    marks: dict[str, str] = {}
    lines = []
    for found in rows:
        for i, (label, cells) in enumerate(found.lines):
            line = {"Characteristic": label if i == 0 else f"  {label}"}
            line |= {f"{g} (n = {n})": cells.get(g, "") for g, n in sizes.items()}
            if test:
                p = found.p if i == 0 else ""
                if p and p != "–":
                    p = f"{p}{marks.setdefault(found.test, MARKS[len(marks) % len(MARKS)])}"
                line["p"] = p
            if smd:
                line["SMD"] = found.smd if i == 0 else ""
            lines.append(line)
    return pd.DataFrame(lines), marks
