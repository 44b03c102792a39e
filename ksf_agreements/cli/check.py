"""``ksf check``: find every problem in cluster files."""

from __future__ import annotations

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, argument, command, option, say, session
from ksf_agreements.cli.problems import as_annotation, as_json, counted, show_problems
from ksf_agreements.text import TN, T


@command(
    help=N(
        "Find every problem in cluster files (all files of the workspace, if none is named).\n\n"
        "Exit code 0: no errors (warnings may be there). 1: errors. 2: wrong usage. 3: could not be done."
    )
)
@argument("files", nargs=-1, metavar=N("[FILES]..."))
@option(
    "--format",
    "form",
    help=N("How to print the problems."),
    type=click.Choice(["text", "json", "github"]),
    default="text",
)
def check(files: tuple[str, ...], form: str) -> int:
    """Check and present."""
    app = App.open(session().workspace)
    read = app.cluster_files(files)
    checker = app.checker(read)
    found = list(checker.workspace_problems())
    for file in read:
        found += checker.check(file).problems
    if form == "json":
        click.echo(as_json(found))
    elif form == "github":
        for problem in found:
            click.echo(as_annotation(problem))
    else:
        show_problems(found)
        click.echo(
            say(
                T(
                    "{files} checked: {counts}.",
                    files=TN("{n} file", "{n} files", len(read)),
                    counts=counted(found),
                )
            )
        )
    return 1 if any(problem.is_error for problem in found) else 0
