"""The register: one SQLite file, opened and looked over, read in snapshots and written in transactions.

Nothing that was acknowledged is lost: `writing` returns after the commit is on the disk (DELETE journal, synchronous
EXTRA), and everything of a change is in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ksf_agreements.register import triggers
from ksf_agreements.register.connection import (
    APPLICATION_ID,
    BUSY_SECONDS,
    Link,
    application_id,
    begin_immediate,
    connect,
    identity,
    is_empty,
    make_private,
)
from ksf_agreements.register.faults import (
    DamagedRegisterError,
    NoRegisterError,
    NotARegisterError,
    RegisterLockedError,
    told,
)
from ksf_agreements.register.migrate import BUILT_IN, Migrations, is_current, upgrade
from ksf_agreements.register.reader import Reader
from ksf_agreements.register.transaction import Clock, Derive, Transaction

if TYPE_CHECKING:
    from sqlmodel import Session

__all__ = ["Reader", "Register", "Transaction"]

_TRIES = 5


class Register:
    """An open register. Made by `open`; may be used by several threads, each `reading` or `writing` by itself.

    `migrated_from` is the backup that was made because the register had an older schema, else None.
    """

    def __init__(
        self,
        path: Path,
        now: Clock,
        derive: Derive,
        derivation: int,
        migrations: Migrations,
        busy_seconds: float,
    ) -> None:
        self.path = path
        self.migrated_from: Path | None = None
        self._now = now
        self._derive = derive
        self._derivation = derivation
        self._migrations = migrations
        self._busy_seconds = busy_seconds
        self._idle: list[Link] = []

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now: Clock,
        derive: Derive,
        derivation: int = 1,
        create: bool = True,
        migrations: Migrations = BUILT_IN,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Self:
        """Open the register at ``path``; make it where there is none and ``create`` says so.

        `now` gives aware instants; `derive` makes the derived rows of an agreement from its events, and `derivation`
        is the number of its way of doing so: where it differs from the register's, all are made anew. An older schema
        is brought up to date, after a backup beside the file. Raises the errors of `register.faults`.
        """
        register = cls(path.absolute(), now, derive, derivation, migrations, busy_seconds)
        with told(register.path):
            register._prepare(create=create)
        return register

    def _prepare(self, *, create: bool) -> None:
        if create and not self.path.exists():
            make_private(self.path)
        connection = connect(self.path, busy_seconds=self._busy_seconds)
        try:
            if is_empty(connection):
                if not create:
                    raise NoRegisterError(self.path)
                current = False
            else:
                if application_id(connection) != APPLICATION_ID:
                    raise NotARegisterError(self.path)
                current = is_current(connection, self.path, self._migrations)
        finally:
            connection.close()
        if not current:
            self.migrated_from = upgrade(self.path, self._now(), self._migrations)
        with self.reading() as reader:
            stale = reader.derivation() != self._derivation
        if stale:
            self.derive_all()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a `Reader` of the register as it is now; it sees nothing of what is written meanwhile.

        Keep it short: a writer's commit waits for readers.
        """
        with told(self.path):
            link = self._begin("BEGIN")
            try:
                yield Reader(link.connection, self.path)
            finally:
                self._end(link)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a `Transaction`; leaving without an exception commits it, and then it is on the disk.

        Writers go one after another, so what was read here is still true when it commits. Raises `RegisterLockedError`
        and its like with nothing written.
        """
        with told(self.path):
            link = self._begin("BEGIN IMMEDIATE")
            try:
                transaction = Transaction(link.connection, self.path, self._now, self._derive)
                yield transaction
                transaction.finish()
                link.connection.execute("COMMIT")
            finally:
                self._end(link)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give an SQLModel session over one snapshot, for questions that `Reader` does not answer; it cannot write."""
        from sqlalchemy import create_engine
        from sqlalchemy.pool import StaticPool
        from sqlmodel import Session

        with told(self.path):
            connection = connect(self.path, busy_seconds=self._busy_seconds)
            connection.execute("PRAGMA query_only = ON")
            engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
            try:
                connection.execute("BEGIN")
                with Session(engine) as session:
                    yield session
            finally:
                engine.dispose()
                connection.close()

    def derive_all(self) -> None:
        """Make every derived row anew, in one transaction."""
        with self.writing() as transaction:
            transaction.derive_all(self._derivation)

    def close(self) -> None:
        """Close what is open; the register can be used again."""
        while self._idle:
            self._idle.pop().connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, statement: str) -> Link:
        """Return a connection in a transaction, to the file that is at the path now and to a schema that was seen.

        Somebody may have moved the file, a migration or `restore` may have changed what is in it: the look comes after
        the lock.
        """
        for _ in range(_TRIES):
            link = self._link()
            try:
                if statement == "BEGIN":
                    link.connection.execute(statement)
                else:
                    begin_immediate(link.connection, self._busy_seconds)
                if self._is_sound(link):
                    return link
            except BaseException:
                link.connection.close()
                raise
            link.connection.close()
        raise RegisterLockedError(self.path)

    def _link(self) -> Link:
        """Return a connection that waits for use, or a new one.

        One to a file that was moved away is left before it takes a lock: it would take the journal of whoever writes
        to the file that is there now for its own.
        """
        file = identity(self.path)
        while self._idle:
            try:
                link = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if link.identity == file:
                return link
            link.connection.close()
        return Link(connect(self.path, busy_seconds=self._busy_seconds), file)

    def _is_sound(self, link: Link) -> bool:
        """Whether the connection is to the file at the path. Raises where its schema is not the one it should be."""
        schema: int = link.connection.execute("PRAGMA schema_version").fetchone()[0]  # takes the snapshot, too
        if identity(self.path) != link.identity:
            return False
        if schema != link.schema:
            self._look_over(link.connection)
            link.schema = schema
        return True

    def _look_over(self, connection: sqlite3.Connection) -> None:
        if application_id(connection) != APPLICATION_ID:
            raise NotARegisterError(self.path)
        if not is_current(connection, self.path, self._migrations):
            raise DamagedRegisterError(self.path, "alembic_version")
        changed = triggers.changed(connection)
        if changed:
            raise DamagedRegisterError(self.path, ", ".join(changed))

    def _end(self, link: Link) -> None:
        """Roll back what was not committed, and keep the connection for the next."""
        try:
            if link.connection.in_transaction:
                link.connection.execute("ROLLBACK")
        except sqlite3.Error:
            link.connection.close()
        else:
            self._idle.append(link)
