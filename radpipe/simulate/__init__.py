"""Phantom cohorts with a known truth."""
