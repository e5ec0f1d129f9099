"""Time-dependent ROC curves, and the AUC over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pandas as pd
from pydantic import Field

from radpipe.evaluation.roc_at_horizons import MOST_TIMES
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.metrics import wide
from radpipe.outputs.words import (
    RESAMPLED,
    has_rivals,
    horizons,
    in_order,
    interval_words,
    is_repeated,
    is_spread,
    opening,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style


class TimeDependentRocSpec(PredictionOutputSpec):
    """ROC curves at each horizon with AUC and 95% interval, and the AUC over time with its median.

    Parameters
    ----------
    horizon : float or None
        The time by which the event is meant; None means every declared horizon.
    over_time : bool
        Whether the AUC over time is shown too.
    """

    kind: Literal["time_dependent_roc"] = "time_dependent_roc"
    horizon: Annotated[float, Field(gt=0)] | None = None
    over_time: bool = True

    heading: ClassVar[str] = "Time-dependent ROC curves"
    endpoints: ClassVar[frozenset[str]] = frozenset({"survival"})
    needs_horizon: ClassVar[bool] = True

    def compute(self, data: OutputData) -> Result:
        """Return ``areas`` to read; ``curve``, ``auc`` and, if asked, ``over_time``, ``median``."""
        from radpipe.evaluation.metrics import metrics
        from radpipe.evaluation.roc_at_horizons import auc_over_time, roc_at_horizons

        models, splits = self.chosen(data), shown_splits(self, data)
        times = [h for h in horizons(data, self.horizon) if h is not None]
        rows = rows_of(data, models)
        curves = roc_at_horizons(rows, data.outcomes, data.endpoint, times)
        curves = in_order(curves[curves["kind"] != "repeat"], splits, models)
        found = metrics(rows, data.outcomes, data.endpoint)
        wanted = found["metric"].str.startswith("auc_at_") & found["horizon"].isin(times)
        areas = in_order(found[wanted], splits, models)
        areas.insert(1, "label", [data.model_label(m) for m in areas["model"]])
        tables = {
            "areas": wide(areas, unit=data.endpoint.get("time_unit")),
            "curve": curves,
            "auc": areas,
        }
        if self.over_time and times:
            moving = auc_over_time(rows, data.outcomes, data.endpoint)
            tables["over_time"] = in_order(moving, splits, models)
            tables["median"] = _medians(tables["over_time"])
            tables["areas"] = _with_medians(tables["areas"], areas, tables["median"])
        noted = areas[areas["note"].fillna("") != ""]
        notes = [
            f"{r['label']}, {split_title(r['split'])} at {r['horizon']:g}: {r['note']}"
            for _, r in noted.iterrows()
        ]
        if not times:
            notes.append("No curve: the endpoint has no horizon; add endpoint.horizons.")
        return Result(
            tables,
            self._caption(data, splits, areas),
            tuple(notes),
            {"time_unit": data.endpoint.get("time_unit"), "times": times},
            ("areas",) if len(areas) else (),
        )

    def _caption(self, data: OutputData, splits: Sequence[str], areas: pd.DataFrame) -> str:
        """Return what is a case and a control at a time, and which estimates these are."""
        rivals = " (also those with a competing event by then)" if has_rivals(data) else ""
        parts = [
            f"{opening(data)}{sample_sentences(data, splits)} Cumulative/dynamic ROC curves: those "
            f"with the event by the time shown against those without it{rivals}, weighted by the "
            "inverse probability of remaining uncensored."
        ]
        if RESAMPLED in splits and is_repeated(data):
            word = repeats_word(data)
            parts.append(f"Out-of-fold curves are the {word}' curves averaged vertically.")
        parts.append(interval_words(data, splits, areas, "AUC with 95% interval"))
        if self.over_time:
            over = " (out-of-fold: medians over the splits)" * (
                RESAMPLED in splits and is_spread(data)
            )
            parts.append(
                "AUC over time: at the event times of these cases up to the largest horizon (of "
                f"many, {MOST_TIMES} evenly taken), without intervals{over}; a score is the risk "
                "by the next horizon, or what ranks where there is no risk. Median AUC: over these "
                "times [quartiles], each time counted once. At early times it rests on few events."
            )
        return " ".join(parts)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return a panel a split and horizon, and one a split of the AUC over time."""
        from radpipe.outputs.time_dependent_drawing import draw_curves

        return draw_curves(result, style)


def _medians(moving: pd.DataFrame) -> pd.DataFrame:
    """Return the median and the quartiles of the AUC over time, a row a split and model."""
    rows = []
    for (split, model), part in moving.groupby(["split", "model"], sort=False):
        lower, middle, upper = part["auc"].quantile([0.25, 0.5, 0.75])
        head = {"split": split, "model": model, "times": int(part["auc"].notna().sum())}
        rows.append({**head, "median": middle, "lower_quartile": lower, "upper_quartile": upper})
    columns = ["split", "model", "times", "median", "lower_quartile", "upper_quartile"]
    return pd.DataFrame(rows, columns=columns)


def _with_medians(shown: pd.DataFrame, areas: pd.DataFrame, medians: pd.DataFrame) -> pd.DataFrame:
    """Return the table to read with the median AUC of each of its rows."""
    known = medians.set_index(["split", "model"])
    words = []
    for key in dict.fromkeys(zip(areas["split"], areas["model"], strict=True)):
        row = known.loc[key] if key in known.index else None
        told = row is not None and pd.notna(row["median"])
        words.append(median_words(row) if told and row is not None else "–")
    return shown.assign(**{"Median AUC over time [quartiles]": words})


def median_words(row: pd.Series) -> str:
    """Return a median with its quartiles."""
    return f"{row['median']:.2f} [{row['lower_quartile']:.2f}–{row['upper_quartile']:.2f}]"
