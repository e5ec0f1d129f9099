"""Runs ``snakemake --lint`` and fails on any finding but one.

That one asks for a conda environment or container: radpipe is installed with pip, and its rules
run in the environment that it is installed in.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALLOWED = "Specify a conda environment or container for each rule."
LINTED = "Lints for "
FINDING = "    * "
ROOT = Path(__file__).resolve().parents[1]


def findings(report: str) -> list[str]:
    """Return the findings of a lint report that count, one line each."""
    found, place = [], ""
    for line in report.splitlines():
        if line.startswith(LINTED):
            place = line.removeprefix(LINTED).rstrip(":")
        elif line.startswith(FINDING) and ALLOWED not in line:
            found.append(f"{place}: {line.removeprefix(FINDING)}")
    return found


def main() -> int:
    """Lint the workflow; return the exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    report = done.stdout + done.stderr
    # Without a single lint line nothing was linted: the snakefile did not load.
    if LINTED not in report and "Congratulations" not in report:
        sys.stderr.write(report)
        return 1
    found = findings(report)
    for line in found:
        sys.stderr.write(f"snakemake --lint: {line}\n")
    sys.stdout.write(f"snakemake --lint: {len(found)} findings that count\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
