"""A block whose extraction a PyRadiomics parameter file says: `extraction: {params: FILE}`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from radpipe.core.errors import Fault, FaultsError
from radpipe.features.params import ParamsExtra, from_pyradiomics
from radpipe.features.settings import ExtractionSettings
from radpipe.study.blocks import ParamsSpec
from radpipe.study.faults import written
from radpipe.study.places import Places, shown
from radpipe.study.yaml import read_yaml


def read_params(path: Path, picture: bool = False) -> tuple[ExtractionSettings, ParamsExtra]:
    """Read a PyRadiomics parameter file.

    Parameters
    ----------
    path : Path
        YAML or JSON.
    picture : bool
        Whether it is for images of two dimensions.

    Raises
    ------
    FaultsError
        All that is wrong with the file, each with its line.
    """
    data, lines = read_yaml(path, start="start it with `setting:`")
    places = Places(path, lines)
    if not isinstance(data, Mapping):
        raise FaultsError([Fault(places.where(), f"found {written(data)}", "write `key: value`")])
    return from_pyradiomics(data, places.where, picture)


def with_params(data: dict[str, Any], places: Places) -> tuple[dict[str, Any], list[Fault]]:
    """Return what a study.yaml holds with the settings of its parameter files in their blocks.

    A block whose file has faults is left out. What is wrong with `extraction` itself is left to
    the schema.

    Parameters
    ----------
    data : dict
        The study.yaml as it was read.
    places : Places
        The file and its lines.
    """
    blocks = data.get("blocks")
    if not isinstance(blocks, dict):
        return data, []
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, block in blocks.items():
        try:
            kept[name] = _whole(name, block, places)
        except FaultsError as error:
            faults += error.faults
    return {**data, "blocks": kept}, faults


def _whole(name: str, block: Any, places: Places) -> Any:
    """Return a block with the settings of the parameter file that it names."""
    if not isinstance(block, dict) or block.get("extraction") is None:
        return block
    place = ("blocks", name, "extraction")
    beside = [key for key in block if key in ExtractionSettings.model_fields]
    if beside:
        found = f"found a parameter file beside {', '.join(beside)}"
        cure = f"remove {'it' if len(beside) == 1 else 'them'}, or extraction"
        raise FaultsError([Fault(places.where(*place), found, cure)])
    try:
        path = params_file(places.file.parent, ParamsSpec.model_validate(block["extraction"]))
    except ValidationError:
        return block
    if not path.is_file():
        found, cure = f"found no file {shown(path)}", "put it there, or correct the path"
        raise FaultsError([Fault(places.where(*place, "params"), found, cure)])
    settings, _ = read_params(path)
    return {**block, **settings.model_dump()}


def params_file(folder: Path, spec: ParamsSpec) -> Path:
    """Return the parameter file that a block of a study names."""
    return folder / spec.params
