"""What the rules ask for: the files each job needs, and the digest of what it depends on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from radpipe.core.errors import RadpipeError
from radpipe.io.paths import Paths
from radpipe.steps.context import EXCLUDE_VARIABLE, REPORTS_VARIABLE, default_reports
from radpipe.study.load import DATA_VARIABLE, DataMissing, Study, load_study
from radpipe.study.sources import sources
from radpipe.workflow.slices import Slices


class Dag:
    """The studies of one Snakemake run.

    Parameters
    ----------
    studies : iterable of Study
        What is run.
    reports : Path
        The folder of results.
    exclude_failed : bool
        Go on without the cases that cannot be extracted.
    """

    def __init__(
        self,
        studies: Iterable[Study],
        reports: Path,
        exclude_failed: bool = False,
    ) -> None:
        self._reports = reports
        self._studies = {study.name: study for study in studies}
        self._slices = {
            name: Slices(study, Paths(reports, name), exclude_failed)
            for name, study in self._studies.items()
        }
        self.exclude_failed = exclude_failed

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Dag:
        """Read Snakemake's configuration.

        Keys are ``study`` (a folder; without it every study under ``root``/studies whose data
        are there), ``data``, ``reports`` and ``exclude_failed``.

        Raises
        ------
        RadpipeError
            Where a study cannot be loaded.
        """
        data = Path(config["data"]) if config.get("data") else None
        exclude_failed = str(config.get("exclude_failed", "")) in ("1", "True", "true")
        if config.get("study"):
            folder = Path(config["study"])
            reports = Path(config.get("reports") or default_reports(folder)).absolute()
            found = [load_study(folder, data, simulated=reports / "simulated")]
        else:
            root = Path(config.get("root", "."))
            reports = Path(config.get("reports") or root / "reports").absolute()
            found = list(present_studies(root / "studies", reports))
        _tell_steps(reports, data, exclude_failed)
        return cls(found, reports, exclude_failed)

    @cached_property
    def names(self) -> str:
        """The pattern that a study's name fits."""
        return "|".join(re.escape(name) for name in self._studies) or "(?!)"

    def at(self, place: str) -> str:
        """Return a file pattern below the folder of results."""
        return f"{str(self._reports).replace('{', '{{').replace('}', '}}')}/{place}"

    def digest(self, study: str, step: str, item: str = "", shard: int = 0) -> str:
        """Return the digest of the settings, files and code that a job depends on."""
        return self._slices[study].digest(step, item, shard)

    def folder(self, study: str) -> str:
        """Return the study's folder."""
        return str(self._studies[study].folder)

    def file(self, study: str) -> str:
        """Return the study's study.yaml."""
        return str(self._studies[study].file)

    def table(self, study: str) -> str:
        """Return the cohort table."""
        return str(self._studies[study].table)

    def tables(self, study: str) -> list[str]:
        """Return the cohort tables: the study's own, and those of external cohorts."""
        return [str(source.path) for source in sources(self._studies[study])[0]]

    def blocks_by(self, rule: str) -> str:
        """Return the pattern that a study's name fits before a block that a rule makes.

        Blocks of all kinds lie in one folder, and of two studies one may extract what the other
        reads from a table: the name of the block that follows decides.
        """
        ways = []
        for name, study in self._studies.items():
            made = study.spec.derived if rule == "derive" else study.spec.extracted
            blocks = "|".join(re.escape(block) for block in made)
            if blocks:
                ways.append(rf"{re.escape(name)}(?=/\.work/blocks/(?:{blocks})\.parquet)")
        return "|".join(ways) or "(?!)"

    def derive_inputs(self, study: str, block: str) -> list[str]:
        """Return the blocks that a block is made of."""
        return self._slices[study].derive_inputs(block)

    def simulated_images(self, study: str) -> list[str]:
        """Return what tells that a simulated cohort's images are there; real ones are no step's."""
        return [self.table(study)] if self._studies[study].simulated else []

    def failures(self, study: str) -> list[str]:
        """Return what the cohort must wait for where failed cases are left out."""
        spec = self._studies[study].spec
        blocks = spec.extracted if self.exclude_failed else spec.may_exclude
        return [path for block in blocks for path in self.shards(study, block)]

    def shards(self, study: str, block: str) -> list[str]:
        """Return the shard records of one block."""
        return [str(path) for path in self._slices[study].shard_paths(block)]

    def reading_shards(self, study: str, block: str) -> list[str]:
        """Return the shard records of the second readings of one block."""
        return [str(path) for path in self._slices[study].reading_paths(block)]

    def chain_inputs(self, study: str, chain: str) -> list[str]:
        """Return the files that one selection chain reads."""
        return self._slices[study].chain_inputs(chain)

    def model_inputs(self, study: str, model: str) -> list[str]:
        """Return the files that one model reads."""
        return self._slices[study].model_inputs(model)

    def control_inputs(self, study: str, model: str) -> list[str]:
        """Return the files that one model's permutations read."""
        return self._slices[study].control_inputs(model)

    def all_scores(self, study: str) -> list[str]:
        """Return the predictions of all models, control models included."""
        return self._slices[study].all_scores()

    def output_inputs(self, study: str) -> list[str]:
        """Return the files that figures and tables are made of."""
        return self._slices[study].output_inputs()

    def card_inputs(self, study: str) -> list[str]:
        """Return the files that model cards are made of."""
        return self._slices[study].card_inputs()

    def cards(self) -> list[str]:
        """Return the marks of written model cards, of the studies that have models."""
        modelling = [name for name in self._studies if self._slices[name].models]
        return [str(Paths(self._reports, name).cards) for name in modelling]

    def reportlets(self, study: str) -> list[str]:
        """Return what the report gathers."""
        return self._slices[study].reportlets()

    def reports(self) -> list[str]:
        """Return the reports of all studies."""
        return [str(Paths(self._reports, name).report) for name in self._studies]

    def warm(self) -> list[str]:
        """Return the marks of a compiled engine, of the studies that extract."""
        extracting = [name for name, study in self._studies.items() if study.spec.extracted]
        return [str(Paths(self._reports, name).warm) for name in extracting]


def _tell_steps(reports: Path, data: Path | None, exclude_failed: bool) -> None:
    """Hand on to the steps, by their environment, what is no part of any result.

    In a rule's command or parameters it would make Snakemake do everything again when a folder
    is spelt differently. On a cluster each job reads this configuration anew, on its node.
    """
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
    os.environ[REPORTS_VARIABLE] = str(reports)
    os.environ[EXCLUDE_VARIABLE] = "1" if exclude_failed else "0"
    if data is not None:
        os.environ[DATA_VARIABLE] = str(data.absolute())


def present_studies(folder: Path, reports: Path) -> Iterable[Study]:
    """Yield the studies whose data are there; the others are named on standard error.

    Raises
    ------
    RadpipeError
        Where a study.yaml is wrong.
    """
    for file in sorted(folder.glob("*/study.yaml")):
        try:
            yield load_study(file.parent, simulated=reports / "simulated")
        except DataMissing as missing:
            sys.stderr.write(f"left out: {missing}\n")
        except RadpipeError as error:
            raise RadpipeError(f"{file.parent.name} cannot be run:\n{error}") from error
