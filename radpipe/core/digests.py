"""Digests of settings and of code: what a result depends on, as one short text."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = "radpipe"


def canonical(value: Any) -> str:
    """Return JSON text that is the same for equal values, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(*values: Any) -> str:
    """Return 20 hexadecimal digits of SHA-256 over JSON-able ``values``."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:20]


def versions(*distributions: str) -> dict[str, str]:
    """Return the installed version of each distribution, ``"absent"`` where it is not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def code_digest(modules: Iterable[str], alone: Iterable[str] = ()) -> str:
    """Return the digest of code; comments, docstrings and layout do not count.

    Parameters
    ----------
    modules : iterable of str
        Modules that count with all that they import from radpipe; a package stands for all
        its modules.
    alone : iterable of str
        Modules that count by themselves.
    """
    names = set(alone)
    for module in modules:
        names |= import_closure(module)
    return digest(sorted((name, _source(name)) for name in names))


@cache
def import_closure(module: str) -> frozenset[str]:
    """Return ``module`` and every radpipe module that it imports, directly or not."""
    closure: set[str] = set()
    waiting = [module, *_submodules(module)]
    while waiting:
        name = waiting.pop()
        if name not in closure:
            closure.add(name)
            waiting.extend(_imports(name))
    return frozenset(closure)


@cache
def _path(module: str) -> Path | None:
    spec = find_spec(module)
    return Path(spec.origin) if spec is not None and spec.origin else None


def _submodules(module: str) -> list[str]:
    path = _path(module)
    if path is None or path.name != "__init__.py":
        return []
    return [f"{module}.{p.stem}" for p in sorted(path.parent.glob("*.py")) if p.stem != "__init__"]


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    return ast.parse(path.read_text(encoding="utf-8") if path else "")


@cache
def _imports(module: str) -> tuple[str, ...]:
    found: list[str] = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] == PACKAGE]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            base = node.module or ""
            found.append(base)
            found += [f"{base}.{a.name}" for a in node.names if _is_module(f"{base}.{a.name}")]
    return tuple(found)


@cache
def _is_module(name: str) -> bool:
    parent = _path(name.rpartition(".")[0])
    if parent is None or parent.name != "__init__.py":
        return False
    leaf = parent.parent / name.rpartition(".")[2]
    return leaf.with_suffix(".py").exists() or (leaf / "__init__.py").exists()


@cache
def _source(module: str) -> str:
    """Return the syntax tree without docstrings, which no result depends on."""
    tree = _tree(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
