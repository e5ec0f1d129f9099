"""Measures predictions: discrimination, calibration, net benefit."""
