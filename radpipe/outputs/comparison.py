"""Models against each other on the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import pandas as pd
from pydantic import model_validator

from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.metrics import metric_name
from radpipe.outputs.words import (
    APPARENT,
    RESAMPLED,
    counted,
    has_classes,
    interval,
    interval_words,
    opening,
    p_words,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

DIGITS = 3
MOST_ROWS = 60
"""Differences that a figure shows at most."""


class ComparisonSpec(PredictionOutputSpec):
    """Differences between pairs of models (AUC, C-index, R²) with 95% intervals and p values.

    Parameters
    ----------
    against : str or None
        The one model that the others are compared with; None means every pair.
    """

    kind: Literal["comparison"] = "comparison"
    against: Text | None = None

    heading: ClassVar[str] = "Comparison of the models"
    endpoints: ClassVar[frozenset[str]] = KINDS

    @model_validator(mode="after")
    def _two(self) -> Self:
        if len({*self.models, self.against} - {None}) == 1 and self.models:
            raise ValueError(
                f"the model {self.models[0]!r} alone, and nothing to compare it with; name another "
                "model in models or in against"
            )
        return self

    def chosen(self, data: OutputData) -> tuple[str, ...]:
        """Return the models to compare, the reference last where it was not among them."""
        names = [*(self.models or data.models), *([self.against] if self.against else [])]
        whole = self.model_copy(update={"models": tuple(dict.fromkeys(names))})
        return PredictionOutputSpec.chosen(whole, data)

    def compute(self, data: OutputData) -> Result:
        """Return ``comparison`` to read, and ``differences``, one row a pair, metric and split."""
        from radpipe.evaluation.compare import NO_P, compare

        models, splits = self.chosen(data), shown_splits(self, data)
        pairs = self._pairs(models)
        given = [m for m in models if not learns(data, m)]
        found = compare(rows_of(data, models), data.outcomes, data.endpoint, pairs, given=given)
        found = _in_order(found, splits, pairs)
        tested = int(found["p"].notna().sum())
        many = f" {counted(tested, 'p value')}, not adjusted for their number." if tested else ""
        against = " Each class is compared with the rest." if has_classes(data) else ""
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} Differences between models on the "
            "cases that both predict: the first model minus the second."
            f"{against} {counted(len(found), 'comparison')}.{many} "
            f"{interval_words(data, splits, found)}"
        )
        if found.loc[found["split"] == RESAMPLED, "p"].isna().any():
            caption += f" {NO_P[:1].upper()}{NO_P[1:]}."
        if APPARENT in splits and pairs:
            caption += " No p value of apparent differences: they are those of the training rows."
        notes = _notes(found, data)
        if not pairs:
            notes.append("Nothing is compared: the study has one model.")
        if len(found) > MOST_ROWS:
            notes.append(
                f"No figure: {len(found)} differences are more than the {MOST_ROWS} that one "
                "shows; name models, against or splits."
            )
        tables = {"comparison": _readable(found, data), "differences": found}
        facts = {"time_unit": data.endpoint.get("time_unit")}
        readable = ("comparison",) if len(found) else ()
        return Result(tables, caption, tuple(notes), facts, readable)

    def _pairs(self, models: Sequence[str]) -> list[tuple[str, str]]:
        """Return which models are compared."""
        if self.against is None:
            return list(combinations(models, 2))
        return [(model, self.against) for model in models if model != self.against]

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the differences, a panel a split; None where there are too many."""
        from radpipe.outputs.comparison_drawing import draw_differences

        table, unit = result.tables["differences"], result.facts.get("time_unit")
        return draw_differences(table, unit, style) if len(table) <= MOST_ROWS else None


def learns(data: OutputData, model: str) -> bool:
    """Return whether what ranks the cases, by a model or those it is made of, is learned."""
    inputs = data.models[model].get("inputs") or ()
    below = any(learns(data, name) for name in inputs if name in data.models)
    return below or bool(data.fits.get(model, {}).get("learns", True))


def _in_order(
    table: pd.DataFrame, splits: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Return the rows of these splits, by split, metric and class, the pairs in their order."""
    rows = table[table["split"].isin(list(splits))]
    what = list(zip(rows["metric"], rows["class"], strict=True))
    places = pd.DataFrame(
        {
            "split": rows["split"].map({name: i for i, name in enumerate(splits)}),
            "what": pd.factorize(pd.Series(what, index=rows.index, dtype=object))[0],
            "pair": [pairs.index(p) for p in zip(rows["model_a"], rows["model_b"], strict=True)],
        },
        index=rows.index,
    )
    order = places.sort_values(["split", "what", "pair"], kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def _readable(table: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return the table to read."""
    found = [row for _, row in table.iterrows()]
    rows: dict[str, Any] = {
        "Cases": [split_title(str(row["split"])) for row in found],
        "Metric": [
            metric_name(str(row["metric"]), data.endpoint.get("time_unit")) for row in found
        ],
        "Class": table["class"].tolist(),
        "First model": [data.model_label(str(row["model_a"])) for row in found],
        "Second model": [data.model_label(str(row["model_b"])) for row in found],
        "Difference (95% interval)": [difference_words(row) for row in found],
        "p": [p_words(row["p"]) for row in found],
        "Method": table["method"].tolist(),
        "n": [_count(row) for row in found],
    }
    if not has_classes(data):
        del rows["Class"]
    return pd.DataFrame(rows)


def _count(row: pd.Series) -> str:
    """Return how many cases there are and, where these are not the same, of how many patients."""
    cases, patients = f"{row['n']:.0f}", f"{row['patients']:.0f}"
    return cases if cases == patients else f"{cases}/{patients}"


def difference_words(row: pd.Series) -> str:
    """Return a difference with its interval."""
    return interval(row["difference"], row["lower"], row["upper"], DIGITS).replace("-", "−")


def _notes(table: pd.DataFrame, data: OutputData) -> list[str]:
    """Return why a difference, or a test of it, is missing; each reason once."""
    from radpipe.evaluation.compare import NO_P

    concerned: dict[str, list[str]] = {}
    for _, row in table.iterrows():
        why = "; ".join(w for w in str(row["note"]).split("; ") if w not in (*NO_P.split("; "), ""))
        if why and why != "apparent":
            pair = " and ".join(data.model_label(str(row[m])) for m in ("model_a", "model_b"))
            metric = metric_name(str(row["metric"]), data.endpoint.get("time_unit"))
            concerned.setdefault(why, []).append(f"{pair}, {metric}, {split_title(row['split'])}")
    return [
        f"{why} ({'; '.join(who[:4])}{f' and {len(who) - 4} more' if len(who) > 4 else ''})"
        for why, who in concerned.items()
    ]
