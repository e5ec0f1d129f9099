"""A phantom cohort on disk: images, masks, the table, and the truth behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.io import atomic
from radpipe.resampling.streams import stream
from radpipe.simulate.phantom import Phantom, make_phantom
from radpipe.simulate.spec import SimulateSpec

ID = "patient_id"
TABLE = "clinical.csv"
IMAGES = "images"
MASKS = "masks"
TRUTH = "truth.json"

FloatArray = NDArray[np.float64]


def simulate(spec: SimulateSpec, folder: Path) -> None:
    """Write a simulated cohort.

    The folder then holds ``images/ID.nii.gz``, ``masks/ID.nii.gz`` (label 1), ``clinical.csv``
    (columns ``patient_id``, ``simulated``, the clinical variables, and ``event`` or ``time`` and
    ``event``) and ``truth.json``. Equal settings give equal files, byte for byte; phantoms of an
    earlier, larger cohort are removed. ``truth.json`` comes last: where it is, all is there.

    Parameters
    ----------
    spec : SimulateSpec
        What to simulate.
    folder : Path
        Made where it is not there.
    """
    table, truth = draw_table(spec)
    (folder / TRUTH).unlink(missing_ok=True)
    _remove_others(folder, set(table[ID]))
    volumes = []
    for case, row in zip(table[ID], truth.to_dict("records"), strict=True):
        phantom = make_phantom(
            stream(spec.seed, "simulate", "phantom", case),
            row["heterogeneity"],
            row["size"],
            spec.size_voxels,
            spec.spacing_mm,
        )
        _write_phantom(folder, case, phantom, spec)
        volumes.append(phantom.volume_mm3)
    atomic.write_text(folder / TABLE, table.to_csv(index=False, lineterminator="\n"))
    cases = truth.assign(volume_mm3=volumes).to_dict("records")
    settings = spec.model_dump(mode="json")
    atomic.write_json(folder / TRUTH, {"simulated": True, "settings": settings, "cases": cases})


def draw_table(spec: SimulateSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the cohort's table and the truth behind it, without the phantoms.

    Returns
    -------
    table : DataFrame
        As in ``clinical.csv``; all columns are text as they are written.
    truth : DataFrame
        ``case``, the latent standard normal variables ``heterogeneity``, ``size``, ``age`` and
        ``stage``, and ``risk``: the log odds or log hazard, up to a constant.
    """
    rng = stream(spec.seed, "simulate", "table")
    n = spec.cases
    width = max(3, len(str(n)))
    cases = [f"SIM{i:0{width}d}" for i in range(1, n + 1)]
    latent = {name: rng.normal(size=n) for name in ("heterogeneity", "size", "age", "stage")}
    effects = spec.effects
    risk = (
        effects.heterogeneity * latent["heterogeneity"]
        + effects.size * latent["size"]
        + effects.clinical * (latent["age"] + latent["stage"]) / np.sqrt(2)
    )
    table = pd.DataFrame({ID: cases, "simulated": "yes"})
    for name, values in _clinical(rng, latent, n).items():
        if name in spec.clinical:
            table[name] = values
    if spec.clinical and spec.missing:
        table.loc[rng.uniform(size=n) < spec.missing, spec.clinical[-1]] = ""
    table = table.assign(**_endpoint(rng, spec, risk))
    return table, pd.DataFrame({"case": cases, **latent, "risk": risk})


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


def _endpoint(
    rng: np.random.Generator, spec: SimulateSpec, risk: FloatArray
) -> dict[str, list[str]]:
    """Return the endpoint's columns, with exactly the prevalence that was asked for."""
    events = round(spec.cases * spec.prevalence)
    if spec.endpoint == "binary":
        # A logistic threshold model: the highest `events` of risk plus logistic noise.
        liability = risk + rng.logistic(size=spec.cases)
        cut = np.sort(liability)[-events]
        return {"event": (liability >= cut).astype(int).astype(str).tolist()}
    # Weibull times of shape 1.2; their scale is what makes `events` of them precede censoring.
    time = (rng.exponential(size=spec.cases) / np.exp(risk)) ** (1 / 1.2)
    censored = rng.uniform(0.4, 1.0, size=spec.cases) * spec.follow_up_days
    ratio = np.sort(censored / time)[::-1]
    time = time * (ratio[events - 1] + ratio[events]) / 2
    seen = time <= censored
    days = np.maximum(np.ceil(np.where(seen, time, censored)), 1).astype(int)
    return {"time": days.astype(str).tolist(), "event": seen.astype(int).astype(str).tolist()}


def _remove_others(folder: Path, cases: set[str]) -> None:
    for path in [p for name in (IMAGES, MASKS) for p in (folder / name).glob("SIM*.nii.gz")]:
        if path.name.removesuffix(".nii.gz") not in cases:
            path.unlink()


def _write_phantom(folder: Path, case: str, phantom: Phantom, spec: SimulateSpec) -> None:
    import SimpleITK as sitk

    parts: dict[str, Any] = {IMAGES: phantom.image, MASKS: phantom.mask}
    for name, array in parts.items():
        volume = sitk.GetImageFromArray(array)
        volume.SetSpacing(spec.spacing_mm)
        # The suffix of the temporary file must be .nii.gz, for ITK to know the format.
        path = folder / name / f"{case}.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".writing.{path.name}")
        sitk.WriteImage(volume, str(temporary), useCompression=True)
        temporary.replace(path)
