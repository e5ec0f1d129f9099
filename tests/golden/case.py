"""One golden case on disk, and the adaptor that computes its values."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
CASES = HERE / "cases"
ADAPTORS = HERE / "adaptors"


@dataclass(frozen=True)
class Case:
    """A folder with input tables and ``expected.json``.

    An adaptor is a module ``adaptors/NAME.py`` with a function ``compute(case)``, which reads the
    inputs, calls radpipe, and returns values nested as those of ``expected.json``. Of the latter
    it may look at what was asked for (:meth:`names`), never at the numbers; the one exception says
    so where it stands (a table of data that R keeps beside its results).
    """

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def table(self, name: str = "input.csv", **options: Any) -> pd.DataFrame:
        """Return an input table; ``NA`` and empty cells are missing."""
        return pd.read_csv(self.folder / name, **options)

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    def names(self, *path: str | int) -> list[str]:
        """Return the names that stand below a path of the expected values.

        For parameters that the table does not hold: the horizons, levels or variants asked for.
        """
        found = self.expected["values"]
        for part in path:
            found = found[part]
        return list(found) if isinstance(found, dict) else [str(i) for i in range(len(found))]

    @cached_property
    def adaptor(self) -> Callable[[Case], dict[str, Any]] | None:
        """The function that computes the values, None where there is none.

        A case belongs to the adaptor of its name, or of the longest name that its own begins with
        (``roc_asah_second`` to ``roc_asah``).
        """
        known = {path.stem for path in ADAPTORS.glob("*.py")}
        parts = self.name.split("_")
        for length in range(len(parts), 0, -1):
            name = "_".join(parts[:length])
            if name in known:
                compute: Callable[[Case], dict[str, Any]] = importlib.import_module(
                    f"tests.golden.adaptors.{name}"
                ).compute
                return compute
        return None


def cases(folder: Path = CASES) -> list[Case]:
    """Return the cases of a folder, by name."""
    return [Case(path.parent) for path in sorted(folder.glob("*/expected.json"))]


def interval(estimate: Any) -> list[float]:
    """Return the limits of a result as R prints them."""
    return [estimate.lower, estimate.upper]
