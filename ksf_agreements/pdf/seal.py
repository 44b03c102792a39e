"""Tells a PDF as we made it from one that somebody has signed or changed since: a seal in its own identifier.

The second half of a PDF's ``/ID`` is free for whoever writes the file (ISO 32000-1, 14.4). It holds the first 128 bits
of the SHA-256 of the file with that half zeroed. It is no proof against forgers; what is issued gets its SHA-256 in the
register.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from enum import StrEnum
from pathlib import Path

_LIMIT = 256 * 2**20
_ID = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]{32}>\s*<([0-9A-Fa-f]{32})>\s*\]")


class PdfState(StrEnum):
    """What stands where a PDF shall be written."""

    ABSENT = "absent"
    OURS = "ours"
    SIGNED = "signed"
    OTHER = "other"


def sealed(pdf: bytes) -> bytes | None:
    """Return the PDF with its seal, None where it has no identifier to hold one."""
    place = _place(pdf)
    if place is None:
        return None
    start, end = place
    return pdf[:start] + _digest(pdf, start, end) + pdf[end:]


def is_ours(pdf: bytes) -> bool:
    """Return whether the PDF is, to the byte, as it was sealed."""
    place = _place(pdf)
    return place is not None and pdf[slice(*place)] == _digest(pdf, *place)


def pdf_state(path: Path) -> PdfState:
    """Return whether ``path`` is free, holds a PDF as we made it, a signed one, or anything else. Raises OSError."""
    if not path.exists():
        return PdfState.ABSENT
    if not path.is_file() or path.stat().st_size > _LIMIT:  # reading a pipe would never end
        return PdfState.OTHER
    data = path.read_bytes()
    if is_ours(data):
        return PdfState.OURS
    return PdfState.SIGNED if b"/ByteRange" in data else PdfState.OTHER


def _place(pdf: bytes) -> tuple[int, int] | None:
    """Return where the second half of the identifier stands, in the last of the file's trailers."""
    found = deque(_ID.finditer(pdf), maxlen=1)
    return found[0].span(1) if found else None


def _digest(pdf: bytes, start: int, end: int) -> bytes:
    whole = hashlib.sha256(pdf[:start])
    whole.update(b"0" * (end - start))
    whole.update(pdf[end:])
    return whole.hexdigest()[: end - start].upper().encode()
