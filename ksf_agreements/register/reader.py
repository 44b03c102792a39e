"""What can be asked of a register: every answer comes from one snapshot of it, by an index.

SQL and the driver, without SQLAlchemy: importing it takes longer than answering.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from ksf_agreements.domain.events import PAYLOADS, Event, PersonalRef
from ksf_agreements.register.chain import Head, StoredEvent, person_digest, sha256
from ksf_agreements.register.faults import DamagedRegisterError, NewerRegisterError

EVENT_COLUMNS = ", ".join(StoredEvent._fields)

_OVERVIEW = """
WITH RECURSIVE agreements (agreement) AS (
    SELECT min(agreement) FROM segment
    UNION ALL
    SELECT (SELECT min(agreement) FROM segment WHERE agreement > agreements.agreement)
    FROM agreements WHERE agreements.agreement IS NOT NULL
)
SELECT agreements.agreement, (
    SELECT summary FROM segment
    WHERE segment.agreement = agreements.agreement AND first_day <= ? ORDER BY first_day DESC LIMIT 1
) AS summary
FROM agreements WHERE summary IS NOT NULL
"""


class Summary(NamedTuple):
    """An agreement and what its overview says on a day, as JSON."""

    agreement: str
    summary: str


class Obligation(NamedTuple):
    """What must be done: `date` is an ISO day, `payload` JSON; `place` is its number among the agreement's own."""

    date: str
    agreement: str
    place: int
    code: str
    party: str
    payload: str


