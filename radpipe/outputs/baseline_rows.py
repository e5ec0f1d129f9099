"""The rows of one variable in the baseline table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from radpipe.outputs.words import p_words


@dataclass(frozen=True)
class Rows:
    """One variable.

    Parameters
    ----------
    lines : tuple of (label, cells by group)
        The first line names the variable; levels and missing values follow.
    values : DataFrame
        The same in numbers.
    p, smd, test : str
        Empty where there is none; ``test`` is the name of the test.
    """

    lines: tuple[tuple[str, Mapping[str, str]], ...]
    values: pd.DataFrame
    p: str = ""
    smd: str = ""
    test: str = ""


def continuous_rows(
    label: str,
    parts: Mapping[str, pd.Series],
    how: Literal["auto", "mean_sd", "median_iqr"],
    test: bool,
) -> Rows:
    """Return the rows of a continuous variable; ``parts`` holds the whole first, then groups."""
    from radpipe.stats.describe import describe, smd_continuous
    from radpipe.stats.group_tests import measure_test, shapiro_wilk

    arrays = {g: part.to_numpy(dtype=float) for g, part in parts.items()}
    groups = [v for g, v in arrays.items() if g != "Overall"] or list(arrays.values())
    normal = all(shapiro_wilk(v[np.isfinite(v)]).p > 0.05 for v in groups)
    means = how == "mean_sd" or (how == "auto" and normal)
    cells, missing, records = {}, {}, []
    for group, values in arrays.items():
        d = describe(values)
        digits = _digits(arrays["Overall"])
        if not d.n:
            cells[group] = "–"
        elif means:
            spread = f"{d.sd:.{digits}f}" if np.isfinite(d.sd) else "–"
            cells[group] = f"{d.mean:.{digits}f} ± {spread}"
        else:
            cells[group] = f"{d.median:.{digits}f} [{d.q1:.{digits}f}–{d.q3:.{digits}f}]"
        missing[group] = str(d.missing)
        records.append(
            {
                "variable": label,
                "level": "",
                "group": group,
                "n": d.n,
                "missing": d.missing,
                "mean": d.mean,
                "sd": d.sd,
                "median": d.median,
                "q1": d.q1,
                "q3": d.q3,
            }
        )
    suffix = ", mean ± SD" if means else ", median [IQR]"
    lines = [(label + suffix, cells)]
    if any(m != "0" for m in missing.values()):
        lines.append(("Missing", missing))
    p, method = "", ""
    if test:
        found = measure_test(groups)
        p, method = p_words(found.p), found.method
    smd = smd_continuous(*groups) if len(groups) == 2 else float("nan")
    return _rows(lines, records, p, method, smd)


def count_rows(
    label: str, parts: Mapping[str, pd.Series], levels: Sequence[str], test: bool
) -> Rows:
    """Return the rows of a categorical variable; two levels take one line, the second's."""
    from radpipe.stats.contingency import count_test
    from radpipe.stats.describe import count, smd_categorical

    counts = {
        g: count([None if pd.isna(v) else str(v) for v in part], list(levels))
        for g, part in parts.items()
    }
    groups = [c for g, c in counts.items() if g != "Overall"] or list(counts.values())
    records = [
        {
            "variable": label,
            "level": level,
            "group": g,
            "n": c.n,
            "missing": c.missing,
            "count": int(c.counts[i]),
            "percent": float(c.percent[i]),
        }
        for g, c in counts.items()
        for i, level in enumerate(levels)
    ]

    def cells(i: int) -> dict[str, str]:
        return {
            g: f"{c.counts[i]} ({c.percent[i]:.0f}%)" if c.n else "–" for g, c in counts.items()
        }

    lines: list[tuple[str, Mapping[str, str]]] = [(f"{label}, n (%)", {})]
    lines += [(level, cells(i)) for i, level in enumerate(levels)]
    if len(levels) == 2:
        lines = [(f"{label}: {levels[1]}, n (%)", cells(1))]
    if any(c.missing for c in counts.values()):
        lines.append(("Missing", {g: str(c.missing) for g, c in counts.items()}))
    p, method = "", ""
    if test:
        found = count_test(np.array([c.counts for c in groups]))
        p, method = p_words(found.p), found.method
    smd = float("nan")
    if len(groups) == 2:
        smd = smd_categorical(groups[0].counts, groups[1].counts)
    return _rows(lines, records, p, method, smd)


def _rows(
    lines: Sequence[tuple[str, Mapping[str, str]]],
    records: Sequence[Mapping[str, object]],
    p: str,
    method: str,
    smd: float,
) -> Rows:
    p_text = p.replace("<", "< ") if p.startswith("<") else p
    values = pd.DataFrame(list(records)).assign(p=p_text, test=method, smd=smd)
    return Rows(tuple(lines), values, p_text, f"{smd:.2f}" if np.isfinite(smd) else "–", method)


def _digits(values: np.ndarray) -> int:
    """Return how many decimals a variable needs: those that tell its spread in three digits."""
    known = values[np.isfinite(values)]
    spread = float(np.ptp(known)) if known.size else 0.0
    if not spread > 0:
        return 1
    return int(np.clip(2 - np.floor(np.log10(spread)), 0, 4))
