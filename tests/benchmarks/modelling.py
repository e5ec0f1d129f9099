"""Selection and modelling of a whole study, against the same work written with scikit-learn.

``python -m tests.benchmarks.modelling`` in the checkout. 400 cases, three blocks of 1,316 features
and their union; 5 x 20 cross-validation with 5 inner folds, correlation 0.9 and mRMR 20 inside
each fit. As in a run, chains and models are jobs: each has a process of its own on one thread,
and ``--jobs`` of them run side by side, the chains first.

The scikit-learn side (`tests.benchmarks.modelling_plain`) is measured in the first ``--sample``
resamples, inner folds included, and scaled to all fits. There each model selects for itself. It
calibrates nothing, and takes the radscores that nomogram and fusion combine as given. Stages are
compared in CPU seconds; a chain's are those of all models that use it.

As it is written there each candidate of a grid selects anew, and LogisticRegressionCV has ten paths
a fit. The last total is what would be left of it if every selection were done once and shared, and
the penalty chosen on one path an inner fold, as is done here: scaled from the same measurements.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.memory import peak
from radpipe.io import atomic
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs, stacked
from radpipe.models.registry import MODELS
from radpipe.resampling.plan import Plan, make_plan
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.chain import ChainResult
from radpipe.selection.correlation import CorrelationSpec
from radpipe.selection.mrmr import MrmrSpec
from radpipe.steps.workers import one_thread
from tests.benchmarks import modelling_plain
from tests.benchmarks.modelling_cohort import BLOCKS, CLINICAL, cohort

CHAINS = {"union": list(BLOCKS), **{block: [block] for block in BLOCKS}}
"""What each chain chooses from; the longest comes first."""
SCORES = [f"radscore_{block}" for block in BLOCKS]
MODELS_OF: dict[str, tuple[str, str, list[str], dict[str, Any]]] = {
    "random_forest": ("random_forest", "union", [], {"trees": 200}),
    "radscore": ("penalised_logistic", "union", [], {}),
    **{f"radscore_{block}": ("penalised_logistic", block, [], {}) for block in BLOCKS},
    "logistic": ("logistic", "union", [], {}),
    "svm": ("svm", "union", [], {"kernel": "rbf"}),
    "xgboost": ("xgboost", "union", [], {}),
    "knn": ("knn", "union", [], {}),
    "lda": ("lda", "union", [], {}),
    "nomogram": ("nomogram", "", ["radscore"], {}),
    "fusion": ("fusion", "", SCORES, {"method": "logistic"}),
}
"""Kind, chain, models among the inputs, and settings of each model; the longest comes first."""
THRESHOLD, CHOSEN, SEED = 0.9, 20, 7
LINE = "{:<22} {:>8} {:>8} {:>8} {:>10} {:>8}"


@dataclass(frozen=True)
class Settings:
    """What is asked for, and where the jobs find each other's results."""

    cases: int
    features: int
    folds: int
    repeats: int
    models: tuple[str, ...]
    penalties: int
    folder: str

    @property
    def chains(self) -> list[str]:
        """The chains that the models use."""
        used = {MODELS_OF[name][1] for name in self.models}
        return [name for name in CHAINS if name in used]

    def at(self, name: str) -> Path:
        return Path(self.folder) / name

    def plan(self, y: np.ndarray) -> Plan:
        spec = RepeatedCvSpec(folds=self.folds, repeats=self.repeats, inner_folds=5)
        return make_plan(y, np.arange(len(y)), np.full(len(y), "train"), spec, SEED)

    def read(self, blocks: Sequence[str], clinical: bool = False) -> pd.DataFrame:
        """Return some columns of all cases, from the files that the jobs share."""
        parts = [pd.read_parquet(self.at(f"{name}.parquet")) for name in blocks]
        parts += [pd.read_parquet(self.at("clinical.parquet"))] if clinical else []
        outcome = pd.read_parquet(self.at("outcome.parquet"))
        return pd.concat([outcome[[]], *parts], axis=1)

    def outcome(self) -> np.ndarray:
        return pd.read_parquet(self.at("outcome.parquet"))["y"].to_numpy()


@dataclass(frozen=True)
class Spent:
    """What a job cost."""

    seconds: float
    cpu: float
    peak: int


def measured(work: Callable[[], None], alone: bool = True) -> Spent:
    """Do a job's work in this process; where it is the job's own, its start counts too."""
    began, before = time.perf_counter(), 0.0 if alone else time.process_time()
    work()
    return Spent(time.perf_counter() - began, time.process_time() - before, peak())


