"""A register to try things on: a clock that ticks, a plain derivation, and a journal with everything in it."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from ksf_agreements.domain.events import (
    ContactsChanged,
    Event,
    EventVoided,
    NoticeReceived,
    PersonalRef,
    PlanAdopted,
    SignatureRecorded,
    SigningOpened,
)
from ksf_agreements.domain.timeline import EVER, Derived, Since
from ksf_agreements.register.store import Register

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
PDF = "application/pdf"


class Clock:
    """Each look is a second later."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def derive(agreement: str, events: tuple[Event, ...], since: Since = EVER) -> Derived:
    """A segment for each day on which something happened, an obligation a year after each event."""
    days = sorted({event.occurred_on for event in events if event.occurred_on >= since.day})
    segments = tuple(
        (day, json.dumps({"agreement": agreement, "events": sum(event.occurred_on <= day for event in events)}))
        for day in days
    )
    due = tuple(
        (event.occurred_on + timedelta(days=365), event.kind, agreement, json.dumps({"event": event.number}))
        for event in events
    )
    return Derived(segments, due)


def open_register(path: Path, **options: Any) -> Register:
    """Open a register with the plain derivation and a clock that ticks, unless told otherwise."""
    return Register.open(path, **{"now": Clock(), "derive": derive, **options})


def append(register: Register, agreement: str = "vest", year: int = 2026) -> Event:
    """Append one event in a transaction of its own."""
    with register.writing() as transaction:
        actor = transaction.keep_person({"name": "Kari Nordmann"})
        return transaction.append(agreement, PlanAdopted(year=year), actor, DAY)


class Filled(NamedTuple):
    """What `fill` put into a register."""

    signatory: PersonalRef
    erased_person: PersonalRef
    letter: str
    erased_file: str


def fill(register: Register) -> Filled:
    """Write a small journal that has people, files, and both erased."""
    with register.writing() as transaction:
        actor = transaction.keep_person({"name": "Kari Nordmann"})
        signatory = transaction.keep_person({"name": "Ole Østby", "title": "ordfører"})
        letter = transaction.keep_file(b"%PDF a letter " * 100, PDF)
        transaction.append("vest", SigningOpened(version=1, deadline=date(2026, 6, 1)), actor, DAY)
        signed = SignatureRecorded(version=1, party="4601", signatory=signatory, file=letter)
        transaction.append("vest", signed, actor, DAY + timedelta(days=4))
    with register.writing() as transaction:
        wrong = transaction.keep_file(b"%PDF the wrong upload " * 100, PDF)
        contacts = transaction.keep_person({"name": "Navn Som Skal Slettes", "email": "borte@example.no"})
        transaction.append("midt", NoticeReceived(party="5001", file=wrong), actor, DAY)
        transaction.append("midt", ContactsChanged(contacts=contacts), actor, DAY + timedelta(days=1))
        transaction.append("midt", EventVoided(event=3, reason="feil fil"), actor, DAY + timedelta(days=2))
    with register.writing() as transaction:
        transaction.erase([contacts.id], [wrong], "feil opplasting", actor, DAY + timedelta(days=3))
        transaction.append("vest", PlanAdopted(year=2027), actor, DAY + timedelta(days=5))
    return Filled(signatory, contacts, letter, wrong)


def change(path: Path, sql: str, *values: object) -> None:
    """Change a register from outside."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(sql, values)
    connection.close()
