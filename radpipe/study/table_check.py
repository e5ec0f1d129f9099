"""What is wrong with the tables of a study's blocks, and with what refers to their features."""

from __future__ import annotations

from collections.abc import Iterator

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.features.names import SEPARATOR, feature_id
from radpipe.study.afterwards import late_features
from radpipe.study.block_names import Tables, names_of
from radpipe.study.blockrefs import feature_problems
from radpipe.study.blocks import TableSpec
from radpipe.study.cohort import Cohort
from radpipe.study.copies import copied_features
from radpipe.study.feature_tables import read_features
from radpipe.study.load import Study
from radpipe.study.twins import same_features


def table_faults(
    study: Study, cohort: Cohort, sound: bool = False
) -> tuple[list[Fault], list[str]]:
    """Read the tables of all blocks.

    Parameters
    ----------
    study, cohort
        The study and its cases.
    sound : bool
        Whether their outcomes are known.

    Returns
    -------
    faults : list of Fault
        All that is wrong with the tables, and with the blocks and models that name features
        which only a table could tell.
    said : list of str
        What was detected or left out, one line each.
    """
    faults: list[Fault] = []
    said: list[str] = []
    tables: dict[str, list[str]] = {}
    for name, block in study.spec.derived.items():
        if isinstance(block, TableSpec):
            try:
                table = read_features(study, name, cohort.rows)
            except FaultsError as error:
                faults += error.faults
                continue
            tables[name] = [str(column) for column in table.frame.columns]
            said += [f"{study.places.where('blocks', name)}: {note}" for note in table.notes]
            said += late_features(study, name, tables[name])
            if sound:
                wrong, odd = copied_features(study, cohort, name, table)
                faults += [*wrong, *same_features(cohort, name, table.frame)]
                said += odd
    return [*faults, *_blocks(study, tables), *_features(study, tables)], said


def _blocks(study: Study, tables: Tables) -> Iterator[Fault]:
    """Blocks that are made of tables share features."""
    for name, block in study.spec.derived.items():
        if not isinstance(block, TableSpec) and names_of(study.spec, name) is None:
            for key, found, cure in feature_problems(study.spec, name, block, tables):
                yield Fault(study.places.where("blocks", name, *key), found, cure)


def _features(study: Study, tables: Tables) -> Iterator[Fault]:
    """Models find the features that they name."""
    for name, model in study.spec.models.items():
        many = "inputs" in type(model).model_fields
        for i, wanted in enumerate(getattr(model, "inputs", ())):
            block = wanted.partition(SEPARATOR)[0]
            if SEPARATOR not in wanted or names_of(study.spec, block) is not None:
                continue
            names = names_of(study.spec, block, tables)
            known = [feature_id(block, feature) for feature in names or ()]
            if names is not None and wanted not in known:
                place = ("inputs", i) if many else ("input",)
                such = f"the {len(known)} features of {block}, such as {known[0]}" if known else ""
                yield Fault(
                    study.places.where("models", name, *place),
                    f"found the feature {wanted!r}",
                    nearest(wanted, known) or "name one of them",
                    such,
                )
