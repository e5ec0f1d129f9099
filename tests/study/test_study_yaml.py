"""YAML 1.2 core scalars, and everything that is refused."""

from pathlib import Path

import pytest

from radpipe.core.errors import FaultsError
from radpipe.study.yaml import MAX_ALIASES, parse_yaml, read_yaml


def faults(text: str) -> list[str]:
    with pytest.raises(FaultsError) as error:
        parse_yaml(text, "study.yaml")
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("<<", "<<"),
        ("12345678901234567890", "12345678901234567890"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", float("inf")),
        ("'12'", "12"),
        ('"true"', "true"),
        ("|-\n  12", "12"),
        ("1E5", 100000.0),
        ("00.5", "00.5"),
    ],
)
def test_plain_scalars_follow_the_core_schema(written: str, meant: object) -> None:
    data, _ = parse_yaml(f"key: {written}\n", "study.yaml")
    assert data == {"key": meant}
    assert type(data["key"]) is type(meant)


def test_keys_stay_as_written() -> None:
    data, _ = parse_yaml("{012: a, true: b, 1.0: c, ~: d}", "study.yaml")
    assert list(data) == ["012", "true", "1.0", "~"]


def test_lines_of_keys_and_items() -> None:
    _, lines = parse_yaml("a: 1\nb:\n  - x\n  - y: 2\n# said\nc: {d: 1}\n", "study.yaml")
    assert lines == {
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 1): 4,
        ("b", 1, "y"): 4,
        ("c",): 6,
        ("c", "d"): 6,
    }


def test_duplicate_keys_and_tags_come_at_once() -> None:
    assert faults("a: 1\nb:\n  c: !!python/object:os.system x\n  c: 2\na: 3\nd: !secret [1]\n") == [
        "study.yaml:3 b.c: the tag !!python/object:os.system; "
        "remove it; quote what is meant as text",
        "study.yaml:4 b.c: the key 'c' a second time (first in line 3); keep one of them",
        "study.yaml:5 a: the key 'a' a second time (first in line 1); keep one of them",
        "study.yaml:6 d: the tag !secret; remove it; quote what is meant as text",
    ]


def test_twenty_aliases_are_enough() -> None:
    text = "a: &x [1]\n" + "".join(f"b{i}: *x\n" for i in range(MAX_ALIASES))
    assert parse_yaml(text, "study.yaml")[0]["b19"] == [1]
    assert faults(text + "c: *x\n") == ["study.yaml:22: more than 20 aliases; write the values out"]


