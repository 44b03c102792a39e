"""The command that makes the dossier of an agreement."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option, say
from ksf_agreements.cli.desk import on_option, open_desk
from ksf_agreements.services.archive import archiving
from ksf_agreements.services.archive import plan as archive_plan
from ksf_agreements.text import T


@command(
    help=N(
        "Make the dossier of an agreement for the archive: a new folder with its documents as PDF/A beside the signed "
        "files, its history, its journal, and messages by Fiks Arkiv v1."
        "\n\n"
        "The dossier's own verify.py checks it on any machine with Python, without ksf."
    )
)
@click.argument("cluster")
@option(
    "--out",
    help=N("Folder for the dossier (else 'arkiv' in the workspace)."),
    metavar=N("DIR"),
    type=click.Path(path_type=Path),
)
@on_option(N("The situation of that date (else today)."))
def archive(cluster: str, out: Path | None, on: date | None) -> None:
    """Warn, make and tell."""
    desk = open_desk()
    planned = archive_plan.plan(desk, cluster, on or desk.today, out or desk.workspace.root / "arkiv")
    for warning in planned.warnings:
        click.echo(say(T("Note: {warning}", warning=warning)), err=True)
    done = archiving.write(desk, planned)
    click.echo(say(T("Wrote {path} ({n} files).", path=str(done.path), n=done.files)))
    if done.accessible:
        click.echo(
            say(T("Accessible PDF/A without signatures: version {numbers}.", numbers=tuple(map(str, done.accessible))))
        )
    click.echo(say(T("Fingerprint: {hash}", hash=done.fingerprint)))
    click.echo(say(T("Write it down elsewhere, in the case, say; then verify.py in the folder shows any change.")))
