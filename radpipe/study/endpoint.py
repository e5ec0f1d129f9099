"""What is predicted, as study.yaml says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, field_validator, model_validator

from radpipe.core.spec import Spec, Text, Texts
from radpipe.study.names import normal
from radpipe.study.places import KeyPath


class _Endpoint(Spec):
    """What every endpoint has."""

    label: Text | None = Field(
        None, description="how figures and tables call the event; default the column's name"
    )
    missing: Literal["fault", "exclude"] = Field(
        "fault",
        description="what a case without outcome means: a fault, or a case left out and counted",
    )

    KEYS: ClassVar[tuple[str, ...]] = ("column",)
    """Keys that name the outcome's columns."""

    @property
    def placed_columns(self) -> tuple[tuple[KeyPath, str], ...]:
        """Return the columns that tell the outcome, each with the key that names it."""
        return tuple(((key,), str(getattr(self, key))) for key in self.KEYS)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that tell the outcome."""
        return tuple(column for _, column in self.placed_columns)

    @property
    def class_labels(self) -> tuple[str, ...]:
        """Return the names of the classes or labels in their order; empty where there are none."""
        return ()

    @property
    def shown_label(self) -> str:
        """Return how the outcome is called in print."""
        return self.label or str(getattr(self, self.KEYS[-1]))

    @property
    def about(self) -> dict[str, Any]:
        """Return what evaluation and figures are told of the endpoint."""
        return {
            "kind": getattr(self, "type"),  # noqa: B009
            "label": self.shown_label,
            "time_unit": getattr(self, "time_unit", ""),
            "horizons": list(getattr(self, "horizons", ())),
            "classes": list(self.class_labels),
            "unit": getattr(self, "unit", ""),
        }


class BinaryEndpoint(_Endpoint):
    """An event that a case has or has not."""

    type: Literal["binary"] = Field(description="a yes-or-no outcome")
    column: Text = Field(description="column of the cohort table")
    positive: Texts = Field(min_length=1, description="value (or values) that mean the event")
    negative: Texts | None = Field(
        None,
        description="value (or values) that mean no event; not needed where there is only one",
    )


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
    competing: Texts | None = Field(
        None,
        min_length=1,
        description="value (or values) of `event` that mean another event, which precludes it",
    )
    time_unit: Literal["days", "months", "years"] = Field(description="unit of `time`")
    horizons: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(
        (), description="times, in that unit, at which risks are given"
    )

    KEYS: ClassVar[tuple[str, ...]] = ("time", "event")
    MAX_HORIZONS: ClassVar[int] = 10

    @field_validator("horizons")
    @classmethod
    def _rising(cls, horizons: tuple[float, ...]) -> tuple[float, ...]:
        if list(horizons) != sorted(set(horizons)):
            raise ValueError("horizons that do not rise; give each once, the shortest first")
        if len(horizons) > cls.MAX_HORIZONS:
            raise ValueError(f"{len(horizons)} horizons; give {cls.MAX_HORIZONS} at most")
        return horizons


class _Classes(_Endpoint):
    """An endpoint of which a case has one of several values."""

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """Return the values that mean each class, by its name, in the order of the classes."""
        raise NotImplementedError

    @property
    def class_labels(self) -> tuple[str, ...]:
        """Return the names of the classes in their order."""
        return tuple(self.values)

    def _checked(self) -> None:
        if len(self.values) < 3:
            raise ValueError(
                f"{len(self.values)} classes; give three at least, or set the type to binary"
            )
        empty = [name for name, values in self.values.items() if not values]
        if empty:
            raise ValueError(f"the class {empty[0]!r} without a value; name its values")
        _once(self.values)


class MulticlassEndpoint(_Classes):
    """One of several classes without an order."""

    type: Literal["multiclass"] = Field(description="one of several classes")
    column: Text = Field(description="column of the cohort table")
    classes: dict[Text, Texts] = Field(
        description="the classes by name, each with the value (or values) that mean it; figures "
        "and tables keep their order"
    )

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """Return the values that mean each class, by its name, in the order of the classes."""
        return self.classes

    @model_validator(mode="after")
    def _classes(self) -> Self:
        self._checked()
        return self


class OrdinalEndpoint(_Classes):
    """One of several classes that have an order, the lowest first."""

    type: Literal["ordinal"] = Field(description="one of several classes in an order")
    column: Text = Field(description="column of the cohort table")
    levels: tuple[Text, ...] | None = Field(
        None, description="the column's values, the lowest first; or give `classes`"
    )
    classes: dict[Text, Texts] | None = Field(
        None,
        description="the classes by name, the lowest first, each with the value (or values) that "
        "mean it; or give `levels`",
    )

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """Return the values that mean each class, by its name, in the order of the classes."""
        return self.classes or {level: (level,) for level in self.levels or ()}

    @model_validator(mode="after")
    def _order(self) -> Self:
        if (self.levels is None) == (self.classes is None):
            said = "both levels and classes" if self.levels else "neither levels nor classes"
            raise ValueError(f"{said}; give the order once, such as levels: [low, medium, high]")
        twice = [level for level, n in Counter(self.levels or ()).items() if n > 1]
        if twice:
            raise ValueError(f"the level {twice[0]!r} twice; give each once")
        self._checked()
        return self


class LabelSpec(Spec):
    """One label of several, which a case has or has not."""

    column: Text | None = Field(
        None, description="column of the cohort table; default the label's name"
    )
    positive: Texts = Field(min_length=1, description="value (or values) that mean the label")
    negative: Texts | None = Field(
        None,
        description="value (or values) that mean its absence; not needed where there is only one",
    )


class MultilabelEndpoint(_Endpoint):
    """Several labels, any of which a case may have."""

    type: Literal["multilabel"] = Field(description="several findings that do not exclude others")
    labels: dict[Text, LabelSpec] = Field(min_length=2, description="the labels, by name")

    @property
    def class_labels(self) -> tuple[str, ...]:
        """Return the names of the labels in their order."""
        return tuple(self.labels)

    @property
    def placed_columns(self) -> tuple[tuple[KeyPath, str], ...]:
        """Return the columns that tell the outcome, each with the key that names it."""
        return tuple(
            (("labels", name, "column") if label.column else ("labels", name), label.column or name)
            for name, label in self.labels.items()
        )

    @property
    def shown_label(self) -> str:
        """Return how the outcome is called in print."""
        return self.label or ", ".join(self.labels)


class ContinuousEndpoint(_Endpoint):
    """A measured value."""

    type: Literal["continuous"] = Field(description="a measured value")
    column: Text = Field(description="column of the cohort table")
    unit: Text = Field("", description="unit of the values, as figures print it")


def _once(named: Mapping[str, Iterable[str]]) -> None:
    """Refuse a value that is named under two keys, or twice under one."""
    count = Counter(normal(value) for values in named.values() for value in values)
    twice = [value for value, n in count.items() if n > 1]
    if twice:
        keys = [key for key, values in named.items() if twice[0] in map(normal, values)]
        under = f" (under {' and '.join(keys)})"
        raise ValueError(f"the value {twice[0]!r} twice{under}; name it once")


Endpoint = Annotated[
    BinaryEndpoint
    | MulticlassEndpoint
    | OrdinalEndpoint
    | MultilabelEndpoint
    | ContinuousEndpoint
    | SurvivalEndpoint,
    Discriminator("type"),
]
