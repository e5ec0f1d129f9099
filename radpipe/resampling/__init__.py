"""Splits, resampling plans and named random streams."""
