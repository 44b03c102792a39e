"""Commands of what changes in an agreement's life: renewal, amendment, accession, and what needs no signatures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option
from ksf_agreements.cli.desk import (
    DAY,
    actor_option,
    choice,
    file_option,
    number,
    on_option,
    open_desk,
    out_option,
    party_option,
    tell,
)
from ksf_agreements.domain.events import Task
from ksf_agreements.services.agreements import changes, renewing


@command(
    help=N(
        "Issue a renewal: a new term from the cluster file, signed by those who go on. With --ask, record only that "
        "the parties were asked."
    )
)
@click.argument("cluster")
@option("--until", help=N("Last day of the new term (else valid_until of the cluster file)."), type=DAY, metavar="DATE")
@option("--from", "begins", help=N("First day of the new term (else the day after)."), type=DAY, metavar="DATE")
@option("--with-leaving", help=N("Invite also those whose notice runs."), is_flag=True)
@option("--ask", help=N("Record that the parties were asked; nothing is issued."), is_flag=True)
@on_option(N("The day of issue (else today)."))
@out_option()
@actor_option
def renew(
    cluster: str,
    until: date | None,
    begins: date | None,
    with_leaving: bool,
    ask: bool,
    on: date | None,
    out: Path | None,
    actor: str | None,
) -> None:
    """Renew and tell."""
    desk = open_desk(actor)
    day = on or desk.today
    if ask:
        file = desk.cluster_file(cluster).cluster
        last = until or (file.valid_until if file else None) or day
        tell(changes.start_renewal(desk, cluster, day, last))
        return
    folder = out or desk.workspace.root / "out"
    tell(renewing.renew(desk, cluster, day, folder, until=until, begins=begins, with_leaving=with_leaving))


@command(help=N("Issue an amendment from the changed cluster file; all bound parties sign it."))
@click.argument("cluster")
@on_option(N("The day of issue (else today)."))
@out_option()
@actor_option
def amend(cluster: str, on: date | None, out: Path | None, actor: str | None) -> None:
    """Issue and tell."""
    desk = open_desk(actor)
    tell(renewing.amend(desk, cluster, on or desk.today, out or desk.workspace.root / "out"))


@command(help=N("Issue an amendment that makes another party the motor municipality; all bound parties sign it."))
@click.argument("cluster")
@option("--to", "to", help=N("The new motor municipality, by number or name."), required=True, metavar="NR")
@on_option(N("The day of issue (else today)."))
@out_option()
@actor_option
def change_motor(cluster: str, to: str, on: date | None, out: Path | None, actor: str | None) -> None:
    """Issue and tell."""
    desk = open_desk(actor)
    day = on or desk.today
    tell(renewing.change_motor(desk, cluster, number(desk, to), day, out or desk.workspace.root / "out"))


@command(help=N("Record that a municipality joined, by an addendum that is signed."))
@click.argument("cluster")
@party_option()
@on_option(N("The day the accession is in force from (else today)."))
@option(
    "--signed-by",
    help=N("Who has signed, once for each (else all who had to)."),
    multiple=True,
    metavar="NR",
)
@option("--case", "case", help=N("Case number of the newcomer's approval."), default="")
@file_option()
@actor_option
def accede(
    cluster: str,
    party: str,
    on: date | None,
    signed_by: tuple[str, ...],
    case: str,
    file: Path | None,
    actor: str | None,
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    signed = tuple(number(desk, one) for one in signed_by) or None
    day = on or desk.today
    tell(changes.accede(desk, cluster, number(desk, party), day, signed_by=signed, case=case, file=file))


@command(help=N("Record the contact persons and cluster leader of the cluster file; nobody signs again."))
@click.argument("cluster")
@on_option(N("The day of the change (else today)."))
@actor_option
def contacts(cluster: str, on: date | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(changes.change_contacts(desk, cluster, on or desk.today))


@command(help=N("Record the focus areas of the cluster file as adopted (clauses 4 and 6)."))
@click.argument("cluster")
@on_option(N("The day they were adopted (else today)."))
@file_option()
@actor_option
def focus_areas(cluster: str, on: date | None, file: Path | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(changes.adopt_focus_areas(desk, cluster, on or desk.today, file))


@command(help=N("Record that the action plan of a year was adopted (clause 6)."))
@click.argument("cluster")
@option("--year", help=N("The plan's year."), type=int, required=True)
@on_option(N("The day it was adopted (else today)."))
@file_option()
@actor_option
def plan(cluster: str, year: int, on: date | None, file: Path | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(changes.adopt_plan(desk, cluster, year, on or desk.today, file))


@command(help=N("Record that a recurring task was done: the year's report, the review of contacts, a report to KS."))
@click.argument("cluster")
@click.argument("task", type=choice(Task))
@option(
    "--period",
    help=N("The year that it is about, or the report date of the grant letter (else the oldest that is not done)."),
    default="",
)
@on_option(N("The day it was done (else today)."))
@actor_option
def done(cluster: str, task: str, period: str, on: date | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(changes.finish_task(desk, cluster, Task(task), period, on or desk.today))


@command(help=N("Record what was decided after a merger or a split: who continues a party, or nobody."))
@click.argument("cluster")
@party_option()
@option("--successor", help=N("The municipality that takes its place (left out: nobody)."), metavar="NR")
@option("--decision", help=N("The decision: body and case."), default="")
@on_option(N("The first day of the successor (else today)."))
@file_option()
@actor_option
def continuation(
    cluster: str,
    party: str,
    successor: str | None,
    decision: str,
    on: date | None,
    file: Path | None,
    actor: str | None,
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    heir = number(desk, successor) if successor else None
    tell(changes.continue_party(desk, cluster, number(desk, party), heir, on or desk.today, decision, file))


@command(help=N("Record that an event was entered by mistake; then enter the right one by its own command."))
@click.argument("event", type=int)
@option("--reason", help=N("Why it was wrong."), required=True)
@actor_option
def void(event: int, reason: str, actor: str | None) -> None:
    """Record and tell."""
    tell(changes.void(open_desk(actor), event, reason))
