"""status tells what there is, also where Snakemake cannot tell what is to do."""

from radpipe.core.errors import RadpipeError
from radpipe.io import atomic
from radpipe.steps.context import open_context
from radpipe.workflow import commands


def test_nothing_done_yet(made):
    lines = commands.status(str(made.folder), data=None, reports=None)
    assert "  block t1_tumour: 0 of 12 cases extracted, 0 failed, 12 missing" in lines
    assert lines[-1] == f"  to do: all, with: radpipe run {made.folder}"


def test_what_is_done_is_told_even_where_the_rest_is_not_known(made, monkeypatch):
    def fail(paths, config):
        raise RadpipeError("small: no answer")

    monkeypatch.setattr(commands, "steps_to_do", fail)
    (made.folder.parent.parent / "reports" / "small" / ".work").mkdir(parents=True)
    lines = commands.status(str(made.folder), data=None, reports=None)
    assert "  models: 0 of 4 done" in "\n".join(lines)
    assert lines[-1] == "  to do: not known (small: no answer)"


def test_a_record_that_a_kill_left_half_written_stops_no_run(made):
    context = open_context(made.folder, reports=made.folder.parent.parent / "reports")
    folder = context.paths.work / "shards" / "t1_tumour"
    atomic.write_json(folder / "000.json", {"block": "t1_tumour", "keys": {"P00": "k"}})
    (folder / ".001.json.x1y2.json").write_text('{"blo', encoding="utf-8")
    assert commands._done(context) == [("t1_tumour", "P00")]
