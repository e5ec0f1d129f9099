"""From a PyRadiomics parameter file, as it is, to the settings of an extraction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from radpipe.core.errors import Fault, FaultsError
from radpipe.features.names import REMOVED
from radpipe.features.params_schema import Params, Setting, Where, validated
from radpipe.features.pyradiomics_words import IMAGE_TYPES, INTERPOLATORS, PLANES
from radpipe.features.settings import ExtractionSettings

TEXTURE = frozenset(
    {
        *("binWidth", "binCount", "distances", "weightingNorm", "symmetricalGLCM", "gldm_a"),
        *("voxelArrayShift", "force2D", "force2Ddimension"),
    }
)
"""What an image type may have of its own, besides what its filter takes."""


@dataclass(frozen=True)
class ParamsExtra:
    """What a parameter file says besides settings.

    Parameters
    ----------
    label : int or None
        The region's value in the mask; None where the file does not say.
    notes : tuple of str
        What was read but does not act, or acts in another way, one line each.
    """

    label: int | None
    notes: tuple[str, ...]


def from_pyradiomics(
    parameters: Mapping[str, Any], where: str | Where = "parameters", picture: bool = False
) -> tuple[ExtractionSettings, ParamsExtra]:
    """Return the settings that PyRadiomics would extract with.

    Parameters
    ----------
    parameters : mapping
        With ``setting``, ``imageType``, ``featureClass`` and ``voxelSetting``, each optional:
        what a parameter file holds. What it does not say is as PyRadiomics has it.
    where : str or callable
        The file's name, or what tells where in it a key stands, for messages.
    picture : bool
        Whether it is for images of two dimensions: PyRadiomics then works in their plane and
        leaves out the class shape.

    Raises
    ------
    FaultsError
        All that PyRadiomics would refuse, and what has no counterpart here.
    """
    name = where
    place = where if callable(where) else lambda *path: f"{name} {_dotted(path)}".rstrip()
    return _Reading(parameters, validated(parameters, place), place, picture).result()


class _Reading:
    """Collects settings, notes and faults of a file whose keys and values are sound."""

    def __init__(
        self, given: Mapping[str, Any], params: Params, place: Where, picture: bool
    ) -> None:
        plane = {"force2D": True, "force2Ddimension": 0} if picture else {}
        self.given = given
        self.setting = params.setting.model_copy(update=plane)
        self.params = params
        self.place = place
        self.picture = picture
        names = given.get("imageType") or ["Original"]
        own = {name: getattr(params.imageType, name) or Setting() for name in names}
        self.images = {name: setting.model_copy(update=plane) for name, setting in own.items()}
        self.notes: list[str] = []
        self.faults: list[Fault] = []

    def result(self) -> tuple[ExtractionSettings, ParamsExtra]:
        """Return the settings and the rest, or raise all faults."""
        self._idle_settings()
        values = {
            **_preparation(self.setting),
            **_texture(self.setting),
            "filters": [spec for name in self.images for spec in self._filter(name)],
            **self._classes(),
        }
        if not values["filters"]:
            self._fault("no image to compute on", "add Original", "imageType")
        if self.faults:
            raise FaultsError(self.faults)
        label = self.setting.label if "label" in self.setting.model_fields_set else None
        return ExtractionSettings(**values), ParamsExtra(label, tuple(self.notes))

    def _note(self, text: str, *path: str) -> None:
        self.notes.append(f"{self.place(*path)}: {text}")

    def _fault(self, found: str, cure: str, *path: str) -> None:
        self.faults.append(Fault(self.place(*path), f"found {found}", cure))

    def _filter(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield one of our filters; none where PyRadiomics makes no image."""
        own, block = self.images[name], self.setting
        kind, keys = IMAGE_TYPES[name]
        self._idle_on_image(name, keys.values())
        both = block.model_copy(update={k: getattr(own, k) for k in own.model_fields_set})
        values = {ours: getattr(both, theirs) for ours, theirs in keys.items()}
        if kind == "log":
            values["sigma_mm"] = list(dict.fromkeys(both.sigma))
            self._whole_sigma(name)
            if not both.sigma:
                self._note("gives no image without sigma", "imageType", name)
                return
        if kind == "lbp_2d" and both.force2Ddimension and not both.force2D:
            found = f"the plane {PLANES[both.force2Ddimension]} without force2D"
            self._fault(found, "add force2D: true, or remove force2Ddimension", "imageType", name)
        common = _texture(block)
        for key, value in _texture(both).items():
            if value != common[key]:
                values[key] = "off" if value is None else value
        yield {"kind": kind, **values}

    def _classes(self) -> dict[str, Any]:
        """Return the classes, and the features of those that do not give all."""
        given = self.given.get("featureClass")
        classes: list[str] = []
        features: dict[str, list[str]] = {}
        for name in given or _default_classes():
            idle = self._idle_class(name)
            if idle:
                if given:
                    self._note(f"gives nothing {idle}", "featureClass", name)
                continue
            asked = list(dict.fromkeys(getattr(self.params.featureClass, name) or []))
            removed = REMOVED.get(name, {})
            kept = [feature for feature in asked if feature not in removed]
            for feature in asked:
                if feature in removed:
                    text = f"{feature} has no value in PyRadiomics; {removed[feature]}"
                    self._note(text, "featureClass", name)
            if kept or not asked:
                classes.append(name)
            if kept:
                features[name] = kept
        if not classes:
            self._fault("no feature to compute", "add a class", "featureClass")
        return {"classes": classes, "features": features or None}

    def _idle_class(self, name: str) -> str:
        """Return why a class has no features; empty where it has some."""
        if name == "shape2D" and not self.setting.force2D:
            return "without force2D: true"
        return "in two dimensions" if name == "shape" and self.picture else ""

    def _idle_settings(self) -> None:
        """Note each key that is given and does not act, with what it would need."""
        s, images = self.setting, self.images
        resampled = s.resampledPixelSpacing is not None and s.interpolator is not None
        cropped = resampled or s.preCrop
        flat = s.force2D or any(own.force2D for own in images.values())
        used = {key for name in images for key in IMAGE_TYPES[name].keys.values()}
        known = {key for _, keys in IMAGE_TYPES.values() for key in keys.values()}
        idle: dict[str, str | bool] = {
            "additionalInfo": s.additionalInfo and "; features come without diagnostics",
            "normalizeScale": not s.normalize and " without normalize: true",
            "removeOutliers": not s.normalize and " without normalize: true",
            "resampledPixelSpacing": not resampled and " without an interpolator",
            "padDistance": not cropped and " without resampledPixelSpacing or preCrop",
            "preCrop": resampled and s.preCrop and "; resampling crops already",
            "resegmentMode": s.resegmentRange is None and " without resegmentRange",
            "resegmentShape": s.resegmentRange is None and " without resegmentRange",
            "binWidth": s.binCount is not None and " beside binCount",
            "force2Ddimension": not flat and " without force2D: true",
            **dict.fromkeys(known - used, " without its image type"),
        }
        for key in Setting.model_fields:
            given = key in s.model_fields_set and getattr(s, key) is not None
            if given and idle.get(key):
                self._note(f"does not act{idle[key]}", "setting", key)
        if type((self.given.get("setting") or {}).get("interpolator")) is int:
            self._note(f"read as {s.interpolator}", "setting", "interpolator")
        if len(s.resampledPixelSpacing or ()) == 2 and not self.picture:
            text = "of 2 values leaves the third axis as it is"
            self._note(text, "setting", "resampledPixelSpacing")
        if self.params.voxelSetting is not None:
            self._note("does not act; features are those of the whole region", "voxelSetting")

    def _idle_on_image(self, name: str, keys: Collection[str]) -> None:
        """Note what an image type cannot have of its own; refuse a label of its own."""
        own = self.images[name]
        for key in Setting.model_fields:
            if key not in own.model_fields_set or key in TEXTURE or key in keys:
                continue
            if key == "label" and own.label != self.setting.label:
                cure = "remove it; all filters see the same region"
                self._fault(f"another label ({own.label})", cure, "imageType", name, key)
            else:
                self._note("does not act on one image type alone", "imageType", name, key)

    def _whole_sigma(self, name: str) -> None:
        """Note that PyRadiomics writes a whole sigma in another way than 1.0."""
        own = (self.given["imageType"][name] or {}).get("sigma")
        path = ("setting",) if own is None else ("imageType", name)
        given = (self.given.get("setting") or {}).get("sigma") if own is None else own
        for sigma in given or ():
            if isinstance(sigma, int):
                text = f"features of {sigma} are named log-sigma-{sigma}-0-mm-3D, where"
                self._note(f"{text} PyRadiomics writes log-sigma-{sigma}-mm-3D", *path, "sigma")
                break


