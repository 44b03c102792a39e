"""Backs a register up into one file, and puts a backup in its place; others may write meanwhile and lose nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ksf_agreements.errors import InputError, UsageError
from ksf_agreements.register.chain import Head
from ksf_agreements.register.connection import APPLICATION_ID, application_id, begin_immediate, connect, is_empty
from ksf_agreements.register.copying import copy_into, copy_to, exchange_content, free_name, private, settle
from ksf_agreements.register.faults import NotARegisterError, is_damage, primary_code, told
from ksf_agreements.register.migrate import upgrade
from ksf_agreements.register.store import Register
from ksf_agreements.register.transaction import Derive
from ksf_agreements.register.verify import Verification, verify
from ksf_agreements.text import T


class BackupExistsError(UsageError):
    """Something stands where the backup should go."""

    def __init__(self, path: Path) -> None:
        super().__init__(T("{path} is there already. Give the backup another name.", path=str(path)))


class UnsoundError(InputError):
    """What was to be trusted as a backup is not whole; carries the findings."""

    def __init__(self, path: Path, verification: Verification) -> None:
        super().__init__(
            T("{path} is not a sound backup. The register was not changed.", path=str(path)), verification.findings
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """What `restore` did: the head that stands now, and where the register before it lies (None: there was none)."""

    head: Head
    aside: Path | None


def backup(path: Path, target: Path, derive: Derive, derivation: int = 1, *, replace: bool = False) -> Verification:
    """Copy the register at ``path``, as it is at one moment, to ``target``; return what `verify` said of the copy.

    The target is there whole, verified and on the disk, or not at all. Raises `BackupExistsError` (an older backup is
    replaced where ``replace`` says so, another file never), or `UnsoundError` where the register itself is damaged.
    """
    path, target = path.absolute(), target.absolute()
    if target.exists() and not (replace and _is_other_register(target, path)):
        raise BackupExistsError(target)
    verified: list[Verification] = []

    def check(copy: Path) -> None:
        found = verify(copy, derive, derivation)
        if not found.is_whole:
            raise UnsoundError(path, found)
        verified.append(found)

    with told(path), closing(connect(path)) as source:
        if application_id(source) != APPLICATION_ID:
            raise NotARegisterError(path)
        with told(target):
            copy_to(source, target, check)
    return verified[0]


def _is_other_register(target: Path, path: Path) -> bool:
    if path.exists() and target.samefile(path):
        return False
    with told(target), closing(connect(target)) as connection:
        return application_id(connection) == APPLICATION_ID


def restore(path: Path, source: Path, now: datetime, derive: Derive, derivation: int = 1) -> Restored:
    """Put the backup ``source`` in the place of the register at ``path``, which is kept beside as NAME.replaced-TIME.

    The backup is verified first, and an older one brought to this program's schema. Whoever has the register open
    goes on with what was restored; all that was acknowledged before is in the file aside. Raises `UnsoundError`,
    `NoRegisterError`, `NotARegisterError`, `RegisterLockedError` or their like with nothing changed.
    """
    path, source = path.absolute(), source.absolute()
    if path.exists() and source.exists() and source.samefile(path):
        raise BackupExistsError(path)
    with told(path), private(path) as copy:
        with told(source):
            _take(source, copy)
        older = upgrade(copy, now)
        if older is not None:
            older.unlink()
        found = verify(copy, derive, derivation)
        if not found.is_whole:
            raise UnsoundError(source, found)
        Register.open(copy, now=lambda: now, derive=derive, derivation=derivation, create=False).close()
        aside = free_name(path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")) if path.exists() else None
        if aside is None:
            settle(copy, path)
        else:
            _exchange(path, copy, aside)
    return Restored(found.head, aside)


def _take(source: Path, copy: Path) -> None:
    with closing(connect(source)) as connection:
        if application_id(connection) != APPLICATION_ID:
            raise NotARegisterError(source)
        copy_into(connection, copy)


def _exchange(path: Path, copy: Path, aside: Path) -> None:
    """Put a copy in the place of the register at ``path``, and that one aside."""
    try:
        with closing(connect(path)) as connection:
            if not is_empty(connection) and application_id(connection) != APPLICATION_ID:
                raise NotARegisterError(path)
            _exchange_within(connection, path, copy, aside)
    except sqlite3.Error as fault:
        if not (is_damage(fault) or primary_code(fault) == sqlite3.SQLITE_NOTADB):
            raise
        _exchange_wreck(path, copy, aside)


def _exchange_within(connection: sqlite3.Connection, path: Path, copy: Path, aside: Path) -> None:
    """Exchange what is in the file, in one transaction that begins before the present is copied aside.

    The file itself stays. Another file under the same name would take the journal of whoever writes to the new one for
    a journal of the old one, which others still have open, and play it back.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("ATTACH ? AS other", (str(copy),))
    begin_immediate(connection)
    try:
        with closing(connect(path)) as present:  # may read, as long as nothing is written
            copy_to(present, aside)
        try:
            exchange_content(connection)
            connection.execute("COMMIT")
        except BaseException:
            aside.unlink()
            raise
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _exchange_wreck(path: Path, copy: Path, aside: Path) -> None:
    """Exchange the file: nobody can work with a wreck, so nobody has it open."""
    try:
        aside.hardlink_to(path)  # so that there is something at ``path`` at every moment
    except OSError:  # a file system without links
        path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.replace(aside.with_name(f"{aside.name}-journal"))
    settle(copy, path)