class Reader:
    """Questions to one snapshot of the register; made by `Register.reading`, and good until that ends."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def head(self) -> Head:
        """Return the end of the chain; number 0 and the genesis hash where nothing has happened."""
        row = self._connection.execute("SELECT number, hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
        if row is not None:
            return Head(*row)
        return Head(0, self._meta("genesis"))

    def register_id(self) -> str:
        """Return the random name that the register was given when it was made."""
        return self._meta("register")

    def derivation(self) -> int:
        """Return the number of the way in which the derived rows were made; 0 after a migration."""
        value: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return value

    def _meta(self, name: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise DamagedRegisterError(self._path, name)
        return str(row[0])

    def agreements(self) -> tuple[str, ...]:
        """Return the ids of all agreements that have events, in order."""
        rows = self._connection.execute("SELECT DISTINCT agreement FROM event WHERE agreement <> '' ORDER BY agreement")
        return tuple(row[0] for row in rows)

    def events(self, agreement: str | None = None, after: int = 0, limit: int | None = None) -> tuple[Event, ...]:
        """Return events by number: all or of one agreement, those after a number, at most ``limit``.

        Erasures belong to the register and not to an agreement; theirs is ''.
        """
        return tuple(self.stream_events(agreement, after, limit))

    def stream_events(self, agreement: str | None = None, after: int = 0, limit: int | None = None) -> Iterator[Event]:
        """Yield what `events` returns, without holding all of a long journal at once."""
        condition, values = (
            ("number > ?", [after])
            if agreement is None
            else (
                "agreement = ? AND number > ?",
                [agreement, after],
            )
        )
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE {condition} ORDER BY number LIMIT ?"  # noqa: S608 (constants)
        for row in self._connection.execute(sql, (*values, -1 if limit is None else limit)):
            yield self._parsed(StoredEvent(*row))

    def events_of(self, kind: str, on: date) -> tuple[Event, ...]:
        """Return the events of one kind that happened on a day, of all agreements, by number."""
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE kind = ? AND occurred_on = ? ORDER BY number"  # noqa: S608 (constants)
        rows = self._connection.execute(sql, (kind, on.isoformat()))
        return tuple(self._parsed(StoredEvent(*row)) for row in rows)

    def rows(self, agreement: str) -> Iterator[StoredEvent]:
        """Yield the events of an agreement ('' the register's own) as they lie here, with their hashes, by number."""
        sql = f"SELECT {EVENT_COLUMNS} FROM event WHERE agreement = ? ORDER BY number"  # noqa: S608 (constants)
        for row in self._connection.execute(sql, (agreement,)):
            yield StoredEvent(*row)

    def event(self, number: int) -> Event | None:
        """Return one event by its number, or None where there is none."""
        return next(self.stream_events(after=number - 1, limit=1), None)

    def _parsed(self, row: StoredEvent) -> Event:
        try:
            return parse_event(row)
        except LookupError:
            raise NewerRegisterError(self._path) from None
        except (ValidationError, ValueError, TypeError) as fault:
            raise DamagedRegisterError(self._path, f"event {row.number}") from fault

    def overview(self, on: date) -> tuple[Summary, ...]:
        """Return every agreement that has begun by ``on``, with its summary of that day."""
        rows = self._connection.execute(_OVERVIEW, (on.isoformat(),))
        return tuple(Summary(*row) for row in rows)

    def due(
        self,
        first: date,
        last: date,
        limit: int | None = None,
        after: Obligation | None = None,
        agreement: str | None = None,
    ) -> tuple[Obligation, ...]:
        """Return obligations due from ``first`` through ``last`` by date; the next page goes on ``after`` the last."""
        conditions = ["date BETWEEN ? AND ?"]
        values: list[str | int] = [first.isoformat(), last.isoformat()]
        if after is not None:
            conditions.append("(date, agreement, place) > (?, ?, ?)")
            values += [after.date, after.agreement, after.place]
        if agreement is not None:
            conditions.append("agreement = ?")
            values.append(agreement)
        columns = ", ".join(Obligation._fields)
        sql = (
            f"SELECT {columns} FROM obligation WHERE {' AND '.join(conditions)} "  # noqa: S608 (constants)
            "ORDER BY date, agreement, place LIMIT ?"
        )
        rows = self._connection.execute(sql, (*values, -1 if limit is None else limit))
        return tuple(Obligation(*row) for row in rows)

    def overdue(self, on: date, codes: Collection[str], limit: int | None = None) -> tuple[Obligation, ...]:
        """Return obligations of the kinds ``codes`` that were due before ``on`` and still stand on it, by date."""
        columns, marks, day = ", ".join(Obligation._fields), ", ".join("?" * len(codes)), on.isoformat()
        sql = (
            f"SELECT {columns} FROM obligation WHERE date < ? AND code IN ({marks}) "  # noqa: S608 (constants)
            "AND json_extract(payload, '$.until') >= ? ORDER BY date, agreement, place LIMIT ?"
        )
        rows = self._connection.execute(sql, (day, *codes, day, -1 if limit is None else limit))
        return tuple(Obligation(*row) for row in rows)

    def person(self, ref: PersonalRef) -> Mapping[str, str] | None:
        """Return personal data, or None where it was erased. Raises `DamagedRegisterError` where it is not as kept."""
        sql = "SELECT salt, content FROM personal WHERE id = ?"
        row = self._connection.execute(sql, (ref.id,)).fetchone()
        if row is None:
            raise DamagedRegisterError(self._path, f"personal {ref.id}")
        salt, content = row
        if content is None:
            return None
        if person_digest(salt, content) != ref.digest:
            raise DamagedRegisterError(self._path, f"personal {ref.id}")
        found: dict[str, str] = json.loads(content)
        return found

    def salt(self, ref: PersonalRef) -> str | None:
        """Return the salt of a person's digest, or None where it was erased with the data."""
        row = self._connection.execute("SELECT salt FROM personal WHERE id = ?", (ref.id,)).fetchone()
        return str(row[0]) if row and row[0] is not None else None

    def people(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield all personal data that is not erased, by id: what `erase` looks through for a name."""
        for key, content in self._connection.execute(
            "SELECT id, content FROM personal WHERE content IS NOT NULL ORDER BY rowid"
        ):
            yield key, json.loads(content)

    def file(self, digest: str) -> bytes | None:
        """Return a file by its SHA-256, None where it is not here or erased. Raises `DamagedRegisterError`."""
        row = self._connection.execute("SELECT content FROM file WHERE sha256 = ?", (digest,)).fetchone()
        if row is None or row[0] is None:
            return None
        content = bytes(row[0])
        if sha256(content) != digest:
            raise DamagedRegisterError(self._path, f"file {digest}")
        return content

    def media_type(self, digest: str) -> str | None:
        """Return the media type that a file was kept with; None where it was never here."""
        row = self._connection.execute("SELECT media_type FROM file WHERE sha256 = ?", (digest,)).fetchone()
        return str(row[0]) if row else None

    def erased(self, key: str) -> int | None:
        """Return the number of the event that erased a person or file; None where it was not erased."""
        row = self._connection.execute(
            "SELECT erased_by FROM personal WHERE id = ? UNION ALL SELECT erased_by FROM file WHERE sha256 = ?",
            (key, key),
        ).fetchone()
        return row[0] if row else None


def parse_event(row: StoredEvent) -> Event:
    """Return the domain's event of a row. Raises `LookupError` for a kind that is not known here, or `ValueError`."""
    return Event(
        number=row.number,
        agreement=row.agreement,
        payload=PAYLOADS[row.kind].model_validate_json(row.payload),
        actor=PersonalRef(id=row.actor_id, digest=row.actor_digest),
        recorded_at=datetime.fromisoformat(row.recorded_at),
        occurred_on=date.fromisoformat(row.occurred_on),
    )
