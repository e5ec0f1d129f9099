"""The page: nothing leaves it, nothing runs in it, everything is in it."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from radpipe.outputs.base import Result
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing
from radpipe.outputs.write import write_reportlet
from radpipe.report.context import IndexEntry, ReportContext, Reportlet
from radpipe.report.html import build_index, build_report
from radpipe.report.reportlet import read_reportlet
from radpipe.report.tables import flat, shown, table_view

EVIL = "<script>alert('x')</script>"


def context(**more):
    reportlet = Reportlet(
        id="roc",
        kind="roc",
        title=f"Curves {EVIL}",
        section="performance",
        caption=f"Of 51 cases. {EVIL}",
        notes=(EVIL,),
        picture=b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        width_px=300,
        tables=(table_view(pd.DataFrame({EVIL: [EVIL], "auc": [0.8125]})),),
        files=("outputs/roc/figure.pdf",),
    )
    values = {
        "name": "sts",
        "title": f"Sarcoma {EVIL}",
        "simulated": False,
        "key_result": f"AUC 0.81 {EVIL}",
        "cohort": (("Cases", "51"), ("Levels", EVIL)),
        "blocks": {EVIL: flat({"image": EVIL, "discretise": {"width": 0.3}})},
        "provenance": (("Seed", "2024"),),
        "reportlets": (reportlet,),
        "assumed": ({"what": EVIL, "value": "1", "why": "unsaid"},),
        "warnings": (EVIL,),
        "excluded": ({"case": "C001", "reason": EVIL},),
    }
    return ReportContext(**(values | more))


def test_whatever_users_wrote_is_text():
    page = build_report(context())
    assert "<script" not in page.lower()
    assert page.count("&lt;script&gt;") >= 10
    assert not re.search(r"\son\w+=|\sstyle=", page)


def test_the_policy_knows_the_one_style_sheet_and_lets_nothing_else_in():
    page = build_report(context())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = policy.replace("&#39;", "'").replace("&#34;", '"')
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-" + digest + "'")
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "url(" not in style


def test_simulated_data_are_said_on_the_first_line():
    real, made = build_report(context()), build_report(context(simulated=True))
    body = made.split("<body>")[1].strip()
    assert body.startswith('<div class="simulated">SIMULATED DATA')
    assert "<title>SIMULATED DATA" in made
    assert "SIMULATED" not in real


def test_sections_and_their_links_agree():
    page = build_report(context())
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page
    assert 'id="performance"' in page
    assert 'id="controls"' not in page  # nothing to show there
    assert "figure.pdf" in page
    assert "separate file" in page
    assert "separate file" not in build_report(context(codes=False))


def test_the_page_is_the_same_each_time_and_an_empty_study_has_one_too():
    assert build_report(context()) == build_report(context())
    assert "<h1>empty</h1>" in build_report(ReportContext("e", "empty", False))


def test_the_index_puts_simulated_studies_last_with_a_badge():
    entries = [
        IndexEntry("a-demo", "Demo", "a-demo/report.html", True, "event", 40, 16, "AUC 0.8"),
        IndexEntry("sts", EVIL, "sts/report.html", False, "metastasis", 51, 19, "AUC 0.81"),
    ]
    page = build_index(entries)
    assert page.index("sts/report.html") < page.index("a-demo/report.html")
    assert page.count('class="badge"') == 1
    assert "<script" not in page
    assert "No report yet" in build_index([])


def test_numbers_are_short_and_missing_ones_a_dash():
    assert [shown(v) for v in (0.123456, -2.5, -3.0, 3.0, None, float("nan"), True, "x")] == [
        "0.1235", "−2.5", "−3", "3", "–", "–", "yes", "x",
    ]  # fmt: skip
    view = table_view(pd.DataFrame({"a": range(100)}))
    assert (len(view.rows), view.left_out, view.numeric) == (60, 40, (True,))


def test_a_cell_that_holds_several_values_is_written_out():
    cells = [[0.123456, None], {"low": -2.5, "of": ["a", "b"]}, (), np.array([1.0, np.nan])]
    assert [shown(v) for v in cells] == ["0.1235, –", "low: −2.5, of: a, b", "", "1, –"]
    view = table_view(pd.DataFrame({"cut-off": [[0.5, 0.25], 0.75, None]}))
    assert view.rows == (("0.5, 0.25",), ("0.75",), ("–",))
    assert view.numeric == (False,)


def test_an_interval_never_breaks_over_two_lines():
    tied = shown("0.81 (0.69–0.93)"), shown("−0.4 (−0.9 to 0.2)")
    assert tied == ("0.81 (0.69\u2060–\u20600.93)", "−0.4 (−0.9\u2060\xa0to\xa0\u20600.2)")
    assert shown("out-of-fold – to be read") == "out-of-fold – to be read"


def test_long_names_may_break_after_an_underscore_and_stay_text():
    inputs = pd.DataFrame({"inputs": ["t1_mass__original_glcm_Contrast & <b>_x</b>"]})
    page = build_report(context(models=(table_view(inputs),)))
    broken = "t1_<wbr>mass_<wbr>_<wbr>original_<wbr>glcm_<wbr>Contrast"
    assert f"<td>{broken} &amp; &lt;b&gt;_<wbr>x&lt;/b&gt;</td>" in page


def test_settings_are_laid_flat():
    lines = flat({"a": {"b": [1, 2]}, "f": ["original", {"kind": "log", "sigma": [1]}]})
    assert lines == (("a.b", "1, 2"), ("f", "original; kind log, sigma 1"))


def test_a_written_reportlet_is_read_back(tmp_path):
    folder = tmp_path / "outputs" / "roc"
    table = pd.DataFrame({"model": ["=x"], "auc": [0.5]})
    with drawing():
        figure = Style().sheet(89, 30).figure
    result = Result({"auc": table}, "A caption.", ("note",), readable=("auc",))
    write_reportlet(folder, OUTPUTS["roc"](), result, figure, formats=("svg", "png"))
    found = read_reportlet(folder, tmp_path)
    assert found.picture.startswith(b"<?xml")
    assert found.tables[0].rows == (("=x", "0.5"),)
    assert found.tables[0].title == ""
    assert "outputs/roc/figure.png" in found.files
    assert found.width_px == 336


def test_tables_have_titles_where_there_are_several(tmp_path):
    table = pd.DataFrame({"model": ["x"]})
    tables = {"performance": table, "cutoffs": table, "by_class": table}
    result = Result(tables, "A caption.", readable=tuple(tables))
    write_reportlet(tmp_path / "m", OUTPUTS["metrics"](), result, None, formats=())
    found = read_reportlet(tmp_path / "m", tmp_path)
    assert [view.title for view in found.tables] == ["Performance", "Cut-offs", "By class"]


@pytest.mark.browser
def test_chromium_shows_the_pictures_and_obeys_the_policy(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    page = tmp_path / "report.html"
    page.write_text(build_report(context()), encoding="utf-8")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
            "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "<h1>Sarcoma &lt;script&gt;" in done.stdout
    assert "Content Security Policy" not in done.stderr


def test_columns_of_sentences_have_room_and_many_columns_stand_close():
    words = "cost chosen on 5 inner folds from 0.1, 1, 10 (nested cross-validation): 1, AUC 0.74"
    few = table_view(pd.DataFrame({"model": ["a"], "settings": [words], "n": [3]}))
    assert few.long == (False, True, False)
    assert table_view(pd.DataFrame({"model": []})).long == (False,)
    wide = table_view(pd.DataFrame({f"c{i}": ["1"] for i in range(10)}))
    page = build_report(context(models=(few,)))
    assert '<th scope="col" class="long-text">settings</th>' in page
    assert 'class="many"' not in page
    assert 'class="many"' in build_report(context(models=(wide,)))
