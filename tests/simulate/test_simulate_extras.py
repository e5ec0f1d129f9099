"""What a simulated cohort may have besides: each part is there as asked, and carries its signal."""

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from radpipe.imaging.volume import check_pair
from radpipe.io.images import read_image, read_mask
from radpipe.simulate.cohort import draw_table, simulate
from radpipe.simulate.phantom import Grid, drawn, outlines
from radpipe.simulate.spec import SimulateSpec
from radpipe.simulate.table import draw_features

SMALL = {"cases": 24, "size_voxels": (24, 24, 24), "spacing_mm": (2.0, 2.0, 2.0)}
NOTHING = {"heterogeneity": 0, "size": 0, "clinical": 0}
FULL = {
    **SMALL,
    "images": {"t1": {}, "t2": {"agreement": 0.6}, "later": {"change": 1.0}},
    "regions": {"tumour": {}, "vertebra": {"heterogeneity": 1.5, "size": 0}},
    "readers": {"r2": {"cases": 10, "disagreement_mm": 1.0}},
    "tables": {"pathomics": {"features": 7, "informative": 2}},
    "centres": {"a": 0.5, "b": 0.5},
    "change": 1.0,
}


def read(folder):
    return pd.read_csv(folder / "clinical.csv", dtype=str, keep_default_na=False)


def voxels(volume):
    """Return the voxels of a volume as it was read."""
    import SimpleITK as sitk

    return sitk.GetArrayFromImage(volume)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    simulate(SimulateSpec(**FULL), folder)
    return folder


def test_every_image_has_a_mask_of_every_region(full):
    table = read(full)
    assert set(table["simulated"]) == {"yes"}
    for image in FULL["images"]:
        for case in table["patient_id"]:
            mask = read_mask(full / f"masks/r1/{image}/{case}.nii.gz")
            check_pair(read_image(full / f"images/{image}/{case}.nii.gz"), mask)
            assert set(np.unique(voxels(mask))) == {0, 1, 2}


def test_second_readers_draw_who_the_table_says(full):
    table = read(full)
    read_twice = set(table.loc[table["double_read"] == "1", "patient_id"])
    assert len(read_twice) == 10
    found = {p.name.removesuffix(".nii.gz") for p in (full / "masks/r2/t1").iterdir()}
    assert found == read_twice
    overlap = []
    for case in read_twice:
        first, second = (
            voxels(read_mask(full / f"masks/{r}/t1/{case}.nii.gz")) == 1 for r in ("r1", "r2")
        )
        overlap.append(2 * (first & second).sum() / (first.sum() + second.sum()))
    assert 0.6 < np.mean(overlap) < 0.98


def test_images_of_a_visit_share_the_outline_and_not_the_texture(full):
    mask = [voxels(read_mask(full / f"masks/r1/{i}/SIM001.nii.gz")) for i in FULL["images"]]
    image = [voxels(read_image(full / f"images/{i}/SIM001.nii.gz")) for i in FULL["images"]]
    assert (mask[0] == mask[1]).all()
    assert (mask[0] != mask[2]).any()
    assert (image[0] != image[1]).any()


def test_feature_tables_name_every_case(full):
    table = pd.read_csv(full / "pathomics.csv", dtype=str)
    assert table["patient_id"].tolist() == read(full)["patient_id"].tolist()
    assert set(table["simulated"]) == {"yes"}
    assert [c for c in table if c.startswith("feature_")] == [f"feature_00{j}" for j in range(1, 8)]


def test_truth_holds_the_settings_and_every_latent_variable(full):
    truth = json.loads((full / "truth.json").read_text())
    assert SimulateSpec(**truth["settings"]) == SimulateSpec(**FULL)
    first = truth["cases"][0]
    assert {"vertebra.heterogeneity", "change", "pathomics", "risk"} <= set(first)
    mask = voxels(read_mask(full / f"masks/r1/t1/{first['case']}.nii.gz"))
    assert first["volume_mm3"] == (mask == 1).sum() * 8
    assert first["vertebra.volume_mm3"] == (mask == 2).sum() * 8


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_equal_settings_give_equal_bytes_and_leave_nothing_behind(full, tmp_path):
    simulate(SimulateSpec(**SMALL), tmp_path)
    simulate(SimulateSpec(**FULL), tmp_path)
    assert contents(tmp_path) == contents(full)


def test_settings_that_nobody_asked_for_are_not_written(tmp_path):
    simulate(SimulateSpec(**SMALL), tmp_path)
    settings = json.loads((tmp_path / "truth.json").read_text())["settings"]
    assert not {"images", "regions", "centres", "group", "change"} & set(settings)


