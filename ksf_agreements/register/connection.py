"""Connections to a register's file: made safe before use, kept for use again, and left when the file was replaced.

No ordinary open() of a register anywhere: on POSIX, closing any descriptor of a file drops every lock that the process
has on it, SQLite's too.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ksf_agreements.register.faults import NoRegisterError, NotARegisterError, is_busy

APPLICATION_ID: Final = 0x4B534641
"""'KSFA' in the file's header: this file is ours."""

BUSY_SECONDS: Final = 10.0
"""How long to wait for another program."""

_SECURE_DELETE = "PRAGMA secure_delete = ON"
_PRAGMAS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA fullfsync = ON",  # macOS: fsync alone leaves the data in the drive's cache
    _SECURE_DELETE,  # what is erased shall not lie about in free pages
)


@dataclass(slots=True)
class Link:
    """A connection, with the file it was made to and the schema that was seen through it (None: not yet)."""

    connection: sqlite3.Connection
    identity: tuple[int, int]
    schema: int | None = None


def connect(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Return a connection to an existing file, in autocommit, with every pragma set.

    Raises `NoRegisterError` where there is no file; sqlite3's errors pass through.
    """
    if not path.is_file():
        raise NotARegisterError(path) if path.exists() else NoRegisterError(path)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        # A database that somebody set to WAL becomes one file again.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "delete":
            connection.execute("PRAGMA journal_mode = DELETE")
    except BaseException:
        connection.close()
        raise
    return connection


def identity(path: Path) -> tuple[int, int]:
    """Return which file stands at the path now: another one after somebody moved it. Raises `NoRegisterError`."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NoRegisterError(path) from None
    return found.st_dev, found.st_ino


def make_private(path: Path) -> bool:
    """Make an empty file that its owner alone may read; return False where there is one already."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has nothing in it yet, as after a creation that was killed."""
    count: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return count == 0 and application_id(connection) == 0


def application_id(connection: sqlite3.Connection) -> int:
    """Return whose file it is, by its header."""
    value: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return value


def begin_immediate(connection: sqlite3.Connection, busy_seconds: float = BUSY_SECONDS) -> None:
    """Begin to write, waiting for whoever does. Raises sqlite3.OperationalError (busy) after ``busy_seconds``.

    SQLite's own waiting sleeps up to 100 ms between tries, so that among eight busy writers one may get no turn in ten
    seconds; short random sleeps share the turns.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    deadline = time.monotonic() + busy_seconds
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as fault:
                if not is_busy(fault) or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(0.0005, 0.005))  # noqa: S311 (nobody guesses at it)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power loss, where the system lets a folder be synced."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
