"""study.yaml: schema, loading, checks."""
