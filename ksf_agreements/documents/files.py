"""Generated files on disk: written whole or not at all, and never over what a person has edited."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from ksf_agreements.documents.package import PackageError, Part, read_package
from ksf_agreements.documents.template import (
    CUSTOM_PROPERTIES,
    DIGEST_PROPERTY,
    custom_properties,
    parts_digest,
    read_file,
)
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T


class FileState(StrEnum):
    """What stands where a document shall be written."""

    ABSENT = "absent"
    OURS = "ours"
    EDITED = "edited"


class WriteError(KsfError):
    """A file could not be written; what was there before is untouched."""


def file_state(path: Path) -> FileState:
    """Return whether ``path`` is free, holds a document as it was generated, or anything else.

    Raises `WriteError` where nobody can tell, since the file or its folder cannot be read.
    """
    try:
        if not path.exists():
            return FileState.ABSENT
        if not path.is_file():  # reading a pipe would never end
            return FileState.EDITED
        data = read_file(path)
    except OSError as fault:
        raise _refused(path, fault) from fault
    try:
        parts = read_package(data)
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = [Part(entry.filename, b"", entry.CRC, entry.file_size) for entry in container.infolist()]
    except PackageError:
        return FileState.EDITED
    told = custom_properties({CUSTOM_PROPERTIES: parts.get(CUSTOM_PROPERTIES, b"")}).get(DIGEST_PROPERTY)
    return FileState.OURS if told == parts_digest(entries) else FileState.EDITED


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: after a crash the old file or the new one is there, never half of one.

    Raises `WriteError` where the file is open in Word, or the folder cannot be written.
    """
    write_together([(path, data)])


def write_together(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write every one of the files or none: what cannot be written leaves the others as they were.

    Each is written whole, as by `write_whole`. Only a crash between the last steps can part the new files from the
    old ones. Raises `WriteError` for the first that cannot be written.
    """
    with ExitStack() as staged:
        ready = [(path, staged.enter_context(_staged(path, data))) for path, data in files]
        for path, _ in files:
            if _lock_file(path).exists():
                raise _refused(path, PermissionError())
        with ExitStack() as undo:
            for path, temporary in ready:
                try:
                    before = path.read_bytes() if path.is_file() else None
                    temporary.replace(path)
                except OSError as fault:
                    raise _refused(path, fault) from fault
                undo.callback(_put_back, path, before)
            undo.pop_all()


@contextmanager
def _staged(path: Path, data: bytes) -> Iterator[Path]:
    """Write ``data`` beside ``path`` and give that file, which is gone afterwards unless it took the other's place."""
    temporary: Path | None = None
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".ksf-", suffix=".tmp", dir=path.parent)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as target:
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
            temporary.chmod(_mode(path))
        except OSError as fault:
            raise _refused(path, fault) from fault
        yield temporary
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _put_back(path: Path, before: bytes | None) -> None:
    """Let ``path`` be as it was: with these bytes, or absent. What fails here leaves the new document, whole."""
    with suppress(OSError, WriteError):
        if before is None:
            path.unlink()
        else:
            write_whole(path, before)


def _mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _lock_file(path: Path) -> Path:
    """Return the file that Word keeps beside a document while it is open: '~$' over the first two letters."""
    stem = path.name
    return path.with_name("~$" + (stem[2:] if len(path.stem) > 7 else stem[1:] if len(path.stem) == 7 else stem))


def _refused(path: Path, fault: OSError) -> WriteError:
    if isinstance(fault, PermissionError):
        return WriteError(
            T(
                "{file} could not be written: it is open in Word, or you may not write there. What was there is "
                "untouched. Close the file and try again.",
                file=path.name,
            )
        )
    return WriteError(
        T(
            "{file} could not be written ({reason}). What was there is untouched. Check the folder and the disk.",
            file=path.name,
            reason=fault.strerror or "?",
        )
    )
