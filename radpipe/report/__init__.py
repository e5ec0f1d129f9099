"""Gathers reportlets into HTML."""
