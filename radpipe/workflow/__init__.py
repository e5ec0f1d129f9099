"""What Snakemake needs: paths, targets, shards, rules."""
