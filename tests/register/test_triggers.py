"""The journal is append-only on every connection, also on one that has set no pragma."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksf_agreements.domain.events import DataErased
from ksf_agreements.register import triggers
from ksf_agreements.register.connection import connect
from ksf_agreements.register.verify import verify
from tests.register.sample import Filled, derive

EVENT = "number, agreement, kind, payload, kept, actor_id, actor_digest, recorded_at, occurred_on, previous_hash, hash"


def of_event(number: str, hash_: str = "hash", previous: str = "previous_hash") -> str:
    """The values of an event made of event 2, with another number or another hash before it."""
    return (
        f"SELECT {number}, agreement, kind, payload, kept, actor_id, actor_digest, recorded_at, occurred_on, "  # noqa: S608
        f"{previous}, {hash_} FROM event WHERE number = 2"
    )


LAST_HASH = "(SELECT hash FROM event ORDER BY number DESC LIMIT 1)"
NEXT = "(SELECT max(number) + 1 FROM event)"

FORBIDDEN = {
    "update": "UPDATE event SET payload = '{}' WHERE number = 2",
    "update nothing": "UPDATE event SET payload = payload",
    "update a hash": "UPDATE event SET hash = 'x' WHERE number = 7",
    "update or replace": "UPDATE OR REPLACE event SET number = 1 WHERE number = 2",
    "update or ignore": "UPDATE OR IGNORE event SET kind = 'x'",
    "delete": "DELETE FROM event WHERE number = 2",
    "delete the last": "DELETE FROM event WHERE number = (SELECT max(number) FROM event)",
    "delete all": "DELETE FROM event",
    "replace": f"INSERT OR REPLACE INTO event ({EVENT}) {of_event('2')}",
    "replace, chained on": f"REPLACE INTO event ({EVENT}) {of_event('2', previous=LAST_HASH)}",
    "upsert": f"INSERT INTO event ({EVENT}) {of_event('2')} ON CONFLICT (number) DO UPDATE SET kind = 'x'",
    "a gap": f"INSERT INTO event ({EVENT}) {of_event(f'{NEXT} + 1', previous=LAST_HASH)}",
    "no number": f"INSERT INTO event ({EVENT}) {of_event('NULL', previous=LAST_HASH)}",
    "number 0": f"INSERT INTO event ({EVENT}) {of_event('0', previous=LAST_HASH)}",
    "another chain": f"INSERT INTO event ({EVENT}) {of_event(NEXT)}",
    "ignore": f"INSERT OR IGNORE INTO event ({EVENT}) {of_event(NEXT)}",
    "change a person": "UPDATE personal SET content = '{}' WHERE content IS NOT NULL",
    "change a salt": "UPDATE personal SET salt = 'x' WHERE content IS NOT NULL",
    "erase a person without an event": "UPDATE personal SET content = NULL, salt = NULL, erased_by = 7",
    "erase a person by the wrong event": "UPDATE personal SET content = NULL, salt = NULL, erased_by = 6",
    "bring a person back": "UPDATE personal SET content = '{}', salt = '', erased_by = NULL WHERE content IS NULL",
    "delete a person": "DELETE FROM personal",
    "replace a person": "INSERT OR REPLACE INTO personal SELECT id, 'salt', '{}', NULL FROM personal",
    "replace a person by rowid": (
        "INSERT OR REPLACE INTO personal (rowid, id, salt, content) SELECT rowid, id || 'x', 'salt', '{}' FROM personal"
    ),
    "a person who is erased already": "INSERT INTO personal VALUES ('new', NULL, NULL, 6)",
    "change a file": "UPDATE file SET content = x'00' WHERE content IS NOT NULL",
    "change a file's type": "UPDATE file SET media_type = 'text/html'",
    "erase a file without an event": "UPDATE file SET content = NULL, erased_by = 6 WHERE content IS NOT NULL",
    "delete a file": "DELETE FROM file",
    "replace a file": "INSERT OR REPLACE INTO file SELECT sha256, 1, 'x', x'00', NULL FROM file",
    "replace a file by rowid": (
        "INSERT OR REPLACE INTO file (rowid, sha256, size, media_type, content) "
        "SELECT rowid, 'x', 1, 'x', x'00' FROM file"
    ),
    "another register": "UPDATE meta SET value = 'x'",
    "replace the register's name": "INSERT OR REPLACE INTO meta VALUES ('genesis', 'x')",
    "no register": "DELETE FROM meta",
}


@pytest.fixture(params=["our connection", "a connection without pragmas"])
def connection(path: Path, filled: Filled, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    assert filled
    found = connect(path) if request.param == "our connection" else sqlite3.connect(path, isolation_level=None)
    yield found
    found.close()


@pytest.mark.parametrize("name", FORBIDDEN)
def test_history_cannot_be_changed(connection: sqlite3.Connection, path: Path, name: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(FORBIDDEN[name])
    assert verify(path, derive).is_whole


def test_an_event_that_follows_is_taken(connection: sqlite3.Connection) -> None:
    connection.execute(f"INSERT INTO event ({EVENT}) {of_event(NEXT, previous=LAST_HASH)}")


@pytest.mark.usefixtures("filled")
def test_without_the_own_trigger_replace_deletes_an_event_where_the_pragma_is_not_set(path: Path) -> None:
    """Why the refusal is in a BEFORE INSERT trigger: recursive_triggers alone protects only our own connections."""
    for make, refused in ((connect, True), (lambda path: sqlite3.connect(path, isolation_level=None), False)):
        connection = make(path)
        connection.execute("BEGIN")
        connection.execute("DROP TRIGGER event_continues")
        if refused:
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(FORBIDDEN["replace"])
        else:
            connection.execute(FORBIDDEN["replace"])
        connection.execute("ROLLBACK")
        connection.close()


def test_an_event_has_no_unique_column_that_replace_could_go_by(connection: sqlite3.Connection) -> None:
    indexes = connection.execute("PRAGMA index_list(event)").fetchall()
    assert [(name, bool(unique)) for _, name, unique, *_ in indexes] == [("event_agreement", False)]


def test_the_erasing_kind_is_the_domains() -> None:
    assert f"'{DataErased.KIND}'" in triggers.TRIGGERS["file_is_erased"]


def test_missing_changed_and_strange_triggers_are_seen(connection: sqlite3.Connection) -> None:
    assert triggers.changed(connection) == ()
    connection.execute("DROP TRIGGER event_stays")
    connection.execute("DROP TRIGGER meta_stays")
    connection.execute("CREATE TRIGGER meta_stays BEFORE UPDATE ON meta BEGIN SELECT 1; END")
    connection.execute("CREATE TRIGGER strange AFTER INSERT ON event BEGIN SELECT 1; END")
    assert triggers.changed(connection) == ("event_stays", "meta_stays", "strange")
    triggers.drop(connection)
    triggers.create(connection)
    assert triggers.changed(connection) == ()
