"""Backs a register up into one file, and puts a backup in its place; others may write meanwhile and lose nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ksf_agreements.errors import InputError, UsageError
from ksf_agreements.register.chain import Head
from ksf_agreements.register.connection import APPLICATION_ID, application_id, begin_immediate, connect
from ksf_agreements.register.copying import arriving, copy_into, copy_to, free_name
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

    The backup is verified first, and an older one brought to this program's schema. Writers are kept out from before
    the present register is set aside until the other stands in its place; those who wait find the new one
    (`Register` looks). Raises `UnsoundError`, `NoRegisterError` or `NotARegisterError` with nothing changed.
    """
    path, source = path.absolute(), source.absolute()
    if path.exists() and source.exists() and source.samefile(path):
        raise BackupExistsError(path)
    # The lock is let go after the other file stands in place: `ExitStack` comes first, so it ends last.
    with ExitStack() as lock, told(source), arriving(path) as copy:
        _take(source, copy)
        older = upgrade(copy, now)
        if older is not None:
            older.unlink()
        found = verify(copy, derive, derivation)
        if not found.is_whole:
            raise UnsoundError(source, found)
        Register.open(copy, now=lambda: now, derive=derive, derivation=derivation, create=False).close()
        lock.enter_context(_kept_out(path))
        aside = _set_aside(path, now)
    return Restored(found.head, aside)


def _take(source: Path, copy: Path) -> None:
    with closing(connect(source)) as connection:
        if application_id(connection) != APPLICATION_ID:
            raise NotARegisterError(source)
        copy_into(connection, copy)


@contextmanager
def _kept_out(path: Path) -> Iterator[None]:
    """Keep writers out of the register at ``path``, if there is one that can be locked: a wreck cannot, and need not.

    Windows refuses to replace a file that anybody has open, us too: there the refusal is the lock.
    """
    with ExitStack() as stack:
        if path.exists() and os.name != "nt":
            stack.enter_context(told(path))
            try:
                begin_immediate(stack.enter_context(closing(connect(path))))
            except sqlite3.Error as fault:
                if not (is_damage(fault) or primary_code(fault) == sqlite3.SQLITE_NOTADB):
                    raise
        yield


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Give the present register a second name, so that there is one at ``path`` at every moment."""
    if not path.exists():
        return None
    aside = free_name(path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system without links
        path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():  # of a wreck; beside the new register it would be played back into it
        journal.replace(aside.with_name(f"{aside.name}-journal"))
    return aside
