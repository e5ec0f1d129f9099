"""Extraction engines and their settings."""
