"""What holds for every figure and table."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from outputs_making import STUDIES, made, make, study

from radpipe.core.spec import one_of
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing
from radpipe.outputs.write import write_figure, write_reportlet

DRAWN = [name for name in OUTPUTS if name not in ("metrics", "baseline_table")]
LONG = (
    "临床影像组学联合模型预测软组织肉瘤肺转移的列线图模型",
    "$x_1$ & <b>",
    "signature_of_T1_and_PET_features_chosen_by_mRMR_and_LASSO_in_2024",
)


def kinds_of(data):
    return [k for k in OUTPUTS if data.endpoint["kind"] in OUTPUTS[k].endpoints]


def test_settings_load_nothing_heavy():
    code = (
        "import sys; from radpipe.outputs.registry import OUTPUTS; list(OUTPUTS.values()); "
        "bad = {'matplotlib', 'scipy', 'sklearn', 'SimpleITK', 'jinja2'} & set(sys.modules); "
        "sys.exit(', '.join(sorted(bad)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_bare_name_and_settings_make_a_spec():
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(list[one_of(OUTPUTS)])
    specs = adapter.validate_python(["roc", {"kind": "montage", "cases": [7], "id": "all"}])
    assert [s.name for s in specs] == ["roc", "all"]
    assert specs[1].cases == ("7",)
    with pytest.raises(ValidationError):
        adapter.validate_python([{"kind": "roc", "modles": ["a"]}])
    with pytest.raises(ValidationError):
        adapter.validate_python([{"kind": "roc", "id": "../up"}])


@pytest.mark.parametrize("name", list(STUDIES))
def test_every_output_computes_and_says_what_it_rests_on(name, tmp_path):
    data = study(name)
    for kind in kinds_of(data):
        result, _ = made(kind, name)
        assert "case" in result.caption, kind
        assert result.caption.startswith("Simulated data.") == data.simulated, kind
        assert set(result.readable) <= set(result.tables), kind
        for table in result.tables.values():
            table.to_parquet(tmp_path / "t.parquet")


@pytest.mark.parametrize("name", list(STUDIES))
def test_no_word_leaves_the_page_and_simulated_data_are_marked(name):
    data = study(name)
    for kind in kinds_of(data):
        figure = made(kind, name)[1]
        if figure is None:
            continue
        assert_inside(figure, kind)
        marked = any("Simulated" in t.get_text() for t in figure.texts)
        assert marked == data.simulated, kind


@pytest.mark.parametrize(
    "kind",
    [
        "roc", "comparison", "waterfall", "calibration", "decision_curve", "controls",
        "cohort_flow",
    ],
)  # fmt: skip
def test_long_and_chinese_and_odd_names_stay_on_the_page(kind):
    data = make(labels=LONG, repeats=2)
    result = OUTPUTS[kind]().compute(data)
    with drawing():
        assert_inside(OUTPUTS[kind]().draw(result, Style.of(data)), kind)


def assert_inside(figure, kind):
    with drawing():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw_without_rendering()
    box, unseen = figure.bbox, set(_not_drawn(figure))
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip():
            continue
        own = text.get_window_extent(renderer)
        if own.width == 0 or text in unseen:
            continue
        inside = own.x0 >= -1 and own.y0 >= -1 and own.x1 <= box.x1 + 1 and own.y1 <= box.y1 + 1
        assert inside, f"{kind}: {text.get_text()!r} is cut"


def _not_drawn(figure):
    """Return the tick labels that are made but lie out of their axis's range, or are spare."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            used = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            low, high = sorted(axis.get_view_interval())
            for tick in {*axis.majorTicks, *axis.minorTicks, *used}:
                if tick not in used or not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)


@pytest.mark.parametrize("kind", [k for k in DRAWN if k != "montage"])
def test_the_saved_tables_suffice_to_draw_the_figure_again(kind, tmp_path):
    takes = OUTPUTS[kind].endpoints
    name = next(n for n in ("binary", "survival", "multiclass", "continuous") if n in takes)
    spec = OUTPUTS[kind]()
    result, figure = made(kind, name)
    write_reportlet(tmp_path, spec, result, figure, formats=("svg",))
    tables = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in result.tables}
    with drawing():
        again = spec.draw(dataclasses.replace(result, tables=tables), Style.of(study(name)))
    write_figure(again, tmp_path, "again", ("svg",))
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "figure.svg").read_bytes()


def test_an_unknown_model_is_named_with_the_nearest(binary):
    from radpipe.core.errors import RadpipeError

    with pytest.raises(RadpipeError, match=r"'mm1' is not known.*nearest: m1"):
        OUTPUTS["roc"](models=["mm1"]).compute(binary)


def test_a_model_keeps_its_colour_and_line_whatever_is_shown(simulated):
    style = Style.of(simulated)
    looks = {(style.colour(m), str(style.dash(m))) for m in style.models}
    assert len(looks) == len(style.models)
    result = OUTPUTS["roc"](models=["m3"], splits=["resampled"]).compute(simulated)
    with drawing():
        figure = OUTPUTS["roc"]().draw(result, style)
    assert style.colour("m3") in {line.get_color() for line in figure.axes[0].lines}