def spread(folder, image, case):
    mask = voxels(read_mask(folder / f"masks/{image}/{case}.nii.gz")) == 1
    return voxels(read_image(folder / f"images/{image}/{case}.nii.gz"))[mask].std()


def test_change_moves_the_texture_between_visits(tmp_path):
    images = {"before": {}, "after": {"change": 1.0}}
    simulate(SimulateSpec(**{**SMALL, "cases": 40}, images=images, change=1.0), tmp_path)
    cases = json.loads((tmp_path / "truth.json").read_text())["cases"]
    moved = [
        np.log(spread(tmp_path, "after", c["case"]) / spread(tmp_path, "before", c["case"]))
        for c in cases
    ]
    assert spearmanr(moved, [c["change"] for c in cases]).statistic > 0.7


def test_a_weaker_agreement_shows_less_of_the_heterogeneity(tmp_path):
    images = {"clear": {}, "blurred": {"agreement": 0.3}}
    simulate(SimulateSpec(**{**SMALL, "cases": 60}, images=images), tmp_path)
    cases = json.loads((tmp_path / "truth.json").read_text())["cases"]
    latent = [c["heterogeneity"] for c in cases]
    clear, blurred = (
        spearmanr(latent, [spread(tmp_path, image, c["case"]) for c in cases]).statistic
        for image in images
    )
    assert clear > 0.8
    assert blurred < 0.6


def test_scanners_of_centres_differ(tmp_path):
    images = {"t1": {}}
    simulate(SimulateSpec(**FULL | {"images": images, "change": 0, "centre_shift": 3}), tmp_path)
    table = read(tmp_path)
    table["level"] = [
        voxels(read_image(tmp_path / f"images/t1/{case}.nii.gz")).mean()
        for case in table["patient_id"]
    ]
    level = table.groupby("centre")["level"].agg(["mean", "std"])
    assert abs(level["mean"].diff().iloc[1]) > 2 * level["std"].max()


@pytest.mark.parametrize("name", ["vertebra.heterogeneity", "change", "pathomics", "alp"])
def test_each_source_of_information_drives_the_risk(name):
    settings = {
        "cases": 1500,
        "effects": NOTHING,
        "images": {"a": {}, "b": {"change": 1.0}},
        "regions": {"tumour": {}, "vertebra": {"heterogeneity": 1.0}},
        "change": 1.0,
        "tables": {"pathomics": {"effect": 1.0}},
        "variables": {"alp": {"mean": 90, "sd": 40, "skewed": True, "effect": 1.0}},
    }
    table, truth = draw_table(SimulateSpec(**settings))
    event = table["event"].astype(int)
    assert 0.62 < roc_auc_score(event, truth[name]) < 0.75
    assert abs(roc_auc_score(event, truth["heterogeneity"]) - 0.5) < 0.05


def test_informative_features_alone_show_the_latent_variable():
    spec = SimulateSpec(cases=400, tables={"pathomics": {"features": 10, "informative": 3}})
    _, truth = draw_table(spec)
    features = draw_features(spec, "pathomics", truth["pathomics"].to_numpy())
    values = features.filter(like="feature_").astype(float)
    related = values.corrwith(truth["pathomics"]).abs().to_numpy()
    assert (related[:3] > 0.6).all()
    assert (related[3:] < 0.2).all()


def test_variables_have_their_units():
    variables = {
        "alp": {"mean": 90, "sd": 40, "skewed": True, "decimals": 0},
        "tnm": {"levels": ["I", "II", "III"]},
    }
    table, _ = draw_table(SimulateSpec(cases=1500, variables=variables))
    alp = table["alp"].astype(float)
    assert alp.mean() == pytest.approx(90, abs=4)
    assert alp.std() == pytest.approx(40, abs=5)
    assert alp.min() > 0
    assert alp.skew() > 0.7
    assert table["tnm"].value_counts(normalize=True).between(0.29, 0.38).all()


def test_cases_of_a_patient_share_what_is_the_patients():
    spec = SimulateSpec(
        cases=301,
        group={"column": "knee_owner", "per_patient": (1, 3), "shared": 0.6},
        variables={"bmi": {"mean": 26, "sd": 4}},
        centres={"a": 0.5, "b": 0.5},
        train=0.7,
        missing=0.2,
    )
    table, truth = draw_table(spec)
    assert tuple(table) == spec.columns
    assert list(table)[:3] == ["case_id", "simulated", "knee_owner"]
    assert table["case_id"].is_unique
    grouped = table.groupby("knee_owner")
    assert set(grouped.size()) == {1, 2, 3}
    own = ["age", "sex", "smoking", "stage", "bmi", "centre", "split"]
    assert (grouped[own].nunique(dropna=False) == 1).all(axis=None)
    pairs = truth["heterogeneity"].groupby(table["knee_owner"]).agg(["first", "last"])
    pairs = pairs[grouped.size() > 1]
    assert 0.4 < pairs.corr().iloc[0, 1] < 0.8


