"""The nomogram of a logistic or Cox model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.stacked import stacked_words
from radpipe.outputs.style import DOUBLE_MM, wrap
from radpipe.outputs.words import event_name, is_survival, opening, training_sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

TITLE_MM = 6.0
NAN = float("nan")
COLUMNS = ("model", "order", "role", "label", "tick", "value", "points", "horizon", "categorical")


class NomogramSpec(ModelOutputSpec):
    """Points for each variable, their sum, and the risk that it means."""

    kind: Literal["nomogram"] = "nomogram"

    heading: ClassVar[str] = "Nomogram"
    section: ClassVar[str] = "models"
    needs_risk: ClassVar[bool] = True
    model_kinds: ClassVar[frozenset[str] | None] = frozenset({"nomogram"})

    def compute(self, data: OutputData) -> Result:
        """Return table ``axes``: one row a tick of an axis.

        Where the line of a risk goes on beyond its outermost tick, its end has a row without
        ``tick``.
        """
        rows: list[dict[str, Any]] = []
        notes = []
        shown = []
        for model in self.chosen(data):
            found = data.fits[model].get("nomogram")
            if not found:
                notes.append(
                    f"{data.model_label(model)}: not shown, since {_lacking(data, model)}."
                )
                continue
            shown.append(model)
            rows += _axes(model, found, data)
            notes += _undrawn(model, found, data)
        caption = (
            f"{opening(data)}Read each variable's points off the upper ruler, add them, and read "
            "the risk beneath the total. From the final model, fitted on all training rows "
            f"({training_sample(data)}); how well it predicts is "
            "told by out-of-fold or held-out cases, not by this figure. The axes reach what all "
            "variables together give; no training case need have had such a total. "
            f"{stacked_words(data, shown)}"
        ).rstrip()
        return Result({"axes": pd.DataFrame(rows, columns=list(COLUMNS))}, caption, tuple(notes))

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the nomograms, one beneath the other."""
        from radpipe.outputs.nomogram_drawing import draw_nomogram, height_of, rows_of

        axes = result.tables["axes"]
        if axes.empty:
            return None
        parts = [(str(m), rows_of(part)) for m, part in axes.groupby("model", sort=False)]
        title = TITLE_MM if len(parts) > 1 else 0.0
        sheet = style.sheet(DOUBLE_MM, sum(height_of(rows) + title for _, rows in parts))
        top = 0.0
        for model, rows in parts:
            if title:
                words = wrap(style.label(model), 100, 1)
                sheet.text(1.5, top + 1, words, va="top", fontweight="bold")
            draw_nomogram(sheet, top + title, rows)
            top += height_of(rows) + title
        return sheet.figure


def _lacking(data: OutputData, model: str) -> str:
    """Return what a nomogram needs and a fit does not have, with what would help."""
    needs = "a nomogram needs a variable with an effect"
    fit = data.fits[model]
    if not fit.get("features_final"):
        return (
            f"{needs}, and selection left none in the final model: everyone has the risk of the "
            "training cases; give the model inputs without a selection, or one that keeps more"
        )
    if "calibration" in (fit.get("summary", {}).get("params") or {}):
        return (
            "a nomogram needs the risks of its own regression, and those of this model are "
            "calibrated after it; remove calibrate from the model"
        )
    return (
        f"{needs}, and no coefficient of the final model differs from 0; give the model inputs "
        "that vary among the training cases"
    )


def _axes(model: str, found: Mapping[str, Any], data: OutputData) -> Iterator[dict[str, Any]]:
    """Yield one row a tick: the ruler, the variables, the total, the risks."""

    def ticks(
        order: int, role: str, label: str, values: list[Any], points: list[float], **more: Any
    ) -> Iterator[dict[str, Any]]:
        for value, at in zip(values, points, strict=True):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            yield {
                "model": model,
                "order": order,
                "role": role,
                "label": label,
                "tick": f"{value:g}".replace("-", "−") if number else str(value),
                "value": float(value) if number else NAN,
                "points": float(at),
                "horizon": NAN,
                "categorical": False,
                **more,
            }

    ruler = list(range(0, 101, 10))
    yield from ticks(0, "points", "Points", ruler, [float(v) for v in ruler])
    order = 0
    for axis in found["variables"]:
        order += 1
        label = variable_label(str(axis["name"]), data)
        yield from ticks(
            order, "variable", label, axis["values"], axis["points"],
            categorical=bool(axis.get("categorical")),
        )  # fmt: skip
    total = [float(v) for v in found["total_points"]]
    yield from ticks(order + 1, "total", "Total points", total, total)
    for i, risk in enumerate(found["risks"]):
        if not risk["risk"]:
            continue
        horizon = _horizon(risk)
        place, label = order + 2 + i, _risk_label(data, horizon)
        yield from ticks(place, "risk", label, risk["risk"], risk["total_points"], horizon=horizon)
        ends = risk.get("ends") or {"risk": (), "total_points": ()}
        for value, at in zip(ends["risk"], ends["total_points"], strict=True):
            if not min(risk["total_points"]) <= at <= max(risk["total_points"]):
                yield from ticks(place, "risk", label, [value], [at], horizon=horizon, tick="")


def _undrawn(model: str, found: Mapping[str, Any], data: OutputData) -> Iterator[str]:
    """Yield why a horizon has no axis, or why there is none at all."""
    for risk in found["risks"]:
        if risk["risk"]:
            continue
        label, (low, high) = _risk_label(data, _horizon(risk)), risk["ends"]["risk"]
        named = label[0].lower() + label[1:]
        why = (
            f"it is {(low + high) / 2:.3g} at every total of points"
            if high > 0
            else "no training case had the event by then; choose later horizons"
        )
        yield f"{data.model_label(model)}: no axis of the {named}, since {why}."
    if not found["risks"]:
        yield (
            f"{data.model_label(model)}: no axis of the risk, since the endpoint has no horizons; "
            "give it some (horizons: [...])."
        )


def _horizon(risk: Mapping[str, Any]) -> float:
    return NAN if risk["horizon"] is None else float(risk["horizon"])


def variable_label(name: str, data: OutputData) -> str:
    """Return a variable's name in print, with its unit."""
    if name in data.models:
        return data.model_label(name)
    known = data.clinical.get(name.removeprefix("clinical."))
    if known is None:
        return name
    label = str(known.get("label") or name.removeprefix("clinical."))
    return f"{label} ({known['unit']})" if known.get("unit") else label


def _risk_label(data: OutputData, horizon: float) -> str:
    label = f"Risk of {event_name(data)}"
    if not is_survival(data):
        return label
    return f"{label} by {horizon:g} {data.endpoint.get('time_unit') or ''}".strip()
