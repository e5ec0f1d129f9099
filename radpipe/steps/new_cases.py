"""Reads or extracts what a stored model needs of new cases, from all that its user gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from radpipe.core.errors import RadpipeError, UsageError
from radpipe.features.names import split_id
from radpipe.io.tables import read_table, tidy_name
from radpipe.steps.new_derived import first_blocks, not_extracted, sources
from radpipe.steps.new_images import images_of
from radpipe.steps.new_tables import (
    NewCases,
    clinical_columns,
    clinical_of,
    features_of,
    plain_block,
)
from radpipe.steps.stored import StoredModel


def gather(
    model: StoredModel,
    *,
    images: Sequence[str] = (),
    masks: Sequence[str] = (),
    features: Path | None = None,
    block: str | None = None,
    clinical: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> NewCases:
    """Read or extract what a model needs of new cases.

    Raises
    ------
    RadpipeError
        What is needed is not given, or holds for no case.
    """
    needed = [v["name"] for v in model.variables("feature")]
    asked = clinical_columns(model)
    problems: list[RadpipeError] = []
    if needed and not images and features is None:
        blocks = dict.fromkeys(split_id(name)[0] for name in needed)
        below = first_blocks(model.inputs("blocks"), needed)
        tables = [name for name in below if not_extracted(model.inputs("blocks"), name)]
        cure = "give --features TABLE, or --images FOLDER and --masks FOLDER"
        if tables:
            cure = "give --features TABLE"
            if len(tables) < len(below):
                cure += f" with those of {', '.join(tables)} at least, which cannot be extracted"
        problems.append(UsageError(f"{model.name} needs features of {', '.join(blocks)}; {cure}"))
    if images and not masks:
        problems.append(UsageError("--images without --masks; features are those of a region"))
    if asked and clinical is None:
        problems.append(UsageError(f"{model.name} needs {', '.join(asked)}; give --clinical TABLE"))
    if not problems and not needed and clinical is None and features is None:
        raise UsageError(f"{model.name} needs no feature; name the cases with --clinical TABLE")
    parts: list[NewCases] = []
    table = None
    if clinical is not None:
        table = _or_told(partial(clinical_of, clinical, model), problems)
    wanted = None if table is None else {*map(str, table.frame.index), *table.errors}
    notes: list[str] = []
    if features is not None and (needed or clinical is None):
        own = _in_table(features, model, block, needed) if images else needed
        if own or not needed:
            found = _or_told(partial(features_of, features, model, block, own), problems)
            parts += [] if found is None else [found]
        else:
            notes.append(
                f"{features.name}: not read, since it holds neither a feature that {model.name} "
                "needs nor all that one is made of; they are extracted"
            )
        needed = [name for name in needed if name not in own]
    if len(problems) == 1:
        raise problems[0]
    if problems:  # all of them at once, before anything is extracted
        usage = isinstance(problems[0], UsageError)
        raise (UsageError if usage else RadpipeError)("\n".join(map(str, problems)))
    if needed and images:
        parts.append(images_of(images, masks, model, needed, tell, wanted))
    if table is not None:
        parts.append(table)
    return _joined(parts, notes)


def _or_told(read: Callable[[], NewCases], problems: list[RadpipeError]) -> NewCases | None:
    """Return what is read, or add to the problems why it cannot be."""
    try:
        return read()
    except RadpipeError as error:
        problems.append(error)
        return None


def _in_table(
    path: Path, model: StoredModel, block: str | None, needed: Sequence[str]
) -> list[str]:
    """Return the features whose block a table has any column of, or of each that it is made of."""
    blocks = model.inputs("blocks")
    below = {name: sources(blocks, name) for name in needed}
    columns = {tidy_name(str(c)) for c in read_table(path).frame.columns}
    block = block or plain_block(blocks, needed, columns)
    known = {*needed, *(source for own in below.values() for source in own)}
    there = {split_id(name)[0] for name in columns & known} | {block}
    return [
        name
        for name, own in below.items()
        if split_id(name)[0] in there or {split_id(source)[0] for source in own} <= there
    ]


def _joined(parts: Sequence[NewCases], notes: Sequence[str]) -> NewCases:
    """Return all that is known of the cases; one that a part lacks has no prediction."""
    order = dict.fromkeys(str(c) for part in parts for c in [*part.frame.index, *part.errors])
    index = pd.Index(list(order), dtype=object, name="case")
    whole = pd.concat([part.frame.reindex(index) for part in parts], axis=1)
    found = NewCases(whole, notes=[*notes, *(note for part in parts for note in part.notes)])
    for part in parts:
        known = set(map(str, part.frame.index))
        for case in order:
            for why in part.errors.get(case, ()):
                found.fail(case, why)
            if case not in known and case not in part.errors:
                what = "features" if any("__" in c for c in part.frame.columns) else "clinical row"
                found.fail(case, f"no {what} of this case; check its id")
    return found
