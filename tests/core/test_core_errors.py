"""The nearest name: what a writer meant, or nothing where that is anyone's guess."""

import pytest

from radpipe.core.errors import nearest

NUMBERED = [f"original_firstorder_f{i:02d}" for i in range(1, 25) if i != 5]


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("fodls", ["folds", "repeats"], "nearest: folds"),
        ("SVM", ["svr", "svm"], "nearest: svm"),
        ("LoG", ["wavelet", "log"], "nearest: log"),
        ("age", ["stage", "Age", "PSA"], "nearest: Age"),
        ("年龄（岁）", ["年龄(岁)", "性别"], "nearest: 年龄(岁)"),
        ("psa", ["lasso", "clinical", "clinical.psa"], "nearest: clinical.psa"),
        ("f01", ["feat__f01", "feat__f11"], "nearest: feat__f01"),
        ("map", ["mat", "max"], "nearest: mat or max"),
        ("original_firstorder_f05", NUMBERED, ""),
        ("xyz", ["folds"], ""),
        ("x", [], ""),
    ],
)
def test_the_nearest_name(word: str, known: list[str], said: str) -> None:
    assert nearest(word, known) == said
