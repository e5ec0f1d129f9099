"""scikit-learn's protocol of an estimator, without loading scikit-learn.

Reading a study needs the settings of every model and selector, which stand beside their
estimators. scikit-learn takes longer to load than most steps take to run, and 100 MB.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any, Self


class Estimator:
    """What scikit-learn asks of an estimator: its parameters are the arguments of ``__init__``.

    ``sklearn.base.clone``, pipelines and searches take it as one of their own
    (scikit-learn, Developing scikit-learn estimators: inheriting from ``BaseEstimator`` is one
    way to meet the protocol, the methods below are the other).
    """

    @classmethod
    def _parameters(cls) -> list[str]:
        found = signature(cls).parameters.values()
        return sorted(p.name for p in found if p.kind is not Parameter.VAR_KEYWORD)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, with ``deep`` those of estimators among them too."""
        found = {}
        for name in self._parameters():
            value = getattr(self, name)
            found[name] = value
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                found |= {f"{name}__{key}": v for key, v in value.get_params().items()}
        return found

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``name__key`` is parameter ``key`` of the estimator ``name``.

        Raises
        ------
        ValueError
            There is no such parameter.
        """
        for name, value in params.items():
            own, _, below = name.partition("__")
            if own not in self._parameters():
                raise ValueError(
                    f"{type(self).__name__}: no parameter {own!r}; "
                    f"allowed: {', '.join(self._parameters())}"
                )
            if below:
                getattr(self, own).set_params(**{below: value})
            else:
                setattr(self, own, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.base import BaseEstimator

        return BaseEstimator().__sklearn_tags__()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parameters())
        return f"{type(self).__name__}({shown})"
