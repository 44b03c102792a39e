"""Reads the text of a PDF from outside, line by line; runs as a bounded child (`ksf_agreements.bounded`).

It answers JSON: `pages`, each a list of lines, or `fault` ('locked': a password is wanted; 'unreadable').
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ksf_agreements.bounded import Bounds, run_bounded
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

_PAGES_LIMIT = 400
_PAGE_LIMIT = 100_000
_BOUNDS = Bounds(seconds=60, output=16 * 2**20)


class UnreadablePdf(KsfError):
    """The file gives no text: it is no PDF, or is locked."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PlainText:
    """The lines of each page; a page that is a picture has none."""

    pages: tuple[tuple[str, ...], ...]


def read_text(data: bytes) -> PlainText:
    """Return the text of a PDF, read in a child. Raises `UnreadablePdf`, and `BoundedError` for one made to harm."""
    told = json.loads(run_bounded(__name__, data, bounds=_BOUNDS))
    if told.get("fault") == "locked":
        raise UnreadablePdf(T("The PDF is protected with a password. Save it without one, and try again."))
    if "pages" not in told:
        raise UnreadablePdf(T("The file is not a readable PDF."))
    return PlainText(tuple(tuple(str(line) for line in page) for page in told["pages"]))


def main(data: bytes) -> bytes:
    """Return the pages of a PDF as JSON; called in the child alone."""
    return json.dumps(_told(data), ensure_ascii=False).encode("utf-8", errors="replace")


def _told(data: bytes) -> dict[str, str | Sequence[Sequence[str]]]:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"fault": "locked"}
        if len(reader.pages) > _PAGES_LIMIT:
            return {"fault": "unreadable"}
        return {"pages": [page.extract_text()[:_PAGE_LIMIT].splitlines() for page in reader.pages]}
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:  # a library's faults for files that are made to break it are of any kind
        return {"fault": "unreadable"}
