"""The ledger of held-out use: how often held-out cases were looked at with other settings.

One line of JSON a use, only ever appended, beside the report and outside everything that a rerun
or a cleaning of intermediate results replaces. Whoever chooses among settings by their held-out
values uses these cases up; the ledger tells readers how often that could have happened.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Use:
    """One look at held-out cases.

    Parameters
    ----------
    time : str
        When, UTC, as ISO 8601.
    config : str
        Digest of all that the predictions follow from.
    models : tuple of str
        The models that were measured.
    splits : mapping of str to int
        The held-out sets, with their number of cases.
    count : int
        How many uses there were with this one.
    """

    time: str
    config: str
    models: tuple[str, ...]
    splits: Mapping[str, int]
    count: int


def read_uses(path: Path) -> list[Use]:
    """Return the uses that a ledger holds; none where there is no ledger.

    A line that is no record, such as one that a killed process left half-written, is passed over.
    """
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [use for use in map(_use, lines) if use is not None]


def note_use(
    path: Path, config: str, models: Sequence[str], splits: Mapping[str, int]
) -> list[Use]:
    """Append a use of held-out cases, unless the same settings looked at the same sets before.

    Parameters
    ----------
    path : Path
        The ledger.
    config, models, splits
        As for `Use`.

    Returns
    -------
    list of Use
        All uses, the new one included.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes take turns: whether a use is new, and its number, depend on those before.
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        uses = read_uses(path)
        if any(use.config == config and use.splits == splits for use in uses):
            return uses
        now = datetime.now(UTC).isoformat(timespec="seconds")
        new = Use(now, config, tuple(models), dict(splits), len(uses) + 1)
        line = json.dumps(asdict(new), ensure_ascii=False)
        torn = path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        file.write(("\n" * torn + line + "\n").encode())
        file.flush()
        os.fsync(file.fileno())
        return [*uses, new]


def counts(uses: Iterable[Use]) -> dict[str, int]:
    """Return how often each held-out set was looked at: with other settings, or of other cases."""
    seen: dict[str, set[tuple[str, int]]] = {}
    for use in uses:
        for split, n in use.splits.items():
            seen.setdefault(split, set()).add((use.config, n))
    return {split: len(looks) for split, looks in seen.items()}


def _use(line: str) -> Use | None:
    """Return the record on a line; None where the line is none."""
    try:
        record: Any = json.loads(line)
        return Use(
            str(record["time"]),
            str(record["config"]),
            tuple(record["models"]),
            {str(name): int(n) for name, n in record["splits"].items()},
            int(record["count"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
