"""The files that each job of a study reads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from radpipe.io.paths import Paths
from radpipe.study import derived
from radpipe.study.blocks import TableSpec
from radpipe.study.cohort import build_cohort
from radpipe.study.feature_tables import table_files
from radpipe.study.files import BlockFiles, block_files
from radpipe.study.load import Study
from radpipe.study.preparationrefs import steps_of
from radpipe.study.readings import chain_readings, item_of, readers_of
from radpipe.study.reported import output_names
from radpipe.study.shards import Shards, shards_of, study_shards


class JobFiles:
    """What the jobs of one study read.

    Parameters
    ----------
    study : Study
        The study.
    paths : Paths
        Where its results lie.
    """

    def __init__(self, study: Study, paths: Paths) -> None:
        self.study = study
        self.spec = study.spec
        self.paths = paths
        self._files: dict[str, dict[str, BlockFiles]] = {}
        self._shards: dict[str, Shards] = {}

    @cached_property
    def models(self) -> dict[str, Any]:
        """The study's models and its controls."""
        return derived.all_models(self.spec)

    @cached_property
    def chains(self) -> dict[str, derived.Chain]:
        """The study's selection chains."""
        return derived.chains(self.spec)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The study's figures and tables."""
        return dict(output_names(self.spec))

    def shard_paths(self, block: str) -> list[Path]:
        """Return the shard records of one block."""
        return [self.paths.shard(block, number) for number in range(len(self.shards(block)))]

    def reading_paths(self, block: str) -> list[Path]:
        """Return the shard records of the second readings of one block."""
        readers = readers_of(self.spec, block) if block in self.spec.extracted else ()
        return [path for reader in readers for path in self.shard_paths(item_of(block, reader))]

    def files(self, block: str) -> dict[str, BlockFiles]:
        """Return what each case of a block is extracted from."""
        if block not in self._files:
            self._files[block] = block_files(self.study, block)
        return self._files[block]

    def shards(self, block: str) -> Shards:
        """Return the shards of a block."""
        if block not in self._shards:
            self._shards[block] = (
                study_shards(self.study, block)
                if self.study.simulated
                else shards_of(self.study, self.files(block))
            )
        return self._shards[block]

    def _data(self, inputs: derived.Inputs) -> list[str]:
        """Return the tables of inputs; batches stand in the cohort's."""
        found = [self.paths.cohort, *(self.paths.block(block) for block in inputs.blocks)]
        if inputs.variables:
            found += [self.paths.clinical, self.paths.cohort_info]
        return [str(path) for path in found]

    def table_stamps(self, spec: TableSpec, readers: Iterable[str] = ("",)) -> list[Any]:
        """Return what tells that the tables of a block by some readers, or its cases, changed."""
        rows = build_cohort(self.study).rows
        paths = {p for r in readers for p in table_files(self.study, spec, rows, r).values()}
        return [rows.cases, sorted((str(path), stamp(path)) for path in paths)]

    def derive_inputs(self, block: str) -> list[str]:
        """Return the blocks that a block is made of."""
        return [str(self.paths.block(part)) for part in self.spec.derived[block].parts]

    def chain_inputs(self, name: str) -> list[str]:
        """Return the files that one selection chain reads."""
        chain = self.chains[name]
        inputs = derived.inputs_of(self.spec, chain.inputs, chain.preparation)
        files = [*self._data(inputs), *(str(self.paths.scores(m)) for m in inputs.models)]
        return [*files, *self._readings([chain])]

    def _readings(self, chains: Iterable[derived.Chain]) -> list[str]:
        """Return the second readings that selection chains compare."""
        found = dict.fromkeys(b for c in chains for b in chain_readings(self.spec, c))
        return [str(self.paths.readings(block)) for block in found]

    def model_inputs(self, name: str) -> list[str]:
        """Return the files that one model reads."""
        model = self.models[name]
        inputs = derived.inputs_of(self.spec, model.inputs, steps_of(self.spec, model))
        files = [*self._data(inputs), *(str(self.paths.scores(m)) for m in inputs.models)]
        chains = derived.chains_of(self.spec, model)
        return [*files, *(str(self.paths.chain(chain.name)) for chain in chains)]

    def control_inputs(self, name: str) -> list[str]:
        """Return the files that one model's permutations read: those of its sub-models too."""
        below = derived.with_submodels(self.spec, name)
        chains = [c for model in below for c in derived.chains_of(self.spec, self.models[model])]
        return [*self._data(derived.all_inputs(self.spec, name)), *self._readings(chains)]

    def all_scores(self) -> list[str]:
        """Return the predictions of all models."""
        return [str(self.paths.scores(model)) for model in self.models]

    def output_inputs(self) -> list[str]:
        """Return the files that figures and tables are made of."""
        found = [self.paths.cohort, self.paths.cohort_info, self.paths.clinical]
        if self.models:
            found += [self.paths.predictions, self.paths.outcomes, self.paths.metrics]
            found += [self.paths.fit(model) for model in self.models]
        if self.spec.controls.permutations:
            found += [self.paths.control(model) for model in self.spec.models]
        found += [self.paths.block(block) for block in self.spec.blocks]
        compared = [c for c in self.chains.values() if c.needs_readings]
        found += [self.paths.chain(chain.name) for chain in compared]
        return [str(path) for path in found]

    def card_inputs(self) -> list[str]:
        """Return the files that model cards are made of."""
        found = [self.paths.cohort, self.paths.metrics]
        return [str(path) for path in (*found, *(self.paths.fit(model) for model in self.models))]

    def reportlets(self) -> list[str]:
        """Return what the report gathers."""
        return [str(self.paths.output(name) / "reportlet.json") for name in self.outputs]


def stamp(path: Path) -> list[int]:
    """Return what changes with a file: its size and time, or that it is not there."""
    try:
        status = path.stat()
    except OSError:
        return [-1, -1]
    return [status.st_size, status.st_mtime_ns]
