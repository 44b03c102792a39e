"""``ksf remind``: what is to be reminded of today, shown or sent, one mail for each person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date

import click

from ksf_agreements.app import now
from ksf_agreements.cli.base import N, command, option, say
from ksf_agreements.cli.desk import actor_option, on_option, open_desk
from ksf_agreements.cli.problems import show_problems
from ksf_agreements.cli.views import as_json, format_option
from ksf_agreements.delivery.mail import Sender
from ksf_agreements.delivery.outbox import Channel, OutboxError, Outcome, State
from ksf_agreements.delivery.smtp import MailError
from ksf_agreements.domain.workdays import next_working_day
from ksf_agreements.errors import InputError, UsageError
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.reminders import mailing
from ksf_agreements.services.reminders.reminding import Item, Mail, Plan, plan
from ksf_agreements.text import TN, T

PASSWORD = "KSF_SMTP_PASSWORD"  # noqa: S105 (the name of the variable)


@command(
    help=N(
        "Show who is to be reminded of what, or send it with --send: by the mail server of ksf.toml, or else as files "
        "in the folder utboks that Outlook opens ready to be sent."
    )
)
@click.argument("cluster", required=False, default="")
@on_option(N("Show what would be sent on that day (else today)."))
@option("--dry-run", help=N("Show, send nothing (as without --send)."), is_flag=True)
@option("--send", help=N("Send, and record each reminder in the register."), is_flag=True)
@option(
    "--unsettled",
    help=N("Settle mails that may have been sent: 'sent' records them, 'again' lets them be sent again."),
    type=click.Choice(["sent", "again"]),
)
@option(
    "--to",
    "addresses",
    help=N("With --unsettled: only the mail to this address. Repeat for several (else all)."),
    multiple=True,
    metavar=N("ADDRESS"),
)
@format_option("text", "json")
@actor_option
def remind(
    cluster: str,
    on: date | None,
    dry_run: bool,
    send: bool,
    unsettled: str | None,
    addresses: tuple[str, ...],
    form: str,
    actor: str | None,
) -> int:
    """Plan, show, and send where it is asked for."""
    desk = open_desk(actor)
    if send and (dry_run or (on is not None and on != desk.today)):
        raise UsageError(T("--send sends what is due today; it goes neither with --dry-run nor with another day."))
    if cluster and not desk.known(cluster):
        raise UsageError(T("The register has no agreement '{cluster}'.", cluster=cluster))
    if addresses and not unsettled:
        raise UsageError(T("--to goes with --unsettled: who gets a reminder follows from the cluster files."))
    if unsettled:
        return _settle(desk, addresses, was_sent=unsettled == "sent")
    faults = tuple(problem for problem in desk.workspace.problems if problem.is_error)
    if send and faults:
        raise InputError(T("Nothing was sent: the settings of the workspace have errors."), faults)
    show_problems(faults, err=True)
    way = _way_out(desk) if send else None
    found = plan(desk, on or desk.today, cluster)
    if form == "json":
        click.echo(as_json(_json(found)))
    else:
        _show(found)
    if way:
        return _send(desk, found, *way)
    _tell_left_over(desk)
    return 0


def _way_out(desk: Desk) -> tuple[Sender, Channel]:
    settings = desk.workspace.settings.tables.mail
    sender = mailing.sender_of(settings)
    return sender, mailing.channel_of(settings, desk.workspace.root, os.environ.get(PASSWORD))


def _show(found: Plan) -> None:
    if not found.is_working_day:
        text = T(
            "{day} is no working day; nothing is sent until {next}.", day=found.on, next=next_working_day(found.on)
        )
        click.echo(say(text))
        return
    if found.unread:
        text = T(
            "These cluster files have errors: {names}. The contact persons are those of what was issued, and report "
            "dates are left out.",
            names=found.unread,
        )
        click.echo(say(text), err=True)
    for mail in found.mails:
        click.echo(say(T("To {name} <{address}>", name=mail.name, address=mail.address)))
        for item in _once(mail.items):
            click.echo(f"  - {_line(item, found.on)}")
    for item in _once(found.unreachable):
        text = T("Nobody has an e-mail address for this: {what}", what=_line(item, found.on))
        click.echo(say(text), err=True)
    if found.postponed:
        text = TN(
            "{n} person has had a reminder today already, and gets the rest on the next working day.",
            "{n} persons have had a reminder today already, and get the rest on the next working day.",
            found.postponed,
        )
        click.echo(say(text))
    if not found.mails:
        click.echo(say(T("Nobody is to be reminded of anything.")))


def _once(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return items without those that tell the same fact once more, to somebody in another role."""
    found = {(item.cluster, item.reminder.rule.code, item.reminder.occasion.key): item for item in reversed(items)}
    return tuple(reversed(found.values()))


