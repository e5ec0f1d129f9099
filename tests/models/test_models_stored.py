"""Every final model survives being stored and read again."""

import numpy as np
import pytest
from modelling_toys import CLASSES, cohort, every_model, inputs_of, plan_of, table_for

from radpipe.core import target
from radpipe.io.models import read_model, write_model
from radpipe.models.crossfit import crossfit


@pytest.mark.parametrize(
    ("spec", "endpoint"), every_model(), ids=[f"{s.kind}-{e}" for s, e in every_model()]
)
def test_a_stored_model_predicts_the_same(spec, endpoint, tmp_path):
    table, targets = cohort()
    y = targets[endpoint]
    inputs = inputs_of(table_for(spec, table))
    classes = CLASSES if endpoint in target.CLASSES else ()
    final = crossfit("m", spec, inputs, y, plan_of(y), 1, classes=classes, inner=False).final
    write_model(tmp_path / "model.skops", final)
    again = read_model(tmp_path / "model.skops")
    frame = inputs.static
    assert np.array_equal(again.predict_score(frame), final.predict_score(frame))
    if spec.gives_risk(endpoint):
        horizons = (200.0,) if endpoint == "survival" else ()
        assert np.array_equal(
            again.predict_risk(frame, horizons), final.predict_risk(frame, horizons)
        )
    assert again.summary() == final.summary()
