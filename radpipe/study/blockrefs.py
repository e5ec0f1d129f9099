"""Do a study's blocks find their images, regions and other blocks?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radpipe.core.errors import Fault, nearest
from radpipe.core.expressions import parse
from radpipe.study.block_names import Tables, names_of
from radpipe.study.blocks import DerivedSpec, RatioSpec, TableSpec, fits
from radpipe.study.circles import circles
from radpipe.study.lookup import Lookup
from radpipe.study.schema import StudySpec


def images(look: Lookup) -> Iterator[Fault]:
    """The images that a map is made of exist, and have files."""
    for name, image in look.spec.images.items():
        for part in () if image.expression is None else parse(image.expression).names:
            place = ("images", name, "expression")
            other = look.spec.images.get(part)
            if part == name:
                yield look.fault(place, "the image itself", "name other images")
            elif other is not None and other.expression is not None:
                found = f"found the image {part!r}, which is a map itself"
                yield look.fault(place, found, f"write its formula, ({other.expression})")
            else:
                yield from look.known(place, part, "images", "image")


def blocks(look: Lookup) -> Iterator[Fault]:
    """A block's image, region and other blocks exist and fit each other."""
    for name, block in look.spec.extracted.items():
        wrong = [
            *look.known(("blocks", name, "image"), block.image, "images", "image"),
            *look.known(("blocks", name, "region"), block.region, "regions", "region"),
        ]
        yield from wrong
        region = look.spec.regions.get(block.region)
        if not wrong and region is not None and block.image not in region.masks:
            yield look.fault(
                ("blocks", name, "region"),
                f"region {block.region!r}, which has no mask on image {block.image!r}",
                f"add regions.{block.region}.masks.{block.image}",
                f"images with a mask: {', '.join(region.masks)}",
            )
    for name, derived in look.spec.derived.items():
        if isinstance(derived, TableSpec):
            made = getattr(look.spec.simulate, "tables", None)
            known = [f"{table}.csv" for table in made or ()]
            if made is not None and derived.file not in known:
                found = f"the table {derived.file!r}, which the simulated cohort does not have"
                cure = "add it to simulate.tables, or remove the block"
                allowed = ", ".join(known) or "none"
                yield look.fault(("blocks", name, "file"), found, cure, allowed)
            continue
        wrong = list(_parts(look, name, derived))
        yield from wrong or _features(look, name, derived)
    yield from _circles(look)


def _parts(look: Lookup, name: str, block: DerivedSpec) -> Iterator[Fault]:
    """Return the faults of what a block is made of."""
    keys = ("of", "over" if isinstance(block, RatioSpec) else "minus")
    for key, part in zip(keys, block.parts, strict=True):
        if part == name:
            yield look.fault(("blocks", name, key), "the block itself", "name another block")
        else:
            yield from look.known(("blocks", name, key), part, "blocks", "block")
    if len(set(block.parts)) == 1:
        found = f"the block {block.parts[0]!r} twice"
        yield look.fault(("blocks", name, keys[1]), found, "name another block")


def _features(look: Lookup, name: str, block: DerivedSpec) -> Iterator[Fault]:
    """Return the faults of the features that are compared, as far as they are known."""
    for key, found, cure in feature_problems(look.spec, name, block, {}):
        yield look.fault(("blocks", name, *key), found, cure)


def feature_problems(
    spec: StudySpec, name: str, block: DerivedSpec, tables: Tables
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield key, what is wrong and the cure of blocks that share no feature, or not those named."""
    parts = [names_of(spec, part, tables) for part in block.parts]
    known = [names for names in parts if names is not None]
    if len(known) < len(parts) or not all(known):  # none, and none that only follows
        return
    above, below = block.parts
    both = [n for n in known[0] if n in set(known[1])]
    if not both:
        yield (
            (),
            f"no feature that both {above!r} and {below!r} have{_such(known)}",
            "give both blocks the same settings",
        )
        return
    for i, pattern in enumerate(block.features if isinstance(block, RatioSpec) else ()):
        if not any(fits(n, pattern) for n in both):
            hint = nearest(pattern, both) or f"they share {len(both)}, such as {both[0]}"
            yield ("features", i), f"{pattern!r}, which fits no feature of both blocks", hint


def _such(parts: Sequence[Sequence[str]]) -> str:
    examples = [names[0] for names in parts if names]
    return f" (such as {' and '.join(examples)})" if len(examples) == len(parts) else ""


def _circles(look: Lookup) -> Iterator[Fault]:
    """No block is, by way of others, made of itself."""
    for way in circles({name: block.parts for name, block in look.spec.derived.items()}):
        found = f"blocks that are made of each other: {' <- '.join(way)}"
        yield look.fault(("blocks", way[0]), found, "name other blocks in one of them")
