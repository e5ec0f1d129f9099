"""How study.yaml names cohorts from elsewhere, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from radpipe.core.spec import Spec, Text
from radpipe.study.names import id_problem
from radpipe.study.patterns import pattern_problem

MAIN = "main"
"""The name of the cohort of the data folder itself."""

EACH = "*"
"""Stands for every folder, and for the name of each as that of its cohort."""


def cohort_name_problem(name: str) -> str:
    """Return what makes a name unusable for an external cohort, or an empty string."""
    return f"a cohort called {MAIN!r}" if name == MAIN else id_problem(name)


def _below(path: str) -> str:
    problem = pattern_problem(path)
    if not problem and "{" in path:
        problem = f"the path {path!r} with a placeholder; each cohort has one folder and one table"
    if problem:
        raise ValueError(problem)
    return path.rstrip("/")


Below = Annotated[Text, AfterValidator(_below)]
"""A folder or file below another one, without placeholders."""


class ExternalSpec(Spec):
    """Another cohort, whose folder is laid out like the data folder: table, images, masks."""

    folder: Below = Field(description="its folder, from the data folder; `*` is any one in `a/*`")
    table: Below | None = Field(
        None, description="its table, from its folder; default the name of the cohort's own"
    )


def _named(value: Any) -> Any:
    """Let a folder stand for a cohort of its name, and a bare path for its settings."""
    if isinstance(value, str):
        name = PurePosixPath(value).name
        return {EACH if EACH in name else name: {"folder": value}}
    if isinstance(value, Mapping):
        return {k: {"folder": v} if isinstance(v, str) else v for k, v in value.items()}
    return value


def _checked(external: dict[str, ExternalSpec]) -> dict[str, ExternalSpec]:
    for name, spec in external.items():
        each = EACH in spec.folder
        if each and (PurePosixPath(spec.folder).name != EACH or spec.folder.count(EACH) > 1):
            raise ValueError(f"the folder {spec.folder!r}; write * alone, at the end: external/*")
        if each != (name == EACH):
            raise ValueError(
                f"the folder {spec.folder!r} for the cohort {name!r}; {EACH} as folder and as name "
                "belong together, each folder's name is then its cohort's"
            )
        problem = "" if each else cohort_name_problem(name)
        if problem:
            raise ValueError(f"{problem}; rename the cohort")
    return external


Externals = Annotated[dict[str, ExternalSpec], BeforeValidator(_named), AfterValidator(_checked)]
"""External cohorts by name; ``external/*`` makes one of every folder there."""
