"""What can hinder the register, each a small error; `told` turns SQLite's codes into them in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T


class NoRegisterError(KsfError):
    """There is no register at the path."""

    def __init__(self, path: Path) -> None:
        super().__init__(T("There is no register at {path}.", path=str(path)))


class NotARegisterError(KsfError):
    """The file is something else; it was not touched."""

    def __init__(self, path: Path) -> None:
        super().__init__(T("{path} is not a register of ksf. It was not changed.", path=str(path)))


class NewerRegisterError(KsfError):
    """A newer program has written the register."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            T("{path} was written by a newer version of ksf. Update the program; nothing was changed.", path=str(path))
        )


class RegisterLockedError(KsfError):
    """Another program writes to the register, and did not finish in time."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            T(
                "Another program is using {path}. Nothing was written. Close it, or wait a moment, and try again.",
                path=str(path),
            )
        )


class DamagedRegisterError(KsfError):
    """What lies in the register is not what was put there."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            T(
                "{path} is damaged ({detail}). Run 'ksf verify' to see what, and 'ksf restore' with a backup.",
                path=str(path),
                detail=detail,
            )
        )


class DiskFullError(KsfError):
    """No room on the disk; the transaction was rolled back."""

    def __init__(self, path: Path) -> None:
        super().__init__(T("The disk of {path} is full. Nothing was written. Make room and try again.", path=str(path)))


class NotWritableError(KsfError):
    """The register or its folder may not be written to (SQLite writes a journal beside the file)."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            T(
                "{path} cannot be written to. Nothing was changed. The file and its folder must both be writable.",
                path=str(path),
            )
        )


class DiskError(KsfError):
    """The disk, or the network folder, failed while reading or writing."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            T(
                "The disk failed at {path} ({detail}). See whether the last change is there before repeating it.",
                path=str(path),
                detail=detail,
            )
        )


_NAMED: Mapping[int, Callable[[Path], KsfError]] = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: RegisterLockedError,
        sqlite3.SQLITE_LOCKED: RegisterLockedError,
        sqlite3.SQLITE_NOTADB: NotARegisterError,
        sqlite3.SQLITE_FULL: DiskFullError,
        sqlite3.SQLITE_READONLY: NotWritableError,
        sqlite3.SQLITE_CANTOPEN: NotWritableError,
        sqlite3.SQLITE_PERM: NotWritableError,
        sqlite3.SQLITE_AUTH: NotWritableError,
    }
)


def primary_code(fault: sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 where the fault is not SQLite's."""
    return int(getattr(fault, "sqlite_errorcode", 0) or 0) & 0xFF


def is_busy(fault: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock."""
    return _NAMED.get(primary_code(fault)) is RegisterLockedError


def is_damage(fault: sqlite3.Error) -> bool:
    """Whether what lies in the file is not what was put there.

    A table or column that is gone is an SQLITE_ERROR (our own SQL is right, so the file is not); text that is not
    UTF-8 is told by Python, without a code.
    """
    code, said = primary_code(fault), str(fault)
    gone = code == sqlite3.SQLITE_ERROR and "no such" in said
    return code == sqlite3.SQLITE_CORRUPT or gone or "Could not decode" in said


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about ``path`` into errors that tell people what to do.

    A constraint that fails is a fault of the program and stays what it is.
    """
    try:
        yield
    except sqlite3.Error as fault:
        known = _of_sqlite(path, fault)
        if known is None:
            raise
        raise known from fault
    except PermissionError as fault:
        raise NotWritableError(path) from fault


def _of_sqlite(path: Path, fault: sqlite3.Error) -> KsfError | None:
    code, said = primary_code(fault), str(fault)
    if code == sqlite3.SQLITE_IOERR:
        return DiskError(path, said)
    if is_damage(fault):
        return DamagedRegisterError(path, said)
    known = _NAMED.get(code)
    return known(path) if known else None
