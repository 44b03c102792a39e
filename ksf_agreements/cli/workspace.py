"""``ksf init``: make a new workspace."""

from __future__ import annotations

from pathlib import Path

import click

from ksf_agreements.cli.base import N, argument, command, say, session
from ksf_agreements.services.workspaces import make_workspace
from ksf_agreements.text import T


@command(help=N("Make a new workspace in DIR: settings, regions and a commented cluster file to start from."))
@argument("folder", metavar=N("DIR"))
def init(folder: str) -> None:
    """Make and tell what comes next."""
    root = Path(folder)
    for path in make_workspace(root, session().say):
        click.echo(say(T("Wrote {path}", path=str(path))))
    click.echo()
    click.echo(say(T("What now: write your cluster in {folder}, and run", folder=str(root / "clusters"))))
    click.echo(f"  ksf -w {folder} check")
    click.echo(f"  ksf -w {folder} generate --all")
    click.echo(say(T("or fill it in in a browser:")))
    click.echo(f"  ksf -w {folder} web --open")
