"""Steps before selection and model: missing and odd values, scaling, batches, imbalance."""
