"""``radpipe predict`` and ``radpipe export-model``: a fitted model at work elsewhere."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.core.errors import RadpipeError, UsageError, nearest
from radpipe.io.atomic import replacing
from radpipe.io.model_json import ESTIMATOR, PASSPORT, read_passport
from radpipe.outputs.words import counted
from radpipe.outputs.write import guard, human_csv
from radpipe.steps.context import default_reports, open_context
from radpipe.steps.new_cases import gather
from radpipe.steps.new_tables import clinical_columns
from radpipe.steps.predict import Predictions, predict
from radpipe.steps.stored import SUBMODELS, open_model
from radpipe.study.derived import all_models, with_submodels
from radpipe.study.places import shown
from radpipe.workflow.commands import study_folder
from radpipe.workflow.display import EVERY_SECONDS

CARD = "model.md"
_SHOWN = 40


def predict_cases(
    model: Path,
    *,
    images: Sequence[str],
    masks: Sequence[str],
    features: Path | None,
    block: str | None,
    clinical: Path | None,
    out: Path | None,
    say: Callable[[str], None],
) -> tuple[list[str], list[str]]:
    """Predict new cases; return the lines to print, and a line for each case that failed.

    Raises
    ------
    RadpipeError
        What is wrong for all cases.
    """
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageError(f"-o {out}: predictions are written as csv or xlsx; name a file so")
    read = {path.absolute() for path in (features, clinical) if path is not None}
    if out is not None and out.absolute() in read:
        raise UsageError(f"-o {out}: that is what is read; name another file")
    stored, notes = open_model(model)
    for note in notes:
        say(f"note: {note}")
    cases = gather(
        stored,
        images=images,
        masks=masks,
        features=features,
        block=block,
        clinical=clinical,
        tell=_now_and_then(say),
    )
    found = predict(stored, cases)
    for note in found.notes:
        say(f"note: {note}")
    lines = _lines(found)
    if out is not None:
        write(out, found.table, stored.passport["study"]["simulated"])
        done = len(found.table) - len(found.failures)
        lines.append(f"{shown(out)}: {done} of {counted(len(found.table), 'case')}")
    return lines, found.failures


def _now_and_then(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what says which case is extracted, not more often than people read."""
    last = time.monotonic()

    def tell(line: str) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_SECONDS:
            last = time.monotonic()
            say(f"extracting {line}")

    return tell


def write(path: Path, table: pd.DataFrame, simulated: bool = False) -> None:
    """Write predictions as csv, or as xlsx where the path ends so; text is never a formula."""
    with replacing(path) as temporary:
        if path.suffix.lower() == ".csv":
            temporary.write_bytes(human_csv(table, simulated).encode("utf-8-sig"))
            return
        import xlsxwriter

        options = {"strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(temporary), options) as book:
            sheet = book.add_worksheet("predictions")
            whole = table.assign(data="simulated") if simulated else table
            for j, name in enumerate(whole.columns):
                sheet.write_string(0, j, str(name))
                for i, value in enumerate(whole[name], start=1):
                    if isinstance(value, str):
                        sheet.write_string(i, j, value)
                    elif not pd.isna(value):
                        sheet.write_number(i, j, float(value))


def _lines(found: Predictions) -> list[str]:
    """Return the table for a screen, and below it what is odd about cases."""
    table = found.table[found.table["error"] == ""]
    filled = [
        c for c in table.columns
        if c not in ("warnings", "error", "linear_predictor")
        and (table[c].notna() & (table[c] != "")).any()
    ]  # fmt: skip
    rows = [filled, *([_cell(row[c]) for c in filled] for _, row in table.head(_SHOWN).iterrows())]
    widths = [max(len(row[j]) for row in rows) for j in range(len(filled))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (rows if len(table) else [])
    ]
    if len(table) > _SHOWN:
        lines.append(f"and {len(table) - _SHOWN} more")
    warned = table[table["warnings"] != ""]
    lines += [
        f"case {_cell(c)}: {w}"
        for c, w in zip(warned["case"][:_SHOWN], warned["warnings"], strict=False)
    ]
    if len(warned) > _SHOWN:
        lines.append(f"and warnings of {len(warned) - _SHOWN} more, in the table")
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return "".join(c if c.isprintable() else " " for c in str(guard(value)))
    return "" if pd.isna(value) else f"{value:.4g}"


def export(study: str, name: str, out: Path, reports: Path | None) -> list[str]:
    """Copy a study's final model, with those that it stands on, into a folder of its own.

    Raises
    ------
    RadpipeError
        There is no such model, it is not fitted, or the folder is not empty.
    """
    folder = study_folder(study)
    root = (reports or default_reports(folder)).absolute()
    context = open_context(folder, reports=root)
    known = list(all_models(context.study.spec))
    if name not in known:
        hint = nearest(name, known)
        raise RadpipeError(
            f"{context.study.name} has no model {name!r}; allowed: {', '.join(known)}"
            + (f"; {hint}" if hint else "")
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"-o {out}: not empty; name a new folder")
    *below, own = with_submodels(context.study.spec, name)
    home = context.paths.passport(name).parent
    if not context.paths.passport(name).is_file():
        raise RadpipeError(f"{name} is not fitted yet; first: radpipe run {study}")
    stored, _ = open_model(home)  # says what is missing or altered before anything is copied
    written = []
    for model in (own, *below):
        place = out if model == own else out / SUBMODELS / model
        written += _copied(context.paths.passport(model).parent, place)
    lines = [f"{shown(out)}: {', '.join(written)}"]
    tables = ["--features TABLE"] if stored.variables("feature") else []
    tables += ["--clinical TABLE"] if clinical_columns(stored) or not tables else []
    return [*lines, f"predict with it: radpipe predict {shown(out)} {' '.join(tables)}"]


def _copied(source: Path, place: Path) -> list[str]:
    """Copy a model's files; an estimator only where its numbers are not all in the passport."""
    passport = read_passport(source / PASSPORT)
    names = [PASSPORT, CARD] if passport["arithmetic"] is not None else [PASSPORT, CARD, ESTIMATOR]
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        with replacing(place / name) as temporary:
            shutil.copyfile(source / name, temporary)
    return [os.path.join(place.name, name) for name in names]
