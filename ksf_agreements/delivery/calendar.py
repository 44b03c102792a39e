"""A calendar file (RFC 5545) of all-day entries, as Outlook, Google and Apple take it in.

An entry keeps its UID while its day moves, and its sequence grows: whoever takes a newer file in gets it moved, not
doubled. One that is no longer to be is written as cancelled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vText

from ksf_agreements.domain.values import cited
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

_PRODUCT = "-//ksf-agreements//KSF//NO"
_MORNING = timedelta(hours=9)


# RFC 5545 3.1; a line break is written as one. U+FEFF is lost on the way.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")


class UncalendarError(KsfError):
    """A text has characters that a calendar file cannot carry."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """An all-day entry. `uid` never changes; `alarms` are days before it, each at nine in the morning."""

    uid: str
    sequence: int
    day: date
    title: str
    text: str
    category: str
    alarms: tuple[int, ...] = ()
    cancelled: bool = False


def calendar_file(entries: Sequence[Entry], name: str, language: str, at: datetime) -> bytes:
    """Return the file's bytes; ``name`` is what calendars show it as, ``at`` the instant it was made.

    Raises `UncalendarError` for a text with control characters, which such a file cannot carry.
    """
    for text in (name, *(text for entry in entries for text in (entry.title, entry.text))):
        if _CONTROL.search(text):
            raise UncalendarError(T("A calendar cannot carry this text: {text}", text=cited(text)))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(name))
    for entry in entries:
        calendar.add_component(_event(entry, language, at))
    data: bytes = calendar.to_ical()
    return data


def _event(entry: Entry, language: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", at)
    event.add("last-modified", at)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))  # RFC 5545 3.6.1: the day after the last
    event.add("summary", entry.title, parameters={"LANGUAGE": language})
    event.add("description", entry.text, parameters={"LANGUAGE": language})
    event.add("categories", [entry.category])
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PUBLIC")
    for days in () if entry.cancelled else entry.alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", _MORNING - timedelta(days=days))
        alarm.add("description", entry.title)
        event.add_component(alarm)
    return event
