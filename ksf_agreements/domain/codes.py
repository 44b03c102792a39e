"""The codes on paper: what the QR code of a document or of a page says, and how one that comes back is read.

Capital letters, digits, '-' and '/' only: QR's alphanumeric mode, so that a code of up to 20 characters is the
smallest square there is with middling error correction (version 1-M), and thus the coarsest in a scan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's letters: none is mistaken for another when it is read aloud or from a scan."""

SMALLEST = 20
"""The longest code, in characters, that fits QR version 1-M."""

_NUMBER = "[1-9][0-9]{0,3}"
_CODE = re.compile(
    f"(?P<id>KSF-[{LETTERS}]{{4}}-[{LETTERS}]{{4}})/(?P<version>{_NUMBER})(?:/(?P<page>{_NUMBER}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says: the document, its version, and the page from 1; None for a code of the whole document."""

    document_id: str
    version: int
    page: int | None = None

    def __str__(self) -> str:
        """Return the code as it is printed."""
        return "/".join(str(part) for part in (self.document_id, self.version, self.page) if part is not None)


def document_code(document_id: str, version: int) -> str:
    """Return the code on every page of an issued document: 'KSF-7Q4M-2XKD/2'."""
    return str(Code(document_id, version))


def page_code(document_id: str, version: int, page: int) -> str:
    """Return the code of one page of what is sent to be signed: 'KSF-7Q4M-2XKD/2/8'."""
    return str(Code(document_id, version, page))


def read_code(text: str) -> Code | None:
    """Return what a code says, or None where it is none of ours, to the letter."""
    found = _CODE.fullmatch(text)
    if found is None:
        return None
    page = found["page"]
    return Code(found["id"], int(found["version"]), int(page) if page else None)
