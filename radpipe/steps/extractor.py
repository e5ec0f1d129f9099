"""Extracts cases into the case store: what each job of a study does, and each worker of a table.

Light to load, since every worker does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from radpipe.core import digests
from radpipe.core.digests import code_digest, digest
from radpipe.core.errors import CaseError, Fault
from radpipe.features.case import code_of, extract_case
from radpipe.features.engine import Engine
from radpipe.features.names import expected
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.features.settings import ExtractionSettings, canonical
from radpipe.imaging.perturb import Perturbation
from radpipe.io.images import read_header, read_mask
from radpipe.io.maps import ImageMap, Source, digest_source, read_source
from radpipe.io.store import Store


@dataclass(frozen=True)
class Extractor:
    """Extracts cases into a store; what is there is left alone.

    Parameters
    ----------
    store : Store
        Where features are kept, and found again.
    engine : Engine
        What computes.
    version : str
        The engine's version.
    """

    store: Store
    engine: Engine
    version: str

    @classmethod
    def of(cls, store: Store, engine_name: str = DEFAULT_ENGINE) -> Extractor:
        """Return the extractor of an engine."""
        engine: Engine = ENGINES[engine_name]()
        return cls(store, engine, engine.version())

    def __call__(
        self,
        image: Source,
        mask: Path,
        label: int,
        settings: ExtractionSettings,
        perturbation: Perturbation | None = None,
    ) -> tuple[str, str]:
        """Return the key of a case's features, and whether they were ``computed`` or ``stored``.

        What is perturbed is kept under a key of its own.

        Raises
        ------
        CaseError
            Where there are no features, with the reason.
        """
        asked, code = canonical(settings), [code_digest(["radpipe.io.images"])]
        if isinstance(image, ImageMap):
            code.append(code_digest(["radpipe.io.maps"]))
        if perturbation is not None:
            asked += digests.canonical(asdict(perturbation))
            code.append(code_digest(["radpipe.imaging.perturbed"]))
        key = self.store.key(
            digest_source(self.store, image),
            self.store.digest_file(mask),
            label,
            asked,
            self.engine.name,
            self.version,
            digest(code_of(self.engine.name, settings), *code),
        )
        if self.store.get(key) is not None:
            return key, "stored"
        self.store.put(
            key,
            extract_files(image, mask, label, settings, self.engine, perturbation),
            {"image": image.name},
        )
        return key, "computed"


def extract_files(
    image: Source,
    mask: Path,
    label: int,
    settings: ExtractionSettings,
    engine: Engine,
    perturbation: Perturbation | None = None,
) -> dict[str, float]:
    """Return the features of a pair of files, changed at random where that is asked for.

    Raises
    ------
    CaseError
        Where there are none, with the reason.
    """
    try:
        pair = read_source(image), read_mask(mask)
        if perturbation is not None:
            from radpipe.imaging.perturbed import perturbed

            channels = settings.channel, settings.mask_channel
            pair = perturbed(*pair, label, channels, perturbation, (str(image), str(mask)))
            settings = settings.model_copy(update={"channel": None, "mask_channel": 0})
        return extract_case(*pair, label, settings, engine, str(image), str(mask))
    except MemoryError as error:
        cure = "run with fewer cores, resample to larger voxels, or exclude the case"
        fault = Fault(str(image), "needs more memory than there is", cure)
        raise CaseError(fault) from error


@dataclass(frozen=True)
class Recipe:
    """How files are extracted that belong to no study.

    Parameters
    ----------
    volume, picture : ExtractionSettings
        For images of three and of two dimensions.
    label : int
        The region's value in the masks, where a table does not say.
    notes : tuple of str
        What a parameter file says that does not act.
    """

    volume: ExtractionSettings
    picture: ExtractionSettings
    label: int
    notes: tuple[str, ...] = ()

    def settings(self, image: Path, mask_channel: int | None = None) -> ExtractionSettings:
        """Return the settings for an image, by its header."""
        found = self.picture if read_header(image).dimension == 2 else self.volume
        if mask_channel is None:
            return found
        return found.model_copy(update={"mask_channel": mask_channel})

    def names(self) -> list[str]:
        """Return the features that an image may give."""
        return list(dict.fromkeys([*expected(self.volume), *expected(self.picture)]))


@dataclass(frozen=True)
class Row:
    """A region to extract: files, and label and channel as far as its table says."""

    image: Path
    mask: Path
    label: int | None
    mask_channel: int | None


@dataclass(frozen=True)
class Outcome:
    """What came of a row: the key of its features, or the reason why there are none.

    Parameters
    ----------
    status : str
        ``computed``, ``stored`` or ``failed``.
    key, reason : str
        One of them; the other is empty.
    """

    status: str
    key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RowExtractor:
    """Extracts rows, one after the other, in a process of its own."""

    extractor: Extractor
    recipe: Recipe

    def __call__(self, row: Row) -> Outcome:
        """Return what came of a row."""
        label = self.recipe.label if row.label is None else row.label
        try:
            settings = self.recipe.settings(row.image, row.mask_channel)
            key, status = self.extractor(row.image, row.mask, label, settings)
        except CaseError as error:
            return Outcome("failed", reason=str(error))
        return Outcome(status, key)
