"""Brings a register to the schema of this program: all revisions in one transaction, with a backup before.

Batch mode copies tables, which drops their triggers without a word and, with foreign keys on, would delete child
rows. So every migration runs with foreign keys off and without triggers, puts all triggers back, checks the foreign
keys and that the chain ends as it did, and only then commits. One that fails leaves the register as it was.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ksf_agreements.register import triggers
from ksf_agreements.register.chain import Head, genesis
from ksf_agreements.register.connection import APPLICATION_ID, begin_immediate, connect
from ksf_agreements.register.copying import copy_to, free_name
from ksf_agreements.register.faults import DamagedRegisterError, NewerRegisterError

_FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migrations:
    """The revisions a program knows, oldest first, and the folders of their modules."""

    revisions: tuple[str, ...]
    folders: tuple[Path, ...]

    @property
    def newest(self) -> str:
        """The revision that the program works with."""
        return self.revisions[-1]


BUILT_IN: Final = Migrations(("0001",), (_FOLDER / "versions",))


def revision(connection: sqlite3.Connection) -> str | None:
    """Return the revision of a register, None where it has no schema yet."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if found else None
    return str(row[0]) if row else None


def is_current(connection: sqlite3.Connection, path: Path, migrations: Migrations = BUILT_IN) -> bool:
    """Whether the register has this program's schema. Raises `NewerRegisterError` where it is unknown here."""
    found = revision(connection)
    if found is not None and found not in migrations.revisions:
        raise NewerRegisterError(path)
    return found == migrations.newest


def upgrade(path: Path, now: datetime, migrations: Migrations = BUILT_IN) -> Path | None:
    """Bring the register at ``path`` to the newest schema; return the backup that was made before, if any.

    A new register is made whole; an older one is copied to ``NAME.backup-REVISION-TIME`` first. Derived rows count as
    stale afterwards. Raises `NewerRegisterError`, `DamagedRegisterError` (nothing changed), or what a revision raises.
    """
    connection = connect(path)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")  # without effect inside a transaction
        begin_immediate(connection)
        try:
            if is_current(connection, path, migrations):  # somebody else did it while we waited
                return None
            backup = _backup(path, revision(connection), now)
            _apply(connection, path, migrations)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    finally:
        connection.close()
    return backup


def _backup(path: Path, old: str | None, now: datetime) -> Path | None:
    """Copy an older register aside; the caller's lock keeps writers away, and reading goes on beside it."""
    if old is None:
        return None
    target = free_name(path.with_name(f"{path.name}.backup-{old}-{now:%Y%m%dT%H%M%SZ}"))
    source = connect(path)
    try:
        copy_to(source, target)
    finally:
        source.close()
    return target


def _apply(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> None:
    is_new = revision(connection) is None
    before = None if is_new else _head(connection)
    triggers.drop(connection)
    _run_alembic(connection, migrations)
    if is_new:
        register_id = secrets.token_hex(16)
        facts = [("register", register_id), ("genesis", genesis(register_id))]
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", facts)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    triggers.create(connection)
    connection.execute("PRAGMA user_version = 0")
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise DamagedRegisterError(path, f"foreign key of {orphan[0]}")
    if before is not None and _head(connection) != before:
        raise DamagedRegisterError(path, "event")


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT number, hash FROM event ORDER BY number DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head(0, "")


def _run_alembic(connection: sqlite3.Connection, migrations: Migrations) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", _escaped(str(_FOLDER)))
    config.set_main_option("version_locations", _escaped(os.pathsep.join(map(str, migrations.folders))))
    with _for_alembic(connection) as wrapped:
        config.attributes["connection"] = wrapped
        command.upgrade(config, migrations.newest)


def _escaped(option: str) -> str:
    return option.replace("%", "%%")  # ConfigParser reads % as a place


@contextmanager
def _for_alembic(connection: sqlite3.Connection) -> Iterator[object]:
    """Give SQLAlchemy's view of a connection whose transaction stays ours.

    SQLAlchemy thinks that it is in a transaction (so Alembic begins none), and whatever it does at the end must not
    end ours: the wrapped connection has no commit, rollback or close of its own.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: _Borrowed(connection), poolclass=StaticPool)
    with engine.connect() as wrapped:
        wrapped.begin()
        yield wrapped
    engine.dispose()


class _Borrowed:
    """A connection that SQLAlchemy may use and not end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Leave the transaction open."""

    def rollback(self) -> None:
        """Leave the transaction open; whoever began it rolls back."""

    def close(self) -> None:
        """Leave the connection open."""
