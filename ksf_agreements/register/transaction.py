"""One change of the register: events, what lies beside them, and the derived rows, all or nothing."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from ksf_agreements.domain.events import DataErased, Event, Payload, PersonalRef
from ksf_agreements.domain.timeline import EVER, Derived, Since, changed_since
from ksf_agreements.errors import UsageError
from ksf_agreements.register.chain import Head, StoredEvent, canonical, event_hash, person_digest, person_text, sha256
from ksf_agreements.register.reader import EVENT_COLUMNS, Reader, parse_event
from ksf_agreements.text import T

Derive: TypeAlias = "Callable[[str, tuple[Event, ...], Since], Derived]"
Clock: TypeAlias = Callable[[], datetime]

FILE_LIMIT: Final = 256 * 1024 * 1024
"""Bytes that one kept file may have; SQLite's own limit is 1,000,000,000."""

REGISTER: Final = ""
"""The agreement of events that concern the register itself (erasures)."""

_INSERT_EVENT = f"INSERT INTO event ({EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 (constant)
_INSERT_PERSON = "INSERT INTO personal (id, salt, content) VALUES (?, ?, ?)"
_INSERT_FILE = "INSERT INTO file (sha256, size, media_type, content) VALUES (?, ?, ?, ?)"
_KEY = re.compile(r'"([0-9a-f]{32}|[0-9a-f]{64})"')


class FileTooLargeError(UsageError):
    """A file is larger than the register takes."""

    def __init__(self, size: int) -> None:
        super().__init__(
            T(
                "The file has {size} MB; the register takes at most {limit} MB.",
                size=size // 1024**2,
                limit=FILE_LIMIT // 1024**2,
            )
        )


class ErasedFileError(UsageError):
    """The very same file was erased before; it does not come back by an upload."""

    def __init__(self, event: int) -> None:
        super().__init__(T("This very file was erased from the register by event {event}.", event=event))


class NotKeptError(UsageError):
    """Something to be erased is not in the register."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(T("The register has no person or file {keys}.", keys=keys))


class _Person(NamedTuple):
    salt: str
    content: str
    digest: str


class _File(NamedTuple):
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended: everything but what the register gives it."""

    agreement: str
    payload: Payload
    occurred_on: date


