"""The mails that lie in the outbox as files, for somebody to open in Outlook and send: listed, and one by its key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from ksf_agreements.services.desk import Desk

LIMIT = 5 * 2**20
_HEAD, _SHOWN = 64 * 2**10, 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail in the outbox: its key, whom it is to, and its subject."""

    key: str
    to: str
    subject: str


def drafts(desk: Desk) -> tuple[Draft, ...]:
    """Return the mails in the outbox, newest first; what cannot be read is named by its key alone."""
    found = []
    for path in _files(desk)[:_SHOWN]:
        to = subject = ""
        with suppress(OSError, MessageError, ValueError, LookupError, AttributeError):
            with path.open("rb") as file:
                head = BytesHeaderParser(policy=default).parsebytes(file.read(_HEAD))
            to, subject = str(head.get("To", "")), str(head.get("Subject", ""))
        found.append(Draft(path.stem, to, subject))
    return tuple(found)


def draft(desk: Desk, key: str) -> bytes | None:
    """Return a mail of the outbox by its key; None where there is none, or it is too large to be ours."""
    for path in _files(desk):
        if path.stem == key:
            with suppress(OSError), path.open("rb") as file:
                data = file.read(LIMIT + 1)
                return data if len(data) <= LIMIT else None
    return None


def _files(desk: Desk) -> list[Path]:
    folder = desk.workspace.root / desk.workspace.settings.tables.mail.outbox
    try:
        there = [(path.stat().st_mtime_ns, path.name, path) for path in folder.glob("*.eml") if path.is_file()]
    except OSError:
        return []
    return [path for _, _, path in sorted(there, reverse=True)]
