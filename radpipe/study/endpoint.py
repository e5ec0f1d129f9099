"""What is predicted, as study.yaml says it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, field_validator

from radpipe.core.spec import Spec, Text, Texts


class _Endpoint(Spec):
    """What every endpoint has."""

    label: Text | None = Field(
        None, description="how figures and tables call the event; default the column's name"
    )
    missing: Literal["fault", "exclude"] = Field(
        "fault",
        description="what a case without outcome means: a fault, or a case left out and counted",
    )


class BinaryEndpoint(_Endpoint):
    """An event that a case has or has not."""

    type: Literal["binary"] = Field(description="a yes-or-no outcome")
    column: Text = Field(description="column of the cohort table")
    positive: Texts = Field(min_length=1, description="value (or values) that mean the event")
    negative: Texts | None = Field(
        None,
        description="value (or values) that mean no event; not needed where there is only one",
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that tell the outcome."""
        return (self.column,)

    @property
    def shown_label(self) -> str:
        """Return how the event is called in print."""
        return self.label or self.column


class SurvivalEndpoint(_Endpoint):
    """The time to an event, or to the end of follow-up."""

    type: Literal["survival"] = Field(description="a time to an event, possibly censored")
    time: Text = Field(description="column with the time to event or censoring")
    event: Text = Field(description="column that says whether the event was seen")
    event_code: Texts = Field(
        ("1",), min_length=1, description="value (or values) of `event` that mean it was seen"
    )
    censored: Texts | None = Field(
        None,
        description="value (or values) that mean censoring; not needed where there is only one",
    )
    time_unit: Literal["days", "months", "years"] = Field(description="unit of `time`")
    horizons: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(
        (), description="times, in that unit, at which risks are given"
    )

    MAX_HORIZONS: ClassVar[int] = 10

    @field_validator("horizons")
    @classmethod
    def _rising(cls, horizons: tuple[float, ...]) -> tuple[float, ...]:
        if list(horizons) != sorted(set(horizons)):
            raise ValueError("horizons that do not rise; give each once, the shortest first")
        if len(horizons) > cls.MAX_HORIZONS:
            raise ValueError(f"{len(horizons)} horizons; give {cls.MAX_HORIZONS} at most")
        return horizons

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that tell the outcome."""
        return (self.time, self.event)

    @property
    def shown_label(self) -> str:
        """Return how the event is called in print."""
        return self.label or self.event


Endpoint = Annotated[BinaryEndpoint | SurvivalEndpoint, Discriminator("type")]
