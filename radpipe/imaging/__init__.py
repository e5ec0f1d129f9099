"""Volumes and masks: geometry, labels, regions."""
