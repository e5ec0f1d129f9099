"""Libraries that some kinds need and that need not be installed."""

from importlib.util import find_spec

MODULES = {"scikit-survival": "sksurv"}
"""How libraries are imported whose distribution has another name."""


def absent(settings):
    """Return the libraries that a kind's settings need and that are not there."""
    return [own for own in settings.libraries if find_spec(MODULES.get(own, own)) is None]
