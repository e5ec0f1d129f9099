"""The command line: the only place that prints or exits."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from radpipe import __version__, cli_models
from radpipe.core.errors import RadpipeError, UsageError

app = typer.Typer(
    name="radpipe",
    help="From image and mask pairs and a clinical table to radiomic models and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it; what typer makes of it."""

cli_models.add(app)

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The cohort's folder, where it is not under the study."),
]
Reports = Annotated[
    Path | None,
    typer.Option("--reports", help="Where results go; default: reports/ beside studies/."),
]
Study = Annotated[str, typer.Argument(help="A study folder, or its name under studies/.")]
Studies = Annotated[list[str], typer.Argument(help="Study folders, or names under studies/.")]


@app.command()
def run(
    context: typer.Context,
    studies: Studies,
    data: Data = None,
    reports: Reports = None,
    cores: Annotated[
        int, typer.Option("--cores", "-c", min=1, help="Cores to use; default: all.")
    ] = os.cpu_count() or 1,
    exclude_failed: Annotated[
        bool,
        typer.Option(
            "--exclude-failed",
            help="Go on without the cases that cannot be extracted; "
            "without it they are tried again.",
        ),
    ] = False,
) -> None:
    """Run studies from images to report. What is done already is not done again.

    Options after `--` go to Snakemake: `radpipe run demo -- --dry-run`.
    """
    from radpipe.workflow import commands

    for name in studies:
        lines = commands.run(
            name,
            data=data,
            reports=reports,
            cores=cores,
            exclude_failed=exclude_failed,
            extra=tuple(context.obj or ()),
            say=_say,
        )
        for line in lines:
            typer.echo(line)


@app.command()
def check(studies: Studies, data: Data = None, reports: Reports = None) -> None:
    """Look for everything that is wrong with a study, without running it."""
    from radpipe.workflow import commands

    wrong = 0
    for name in studies:
        found = commands.check(name, data=data, reports=reports)
        wrong += len(found.faults)
        for line in found.lines:
            typer.echo(line)
    if wrong:
        raise RadpipeError(f"{wrong} fault{'s' if wrong > 1 else ''}; nothing was run")


@app.command()
def status(studies: Studies, data: Data = None, reports: Reports = None) -> None:
    """Tell what of a study is done, failed and missing."""
    from radpipe.workflow import commands

    for name in studies:
        for line in commands.status(name, data=data, reports=reports):
            typer.echo(line)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The new study's name (a folder under studies/).")],
    data: Annotated[
        Path | None, typer.Option("--data", help="The folder with the images and the table.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="The column to predict (a time for survival).")
    ] = None,
) -> None:
    """Look into a data folder and write a commented study.yaml to confirm."""
    from radpipe.workflow import commands

    for line in commands.new(name, data, endpoint):
        typer.echo(line)


@app.command()
def schema(
    part: Annotated[
        str, typer.Argument(help="A section (models), a kind (svm) or a key (folds); default: all.")
    ] = "",
) -> None:
    """Print every key of study.yaml: type, default, allowed values, meaning."""
    from radpipe.study.reference import reference

    typer.echo(reference(part))


@app.command()
def features(
    family: Annotated[
        str | None, typer.Option("--class", help="Only this class of features, such as glcm.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the table as csv.")] = False,
) -> None:
    """Print every feature: IBSI identifier, unit, where its formula stands, deviations.

    Sections are those of IBSI's reference manual, arXiv:1612.07003.
    """
    from radpipe.features import catalogue

    entries = catalogue.of_class(family) if family else catalogue.catalogue()
    if as_csv:
        typer.echo(catalogue.as_csv(entries), nl=False)
    else:
        from rich.console import Console

        from radpipe.features.catalogue_tables import tables

        console = Console(highlight=False)
        for part in tables(entries):
            console.print(part)


@app.command()
def extract(
    image: Annotated[
        Path, typer.Argument(help="An image, or a table (csv, xlsx) with columns image and mask.")
    ],
    mask: Annotated[Path | None, typer.Argument(help="The image's mask.")] = None,
    params: Annotated[
        Path | None, typer.Option("--params", "-p", help="A PyRadiomics parameter file.")
    ] = None,
    label: Annotated[
        int | None, typer.Option("--label", "-l", min=1, help="The region's value; default: 1.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="native or pyradiomics (where installed).")
    ] = "native",
    channel: Annotated[
        int | None, typer.Option("--channel", min=0, help="Of a colour image, from 0.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The csv file to write; a table needs one.")
    ] = None,
    cores: Annotated[
        int, typer.Option("--cores", "-c", min=1, help="Cores for a table; default: all.")
    ] = os.cpu_count() or 1,
) -> None:
    """Extract radiomic features without a study, as the command `pyradiomics` does.

    `radpipe extract IMAGE MASK` prints them; `radpipe extract PAIRS.csv -o features.csv` writes
    a row a case. What is done already is not done again.
    """
    from radpipe.steps.workers import one_thread

    one_thread()
    from radpipe.workflow import extract_command

    for line in extract_command.extract(
        image,
        mask,
        params=params,
        label=label,
        engine=engine,
        channel=channel,
        out=out,
        cores=cores,
        say=_say,
    ):
        typer.echo(line)


@app.command()
def simulate(study: Study, reports: Reports = None) -> None:
    """Make the simulated cohort of a study that has a `simulate:` section."""
    from radpipe.workflow import commands

    typer.echo(commands.simulate(study, reports=reports))


@app.command(hidden=True)
def step(
    name: str,
    study: Path,
    item: Annotated[str, typer.Argument()] = "",
    shard: Annotated[int, typer.Option("--shard")] = 0,
    log: Annotated[Path | None, typer.Option("--log")] = None,
    data: Data = None,
    reports: Annotated[Path | None, typer.Option("--reports", envvar="RADPIPE_REPORTS")] = None,
    exclude_failed: Annotated[
        bool, typer.Option("--exclude-failed", envvar="RADPIPE_EXCLUDE_FAILED")
    ] = False,
) -> None:
    """Do one step of the workflow (called by its rules)."""
    from radpipe.steps.workers import one_thread

    one_thread()
    from radpipe.steps.runner import run_step

    run_step(
        name,
        study,
        item,
        data=data,
        reports=reports,
        shard=shard,
        log=log,
        exclude_failed=exclude_failed,
    )


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"radpipe {__version__}")


def _say(line: str) -> None:
    """Print what a user should see at once but that is no result."""
    typer.echo(line, err=True)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; faults are told in one line each, without a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    extra: list[str] = []
    if "--" in words:
        extra = words[words.index("--") + 1 :]
        words = words[: words.index("--")]
    try:
        status: Any = app(args=words, obj=extra, standalone_mode=False)
    except UsageError as error:
        _say(f"radpipe: {error}")
        status = 2
    except RadpipeError as error:
        _say(f"radpipe: {error}" if "\n" not in str(error) else str(error))
        status = 1
    except typer.Abort:
        status = 1
    except Exception as error:
        status = _usage(error)
        if status is None:
            raise
    if status == INTERRUPTED:
        _say("radpipe: stopped; the same command goes on where this one was")
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: Exception) -> int | None:
    """Print what click says of a wrong command line; None for any other error."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        return None
    show()
    return int(code)


if __name__ == "__main__":
    main()