def test_an_alias_bomb_within_the_limit_does_not_explode() -> None:
    text = "a: &a [" + "x, " * 100 + "]\n"
    for i, name in enumerate("bcdefghi"):
        before = chr(ord(name) - 1)
        text += f"{name}: &{name} [" + f"*{before}, " * (3 if i < 4 else 2) + "]\n"
    [line] = faults(text)
    assert line == "study.yaml: more than 100000 values; write less, use no aliases"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "a: &a [*a]",
            "study.yaml:1 a[1]: an alias inside what it stands for; write the value out",
        ),
        ("a:\n\tb: 1", "study.yaml:2: a tab; indent with spaces"),
        ("a: b: c", "study.yaml:1: a second ': ' on the line; quote text that holds ': '"),
        ("a: 1\n---\nb: 2", "study.yaml:2: a second document (---); keep one document in the file"),
        ("", "study.yaml: the file is empty; start it with `schema: 1`"),
        ("a: \x01", "study.yaml:1: the control character U+0001; remove it"),
        ("? [1]\n: 2", "study.yaml:1: a key that is a list or a mapping; use text as key"),
        ("[" * 5000, "study.yaml:1: more than 40 levels; nest less"),
        (
            "a: *b",
            "study.yaml:1: found undefined alias 'b'; "
            "write the value out, or quote a text that starts with *",
        ),
    ],
)
def test_errors_of_syntax(text: str, line: str) -> None:
    assert faults(text) == [line]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: {b: 1}\nc：{d: 1}\n", ["2: the Chinese ：; write the ASCII :"]),
        ("a:\n  b: 1\n  c：d\n  e: 2\n", ["3: the Chinese ：; write the ASCII :"]),
        ("a: {b: x， c: y}\n", ["1: the Chinese ，; write the ASCII ,"]),
        ("a: {b：x}\n", ["1 a: the Chinese ：; write `b: x`"]),
        ("a:\n  b：5\n", ["2 a: the Chinese ：; write `b: 5`"]),
        ("a: [T1，T2]\n", ["1 a[1]: the Chinese ，; write the ASCII ,, or quote 'T1，T2'"]),
        ("a: “1”\n", ['1 a: “1” in Chinese quotes; write "1"']),
        ("a: 【x】\n", ["1 a: 【x】 in Chinese brackets; write [x]"]),
        (
            "a: ｛b: 1｝\nc：1\nd: 2\n",
            ["1: the Chinese ｛; write the ASCII {", "2: the Chinese ：; write the ASCII :"],
        ),
        (
            "a:\n  b: 1\n\u3000c: 2\n",
            ["3: the wide Chinese space (Chinese typing, or a copied text); indent with spaces"],
        ),
        (
            "a: {b:x, c:y}\n",
            ["1 a: no space after ':'; write `b: x`", "1 a: no space after ':'; write `c: y`"],
        ),
        ("a:1\nb: 2\n", ["1: no space after ':'; write `a: 1`"]),
        ("a: 1\nb:2\nc: 3\n", ["2: no space after ':'; write `b: 2`"]),
        ("a:\n  b: 1\n   c: 2\n", ["3: indented by 3 spaces, line 2 by 2; indent as line 2"]),
        ("a:\n  b: 1\n c: 2\n", ["3: indented by 1 space, line 2 by 2; indent as line 2"]),
        ("a: {b: 1\nc: 2\n", ["1: a { that is not closed; write } at the end"]),
        ("a: {b: [1\n  , 2\nc: 2\n", ["1: a { and a [ that are not closed; write ]} at the end"]),
        ("a: {b: [1}\n", ["1: a } where the [ is still open; write ] before it"]),
        ("a: {b: 1}}\n", ["1: a } that closes nothing; remove it"]),
        (
            "a: {b: x: y}\n",
            [
                "1: a ':' where a comma is due; write a comma between the two, or quote text that "
                "holds ':'"
            ],
        ),
        ("a: [x,, y]\n", ["1: a comma with nothing before it; remove one comma"]),
        ("a: {b: [x] c: y}\n", ["1: no comma before c; write a comma between the two"]),
        (
            'a: "x\nb: "y"\n',
            ['1: a " that is not closed on its line; write " at the end of the text'],
        ),
        ("a: {b: m/{id}.nii}\n", ['1: a { inside a text; put the text in quotes ("...")']),
        ("a:\nb\nc: 1\n", ["2: a line without ':' where a key is due; write `key: value`"]),
    ],
)
def test_slips_of_the_hand_are_named_where_they_stand(text: str, lines: list[str]) -> None:
    assert faults(text) == [f"study.yaml:{line}" for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "title: 肿瘤：影像，组学（一）",
        "levels: ['低，中', \"“高”\"]",
        "file: C:\\data\nlink: http://x.org/a",
        "cell: {value: a:b}",
        'title: "two\n  lines"\nother: {a:\n  1}',
    ],
)
def test_chinese_text_and_colons_inside_values_are_no_slips(text: str) -> None:
    assert parse_yaml(text, "study.yaml")[0]


def test_encodings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("study.yaml")
    file.write_bytes("\ufefftitle: 肿瘤\n".encode())
    assert read_yaml(file)[0] == {"title": "肿瘤"}
    file.write_bytes("schema: 1\ntitle: 肿瘤\n".encode("gbk"))
    with pytest.raises(FaultsError) as error:
        read_yaml(file)
    assert str(error.value) == "study.yaml:2: text that is not UTF-8; save the file as UTF-8"
    file.write_bytes(b"a" * 300_001)
    with pytest.raises(FaultsError, match="300001 bytes; allowed: 300 kB at most"):
        read_yaml(file)
    with pytest.raises(FaultsError, match=r"other\.yaml: no such file"):
        read_yaml(Path("other.yaml"))
