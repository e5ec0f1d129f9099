"""Regressions as clinical papers print them: each variable alone, and in the final model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from radpipe.core.target import KINDS
from radpipe.models.univariable import INFERENCE, MOST
from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.regression_rows import (
    COLUMNS,
    MEASURES,
    effect_words,
    level_words,
    regression_rows,
)
from radpipe.outputs.stacked import stacked_words
from radpipe.outputs.words import counted, listed, opening, p_words, training_sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

BALANCED = (
    "its rows are balanced, and intervals and p values of such rows are not those of the cohort; "
    "remove balance from the model"
)


class RegressionTableSpec(ModelOutputSpec):
    """Odds ratios, hazard ratios or coefficients with 95% intervals and p values.

    Beside the ratio of each variable in the model stands that of the variable alone. Where a
    univariable test chose the variables, all candidates are listed, with the p value of the test.

    Parameters
    ----------
    left_out : int
        How many candidates that are not in the final model are printed a model, those with the
        smallest p values; the csv lists all.
    """

    kind: Literal["regression_table"] = "regression_table"
    left_out: Annotated[int, Field(ge=0, le=200)] = 20

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Regression coefficients"
    section: ClassVar[str] = "models"
    model_kinds: ClassVar[frozenset[str] | None] = INFERENCE

    def compute(self, data: OutputData) -> Result:
        """Return ``terms`` (tidy, exact) and ``regression``, to read."""
        parts, notes = {}, []
        for model in self.chosen(data):
            fit, label = data.fits[model], data.model_label(model)
            if _balanced(fit):
                notes.append(f"{label}: not shown, since {BALANCED}.")
                continue
            parts[model] = regression_rows(model, fit, data)
            notes += _notes(label, fit, parts[model], self.left_out)
        filled = [part for part in parts.values() if len(part)]
        empty = pd.DataFrame({c: pd.Series(dtype=object) for c in COLUMNS})
        terms = pd.concat(filled, ignore_index=True) if filled else empty
        printed = [_printed(part, self.left_out) for part in filled]
        shown = pd.concat(printed, ignore_index=True) if printed else terms
        tables = {"regression": _readable(shown, data), "terms": terms}
        readable = ("regression",) if len(shown) else ()
        return Result(tables, _caption(shown, list(parts), data), tuple(notes), readable=readable)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the ratios of the final models, one panel a model; None where there are none."""
        from radpipe.outputs.regression_drawing import draw_ratios

        return draw_ratios(result.tables["terms"], style)


def _balanced(fit: Mapping[str, Any]) -> bool:
    summary = fit["summary"]
    return any("balance" in part for part in (summary, *summary.get("by_class", ())))


def _printed(part: pd.DataFrame, left_out: int) -> pd.DataFrame:
    """Return the rows that are printed: the final model's, and the first of the candidates."""
    others = part.loc[~part["variable"].isin(part.loc[part["in_final"], "variable"]), "variable"]
    first = list(dict.fromkeys(others))[:left_out]
    return part[~part["variable"].isin(others) | part["variable"].isin(first)]


def _notes(label: str, fit: Mapping[str, Any], part: pd.DataFrame, left_out: int) -> Iterator[str]:
    """Yield what a model's fit notes, and what of it is not printed."""
    if not part["in_final"].any():
        yield f"{label}: no variable in the final model, since selection left none."
    for note in fit["summary"].get("notes", ()):
        yield f"{label}: {note}."
    filled = (fit["summary"].get("preparation") or {}).get("imputed") or {}
    known = [(name, n) for name, n in filled.items() if n and name in set(part["variable"])]
    if known:
        labels = dict(zip(part["variable"], part["label"], strict=True))
        told = listed([f"{labels[name]} in {counted(int(n), 'case')}" for name, n in known])
        yield (
            f"{label}: missing values were filled in ({told}), for the variable alone too: "
            "intervals take these values as known."
        )
    names = set(part["variable"])
    tested = fit.get("univariable") or {}
    unfitted = names - set(tested.get("coefficients", names))
    if len(names) > MOST and unfitted:
        yield (
            f"{label}: {MOST} of {len(names)} variables were fitted alone, those with the smallest "
            "p values where a test chose, else the first."
        )
    more = len(names) - _printed(part, left_out)["variable"].nunique()
    if more:
        yield (
            f"{label}: {counted(more, 'candidate')} more, not in the final model and with larger p "
            "values, in terms.csv."
        )


