"""``ksf schema``: print the JSON Schema of a cluster file."""

from __future__ import annotations

import click

from ksf_agreements.cli.base import N, command, option, session
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.services.workspaces import schema_text


@command(help=N("Print the JSON Schema of a cluster file, for editors that complete and check while one writes."))
@option("--kind", help=N("The kind of agreement."), type=click.Choice(list(KINDS)), default=next(iter(KINDS)))
def schema(kind: str) -> None:
    """Print."""
    click.echo(schema_text(KINDS[kind], session().say), nl=False)
