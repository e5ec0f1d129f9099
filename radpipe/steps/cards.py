"""Writes each final model's passport (for programs) and card (for people)."""

from __future__ import annotations

import pandas as pd

from radpipe.io import atomic
from radpipe.io.model_json import seal_of, write_passport
from radpipe.outputs.model_card import model_card
from radpipe.steps.context import Context
from radpipe.steps.passport import passport_of
from radpipe.study.derived import all_models


def run(context: Context, item: str, shard: int) -> str:
    """Write model.json and model.md beside each final model."""
    paths = context.paths
    metrics = pd.read_parquet(paths.metrics)
    seals = {}
    for name in all_models(context.study.spec):
        passport = passport_of(context, name, metrics)
        write_passport(paths.passport(name), passport)
        atomic.write_text(paths.card(name), model_card(passport))
        seals[name] = seal_of(passport)
    atomic.write_json(paths.cards, seals)
    return f"{len(seals)} models"
