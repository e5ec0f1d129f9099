"""Where everything of a study lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """The files of one study's results.

    Parameters
    ----------
    reports : Path
        The folder of all reports.
    name : str
        The study's name: that of its folder.
    """

    reports: Path
    name: str

    @property
    def folder(self) -> Path:
        """What the user looks at."""
        return self.reports / self.name

    @property
    def work(self) -> Path:
        """Snakemake's directory and all intermediate results."""
        return self.folder / ".work"

    @property
    def store(self) -> Path:
        """The case store, shared by all studies (``RADPIPE_STORE`` moves it)."""
        return Path(os.environ.get("RADPIPE_STORE") or self.reports / ".store")

    @property
    def simulated(self) -> Path:
        """The study's simulated cohort, where there is one."""
        return self.reports / "simulated" / self.name

    @property
    def cohort(self) -> Path:
        """One row a case: id, group, split, endpoint."""
        return self.work / "cohort.parquet"

    @property
    def cohort_info(self) -> Path:
        """Counts, exclusions and remarks on the cohort."""
        return self.work / "cohort.json"

    @property
    def clinical(self) -> Path:
        """One row a case: the clinical variables."""
        return self.work / "clinical.parquet"

    @property
    def warm(self) -> Path:
        """That the extraction engine is compiled on this machine."""
        return self.work / "warm.json"

    def shard(self, block: str, number: int) -> Path:
        """What one shard of a block's extraction did."""
        return self.work / "shards" / block / f"{number}.json"

    def tries(self, block: str, number: int) -> Path:
        """Which try of one shard's extraction was the last, and whether a case failed in it."""
        return self.work / "tries" / block / f"{number}.json"

    def block(self, block: str) -> Path:
        """The features of one block."""
        return self.work / "blocks" / f"{block}.parquet"

    def readings(self, block: str) -> Path:
        """The second readings of one block."""
        return self.work / "readings" / f"{block}.parquet"

    def chain(self, chain: str) -> Path:
        """The features that one selection chain kept, in every fit."""
        return self.work / "chains" / f"{chain}.json"

    def scores(self, model: str) -> Path:
        """One model's predictions in every fit."""
        return self.work / "models" / model / "scores.parquet"

    def fit(self, model: str) -> Path:
        """What one model learned."""
        return self.work / "models" / model / "fit.json"

    def final(self, model: str) -> Path:
        """The final model."""
        return self.work / "models" / model / "model.skops"

    def passport(self, model: str) -> Path:
        """What the final model is and takes, with its numbers where they are all there is."""
        return self.work / "models" / model / "model.json"

    def card(self, model: str) -> Path:
        """The final model's card, in words."""
        return self.work / "models" / model / "model.md"

    @property
    def cards(self) -> Path:
        """That the cards of all models are written."""
        return self.work / "cards.json"

    def control(self, model: str) -> Path:
        """One model's permuted-endpoint control."""
        return self.work / "controls" / f"{model}.json"

    @property
    def predictions(self) -> Path:
        """The one table between models and figures."""
        return self.work / "predictions.parquet"

    @property
    def outcomes(self) -> Path:
        """What happened to each case."""
        return self.work / "outcomes.parquet"

    @property
    def metrics(self) -> Path:
        """Every metric of every model, with its interval."""
        return self.work / "metrics.parquet"

    def output(self, output: str) -> Path:
        """The folder of one figure or table."""
        return self.folder / "outputs" / output

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / "report.html"

    @property
    def ledger(self) -> Path:
        """Every use of held-out cases, a line each; not among what a rerun replaces."""
        return self.folder / "ledger.jsonl"

    @property
    def codes(self) -> Path:
        """The key from study codes (C001 ...) to case ids."""
        return self.folder / "case_codes.csv"

    @property
    def summary(self) -> Path:
        """What the index over all studies says of this one."""
        return self.work / "summary.json"

    @property
    def progress(self) -> Path:
        """What the steps did, a line an event."""
        return self.work / "progress.jsonl"
