"""What the register's commands share: dates, municipalities, the open desk, and how a result is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, option, say, session
from ksf_agreements.domain.folded import STATUS_WORDS
from ksf_agreements.domain.status import AgreementStatus
from ksf_agreements.domain.telling import next_steps, told
from ksf_agreements.domain.values import Fault, parse_iso_date
from ksf_agreements.register.location import location_warning
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.text import T, Text


class Day(click.ParamType[date]):
    """A date written year-month-day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date, or tell what is wrong and how to write it."""
        try:
            return parse_iso_date(value)
        except Fault as fault:
            mend = f" {say(fault.mend)}" if fault.mend else ""
            self.fail(f"{say(fault.message)}.{mend}", param, ctx)


DAY = Day()


def choice(words: type[StrEnum]) -> click.Choice[str]:
    """Return the choice between the words of an enumeration."""
    return click.Choice([str(word) for word in words])


def actor_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--as``."""
    return option("--as", "actor", help=N("Who records this (else the workspace's setting, or your login name)."))(
        command
    )


def on_option(help: str, *, required: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # noqa: A002 (click's word)
    """Give a command the option ``--on``; without it, today."""
    return option("--on", "on", help=help, type=DAY, required=required, metavar="DATE")


def file_option(help: str = N("The document, to be kept in the register.")) -> Callable[..., Any]:  # noqa: A002 (click's word)
    """Give a command the option ``--file``."""
    return option("--file", "file", help=help, metavar="FILE", type=click.Path(path_type=Path))


def party_option() -> Callable[..., Any]:
    """Give a command the option ``--party``."""
    return option("--party", help=N("The municipality, by number or name."), required=True, metavar="NR")


def out_option() -> Callable[..., Any]:
    """Give a command the option ``--out``."""
    text = N("Folder for the documents (else 'out' in the workspace).")
    return option("--out", help=text, metavar="DIR", type=click.Path(path_type=Path))


def open_desk(actor: str | None = None) -> Desk:
    """Open the register of the command's workspace."""
    app = App.open(session().workspace)
    if (warning := location_warning(app.register_path)) is not None:
        click.echo(say(warning), err=True)
    return app.desk(actor)


def number(desk: Desk, text: str) -> str:
    """Return the number of the municipality that a number or name means."""
    return desk.municipality(text).number


def tell(done: Done) -> None:
    """Say what changed and what comes next."""
    if done.repeated is not None:
        text = T("This is recorded already (event {number}); nothing was written.", number=done.repeated.number)
        click.echo(say(text))
    for event in done.events:
        sentence = say(told(event, done.folded.call))
        click.echo(say(T("Recorded as event {number}: {sentence}.", number=event.number, sentence=sentence)))
    for warning in done.warnings:
        click.echo(say(T("Note: {warning}", warning=warning)), err=True)
    for note in done.notes:
        click.echo(say(note))
    for path in done.files:
        click.echo(say(T("Wrote {path}", path=str(path))))
    click.echo(say(standing(done.status)))
    for step in next_steps(done.folded):
        click.echo(f"  → {say(step)}")


def standing(status: AgreementStatus) -> Text:
    """Return how an agreement stands, in one line."""
    return T(
        "{cluster}: {status}, {signed} of {of} have signed.",
        cluster=status.cluster,
        status=STATUS_WORDS[status.status],
        signed=status.signed,
        of=status.of,
    )
