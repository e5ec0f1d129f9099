"""Images that no row of the cohort tables asks for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.patterns import matches, placeholders
from radpipe.study.readers import primary_of
from radpipe.study.sources import Source


def imaged(
    study: Study,
    cohorts: Iterable[Source],
    known: Mapping[str, Container[str]] = MappingProxyType({}),
) -> dict[str, Path]:
    """Return the ids that have an image of the study's, each with the first such file.

    Only patterns whose one placeholder is the id column can tell; from others no id follows. An
    id of an external cohort has the cohort's name before it.

    Parameters
    ----------
    study : Study
    cohorts : iterable of Source
        Where to look.
    known : mapping of str to container of str
        Cohort -> ids that are left out, with its name before them or without.
    """
    column = normal(study.spec.cohort.id)
    reader = primary_of(study.spec.readers)
    found: dict[str, Path] = {}
    for source in cohorts:
        files: dict[str, str] = {}
        for image, _ in study.spec.pairs():
            files |= study.spec.image_patterns(image)
        for image, pattern in files.items():
            if placeholders(pattern) != (column,):
                continue
            for match in matches(study.data / source.folder, pattern, image, reader):
                own = normal(match.values[column])
                case = f"{source.name}.{own}" if source.external else own
                there = known.get(source.name, ())
                if case not in there and own not in there:
                    found.setdefault(case, match.path)
    return found
