"""Models: one module per family, and their fitting inside resamples."""
