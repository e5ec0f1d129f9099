"""Do a study's readers, its paths, and the selectors that compare readings fit each other?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from radpipe.core.errors import Fault, nearest
from radpipe.selection.icc import ALL_PERTURBED
from radpipe.study.blocks import TableSpec
from radpipe.study.lookup import Lookup
from radpipe.study.patterns import names_reader
from radpipe.study.places import KeyPath
from radpipe.study.readers import primary_of
from radpipe.study.readings import Comparison, comparisons, readers_of
from radpipe.study.schema import StudySpec


def readers(look: Lookup) -> Iterator[Fault]:
    """One reader is the primary one, and paths tell the others' files from his."""
    spec = look.spec
    places = list(_reader_paths(spec))
    if not spec.readers:
        if not look.names("readers"):
            for place in places:
                cure = "add readers: {r1: {primary: true}, r2: {}}, or take {reader} out"
                yield look.fault(place, "{reader} in a path, but the study has no readers", cure)
        return
    marked = [name for name, reader in spec.readers.items() if reader.primary]
    if not marked and len(look.names("readers")) == len(spec.readers):
        cure = "write primary: true for the one whose readings are modelled"
        yield look.fault(("readers",), f"found no primary reader among {_listed(spec)}", cure)
    for name in marked[1:]:
        found = f"a second primary reader beside {marked[0]!r}"
        yield look.fault(("readers", name, "primary"), found, "keep one")
    primary = primary_of(spec.readers)
    for key in ("cases", "exclude"):
        if marked and key in spec.readers[primary].model_fields_set:
            found = f"{key} of the primary reader, who reads every case"
            yield look.fault(("readers", primary, key), found, "remove it, or use cohort.exclude")
    if len(spec.readers) > 1 and not places and {"images", "regions", "blocks"} <= set(look.told):
        found = f"the readers {_listed(spec)}, whose files no path tells apart"
        yield look.fault(("readers",), found, _put(spec, spec.blocks))
    yield from _simulated(look)


def _listed(spec: StudySpec) -> str:
    return ", ".join(spec.readers)


def _reader_paths(spec: StudySpec) -> Iterator[KeyPath]:
    """Yield where a path has a placeholder for the reader."""
    for name, image in spec.images.items():
        if names_reader(image.path or ""):
            yield ("images", name, "path")
    for name, region in spec.regions.items():
        for on, mask in region.masks.items():
            if names_reader(mask):
                yield ("regions", name, "masks", on)
    for name, block in spec.derived.items():
        if isinstance(block, TableSpec) and names_reader(block.file):
            yield ("blocks", name, "file")


def _put(spec: StudySpec, blocks: Iterable[str]) -> str:
    """Return where ``{reader}`` tells the files of some blocks apart."""
    tables = {b: own.file for b in blocks if isinstance(own := spec.blocks[b], TableSpec)}
    places = ["the paths of regions.NAME.masks"] if spec.regions or not tables else []
    for block, file in list(tables.items())[:1]:
        stem, dot, suffix = file.rpartition(".")
        places.append(f"blocks.{block}.file, such as {stem or file}_{{reader}}{dot}{suffix}")
    return f"put {{reader}} into {' or '.join(places)}"


def _simulated(look: Lookup) -> Iterator[Fault]:
    """A simulated cohort has masks of the readers that it is asked for."""
    from radpipe.simulate.extras import PRIMARY

    simulate = look.spec.simulate
    if simulate is None:
        return
    known = [PRIMARY, *simulate.readers]
    for name in look.spec.readers:
        if name not in known:
            cure = nearest(name, known) or "add it under simulate.readers"
            found = f"found the reader {name!r}, who is not simulated"
            yield look.fault(("readers", name), found, cure, ", ".join(known))


def compared(look: Lookup) -> Iterator[Fault]:
    """A selector that compares readings finds some, and those that it names."""
    spec = look.spec
    if look.names("readers") != set(spec.readers) or _lost(look):
        return  # what is wrong with them is told already
    found = comparisons(spec)
    yield from dict.fromkeys(fault for own in found for fault in _step(look, own))
    for position, output in zip(look.positions, spec.outputs, strict=True):
        if getattr(output, "needs_readings", False) and not found:
            said = f"output {output.kind}, but no model's selection compares readings"
            cure = "add a selector icc, or remove the output"
            yield look.fault(("outputs", position, "kind"), said, cure)


def _lost(look: Lookup) -> bool:
    """Return whether the file's perturbations could not be read."""
    return look.spec.perturbations is None and ("perturbations",) in look.places.lines


def _step(look: Lookup, comparison: Comparison) -> Iterator[Fault]:
    """Yield the faults of one selector that compares readings."""
    spec, step, place = look.spec, comparison.step, comparison.place
    others = [name for name in spec.readers if name != primary_of(spec.readers)]
    known = [*others, *([ALL_PERTURBED] if spec.perturbations else [])]
    if not known:
        said = f"selector {step.kind}, but no case is read twice"
        cure = "add a second reader under readers"
        if any(block in spec.extracted for block in comparison.blocks):
            cure += ", or perturbations: {n: 10, shift_mm: 1}"
        yield look.fault((*place, "kind"), said, cure)
        return
    strange = [(i, name) for i, name in enumerate(step.readers) if name not in known]
    for i, name in strange:
        cure = nearest(name, known) or "name one of them"
        yield look.fault(
            (*place, "readers", i), f"found the reader {name!r}", cure, ", ".join(known)
        )
    if not step.readers and others and spec.perturbations:
        said = "readers and perturbations, which no one coefficient should mix"
        cure = f"give readers: [{', '.join(others)}], or readers: [{ALL_PERTURBED}]"
        yield look.fault((*place, "kind"), said, cure)
    chosen = set(comparison.readers(spec))
    whole = look.names("blocks") == set(spec.blocks)
    read = any(chosen & set(readers_of(spec, block)) for block in comparison.blocks)
    if (chosen or not others) and not read and whole and not strange:
        said = f"selector {step.kind}, but none of the model's inputs is read twice"
        cure = f"take the selector out, or {_put(spec, comparison.blocks)}"
        if not others:
            cure = "take the selector out, or add a second reader under readers"
        yield look.fault((*place, "kind"), said, cure)
