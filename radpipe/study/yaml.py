"""YAML 1.2 core scalars, read strictly: no tags, no duplicate keys, no surprises.

PyYAML scans and parses; the types of plain scalars are decided here, because PyYAML follows
YAML 1.1 (``no`` is false, ``010`` is 8, ``1:30`` is 90, ``2024-01-01`` is a date).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from radpipe.core.errors import Fault, FaultsError
from radpipe.study.places import KeyPath, dotted, shown
from radpipe.study.signs import chinese, strange_key, wrapped
from radpipe.study.slips import syntax_faults

MAX_ALIASES = 20
MAX_BYTES = 300_000
_MAX_DEPTH = 40
_MAX_VALUES = 100_000

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# A number with leading zeros, or longer than an int64, is an id and stays text.
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|(0|[1-9][0-9]{0,17})\.[0-9]*)([eE][-+]?[0-9]{1,3})?"
    r"|[-+]?(0|[1-9][0-9]{0,17})[eE][-+]?[0-9]{1,3}"
)
# What a writer meant as `key: value`; no path of Windows (C:\\...) and no address (http://...).
_GLUED = re.compile(r"([^\W\d][\w .()-]*?)\s*([:：])([^\s:/\\].*)")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


START = "start it with `schema: 1`"


def read_yaml(path: Path, start: str = START) -> tuple[Any, dict[KeyPath, int]]:
    """Read a YAML file, or JSON, which is YAML but for its tabs.

    Parameters
    ----------
    path : Path
        A file in UTF-8 (a byte order mark is allowed), at most 300 kB.
    start : str
        What to do about an empty file.

    Returns
    -------
    data : object
        Mappings (keys always text, as written), lists, text, bool, int, float and None.
    lines : dict of key path to int
        The line of each key and list item, counted from 1.

    Raises
    ------
    FaultsError
        Every duplicate key and tag at once; or the first error of syntax.
    """
    text = _decode(path)
    text = text.expandtabs() if path.suffix == ".json" else text
    return parse_yaml(text, shown(path), start)


def parse_yaml(text: str, name: str, start: str = START) -> tuple[Any, dict[KeyPath, int]]:
    """Read YAML from text; ``name`` is what faults call it. See `read_yaml`."""
    node = _compose(text, name)
    if node is None:
        raise FaultsError([Fault(name, "the file is empty", start)])
    reader = _Reader(name)
    data = reader.value(node, (), ())
    if reader.faults:
        raise FaultsError(reader.faults)
    return data, reader.lines


def _decode(path: Path) -> str:
    """Return the file's text."""
    name = shown(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FaultsError([Fault(name, "no such file", "check the path")]) from None
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise FaultsError([Fault(name, found, "check its rights")]) from None
    if len(content) > MAX_BYTES:
        found, allowed = f"{len(content)} bytes", f"{MAX_BYTES // 1000} kB at most"
        raise FaultsError([Fault(name, found, "keep data out of it", allowed)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fault = Fault(f"{name}:{line}", "text that is not UTF-8", "save the file as UTF-8")
        raise FaultsError([fault]) from None


class _Loader(yaml.SafeLoader):
    """PyYAML's scanner and parser, with a limit on aliases and on depth."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.aliases = 0
        self.depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Compose one node; an alias more or a level deeper than allowed is an error."""
        self.aliases += bool(self.check_event(AliasEvent))
        self.depth += 1
        for count, most, noun in (
            (self.aliases, MAX_ALIASES, "aliases"),
            (self.depth, _MAX_DEPTH, "levels"),
        ):
            if count > most:
                mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.MarkedYAMLError(problem=f"more than {most} {noun}", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# No plain scalar is resolved by PyYAML: its tag then tells only whether one was written.
_Loader.yaml_implicit_resolvers = {}


def _compose(text: str, name: str) -> Node | None:
    """Return the root node, or raise the one fault of syntax in plain words."""
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise FaultsError(syntax_faults(error, text, name)) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        found = f"the control character U+{_code(error.character):04X}"
        raise FaultsError([Fault(f"{name}:{line}", found, "remove it")]) from None
    except RecursionError:
        found = "brackets nested too deeply"
        raise FaultsError([Fault(name, found, f"at most {_MAX_DEPTH} levels")]) from None


def _code(character: Any) -> int:
    return ord(character) if isinstance(character, str) else int(character)


class _Reader:
    """Turns nodes into values, and collects lines and faults on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._count = 0

    def value(self, node: Node, path: KeyPath, above: tuple[int, ...]) -> Any:
        """Return what a node stands for; ``above`` holds the nodes that it lies in."""
        self._count += 1
        if self._count > _MAX_VALUES:
            found = f"more than {_MAX_VALUES} values"
            raise FaultsError([Fault(self.name, found, "write less, use no aliases")])
        if id(node) in above:
            self._fault(node, path, "an alias inside what it stands for", "write the value out")
            return None
        self._refuse_tag(node, path)
        above = (*above, id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path, above)
        if isinstance(node, SequenceNode):
            items = []
            for i, item in enumerate(node.value):
                self.lines[(*path, i)] = item.start_mark.line + 1
                self._refuse_comma(node, item, (*path, i))
                items.append(self.value(item, (*path, i), above))
            return items
        assert isinstance(node, ScalarNode)
        if node.style is None and (slip := wrapped(node.value)):
            self._fault(node, path, slip.found, slip.cure)
        return plain(node.value) if node.style is None else node.value

    def _mapping(self, node: MappingNode, path: KeyPath, above: tuple[int, ...]) -> dict[str, Any]:
        """Return a mapping; its keys are text, as written."""
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, path, "a key that is a list or a mapping", "use text as key")
                continue
            self._refuse_tag(key_node, path)
            key, place = key_node.value, (*path, key_node.value)
            if self._refuse_colon(node, key_node, value_node, path):
                continue
            if key in values:
                first = self.lines[place]
                self._fault(
                    key_node,
                    place,
                    f"the key {key!r} a second time (first in line {first})",
                    "keep one of them",
                )
                continue
            self.lines[place] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, place, above)
        return values

    def _refuse_comma(self, node: SequenceNode, item: Node, path: KeyPath) -> None:
        """Note a fault where a list on one line is split by Chinese commas."""
        if node.flow_style and isinstance(item, ScalarNode) and item.style is None:
            for sign in [c for c in "，、" if c in item.value][:1]:
                slip = chinese(sign)
                self._fault(item, path, slip.found, f"{slip.cure}, or quote {item.value!r}")

    def _refuse_colon(self, node: MappingNode, key: ScalarNode, value: Node, path: KeyPath) -> bool:
        """Note a fault where a colon is none to YAML: no space behind it, or a Chinese one."""
        if not isinstance(value, ScalarNode) or value.style is not None or key.style is not None:
            return False
        if slip := strange_key(key.value):
            self._fault(key, path, slip.found, slip.cure)
            return True
        inside = bool(node.flow_style) and not value.value
        below = value.start_mark.line > key.start_mark.line
        text, owner = (key, path) if inside else (value, (*path, key.value))
        found = _GLUED.fullmatch(text.value) if inside or below else None
        if found is None:
            return False
        what = chinese("：").found if found[2] == "：" else "no space after ':'"
        self._fault(text, owner, what, f"write `{found[1]}: {found[3]}`")
        return True

    def _refuse_tag(self, node: Node, path: KeyPath) -> None:
        """Note a fault where a tag was written."""
        expected = {
            MappingNode: _Loader.DEFAULT_MAPPING_TAG,
            SequenceNode: _Loader.DEFAULT_SEQUENCE_TAG,
            ScalarNode: _Loader.DEFAULT_SCALAR_TAG,
        }[type(node)]
        if node.tag != expected:
            short = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(node, path, f"the tag {short}", "remove it; quote what is meant as text")

    def _fault(self, node: Node, path: KeyPath, found: str, cure: str) -> None:
        where = f"{self.name}:{node.start_mark.line + 1} {dotted(path)}".rstrip()
        self.faults.append(Fault(where, found, cure))


def plain(text: str) -> str | int | float | bool | None:
    """Return what an unquoted scalar stands for under the YAML 1.2 core schema."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "").lower())
    return text
