"""The slice of a study that each job depends on: its files, and a digest of all else.

Snakemake reruns a job when its inputs or its digest change, so a digest holds what the job
reads of study.yaml and the code it runs, and nothing more: a changed model refits that model,
a changed comment nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from radpipe.core.digests import code_digest, digest, versions
from radpipe.core.kernels import cache_name
from radpipe.features.case import code_of
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.features.settings import canonical
from radpipe.io.maps import files_of
from radpipe.io.paths import Paths
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.models.registry import MODELS
from radpipe.outputs.registry import OUTPUTS
from radpipe.preparation.registry import BALANCE, PREPARATION
from radpipe.resampling.registry import RESAMPLING, SPLITS
from radpipe.selection.registry import SELECTORS
from radpipe.steps.extract import next_try
from radpipe.study import derived
from radpipe.study.blocks import TableSpec
from radpipe.study.files import case_pairs
from radpipe.study.load import Study
from radpipe.study.preparationrefs import batch_columns, steps_of
from radpipe.study.readings import parts_of, readers_of
from radpipe.workflow.job_files import JobFiles, stamp
from radpipe.workflow.step_code import CODE, COMPARED, PICTURES, READING, TABLE_READINGS

ENGINE_LIBRARIES = ("numpy", "numba", "SimpleITK", "PyWavelets", "scipy")
FIT_LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "xgboost-cpu", "statsmodels")


class Slices(JobFiles):
    """What the jobs of one study depend on.

    Parameters
    ----------
    study : Study
        The study.
    paths : Paths
        Where its results lie.
    exclude_failed : bool
        Whether failed cases are left out, which the cohort depends on.
    """

    def __init__(self, study: Study, paths: Paths, exclude_failed: bool) -> None:
        super().__init__(study, paths)
        self.exclude_failed = exclude_failed
        self._digests: dict[tuple[str, str, int], str] = {}

    def digest(self, step: str, item: str = "", shard: int = 0) -> str:
        """Return the digest of what a job depends on besides its input files."""
        key = (step, item, shard)
        if key not in self._digests:
            parts = getattr(self, f"_on_{step}")(item, shard)
            self._digests[key] = digest(step, parts)
        return self._digests[key]

    def _json(self, *names: str) -> dict[str, Any]:
        return self.spec.model_dump(mode="json", include=set(names))

    def _on_simulate(self, item: str, shard: int) -> Any:
        return [self._json("simulate"), CODE["simulate"].digest()]

    def _on_cohort(self, item: str, shard: int) -> Any:
        split = SPLITS.module_of(self.spec.cohort.split.kind)
        return [
            self._endpoint(),
            self._json("cohort", "evaluation"),
            [column for _, column in batch_columns(self.spec)],
            self.exclude_failed,
            CODE["cohort"].digest(split),
        ]

    def _on_clinical(self, item: str, shard: int) -> Any:
        read = {
            name: variable.model_dump(mode="json", exclude={"label", "unit"})
            for name, variable in self.spec.clinical.items()
        }
        return [self._on_cohort(item, shard), read, CODE["clinical"].digest()]

    def _on_warm(self, item: str, shard: int) -> Any:
        return [DEFAULT_ENGINE, cache_name(), CODE["warm"].digest()]

    def _on_extract(self, item: str, shard: int) -> Any:
        block, reader = parts_of(item)
        settings = self.spec.settings(block)
        cases = self.shards(item)[shard]
        region = self.spec.regions[self.spec.extracted[block].region]
        label = region.label if region.empty == "fault" else [region.label, region.empty]
        name = self.spec.extracted[block].engine
        code = [code_of(name, settings), CODE["extract"].digest()]
        engine = [name, versions(*ENGINE_LIBRARIES)]
        found = [canonical(settings), label, list(cases), self._stamps(item, shard), engine, code]
        return [*found, *self._reading(reader)]

    def _reading(self, reader: str) -> list[Any]:
        """Return what a second reading depends on besides its files; nothing for a first one.

        What an image and a mask are changed by is part of their features' key as well.
        """
        if not reader:
            return []
        asked = {"n", "on", "exclude"}
        changes = self.spec.model_dump(mode="json", include={"perturbations"})["perturbations"]
        read = [] if reader in self.spec.readers else [changes, self.spec.evaluation.seed]
        if read and not self.study.simulated:  # the cases that are read are told by their list
            read[0] = {key: value for key, value in changes.items() if key not in asked}
        if self.study.simulated:
            read += [self._json("readers"), self._on_cohort("", 0)]
        return [read, READING.digest()]

    def _stamps(self, block: str, shard: int) -> Any:
        """Return what tells that a shard's files have changed, or that a case has failed."""
        if self.study.simulated:
            return self._on_simulate("", 0)
        files = self.files(block)
        stamps = [
            [case, str(path), *stamp(path)]
            for case in self.shards(block)[shard]
            for path in (*files_of(files[case].image), files[case].mask)
        ]
        return [stamps, next_try(self.paths.tries(block, shard), self.exclude_failed)]

    def _on_gather(self, block: str, shard: int) -> Any:
        empty = self.spec.empty(block)
        policy = [] if empty == "fault" else [empty]
        excluded = list(self.spec.cohort.exclude)
        return [excluded, self.exclude_failed, *policy, CODE["gather"].digest()]

    def _on_derive(self, block: str, shard: int) -> Any:
        spec = self.spec.derived[block]
        files: list[Any] = []
        if isinstance(spec, TableSpec) and self.study.simulated:
            files = [self._on_simulate("", 0)]
        elif isinstance(spec, TableSpec):
            files = [self._on_cohort("", 0), *self.table_stamps(spec)]
        return [spec.model_dump(mode="json"), files, CODE["derive"].digest()]

    def _on_readings(self, block: str, shard: int) -> Any:
        own, code = self.spec.blocks[block], CODE["readings"].digest()
        if isinstance(own, TableSpec):
            stamps = self.table_stamps(own, ("", *readers_of(self.spec, block)))
            read = [own.model_dump(mode="json"), self._json("readers"), self._on_cohort("", 0)]
            return [*read, stamps, code, TABLE_READINGS.digest()]
        readers = list(readers_of(self.spec, block))
        return [readers, self.spec.empty(block), self.exclude_failed, code]

    def _endpoint(self) -> Any:
        return self.spec.endpoint.model_dump(mode="json", exclude={"label"})

    def _evaluation(self) -> Any:
        kind = self.spec.evaluation.resampling.kind
        return [self._json("evaluation"), code_digest([RESAMPLING.module_of(kind)])]

    def _on_chain(self, name: str, shard: int) -> Any:
        chain = self.chains[name]
        parts = [part for step in chain.steps for part in step.parts()]
        modules = [SELECTORS.module_of(part.kind) for part in parts]
        again = [COMPARED.digest()] if chain.needs_readings else []
        return [
            [step.model_dump(mode="json") for step in chain.steps],
            list(chain.inputs),
            self._evaluation(),
            self._prepared(chain.preparation),
            CODE["chain"].digest(*modules),
            *again,
            versions(*FIT_LIBRARIES, *(name for part in parts for name in part.libraries)),
        ]

    def _prepared(self, steps: Sequence[Any]) -> Any:
        """Return what the steps of a preparation depend on."""
        dumped = [step.model_dump(mode="json") for step in steps]
        return [dumped, code_digest([PREPARATION.module_of(step.kind) for step in steps])]

    def _on_fit(self, name: str, shard: int) -> Any:
        model = self.models[name]
        balance = getattr(model, "balance", None)
        balancing = [BALANCE.module_of(balance.kind)] if balance is not None else []
        more = ("imbalanced-learn",) if balance is not None else ()
        cutting = CUTOFFS.module_of(model.cutoff_for(self.spec.endpoint.type).kind)
        return [
            model.model_dump(mode="json", exclude={"label"}),
            self._prepared(steps_of(self.spec, model)),
            self._evaluation(),
            self._endpoint(),
            CODE["fit"].digest(MODELS.module_of(model.kind), cutting, *balancing),
            versions(*FIT_LIBRARIES, *model.libraries, *more),
        ]

    def _on_control(self, name: str, shard: int) -> Any:
        below = derived.with_submodels(self.spec, name)
        chains = [c for m in below for c in derived.chains_of(self.spec, self.models[m])]
        return [
            [self._on_fit(model, 0) for model in below],
            [self._on_chain(chain.name, 0) for chain in chains],
            self.spec.controls.permutations,
            CODE["control"].digest(),
        ]

    def _on_predictions(self, item: str, shard: int) -> Any:
        return [list(self.models), self._endpoint(), CODE["predictions"].digest()]

    def _labels(self) -> Any:
        """Return what every figure prints besides numbers."""
        named = {name: model.label for name, model in self.models.items()}
        return [self._json("title", "endpoint", "clinical", "report", "controls"), named]

    def _on_output(self, name: str, shard: int) -> Any:
        output = self.outputs[name]
        code = CODE["output"].digest(OUTPUTS.module_of(output.kind))
        pictures = self._pictures() if output.needs_images else None
        return [output.model_dump(mode="json"), self._labels(), self._evaluation(), pictures, code]

    def _pictures(self) -> Any:
        """Return what tells that images or masks that are drawn have changed."""
        if self.study.simulated:
            return [self._json("images", "regions"), self._on_simulate("", 0)]
        pairs = case_pairs(self.study)
        stamps = [
            [p.case, *(n for path in (*files_of(p.source), p.mask_path) for n in stamp(path))]
            for p in pairs
        ]
        return [self._json("images", "regions"), stamps, PICTURES.digest()]

    def _on_cards(self, item: str, shard: int) -> Any:
        settings = self.spec.model_dump(mode="json")
        return [settings, versions(*FIT_LIBRARIES), CODE["cards"].digest()]

    def _on_report(self, item: str, shard: int) -> Any:
        engines = [ENGINES.module_of(name) for name in ENGINES]
        return [self.spec.model_dump(mode="json"), engines, CODE["report"].digest()]