def _line(item: Item, on: date) -> str:
    occasion = item.reminder.occasion
    who = f" ({item.party})" if item.party else ""
    due = ""
    if occasion.due is not None:
        late = T(", was due on {date}", date=occasion.due)
        due = say(late if occasion.due < on else T(", by {date}", date=occasion.due))
    return f"{item.name}: {say(occasion.what)}{who}{due}"


def _json(found: Plan) -> dict[str, object]:
    return {
        "on": found.on.isoformat(),
        "working_day": found.is_working_day,
        "mails": [
            {
                "to": mail.address,
                "name": mail.name,
                "language": str(mail.language),
                "reminders": [_json_item(item) for item in mail.items],
            }
            for mail in found.mails
        ],
        "unreachable": [_json_item(item) for item in found.unreachable],
        "postponed": found.postponed,
        "unread": list(found.unread),
    }


def _json_item(item: Item) -> dict[str, object]:
    reminder = item.reminder
    due = reminder.occasion.due
    return {
        "cluster": item.cluster,
        "rule": reminder.rule.code,
        "step": reminder.step.isoformat(),
        "due": due.isoformat() if due else None,
        "party": reminder.occasion.party or None,
        "role": str(reminder.to),
        "clause": reminder.occasion.clause,
        "what": say(reminder.occasion.what),
    }


def _send(desk: Desk, found: Plan, sender: Sender, channel: Channel) -> int:
    count = dict.fromkeys(State, 0)
    try:
        for delivery in mailing.send(desk, found, channel, sender, now):
            count[delivery.outcome.state] += 1
            if delivery.outcome.state is not State.SENT:
                _complain(delivery.mail, delivery.outcome)
    except (MailError, OutboxError) as fault:
        click.echo(say(fault.message), err=True)
        count[State.FAILED] = len(found.mails) - count[State.SENT] - count[State.UNCERTAIN]
    sent, failed = count[State.SENT], count[State.FAILED]
    text = TN("{n} mail sent and recorded.", "{n} mails sent and recorded.", sent)
    click.echo(say(text))
    if channel.drafts and sent:
        folder = desk.workspace.settings.tables.mail.outbox
        text = T("They are files in the folder {folder}: open each in Outlook and send it.", folder=folder)
        click.echo(say(text))
    if failed:
        click.echo(say(TN("{n} mail was not sent.", "{n} mails were not sent.", failed)), err=True)
    _tell_left_over(desk)
    return 3 if failed or count[State.UNCERTAIN] else 0


def _complain(mail: Mail, outcome: Outcome) -> None:
    text = T("{name} <{address}>: {what}", name=mail.name, address=mail.address, what=mailing.told(outcome))
    click.echo(say(text), err=True)


def _tell_left_over(desk: Desk) -> None:
    notes = mailing.left_over(desk)
    if notes:
        for note in notes:
            click.echo(f"  ? {note}", err=True)
        text = TN(
            "Of {n} mail nobody knows whether it was sent. Look in the mailbox, then run "
            "'ksf remind --unsettled sent' or 'ksf remind --unsettled again'.",
            "Of {n} mails nobody knows whether they were sent. Look in the mailbox, then run "
            "'ksf remind --unsettled sent' or 'ksf remind --unsettled again'.",
            len(notes),
        )
        click.echo(say(text), err=True)


def _settle(desk: Desk, addresses: tuple[str, ...], *, was_sent: bool) -> int:
    left = mailing.left_over(desk)
    wanted = {address.strip().casefold() for address in addresses}
    if unknown := tuple(sorted(wanted - {note.address.casefold() for note in left})):
        raise UsageError(T("No mail is unsettled to: {addresses}", addresses=unknown))
    only = [note.key for note in left if not wanted or note.address.casefold() in wanted]
    notes = mailing.settle(desk, was_sent=was_sent, only=only)
    for note in notes:
        click.echo(f"  {note}")
    text = TN("{n} mail is settled.", "{n} mails are settled.", len(notes))
    click.echo(say(text))
    return 0
