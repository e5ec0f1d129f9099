"""Cut-offs on a model's score: one module a rule, learned on inner out-of-fold scores."""
