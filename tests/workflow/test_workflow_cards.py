"""Cards of models of an endpoint with a competing event."""

import numpy as np
import pandas as pd
import pytest
from fitted_making import fit_study
from study_making import STUDY, make

from radpipe.steps import cards
from radpipe.steps.context import Context, open_context

CASES = [f"P{i:02d}" for i in range(1, 25)]
ENDPOINT = (
    'endpoint: {type: survival, time: days, event: relapse, event_code: "1", competing: ["2"], '
    "time_unit: days, horizons: [900]}"
)
MODELS = """\
controls: {volume: false, clinical: false}
models:
  worn: {kind: marker, input: clinical.age, direction: higher}
  hazard: {kind: cox, inputs: [clinical.age]}
  incidence: {kind: fine_gray, inputs: [clinical.age]}
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> Context:
    """A study in which some cases had the competing event, with its models fitted."""
    folder = tmp_path_factory.mktemp("rivals")
    study = make(folder / "studies" / "small", CASES)
    models, rest = STUDY.index("selection:"), STUDY.index("evaluation:")
    study.write(
        (STUDY[:models] + MODELS + STUDY[rest:])
        .replace("endpoint: {type: binary, column: relapse, positive: 1}", ENDPOINT)
        .replace("repeats: 2", "repeats: 1")
        .replace("{kind: roc, models: [radscore, combined]}", "{kind: cohort_flow}")
    )
    table = pd.read_csv(study.table)
    table["age"] = np.random.default_rng(0).permutation(table["age"])
    table.loc[table.index % 5 == 1, "relapse"] = 2
    table.to_csv(study.table, index=False)
    fit_study(study.folder, folder / "reports")
    return open_context(study.folder, reports=folder / "reports")


def said(context: Context) -> set[str]:
    """Return the models whose card says that their risks are too high."""
    found = {name: context.paths.card(name) for name in context.study.spec.models}
    said = "the risks censor the competing event and are too high"
    return {name for name, card in found.items() if said in card.read_text(encoding="utf-8")}


def test_risks_are_said_to_be_too_high_where_there_are_risks_and_competing_events(fitted):
    assert said(fitted) == {"hazard"}
    cohort = fitted.cohort()
    assert cohort["competing"].sum() == 5
    cohort.assign(competing=0).to_parquet(fitted.paths.cohort)
    cards.run(fitted, "", 0)
    assert said(fitted) == set()
