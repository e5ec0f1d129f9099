"""What an extraction engine is: the seam between a study and the code that computes features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from radpipe.features.settings import ExtractionSettings

if TYPE_CHECKING:
    import SimpleITK as sitk


class Engine(Protocol):
    """Computes the features of one region.

    An engine holds no state between cases, reads no file and uses one thread, so that its
    numbers depend on its arguments alone.
    """

    name: str

    def version(self) -> str:
        """Return what the numbers depend on: the engine's version and its libraries'.

        Raises
        ------
        RadpipeError
            Where the engine is not installed, with the way to install it.
        """
        ...

    def warm(self) -> None:
        """Compile what is not compiled yet on this machine; other workers wait and share it."""
        ...

    def extract(
        self, image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings
    ) -> dict[str, float]:
        """Return features by their PyRadiomics names, without diagnostics.

        Parameters
        ----------
        image : sitk.Image
            Of one channel, finite; a volume, or a picture of two dimensions.
        mask : sitk.Image
            1 in the region and 0 elsewhere, not empty; on the image's grid or, where the settings
            resample both, on one of its own.
        settings : ExtractionSettings
            How to extract; ``force_2d`` is axial for a picture.

        Raises
        ------
        CaseError
            Where the region admits no features (one voxel, lost in resampling, too many grey
            levels). A single feature that is undefined is NaN.
        """
        ...
