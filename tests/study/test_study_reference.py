"""The reference is made from the settings, so that no key can be left out."""

import pytest

from radpipe.core.errors import UsageError
from radpipe.models.registry import MODELS
from radpipe.outputs.registry import OUTPUTS
from radpipe.resampling.registry import RESAMPLING, SPLITS
from radpipe.selection.registry import SELECTORS
from radpipe.study.blocks import BLOCKS
from radpipe.study.meanings import meanings
from radpipe.study.reference import reference


def test_every_registered_kind_and_key_is_there() -> None:
    text = reference()
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    for path, registry in (
        ("models.NAME", MODELS),
        ("selection.NAME[]", SELECTORS),
        ("outputs[]", OUTPUTS),
        ("evaluation.resampling", RESAMPLING),
        ("cohort.split", SPLITS),
        ("blocks.NAME", BLOCKS),
    ):
        for kind in registry:
            heading = f"## {path} {{kind: {kind}}}"
            assert heading in headings
            section = text.split(heading + "\n")[1].split("\n## ")[0]
            for name, field in registry[kind].model_fields.items():
                if name != "kind":
                    assert f"`{field.alias or name}`" in section
    assert "| `schema` | 1 | required | version of this format |" in text
    assert len(headings) == len(set(headings))


def test_every_key_has_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    assert [row for row in rows if not row.rstrip(" |").split(" | ")[3:]] == []


def test_every_kind_is_told_once() -> None:
    text = reference()
    assert len(text) < 110_000
    for kind, path in (
        ("mrmr", "models.NAME.selection[]"),
        ("combat", "models.NAME.preparation[]"),
    ):
        assert text.count(f"{{kind: {kind}}}") == 1
        assert f"`{path}`" in text.split(f"{{kind: {kind}}}")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("part", "there", "not_there"),
    [
        ("models", "## models.NAME {kind: svm}", "## outputs[]"),
        ("svm", "| `kernel` | linear, rbf, poly | rbf |", "random_forest}"),
        ("models.nomogram", "## models.NAME {kind: nomogram}", "## outputs[]"),
        ("cutoff", "## models.NAME.cutoff {kind: youden}", "## models.NAME {"),
        ("inner_folds", "`evaluation.resampling {kind: repeated_cv}`", "`repeats`"),
    ],
)
def test_a_part_by_its_name(part: str, there: str, not_there: str) -> None:
    text = reference(part)
    assert there in text
    assert not_there not in text


def test_shared_keys_stand_whole_where_one_kind_is_asked_for() -> None:
    assert "| `inputs` | a list [text, at least 1] | required |" in reference("svm")
    assert (
        reference("models").count("| `inputs` | a list [text, at least 1] | required | Blocks") == 1
    )


def test_an_unknown_part_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no part 'SVN'.*nearest: svm"):
        reference("SVN")


def test_limits_and_defaults_are_told() -> None:
    text = reference()
    assert "| `folds` | a whole number >= 2 | 5 |" in text
    assert "| `modality` | MR, CT, PT, US, MG, OT | required |" in text
    assert '| `event_code` | a list [text, at least 1] | ["1"] |' in text


def test_meanings_are_read_from_docstrings() -> None:
    said = meanings(OUTPUTS["calibration"])
    assert said["groups"].startswith("How many groups")
    assert said["models"].startswith("Which models")


@pytest.mark.parametrize("kind", ["univariable", "univariable_multivariable"])
def test_selectors_by_p_values_say_that_they_know_no_patients(kind: str) -> None:
    assert "take cases as independent: where a patient has several" in reference(kind)
