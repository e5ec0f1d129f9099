"""A phantom cohort on disk: images, masks, the tables, and the truth behind them."""

from __future__ import annotations

from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from numpy.typing import NDArray

from radpipe.io import atomic
from radpipe.simulate.scene import IMAGES, MASKS, make_scene
from radpipe.simulate.spec import SimulateSpec
from radpipe.simulate.table import case_ids, draw_features, draw_table

__all__ = ["TABLE", "TRUTH", "case_ids", "draw_table", "simulate"]

TABLE = "clinical.csv"
TRUTH = "truth.json"


def simulate(spec: SimulateSpec, folder: Path) -> None:
    """Write a simulated cohort.

    The folder then holds ``images/ID.nii.gz``, ``masks/ID.nii.gz`` (label 1), ``clinical.csv``
    (columns ``patient_id``, ``simulated``, the clinical variables, and ``event`` or ``time`` and
    ``event``) and ``truth.json``; several images, regions, readers and tables change that as
    `ExtrasSpec` says. Equal settings give equal files, byte for byte; phantoms of an earlier,
    larger cohort are removed. ``truth.json`` comes last: where it is, all is there.

    Parameters
    ----------
    spec : SimulateSpec
        What to simulate.
    folder : Path
        Made where it is not there.
    """
    table, truth = draw_table(spec)
    (folder / TRUTH).unlink(missing_ok=True)
    written: set[PurePosixPath] = set()
    cases = truth.to_dict("records")
    for row, latent in zip(table.to_dict("records"), cases, strict=True):
        scene = make_scene(spec, row[spec.id], row, latent)
        for path, volume in scene.volumes.items():
            _write_volume(folder / path, volume, spec)
        written |= set(scene.volumes)
        latent |= scene.measured
    _remove_others(folder, written)
    for name in spec.tables:
        features = draw_features(spec, name, truth[name].to_numpy())
        atomic.write_text(folder / f"{name}.csv", _csv(features))
    atomic.write_text(folder / TABLE, _csv(table))
    settings = spec.model_dump(mode="json", exclude=spec.unused)
    atomic.write_json(folder / TRUTH, {"simulated": True, "settings": settings, "cases": cases})


def _csv(table: Any) -> str:
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text


def _remove_others(folder: Path, written: set[PurePosixPath]) -> None:
    """Remove the phantoms of an earlier cohort."""
    found = chain.from_iterable((folder / part).rglob("SIM*.nii.gz") for part in (IMAGES, MASKS))
    for path in list(found):
        if PurePosixPath(path.relative_to(folder).as_posix()) not in written:
            path.unlink()


def _write_volume(path: Path, array: NDArray[Any], spec: SimulateSpec) -> None:
    import SimpleITK as sitk

    volume = sitk.GetImageFromArray(array)
    volume.SetSpacing(spec.spacing_mm)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix of the temporary file must be .nii.gz, for ITK to know the format.
    temporary = path.with_name(f".writing.{path.name}")
    sitk.WriteImage(volume, str(temporary), useCompression=True)
    temporary.replace(path)
