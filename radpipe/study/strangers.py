"""Images that no row of the cohort table asks for."""

from __future__ import annotations

from pathlib import Path

from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.patterns import matches, placeholders


def imaged(study: Study) -> dict[str, Path]:
    """Return the ids that have an image of the study's, each with the first such file.

    Only patterns whose one placeholder is the id column can tell; from others no id follows.
    """
    column = normal(study.spec.cohort.id)
    found: dict[str, Path] = {}
    for image in dict.fromkeys(image for image, _ in study.spec.pairs()):
        pattern = study.spec.images[image].path
        if placeholders(pattern) == (column,):
            for match in matches(study.data, pattern, image):
                found.setdefault(normal(match.values[column]), match.path)
    return found