def select(settings: Settings, name: str) -> None:
    """Run a chain in every fit."""
    y = settings.outcome()
    table = settings.read(CHAINS[name])
    inputs = Inputs(table, np.array(table.index, dtype=str), CLINICAL)
    steps = [CorrelationSpec(threshold=THRESHOLD), MrmrSpec(n=CHOSEN)]
    found = run_chains(steps, inputs, y, settings.plan(y), SEED)
    atomic.write_json(settings.at(f"{name}.json"), {k: r.to_dict() for k, r in found.items()})


def read_chain(settings: Settings, name: str) -> dict[str, ChainResult]:
    found = atomic.read_json(settings.at(f"{name}.json"))
    return {key: ChainResult.from_dict(result) for key, result in found.items()}


def fit(settings: Settings, name: str) -> None:
    """Fit a model in every fit."""
    kind, chain, below, given = MODELS_OF[name]
    y = settings.outcome()
    table = settings.read(CHAINS.get(chain, []), clinical=kind == "nomogram")
    cases = [str(c) for c in table.index]
    parts: dict[str, Any] = {}
    for model in below:
        parts |= stacked(model, pd.read_parquet(settings.at(f"{model}.scores.parquet")), cases)
    inputs = Inputs(table, np.array(cases), CLINICAL, parts)
    named = [*CHAINS.get(chain, []), *below, *(["clinical"] if kind == "nomogram" else [])]
    spec = MODELS[kind](inputs=named, **({"selection": chain} if chain else {}), **given)
    chains = chosen({chain: read_chain(settings, chain)}) if chain else None
    found = crossfit(name, spec, inputs, y, settings.plan(y), SEED, chains)
    atomic.write_parquet(settings.at(f"{name}.scores.parquet"), found.scores)
    atomic.write_json(settings.at(f"{name}.fit.json"), found.fit)


def jobs(settings: Settings) -> dict[str, tuple[list[str], Callable[[], None]]]:
    """Return what each job waits for, and its work; those to be started first come first."""
    found: dict[str, tuple[list[str], Callable[[], None]]] = {
        f"chain {name}": ([], partial(select, settings, name)) for name in settings.chains
    }
    for name in settings.models:
        _, chain, below, _ = MODELS_OF[name]
        waits = ([f"chain {chain}"] if chain else []) + below
        found[name] = (waits, partial(fit, settings, name))
    return found


def run(settings: Settings, processes: int) -> dict[str, Spent]:
    """Do every job in a process of its own, as soon as what it waits for is done.

    With no processes, the jobs are done here one after the other.
    """
    waiting = jobs(settings)
    if not processes:
        return {job: measured(work, alone=False) for job, (_, work) in waiting.items()}
    spent: dict[str, Spent] = {}
    running: dict[Future[Spent], str] = {}
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, max_tasks_per_child=1) as pool:
        while waiting or running:
            ready = [job for job, (waits, _) in waiting.items() if set(waits) <= set(spent)]
            for job in ready[: processes - len(running)]:
                running[pool.submit(measured, waiting.pop(job)[1])] = job
            for done in wait(running, return_when=FIRST_COMPLETED)[0]:
                job = running.pop(done)
                spent[job] = done.result()
                print(f"  {job}: {spent[job].seconds:.1f} s", flush=True)
    return spent


def plain(settings: Settings, sample: int) -> dict[str, Any]:
    """Return what scikit-learn needs for each model, and which columns it chose."""
    y = settings.outcome()
    scopes = settings.plan(y).resamples[:sample]
    found: dict[str, modelling_plain.Plain] = {}
    for name in settings.models:
        kind, chain, below, _ = MODELS_OF[name]
        table = settings.read(CHAINS.get(chain, []), clinical=kind == "nomogram")
        if "clinical.stage" in table:
            table["clinical.stage"] = table["clinical.stage"].str.len()
        tables = {scope.name: table.copy() for scope in scopes} if below else {}
        for scope in scopes:
            tables.setdefault(scope.name, table)
            for model in below:
                column = np.full(len(y), np.nan)
                column[scope.train] = found[model].inner[scope.name]
                column[scope.test] = found[model].test[scope.name]
                tables[scope.name][model] = column
        selection = modelling_plain.Selection(THRESHOLD, CHOSEN) if chain else None
        found[name] = modelling_plain.run(kind, tables, y, scopes, selection, settings.penalties)
        print(f"  {name}: {found[name].selection + found[name].estimation:.1f} s", flush=True)
    return found


