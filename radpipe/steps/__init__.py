"""One module per rule: read, call, write."""
