"""Names of rows of the metrics table that are no split of the predictions."""

from __future__ import annotations

OPTIMISM = "optimism-corrected"
PLUS = ".632+"
CORRECTED = (OPTIMISM, PLUS)
"""The splits of the rows that are corrected (`radpipe.evaluation.optimism`)."""
