"""A dossier's folder on disk: built beside its place, listed in a manifest, and put there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from ksf_agreements.archive.verify_dossier import MANIFEST
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

FORMAT = "ksf-agreements dossier 1"
_ROOT, _METADATA = (re.compile(rb"/%s\s+(\d{1,9})\s+\d+\s+R\b" % name) for name in (b"Root", b"Metadata"))
_PDFA = re.compile(rb"pdfaid:(part|conformance)(?:=[\"']|>)\s*(\w{1,2})")


class NotArchived(KsfError):
    """The dossier could not be written; nothing of it is there."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a dossier: `source` is 'register' where `events` point at it, 'made' where it came with the dossier.

    `pdfa` is what a PDF says of itself ('2B'), which nobody has proved, or ''.
    """

    path: str
    size: int
    sha256: str
    media_type: str
    title: str
    source: str
    events: tuple[int, ...] = ()
    pdfa: str = ""


class DossierFolder:
    """A dossier that is being written; one file at a time is in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Written] = []

    @property
    def files(self) -> tuple[Written, ...]:
        """The files so far."""
        return tuple(self._files)

    def add(self, path: str, data: bytes, media_type: str, title: str, events: tuple[int, ...] = ()) -> Written:
        """Write a file; with ``events`` it is the register's."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, data)
        source = "register" if events else "made"
        digest = hashlib.sha256(data).hexdigest()
        written = Written(path, len(data), digest, media_type, title, source, events, claimed_pdfa(data))
        self._files.append(written)
        return written

    def finish(self, agreement: str, on: date, program: str) -> str:
        """Write the manifest, and return its SHA-256: the dossier's fingerprint."""
        value = {
            "format": FORMAT,
            "agreement": agreement,
            "on": on.isoformat(),
            "program": program,
            "files": [asdict(file) for file in sorted(self._files, key=lambda file: file.path)],
        }
        data = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
        _write(self._folder / MANIFEST, data)
        return hashlib.sha256(data).hexdigest()


@contextmanager
def new_folder(target: Path) -> Iterator[DossierFolder]:
    """Give a folder to fill, which takes its place at ``target`` when the block ends; raising leaves nothing.

    Raises `NotArchived` where something is there already, or the disk does not take it.
    """
    temporary: Path | None = None
    try:
        refuse_existing(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".ksf-arkiv-", dir=target.parent))
        yield DossierFolder(temporary)
        temporary.chmod(0o777 & ~_umask())
        refuse_existing(target)
        temporary.rename(target)  # onto what is there it fails, on every system, unless that is an empty folder
    except OSError as fault:
        raise NotArchived(
            T(
                "The dossier could not be written ({reason}). Nothing of it is there. Check the folder and the disk.",
                reason=fault.strerror or "?",
            )
        ) from fault
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def refuse_existing(target: Path) -> None:
    """Refuse to write over a dossier, or into one. Raises `NotArchived`."""
    if target.exists() or target.is_symlink():
        raise NotArchived(
            T(
                "{path} is there already and was left as it is. Nothing has happened since it was made; check it with "
                "its verify.py, or move it away.",
                path=str(target),
            )
        )
    for folder in target.resolve().parents:
        if (folder / MANIFEST).is_file() and (folder / "verify.py").is_file():
            raise NotArchived(
                T(
                    "{path} is a dossier itself, and its own check would find what is put into it. Choose another "
                    "folder.",
                    path=str(folder),
                )
            )


def claimed_pdfa(data: bytes) -> str:
    """Return the part and conformance of PDF/A that a file gives itself in its metadata ('2B'), or ''."""
    if not data.startswith(b"%PDF-"):
        return ""
    found = {name.decode(): value.decode().upper() for name, value in _PDFA.findall(_metadata(data))}
    return f"{found['part']}{found.get('conformance', '')}" if "part" in found else ""


def _metadata(data: bytes) -> bytes:
    """Return where a PDF speaks of itself: the metadata of its catalog, as it was written last.

    An older one, or that of a file within it, may be anywhere. Where the catalog is packed it is all of the file.
    """
    root = _last(data, _ROOT)
    catalog = _object(data, root[1]) if root else b""
    if not catalog:
        return data
    said = _METADATA.search(catalog)
    return _object(data, said[1]) if said else b""


def _object(data: bytes, number: bytes) -> bytes:
    """Return an object of a PDF as it was written last, b'' where it is packed into another."""
    begins = _last(data, re.compile(rb"(?<!\d)%d\s+\d+\s+obj\b" % int(number)))
    return data[begins.end() : data.find(b"endobj", begins.end())] if begins else b""


def _last(data: bytes, wanted: re.Pattern[bytes]) -> re.Match[bytes] | None:
    return next(iter(deque(wanted.finditer(data), maxlen=1)), None)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
