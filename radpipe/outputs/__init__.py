"""Figures and tables: one module each, compute then draw."""
