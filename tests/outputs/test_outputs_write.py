"""The files of an output."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from PIL import Image

from radpipe.outputs.base import Result
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing, width_of, wrap
from radpipe.outputs.write import guard, human_csv, missing_glyphs, write_figure, write_reportlet


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text):
    assert guard(text) == "'" + text


@pytest.mark.parametrize("value", ["-0.5", "+1e-3", "plain", -0.5, 3, None])
def test_numbers_and_plain_text_stay(value):
    assert guard(value) == value


def test_human_csv_guards_names_too_and_marks_simulated_data():
    text = human_csv(pd.DataFrame({"=a": ["@b"], "n": [-1.5]}), simulated=True)
    assert text == "'=a,n,data\n'@b,-1.5,simulated\n"


def test_a_figure_is_the_same_bytes_each_time_in_all_formats(binary, tmp_path):
    for name in ("one", "two"):
        result = OUTPUTS["cohort_flow"]().compute(binary)
        with drawing():
            figure = OUTPUTS["cohort_flow"]().draw(result, Style.of(binary))
        write_figure(figure, tmp_path, name)
    for kind in ("svg", "png", "pdf", "tiff"):
        one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two, kind
        assert b"20" + b"26-" not in one[:2000]
    with Image.open(tmp_path / "one.tiff") as tiff:
        assert tiff.info["compression"] == "tiff_lzw"
        assert tuple(round(float(v)) for v in tiff.info["dpi"]) == (300, 300)
        assert tiff.width == pytest.approx(183 / 25.4 * 300, abs=2)


def test_a_reportlet_lists_what_lies_in_its_folder(binary, tmp_path):
    spec = OUTPUTS["roc"](title="Curves")
    result = Result({"t": pd.DataFrame({"a": [1.0], "b": ["=x"]})}, "A caption.", ("a note",))
    write_reportlet(tmp_path, spec, result, None, simulated=True)
    entry = json.loads((tmp_path / "reportlet.json").read_text())
    assert (entry["id"], entry["title"], entry["tables"]) == ("roc", "Curves", ["t.csv"])
    assert entry["figure"] is None
    assert entry["simulated"] is True
    assert pd.read_parquet(tmp_path / "t.parquet")["b"].tolist() == ["=x"]
    assert "'=x" in (tmp_path / "t.csv").read_text("utf-8-sig")


def test_the_user_s_dollars_are_no_mathematics(binary):
    from matplotlib.text import Text

    style = Style(("m0",), {"m0": "$\\frac$"})
    result = OUTPUTS["roc"](models=["m0"]).compute(binary)
    with drawing():
        figure = OUTPUTS["roc"]().draw(result, style)
        figure.draw_without_rendering()
    assert any("$\\frac$" in t.get_text() for t in figure.findobj(Text))


def test_characters_without_a_font_are_told():
    style = Style()
    with drawing():
        sheet = style.sheet(40, 10)
        sheet.text(1, 1, "a \U00013000")
    assert missing_glyphs(sheet.figure) == "\U00013000"


@pytest.mark.parametrize(
    "text", ["a long name of a model that goes on", "影像组学评分" * 6, "x" * 90]
)
def test_wrapped_lines_fit_and_lose_nothing(text):
    lines = wrap(text, 20).split("\n")
    assert max(width_of(line) for line in lines) <= 20
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_too_many_lines_end_with_an_ellipsis():
    assert wrap("x" * 50, 16, 2) == "x" * 16 + "\n" + "x" * 15 + "…"
