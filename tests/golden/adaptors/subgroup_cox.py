"""survival: the hazard ratio by subgroup, and the interaction."""

from typing import Any

from radpipe.stats.subgroups import subgroup_hazards
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    found: dict[str, Any] = {}
    for name in case.names():
        done = subgroup_hazards(frame["trt"], frame[name], frame["time"], frame["status"])
        found[name] = {
            s.level: {
                "n": s.n,
                "events": s.events,
                "events_trt0": s.events_by_arm[0],
                "events_trt1": s.events_by_arm[1],
                "hr": s.hazard_ratio.estimate,
                "ci95": interval(s.hazard_ratio),
                "p": s.p,
            }
            for s in done.subgroups
        }
        found[name] |= {"p_interaction_lrt": done.interaction.p, "df": done.interaction.df}
    return found
