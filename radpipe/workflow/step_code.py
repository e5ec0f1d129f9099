"""The code that each step's results depend on, besides what study.yaml chooses by ``kind``."""

from __future__ import annotations

from dataclasses import dataclass

from radpipe.core.digests import code_digest


@dataclass(frozen=True)
class StepCode:
    """The code of one step, or a part of it that several steps share.

    Parameters
    ----------
    closed : tuple of str
        Modules that count with all that they import.
    alone : tuple of str
        Modules that count by themselves: what they import gives settings, which a job's digest
        holds as they are, or is listed too.
    """

    closed: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    def digest(self, *chosen: str) -> str:
        """Return the digest of this code and of the modules that were chosen."""
        return code_digest([*self.closed, *chosen], self.alone)


IMAGES = (
    "radpipe.io.images",
    "radpipe.io.maps",
    "radpipe.io.nifti",
    "radpipe.core.expressions",
    "radpipe.core.expression_syntax",
    "radpipe.core.expression_tokens",
    "radpipe.study.files",
    "radpipe.study.pairs",
    "radpipe.study.patterns",
)
"""How images and masks are found and read."""
TABLES = (
    "radpipe.study.block_names",
    "radpipe.study.blocks",
    "radpipe.study.derivation",
    "radpipe.study.feature_layouts",
    "radpipe.study.feature_numbers",
    "radpipe.study.feature_reader",
    "radpipe.study.feature_tables",
    "radpipe.study.names",
    "radpipe.study.patterns",
    "radpipe.study.rows",
    "radpipe.study.values",
    "radpipe.io.cells",
    "radpipe.io.tables",
)
"""How tables of features are read, and blocks made of others."""
FITS = (
    "radpipe.steps.context",
    "radpipe.study.derived",
    "radpipe.study.plans",
    "radpipe.evaluation.outcomes",
)
"""How a study's settings, tables and seed reach a fit."""

PICTURES = StepCode(alone=IMAGES)
"""Of outputs that draw images."""
READING = StepCode(("radpipe.imaging.perturbed",), ("radpipe.study.readings",))
"""Of the extraction of second readings."""
COMPARED = StepCode(
    ("radpipe.features.combine",),
    ("radpipe.steps.readings", "radpipe.study.readings", "radpipe.study.derivation"),
)
"""Of chains that compare second readings."""
TABLE_READINGS = StepCode(("radpipe.study.table_readings",), TABLES)
"""Of second readings that tables hold."""

CODE = {
    "simulate": StepCode(("radpipe.simulate",), ("radpipe.steps.simulate",)),
    "cohort": StepCode(("radpipe.study.cohort",), ("radpipe.steps.cohort", "radpipe.steps.gather")),
    "clinical": StepCode(
        ("radpipe.study.cohort",),
        ("radpipe.steps.clinical", "radpipe.steps.cohort", "radpipe.steps.gather"),
    ),
    "warm": StepCode(alone=("radpipe.steps.warm",)),
    "extract": StepCode(alone=("radpipe.steps.extract", "radpipe.steps.extractor", *IMAGES)),
    "gather": StepCode(alone=("radpipe.steps.gather", "radpipe.features.names")),
    "derive": StepCode(
        ("radpipe.features.combine",), ("radpipe.steps.derive", "radpipe.features.names", *TABLES)
    ),
    "readings": StepCode(
        alone=(
            "radpipe.steps.readings",
            "radpipe.steps.gather",
            "radpipe.study.readings",
            "radpipe.features.names",
        )
    ),
    "chain": StepCode(("radpipe.models.chains",), ("radpipe.steps.chain", *FITS)),
    "fit": StepCode(
        ("radpipe.models.crossfit", "radpipe.models.chains", "radpipe.models.training"),
        ("radpipe.steps.fit", "radpipe.steps.univariable", "radpipe.models.univariable", *FITS),
    ),
    "control": StepCode(
        ("radpipe.models.permute", "radpipe.evaluation.headline_metric"),
        ("radpipe.steps.control", *FITS),
    ),
    "predictions": StepCode(
        ("radpipe.models.predictions", "radpipe.evaluation.against"),
        ("radpipe.steps.predictions", "radpipe.study.derived"),
    ),
    "output": StepCode(
        ("radpipe.outputs.write", "radpipe.evaluation.headline_metric"),
        (
            "radpipe.steps.output",
            "radpipe.steps.material",
            "radpipe.steps.codes",
            "radpipe.steps.reliability",
            "radpipe.study.derived",
            "radpipe.study.region_volumes",
            "radpipe.study.reported",
            "radpipe.evaluation.against",
            "radpipe.resampling.plan",
            "radpipe.resampling.streams",
        ),
    ),
    # One job of a study each, and done in seconds: all that they run counts.
    "cards": StepCode(("radpipe.steps.cards",)),
    "report": StepCode(("radpipe.steps.report", "radpipe.report")),
}
"""The code of every step."""
