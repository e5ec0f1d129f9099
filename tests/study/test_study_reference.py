"""The reference is made from the settings, so that no key can be left out."""

from radpipe.models.registry import MODELS
from radpipe.outputs.registry import OUTPUTS
from radpipe.resampling.registry import RESAMPLING, SPLITS
from radpipe.selection.registry import SELECTORS
from radpipe.study.blocks import BLOCKS
from radpipe.study.reference import meanings, reference


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
                assert f"| `{field.alias or name}` |" in section
    assert "| `schema` | 1 | required | version of this format |" in text
    assert len(headings) == len(set(headings))


def test_every_key_has_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    assert [row for row in rows if not row.rstrip(" |").split(" | ")[3:]] == []


def test_limits_and_defaults_are_told() -> None:
    text = reference()
    assert "| `folds` | a whole number >= 2 | 5 |" in text
    assert "| `modality` | MR, CT, PT, US, MG, OT | required |" in text
    assert '| `event_code` | a list [text, at least 1] | ["1"] |' in text


def test_meanings_are_read_from_docstrings() -> None:
    said = meanings(OUTPUTS["calibration"])
    assert said["groups"].startswith("How many groups")
    assert said["models"].startswith("Which models")
