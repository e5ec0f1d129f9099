"""The catalogue has every feature once, and its command prints all of it."""

import csv
import io
import re

import pytest

from radpipe.cli import main
from radpipe.core.errors import RadpipeError
from radpipe.features.catalogue import (
    COLUMNS,
    FAMILIES,
    PAPERS,
    as_csv,
    catalogue,
    entry_of,
    of_class,
)
from radpipe.features.names import FEATURES


def printed(capsys, *words):
    """Return the status and the output of ``radpipe features``."""
    with pytest.raises(SystemExit) as done:
        main(["features", *words])
    return done.value.code, capsys.readouterr()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_feature_is_there_in_its_order(family):
    assert tuple(entry.feature for entry in of_class(family)) == FEATURES[family]


def test_no_class_is_left_out():
    assert set(FEATURES) == set(FAMILIES)
    assert list(dict.fromkeys(entry.family for entry in catalogue())) == list(FAMILIES)


def test_pyradiomics_has_no_further_features():
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    from radiomics import getFeatureClasses

    for family, found in getFeatureClasses().items():
        names = {name for name, deprecated in found.getFeatureNames().items() if not deprecated}
        assert names == {entry.feature for entry in of_class(family)}


def test_identifiers_and_sections_stand_together_and_once():
    known = [entry for entry in catalogue() if entry.ibsi]
    assert all(re.fullmatch(r"[0-9A-Z]{4}", entry.ibsi) for entry in known)
    assert len({entry.ibsi for entry in known}) == len(known) == 102
    assert len({entry.section for entry in known}) == len(known)
    # Entropy and Uniformity stand among the histogram features (3.4), away from their class.
    chapters = {"shape": {"1"}, "firstorder": {"3", "4"}, "glcm": {"6"}, "glrlm": {"7"}}
    chapters |= {"glszm": {"8"}, "ngtdm": {"10"}, "gldm": {"11"}}
    assert all(entry.section.split(".")[1] in chapters[entry.family] for entry in known)
    for entry in set(catalogue()) - set(known):
        assert not entry.section
        assert not entry.deviation


def test_without_identifier_are_only_those_that_ibsi_does_not_define():
    without = {f"{e.family}_{e.feature}" for e in catalogue() if not e.ibsi}
    assert without == {
        *(f"shape2D_{feature}" for feature in FEATURES["shape2D"]),
        *(f"shape_Maximum2DDiameter{plane}" for plane in ("Column", "Row", "Slice")),
        "firstorder_TotalEnergy",
        "glcm_MCC",
    }


def test_every_feature_has_a_unit_and_a_source():
    for entry in catalogue():
        assert entry.unit
        assert entry.section or entry.paper
        assert not entry.paper or entry.paper in PAPERS


def test_features_of_filtered_images_are_found():
    assert entry_of("wavelet-LLH_glcm_Contrast").ibsi == "ACUI"
    assert entry_of("original_shape_MeshVolume").unit == "mm³"
    assert entry_of("log-sigma-2-0-mm-3D_ngtdm_Contrast").ibsi == "65HE"
    assert entry_of("original_glcm_Sharpness") is None


def test_csv_can_be_read_back(capsys):
    status, said = printed(capsys, "--csv")
    assert status == 0
    assert said.out == as_csv(catalogue())
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(catalogue())


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_and_marks_deviations(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    status, said = printed(capsys)
    assert status == 0
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= width
    for entry in catalogue():
        mark = r" \*" if entry.deviation else ""
        assert any(re.match(rf"{entry.feature}{mark} +{entry.ibsi}\b", line) for line in lines)


def test_one_class_is_printed_alone(capsys):
    _, said = printed(capsys, "--class", "ngtdm", "--csv")
    assert {row["class"] for row in csv.DictReader(io.StringIO(said.out))} == {"ngtdm"}
    _, said = printed(capsys, "--class", "ngtdm")
    assert "Coarseness" in said.out
    assert "Kurtosis" not in said.out


def test_an_unknown_class_names_the_nearest(capsys):
    status, said = printed(capsys, "--class", "glszn")
    assert status == 1
    assert "nearest: glszm" in said.err
    with pytest.raises(RadpipeError):
        of_class("GLCM")
