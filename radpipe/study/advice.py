"""What is allowed but rarely meant."""

from __future__ import annotations

from collections.abc import Iterator

from radpipe.features.settings import doubts
from radpipe.study.adequacy import adequacy
from radpipe.study.afterwards import late_variables
from radpipe.study.blocks import ExtractionSpec
from radpipe.study.cohort import Cohort
from radpipe.study.copies import copied_variables
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.params import params_file, read_params
from radpipe.study.patients import repeated_patients
from radpipe.study.places import shown
from radpipe.study.riskrefs import rivalled
from radpipe.study.rows import some

FEW_LEVELS, MANY_LEVELS = 4, 20
"""Levels of a nominal variable that are always few, and always many."""
PER_LEVEL = 10
"""Training cases a level, at the least."""


def advice(study: Study, cohort: Cohort) -> list[str]:
    """Return what a statistician would ask about, one line each."""
    found = [*repeated_patients(study, cohort.rows)]
    found += [*adequacy(study, cohort), *_horizons(study, cohort), *rivalled(study, cohort)]
    found += [*_codes(study, cohort), *copied_variables(study, cohort)[1]]
    found += [*late_variables(study, cohort), *_levels(study, cohort), *_settings(study)]
    return list(dict.fromkeys([*found, *_params(study)]))


def _codes(study: Study, cohort: Cohort) -> Iterator[str]:
    """Values of the endpoint's column that no case has."""
    column = getattr(study.spec.endpoint, "event", getattr(study.spec.endpoint, "column", None))
    there = set(cohort.rows.column(column)) if column else set()
    for key in ("positive", "negative", "event_code", "competing", "censored"):
        named = getattr(study.spec.endpoint, key, None) or ()
        gone = [value for value in named if normal(value) not in there]
        if gone and column:
            yield (
                f"{study.places.where('endpoint', key)}: no case has the value {some(gone)} in "
                f"column {column!r}"
            )


def _horizons(study: Study, cohort: Cohort) -> Iterator[str]:
    """Horizons that nobody was followed up to."""
    if "time" not in cohort.frame:
        return
    longest = float(cohort.frame["time"].max())
    for horizon in getattr(study.spec.endpoint, "horizons", ()):
        if horizon > longest:
            yield (
                f"{study.places.where('endpoint', 'horizons')}: nobody was followed up to "
                f"{horizon:g} {getattr(study.spec.endpoint, 'time_unit', '')} (longest: "
                f"{longest:g}); no risk can be checked there"
            )


def _levels(study: Study, cohort: Cohort) -> Iterator[str]:
    """Nominal variables of which hardly any level has cases enough."""
    n = int((cohort.frame["split"] == "train").sum())
    for name, about in cohort.info["clinical"].items():
        count = len(about["levels"])
        many = count > MANY_LEVELS or (count > FEW_LEVELS and count > n / PER_LEVEL)
        if about["type"] == "nominal" and many:
            yield (
                f"{study.places.where('clinical', name)}: {count} levels in {n} training cases, "
                "each a coefficient of its own; put rare ones together with groups: "
                "{other: [...]}, or set the type to continuous if they are numbers"
            )


def _settings(study: Study) -> Iterator[str]:
    """Extraction settings that engines take but that are rarely meant."""
    for name, block in study.spec.extracted.items():
        if block.image in study.spec.images:
            for doubt in doubts(study.spec.settings(name)):
                yield f"{study.places.where('blocks', name)}: {doubt}"


def _params(study: Study) -> Iterator[str]:
    """What PyRadiomics parameter files say in vain."""
    for name, block in study.spec.extracted.items():
        region = study.spec.regions.get(block.region)
        image = study.spec.images.get(block.image)
        if not isinstance(block, ExtractionSpec) or block.extraction is None:
            continue
        if region is None or image is None:
            continue
        path = params_file(study.folder, block.extraction)
        extra = read_params(path)[1]
        yield from extra.notes
        where = study.places.where("blocks", name, "extraction")
        if extra.label not in (None, region.label):
            yield (
                f"{where}: {shown(path)} names label {extra.label}, but label {region.label} of "
                f"region {block.region!r} counts"
            )
        if image.normalise is not None and block.normalise is None:
            yield (
                f"{where}: {shown(path)} leaves the grey values as they are; normalise of image "
                f"{block.image!r} does not act"
            )