class Transaction(Reader):
    """Reads and writes within one transaction; made by `Register.writing`, which commits at the end.

    People and files wait until an event names them, and come in with it; its hash covers them. What no event names
    (since the command was a repetition, say) never enters the register.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, now: Clock, derive: Derive) -> None:
        super().__init__(connection, path)
        self._now = now
        self._derive = derive
        self._last: Head | None = None
        self._known: dict[str, list[Event]] = {}
        self._touched: dict[str, date] = {}  # and the first day that is another
        self._waiting_people: dict[str, _Person] = {}
        self._waiting_files: dict[str, _File] = {}
        self._entering_people: list[tuple[str, str, str]] = []
        self._entering_files: list[tuple[str, int, str, bytes]] = []

    # Reading: with what the transaction has done so far.

    def head(self) -> Head:
        """Return the end of the chain."""
        if self._last is None:
            self._last = super().head()
        return self._last

    def events(self, agreement: str | None = None, after: int = 0, limit: int | None = None) -> tuple[Event, ...]:
        """Return events as `Reader.events` does; an agreement that was asked for once is not read again."""
        if agreement is None or after or limit is not None:
            return super().events(agreement, after, limit)
        if agreement not in self._known:
            self._known[agreement] = list(super().events(agreement))
        return tuple(self._known[agreement])

    # Appending

    def append(self, agreement: str, payload: Payload, actor: PersonalRef, occurred_on: date) -> Event:
        """Append one event and return it. Raises `ValueError` for a reference to a person who is not kept."""
        return self.append_many((NewEvent(agreement, payload, occurred_on),), actor)[0]

    def append_many(self, news: Iterable[NewEvent], actor: PersonalRef) -> tuple[Event, ...]:
        """Append events in their order, all at the same instant: thousands in one statement.

        Each is read back from its stored form, so that nothing is stored that cannot be read again.
        """
        news = tuple(news)
        self._check_people(news, actor)
        for agreement in {new.agreement: None for new in news}:
            self._look_up(agreement)
        rows = tuple(self._rows(news, actor, self._instant()))
        events = tuple(map(parse_event, rows))
        for new, event in zip(news, events, strict=True):
            if event.payload != new.payload:
                raise ValueError(f"{event.kind} is not read back as it was written")
            day = changed_since(event)
            self._touched[event.agreement] = min(day, self._touched.get(event.agreement, day))
            if event.agreement in self._known:
                self._known[event.agreement].append(event)
        self._connection.executemany(_INSERT_PERSON, self._entering_people)
        self._connection.executemany(_INSERT_FILE, self._entering_files)
        self._entering_people, self._entering_files = [], []
        self._connection.executemany(_INSERT_EVENT, rows)
        if rows:
            self._last = Head(rows[-1].number, rows[-1].hash)
        return events

    def _rows(self, news: Iterable[NewEvent], actor: PersonalRef, recorded_at: str) -> Iterator[StoredEvent]:
        number, previous = self.head()
        for new in news:
            number += 1
            payload = canonical(new.payload.model_dump(mode="json", warnings="error"))
            row = StoredEvent(
                number,
                new.agreement,
                new.payload.KIND,
                payload,
                self._kept_with(payload, actor),
                actor.id,
                actor.digest,
                recorded_at,
                _day(new.occurred_on),
                previous,
                "",
            )
            previous = event_hash(row)
            yield row._replace(hash=previous)

    def _kept_with(self, payload: str, actor: PersonalRef) -> str:
        """Let in whom and what an event names of those that wait; return their canonical JSON."""
        if not self._waiting_people and not self._waiting_files:
            return "{}"
        named = dict.fromkeys((actor.id, *_KEY.findall(payload)))
        people = {key: self._waiting_people.pop(key) for key in named if key in self._waiting_people}
        files = {key: self._waiting_files.pop(key) for key in named if key in self._waiting_files}
        self._entering_people += [(key, *person[:2]) for key, person in people.items()]
        self._entering_files += [(key, len(data), media_type, data) for key, (data, media_type) in files.items()]
        kept = {
            "people": {key: person.digest for key, person in people.items()},
            "files": {key: [len(file.data), file.media_type] for key, file in files.items()},
        }
        return canonical({name: those for name, those in kept.items() if those})

    def _look_up(self, agreement: str) -> None:
        """Know at once that an agreement is new, so that its events are not read back."""
        if agreement not in self._touched and agreement not in self._known:
            found = self._connection.execute("SELECT 1 FROM event WHERE agreement = ? LIMIT 1", (agreement,))
            if found.fetchone() is None:
                self._known[agreement] = []

    def _check_people(self, news: tuple[NewEvent, ...], actor: PersonalRef) -> None:
        wanted = {actor.id: None} | {ref.id: None for new in news for ref in people_of(new.payload)}
        for key in wanted:
            known = (
                key in self._waiting_people
                or self._connection.execute("SELECT 1 FROM personal WHERE id = ?", (key,)).fetchone()
            )
            if not known:
                raise ValueError(f"nobody is kept as {key}")

    def _instant(self) -> str:
        now = self._now()
        if now.tzinfo is None:
            raise ValueError("the clock must know its time zone")
        return now.astimezone(UTC).isoformat(timespec="microseconds")

    # What lies beside the chain

    def keep_person(self, content: Mapping[str, str]) -> PersonalRef:
        """Let personal data in with the next event that names it; return what the event points at it with."""
        chance, text = secrets.token_hex(32), person_text(content)
        key, salt = chance[:32], chance[32:]
        person = _Person(salt, text, person_digest(salt, text))
        self._waiting_people[key] = person
        return PersonalRef(id=key, digest=person.digest)

    def keep_file(self, data: bytes, media_type: str) -> str:
        """Let a file in with the next event that names it; return its SHA-256. The same file is kept once.

        Raises `FileTooLargeError`, or `ErasedFileError` where this very file was erased.
        """
        if len(data) > FILE_LIMIT:
            raise FileTooLargeError(len(data))
        digest = sha256(data)
        row = self._connection.execute("SELECT erased_by FROM file WHERE sha256 = ?", (digest,)).fetchone()
        if row is None:
            self._waiting_files.setdefault(digest, _File(data, media_type))
        elif row[0] is not None:
            raise ErasedFileError(row[0])
        return digest

    def person(self, ref: PersonalRef) -> Mapping[str, str] | None:
        """Return personal data as `Reader.person` does, also of who waits."""
        waiting = self._waiting_people.get(ref.id)
        return json.loads(waiting.content) if waiting else super().person(ref)

    def file(self, digest: str) -> bytes | None:
        """Return a file as `Reader.file` does, also one that waits."""
        waiting = self._waiting_files.get(digest)
        return waiting.data if waiting else super().file(digest)

    def erase(
        self, persons: Collection[str], files: Collection[str], reason: str, actor: PersonalRef, occurred_on: date
    ) -> Event | None:
        """Remove the content of people (by id) and files (by SHA-256), and append the event that tells of it.

        What was erased before is left out; None where nothing is left to erase. Raises `NotKeptError`.
        """
        people = self._standing("personal", "id", persons)
        gone = self._standing("file", "sha256", files)
        if not people and not gone:
            return None
        event = self.append(REGISTER, DataErased(personal=people, files=gone, reason=reason), actor, occurred_on)
        self._connection.executemany(
            "UPDATE personal SET salt = NULL, content = NULL, erased_by = ? WHERE id = ?",
            [(event.number, key) for key in people],
        )
        self._connection.executemany(
            "UPDATE file SET content = NULL, erased_by = ? WHERE sha256 = ?", [(event.number, key) for key in gone]
        )
        return event

    def _standing(self, table: str, column: str, keys: Collection[str]) -> tuple[str, ...]:
        """Return those of ``keys`` that are not erased yet."""
        sql = f"SELECT erased_by FROM {table} WHERE {column} = ?"  # noqa: S608 (constants)
        found = {key: self._connection.execute(sql, (key,)).fetchone() for key in keys}
        unknown = tuple(key for key, row in found.items() if row is None)
        if unknown:
            raise NotKeptError(unknown)
        return tuple(key for key, row in found.items() if row[0] is None)

    # The end

    def finish(self) -> None:
        """Derive anew what the touched agreements' events amount to, from the first day that is another."""
        for agreement, day in self._touched.items():
            if agreement != REGISTER:
                self.derive(agreement, self._since(agreement, day))

    def _since(self, agreement: str, day: date) -> Since:
        sql = "SELECT summary FROM segment WHERE agreement = ? AND first_day < ? ORDER BY first_day DESC LIMIT 1"
        found = self._connection.execute(sql, (agreement, day.isoformat())).fetchone()
        return Since(day, found[0] if found else "")

    def derive_all(self, derivation: int) -> None:
        """Replace the derived rows of all agreements, and note the way (`Register.open`) in which they were made."""
        self._connection.execute("DELETE FROM segment")
        self._connection.execute("DELETE FROM obligation")
        for agreement in self.agreements():
            self.derive(agreement)
            self._known.pop(agreement)  # a whole register need not fit in memory
        self._connection.execute(f"PRAGMA user_version = {derivation:d}")

    def derive(self, agreement: str, since: Since = EVER) -> None:
        """Replace the derived rows of an agreement; its segments before a day stand."""
        derived = self._derive(agreement, self.events(agreement), since)
        first = since.day.isoformat()
        self._connection.execute("DELETE FROM segment WHERE agreement = ? AND first_day >= ?", (agreement, first))
        self._connection.execute("DELETE FROM obligation WHERE agreement = ?", (agreement,))
        self._connection.executemany("INSERT INTO segment VALUES (?, ?, ?)", segment_rows(agreement, derived))
        self._connection.executemany(
            "INSERT INTO obligation VALUES (?, ?, ?, ?, ?, ?)", obligation_rows(agreement, derived)
        )


def segment_rows(agreement: str, derived: Derived) -> list[tuple[str, str, str]]:
    """Return the segments of an agreement as rows."""
    return [(agreement, day.isoformat(), summary) for day, summary in derived.segments]


def obligation_rows(agreement: str, derived: Derived) -> list[tuple[str, str, int, str, str, str]]:
    """Return the obligations of an agreement as rows."""
    return [
        (day.isoformat(), agreement, place, code, party, payload)
        for place, (day, code, party, payload) in enumerate(derived.obligations)
    ]


def people_of(payload: Payload) -> Iterator[PersonalRef]:
    """Yield every reference to a person in a payload: a field of it, or one of several in a field."""
    for value in payload.__dict__.values():
        if isinstance(value, PersonalRef):
            yield value
        elif isinstance(value, tuple):
            yield from (inner for inner in value if isinstance(inner, PersonalRef))


def _day(day: date) -> str:
    if isinstance(day, datetime):
        raise TypeError("an event occurs on a day, not at an instant")
    return day.isoformat()
