"""The index of the statistics names every module, and each once."""

import re
from collections import Counter
from pathlib import Path

import radpipe.stats


def test_the_index_is_complete():
    modules = {path.stem for path in Path(radpipe.stats.__path__[0]).glob("*.py")} - {"__init__"}
    lines = re.findall(r"^    (.+)$", radpipe.stats.__doc__, re.MULTILINE)
    named = Counter(name for line in lines for name in re.findall(r"\w+", line))
    assert modules - set(named) == set()
    assert set(named) - modules == set()
    assert max(named.values()) == 1
