"""The table of a simulated cohort, and the latent variables behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.resampling.streams import stream
from radpipe.simulate.extras import SimulatedTable, SimulatedVariable
from radpipe.simulate.outcome import outcome
from radpipe.simulate.spec import SimulateSpec

FloatArray = NDArray[np.float64]
SIMULATED = "simulated"
"""The column that says yes in every table."""


def case_ids(spec: SimulateSpec) -> list[str]:
    """Return the ids of the cases, in table order."""
    width = max(3, len(str(spec.cases)))
    return [f"SIM{i:0{width}d}" for i in range(1, spec.cases + 1)]


def latent_names(spec: SimulateSpec, region: int) -> tuple[str, str]:
    """Return the columns of the truth that hold a region's heterogeneity and size.

    Those of the first region, or the only one, have plain names.
    """
    before = f"{list(spec.regions)[region]}." if region else ""
    return f"{before}heterogeneity", f"{before}size"


def draw_table(spec: SimulateSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the cohort's table and the truth behind it, without the phantoms.

    Returns
    -------
    table : DataFrame
        As in ``clinical.csv``; all columns are text as they are written.
    truth : DataFrame
        ``case``, the latent standard normal variables (``heterogeneity``, ``size``, ``age`` and
        ``stage``; those of further regions, variables and tables; ``change``), and ``risk``: the
        log odds or log hazard, up to a constant.
    """
    rng = stream(spec.seed, "simulate", "table")
    n, cases = spec.cases, case_ids(spec)
    patients = _patients(spec)
    latent, weight = _latent(rng, spec, patients)
    risk = np.zeros(n)
    for name, share in weight.items():
        risk = risk + share * latent[name]
    risk = risk + spec.effects.clinical * (latent["age"] + latent["stage"]) / np.sqrt(2)
    table = pd.DataFrame({spec.id: cases, SIMULATED: "yes"})
    if spec.group:
        table[spec.group.column] = [f"P{i + 1:0{max(3, len(str(n)))}d}" for i in patients.of]
    for name, values in _clinical(rng, latent, n).items():
        if name in spec.clinical:
            table[name] = [values[i] for i in patients.first]
    if spec.clinical and spec.missing:
        empty = rng.uniform(size=n) < spec.missing
        table.loc[empty[patients.first], spec.clinical[-1]] = ""
    for name, variable in spec.variables.items():
        table[name] = _written(variable, latent[name])
    table = table.assign(**outcome(rng, spec, risk), **_design(spec, patients))
    return table, pd.DataFrame({"case": cases, **latent, "risk": risk})


