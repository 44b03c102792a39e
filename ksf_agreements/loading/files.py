"""Reads files that somebody points at: bounded, never a pipe or a device, and a fault becomes a problem."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ksf_agreements.errors import Problem
from ksf_agreements.text import T, Text


def is_file(path: Path) -> bool:
    """Whether ``path`` is a file; a name that no file can have, and a link to itself, are none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder; a name that no folder can have is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def identity(path: Path) -> str:
    """Return what two ways to the same file have in common."""
    return os.path.realpath(path)


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the bytes of a file, one more than ``limit`` at most: enough to see that it is too large.

    Raises `OSError` for what is not a file: a pipe would never end.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a file", str(path))
    with path.open("rb") as source:
        return source.read(limit + 1)


def unreadable(shown: str, fault: OSError) -> Problem:
    """Return the problem of a file that could not be read."""
    mend: Text | None = None
    if isinstance(fault, PermissionError):
        message, mend = T("you may not read this file"), T("Ask for the right to read it, or copy the file.")
    elif isinstance(fault, FileNotFoundError):
        message = T("the file is not there")
    elif fault.errno in {errno.EINVAL, errno.EISDIR}:
        message = T("this is not a file")
    else:
        message = T("the file could not be read ({reason})", reason=fault.strerror or "?")
    return Problem("unreadable", message, mend, file=shown, line=1, column=1)
