"""The six forms of the intraclass correlation from mean squares, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats, join_notes
from radpipe.stats.samples import check_level

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of subjects by raters, one value for each feature, (f,).

    ``within`` is what is left when subjects alone are accounted for. ``n`` counts the subjects.
    """

    subjects: FloatArray
    raters: FloatArray
    error: FloatArray
    within: FloatArray
    n: IntArray
    k: int


@dataclass(frozen=True)
class FormOfICC:
    """One form with its interval, and the F test of a coefficient of zero."""

    form: str
    estimate: float
    lower: float
    upper: float
    statistic: float
    df1: float
    df2: float
    p: float


@dataclass(frozen=True)
class ICC:
    """All six forms of one feature, by name (``FORMS``).

    ``n`` subjects were used, ``left_out`` were not because a rating is missing. ``note`` says what
    is undefined (NaN) and why. The mean squares are those of subjects, raters, error, and within
    subjects.
    """

    forms: dict[str, FormOfICC]
    ms_subjects: float
    ms_raters: float
    ms_error: float
    ms_within: float
    n: int
    k: int
    left_out: int
    method: str
    level: float = 0.95
    note: str = ""


@dataclass(frozen=True)
class ICCs:
    """All six forms of f features: arrays (f, 6), columns in the order of ``FORMS``.

    ``n``, ``left_out`` (f,) and ``notes`` are as those of :class:`ICC`, for each feature.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    statistic: FloatArray
    df1: FloatArray
    df2: FloatArray
    p: FloatArray
    mean_squares: MeanSquares
    left_out: IntArray
    notes: tuple[str, ...]
    method: str
    level: float = 0.95

    @property
    def n(self) -> IntArray:
        return self.mean_squares.n

    @property
    def k(self) -> int:
        return self.mean_squares.k

    def one(self, feature: int) -> ICC:
        """Return the forms of the feature with this number."""
        columns = (
            self.estimate,
            self.lower,
            self.upper,
            self.statistic,
            self.df1,
            self.df2,
            self.p,
        )
        ms = self.mean_squares
        return ICC(
            forms={
                name: FormOfICC(name, *(float(column[feature, j]) for column in columns))
                for j, name in enumerate(FORMS)
            },
            ms_subjects=float(ms.subjects[feature]),
            ms_raters=float(ms.raters[feature]),
            ms_error=float(ms.error[feature]),
            ms_within=float(ms.within[feature]),
            n=int(ms.n[feature]),
            k=ms.k,
            left_out=int(self.left_out[feature]),
            method=self.method,
            level=self.level,
            note=self.notes[feature],
        )


def forms_of(ms: MeanSquares, left_out: IntArray, level: float, method: str) -> ICCs:
    """Return the six forms from mean squares (formulas: :func:`radpipe.stats.icc.icc_features`)."""
    from scipy.special import fdtrc, fdtri

    check_level(level)
    upper_tail = 0.5 + level / 2
    n, k = ms.n.astype(float), np.float64(ms.k)
    b, j, e, w = ms.subjects, ms.raters, ms.error, ms.within
    df_b, df_e, df_w = n - 1, (n - 1) * (k - 1), n * (k - 1)
    with np.errstate(all="ignore"):
        single, average, statistic, df2 = [], [], [], []
        for noise, df in ((w, df_w), (e, df_e)):
            low, high = fdtri(df_b, df, upper_tail), 1 / fdtri(df, df_b, upper_tail)
            noises = floats([noise, low * noise, high * noise])
            single.append((b - noises) / (b + (k - 1) * noises))
            average.append(np.where(b > 0, (b - noises) / b, np.nan))
            statistic.append(np.where((b > 0) | (noise > 0), b / noise, np.nan))
            df2.append(df)
        agreement = _agreement(ms, upper_tail)
        # The average's variance can be estimated as zero or less where subjects hardly differ.
        whole = np.where(b + (j - e) / n > 0, (b - e) / (b + (j - e) / n), np.nan)
        step_up = np.where(
            agreement > -1 / (k - 1), k * agreement / (1 + (k - 1) * agreement), np.nan
        )
        step_up[0] = whole
        step_up[1:, np.isnan(whole)] = np.nan
        values = floats([single[0], agreement, single[1], average[0], step_up, average[1]])
        F = floats([statistic[0], statistic[1], statistic[1]] * 2).T
        df_second = floats([df2[0], df2[1], df2[1]] * 2).T
        df_first = np.repeat(df_b[:, None], 6, axis=1)
        p = fdtrc(df_first, df_second, F)
    p = np.where(np.isinf(F), 0.0, p)
    values[~np.isfinite(values)] = np.nan
    estimate, lower, upper = (values[:, i].T for i in range(3))
    return ICCs(
        estimate=estimate,
        lower=lower,
        upper=upper,
        statistic=F,
        df1=df_first,
        df2=df_second,
        p=floats(p),
        mean_squares=ms,
        left_out=left_out,
        notes=_notes(ms, left_out, estimate),
        method=f"{method}; F-based intervals (Shrout and Fleiss)",
        level=level,
    )


def agreement_df(ms: MeanSquares, estimate: FloatArray) -> FloatArray:
    """Return Satterthwaite's degrees of freedom of ICC(2), (f,), for a coefficient ``estimate``."""
    n, k = ms.n.astype(float), np.float64(ms.k)
    of_raters = k * estimate * ms.raters
    of_error = (n * (1 + (k - 1) * estimate) - k * estimate) * ms.error
    bottom = of_raters**2 / (k - 1) + of_error**2 / ((n - 1) * (k - 1))
    return floats((of_raters + of_error) ** 2 / bottom)


