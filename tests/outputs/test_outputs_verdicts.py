"""What controls and harmonisation say of a model is printed wherever it is shown."""

import dataclasses

import numpy as np
import pytest

from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.outputs.flags import flag_sentences
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing
from radpipe.outputs.verdicts import verdicts

AUC = HEADLINE["binary"]


def beyond(difference, lower, upper, note=""):
    return {"difference": difference, "lower": lower, "upper": upper, "note": note}


def test_who_is_not_better_than_a_control_is_named():
    entries = {
        "A": {"beyond_volume": beyond(0.02, -0.05, 0.09), "real": 0.55, "range95": [0.4, 0.6]},
        "B": {"beyond_volume": beyond(-0.2, -0.3, -0.001), "real": 0.3, "range95": [0.4, 0.6]},
        "C": {"beyond_volume": beyond(0.1, 0.05, 0.15), "real": 0.7, "range95": [0.4, 0.6]},
        "D": {"beyond_volume": beyond(None, None, None, "one class"), "real": None},
        "E": {"real": 0.9, "reason": "switched off"},
    }
    assert verdicts(entries, AUC) == [
        "A (difference of AUC 0.02, −0.05 to 0.09) and B (difference of AUC −0.20, −0.30 to 0.00) "
        "are not better than the volume of the region alone, out-of-fold.",
        "D (one class) is not comparable with the volume of the region alone, out-of-fold.",
        "A (AUC 0.55, within the range over permutations, 0.40 to 0.60) and B (AUC 0.30, below the "
        "range over permutations, 0.40 to 0.60) are not better than with a permuted endpoint, "
        "out-of-fold.",
    ]
    assert verdicts({"C": entries["C"], "E": entries["E"]}, AUC) == []
    # Few permutations may all lie below chance: what does not exceed chance is named all the same.
    assert verdicts({"F": {"real": 0.5, "range95": [0.43, 0.48]}}, AUC) == [
        "F (AUC 0.50, chance is 0.5) is not better than with a permuted endpoint, out-of-fold."
    ]


def test_few_permutations_and_spreads_are_said_to_be_so(binary):
    few = {**binary.controls["m0"], "permutations": [0.4, 0.5, 0.6]}
    result = OUTPUTS["controls"]().compute(
        dataclasses.replace(binary, controls={**binary.controls, "m0": few})
    )
    assert "The range of fewer than 20 permutations is coarse." in result.caption
    assert "AUC (95% interval)" in result.tables["summary"]
    plain = OUTPUTS["controls"]().compute(binary)
    assert "coarse" not in plain.caption
    endpoint = {**binary.endpoint, "resampling": "repeated_splits"}
    spread = OUTPUTS["controls"]().compute(dataclasses.replace(binary, endpoint=endpoint))
    assert "AUC (central 95% of the splits)" in spread.tables["summary"]
    assert "interval" not in spread.caption


def test_the_controls_say_it_and_leave_out_undefined_permutations(binary):
    own = {**binary.controls["m0"], "beyond_volume": beyond(0.02, -0.05, 0.09)}
    own["permutations"] = [None, 0.4, 0.6]
    data = dataclasses.replace(binary, controls={**binary.controls, "m0": own})
    result = OUTPUTS["controls"]().compute(data)
    assert any("is not better than the volume of the region alone" in n for n in result.notes)
    row = result.tables["controls"].set_index("model").loc["m0"]
    assert (row["n"], row["mean"]) == (2, 0.5)
    assert row["beyond_volume_lower"] == -0.05
    assert result.tables["summary"]["Beyond volume"].tolist()[0] == "0.02, −0.05 to 0.09"
    plain = OUTPUTS["controls"]().compute(binary)
    assert "Beyond volume" not in plain.tables["summary"]
    assert not any("volume of the region" in note for note in plain.notes)


