"""Reads and writes: tables, images, model files, the case store."""