def agreement_limits(ms: MeanSquares, df: FloatArray, upper_tail: float) -> FloatArray:
    """Return both limits of ICC(2,1) for degrees of freedom ``df`` (f,), shape (2, f)."""
    from scipy.special import fdtri

    n, k = ms.n.astype(float), np.float64(ms.k)
    b, e = ms.subjects, ms.error
    rest = k * ms.raters + (k * n - k - n) * e
    over, under = fdtri(n - 1, df, upper_tail), fdtri(df, n - 1, upper_tail)
    return floats(
        [n * (b - over * e) / (over * rest + n * b), n * (under * b - e) / (rest + n * under * b)]
    )


def _agreement(ms: MeanSquares, upper_tail: float) -> FloatArray:
    """Return ICC(2,1) with its limits, (3, f)."""
    n, k = ms.n.astype(float), np.float64(ms.k)
    b, j, e = ms.subjects, ms.raters, ms.error
    estimate = floats((b - e) / (b + (k - 1) * e + k / n * (j - e)))
    limits = agreement_limits(ms, agreement_df(ms, estimate), upper_tail)
    # With no error and no difference between raters the degrees of freedom are 0 / 0.
    agreed = (b > 0) & (e == 0) & (j == 0)
    return floats([estimate, *np.where(agreed, 1.0, limits)])


def _notes(ms: MeanSquares, left_out: IntArray, estimate: FloatArray) -> tuple[str, ...]:
    notes = [f"{m} subjects with a missing rating left out" if m else "" for m in left_out]
    undefined = np.asarray(np.isnan(estimate).any(axis=1), dtype=np.bool_)
    for i in np.flatnonzero(undefined | (ms.error == 0)).tolist():
        notes[i] = join_notes(notes[i], _reason(ms, i, bool(undefined[i])))
    return tuple(notes)


def _reason(ms: MeanSquares, i: int, undefined: bool) -> str:
    if ms.k < 2:
        return "fewer than two raters: no ICC"
    if ms.n[i] < 2:
        return "fewer than two subjects with all ratings: no ICC"
    if not np.isfinite(ms.subjects[i]):
        return "the squares of the ratings are too large for a float: no ICC"
    if ms.subjects[i] == 0 and ms.within[i] == 0:
        return "all ratings are equal: no ICC"
    if undefined:
        return "an average over raters varies less than its error: its ICC is undefined"
    return "no error variance: the raters differ by constants at most"