@pytest.mark.parametrize("endpoint", ["multiclass", "ordinal"])
def test_classes_have_their_shares_and_rise_with_the_risk(endpoint):
    classes = ("none", "one", "two", "three")
    shares = (0.4, 0.3, 0.2, 0.1)
    spec = SimulateSpec(cases=100, endpoint=endpoint, classes=classes, shares=shares)
    table, truth = draw_table(spec)
    assert table["class"].value_counts()[list(classes)].tolist() == [40, 30, 20, 10]
    assert truth["risk"].groupby(table["class"]).mean()[list(classes)].is_monotonic_increasing


def test_a_continuous_outcome_follows_the_risk():
    table, truth = draw_table(SimulateSpec(cases=500, endpoint="continuous"))
    assert np.corrcoef(table["value"].astype(float), truth["risk"])[0, 1] > 0.9


def test_competing_events_are_counted_and_blind_to_the_risk():
    settings = {"cases": 1000, "endpoint": "survival", "prevalence": 0.3}
    plain, _ = draw_table(SimulateSpec(**settings))
    table, truth = draw_table(SimulateSpec(**settings, competing=0.25))
    assert table["event"].value_counts().to_dict() == {"0": 450, "1": 300, "2": 250}
    assert (table.loc[table["event"] == "1"] == plain.loc[plain["event"] == "1"]).all(axis=None)
    spared = table["event"] != "1"
    auc = roc_auc_score(table.loc[spared, "event"] == "2", truth.loc[spared, "risk"])
    assert abs(auc - 0.5) < 0.06


def test_centres_dates_and_split_have_their_shares():
    spec = SimulateSpec(
        cases=100,
        centres={"laoshan": 0.58, "shinan": 0.42},
        dates=("2018-01-01", "2019-12-31"),
        train=0.7,
    )
    table, _ = draw_table(spec)
    assert table["centre"].value_counts().to_dict() == {"laoshan": 58, "shinan": 42}
    assert table["split"].value_counts().to_dict() == {"train": 70, "test": 30}
    assert table["date"].between("2018-01-01", "2019-12-31").all()
    assert table["date"].nunique() > 60
    assert len(table.groupby(["centre", "split"])) == 4


def test_a_part_more_moves_no_other():
    table, truth = draw_table(SimulateSpec())
    parts = {"centres": {"a": 0.5, "b": 0.5}, "readers": {"r2": {}}, "variables": {"x": {}}}
    more, more_truth = draw_table(SimulateSpec(**parts))
    pd.testing.assert_frame_equal(more[list(table)], table)
    pd.testing.assert_frame_equal(more_truth[list(truth)], truth)


def test_regions_lie_apart():
    grid = Grid((40, 24, 24), (2.0, 2.0, 2.0))
    depths = outlines(np.random.default_rng(1), grid, [0.0, 0.0])
    assert drawn(depths).max() == 2
    assert ((depths <= 0).sum(axis=0) <= 1).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"endpoint": "multiclass", "classes": ["a", "b"]}, "name 3 or more"),
        ({"classes": ["a", "b", "c"]}, "classes of a binary endpoint"),
        ({"endpoint": "ordinal", "classes": ["a", "b", "c"], "shares": [0.5, 0.5]}, "2 shares"),
        ({"competing": 0.2}, "competing events of a binary endpoint"),
        ({"readers": {"r1": {}}}, "second reader r1"),
        ({"readers": {"r2": {"cases": 61}}}, "draws 61 of 60 cases"),
        ({"readers": {"r2": {"cases": 9}, "r3": {"cases": 8}}}, "column double_read"),
        ({"centres": {"a": 0.5, "b": 0.4}}, "sum 0.9"),
        ({"centre_shift": 1}, "without centres"),
        ({"dates": ["2020-01-01", "2019-01-01"]}, "do not rise"),
        ({"images": {"a": {"change": 1}}}, "no image of the first visit"),
        ({"change": 1}, "no image shows"),
        ({"group": {"per_patient": [3, 1]}}, "the fewest first"),
        ({"variables": {"age": {}}}, "two columns 'age'"),
        ({"variables": {"alp": {"skewed": True}}}, "mean above 0"),
        ({"tables": {"clinical": {}}}, "rename it"),
        ({"tables": {"t": {"features": 3, "informative": 4}}}, "4 informative of 3"),
        ({"images": {"../t1": {}}}, "a letter first"),
    ],
)
def test_what_is_wrong_is_said(change, says):
    with pytest.raises(ValidationError) as caught:
        SimulateSpec(**change)
    assert says in str(caught.value)
