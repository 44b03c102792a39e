"""``ksf export``: the overview as an Excel workbook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option, say, session
from ksf_agreements.cli.desk import on_option, open_desk
from ksf_agreements.cli.sheet import check_target
from ksf_agreements.documents.files import write_whole
from ksf_agreements.services.following import exporting
from ksf_agreements.text import T


@command(
    help=N(
        "Write the overview as an Excel workbook: clusters, parties, signatures, deadlines and contact persons, each a "
        "table with filters."
    )
)
@option("--out", help=N("The file to write."), required=True, metavar=N("FILE"), type=click.Path(path_type=Path))
@option("--region", help=N("Only the clusters of that region, by key or name."), default="")
@on_option(N("The situation of that date (else today)."))
@option("--force", help=N("Replace a file that is there already."), is_flag=True)
def export(out: Path, region: str, on: date | None, force: bool) -> None:
    """Write and tell."""
    check_target(out, force=force)
    desk = open_desk()
    write_whole(out, exporting.export(desk, on or desk.today, session().say, region))
    click.echo(say(T("Wrote {path}", path=str(out))))
