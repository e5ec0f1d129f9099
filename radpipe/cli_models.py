"""The commands that take a fitted model elsewhere: part of the command line (`radpipe.cli`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from radpipe.core.errors import RadpipeError


def add(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(predict)
    app.command()(export_model)


def predict(
    model: Annotated[Path, typer.Argument(help="A model's folder.")],
    images: Annotated[
        list[str] | None,
        typer.Option(help="Folder or pattern (scans/{case}.nii.gz), or IMAGE=FOLDER."),
    ] = None,
    masks: Annotated[
        list[str] | None, typer.Option(help="Folder or pattern, or REGION=FOLDER.")
    ] = None,
    features: Annotated[Path | None, typer.Option(help="A table of features.")] = None,
    block: Annotated[str | None, typer.Option(help="Whose the features' plain names are.")] = None,
    clinical: Annotated[Path | None, typer.Option(help="A table of clinical variables.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A csv or xlsx file.")] = None,
) -> None:
    """Predict new cases by a fitted model: reports/STUDY/.work/models/NAME, or an exported one."""
    from radpipe.workflow.predict_command import predict_cases

    lines, failures = predict_cases(
        model,
        images=images or (),
        masks=masks or (),
        features=features,
        block=block,
        clinical=clinical,
        out=out,
        say=lambda line: typer.echo(line, err=True),
    )
    for line in lines:
        typer.echo(line)
    if failures:
        raise RadpipeError("\n".join(failures))


def export_model(
    study: Annotated[str, typer.Argument(help="A study folder, or its name under studies/.")],
    name: Annotated[str, typer.Argument(help="The model's name.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")],
    reports: Annotated[Path | None, typer.Option("--reports", help="Where results are.")] = None,
) -> None:
    """Copy a final model, with its card and all that it needs, to be used elsewhere."""
    from radpipe.workflow.predict_command import export

    for line in export(study, name, out, reports):
        typer.echo(line)
