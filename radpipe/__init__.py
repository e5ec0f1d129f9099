"""radpipe: from image and mask pairs and a clinical table to models, figures and a report."""

__version__ = "0.1.0"
