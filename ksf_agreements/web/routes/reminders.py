"""Påminnelser: who would be reminded of what, as the mails will read; sending, and what lies in the outbox."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.app import now
from ksf_agreements.delivery.mail import Sender
from ksf_agreements.delivery.outbox import OutboxError, State
from ksf_agreements.delivery.smtp import MailError
from ksf_agreements.domain.values import Fault
from ksf_agreements.domain.workdays import next_working_day
from ksf_agreements.errors import KsfError
from ksf_agreements.services.reminders import mailing
from ksf_agreements.services.reminders.drafts import draft, drafts
from ksf_agreements.services.reminders.reminding import Item, Mail, Plan, plan
from ksf_agreements.services.reminders.words import letter
from ksf_agreements.text import TN, T
from ksf_agreements.web.days import read_day
from ksf_agreements.web.downloads import download
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.visit import Visit, endpoint

PASSWORD = "KSF_SMTP_PASSWORD"  # noqa: S105 (the name of the variable)
_KEYS = "brev"


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as the page shows it: `text` is how it will read, '' where nobody is named to send it."""

    name: str
    address: str
    subject: str
    text: str
    lines: tuple[str, ...]


def show(visit: Visit) -> Response:
    """Show what would be sent."""
    return _page(visit)


def _page(visit: Visit, code: int = 200, notices: tuple[Notice, ...] = ()) -> Response:
    desk, say = visit.desk, visit.say
    asked, fault = _asked(visit)
    day = next_working_day(asked)
    found = plan(desk, day)
    settings = desk.workspace.settings.tables.mail
    sender, lacking = _sender(visit)
    shown, unmade = _letters(visit, found, sender)
    values: dict[str, Any] = {
        "asked": asked,
        "typed": visit.query("dag"),
        "fault": fault,
        "day": day,
        "today": desk.today,
        "mails": shown,
        "keys": " ".join(mail.key for mail in found.mails),
        "unreachable": tuple(_line(visit, item, day) for item in _once(found.unreachable)),
        "postponed": found.postponed,
        "may_send": asked == day == desk.today and not fault and not lacking and not unmade,
        "lacking": lacking or unmade,
        "host": settings.host or "",
        "outbox": settings.outbox,
        "drafts": drafts(desk),
        "left": mailing.left_over(desk),
    }
    if fault:
        code = 422
    if found.postponed:
        text = TN(
            "{n} person has had a reminder today already, and gets the rest on the next working day.",
            "{n} persons have had a reminder today already, and get the rest on the next working day.",
            found.postponed,
        )
        values["postponed"] = say(text)
    return visit.page("reminders.html", code, notices=notices, **values)


def _asked(visit: Visit) -> tuple[date, str]:
    """Return the day that is asked for, and what is wrong with it."""
    typed = visit.query("dag").strip()
    if not typed:
        return visit.desk.today, ""
    try:
        return read_day(typed), ""
    except Fault as fault:
        return visit.desk.today, visit.say(fault.message)


def _sender(visit: Visit) -> tuple[Sender | None, str]:
    try:
        return mailing.sender_of(visit.desk.workspace.settings.tables.mail), ""
    except KsfError as fault:
        return None, visit.say(fault.message)


