"""Second readings: which blocks have them, of which cases, by whom or by which perturbation.

Wherever blocks are extracted, the readings of one reader are called ``BLOCK.READER``; the
perturbed ones ``BLOCK.perturbation.1`` and so on. No name of a block or reader has a dot.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from radpipe.core.errors import RadpipeError
from radpipe.imaging.perturb import Perturbation
from radpipe.resampling.streams import integer, stream
from radpipe.selection.icc import PERTURBED, chosen_readers
from radpipe.study.blocks import TableSpec
from radpipe.study.derived import Chain, chains, inputs_of, selections
from radpipe.study.names import normal
from radpipe.study.patterns import names_reader
from radpipe.study.places import KeyPath
from radpipe.study.readers import PerturbedCases, ReadCases, primary_of
from radpipe.study.schema import StudySpec

if TYPE_CHECKING:
    from radpipe.study.cohort import Cohort
    from radpipe.study.load import Study


def item_of(block: str, reader: str) -> str:
    """Return what the readings of a block by one reader are called."""
    return f"{block}.{reader}" if reader else block


def parts_of(item: str) -> tuple[str, str]:
    """Return block and reader; no reader where the block itself is meant."""
    block, _, reader = item.partition(".")
    return block, reader


def drawn_by(spec: StudySpec, reader: str) -> str:
    """Return the reader whose files a reading is made from; perturbed are those of the primary."""
    return reader if reader in spec.readers else primary_of(spec.readers)


def read_pairs(spec: StudySpec, reader: str) -> list[tuple[str, str]]:
    """Return the (image, region) that a reader has files of his own for."""
    return [
        (image, region)
        for image, region in spec.pairs()
        if reader in spec.readers and _drawn_again(spec, image, region)
    ]


def readers_of(spec: StudySpec, block: str) -> tuple[str, ...]:
    """Return who read a block besides the primary reader, the perturbations last.

    Readers whom no path of the block tells apart did not read it; a block that is made of others
    was read by nobody itself.
    """
    primary = primary_of(spec.readers)
    others = [name for name in spec.readers if name != primary]
    own = spec.blocks[block]
    if isinstance(own, TableSpec):
        return tuple(others) if names_reader(own.file) else ()
    image, region = (getattr(own, key, None) for key in ("image", "region"))
    if image is None or region is None:
        return ()
    count = spec.perturbations.n if spec.perturbations else 0
    perturbed = [f"{PERTURBED}{number}" for number in range(1, count + 1)]
    return (*(others if _drawn_again(spec, image, region) else ()), *perturbed)


def _drawn_again(spec: StudySpec, image: str, region: str) -> bool:
    """Return whether the readers have files of their own for a region on an image."""
    if image not in spec.images or region not in spec.regions:
        return False
    mask = spec.regions[region].masks.get(image, "")
    return any(map(names_reader, (mask, *spec.image_patterns(image).values())))


def chain_readings(spec: StudySpec, chain: Chain) -> list[str]:
    """Return the blocks, extracted or of tables, whose second readings a selection compares."""
    if not any(step.needs_readings for step in chain.steps):
        return []
    blocks = inputs_of(spec, chain.inputs).blocks
    found = [part for block in blocks for part in made_of(spec, block) if readers_of(spec, part)]
    return list(dict.fromkeys(found))


def made_of(spec: StudySpec, block: str) -> list[str]:
    """Return what a block is made of, extracted or of a table; itself where it is that."""
    found: list[str] = []
    waiting, seen = [block], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in spec.blocks and name not in seen:
            seen.add(name)
            below = getattr(spec.blocks[name], "parts", ())
            found += [] if below else [name]
            waiting += below
    return found


def reading_items(spec: StudySpec) -> list[str]:
    """Return the readings that a run extracts besides the blocks themselves."""
    blocks = [block for chain in chains(spec).values() for block in chain_readings(spec, chain)]
    extracted = [block for block in dict.fromkeys(blocks) if block in spec.extracted]
    return [item_of(b, reader) for b in extracted for reader in readers_of(spec, b)]


@dataclass(frozen=True)
class Comparison:
    """A selector that compares readings, where it stands, and what it chooses from.

    Parameters
    ----------
    place : key path
        In study.yaml.
    step : SelectorSpec
    blocks : tuple of str
        The blocks, extracted or of tables, behind its inputs.
    inputs : tuple of str
        The blocks that it chooses from, of the model that names it.
    """

    place: KeyPath
    step: Any
    blocks: tuple[str, ...]
    inputs: tuple[str, ...]

    def readers(self, spec: StudySpec) -> tuple[str, ...]:
        """Return the readings that are compared with the first; none where one is not known."""
        known = dict.fromkeys(r for block in spec.blocks for r in readers_of(spec, block))
        try:
            return chosen_readers(self.step.readers, known)
        except RadpipeError:
            return ()


def comparisons(spec: StudySpec) -> list[Comparison]:
    """Return what compares readings; of a study with faults, as far as it can be told."""
    found: dict[tuple[KeyPath, tuple[str, ...]], Comparison] = {}
    for name, model in spec.models.items():
        for part in selections(spec, model, name):
            below = inputs_of(spec, part.inputs).blocks
            blocks = tuple(dict.fromkeys(p for b in below for p in made_of(spec, b)))
            for i, step in enumerate(part.steps):
                if step.needs_readings:
                    place: KeyPath = (*part.place, i)
                    found.setdefault((place, below), Comparison(place, step, blocks, below))
    return list(found.values())


def cases_read(study: Study, cohort: Cohort, reader: str) -> list[str]:
    """Return the training cases that a reader read, or that are perturbed, in table order.

    What was read again of held-out cases serves nothing, and is not looked at.
    """
    spec, frame = study.spec, cohort.frame
    train = [str(case) for case in frame.loc[frame["split"] == "train", "case"]]
    if reader.startswith(PERTURBED):
        assert spec.perturbations is not None
        chosen = _drawn(train, spec.perturbations.on, spec.evaluation.seed)
        left_out = {normal(case) for case in spec.perturbations.exclude}
    else:
        chosen = _told(cohort, train, spec.readers[reader].cases)
        left_out = {normal(case) for case in spec.readers[reader].exclude}
    return [case for case in train if case in chosen and case not in left_out]


def _drawn(train: list[str], on: PerturbedCases, seed: int) -> set[str]:
    """Return the training cases that are perturbed."""
    count = on.n
    if count is None:
        count = len(train) if on.fraction is None else ceil(on.fraction * len(train) - 1e-9)
    order = stream(seed, "perturbations", "cases").permutation(len(train))
    return {train[place] for place in order[:count]}


def _told(cohort: Cohort, cases: list[str], told: ReadCases) -> set[str]:
    """Return the cases that a study says were read."""
    if told.column is not None:
        wanted = {normal(value) for value in told.values}
        cells = zip(cohort.rows.cases, cohort.rows.column(told.column), strict=True)
        return {case for case, cell in cells if cell in wanted}
    return {normal(case) for case in told.ids} or set(cases)


def perturbation_of(spec: StudySpec, item: str, case: str) -> Perturbation | None:
    """Return how a case is perturbed for a reading; None where a reader drew it.

    The draw depends on the case, the block and the number of the perturbation, so that neither
    other cases nor the order of work move it.
    """
    block, reader = parts_of(item)
    if not reader.startswith(PERTURBED):
        return None
    asked = spec.perturbations
    assert asked is not None
    number = reader.removeprefix(PERTURBED)
    return Perturbation(
        asked.shift_mm,
        asked.rotate_deg,
        asked.volume_fraction,
        asked.randomise_contour,
        asked.noise,
        integer(spec.evaluation.seed, "perturbation", case, block, number),
    )
