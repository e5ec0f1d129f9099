# The rules of every study; what they do is in radpipe/steps, what they depend on in
# radpipe/workflow/dag.py.
from radpipe.workflow.dag import Dag

JOBS = Dag.from_config(config)


wildcard_constraints:
    study=JOBS.names,
    shard=r"\d+",


rule all:
    input:
        JOBS.reports(),
        JOBS.cards(),
        JOBS.warm(),


rule simulate:
    output:
        table=JOBS.at("simulated/{study}/clinical.csv"),
    params:
        on=lambda w: JOBS.digest(w.study, "simulate"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/simulate.log"),
    shell:
        "python -m radpipe step simulate {params.study:q} --log {log:q}"


rule cohort:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        table=lambda w: JOBS.tables(w.study),
        failures=lambda w: JOBS.failures(w.study),
    output:
        cohort=JOBS.at("{study}/.work/cohort.parquet"),
    params:
        on=lambda w: JOBS.digest(w.study, "cohort"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/cohort.log"),
    shell:
        "python -m radpipe step cohort {params.study:q} --log {log:q}"


rule clinical:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        table=lambda w: JOBS.tables(w.study),
        failures=lambda w: JOBS.failures(w.study),
    output:
        clinical=JOBS.at("{study}/.work/clinical.parquet"),
        info=JOBS.at("{study}/.work/cohort.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "clinical"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/clinical.log"),
    shell:
        "python -m radpipe step clinical {params.study:q} --log {log:q}"


# Extraction does not wait for this rule: whoever needs a loop first compiles under a lock, and the
# others wait there. As an input it would have every case extracted again for a changed comment; as
# an ancient one, Snakemake would overlook what else has changed in the jobs behind it.
rule warm:
    output:
        warm=JOBS.at("{study}/.work/warm.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "warm"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/warm.log"),
    priority: 4
    shell:
        "python -m radpipe step warm {params.study:q} --log {log:q}"


rule extract:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        made=lambda w: JOBS.simulated_images(w.study),
    output:
        shard=JOBS.at("{study}/.work/shards/{block}/{shard}.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "extract", w.block, int(w.shard)),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/extract.{block}.{shard}.log"),
    priority: 3
    shell:
        "python -m radpipe step extract {params.study:q} {wildcards.block:q} --shard {wildcards.shard}"
        " --log {log:q}"


rule gather:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        shards=lambda w: JOBS.shards(w.study, w.block),
    output:
        block=JOBS.at("{study}/.work/blocks/{block}.parquet"),
    wildcard_constraints:
        study=JOBS.blocks_by("gather"),
    params:
        on=lambda w: JOBS.digest(w.study, "gather", w.block),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/gather.{block}.log"),
    shell:
        "python -m radpipe step gather {params.study:q} {wildcards.block:q} --log {log:q}"


rule derive:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        blocks=lambda w: JOBS.derive_inputs(w.study, w.block),
        made=lambda w: JOBS.simulated_images(w.study),
    output:
        block=JOBS.at("{study}/.work/blocks/{block}.parquet"),
    wildcard_constraints:
        study=JOBS.blocks_by("derive"),
    params:
        on=lambda w: JOBS.digest(w.study, "derive", w.block),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/derive.{block}.log"),
    shell:
        "python -m radpipe step derive {params.study:q} {wildcards.block:q} --log {log:q}"


rule readings:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        shards=lambda w: JOBS.reading_shards(w.study, w.block),
    output:
        readings=JOBS.at("{study}/.work/readings/{block}.parquet"),
    params:
        on=lambda w: JOBS.digest(w.study, "readings", w.block),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/readings.{block}.log"),
    shell:
        "python -m radpipe step readings {params.study:q} {wildcards.block:q} --log {log:q}"


rule chain:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        data=lambda w: JOBS.chain_inputs(w.study, w.chain),
    output:
        chain=JOBS.at("{study}/.work/chains/{chain}.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "chain", w.chain),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/chain.{chain}.log"),
    priority: 2  # models wait for it, and the longest of them should start first
    shell:
        "python -m radpipe step chain {params.study:q} {wildcards.chain:q} --log {log:q}"


rule fit:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        data=lambda w: JOBS.model_inputs(w.study, w.model),
    output:
        scores=JOBS.at("{study}/.work/models/{model}/scores.parquet"),
        fit=JOBS.at("{study}/.work/models/{model}/fit.json"),
        model=JOBS.at("{study}/.work/models/{model}/model.skops"),
    params:
        on=lambda w: JOBS.digest(w.study, "fit", w.model),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/fit.{model}.log"),
    priority: 1
    shell:
        "python -m radpipe step fit {params.study:q} {wildcards.model:q} --log {log:q}"


rule control:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        data=lambda w: JOBS.control_inputs(w.study, w.model),
    output:
        control=JOBS.at("{study}/.work/controls/{model}.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "control", w.model),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/control.{model}.log"),
    shell:
        "python -m radpipe step control {params.study:q} {wildcards.model:q} --log {log:q}"


rule predictions:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        cohort=JOBS.at("{study}/.work/cohort.parquet"),
        scores=lambda w: JOBS.all_scores(w.study),
    output:
        predictions=JOBS.at("{study}/.work/predictions.parquet"),
        outcomes=JOBS.at("{study}/.work/outcomes.parquet"),
        metrics=JOBS.at("{study}/.work/metrics.parquet"),
    params:
        on=lambda w: JOBS.digest(w.study, "predictions"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/predictions.log"),
    shell:
        "python -m radpipe step predictions {params.study:q} --log {log:q}"


rule cards:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        data=lambda w: JOBS.card_inputs(w.study),
    output:
        cards=JOBS.at("{study}/.work/cards.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "cards"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/cards.log"),
    shell:
        "python -m radpipe step cards {params.study:q} --log {log:q}"


rule render:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        data=lambda w: JOBS.output_inputs(w.study),
    output:
        reportlet=JOBS.at("{study}/outputs/{figure}/reportlet.json"),
    params:
        on=lambda w: JOBS.digest(w.study, "output", w.figure),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/output.{figure}.log"),
    shell:
        "python -m radpipe step output {params.study:q} {wildcards.figure:q} --log {log:q}"


rule report:
    input:
        study=lambda w: ancient(JOBS.file(w.study)),
        reportlets=lambda w: JOBS.reportlets(w.study),
        data=lambda w: JOBS.output_inputs(w.study),
    output:
        report=JOBS.at("{study}/report.html"),
    params:
        on=lambda w: JOBS.digest(w.study, "report"),
        study=lambda w: JOBS.folder(w.study),
    log:
        JOBS.at("{study}/.work/logs/report.log"),
    shell:
        "python -m radpipe step report {params.study:q} --log {log:q}"
