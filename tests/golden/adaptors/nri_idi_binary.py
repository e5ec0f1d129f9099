"""Hmisc::improveProb, nricens::nribin, PredictABEL: reclassification of a binary outcome."""

from typing import Any

from radpipe.stats import reclassification as rc
from radpipe.stats.reclassification_bootstrap import nri_bootstrap
from radpipe.stats.reclassification_parts import Reclassification
from tests.golden.case import Case, interval

CUTS = [0.2, 0.5]
SEED, REPEATS = 1, 1000


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y, old, new = frame["y"].to_numpy(), frame["p_old"].to_numpy(), frame["p_new"].to_numpy()
    free, null = rc.nri(y, old, new, CUTS), rc.nri(y, old, new, CUTS, variance="null")
    continuous, idi = rc.nri(y, old, new), rc.idi(y, old, new)
    return {
        "n_event": continuous.nri.events,
        "n_nonevent": continuous.nri.n - continuous.nri.events,
        "categorical_cuts": CUTS,
        "reclass_events_old_rows": free.events,
        "reclass_nonevents_old_rows": free.nonevents,
        "categorical": {
            "nri": free.nri.estimate,
            "nri_event": free.nri_event.estimate,
            "nri_nonevent": free.nri_nonevent.estimate,
            "se_pencina_null": null.nri.se,
            "z_pencina": null.test.statistic,
            "p_pencina": null.test.p,
            "ci95_pencina_null_se": interval(null.nri),
            "se_multinomial": free.nri.se,
            "ci95_multinomial": interval(free.nri),
        },
        "continuous": {
            "nri": continuous.nri.estimate,
            "nri_event": continuous.nri_event.estimate,
            "nri_nonevent": continuous.nri_nonevent.estimate,
            "Hmisc_se": continuous.nri.se,
            "Hmisc_z": continuous.test.statistic,
            "Hmisc_p": continuous.test.p,
            "ci95_Hmisc": interval(continuous.nri),
        },
        "idi": {
            "idi": idi.idi.estimate,
            "idi_event": idi.event,
            "idi_nonevent": idi.nonevent,
            "se": idi.idi.se,
            "Hmisc_se": idi.idi.se,
            "z": idi.test.statistic,
            "p": idi.test.p,
            "ci95": interval(idi.idi),
            "relative_idi": idi.relative,
        },
        "nricens_category_boot1000": nricens(
            nri_bootstrap(y, old, new, SEED, CUTS, repeats=REPEATS)
        ),
        "nricens_continuous_boot1000": nricens(nri_bootstrap(y, old, new, SEED, repeats=REPEATS)),
    }


def nricens(found: Reclassification) -> dict[str, Any]:
    """Return the parts under nricens' names."""
    parts = {
        "NRI": found.nri,
        "NRI+": found.nri_event,
        "NRI-": found.nri_nonevent,
        "Pr(Up|Case)": found.up_event,
        "Pr(Down|Case)": found.down_event,
        "Pr(Down|Ctrl)": found.down_nonevent,
        "Pr(Up|Ctrl)": found.up_nonevent,
    }
    return {
        name: {"estimate": e.estimate, "boot_lower": e.lower, "boot_upper": e.upper}
        for name, e in parts.items()
    }
