"""Copies a whole register into another file at one moment, while others go on writing."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ksf_agreements.register.connection import make_private, sync_folder


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """Give a private file beside ``target`` to fill; at the end it takes the target's place, whole and on the disk.

    When anything fails, the target is as it was.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    make_private(temporary)
    try:
        yield temporary
        descriptor = os.open(temporary, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)
        sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def copy_into(source: sqlite3.Connection, file: Path) -> None:
    """Copy what ``source`` sees into ``file``.

    All pages in one step: a copy in several steps begins anew whenever another process has written, and under load
    never ends. Readers do not hinder writers except while these commit, and they wait for that.
    """
    reads_already = source.in_transaction
    if not reads_already:
        source.execute("BEGIN")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # now the lock is held: backup() never waits
        copy = sqlite3.connect(file)
        try:
            source.backup(copy)
        finally:
            copy.close()
    finally:
        if not reads_already:
            source.execute("ROLLBACK")


def copy_to(source: sqlite3.Connection, target: Path, check: Callable[[Path], None] = lambda _: None) -> None:
    """Copy what ``source`` sees to ``target``, which is there whole or not at all; ``check`` may refuse the copy."""
    with arriving(target) as temporary:
        copy_into(source, temporary)
        check(temporary)


def free_name(wanted: Path) -> Path:
    """Return ``wanted``, or the first of wanted-2, wanted-3 ... that no file has."""
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    return path
