"""Filters of single grey values, and of their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from radpipe.features.filters import FilterSpec, Images
from radpipe.features.texture_settings import TextureSettings

if TYPE_CHECKING:
    from radpipe.features.prepare import Prepared


class SquareSpec(FilterSpec):
    """Square of the grey values, scaled to the range of the image."""

    kind: Literal["square"] = "square"

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("square",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.pointwise import peak_of, square

        yield "square", square(case.array[case.box], peak_of(case.array))


class SquareRootSpec(FilterSpec):
    """Square root of the grey values, sign kept, scaled to the range of the image."""

    kind: Literal["square_root"] = "square_root"

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("squareroot",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.pointwise import peak_of, square_root

        yield "squareroot", square_root(case.array[case.box], peak_of(case.array))


class LogarithmSpec(FilterSpec):
    """Logarithm of the grey values plus 1, sign kept, scaled to the range of the image."""

    kind: Literal["logarithm"] = "logarithm"

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("logarithm",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.pointwise import logarithm, peak_of

        yield "logarithm", logarithm(case.array[case.box], peak_of(case.array))


class ExponentialSpec(FilterSpec):
    """Exponential of the grey values, scaled to the range of the image."""

    kind: Literal["exponential"] = "exponential"

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("exponential",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.pointwise import exponential, peak_of

        yield "exponential", exponential(case.array[case.box], peak_of(case.array))


class GradientSpec(FilterSpec):
    """Magnitude of the gradient.

    Parameters
    ----------
    use_spacing : bool
        Differences per mm; otherwise per voxel.
    """

    kind: Literal["gradient"] = "gradient"
    use_spacing: bool = True

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("gradient",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        import SimpleITK as sitk

        from radpipe.imaging.gradient import gradient

        yield "gradient", sitk.GetArrayFromImage(gradient(case.image, self.use_spacing, case.box))
