"""Errors, registries, settings, targets, digests and logging."""
