"""``ksf calendar``: what is due, as a calendar file for Outlook, Google and Apple."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.app import now
from ksf_agreements.cli.base import N, command, option, say, session
from ksf_agreements.cli.desk import number, on_option, open_desk
from ksf_agreements.delivery.calendar import calendar_file
from ksf_agreements.documents.files import write_whole
from ksf_agreements.services.following.calendar import Choice, entries
from ksf_agreements.text import TN, T


@command(
    help=N(
        "Write what is due as a calendar file. Take a newer file in over an older one: what has moved is moved, and "
        "nothing is doubled."
    )
)
@option("--cluster", help=N("Only this agreement."), default="", metavar="CLUSTER")
@option("--region", help=N("Only this region."), default="", metavar="REGION")
@option("--party", help=N("Only what concerns this municipality, by number or name."), metavar="NR")
@option("--out", help=N("The file to write."), required=True, type=click.Path(path_type=Path), metavar="FILE")
@on_option(N("From this day on (else today)."))
def calendar(cluster: str, region: str, party: str | None, out: Path, on: date | None) -> None:
    """Gather, write and tell."""
    desk = open_desk()
    who = number(desk, party) if party else ""
    found = entries(desk, Choice(cluster, region, who), on or desk.today, say)
    name = say(T("KSF agreements"))
    for part in (cluster, region and desk.workspace.regions[region].name, who and desk.call(who)):
        name = f"{name} – {part}" if part else name
    write_whole(out, calendar_file(found, name, session().say.language, now()))
    click.echo(say(T("Wrote {path}", path=str(out))))
    click.echo(say(TN("{n} entry.", "{n} entries.", len(found))))
