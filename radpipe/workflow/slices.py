"""The slice of a study that each job depends on: its files, and a digest of all else.

Snakemake reruns a job when its inputs or its digest change, so a digest holds what the job
reads of study.yaml and the code it runs, and nothing more: a changed model refits that model,
a changed comment nothing.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from radpipe.core.digests import code_digest, digest, versions
from radpipe.core.kernels import cache_name
from radpipe.features.case import code_of
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.features.settings import canonical
from radpipe.io import atomic
from radpipe.io.paths import Paths
from radpipe.models.registry import MODELS
from radpipe.outputs.registry import OUTPUTS
from radpipe.resampling.registry import RESAMPLING, SPLITS
from radpipe.selection.registry import SELECTORS
from radpipe.study import derived
from radpipe.study.files import BlockFiles, block_files, case_pairs
from radpipe.study.load import Study
from radpipe.study.shards import Shards, shards_of, study_shards

ENGINE_LIBRARIES = ("numpy", "numba", "SimpleITK", "PyWavelets", "scipy")
EXTRACT_CODE = [
    "radpipe.steps.extract",
    "radpipe.steps.extractor",
    "radpipe.io.images",
    "radpipe.study.files",
    "radpipe.study.pairs",
    "radpipe.study.patterns",
]
FIT_CODE = ["radpipe.steps.context", "radpipe.study.derived"]
FIT_LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "xgboost-cpu", "statsmodels")


class Slices:
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
        self.study = study
        self.spec = study.spec
        self.paths = paths
        self.exclude_failed = exclude_failed
        self._digests: dict[tuple[str, str, int], str] = {}
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
        return dict(derived.output_names(self.spec))

    # Files

    def shard_paths(self, block: str) -> list[Path]:
        """Return the shard records of one block."""
        return [self.paths.shard(block, number) for number in range(len(self.shards(block)))]

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
        found = [self.paths.cohort, *(self.paths.block(block) for block in inputs.blocks)]
        if inputs.clinical:
            found += [self.paths.clinical, self.paths.cohort_info]
        return [str(path) for path in found]

    def chain_inputs(self, name: str) -> list[str]:
        """Return the files that one selection chain reads."""
        inputs = derived.inputs_of(self.spec, self.chains[name].inputs)
        return [*self._data(inputs), *(str(self.paths.scores(m)) for m in inputs.models)]

    def model_inputs(self, name: str) -> list[str]:
        """Return the files that one model reads."""
        model = self.models[name]
        inputs = derived.inputs_of(self.spec, model.inputs)
        files = [*self._data(inputs), *(str(self.paths.scores(m)) for m in inputs.models)]
        chain = derived.chain_of(self.spec, model)
        return [*files, str(self.paths.chain(chain.name))] if chain else files

    def control_inputs(self, name: str) -> list[str]:
        """Return the files that one model's permutations read: those of its sub-models too."""
        return self._data(derived.all_inputs(self.spec, name))

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
        return [str(path) for path in found]

    def reportlets(self) -> list[str]:
        """Return what the report gathers."""
        return [str(self.paths.output(name) / "reportlet.json") for name in self.outputs]

    # Digests

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
        return [self._json("simulate"), code_digest(["radpipe.simulate"])]

    def _on_cohort(self, item: str, shard: int) -> Any:
        split = SPLITS.module_of(self.spec.cohort.split.kind)
        code = code_digest(["radpipe.study.cohort", split], ["radpipe.steps.cohort"])
        return [
            self._endpoint(),
            self._json("cohort", "evaluation"),
            self.exclude_failed,
            code,
        ]

    def _on_clinical(self, item: str, shard: int) -> Any:
        code = code_digest([], ["radpipe.steps.clinical"])
        read = {
            name: variable.model_dump(mode="json", exclude={"label", "unit"})
            for name, variable in self.spec.clinical.items()
        }
        return [self._on_cohort(item, shard), read, code]

    def _on_warm(self, item: str, shard: int) -> Any:
        return [DEFAULT_ENGINE, cache_name(), code_digest([], ["radpipe.steps.warm"])]

    def _on_extract(self, block: str, shard: int) -> Any:
        settings = self.spec.settings(block)
        cases = self.shards(block)[shard]
        label = self.spec.regions[self.spec.blocks[block].region].label
        code = [code_of(DEFAULT_ENGINE, settings), code_digest([], EXTRACT_CODE)]
        engine = [DEFAULT_ENGINE, versions(*ENGINE_LIBRARIES)]
        return [canonical(settings), label, list(cases), self._stamps(block, shard), engine, code]

    def _stamps(self, block: str, shard: int) -> Any:
        """Return what tells that a shard's files have changed, or that a case has failed."""
        if self.study.simulated:
            return self._on_simulate("", 0)
        files = self.files(block)
        stamps = [
            [case, str(path), *_stamp(path)]
            for case in self.shards(block)[shard]
            for path in (files[case].image, files[case].mask)
        ]
        return [stamps, self._tries(block, shard)]

    def _tries(self, block: str, shard: int) -> Any:
        """Return a value that is new while cases of the shard fail, so that they are retried.

        Where the user goes on without them they are not: all that follows would be done again.
        """
        if self.exclude_failed:
            return None
        record = self.paths.shard(block, shard)
        if record.exists() and atomic.read_json(record)["failed"]:
            return record.stat().st_mtime_ns
        return None

    def _on_gather(self, block: str, shard: int) -> Any:
        code = code_digest([], ["radpipe.steps.gather", "radpipe.features.names"])
        return [list(self.spec.cohort.exclude), self.exclude_failed, code]

    def _endpoint(self) -> Any:
        return self.spec.endpoint.model_dump(mode="json", exclude={"label"})

    def _evaluation(self) -> Any:
        kind = self.spec.evaluation.resampling.kind
        return [self._json("evaluation"), code_digest([RESAMPLING.module_of(kind)])]

    def _on_chain(self, name: str, shard: int) -> Any:
        chain = self.chains[name]
        modules = [SELECTORS.module_of(step.kind) for step in chain.steps]
        return [
            [step.model_dump(mode="json") for step in chain.steps],
            list(chain.inputs),
            self._evaluation(),
            code_digest(["radpipe.models.chains", *modules], ["radpipe.steps.chain", *FIT_CODE]),
            versions(*FIT_LIBRARIES),
        ]

    def _on_fit(self, name: str, shard: int) -> Any:
        model = self.models[name]
        return [
            model.model_dump(mode="json", exclude={"label"}),
            self._evaluation(),
            self._endpoint(),
            code_digest(
                ["radpipe.models.crossfit", MODELS.module_of(model.kind)],
                ["radpipe.steps.fit", *FIT_CODE],
            ),
            versions(*FIT_LIBRARIES, *model.libraries),
        ]

    def _on_control(self, name: str, shard: int) -> Any:
        below = derived.with_submodels(self.spec, name)
        chains = [derived.chain_of(self.spec, self.models[m]) for m in below]
        return [
            [self._on_fit(model, 0) for model in below],
            [self._on_chain(chain.name, 0) for chain in chains if chain],
            self.spec.controls.permutations,
            code_digest(["radpipe.models.permute"], ["radpipe.steps.control"]),
        ]

    def _on_predictions(self, item: str, shard: int) -> Any:
        measures = ["radpipe.models.predictions", "radpipe.evaluation.metrics"]
        code = code_digest(measures, ["radpipe.steps.predictions"])
        return [list(self.models), self._endpoint(), code]

    def _labels(self) -> Any:
        """Return what every figure prints besides numbers."""
        named = {name: model.label for name, model in self.models.items()}
        return [self._json("title", "endpoint", "clinical", "report", "controls"), named]

    def _on_output(self, name: str, shard: int) -> Any:
        output = self.outputs[name]
        code = code_digest(
            [OUTPUTS.module_of(output.kind), "radpipe.outputs.write"],
            ["radpipe.steps.output", "radpipe.steps.material", "radpipe.steps.codes"],
        )
        pictures = self._pictures() if output.needs_images else None
        return [output.model_dump(mode="json"), self._labels(), self._evaluation(), pictures, code]

    def _pictures(self) -> Any:
        """Return what tells that images or masks that are drawn have changed."""
        if self.study.simulated:
            return [self._json("images", "regions"), self._on_simulate("", 0)]
        pairs = case_pairs(self.study)
        stamps = [[p.case, *_stamp(p.image_path), *_stamp(p.mask_path)] for p in pairs]
        return [self._json("images", "regions"), stamps, code_digest([], EXTRACT_CODE[2:])]

    def _on_report(self, item: str, shard: int) -> Any:
        alone = [f"radpipe.steps.{step}" for step in ("report", "codes", "headline", "material")]
        code = code_digest(["radpipe.report"], [*alone, "radpipe.study.advice"])
        engines = [ENGINES.module_of(name) for name in ENGINES]
        return [self.spec.model_dump(mode="json"), engines, code]


def _stamp(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return [-1, -1]
    return [status.st_size, status.st_mtime_ns]
