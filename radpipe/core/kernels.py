"""Compiled loops: one decorator, and one cache on disk that all workers share."""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
MARK = b"@kernel("
"""What a source file that holds compiled loops contains."""


def kernel(*signatures: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function to machine code, once a machine.

    Parameters
    ----------
    *signatures : str
        The types it takes, as numba writes them; with them it is compiled (or read from the
        cache) when its module is imported, so that no case pays for it. Without, it is a part
        of the functions that call it.
    **options
        Further options of ``numba.njit``.

    Notes
    -----
    Divisions follow numpy (x / 0 is infinite or NaN). Additions keep their order, so that the
    numbers do not follow the processor, unless a function asks for ``fastmath``.
    """
    use_cache()
    numba = _numba()

    def decorate(function: Callable[..., Any]) -> Any:
        compiled: Any = numba.njit
        types = [list(signatures)] if signatures else []
        how = compiled(*types, cache=True, nogil=True, error_model="numpy", **options)
        with _no_collection():
            return how(function)

    return decorate


def sources() -> list[Path]:
    """Return the source files that hold compiled loops, in a fixed order."""
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if MARK in path.read_bytes() and path != Path(__file__)
    )


def cache_name() -> str:
    """Return a name that changes with any compiled loop, numba or Python.

    numba looks at the one file that a function stands in, and would keep a function whose
    helper in another file has changed; a folder for each state of all of them cannot.
    """
    digest = sha256()
    for path in sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{version('numba')} {version('llvmlite')} {sys.version}".encode())
    return f"kernels-{digest.hexdigest()[:16]}"


def cache_base() -> Path:
    """Return the folder for caches of this user: RADPIPE_CACHE_DIR, or the system's place."""
    chosen = os.environ.get("RADPIPE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "radpipe"


def use_cache() -> Path:
    """Have numba keep its machine code in the folder of :func:`cache_name`; return the folder.

    Where no place is writable (a read-only home on a cluster node), a temporary folder serves
    for this process alone, and that is said once.
    """
    if _State.folder is not None:
        return _State.folder
    folder = cache_base() / cache_name()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        folder = Path(tempfile.mkdtemp(prefix="radpipe-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        say(
            f"the cache {cache_base()} cannot be written ({error.strerror}): compiled code is kept "
            f"in {folder} for this process alone; set RADPIPE_CACHE_DIR to a folder that can"
        )
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:  # it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    _State.folder = folder
    return folder


def compile_once(modules: Iterable[str]) -> None:
    """Fill the cache with modules of compiled loops; of workers that start together, one compiles.

    What is compiled already is not imported here: a module is read when it is first needed.

    Parameters
    ----------
    modules : iterable of str
        Names of the modules.
    """
    names = list(modules)
    folder = use_cache()
    done = folder / f"ready-{sha256(' '.join([*names, _processor()]).encode()).hexdigest()[:8]}"
    if done.exists():
        return
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            say("compiling the extraction engine for this machine, once (about half a minute)")
        for name in names:
            importlib.import_module(name)
        done.touch()


def say(message: str) -> None:
    """Write one line for whoever waits."""
    print(f"radpipe: {message}", file=sys.stderr, flush=True)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Have Python not look for garbage while thousands of objects are made that stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
@_no_collection()
def _numba() -> Any:
    """Return numba, loaded without SciPy's linear algebra: a fifth of the time to start.

    numba asks for it when it loads, for products inside ``np.convolve``, and is content with a
    loop of its own where there is none.
    """
    asked = "scipy.linalg.cython_blas"
    if asked in sys.modules:
        import numba.np.arraymath
    else:
        sys.modules[asked] = None  # type: ignore[assignment]  # says that there is no such module
        try:
            import numba.np.arraymath
        finally:
            del sys.modules[asked]
    return numba


@cache
def _processor() -> str:
    """Return the processor's kind: the nodes of a cluster may share a cache and differ in it."""
    from llvmlite import binding

    return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"


class _State:
    """What this process has settled: a second answer would split the cache."""

    folder: Path | None = None
