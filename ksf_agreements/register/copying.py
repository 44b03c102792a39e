"""Copies a whole register into another file at one moment, while others go on writing."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ksf_agreements.register import triggers
from ksf_agreements.register.connection import make_private, sync_folder


@contextmanager
def private(target: Path) -> Iterator[Path]:
    """Give an empty file beside ``target`` that its owner alone may read; it is gone afterwards, unless it settled."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    make_private(temporary)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def settle(temporary: Path, target: Path) -> None:
    """Let a file take the target's place, whole and on the disk. Nobody may have the target open as a register."""
    descriptor = os.open(temporary, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    # A journal that lay beside the old file would be played back into this one.
    target.with_name(f"{target.name}-journal").unlink(missing_ok=True)
    temporary.replace(target)
    sync_folder(target.parent)


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
    with private(target) as temporary:
        copy_into(source, temporary)
        check(temporary)
        settle(temporary, target)


def exchange_content(connection: sqlite3.Connection) -> None:
    """Let a register become a copy of the one attached as 'other', within the transaction of ``connection``.

    Foreign keys must be off. The rows keep their order; free pages stay for what comes.
    """
    triggers.drop(connection)
    for kind, name in connection.execute(
        "SELECT type, name FROM main.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'"
    ).fetchall():
        connection.execute(f"DROP {kind} main.{_quoted(name)}")
    made = connection.execute("SELECT type, name, sql FROM other.sqlite_master WHERE sql IS NOT NULL").fetchall()
    for kind, name, sql in made:
        if kind == "table":
            connection.execute(sql)
            columns = connection.execute("SELECT name FROM pragma_table_info(?, 'other')", (name,)).fetchall()
            listed = ", ".join(_quoted(column) for (column,) in columns)
            table = _quoted(name)
            connection.execute(f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM other.{table}")  # noqa: S608
    for kind, _, sql in made:
        if kind != "table":
            connection.execute(sql)
    for pragma in ("application_id", "user_version"):
        (value,) = connection.execute(f"PRAGMA other.{pragma}").fetchone()
        connection.execute(f"PRAGMA main.{pragma} = {int(value)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def free_name(wanted: Path) -> Path:
    """Return ``wanted``, or the first of wanted-2, wanted-3 ... that no file has."""
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    return path
