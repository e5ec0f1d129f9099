"""Extracts images and masks that belong to no study: one pair of files, or a table of them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.features.picture import default_settings
from radpipe.features.registry import ENGINES
from radpipe.features.settings import ExtractionSettings
from radpipe.io.atomic import replacing
from radpipe.io.store import Store
from radpipe.outputs.write import human_csv
from radpipe.steps.extractor import Extractor, Outcome, Recipe, Row, RowExtractor, extract_files
from radpipe.steps.workers import Died, work
from radpipe.study.pair_table import PairRow, PairTable, read_pairs
from radpipe.study.params import read_params


@dataclass(frozen=True)
class Extracted:
    """What came of a table.

    Parameters
    ----------
    failures : tuple of str
        A line for each row without features.
    computed, stored : int
        Rows whose features were computed, and found in the store.
    """

    failures: tuple[str, ...]
    computed: int
    stored: int


def recipe_of(params: Path | None, label: int | None = None, channel: int | None = None) -> Recipe:
    """Return how to extract: as a PyRadiomics parameter file says, or by its defaults.

    Parameters
    ----------
    params : Path or None
        The parameter file.
    label : int or None
        The region's value; None takes the file's, or 1.
    channel : int or None
        Of colour images, from 0.

    Raises
    ------
    FaultsError
        All that is wrong with the file.
    """
    own: int | None = None
    notes: tuple[str, ...] = ()
    volume, picture = default_settings(False), default_settings(True)
    if params is not None:
        volume, extra = read_params(params)
        picture, own, notes = _of_pictures(params, volume), extra.label, extra.notes
    chosen = (each.model_copy(update={"channel": channel}) for each in (volume, picture))
    return Recipe(*chosen, label or own or 1, notes)


def _of_pictures(params: Path, volume: ExtractionSettings) -> ExtractionSettings:
    """Return what a parameter file says of pictures; what they lack is told where there is one."""
    try:
        return read_params(params, picture=True)[0]
    except FaultsError:
        return volume


def extract_pair(image: Path, mask: Path, recipe: Recipe, engine: str) -> dict[str, float]:
    """Return the features of one pair of files.

    Raises
    ------
    CaseError
        Where there are none, with the reason.
    """
    return extract_files(image, mask, recipe.label, recipe.settings(image), ENGINES[engine]())


def table_of(path: Path, recipe: Recipe) -> PairTable:
    """Read a table of pairs whose columns leave room for the features.

    Raises
    ------
    FaultsError
        All that is wrong with the table.
    """
    return read_pairs(path, recipe.names())


def extract_table(
    table: PairTable,
    recipe: Recipe,
    engine: str,
    store: Path,
    cores: int,
    out: Path,
    tell: Callable[[Outcome], None],
) -> Extracted:
    """Extract the rows of a table and write their features, a row a case.

    Features are kept as they are computed: what an earlier call has done is not done again.

    Parameters
    ----------
    table : PairTable
        From :func:`table_of`.
    recipe : Recipe
        From :func:`recipe_of`.
    engine : str
        The engine's name.
    store : Path
        Folder that features are kept in.
    cores : int
        Processes at work; the numbers do not depend on it.
    out : Path
        The csv file to write.
    tell : callable
        Told of each row that is done.
    """
    kept = Store(store)
    job = RowExtractor(Extractor.of(kept, engine), recipe)
    outcomes = [Outcome("failed")] * len(table.rows)
    for number, outcome in _outcomes(table.rows, job, cores):
        outcomes[number] = outcome
        tell(outcome)
    write_table(out, _with_features(table.frame, outcomes, kept))
    failures = tuple(
        f"{row.where}: {outcome.reason}"
        for row, outcome in zip(table.rows, outcomes, strict=True)
        if outcome.status == "failed"
    )
    counts = [outcome.status for outcome in outcomes]
    return Extracted(failures, counts.count("computed"), counts.count("stored"))


def write_pair(out: Path, image: Path, mask: Path, values: dict[str, float]) -> None:
    """Write the features of one pair of files: a row, as a table of pairs has it."""
    case = image.name.removesuffix(".gz").rpartition(".")[0]
    row = {"case": case, "image": str(image), "mask": str(mask), **values}
    write_table(out, pd.DataFrame([row]))


def write_table(out: Path, table: pd.DataFrame) -> None:
    """Write a table as people's spreadsheets read it."""
    with replacing(out) as path:
        path.write_bytes(human_csv(table).encode("utf-8-sig"))


def _with_features(frame: pd.DataFrame, outcomes: Sequence[Outcome], store: Store) -> pd.DataFrame:
    """Return a table with the reason where there are no features, and the features."""
    values = [store.get(outcome.key) or {} if outcome.key else {} for outcome in outcomes]
    features = pd.DataFrame(values, index=frame.index, dtype=float)
    reasons = pd.Series([outcome.reason for outcome in outcomes], frame.index, name="error")
    return pd.concat([frame, reasons, features], axis=1)


def _outcomes(
    rows: Sequence[PairRow], job: RowExtractor, cores: int
) -> Iterator[tuple[int, Outcome]]:
    """Yield what comes of each row; files that are not there are told first."""
    there = []
    for number, row in enumerate(rows):
        missing = [path for path in (row.image, row.mask) if not path.is_file()]
        if missing:
            fault = Fault(str(missing[0]), "no such file", "correct the path")
            yield number, Outcome("failed", reason=str(fault))
        else:
            there.append(number)
    jobs = [Row(r.image, r.mask, r.label, r.mask_channel) for r in (rows[n] for n in there)]
    for place, result in work(job, jobs, cores):
        number = there[place]
        yield number, _death(rows[number], result) if isinstance(result, Died) else result


def _death(row: PairRow, died: Died) -> Outcome:
    """Return what is said of a row whose process was ended."""
    code = died.code or 0
    if code < 0:
        found = f"its process was ended ({signal.Signals(-code).name})"
        cure = "where it lacked memory, try fewer cores, or resample to larger voxels"
    else:
        found, cure = "its process failed", "report it with the traceback above"
    return Outcome("failed", reason=str(Fault(str(row.image), found, cure)))