def _letters(visit: Visit, found: Plan, sender: Sender | None) -> tuple[tuple[Shown, ...], str]:
    """Return the mails as they will read; where a template of the workspace's own is wrong, without their words."""
    shown, fault = [], ""
    for mail in found.mails:
        lines = tuple(_line(visit, item, found.on) for item in _once(mail.items))
        subject = text = ""
        if sender is not None and not fault:
            try:
                made = letter(mail, sender, found.on, visit.desk.workspace.root)
                subject, text = made.subject, made.text
            except KsfError as told:
                fault = visit.say(told.message)
        shown.append(Shown(mail.name, mail.address, subject, text, lines))
    return tuple(shown), fault


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return items without those that tell the same fact once more, to somebody in another role."""
    kept: dict[object, Item] = {}
    for item in items:
        kept.setdefault((item.cluster, item.reminder.rule.code, item.reminder.occasion.key), item)
    return tuple(kept.values())


def _line(visit: Visit, item: Item, on: date) -> str:
    occasion = item.reminder.occasion
    who = f" ({item.party})" if item.party else ""
    due = ""
    if occasion.due is not None:
        late = T(", was due on {date}", date=occasion.due)
        due = visit.say(late if occasion.due < on else T(", by {date}", date=occasion.due))
    return f"{item.name}: {visit.say(occasion.what)}{who}{due}"


def send(visit: Visit) -> Response:
    """Ask once more; then send, and tell what became of each mail."""
    desk = visit.desk
    found = plan(desk, desk.today)
    if visit.text(_KEYS).split() != [mail.key for mail in found.mails]:
        text = T("What is to be sent has changed since the page was made. Nothing was sent; look through it again.")
        return _page(visit, 409, (Notice("warning", visit.say(text)),))
    if not found.mails:
        text = T("Nobody is to be reminded of anything.")
        return visit.redirect("/paaminnelser", Notice("info", visit.say(text)))
    settings = desk.workspace.settings.tables.mail
    if visit.text("steg") != "bekreft":
        people = tuple((mail.name, mail.address) for mail in found.mails)
        return visit.page(
            "reminders_send.html",
            people=people,
            button=visit.say(
                T("Send {n} now", n=len(people))
                if settings.host
                else TN("Make {n} file now", "Make {n} files now", len(people))
            ),
            keys=visit.text(_KEYS),
            host=settings.host or "",
            outbox=settings.outbox,
        )
    return _sent(visit, found)


def _sent(visit: Visit, found: Plan) -> Response:
    desk, say = visit.desk, visit.say
    settings = desk.workspace.settings.tables.mail
    try:
        sender = mailing.sender_of(settings)
        channel = mailing.channel_of(settings, desk.workspace.root, os.environ.get(PASSWORD))
    except KsfError as fault:
        return _page(visit, 422, (Notice("danger", say(fault.message)),))
    sent: list[Mail] = []
    failed: list[str] = []
    try:
        for one in mailing.send(desk, found, channel, sender, now):
            if one.outcome.state is State.SENT:
                sent.append(one.mail)
            else:
                failed.append(f"{one.mail.name} <{one.mail.address}>: {say(mailing.told(one.outcome))}")
    except (MailError, OutboxError) as fault:
        told = {mail.key for mail in sent}
        failed = [say(fault.message), *(f"{one.name} <{one.address}>" for one in found.mails if one.key not in told)]
    notices = []
    if sent:
        lines = [f"{one.name} <{one.address}>" for one in sent]
        if channel.drafts:
            text = T("They are files in the folder {folder}: open each in Outlook and send it.", folder=settings.outbox)
            lines.insert(0, say(text))
        text = TN("{n} mail sent and recorded.", "{n} mails sent and recorded.", len(sent))
        notices.append(Notice("success", say(text), tuple(lines)))
    if failed:
        text = T("Not sent, or not known to be sent; nothing is recorded of these:")
        notices.append(Notice("danger", say(text), tuple(failed)))
    return visit.redirect("/paaminnelser", *notices)


def settle(visit: Visit) -> Response:
    """Settle the mails of which nobody knows whether they were sent."""
    choice = visit.text("svar")
    if choice not in {"sendt", "igjen"}:
        raise HTTPException(400)
    chosen = {one for one in visit.form.getlist("hvem") if isinstance(one, str)}
    if not chosen:
        text = T("Nothing was settled: tick the mails that you have looked for.")
        return visit.redirect("/paaminnelser", Notice("warning", visit.say(text)))
    notes = mailing.settle(visit.desk, was_sent=choice == "sendt", only=chosen)
    text = TN("{n} mail is settled.", "{n} mails are settled.", len(notes))
    return visit.redirect("/paaminnelser", Notice("success", visit.say(text)))


def draft_file(visit: Visit) -> Response:
    """Return a mail of the outbox as a file."""
    key = visit.path["key"]
    data = draft(visit.desk, key)
    if data is None:
        raise HTTPException(404)
    return download(data, f"{key}.eml", "message/rfc822")


ROUTES = (
    Route("/paaminnelser", endpoint(show)),
    Route("/paaminnelser/send", endpoint(send), methods=["POST"]),
    Route("/paaminnelser/uavklart", endpoint(settle), methods=["POST"]),
    Route("/paaminnelser/utboks/{key}", endpoint(draft_file)),
)
