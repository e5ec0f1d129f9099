"""The rules hide no change from Snakemake."""

import re

from radpipe.workflow.run import RULES


def test_ancient_is_only_what_no_rule_makes():
    """Behind an ancient file that is made anew, Snakemake looks at no job's parameters."""
    found = set(re.findall(r"ancient\((.+)\),", RULES.read_text(encoding="utf-8")))
    assert found == {"JOBS.file(w.study)"}
