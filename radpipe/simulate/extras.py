"""What a simulated cohort may have besides one image of one lesion and one table."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from radpipe.core.spec import Spec, Text

_WORD = re.compile("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def _checked(name: str) -> str:
    if len(name) > 40 or not _WORD.fullmatch(name):
        raise ValueError(
            f"the name {name!r}; allowed: a letter first, then letters a to z, digits and single "
            "_, 40 characters at most"
        )
    return name


Word = Annotated[str, AfterValidator(_checked)]
"""A name that becomes a folder, a file or a column."""

Weight = Annotated[float, Field(ge=-10, le=10)]
Share = Annotated[float, Field(gt=0, lt=1)]

PRIMARY = "r1"
"""The reader whose masks are exact, where there are several."""


class SimulatedImage(Spec):
    """One image of each case.

    Parameters
    ----------
    agreement : float
        Correlation of the heterogeneity that this image shows with the case's own.
    change : float
        Standard deviations by which the latent change of a case moves its heterogeneity here; 0
        is the first visit. Images of equal change are taken at one visit, on one grid.
    """

    agreement: float = Field(1.0, ge=0, le=1)
    change: float = Field(0.0, ge=0, le=3)


class SimulatedRegion(Spec):
    """One region, with a heterogeneity and a size of its own.

    Parameters
    ----------
    heterogeneity, size : float or None
        How strongly they drive the risk; null takes the weight of `effects`.
    """

    heterogeneity: Weight | None = None
    size: Weight | None = None


class SimulatedReader(Spec):
    """A second reader, who draws some of the cases anew.

    Parameters
    ----------
    cases : int
        How many, drawn at random.
    disagreement_mm : float
        Standard deviation of the distance between this reader's outline and the true one.
    column : str
        Column of the table with 1 where the reader drew, else 0; readers of one column draw the
        same cases.
    """

    cases: int = Field(30, ge=2)
    disagreement_mm: float = Field(0.5, ge=0, le=10)
    column: Word = "double_read"


class SimulatedGroup(Spec):
    """Patients with several cases; age, centre and the like belong to the patient.

    Parameters
    ----------
    column : str
        Column that names the patient; the cases' own column is `case_id` then.
    per_patient : tuple of 2 int
        Fewest and most cases of a patient.
    shared : float
        Share of the latent variance that the cases of a patient have in common.
    """

    column: Word = "patient"
    per_patient: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (1, 3)
    shared: float = Field(0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _rising(self) -> SimulatedGroup:
        if self.per_patient[0] > self.per_patient[1]:
            raise ValueError(f"per_patient {list(self.per_patient)}; give the fewest first")
        return self


class SimulatedTable(Spec):
    """A table of features that no image shows, such as those of a pathology slide.

    Parameters
    ----------
    features : int
        How many columns, named `feature_001` and so on.
    informative : int
        How many of them show the table's latent variable; the first ones.
    effect : float
        How strongly that variable drives the risk.
    """

    features: int = Field(20, ge=1, le=10_000)
    informative: int = Field(5, ge=0)
    effect: Weight = 1.0

    @model_validator(mode="after")
    def _no_more_than_all(self) -> SimulatedTable:
        if self.informative > self.features:
            raise ValueError(
                f"{self.informative} informative of {self.features} features; lower informative"
            )
        return self


class SimulatedVariable(Spec):
    """A clinical variable: continuous, or ordinal where it has levels.

    Parameters
    ----------
    effect : float
        How strongly it drives the risk.
    mean, sd : float
        Of a continuous variable, in its own units.
    skewed : bool
        Whether a continuous variable is log-normal, as laboratory values are.
    decimals : int
        With how many it is written.
    levels : tuple of str
        Levels of an ordinal variable, the lowest first; equally frequent.
    """

    effect: Weight = 0.0
    mean: float = 0.0
    sd: float = Field(1.0, gt=0)
    skewed: bool = False
    decimals: int = Field(1, ge=0, le=6)
    levels: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _can_be_drawn(self) -> SimulatedVariable:
        if self.skewed and self.mean <= 0:
            raise ValueError(f"a skewed variable of mean {self.mean:g}; give a mean above 0")
        if len(self.levels) == 1:
            raise ValueError("one level; give 2 or more, or none for a continuous variable")
        return self


class ExtrasSpec(Spec):
    """All that a cohort has only where it is asked for.

    Parameters
    ----------
    images : dict of str to SimulatedImage
        Images of each case, in `images/NAME/ID.nii.gz`; masks then lie in `masks/NAME/ID.nii.gz`.
        Empty is one image, in `images/ID.nii.gz`.
    regions : dict of str to SimulatedRegion
        Regions, labelled 1, 2 ... in the masks in this order; empty is one lesion.
    readers : dict of str to SimulatedReader
        Second readers. Masks then lie one folder deeper, `masks/READER/...`; the true ones are
        those of the reader `r1`.
    group : SimulatedGroup or None
        Makes several cases of one patient.
    tables : dict of str to SimulatedTable
        Feature tables, in `NAME.csv`.
    variables : dict of str to SimulatedVariable
        More clinical variables.
    change : float
        How strongly the latent change between two visits drives the risk.
    classes : tuple of str
        Classes of a multiclass or ordinal endpoint, the lowest risk first.
    shares : tuple of float
        Share of the cases in each class; empty is equal shares.
    competing : float
        Share of the cases with a competing event (code 2) among those who would be censored.
    centres : dict of str to float
        Centre -> its share of the patients, in a column `centre`.
    centre_shift : float
        How far the centres' grey values differ: standard deviation of their offset, in units of
        10 grey values, and of the logarithm of their gain, in units of 0.1.
    dates : tuple of 2 dates or None
        First and last possible day (YYYY-MM-DD) of a column `date`.
    train : float or None
        Share of the patients that a column `split` calls train; the others are test.
    """

    images: dict[Word, SimulatedImage] = Field({})
    regions: dict[Word, SimulatedRegion] = Field({})
    readers: dict[Word, SimulatedReader] = Field({})
    group: SimulatedGroup | None = None
    tables: dict[Word, SimulatedTable] = Field({})
    variables: dict[Word, SimulatedVariable] = Field({})
    change: Weight = 0.0
    classes: tuple[Text, ...] = ()
    shares: tuple[Share, ...] = ()
    competing: float = Field(0.0, ge=0, le=0.5)
    centres: dict[Word, Share] = Field({})
    centre_shift: float = Field(0.0, ge=0, le=10)
    dates: tuple[date, date] | None = None
    train: Share | None = None

    @property
    def unused(self) -> set[str]:
        """Return the keys that were not asked for."""
        return {name for name in ExtrasSpec.model_fields if not getattr(self, name)}
