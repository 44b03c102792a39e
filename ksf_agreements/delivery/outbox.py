"""Mail that leaves, so that none goes twice: into a folder, or by SMTP with a note of what is on its way.

A note is a file that is made before the server is asked and removed when the answer is known and recorded. One that
is left over stands for a mail of which nobody knows whether it was sent: it is told, and a person decides.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text


class OutboxError(KsfError):
    """What is on its way cannot be noted, so that nothing may leave."""


class State(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    FAILED = "failed"
    """Certainly not delivered: it may be sent again."""
    UNCERTAIN = "uncertain"
    """The connection broke after the whole mail had been handed over, and before the answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail, and why where it failed."""

    state: State
    reason: Text | None = None


class Channel(Protocol):
    """A way for mail to leave. `drafts` tells that a person sends it."""

    drafts: bool

    def deliver(self, key: str, sender: str, to: str, data: bytes) -> Outcome:
        """Let one mail leave."""

    def close(self) -> None:
        """End what is open."""


@dataclass
class Folder:
    """Puts mail into a folder as .eml files, which Outlook opens ready to be sent."""

    folder: Path
    drafts: bool = True

    def deliver(self, key: str, sender: str, to: str, data: bytes) -> Outcome:  # noqa: ARG002 (the file says it)
        """Write the mail whole; the same mail again replaces itself."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            waiting = self.folder / f".{key}.tmp"
            with waiting.open("wb") as target:
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
            waiting.replace(self.folder / f"{key}.eml")
        except OSError as fault:
            reason = T(
                "the folder {folder} cannot be written ({reason})", folder=self.folder.name, reason=str(fault.strerror)
            )
            return Outcome(State.FAILED, reason)
        return Outcome(State.SENT)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is on its way: one small file for each mail, made only once."""

    folder: Path

    def begin(self, key: str, data: bytes) -> bool:
        """Note that a mail is about to be sent; False where a note of it is there already.

        Raises `OutboxError` where no note can be written: then the mail must not be sent.
        """
        file = self.folder / f"{key}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as target:
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
        except OSError as fault:
            if isinstance(fault, FileExistsError) and file.is_file():
                return False
            raise OutboxError(
                T(
                    "The folder {folder} cannot be written ({reason}), so no mail is sent from here on. Check outbox "
                    "under [mail] in ksf.toml.",
                    folder=str(self.folder),
                    reason=fault.strerror or type(fault).__name__,
                )
            ) from fault
        return True

    def end(self, key: str) -> None:
        """Remove the note: what became of the mail is known and recorded."""
        (self.folder / f"{key}.json").unlink(missing_ok=True)

    def left(self) -> dict[str, bytes]:
        """Return the notes that are there, by key."""
        if not self.folder.is_dir():
            return {}
        return {path.stem: path.read_bytes() for path in sorted(self.folder.glob("*.json"))}
