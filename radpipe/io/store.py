"""The case store: features that were computed once are found again, whatever the study.

A result is one file, named by the digest of all that it depends on: the contents of image and
mask, the label, the extraction settings, the engine and its code. Neither the study's name nor
the block's is part of it, so studies share results, and a file that was moved, renamed or touched
without a change computes nothing.

Layout under the store's folder, each file written beside its place and renamed::

    features/ab/abcdef....json    values of one case and block
    failures/ab/abcdef....json    why there are none
    digests/ab/abcdef....json     content digest of a file, by its path, size and times

A failure is kept for ``radpipe status`` and never stands for a result: it is tried again on each
run, since what was missing (memory, a library) may be there by then, and failing is quick.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from radpipe.core.digests import canonical
from radpipe.core.errors import CaseError, Fault, RadpipeError
from radpipe.io import atomic

FORMAT = 1
"""Part of every key, so that another layout of the files starts afresh."""

SETTLED_NS = 2_000_000_000
"""A file changed less than this before its digest may change again within one tick of the clock;
its digest is not kept (2 s, the coarsest tick of a common file system)."""


class Store:
    """Results by key, in a folder that several studies and processes may share.

    Parameters
    ----------
    root : Path
        Folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def key(
        self,
        image_digest: str,
        mask_digest: str,
        label: int,
        settings: str,
        engine: str,
        engine_version: str,
        code: str,
    ) -> str:
        """Return the key of a result: SHA-256 over all that it depends on.

        Parameters
        ----------
        image_digest, mask_digest : str
            From :meth:`digest_file`.
        label : int
            Value of the region in the mask.
        settings : str
            From :func:`radpipe.features.settings.canonical`.
        engine, engine_version, code : str
            The engine's name and version, and the digest of what reads images and computes
            features.
        """
        parts = [FORMAT, image_digest, mask_digest, int(label), settings, engine, engine_version]
        return _sha256(canonical([*parts, code]))

    def get(self, key: str) -> dict[str, float] | None:
        """Return the values under ``key``, or None where there are none or they are damaged."""
        record = self._read("features", key)
        if record is None or not isinstance(record.get("values"), dict):
            return None
        return {name: math.nan if v is None else v for name, v in record["values"].items()}

    def meta(self, key: str) -> dict[str, Any] | None:
        """Return what was noted with the values under ``key``, or None where there are none."""
        record = self._read("features", key)
        return None if record is None else record["meta"]

    def put(
        self, key: str, values: Mapping[str, float], meta: Mapping[str, Any] | None = None
    ) -> None:
        """Keep ``values`` under ``key`` and forget an earlier failure.

        Parameters
        ----------
        key : str
            From :meth:`key`.
        values : mapping of str to float
            Finite or NaN; read back bit for bit (NaN as NaN).
        meta : mapping
            JSON-able notes, no part of the key.

        Raises
        ------
        ValueError
            Where a value is infinite.
        """
        plain = {name: None if math.isnan(v) else float(v) for name, v in values.items()}
        self._write("features", key, {"meta": dict(meta or {}), "values": plain})
        self._path("failures", key).unlink(missing_ok=True)

    def put_failure(self, key: str, reason: str, meta: Mapping[str, Any] | None = None) -> None:
        """Note why there are no values under ``key``."""
        self._write("failures", key, {"meta": dict(meta or {}), "reason": reason})

    def failure(self, key: str) -> str | None:
        """Return why the last try under ``key`` failed, or None where none did."""
        record = self._read("failures", key)
        return None if record is None else str(record["reason"])

    def digest_file(self, path: Path) -> str:
        """Return the SHA-256 of a file's bytes; read again only when path, size or times change.

        Raises
        ------
        CaseError
            Where the file is not there or cannot be read.
        """
        path = Path(path)
        try:
            before = _stamp(path)
            name = _sha256(str(path.resolve()))
            kept = self._read("digests", name)
            if kept is not None and kept.get("stamp") == before:
                return str(kept["sha256"])
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            after = _stamp(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CaseError(
                Fault(str(path), f"cannot be read ({reason})", "check the path and its rights")
            ) from error
        settled = time.time_ns() - max(after[1:]) > SETTLED_NS
        if before == after and settled:
            record = {"path": str(path.resolve()), "stamp": before, "sha256": found}
            self._write("digests", name, record)
        return found

    def _path(self, kind: str, name: str) -> Path:
        return self.root / kind / name[:2] / f"{name}.json"

    def _write(self, kind: str, name: str, record: dict[str, Any]) -> None:
        body = json.dumps(record, ensure_ascii=False, allow_nan=False)
        try:
            atomic.write_text(self._path(kind, name), f"{_sha256(name + body)}\n{body}\n")
        except OSError as error:
            raise RadpipeError(
                f"{self.root}: the case store cannot be written "
                f"({error.strerror or type(error).__name__}); make room or give rights, or set "
                "RADPIPE_STORE to another folder"
            ) from error

    def _read(self, kind: str, name: str) -> dict[str, Any] | None:
        """Return a record, or None where its checksum does not match: a power cut leaves such."""
        try:
            text = self._path(kind, name).read_text(encoding="utf-8")
            checksum, _, body = text.partition("\n")
            body = body.removesuffix("\n")
            return json.loads(body) if checksum == _sha256(name + body) else None
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError, JSONDecodeError):
            return None


def _stamp(path: Path) -> list[int]:
    """Return size, and times of change of content and of the file's entry.

    The second time tells a file that was put in place of another with its old time kept.
    """
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