def agreement(settings: Settings, found: dict[str, Any], sample: int) -> tuple[int, int]:
    """Return in how many of the compared fits both sides chose the same columns."""
    scopes = settings.plan(settings.outcome()).resamples[:sample]
    keys = [k for s in scopes for k in (*(f"{s.name}/i{i}" for i in range(5)), s.name)]
    same = []
    for name in settings.models:
        chain = MODELS_OF[name][1]
        if chain:
            ours = read_chain(settings, chain)
            pairs = zip(keys, found[name].chosen, strict=True)
            same += [ours[key].selected == columns for key, columns in pairs]
    return sum(same), len(same)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.modelling")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--features", type=int, default=1316, help="of each of three blocks")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side, 0 for none")
    parser.add_argument("--sample", type=int, default=1, help="resamples that scikit-learn fits")
    parser.add_argument("--penalties", type=int, default=100, help="of scikit-learn's LASSO")
    parser.add_argument("--only", nargs="+", choices=MODELS_OF, default=list(MODELS_OF))
    asked = parser.parse_args(words)
    one_thread()
    folder = tempfile.mkdtemp(prefix="modelling-")
    try:
        wanted = {*asked.only, *(part for name in asked.only for part in MODELS_OF[name][2])}
        settings = Settings(
            asked.cases,
            asked.features,
            asked.folds,
            asked.repeats,
            tuple(name for name in MODELS_OF if name in wanted),
            asked.penalties,
            folder,
        )
        _compare(settings, asked.jobs, min(asked.sample, asked.folds * asked.repeats))
    finally:
        shutil.rmtree(folder)


def _compare(settings: Settings, processes: int, sample: int) -> None:
    table, y = cohort(settings.cases, settings.features)
    for block in (*BLOCKS, "clinical"):
        own = table[[c for c in table if c.startswith((f"{block}__", f"{block}."))]]
        own.to_parquet(settings.at(f"{block}.parquet"))
    pd.DataFrame({"y": y}, index=table.index).to_parquet(settings.at("outcome.parquet"))
    scopes = settings.folds * settings.repeats + 1
    print(
        f"{settings.cases} cases, {y.sum()} events, 3 x {settings.features} features, "
        f"{scopes} fits with 5 inner ones each; load {os.getloadavg()[0]:.1f}"
    )
    began = time.perf_counter()
    spent = run(settings, processes)
    wall = time.perf_counter() - began
    print(f"scikit-learn, {sample} of {scopes} fits with their inner ones")
    found = plain(settings, sample)
    scale = scopes / sample
    library = {name: f.estimation * scale for name, f in found.items()}
    for chain in settings.chains:
        users = [name for name in settings.models if MODELS_OF[name][1] == chain]
        library[f"chain {chain}"] = sum(found[name].selection for name in users) * scale
    print(LINE.format("stage", "s", "CPU s", "peak MB", "sklearn s", "ratio"))
    for job, own in spent.items():
        _line(job, own, library[job])
    whole = Spent(wall, sum(s.cpu for s in spent.values()), max(s.peak for s in spent.values()))
    _line("all", whole, sum(library.values()))
    least = _frugal(settings, found) * scale
    print(LINE.format("selections shared", "", "", "", f"{least:.1f}", f"{least / whole.cpu:.1f}"))
    first = sorted((s.peak for s in spent.values()), reverse=True)[:processes]
    print(f"{processes} processes: {wall / 60:.1f} min, {sum(first) / 1e9:.2f} GB at most")
    same, of = agreement(settings, found, sample)
    print(f"both chose the same columns in {same} of {of} fits")


def _frugal(settings: Settings, found: dict[str, Any]) -> float:
    """Return scikit-learn's CPU seconds with each selection once and one path an inner fold."""
    seconds = 0.0
    for chain in settings.chains:
        users = [found[name] for name in settings.models if MODELS_OF[name][1] == chain]
        each = sum(f.selection for f in users) / sum(f.selections for f in users)
        seconds += each * len(users[0].chosen)
    for name, own in found.items():
        lasso = MODELS_OF[name][0] == "penalised_logistic"
        seconds += own.estimation / modelling_plain.PATHS if lasso else own.estimation
    return seconds


def _line(job: str, own: Spent, library: float) -> None:
    numbers = (f"{own.seconds:.1f}", f"{own.cpu:.1f}", f"{own.peak / 1e6:.0f}")
    print(LINE.format(job, *numbers, f"{library:.1f}", f"{library / own.cpu:.1f}"), flush=True)


if __name__ == "__main__":
    main()
