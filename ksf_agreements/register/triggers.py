"""The triggers that make the journal append-only: their names and exact texts, put there and compared.

They refuse in BEFORE triggers, which run ahead of the conflict handling of INSERT OR REPLACE: REPLACE is refused also
on a connection that has not set `recursive_triggers` (there it would delete without firing a DELETE trigger).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType


def _refuse(name: str, when: str, sentence: str, condition: str = "") -> tuple[str, str]:
    clause = f" WHEN {condition}" if condition else ""
    return name, f"CREATE TRIGGER {name} {when}{clause} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"


def _known(table: str, key: str) -> str:
    """Return when an insert into ``table`` is refused; a taken rowid counts too, since REPLACE would delete its row."""
    taken = f"SELECT 1 FROM {table} WHERE {key} = NEW.{key} OR rowid = NEW.rowid"  # noqa: S608 (constants)
    return f"NEW.content IS NULL OR EXISTS ({taken})"


def _erasure(key: str, kept: tuple[str, ...] = ()) -> str:
    """Return when an update is NOT an erasure: content goes, by an event that names the row."""
    same = "".join(f" AND NEW.{column} IS OLD.{column}" for column in (key, *kept))
    named = f"kind = 'register:data:erased' AND instr(payload, '\"' || OLD.{key} || '\"')"
    by = f"EXISTS (SELECT 1 FROM event WHERE number = NEW.erased_by AND {named})"  # noqa: S608 (constants)
    return f"NOT (OLD.content IS NOT NULL AND NEW.content IS NULL{same} AND {by})"


TRIGGERS: Mapping[str, str] = MappingProxyType(
    dict(
        (
            _refuse(
                "event_continues",
                "BEFORE INSERT ON event",
                "an event must follow the last one",
                "NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM event) OR NEW.previous_hash IS NOT "
                "coalesce((SELECT hash FROM event ORDER BY number DESC LIMIT 1), "
                "(SELECT value FROM meta WHERE name = 'genesis'))",
            ),
            _refuse("event_stays", "BEFORE UPDATE ON event", "events are never changed"),
            _refuse("event_remains", "BEFORE DELETE ON event", "events are never deleted"),
            _refuse(
                "personal_is_new",
                "BEFORE INSERT ON personal",
                "personal data is kept once",
                _known("personal", "id"),
            ),
            _refuse(
                "personal_is_erased",
                "BEFORE UPDATE ON personal",
                "personal data is only erased",
                _erasure("id"),
            ),
            _refuse("personal_remains", "BEFORE DELETE ON personal", "erased data leaves a tombstone"),
            _refuse(
                "file_is_new",
                "BEFORE INSERT ON file",
                "a file is kept once",
                _known("file", "sha256"),
            ),
            _refuse(
                "file_is_erased",
                "BEFORE UPDATE ON file",
                "files are only erased",
                _erasure("sha256", ("size", "media_type")),
            ),
            _refuse("file_remains", "BEFORE DELETE ON file", "an erased file leaves a tombstone"),
            _refuse(
                "meta_is_new",
                "BEFORE INSERT ON meta",
                "the register stays the same",
                "EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)",
            ),
            _refuse("meta_stays", "BEFORE UPDATE ON meta", "the register stays the same"),
            _refuse("meta_remains", "BEFORE DELETE ON meta", "the register stays the same"),
        )
    )
)


def changed(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the triggers that are missing, different, or not the register's own."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found: dict[str, str] = dict(rows.fetchall())
    return tuple(sorted(name for name in {*found, *TRIGGERS} if found.get(name) != TRIGGERS.get(name)))


def drop(connection: sqlite3.Connection) -> None:
    """Remove every trigger: inside the transaction of a migration or a restoring only."""
    for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'trigger'").fetchall():
        quoted = str(name).replace('"', '""')
        connection.execute(f'DROP TRIGGER main."{quoted}"')


def create(connection: sqlite3.Connection) -> None:
    """Put every trigger in place."""
    for sql in TRIGGERS.values():
        connection.execute(sql)