def test_several_volumes_are_named(binary):
    own = {**binary.controls["m0"], "beyond_volume": beyond(0.02, -0.05, 0.09)}
    alone = {"real": 0.6, "metric": "auc", "of": ["bone", "tumour"]}
    controls = {**binary.controls, "m0": own, "volume_only": alone}
    result = OUTPUTS["controls"]().compute(dataclasses.replace(binary, controls=controls))
    row = result.tables["controls"].set_index("model").loc["volume_only"]
    assert (row["control"], row["label"]) == ("volume alone", "Volumes of bone and tumour alone")
    said = "not better than the volumes of bone and tumour alone, out-of-fold."
    assert any(note.endswith(said) for note in result.notes)
    assert "minus that of the volumes of bone and tumour alone, on" in result.caption
    assert "Volumes that correlate above 0.99 in a fit count once." in result.caption
    controls["volume_only"] = {**alone, "of": ["tumour"]}
    result = OUTPUTS["controls"]().compute(dataclasses.replace(binary, controls=controls))
    assert "Volume alone" in result.tables["controls"]["label"].tolist()
    assert "minus that of the volume of the region alone, on" in result.caption
    assert "count once" not in result.caption


def test_what_lies_left_of_the_axis_stays_on_the_figure(binary):
    own = {**binary.controls["m0"], "real": -1.4, "metric": "r2"}
    data = dataclasses.replace(binary, controls={"m0": own})
    data = dataclasses.replace(data, endpoint={**data.endpoint, "kind": "continuous"})
    data = dataclasses.replace(data, cohort=data.cohort.assign(y=np.arange(len(data.cohort)) / 7))
    spec = OUTPUTS["controls"](models=("m0",))
    with drawing():
        [ax] = spec.draw(spec.compute(data), Style.of(data)).axes
    assert min(np.min(line.get_xdata()) for line in ax.lines) >= ax.get_xlim()[0]
    assert any("1.40" in text.get_text() for text in ax.texts)


MODELS = {
    "rad": {"label": "Radscore", "inputs": ["t1"]},
    "nomogram": {"label": "Nomogram", "inputs": ["rad", "clinical.age"]},
    "plain": {"label": "Clinical", "inputs": ["clinical"]},
}
FITS = {
    "rad": {"flags": [f"transductive ComBat of batch B (n={n})" for n in (14, 11, 12)]
            + ["batch C (n=3) not harmonised: unseen in training"]},
    "nomogram": {},
    "plain": {"flags": []},
}  # fmt: skip


def test_flags_reach_what_is_made_of_a_flagged_model():
    assert flag_sentences(MODELS, FITS, MODELS) == [
        "Radscore, Nomogram: transductive ComBat of batch B (n=11 to 14).",
        "Radscore, Nomogram: batch C (n=3) not harmonised: unseen in training.",
    ]
    assert flag_sentences(MODELS, FITS, ["plain"]) == []


@pytest.mark.parametrize("kind", ["roc", "metrics", "controls", "decision_curve"])
def test_flags_stand_in_the_captions_of_what_shows_the_model(binary, kind):
    fits = {**binary.fits, "m0": {**binary.fits["m0"], "flags": ["a flag"]}}
    data = dataclasses.replace(binary, fits=fits)
    label = data.model_label("m0")
    assert OUTPUTS[kind]().result(data).caption.endswith(f" {label}: a flag.")
    assert "a flag" not in OUTPUTS[kind](models=("m1",)).result(data).caption
    assert "a flag" not in OUTPUTS["cohort_flow"]().result(data).caption


def test_without_permutations_the_caption_speaks_of_none(binary):
    entries = {m: {k: v for k, v in e.items() if k not in ("permutations", "range95", "n")}
               for m, e in binary.controls.items()}  # fmt: skip
    caption = OUTPUTS["controls"]().compute(dataclasses.replace(binary, controls=entries)).caption
    assert "Dots: the real AUC" in caption
    assert "permut" not in caption
    assert "Bars" not in caption
    assert "permutations of the endpoint" in OUTPUTS["controls"]().compute(binary).caption
