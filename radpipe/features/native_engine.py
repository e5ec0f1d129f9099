"""radpipe's own extraction engine: PyRadiomics' definitions, compiled loops."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.core.kernels import compile_once
from radpipe.features.names import FEATURES, SHAPE
from radpipe.features.pyradiomics_words import PLANES
from radpipe.features.settings import ExtractionSettings
from radpipe.imaging.threads import itk_on_one_thread

if TYPE_CHECKING:
    import SimpleITK as sitk

    from radpipe.features.prepare import Prepared
    from radpipe.features.texture import Frames
    from radpipe.features.texture_settings import TextureSettings

KERNELS = (
    "radpipe.imaging.bspline",
    "radpipe.imaging.discretise",
    "radpipe.imaging.recursion",
    "radpipe.imaging.wavelet",
    "radpipe.features.correlation",
    "radpipe.features.firstorder",
    "radpipe.features.glcm",
    "radpipe.features.mesh",
    "radpipe.features.neighbours",
    "radpipe.features.region",
    "radpipe.features.zones",
)
"""Modules of compiled loops."""


class NativeEngine:
    """PyRadiomics' features by radpipe's own code; the default engine."""

    name = "native"

    def version(self) -> str:
        """Return the versions of the libraries that shape the numbers."""
        packages = ["numpy", "numba", "PyWavelets", "scipy", "SimpleITK"]
        return " ".join(f"{package}={version(package)}" for package in packages)

    def warm(self) -> None:
        """Compile what is not compiled yet on this machine."""
        compile_once(KERNELS)

    def extract(
        self, image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings
    ) -> dict[str, float]:
        """Return features by their PyRadiomics names; see ``Engine``."""
        self.warm()
        from radpipe.features.prepare import prepare
        from radpipe.features.texture import Frames
        from radpipe.features.texture_settings import texture_of

        with itk_on_one_thread():
            case = prepare(image, mask, settings)
            found = _shapes(case, settings)
            frames = Frames(case.region)
            for spec in settings.filters:
                texture = texture_of(settings, spec)
                for name, box in spec.images(case, texture):
                    values = _image_features(case, frames, name, box, texture, settings)
                    found |= {f"{name}_{feature}": value for feature, value in values.items()}
        return found


def _shapes(case: Prepared, settings: ExtractionSettings) -> dict[str, float]:
    from radpipe.features.shape import shape
    from radpipe.features.shape2d import shape_2d

    found: dict[str, float] = {}
    region = case.shape
    if "shape" in settings.classes:
        values = shape(region.inside, region.spacing)
        found |= {f"original_shape_{name}": value for name, value in values.items()}
    if "shape2D" in settings.classes:
        turned = region.turned(PLANES.index(settings.force_2d or "axial"))
        if turned.inside.shape[0] > 1:
            raise CaseError(
                Fault(
                    "extraction",
                    f"the region spans {turned.inside.shape[0]} slices in the plane of force_2d, "
                    "and shape2D measures one",
                    "leave out shape2D, or give a mask of one slice",
                )
            )
        values = shape_2d(turned.inside[0], turned.spacing[1:])
        found |= {f"original_shape2D_{name}": value for name, value in values.items()}
    return found


def _image_features(
    case: Prepared,
    frames: Frames,
    image: str,
    box: np.ndarray,
    texture: TextureSettings,
    settings: ExtractionSettings,
) -> dict[str, float]:
    from radpipe.features.firstorder import firstorder
    from radpipe.features.size import check_levels
    from radpipe.features.texture import levels_of, texture_features

    classes = settings.classes
    values = case.region.values(box)
    if not np.isfinite(values).all():  # as the kurtosis of equal values; there are no grey levels
        wanted = (family for family in classes if family not in SHAPE)
        return {f"{family}_{name}": np.nan for family in wanted for name in FEATURES[family]}
    check_levels(float(values.min()), float(values.max()), texture, settings, image)
    levels = levels_of(values, texture)
    found: dict[str, float] = {}
    if "firstorder" in classes:
        counts = np.bincount(levels)
        volume = float(np.prod(case.region.spacing))
        features = firstorder(values, counts[counts > 0], volume, texture.intensity_shift)
        found |= {f"firstorder_{name}": value for name, value in features.items()}
    return found | texture_features(frames, levels, texture, classes)
