"""Reads the text of a PDF from outside, line by line; runs as a bounded child (`ksf_agreements.bounded`).

It answers JSON: `pages`, each a list of lines, and `notes` upon them, or `fault` ('locked': a password is wanted;
'unreadable').
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ksf_agreements.bounded import Bounds, run_bounded
from ksf_agreements.errors import KsfError
from ksf_agreements.signed.looks import QUIET
from ksf_agreements.text import T

if TYPE_CHECKING:
    from pypdf import PageObject

_PAGES_LIMIT = 1000
_PAGE_LIMIT = 100_000
_NOTES_LIMIT: Final = 200
_NOTE_LIMIT: Final = 300
_BOUNDS = Bounds(seconds=60, output=16 * 2**20)


class UnreadablePdf(KsfError):
    """The file gives no text: it is no PDF, or is locked."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PlainText:
    """The lines of each page, none where it is a picture; `notes` upon pages: which page, and what they say."""

    pages: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[int, str], ...] = ()


def read_text(data: bytes) -> PlainText:
    """Return the text of a PDF, read in a child. Raises `UnreadablePdf`, and `BoundedError` for one made to harm."""
    told = json.loads(run_bounded(__name__, data, bounds=_BOUNDS))
    if told.get("fault") == "locked":
        raise UnreadablePdf(T("The PDF is protected with a password. Save it without one, and try again."))
    if "pages" not in told:
        raise UnreadablePdf(T("The file is not a readable PDF."))
    pages = tuple(tuple(str(line) for line in page) for page in told["pages"])
    return PlainText(pages, tuple((int(page), str(text)) for page, text in told["notes"]))


def main(data: bytes) -> bytes:
    """Return the pages of a PDF as JSON; called in the child alone."""
    return json.dumps(_told(data), ensure_ascii=False).encode("utf-8", errors="replace")


def _told(data: bytes) -> dict[str, object]:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"fault": "locked"}
        if len(reader.pages) > _PAGES_LIMIT:
            return {"fault": "unreadable"}
        pages = [page.extract_text()[:_PAGE_LIMIT].splitlines() for page in reader.pages]
        notes = [(number, text) for number, page in enumerate(reader.pages, 1) for text in _notes(page)]
        return {"pages": pages, "notes": notes[:_NOTES_LIMIT]}
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:  # a library's faults for files that are made to break it are of any kind
        return {"fault": "unreadable"}


def _notes(page: PageObject) -> Iterator[str]:
    """Yield what notes and other marks upon a page say; '' for a drawing."""
    found = page.get("/Annots")
    for one in [] if found is None else list(found.get_object())[:_NOTES_LIMIT]:
        mark = one.get_object()
        if str(mark.get("/Subtype")) not in QUIET:
            yield " ".join(str(mark.get("/Contents", "")).split())[:_NOTE_LIMIT]
