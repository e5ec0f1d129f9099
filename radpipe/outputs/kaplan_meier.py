"""Kaplan-Meier curves of risk groups, with the numbers at risk.

Where other events compete, cumulative incidence curves stand in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.cutoff_rows import cutoff_ways
from radpipe.outputs.words import (
    RESAMPLED,
    has_rivals,
    in_order,
    interval,
    is_repeated,
    opening,
    p_words,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style


class KaplanMeierSpec(PredictionOutputSpec):
    """Kaplan-Meier curves of two or three risk groups; of competing events their incidence.

    Parameters
    ----------
    until : float or None
        Where the time axis ends; None means the last observed time.
    interval : bool
        Whether the 95% bands are drawn.
    """

    kind: Literal["kaplan_meier"] = "kaplan_meier"
    until: Annotated[float, Field(gt=0)] | None = None
    interval: bool = True

    heading: ClassVar[str] = "Survival of risk groups"
    endpoints: ClassVar[frozenset[str]] = frozenset({"survival"})

    def compute(self, data: OutputData) -> Result:
        """Return ``curve``, ``at_risk``, ``summary``, ``at_horizons``, ``tests``; ``groups``."""
        from radpipe.evaluation.riskgroups import survival_of_groups

        models, splits = self.chosen(data), shown_splits(self, data)
        found = survival_of_groups(rows_of(data, models), data.outcomes, data.endpoint)
        tables = {
            "summary": found.summary,
            "tests": found.tests,
            "curve": found.curves,
            "at_risk": found.at_risk,
            "at_horizons": found.at_horizons,
            "hazard_ratios": found.hazard_ratios,
        }
        tables = {name: in_order(table, splits, models) for name, table in tables.items()}
        there = list(dict.fromkeys(tables["curve"]["model"]))
        notes = tuple(
            f"{data.model_label(m)}: not shown, since it has no cut-off."
            for m in models
            if m not in there
        )
        rivals, label = has_rivals(data), str(data.endpoint.get("label") or "")
        height = label[:1].upper() + label[1:] if "survival" in label else "Free of event"
        facts = {
            "time_unit": data.endpoint.get("time_unit"),
            "survival": "Cumulative incidence" if rivals else height,
            "test": "Gray's test" if rivals else "Log-rank",
        }
        readable = {"groups": _readable(tables, data)}
        caption = _caption(tables, data, splits, there)
        return Result(readable | tables, caption, notes, facts, ("groups",))

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split and model, each with its table of numbers at risk."""
        from radpipe.outputs.kaplan_meier_drawing import draw_groups

        return draw_groups(result, style, self.until, self.interval)


def _caption(
    tables: dict[str, pd.DataFrame], data: OutputData, splits: Sequence[str], models: Sequence[str]
) -> str:
    """Return which cases are in which group and why, and what the p values are."""
    tests = tables["tests"]
    why = dict.fromkeys(str(n) for n in tests.loc[tests["p"].isna(), "note"] if n)
    methods = dict.fromkeys(
        str(m)
        for p, method in (("p", "method"), ("trend_p", "trend_method"))
        for m in tests.loc[tests[p].notna(), method]
    )
    what = "Cumulative incidence" if has_rivals(data) else "Kaplan-Meier"
    three = bool((tables["summary"]["group"] == "intermediate").any())
    ways = " or ".join(cutoff_ways(data, models))
    parts = [
        f"{opening(data)}{sample_sentences(data, splits)} {what} of groups: score at or above the "
        f"{'upper ' * three}cut-off{f' {ways}' if ways else ''} is high risk"
        f"{', between the two intermediate' * three}."
    ]
    if RESAMPLED in splits and is_repeated(data):
        parts.append(
            f"Out-of-fold, a case belongs to the group that most of the {repeats_word(data)} that "
            "predict it put it in, in a tie to the higher one."
        )
    if has_rivals(data):
        parts.append("Competing events end the time without the event.")
    parts.append("Bands: pointwise 95% intervals (log-log). Ticks: censored cases.")
    if methods:
        parts.append(f"P values: {'; '.join(methods)}.")
    if len(tables["hazard_ratios"]):
        parts.append("Hazard ratios: Cox, against the low group; Wald intervals.")
    parts += [f"{w[0].upper()}{w[1:]}." for w in why]
    parts += _corrected(data, models)
    return " ".join(parts)


def _corrected(data: OutputData, models: Sequence[str]) -> Iterator[str]:
    """Yield what is to be said of cut-offs that are the best of many on the training rows."""
    notes = {}
    for model in models:
        found = data.fits.get(model, {}).get("cutoff_p")
        if not found:
            continue
        name = data.model_label(model)
        if found.get("corrected") is None:
            why = found.get("note") or "the corrected p value is undefined"
            yield f"{name}: the cut-off is the best of many; {why}."
            continue
        notes[str(found["note"])] = None
        yield (
            f"{name}: the cut-off is the best of many on the training rows: there p "
            f"{_equals(found['corrected'])} ({found['corrected_method']}), not the plain "
            f"p {_equals(found['plain'])}."
        )
    yield from (f"That p value is {note}." for note in notes)


def _equals(p: float | None) -> str:
    words = p_words(float("nan") if p is None else p)
    return words if words.startswith("<") else f"= {words}"


def _readable(tables: Mapping[str, pd.DataFrame], data: OutputData) -> pd.DataFrame:
    """Return one row a group: its median, its height at the horizons, its hazard ratio."""
    summary, at_horizons = tables["summary"], tables["at_horizons"]
    key = ["model", "split", "group"]
    ratios = tables["hazard_ratios"].set_index(key)
    unit, rivals = data.endpoint.get("time_unit"), has_rivals(data)
    median = f"Median (95% interval){f', {unit}' if unit else ''}"
    what = "Incidence" if rivals else "Free of event"

    def told(value: float) -> str:
        return f"{value:g}" if pd.notna(value) else "not reached"

    rows = []
    for _, row in summary.iterrows():
        shown: dict[str, Any] = {
            "Model": data.model_label(row["model"]),
            "Cases": split_title(str(row["split"])),
            "Risk": row["group"],
            "n": int(row["n"]),
            "Events": int(row["events"]),
        }
        if not rivals:
            limits = f"{told(row['median_lower'])} to {told(row['median_upper'])}"
            shown[median] = f"{told(row['median'])} ({limits})"
        same = (at_horizons[key] == row[key]).all(axis=1)
        for _, point in at_horizons[same].iterrows():
            values = [100 * float(point[k]) for k in ("estimate", "lower", "upper")]
            text = interval(*values, digits=0)
            name = f"{what} at {point['horizon']:g}{f' {unit}' if unit else ''}, %"
            shown[name] = text
        place = tuple(row[key])
        if len(ratios):
            shown["Hazard ratio (95% interval)"] = _ratio(ratios, place)
        rows.append(shown)
    return pd.DataFrame(rows)


def _ratio(ratios: pd.DataFrame, place: tuple[Any, ...]) -> str:
    """Return a group's hazard ratio; a dash where no test is honest or no estimate finite."""
    if place not in ratios.index:
        return "–"
    hr, lower, upper = (float(v) for v in ratios.loc[place, ["hr", "lower", "upper"]])
    return "1 (reference)" if hr == 1 and pd.isna(lower) else interval(hr, lower, upper)
