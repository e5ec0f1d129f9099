"""Whatever stands in study.yaml, the answer is faults of one line each, in plain words."""

import copy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from study_making import BINARY, STUDY, SURVIVAL

from radpipe.study.crossrefs import cross_faults
from radpipe.study.draft import read_draft

ROOT = Path(__file__).resolve().parents[2]
STRANGE: list[Any] = [
    None, True, -1, 1.5, 10**30, "x", "", [], [[]], [{}], {}, {"kind": "x"}, {"kind": ["a"]},
    {"a": {"b": 1}}, "a__b", "clinical", "../x", "{patient}", "lasso",
]  # fmt: skip
JARGON = ("Input should", "Field required", "pydantic", "Annotated", "validat", "Traceback")


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield from places(value, (*path, key))


def spoilt(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize("endpoint", [BINARY, SURVIVAL], ids=["binary", "survival"])
def test_no_value_anywhere_breaks_the_reading(tmp_path: Path, endpoint: str) -> None:
    sound = yaml.safe_load(STUDY.replace(BINARY, endpoint))
    file = tmp_path / "study.yaml"
    for number, path in enumerate(p for p in places(sound) if p != ("schema",)):
        value = STRANGE[number % len(STRANGE)]
        file.write_text(yaml.safe_dump(spoilt(sound, path, value), sort_keys=False))
        draft = read_draft(file)
        assert draft.spec is not None
        for fault in [*draft.faults, *cross_faults(draft)]:
            assert "\n" not in str(fault)
            assert not any(word in str(fault) for word in JARGON), str(fault)


def test_reading_a_study_imports_no_heavy_library() -> None:
    code = (
        "import sys, radpipe.study.check, radpipe.study.files\n"
        "heavy = {'matplotlib', 'xgboost', 'lifelines', 'statsmodels', 'radiomics', 'numba', "
        "'SimpleITK'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
