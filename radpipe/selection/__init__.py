"""Selectors of features: one module each."""
