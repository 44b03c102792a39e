"""Proves a register: recomputes the chain, what lies beside it and what is derived, and tells what was erased.

A finding is a `Problem`; what was erased by an event is told apart and is none. Whoever can write the file can make a
whole new chain: only a head that was written down elsewhere shows that, and that events at the end are gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ksf_agreements.domain.events import DataErased, Event
from ksf_agreements.domain.timeline import EVER
from ksf_agreements.errors import KsfError, Problem
from ksf_agreements.register import triggers
from ksf_agreements.register.chain import Head, StoredEvent, event_hash, genesis, is_canonical, person_digest, sha256
from ksf_agreements.register.connection import APPLICATION_ID, application_id, connect
from ksf_agreements.register.faults import DamagedRegisterError, NotARegisterError, is_damage, told
from ksf_agreements.register.migrate import is_current
from ksf_agreements.register.reader import EVENT_COLUMNS, Reader, parse_event
from ksf_agreements.register.transaction import Derive, obligation_rows, people_of, segment_rows
from ksf_agreements.text import T, Text

LIMIT: Final = 500
"""So many findings are told; the register of a whole country may have more in it than anybody reads."""

_SEGMENTS = "SELECT agreement, first_day, summary FROM segment WHERE agreement = ? ORDER BY first_day"
_OBLIGATIONS = (
    "SELECT date, agreement, place, code, party, payload FROM obligation WHERE agreement = ? ORDER BY place, date"
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An erasure: its event, when and why, and what was erased (ids of people, SHA-256 of files)."""

    event: int
    recorded_at: datetime
    reason: str
    people: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found: `findings` is empty where all is as it was written; the counts are of what was looked at."""

    findings: tuple[Problem, ...]
    erased: tuple[Tombstone, ...]
    head: Head
    events: int
    people: int
    files: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(path: Path, derive: Derive, derivation: int = 1, head: Head | None = None) -> Verification:
    """Look through the register at ``path``, which stays as it is; ``head`` is one that was written down before.

    `derive` and `derivation` are those of `Register.open`. Raises `NoRegisterError`, `NotARegisterError` or
    `RegisterLockedError` where there is nothing to look through; damage is a finding.
    """
    path = path.absolute()
    with told(path):
        try:
            with closing(connect(path)) as connection:
                connection.execute("PRAGMA query_only = ON")
                connection.text_factory = _text
                connection.execute("BEGIN")
                if application_id(connection) != APPLICATION_ID:
                    raise NotARegisterError(path)
                return _Inspection(connection, path).run(derive, derivation, head)
        except sqlite3.Error as fault:
            if not is_damage(fault):
                raise
            found = Problem("unreadable", _unreadable(fault), file=str(path))
            return Verification((found,), (), Head(0, ""), 0, 0, 0)


def _unreadable(fault: Exception) -> Text:
    return T("a part of the file cannot be read: {detail}", detail=str(fault))


def _text(data: bytes) -> str:
    """Decode what somebody may have changed; a byte that is no UTF-8 makes the hash differ, and no traceback."""
    return data.decode("utf-8", "surrogateescape")


class _Inspection:
    """One look through a register, collecting what it finds."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._reader = Reader(connection, path)
        self._findings: list[Problem] = []
        self._erased: list[Tombstone] = []
        self._kept_people: dict[str, object] = {}
        self._kept_files: dict[str, object] = {}
        self._erased_by: dict[str, int] = {}
        self._counts = {"event": 0, "personal": 0, "file": 0}
        self._head = Head(0, "")

    def run(self, derive: Derive, derivation: int, head: Head | None) -> Verification:
        """Look at everything; one part that cannot be read does not hide the others."""
        for part in (
            self._pages,
            self._schema,
            lambda: self._journal(head),
            self._people,
            self._files,
            lambda: self._derived(derive, derivation),
        ):
            with self._readable():
                part()
        findings = self._findings
        if len(findings) > LIMIT:
            more = T("there are {count} findings; these are the first", count=len(findings))
            findings = [*findings[:LIMIT], self._problem("more", more)]
        counts = self._counts
        return Verification(
            tuple(findings), tuple(self._erased), self._head, counts["event"], counts["personal"], counts["file"]
        )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, DamagedRegisterError) as fault:
            if isinstance(fault, sqlite3.Error) and not is_damage(fault):
                raise
            self._find("unreadable", _unreadable(fault))

    def _find(self, code: str, message: Text) -> None:
        self._findings.append(self._problem(code, message))

    def _problem(self, code: str, message: Text) -> Problem:
        return Problem(code, message, file=str(self._path))

    # The file

    def _pages(self) -> None:
        for (said,) in self._connection.execute("PRAGMA integrity_check(20)"):
            if said != "ok":
                self._find("pages", T("the file is damaged: {detail}", detail=str(said)))
        for row in self._connection.execute("PRAGMA foreign_key_check"):
            self._find("foreign-key", T("a row of '{table}' points at an event that is not there", table=str(row[0])))

    def _schema(self) -> None:
        try:
            if not is_current(self._connection, self._path):
                self._find("schema", T("an older version of ksf has written it; opening it brings it up to date"))
        except KsfError as fault:
            self._find("schema", fault.message)
        for name in triggers.changed(self._connection):
            self._find("trigger", T("the lock '{name}' is missing or changed", name=name))
        from ksf_agreements.register.shape import changed_tables  # SQLAlchemy is slow to import

        for name in changed_tables(self._connection):
            self._find("table", T("the table '{name}' is missing or changed", name=name))

    # The journal

    def _journal(self, head: Head | None) -> None:
        meta = dict(self._connection.execute("SELECT name, value FROM meta").fetchall())
        first = meta.get("genesis", "")
        if first != genesis(meta.get("register", "")) or len(meta) != 2:
            self._find("identity", T("the register's own name was changed"))
        last = self._head = Head(0, first)
        seen = head is None or (head.number == 0 and head.hash == first)
        for values in self._connection.execute(f"SELECT {EVENT_COLUMNS} FROM event ORDER BY number"):  # noqa: S608
            row = StoredEvent(*values)
            self._event(row, last)
            last = self._head = Head(row.number, row.hash)
            seen = seen or last == head
            self._counts["event"] += 1
        if head is not None and not seen:
            if head.number > last.number:
                text = T(
                    "the journal ends with event {last}, and once had event {number}",
                    last=last.number,
                    number=head.number,
                )
            else:
                text = T("event {number} is another than it was when its hash was written down", number=head.number)
            self._find("head", text)

    def _event(self, row: StoredEvent, last: Head) -> None:
        if row.number != last.number + 1:
            self._find("event-number", T("event {number} follows event {last}", number=row.number, last=last.number))
        if row.previous_hash != last.hash:
            self._find("event-chain", T("event {number} does not continue the chain", number=row.number))
        if not all(isinstance(value, str) for value in row[1:]):
            self._find("event-form", T("event {number} is not text", number=row.number))
            return
        try:
            whole = event_hash(row) == row.hash
        except UnicodeEncodeError:
            whole = False
        if not whole:
            self._find("event-hash", T("event {number} was changed", number=row.number))
        if not (is_canonical(row.payload) and is_canonical(row.kept)):
            self._find("event-form", T("event {number} is not written in the canonical form", number=row.number))
            return
        try:
            event = parse_event(row)
            self._keep(row)
        except (LookupError, ValueError, TypeError, AttributeError):
            self._find("event-unknown", T("event {number} cannot be read by this program", number=row.number))
            return
        self._references(event)

    def _keep(self, row: StoredEvent) -> None:
        if row.kept == "{}":
            return
        kept = _json(row.kept)
        self._kept_people.update(kept.get("people", {}))
        self._kept_files.update(kept.get("files", {}))

    def _references(self, event: Event) -> None:
        for ref in (event.actor, *people_of(event.payload)):
            if self._kept_people.get(ref.id) != ref.digest:
                self._find("person-unknown", T("event {number} names a person who was not kept", number=event.number))
        if isinstance(event.payload, DataErased):
            said = event.payload
            self._erased.append(Tombstone(event.number, event.recorded_at, said.reason, said.personal, said.files))
            for key in (*said.personal, *said.files):
                self._erased_by.setdefault(key, event.number)

    # Beside the chain

    def _people(self) -> None:
        rows = self._connection.execute("SELECT id, content, erased_by, salt FROM personal")

        def matches(key: str, content: object, salt: object) -> bool:
            return (
                isinstance(content, str)
                and isinstance(salt, str)
                and _quietly(lambda: person_digest(salt, content)) == self._kept_people.get(key)
            )

        self._beside("personal", rows, self._kept_people, matches)

    def _files(self) -> None:
        rows = self._connection.execute("SELECT sha256, content, erased_by, size, media_type FROM file")

        def matches(key: str, content: object, size: object, media_type: object) -> bool:
            if self._kept_files.get(key) != [size, media_type]:
                return False
            return content is None or (isinstance(content, bytes) and len(content) == size and sha256(content) == key)

        self._beside("file", rows, self._kept_files, matches)

    def _beside(
        self, table: str, rows: Iterable[tuple[object, ...]], kept: dict[str, object], matches: Callable[..., bool]
    ) -> None:
        """Hold the rows of a table against what the events say was kept and erased."""
        found: set[str] = set()
        for key, content, erased_by, *more in rows:
            name = str(key)
            found.add(name)
            self._counts[table] += 1
            if name not in kept:
                self._find(f"{table}-extra", T("'{name}' in '{table}' came with no event", name=name, table=table))
            elif self._erased_by.get(name) != erased_by or (content is None) != (name in self._erased_by):
                text = T("'{name}' in '{table}' and the events differ on its erasure", name=name, table=table)
                self._find(f"{table}-erased", text)
            elif not (content is None and table == "personal") and not matches(name, content, *more):
                self._find(f"{table}-changed", T("'{name}' in '{table}' was changed", name=name, table=table))
        for name in kept.keys() - found:
            self._find(f"{table}-missing", T("'{name}' in '{table}' is gone", name=name, table=table))

    # Derived

    def _derived(self, derive: Derive, derivation: int) -> None:
        if self._reader.derivation() != derivation:
            return  # opening the register makes them anew
        agreements = [
            row[0]
            for row in self._connection.execute(
                "SELECT agreement FROM event UNION SELECT agreement FROM segment UNION SELECT agreement FROM obligation"
            )
            if row[0] != ""
        ]
        for agreement in agreements:
            if not self._is_derived(agreement, derive):
                text = T("the overview of '{agreement}' is not what its events amount to", agreement=agreement)
                self._find("derived", text)

    def _is_derived(self, agreement: str, derive: Derive) -> bool:
        try:
            derived = derive(agreement, self._reader.events(agreement), EVER)
            wanted = sorted(segment_rows(agreement, derived)), obligation_rows(agreement, derived)
            segments = self._connection.execute(_SEGMENTS, (agreement,)).fetchall()
            obligations = self._connection.execute(_OBLIGATIONS, (agreement,)).fetchall()
            return (segments, obligations) == wanted
        except Exception:  # events that somebody changed may make a derivation fail in any way
            return False


def _json(text: str) -> dict[str, dict[str, object]]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _quietly(digest: Callable[[], str]) -> str:
    """Return a digest, '' where the text cannot be encoded."""
    try:
        return digest()
    except UnicodeEncodeError:
        return ""
