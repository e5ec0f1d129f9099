"""How the cases came to be: rows of the table, excluded with reasons, included, split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from radpipe.core.target import KINDS
from radpipe.evaluation.outcomes import tally
from radpipe.outputs.base import BOTH, OutputData, OutputSpec, Result
from radpipe.outputs.style import DOUBLE_MM, wrap
from radpipe.outputs.words import (
    counted,
    opening,
    outcome_words,
    sample,
    split_order,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

LINE_MM = 3.6
CHARACTER_MM = 1.42
WIDE_MM = 70.0
SHOWN_REASONS = 12


class CohortFlowSpec(OutputSpec):
    """The flow of cases from the table to the analysis."""

    kind: Literal["cohort_flow"] = "cohort_flow"
    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Flow of cases"
    section: ClassVar[str] = "cohort"

    def compute(self, data: OutputData) -> Result:
        """Return tables ``flow`` (one row a box) and ``exclusions`` (one row a case)."""
        excluded = list(data.cohort_info.get("excluded", []))
        exclusions = pd.DataFrame(
            {
                "case": [data.code(str(e["case"])) for e in excluded],
                "reason": [str(e["reason"]) for e in excluded],
            },
            dtype=object,
        )
        rows = [_row("table", "Rows of the cohort table", int(data.cohort_info["n_table"]))]
        for reason, n in exclusions["reason"].value_counts(sort=True).items():
            rows.append(_row("excluded", str(reason), int(n)))
        about = data.endpoint
        rows.append(_row("included", "Included", len(data.cohort), data.cohort, about))
        splits = sorted(set(data.cohort["split"].astype(str)), key=split_order)
        if len(splits) > 1:
            for split in ["train", *(s for s in splits if s != "train")]:
                part = data.cohort[data.cohort["split"] == split]
                name = "Training" if split == "train" else split_title(split)
                rows.append(_row("split", name, len(part), part, about))
        caption = (
            f"{opening(data)}Flow of cases: {counted(int(data.cohort_info['n_table']), 'row')} of "
            f"the table, {len(excluded)} excluded, {sample(data.cohort, data.endpoint)} analysed."
        )
        facts = {"endpoint": str(data.endpoint.get("label") or "event")}
        return Result(
            {"flow": pd.DataFrame(rows), "exclusions": exclusions},
            caption,
            facts=facts,
            readable=("exclusions",) if len(exclusions) else (),
        )

    def draw(self, result: Result, style: Style) -> Figure:
        """Return the boxes and arrows."""
        flow = result.tables["flow"]
        top, included = flow[flow["step"] == "table"], flow[flow["step"] == "included"]
        splits, out = flow[flow["step"] == "split"], flow[flow["step"] == "excluded"]
        reasons = _reasons(out)
        side = max(10.0, LINE_MM * len(reasons) + 4)
        each = DOUBLE_MM / max(1, len(splits))
        narrow = min(58.0, each - 4)
        said = [_words(row, narrow) for _, row in splits.iterrows()]
        middle_words = _words(included.iloc[0], WIDE_MM)
        lines = max(words.count("\n") + 1 for words in (*said, middle_words))
        boxes, gap = max(13.0, LINE_MM * lines + 3), 6.0
        middle = boxes + gap
        join = middle + max(side, 6.0) + gap if len(out) else middle
        foot = join + boxes
        height = foot + 2 if splits.empty else foot + gap + 2 + boxes + 4
        sheet = style.sheet(DOUBLE_MM, height)
        ax = sheet.axes(0, 0, DOUBLE_MM, height)
        ax.set(xlim=(0, DOUBLE_MM), ylim=(height, 0))
        ax.set_axis_off()
        centre = 52.0 if len(out) else DOUBLE_MM / 2
        _box(ax, centre, 1, WIDE_MM, boxes - 1, _words(top.iloc[0], WIDE_MM))
        if len(out):
            _box(ax, 141, middle - 1, 78, side, "\n".join(reasons), left=True)
            _arrow(ax, (centre, middle - 1 + side / 2), (102, middle - 1 + side / 2))
        _arrow(ax, (centre, boxes), (centre, join))
        _box(ax, centre, join, WIDE_MM, boxes - 1, middle_words)
        if not splits.empty:
            for i, words in enumerate(said):
                x = each * (i + 0.5)
                ax.plot([centre, x], [foot - 1 + gap / 2] * 2, color="black", lw=0.6)
                _arrow(ax, (x, foot - 1 + gap / 2), (x, foot + gap + 2))
                _box(ax, x, foot + gap + 2, narrow, boxes + 1, words)
            ax.plot([centre] * 2, [foot - 1, foot - 1 + gap / 2], color="black", lw=0.6)
        return sheet.figure


def _row(
    step: str,
    what: str,
    cases: int,
    rows: pd.DataFrame | None = None,
    endpoint: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """Return one box; ``n_events`` where there is one event, ``outcome`` for every kind."""
    row = {"step": step, "what": what, "n_cases": cases}
    patients, events, told = float("nan"), float("nan"), ""
    if rows is not None and endpoint is not None:
        patients = float(rows["group"].nunique())
        if endpoint["kind"] in BOTH:
            events = float(tally(rows, endpoint)[0][1])
            told = counted(int(events), "event")
        else:
            told = outcome_words(rows, endpoint)
    return {**row, "n_patients": patients, "n_events": events, "outcome": told}


def _reasons(out: pd.DataFrame) -> list[str]:
    """Return the lines of the box of exclusions."""
    if out.empty:
        return []
    lines = [f"Excluded (n = {int(out['n_cases'].sum())})"]
    for _, row in out.head(SHOWN_REASONS).iterrows():
        first, *rest = wrap(f"{row['what']} (n = {row['n_cases']})", 50, 3).split("\n")
        lines += [f"•  {first}", *(f"    {part}" for part in rest)]
    if len(out) > SHOWN_REASONS:
        lines.append(f"•  {counted(len(out) - SHOWN_REASONS, 'more reason')}")
    return lines


def _words(row: pd.Series, width: float) -> str:
    """Return what a box of ``width`` mm says."""
    head = f"{wrap(row['what'], 38, 2)}\nn = {row['n_cases']}"
    if pd.notna(row["n_patients"]) and row["n_patients"] != row["n_cases"]:
        head += f" ({counted(int(row['n_patients']), 'patient')})"
    if not row["outcome"]:
        return head
    if pd.notna(row["n_events"]):
        return f"{head}, {row['outcome']}"
    return f"{head}\n{wrap(row['outcome'], int(width / CHARACTER_MM) - 3, 3)}"


def _box(
    ax: Axes, x: float, y: float, width: float, height: float, words: str, left: bool = False
) -> None:
    """Draw a box centred at ``x`` with its top at ``y``."""
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle((x - width / 2, y), width, height, facecolor="#F7F7F7", edgecolor="black", lw=0.6)
    )
    ax.text(
        x - width / 2 + 2 if left else x,
        y + height / 2,
        words,
        ha="left" if left else "center",
        va="center",
        linespacing=1.35,
    )


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.18,head_length=0.36",
            "lw": 0.6,
            "color": "black",
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
