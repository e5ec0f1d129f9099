"""Calibration: predicted against observed risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.calibration_warning import few_events
from radpipe.outputs.words import (
    RESAMPLED,
    calibrated,
    chosen_classes,
    has_rivals,
    horizons,
    in_order,
    interval_words,
    is_repeated,
    is_spread,
    is_survival,
    opening,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
    without_risk,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

BINS = np.linspace(0, 1, 26)


class CalibrationSpec(PredictionOutputSpec):
    """Calibration curves.

    Parameters
    ----------
    groups : int
        How many groups of equal size the cases are put in by predicted risk.
    classes : tuple of str
        Several classes or labels: which of them, each against the rest; empty means all.
    horizon : float or None
        Survival: the time at which risk is meant; None means every declared horizon.
    """

    kind: Literal["calibration"] = "calibration"
    groups: Annotated[int, Field(ge=2, le=20)] = 5
    classes: tuple[Text, ...] = ()
    horizon: Annotated[float, Field(gt=0)] | None = None

    endpoints: ClassVar[frozenset[str]] = KINDS - {"continuous"}
    heading: ClassVar[str] = "Calibration"
    needs_risk: ClassVar[bool] = True

    def compute(self, data: OutputData) -> Result:
        """Return tables ``curve``, ``groups``, ``summary`` and ``risks`` (the histogram)."""
        from radpipe.evaluation.curves import calibration

        asked, splits = self.chosen(data), shown_splits(self, data)
        models = calibrated(data, asked)
        rows = rows_of(data, models)
        wanted = horizons(data, self.horizon)
        found = [calibration(rows, data.outcomes, data.endpoint, h, self.groups) for h in wanted]
        tables = {
            name: _joined([getattr(f, name) for f in found], splits, models)
            for name in ("summary", "curve", "groups")
        }
        names = chosen_classes(self.name, self.classes, data)
        tables["risks"] = _joined([_histogram(rows, data, h) for h in wanted], splits, models)
        if names:
            tables = {name: table[table["class"].isin(names)] for name, table in tables.items()}
        if is_survival(data):
            curve = "the cumulative incidence" if has_rivals(data) else "1 − Kaplan-Meier"
            how = (
                f"Points: {self.groups} groups of the cases by predicted risk, as far as they are "
                f"followed up to the time shown; observed is {curve} at that time. O/E: observed "
                "over expected events."
            )
        else:
            how = (
                "Line: lowess (no robustness steps). Points: "
                f"{self.groups} groups of the cases by predicted risk. Slope and intercept: "
                "logistic recalibration, ideally 1 and 0."
                f"{' Each class is compared with the rest.' if names else ''}"
            )
        means = ""
        if RESAMPLED in splits and is_repeated(data):
            means = (
                " Out-of-fold, cases are grouped within each split."
                if is_spread(data)
                else " Out-of-fold, cases are grouped by their mean risk over "
                f"{repeats_word(data)}."
            )
        limits = pd.concat([tables["summary"], tables["groups"]], ignore_index=True)
        warning = few_events(rows, data, splits, names, wanted)
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} {how}{means} Beneath: the predicted "
            f"risks{'' if is_survival(data) else ', of cases with the event upwards'}. "
            f"{interval_words(data, splits, limits)}"
            f"{' ' + warning if warning else ''}"
        )
        facts = {"time_unit": data.endpoint.get("time_unit")}
        notes = (*without_risk(data, asked), *_fewer(tables["groups"], self.groups, data))
        return Result(tables, caption, notes, facts)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split, horizon and model; None where no model gives risks."""
        from radpipe.outputs.calibration_drawing import draw_calibration

        return None if result.tables["groups"].empty else draw_calibration(result, style)


def _joined(
    tables: Sequence[pd.DataFrame], splits: Sequence[str], models: Sequence[str]
) -> pd.DataFrame:
    """Return the tables of all horizons as one, in the order of splits and models."""
    kept = [in_order(t, splits, models) for t in tables if len(t)]
    if not kept:
        return tables[0].iloc[:0] if tables else pd.DataFrame(columns=list(_COLUMNS))
    return pd.concat(kept, ignore_index=True)


def _fewer(groups: pd.DataFrame, asked: int, data: OutputData) -> Iterator[str]:
    """Yield which panels have fewer points than groups were asked for, and why."""
    found: dict[str, list[str]] = {}
    keys = ["model", "split", "class", "horizon"]
    for (model, split, label, horizon), own in groups.groupby(keys, sort=False, dropna=False):
        points = int(own["observed"].notna().sum())
        if points == asked:
            continue
        why = "cases with the same risk stay in one group"
        if points < len(own):
            why = "the other groups are not followed up to that time"
        at = f" at {horizon:g}" if pd.notna(horizon) else ""
        who = [data.model_label(str(model)), split_title(str(split)), str(label)]
        told = f"{', '.join(part for part in who if part)}{at} ({points})"
        found.setdefault(why, []).append(told)
    for why, panels in found.items():
        yield f"Fewer than {asked} points, since {why}: {'; '.join(panels)}."


_COLUMNS = ("model", "split", "class", "horizon", "lower", "method")


def _histogram(rows: pd.DataFrame, data: OutputData, horizon: float | None) -> pd.DataFrame:
    """Return how many cases have which mean risk over repeats, with the event and without.

    Whether a censored case would have had the event by the horizon is not known: there, all
    cases stand in ``n_other``.
    """
    from radpipe.evaluation.table import slices

    tables = []
    for part in slices(rows, data.outcomes, data.endpoint):
        if horizon not in part.risk:
            continue
        risk = part.risk[horizon]
        known = np.isfinite(risk).any(axis=1)
        mean = np.nanmean(risk[known], axis=1)
        event = np.zeros(known.sum(), bool) if part.y is None else part.y[known] == 1
        tables.append(
            pd.DataFrame(
                {
                    "model": part.model,
                    "split": part.split,
                    "class": part.label,
                    "horizon": np.nan if horizon is None else horizon,
                    "low": BINS[:-1],
                    "high": BINS[1:],
                    "n_event": np.histogram(mean[event], BINS)[0],
                    "n_other": np.histogram(mean[~event], BINS)[0],
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
