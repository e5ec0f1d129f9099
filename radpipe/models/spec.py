"""What the settings of every model family share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.kinds import OneOf
from radpipe.core.spec import KindSpec
from radpipe.core.target import EndpointKind
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.preparation.registry import BALANCE, PREPARATION
from radpipe.resampling.streams import integer
from radpipe.selection.base import BOTH
from radpipe.selection.registry import SELECTORS

BINARY: frozenset[str] = frozenset({"binary"})
SURVIVAL: frozenset[str] = frozenset({"survival"})
CONTINUOUS: frozenset[str] = frozenset({"continuous"})
CLASSIFIER: frozenset[str] = frozenset({"binary", "multiclass"})
ONE_VS_REST: frozenset[str] = frozenset({"multiclass", "multilabel"})
"""Kinds for which a model of a binary endpoint is fitted once a class."""

Scaling = Literal["none", "features", "all"]

SelectorStep = Annotated[KindSpec, OneOf(SELECTORS)]
PreparationStep = Annotated[KindSpec, OneOf(PREPARATION)]
Balance = Annotated[KindSpec, OneOf(BALANCE)]
Cutoff = Annotated[KindSpec, OneOf(CUTOFFS)]


class ModelSpec(KindSpec):
    """Settings of one model."""

    endpoints: ClassVar[frozenset[str]] = BOTH
    """Kinds of endpoint that `build` takes."""
    lifts: ClassVar[bool] = True
    """Whether a family for binary endpoints is fitted once a class where there are several."""
    takes_weights: ClassVar[bool] = False
    """Whether the estimator's ``fit`` takes ``sample_weight``."""
    cross_validates: ClassVar[bool] = False
    """Whether the fit itself deals its rows into folds, to choose a penalty."""
    has_risk: ClassVar[bool] = True
    """Whether the family gives the probability of the event, and not only a ranking."""
    calibrated_risk: ClassVar[bool] = True
    """Whether the family's risk is a probability as it stands, without `calibrate`."""
    scaling: ClassVar[Scaling] = "none"
    """Which columns are put on z scores before the fit: none, radiomic features, or all."""
    imputes: ClassVar[bool] = True
    """Whether missing values are filled in before the fit."""

    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version its fits depend on, beside those that every installation has."""

    label: str | None = None
    cutoff: Cutoff | None = None
    """How the cut-off is learned, on inner out-of-fold scores of training rows; by default
    ``youden`` (binary, each label) or ``median`` (survival)."""

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator (`radpipe.models.base.Model`)."""
        raise NotImplementedError

    @classmethod
    def all_endpoints(cls) -> frozenset[str]:
        """Return the kinds of endpoint that the family takes, one-vs-rest included."""
        able = cls.lifts and cls.has_risk and "binary" in cls.endpoints
        lifted: frozenset[str] = ONE_VS_REST if able else frozenset()
        return cls.endpoints | lifted

    def takes(self, endpoint: str) -> bool:
        """Return whether the family takes this kind of endpoint."""
        return endpoint in self.all_endpoints()

    def gives_risk(self, endpoint: str) -> bool:
        """Return whether the model gives probabilities of what this kind of endpoint tells."""
        return self.has_risk and endpoint != "continuous"

    def stacks(self, endpoint: str) -> Literal["score", "risk"]:
        """Return what of other models is an input (`radpipe.models.inputs.Inputs.of_risks`)."""
        return "score"

    @property
    def learns(self) -> bool:
        """Whether what ranks the cases depends on training rows, and not on the inputs alone."""
        return True

    @property
    def risk_is_calibrated(self) -> bool:
        """Whether risks may be shown as probabilities."""
        return self.has_risk and self.calibrated_risk

    def one(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator of an endpoint that `build` takes, with its balance."""
        return self.build(endpoint, seed)

    def assemble(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator with all that belongs to its fit on prepared columns.

        A family that takes binary endpoints only is fitted once a class.
        """
        if endpoint in self.endpoints:
            return self.one(endpoint, seed)
        from radpipe.models.one_vs_rest import OneVsRest

        return OneVsRest(self.one("binary", seed))

    def cutoff_for(self, endpoint: EndpointKind) -> Any:
        """Return the rule of the cut-off for this endpoint (`radpipe.models.cutoffs.base`)."""
        if self.cutoff is not None:
            return self.cutoff
        kind = "youden" if endpoint in ("binary", "multilabel") else "median"
        return CUTOFFS[kind](kind=kind)


class FittedSpec(ModelSpec):
    """Settings of a model that is fitted to inputs, after an optional selection."""

    inputs: list[str] = Field(min_length=1)
    """Blocks, ``clinical``, single clinical variables (``clinical.age``), or other models."""
    selection: str | list[SelectorStep] | dict[str, str | list[SelectorStep]] | None = None
    """Name of a chain of the study, or the chain itself, for all inputs together; or for single
    inputs, by their names (``{t1_mass: radiomic}``): the others are then all kept, and steps of the
    preparation that look across columns (ComBat, neighbours) do so within each of those."""
    preparation: str | list[PreparationStep] | None = None
    """Name of a preparation of the study, or its steps; without it medians fill in what is
    missing, and columns are scaled as the family needs it."""
    balance: Balance | None = None
    """What is done about a rare outcome, in training rows only."""
    calibrate: Literal["platt", "isotonic"] | None = None
    """How risks are calibrated on inner folds of the training rows; ``platt`` where `balance`
    moves them and nothing is said."""

    @property
    def calibration(self) -> Literal["platt", "isotonic"] | None:
        """How risks are calibrated after the fit; None where they are the family's own."""
        return self.calibrate or ("platt" if self.balance is not None else None)

    @property
    def risk_is_calibrated(self) -> bool:
        """Whether risks may be shown as probabilities."""
        return self.has_risk and (self.calibrated_risk or self.calibration is not None)

    def one(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator, fitted to balanced rows where the study wants it.

        Each fit balances its own rows, those inside tuning and calibration too: what these score
        are rows as they are, of none of which the fit has seen a copy.
        """
        model, balance = self.build(endpoint, seed), self.balance
        if balance is None:
            return model
        from radpipe.models.balanced import Balanced
        from radpipe.models.wrapper import innermost

        own = integer(seed, "balance")
        return innermost(model, lambda family: Balanced(family, balance, own))

    def assemble(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator, its risks calibrated where they have to be."""
        model = super().assemble(endpoint, seed)
        if self.calibration is None:
            return model
        from radpipe.models.calibrated import Calibrated

        return Calibrated(model, self.calibration, seed=integer(seed, "calibrate"))
