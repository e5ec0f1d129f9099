"""What settings mean for a picture of two dimensions."""

from __future__ import annotations

from radpipe.core.errors import CaseError, Fault
from radpipe.features.names import expected
from radpipe.features.settings import ExtractionSettings

PLANE = "axial"
"""The plane of a picture, which is worked on as the only slice of a volume."""


def default_settings(flat: bool) -> ExtractionSettings:
    """Return PyRadiomics' defaults for a volume; for a picture, shape2D takes shape's place.

    Parameters
    ----------
    flat : bool
        Whether the image is a picture of two dimensions.
    """
    if not flat:
        return ExtractionSettings()
    _, *others = ExtractionSettings.model_fields["classes"].default
    return ExtractionSettings(force_2d=PLANE, classes=("shape2D", *others))


def in_plane(settings: ExtractionSettings, where: str) -> ExtractionSettings:
    """Return settings as they count for a picture: in its plane.

    Parameters
    ----------
    settings : ExtractionSettings
        The block's.
    where : str
        The picture, for messages.

    Raises
    ------
    CaseError
        Where they ask for what a picture does not have.
    """
    problem = picture_problem(settings)
    if problem is not None:
        raise CaseError(Fault(where, f"has two dimensions, and {problem[0]}", problem[1]))
    return settings.model_copy(update={"force_2d": PLANE})


def picture_problem(settings: ExtractionSettings) -> tuple[str, str] | None:
    """Return what of the settings a picture does not have, and the cure; None where it has all."""
    if "shape" in settings.classes:
        cure = "take shape2D in its place (classes: [shape2D, ...], force_2d: axial)"
        return "the class shape measures volumes", cure
    if "lbp_3d" in [spec.kind for spec in settings.filters]:
        return "the filter lbp_3d needs three", "take lbp_2d in its place"
    asked = {settings.force_2d, *(spec.force_2d for spec in settings.filters)} - {None, PLANE}
    if asked:
        found = f"force_2d: {', '.join(sorted(asked))} is no plane of it"
        return found, f"set force_2d: {PLANE}"
    return None


def names_change(settings: ExtractionSettings) -> bool:
    """Return whether a picture's features have other names than the settings alone tell."""
    return expected(settings.model_copy(update={"force_2d": PLANE})) != expected(settings)
