# `snakemake -c2` runs every study under studies/ whose data are there, the demo always;
# `radpipe run NAME` runs one, with progress and a summary.
from radpipe.workflow.run import RULES

config.setdefault("root", workflow.basedir)


include: RULES


rule reports:
    input:
        rules.all.input,