def _default_classes() -> list[str]:
    """Return the classes that PyRadiomics computes where a file names none."""
    shape, *others = ExtractionSettings.model_fields["classes"].default
    return [shape, "shape2D", *others]


def _preparation(s: Setting) -> dict[str, Any]:
    """Return what happens to image and mask before any filter."""
    scaled = {"kind": "z_score", "scale": s.normalizeScale, "remove_outliers": s.removeOutliers}
    cut = {
        "range": sorted(s.resegmentRange or []),
        "mode": s.resegmentMode,
        "shape": s.resegmentShape,
    }
    return {
        "correct_mask": s.correctMask,
        "geometry_tolerance": s.geometryTolerance,
        "mask_channel": s.label_channel,
        "minimum_dimensions": s.minimumROIDimensions,
        "minimum_voxels": s.minimumROISize,
        "normalise": scaled if s.normalize else None,
        "resegment": cut if s.resegmentRange else None,
        **_grid(s),
    }


def _grid(s: Setting) -> dict[str, Any]:
    """Return how the image is resampled or cropped."""
    spacing = s.resampledPixelSpacing if s.interpolator else None
    if spacing and any(spacing):
        ours = {theirs: name for name, theirs in INTERPOLATORS.items()}[s.interpolator or ""]
        return {
            "resample": {
                "spacing_mm": [*spacing, 0][:3],
                "interpolator": ours,
                "pad_voxels": s.padDistance,
            }
        }
    # To a spacing of 0 on every axis PyRadiomics crops alone.
    return {"crop": {"pad_voxels": s.padDistance}} if spacing or s.preCrop else {}


def _texture(s: Setting) -> dict[str, Any]:
    """Return the settings that a filter may have of its own; a bin count comes first."""
    width, count = {"kind": "bin_width", "width": s.binWidth}, s.binCount
    return {
        "discretise": {"kind": "bin_count", "count": count} if count is not None else width,
        "distances": s.distances,
        "weighting": s.weightingNorm,
        "symmetric_glcm": s.symmetricalGLCM,
        "gldm_alpha": s.gldm_a,
        "intensity_shift": s.voxelArrayShift,
        "force_2d": PLANES[s.force2Ddimension] if s.force2D else None,
    }


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return ``setting.distances[2]`` (list items are counted from 1)."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
