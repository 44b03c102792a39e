"""Sends a plan of reminders: each mail once, each recorded as events of its agreements, one failure at a time.

The order is: a note, the register asked again, the server, the events, the note gone. Whoever breaks in between
leaves a note, and while there is one nothing is sent to that address by itself, whatever else it would say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ksf_agreements.delivery.mail import Sender, UnmailableError, compose
from ksf_agreements.delivery.outbox import Channel, Folder, Notes, Outcome, State
from ksf_agreements.delivery.smtp import MailError, Smtp
from ksf_agreements.domain.events import ReminderSent
from ksf_agreements.errors import UsageError
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.reminders.reminding import Mail, Plan, served_on
from ksf_agreements.services.reminders.words import letter
from ksf_agreements.settings_tables import MailSettings
from ksf_agreements.text import T, Text

NOTES = "underveis"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one mail."""

    mail: Mail
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Note:
    """A mail of which nobody knows whether it was sent: its name, whom it was to, and what it was about."""

    key: str
    address: str
    name: str
    items: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        """Whom it was to; its key where that was never written."""
        return f"{self.name} <{self.address}>" if self.address else self.key


def sender_of(settings: MailSettings) -> Sender:
    """Return who mail is from. Raises `UsageError` where the settings do not say."""
    if not settings.sender:
        raise UsageError(T('Say who the mail is from: write sender = "name@example.no" under [mail] in ksf.toml.'))
    return Sender(settings.sender, settings.sender_name or "")


def channel_of(settings: MailSettings, root: Path, password: str | None) -> Channel:
    """Return the way out that the settings name; ``password`` is the environment's. Raises `UsageError`."""
    if not settings.host:
        return Folder(root / settings.outbox)
    is_here = settings.host in {"localhost", "127.0.0.1", "::1"}
    if settings.security == "none" and not is_here:
        text = T('A mail server elsewhere needs security = "starttls" or "tls" under [mail] in ksf.toml.')
        raise UsageError(text)
    secret = password if password is not None else _password(settings, root)
    if settings.user and not secret:
        raise UsageError(
            T("The mail server's password is missing: set KSF_SMTP_PASSWORD, or name a password_file under [mail].")
        )
    return Smtp(
        settings.host, settings.port, settings.security, settings.user or "", secret or "", float(settings.timeout)
    )


def _password(settings: MailSettings, root: Path) -> str | None:
    if settings.password_file is None:
        return None
    try:
        with (root / settings.password_file).open(encoding="utf-8") as file:
            return file.readline(1000).strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(T("The password file {file} cannot be read.", file=settings.password_file)) from fault


def send(
    desk: Desk,
    plan: Plan,
    channel: Channel,
    sender: Sender,
    now: Callable[[], datetime],
) -> Iterator[Delivery]:
    """Send the mails of a plan one after the other, and yield what became of each; one failure never stops the rest.

    Raises `MailError` where no mail can leave any more: then nothing of the mail at hand was sent.
    """
    root = desk.workspace.root
    letters = [(mail, letter(mail, sender, plan.on, root)) for mail in plan.mails]  # all words before the first mail
    notes = Notes(_outbox(desk) / NOTES)
    try:
        for mail, words in letters:
            try:
                data = compose(words, sender, now(), draft=channel.drafts)
            except UnmailableError as fault:
                yield Delivery(mail, Outcome(State.FAILED, fault.message))
                continue
            if not notes.begin(mail.mailbox, _note(mail)):
                yield Delivery(mail, Outcome(State.UNCERTAIN, T("it is being sent, or was interrupted")))
                continue
            yield Delivery(mail, _deliver(desk, mail, channel, sender, data, notes))
    finally:
        channel.close()


def _deliver(desk: Desk, mail: Mail, channel: Channel, sender: Sender, data: bytes, notes: Notes) -> Outcome:
    outcome = _known(desk, mail)  # somebody else may have sent it since the plan was made
    if outcome is None:
        try:
            outcome = channel.deliver(mail.key, sender.address, mail.address, data)
        except MailError:
            notes.end(mail.mailbox)
            raise
        if outcome.state is State.SENT:
            record(desk, Note(mail.mailbox, mail.address, mail.name, _note_items(mail)))
    if outcome.state is not State.UNCERTAIN:
        notes.end(mail.mailbox)
    return outcome


def record(desk: Desk, note: Note) -> None:
    """Record that a mail went out: an event for each reminder in it, all at once."""
    with desk.register.writing() as transaction:
        actor = transaction.keep_person({"name": desk.actor})
        recipient = transaction.keep_person({"name": note.name, "email": note.address})
        for cluster, rule, subject in note.items:
            payload = ReminderSent(rule=rule, subject=subject, recipient=recipient)
            transaction.append(cluster, payload, actor, desk.today)


def _known(desk: Desk, mail: Mail) -> Outcome | None:
    """Return what the journal already has of a mail: sent; or put off, where this person had some of it, or another."""
    wanted = set(_note_items(mail))
    with desk.register.reading() as reader:
        is_served = mail.address.casefold() in served_on(reader, desk.today)
        for cluster in {item.cluster for item in mail.items}:
            for event in reader.events(cluster):
                payload = event.payload
                if isinstance(payload, ReminderSent) and (cluster, payload.rule, payload.subject) in wanted:
                    person = reader.person(payload.recipient) or {}
                    if person.get("email", "").casefold() == mail.address.casefold():
                        wanted.discard((cluster, payload.rule, payload.subject))
    if not wanted:
        return Outcome(State.SENT)
    if is_served or len(wanted) < len(set(_note_items(mail))):
        return Outcome(State.FAILED, T("another run has just sent a reminder to this address; the rest is sent later"))
    return None


def left_over(desk: Desk) -> tuple[Note, ...]:
    """Return the mails of which nobody knows whether they were sent."""
    found = Notes(_outbox(desk) / NOTES).left()
    notes = []
    for key, data in found.items():
        try:
            said = json.loads(data)
            items = tuple((str(a), str(b), str(c)) for a, b, c in said["items"])
            notes.append(Note(key, str(said["address"]), str(said["name"]), items))
        except (ValueError, KeyError, TypeError):
            notes.append(Note(key, "", "", ()))  # cut short: the machine stopped while it was written
    return tuple(notes)


def settle(desk: Desk, *, was_sent: bool, only: Collection[str] | None = None) -> tuple[Note, ...]:
    """Settle what was left over, or those of the keys ``only``: a person says if it was sent, or shall be."""
    notes = tuple(note for note in left_over(desk) if only is None or note.key in only)
    for note in notes:
        if was_sent and note.items:
            record(desk, note)
        Notes(_outbox(desk) / NOTES).end(note.key)
    return notes


def _outbox(desk: Desk) -> Path:
    return desk.workspace.root / desk.workspace.settings.tables.mail.outbox


def _note(mail: Mail) -> bytes:
    said = {"address": mail.address, "name": mail.name, "items": _note_items(mail)}
    return json.dumps(said, ensure_ascii=False).encode("utf-8")


def _note_items(mail: Mail) -> tuple[tuple[str, str, str], ...]:
    return tuple((item.cluster, item.reminder.rule.code, item.reminder.subject) for item in mail.items)


def told(outcome: Outcome) -> Text:
    """Return what became of a mail, in words."""
    words = {
        State.SENT: T("sent"),
        State.FAILED: T("not sent: {reason}", reason=outcome.reason or "?"),
        State.UNCERTAIN: T("perhaps sent: {reason}", reason=outcome.reason or "?"),
    }
    return words[outcome.state]