def draw_features(spec: SimulateSpec, name: str, latent: FloatArray) -> pd.DataFrame:
    """Draw a table of features, of which the first few show its latent variable.

    Parameters
    ----------
    spec : SimulateSpec
        Has the table among its ``tables``.
    name : str
        Of the table.
    latent : array, shape (n,)
        Column ``name`` of the truth.
    """
    settings: SimulatedTable = spec.tables[name]
    rng = stream(spec.seed, "simulate", "features", name)
    shape = (spec.cases, settings.features)
    # Features come in fives that share a part of their noise, as measured ones do.
    common = np.repeat(rng.normal(size=(spec.cases, -(-shape[1] // 5))), 5, axis=1)[:, : shape[1]]
    noise = 0.6 * common + 0.8 * rng.normal(size=shape)
    loading = np.where(np.arange(shape[1]) < settings.informative, 0.8, 0.0)
    values = loading * latent[:, None] + np.sqrt(1 - loading**2) * noise
    values = rng.uniform(1, 100, shape[1]) + rng.uniform(0.5, 20, shape[1]) * values
    columns = [f"feature_{j:03d}" for j in range(1, shape[1] + 1)]
    texts = pd.DataFrame(values, columns=columns).map(lambda v: f"{v:.6g}")
    texts.insert(0, SIMULATED, "yes")
    texts.insert(0, spec.id, case_ids(spec))
    return texts


@dataclass(frozen=True)
class _Patients:
    """Whose each case is: ``of`` counts patients, ``first`` is the first case of its patient."""

    of: NDArray[np.intp]
    first: NDArray[np.intp]

    @property
    def count(self) -> int:
        """Return how many patients there are."""
        return int(self.of[-1]) + 1


def _patients(spec: SimulateSpec) -> _Patients:
    rows = np.arange(spec.cases)
    if spec.group is None:
        return _Patients(rows, rows)
    low, high = spec.group.per_patient
    rng = stream(spec.seed, "simulate", "group")
    of = np.repeat(rows, rng.integers(low, high + 1, size=spec.cases))[: spec.cases]
    return _Patients(of, np.searchsorted(of, of))


def _latent(
    rng: np.random.Generator, spec: SimulateSpec, patients: _Patients
) -> tuple[dict[str, FloatArray], dict[str, float]]:
    """Return the latent variables, and how strongly each drives the risk (save age and stage)."""
    latent = {name: rng.normal(size=spec.cases) for name in ("heterogeneity", "size")}
    weight: dict[str, float] = {}
    for region, settings in enumerate(list(spec.regions.values()) or [None]):
        for name in latent_names(spec, region):
            key = name.rpartition(".")[2]
            own = getattr(settings, key, None)
            weight[name] = getattr(spec.effects, key) if own is None else own
    latent |= {name: _named(spec, name) for name in weight if name not in latent}
    age, stage = rng.normal(size=spec.cases), rng.normal(size=spec.cases)
    if spec.change or any(image.change for image in spec.images.values()):
        latent["change"], weight["change"] = _named(spec, "change"), spec.change
    for name, table in spec.tables.items():
        latent[name], weight[name] = _named(spec, name), table.effect
    if spec.group:
        latent = {name: _shared(spec, name, own, patients) for name, own in latent.items()}
    latent |= {"age": age[patients.first], "stage": stage[patients.first]}
    for name, variable in spec.variables.items():
        latent[name] = _named(spec, name)[patients.first]
        weight[name] = variable.effect
    return latent, weight


def _named(spec: SimulateSpec, name: str) -> FloatArray:
    """Return a latent variable that is a function of the seed and of its name alone."""
    return stream(spec.seed, "simulate", "latent", name).normal(size=spec.cases)


def _shared(spec: SimulateSpec, name: str, own: FloatArray, patients: _Patients) -> FloatArray:
    """Return a latent variable that the cases of a patient have in part in common."""
    share = spec.group.shared if spec.group else 0.0
    common = _named(spec, f"patient {name}")[patients.of]
    mixed: FloatArray = np.sqrt(share) * common + np.sqrt(1 - share) * own
    return mixed


def _clinical(
    rng: np.random.Generator, latent: dict[str, FloatArray], n: int
) -> dict[str, list[str]]:
    age = np.clip(np.rint(58 + 12 * latent["age"]), 18, 95).astype(int)
    stage = np.digitize(latent["stage"], [-0.4, 0.7])
    return {
        "age": [str(a) for a in age],
        "sex": rng.choice(["female", "male"], size=n).tolist(),
        "stage": [["I", "II", "III"][s] for s in stage],
        "smoking": rng.choice(["never", "former", "current"], size=n, p=[0.5, 0.3, 0.2]).tolist(),
    }


def _written(variable: SimulatedVariable, latent: FloatArray) -> list[str]:
    """Return a variable's cells."""
    from scipy.stats import norm

    if variable.levels:
        steps = norm.ppf(np.arange(1, len(variable.levels)) / len(variable.levels))
        return [variable.levels[i] for i in np.digitize(latent, steps)]
    values = variable.mean + variable.sd * latent
    if variable.skewed:
        spread = np.log1p((variable.sd / variable.mean) ** 2)
        values = np.exp(np.log(variable.mean) - spread / 2 + np.sqrt(spread) * latent)
    return [f"{v:.{variable.decimals}f}" for v in values]


def _design(spec: SimulateSpec, patients: _Patients) -> dict[str, list[str]]:
    """Return the columns that say where, when, by whom and for what a case was taken."""
    columns: dict[str, list[str]] = {}
    if spec.centres:
        columns["centre"] = _dealt(spec, "centre", spec.centres, patients)
    if spec.dates:
        first, last = (np.datetime64(day) for day in spec.dates)
        days = int((last - first).astype(int)) + 1
        rng = stream(spec.seed, "simulate", "date")
        taken = first + rng.integers(0, days, patients.count)[patients.of]
        columns["date"] = [str(day) for day in taken]
    if spec.train:
        shares = {"train": spec.train, "test": 1 - spec.train}
        columns["split"] = _dealt(spec, "split", shares, patients)
    for reader in spec.readers.values():
        rng = stream(spec.seed, "simulate", "reader", reader.column)
        drawn = set(rng.permutation(spec.cases)[: reader.cases].tolist())
        columns[reader.column] = ["1" if i in drawn else "0" for i in range(spec.cases)]
    return columns


def _dealt(
    spec: SimulateSpec, name: str, shares: dict[str, float], patients: _Patients
) -> list[str]:
    """Return labels in random order, each with its share of the patients."""
    place = stream(spec.seed, "simulate", name).permutation(patients.count)
    steps = np.rint(np.cumsum(list(shares.values()))[:-1] * patients.count)
    labels = list(shares)
    return [labels[i] for i in np.digitize(place, steps)[patients.of]]
