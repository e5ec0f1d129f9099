"""Who drew the masks a second time, and what stands in for them where nobody did."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from radpipe.core.spec import Spec, Text, Texts
from radpipe.study.names import Name

Share = Annotated[float, Field(gt=0, le=1)]


class ReadCases(Spec):
    """The cases that a reader read; all where neither column nor ids are given."""

    column: Text | None = Field(None, description="column of the cohort table that tells them")
    values: Texts = Field(
        ("1",), min_length=1, description="value (or values) of the column for those that were read"
    )
    ids: tuple[Text, ...] = Field((), description="their ids; cases: [a, b] is short for it")

    @model_validator(mode="after")
    def _either(self) -> ReadCases:
        if self.column is not None and self.ids:
            raise ValueError("ids beside column; remove one of them")
        if self.column is None and "values" in self.model_fields_set:
            raise ValueError("values without column; add column")
        return self


def _cases(value: Any) -> Any:
    """Let ``all`` stand for no limit, and a list for ids."""
    return {"ids": value} if isinstance(value, list) else _all(value)


def _all(value: Any) -> Any:
    return {} if value == "all" else value


class ReaderSpec(Spec):
    """One reader, or one session of a reader: `{reader}` in a path stands for the name.

    In the paths of masks and images, or in the file of a table of features.
    """

    primary: bool = Field(
        False, description="whether the models use this reading; true for one reader"
    )
    cases: Annotated[ReadCases, BeforeValidator(_cases)] = Field(
        ReadCases(),
        description="the cases that the reader read: all (of a table, those that it holds), a list "
        "of ids, or settings",
    )
    exclude: dict[str, Text] = Field(
        {}, description="readings left out, each with the reason; the cases stay in the study"
    )


class PerturbedCases(Spec):
    """How many of the training cases are perturbed, drawn at random; all where it is not said."""

    fraction: Share | None = Field(None, description="share of the training cases")
    n: int | None = Field(None, ge=1, description="number of training cases")

    @model_validator(mode="after")
    def _one(self) -> PerturbedCases:
        if self.fraction is not None and self.n is not None:
            raise ValueError("fraction beside n; remove one of them")
        return self


class PerturbationsSpec(Spec):
    """Readings that are made from the only mask by changing it at random, again and again.

    What is not named is not changed. Amounts are drawn for each case and perturbation.
    """

    n: int = Field(10, ge=1, le=100, description="perturbed readings of each case")
    on: Annotated[PerturbedCases, BeforeValidator(_all)] = Field(
        PerturbedCases(), description="training cases that are perturbed: all, or settings"
    )
    shift_mm: float = Field(
        0.0, ge=0, le=100, description="largest shift of the mask along each axis"
    )
    rotate_deg: float = Field(
        0.0, ge=0, le=180, description="largest turn of the mask in its slices, about its centre"
    )
    volume_fraction: float = Field(
        0.0, ge=0, lt=1, description="largest share of its volume by which the mask grows, shrinks"
    )
    randomise_contour: bool = Field(
        False, description="redraw the mask's border along the image's supervoxels"
    )
    noise: float = Field(
        0.0,
        ge=0,
        le=10,
        description="noise added to the image, as a multiple of the image's own noise level",
    )
    exclude: dict[str, Text] = Field(
        {}, description="cases that are not perturbed, each with the reason; they stay in the study"
    )

    @model_validator(mode="after")
    def _any(self) -> PerturbationsSpec:
        amounts = (self.shift_mm, self.rotate_deg, self.volume_fraction, self.noise)
        if not any(amounts) and not self.randomise_contour:
            raise ValueError(
                "perturbations that change nothing; give shift_mm, rotate_deg, volume_fraction, "
                "noise, or randomise_contour: true"
            )
        return self


Readers = dict[Name, ReaderSpec]


def primary_of(readers: Readers) -> str:
    """Return the reader whose readings are modelled; empty where there are no readers."""
    marked = [name for name, reader in readers.items() if reader.primary]
    return next(iter([*marked, *readers]), "")
