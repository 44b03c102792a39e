"""Tells a PDF as we made it from one that somebody has signed or changed since: a seal in its own identifier.

The two halves of a PDF's ``/ID`` are free for whoever writes the file (ISO 32000-1, 14.4): what it was made of, and
this state of it. The first holds 128 bits of the SHA-256 of the Word document, the second of the PDF itself with that
half zeroed. It is no proof against forgers; what is issued gets its SHA-256 in the register.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from enum import StrEnum
from pathlib import Path

_LIMIT = 256 * 2**20
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>\s*<([0-9A-Fa-f]{32})>\s*\]")


class PdfState(StrEnum):
    """What stands where a PDF shall be written."""

    ABSENT = "absent"
    OURS = "ours"
    SIGNED = "signed"
    OTHER = "other"


def sealed(pdf: bytes, docx: bytes) -> bytes | None:
    """Return the PDF with the seals of ``docx`` and its own, None where it has no identifier to hold them."""
    found = _identifier(pdf)
    if found is None:
        return None
    start, end = found.span(1)
    pdf = pdf[:start] + _half(hashlib.sha256(docx)) + pdf[end:]
    start, end = found.span(2)
    return pdf[:start] + _own(pdf, start, end) + pdf[end:]


def is_ours(pdf: bytes) -> bool:
    """Return whether the PDF is, to the byte, as it was sealed."""
    found = _identifier(pdf)
    return found is not None and found[2] == _own(pdf, *found.span(2))


def is_made_of(pdf: bytes, docx: bytes) -> bool:
    """Return whether a PDF of ours was made of just this Word document."""
    found = _identifier(pdf)
    return found is not None and found[1] == _half(hashlib.sha256(docx))


def pdf_state(path: Path) -> PdfState:
    """Return whether ``path`` is free, holds a PDF as we made it, a signed one, or anything else. Raises OSError."""
    data = read_pdf(path)
    if data is None:
        return PdfState.ABSENT if not path.exists() else PdfState.OTHER
    if is_ours(data):
        return PdfState.OURS
    return PdfState.SIGNED if b"/ByteRange" in data else PdfState.OTHER


def read_pdf(path: Path) -> bytes | None:
    """Return the bytes of a file, None where there is no file of a size that a PDF has. Raises OSError."""
    if not path.is_file() or path.stat().st_size > _LIMIT:  # reading a pipe would never end
        return None
    return path.read_bytes()


def _identifier(pdf: bytes) -> re.Match[bytes] | None:
    """Return the identifier in the last of the file's trailers."""
    found = deque(_ID.finditer(pdf), maxlen=1)
    return found[0] if found else None


def _own(pdf: bytes, start: int, end: int) -> bytes:
    whole = hashlib.sha256(pdf[:start])
    whole.update(b"0" * (end - start))
    whole.update(pdf[end:])
    return _half(whole)


def _half(digest: hashlib._Hash) -> bytes:
    return digest.hexdigest()[:32].upper().encode()