def _readable(terms: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return the table to read; of a variable with several levels the first carries its p value."""
    measures = " or ".join(dict.fromkeys(terms["measure"]))
    ratio = f"{measures} (95% interval)"
    found = [row for _, row in terms.iterrows()]
    again = terms.duplicated(["model", "class", "variable"])
    tested = terms["model"].isin(_by_test(terms, data))
    judged = terms[["selection_p", "selection_p_multivariable"]].where(tested)
    alone = terms["univariable_p"].where(~tested, judged["selection_p"])
    again &= tested
    rows: dict[str, Any] = {
        "Model": [data.model_label(str(m)) for m in terms["model"]],
        "Class": terms["class"].tolist(),
        "Variable": terms["label"].tolist(),
        "Level": [level_words(row) for row in found],
        "Cases (events)": [_sizes(row) for row in found],
        f"Univariable {ratio}": [effect_words(row, "univariable_") for row in found],
        "Univariable p": [
            "" if twice else p_words(p) for p, twice in zip(alone, again, strict=True)
        ],
        "p beside all that passed": [
            "" if twice else p_words(p)
            for p, twice in zip(judged["selection_p_multivariable"], again, strict=True)
        ],
        f"Final model {ratio}": [effect_words(row) for row in found],
        "p": [p_words(p) for p in terms["p"]],
    }
    known = {
        "Class": terms["class"] != "",
        "Level": [bool(level) for level in rows["Level"]],
        f"Univariable {ratio}": terms["univariable_estimate"].notna(),
        "Univariable p": alone.notna(),
        "p beside all that passed": judged["selection_p_multivariable"].notna(),
    }
    return pd.DataFrame({k: v for k, v in rows.items() if k not in known or any(known[k])})


def _clustered(data: OutputData) -> list[str]:
    """Return the models with several training cases a patient, which tests of selections ignore."""
    fits = data.fits.items()
    return [m for m, fit in fits if fit.get("n_groups", fit["n_train"]) < fit["n_train"]]


def _by_test(terms: pd.DataFrame, data: OutputData) -> list[str]:
    """Return the models whose univariable p values are those of the test that chose."""
    judged = terms.loc[terms["selection_p"].notna(), "model"]
    return [str(m) for m in dict.fromkeys(judged) if m not in _clustered(data)]


def _sizes(row: pd.Series) -> str:
    n = f"{row['n']:.0f}"
    return n if pd.isna(row["events"]) else f"{n} ({row['events']:.0f})"


def _caption(terms: pd.DataFrame, models: Sequence[str], data: OutputData) -> str:
    """Return what was fitted to which cases, by which methods, and what the p values are not."""
    fits = {model: data.fits[model] for model in models}
    names = {short: words for short, words in MEASURES.values() if short in set(terms["measure"])}
    parts = [
        f"{opening(data)}Final models, fitted to all training cases ({training_sample(data)})."
        f"{''.join(f' {short}: {words}.' for short, words in names.items())}",
        *_class_words(fits, data),
        *_methods(fits, data),
        *filter(None, [stacked_words(data, models)]),
        *_univariable_words(terms, fits, data),
    ]
    chosen = [data.model_label(m) for m, fit in fits.items() if fit.get("selected_by_scope")]
    if chosen:
        parts.append(
            f"{listed(chosen)}: variables were selected on the same cases. Intervals and p values "
            "of the final model do not know of the selection: intervals are too narrow, p values "
            "too small."
        )
    if "SD" in set(terms["per"]):
        parts.append("Per SD: for one standard deviation among the training cases.")
    return " ".join(parts)


def _class_words(fits: Mapping[str, Mapping[str, Any]], data: OutputData) -> Iterator[str]:
    """Yield what the ratios of several classes compare."""
    classes = [str(c) for c in data.endpoint.get("classes") or ()]
    found: dict[str, list[str]] = {}
    for model, fit in fits.items():
        params = fit["summary"].get("params") or {}
        if "reference_class" in params:
            words = f"each class is compared with {classes[params['reference_class']]}"
        elif fit["summary"].get("by_class"):
            words = "each class is compared with all others"
        elif fit["kind"] == "ordinal":
            words = "a higher class is compared with the lower ones, alike at every cut"
        else:
            continue
        found.setdefault(words, []).append(data.model_label(model))
    yield from (f"{listed(labels)}: {words}." for words, labels in found.items())


def _methods(fits: Mapping[str, Mapping[str, Any]], data: OutputData) -> Iterator[str]:
    """Yield how coefficients and intervals were made, in the words of the fits."""
    found: dict[str, list[str]] = {}
    for model, fit in fits.items():
        params = fit["summary"].get("params") or {}
        ties = [f"ties by {str(params['ties']).capitalize()}"] if "ties" in params else []
        said = [params[key] for key in ("method", "covariance") if key in params]
        words = ", ".join([*map(str, said), *ties])
        limits = f"intervals: {params['interval']}" if "interval" in params else ""
        told = "; ".join(part for part in (words, limits) if part)
        if told:
            found.setdefault(told, []).append(data.model_label(model))
    yield from (f"{listed(labels)}: {told}." for told, labels in found.items())


def _univariable_words(
    terms: pd.DataFrame, fits: Mapping[str, Mapping[str, Any]], data: OutputData
) -> Iterator[str]:
    """Yield what stands in the univariable columns."""
    if terms["univariable_estimate"].notna().any():
        yield "Univariable: the same regression with the variable alone."
    by_test = _by_test(terms, data)
    judged = terms[terms["model"].isin(by_test)]
    if by_test:
        told = (test for m in by_test for test in fits[m]["univariable"]["tests"])
        tests = "; ".join(dict.fromkeys(told))
        labels = listed([data.model_label(m) for m in by_test])
        yield (
            f"{labels}: univariable p values are those by which the selection judged a variable as "
            f"a whole ({tests})."
        )
    if judged["selection_p_multivariable"].notna().any():
        yield (
            "p beside all that passed: that of the selection, in the model of all variables that "
            "passed the univariable test."
        )
    untold = terms.loc[terms["selection_p"].notna() & ~terms["model"].isin(by_test), "model"]
    if len(untold):
        labels = listed([data.model_label(m) for m in dict.fromkeys(untold)])
        yield (
            f"{labels}: univariable p values are those of the regression; the selection's "
            "own, in terms.csv, take no account of patients with several cases."
        )
