"""Run the adaptors on a folder of cases: ``python -m tests.golden [--cases DIR] [NAME ...]``.

Prints a line a case: numbers right of all, and the worst miss. Ends with status 1 where anything
is missed that xfail.yaml does not name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.golden.case import CASES, cases
from tests.golden.judge import judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("names", nargs="*", help="cases to run; all without")
    parser.add_argument("--cases", type=Path, default=CASES, help="folder of cases")
    parser.add_argument("--misses", type=int, default=0, help="how many misses of a case to print")
    asked = parser.parse_args()
    found = [c for c in cases(asked.cases) if not asked.names or c.name in asked.names]
    if not found:
        print(f"no cases in {asked.cases}: a case is a folder with expected.json")
        return 2
    verdicts = []
    for case in found:
        verdicts.append(judge(case))
        print(verdicts[-1].line(), flush=True)
        for row in verdicts[-1].misses[: asked.misses]:
            print(f"    {row}")
    right, numbers = (sum(v.right for v in verdicts), sum(v.numbers for v in verdicts))
    named = sum(len(v.known) for v in verdicts)
    bad = [v.case.name for v in verdicts if not v.passed]
    print(f"{len(found)} cases: {right} of {numbers} numbers right, {named} misses in xfail.yaml")
    if bad:
        print(f"missed: {', '.join(bad)}")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
