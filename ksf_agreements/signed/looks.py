"""Finds the pages of a PDF that look otherwise than those that were sent: what was drawn, stuck or laid upon them.

A note, a picture or a white box changes what a page says, and not its text. Runs in a bounded child: both files are
drawn by pdfium there, and what it does not draw, notes that wait to be opened, is counted.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from ksf_agreements.bounded import BoundedError, Bounds, run_bounded

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdf import PdfReader

BOUNDS: Final = Bounds(seconds=120.0)
_LONG_SIDE: Final = 800
"""Dots of a page's long side as it is drawn: a letter is 8 of them high."""
_CONTRAST: Final = 64
"""How much lighter or darker a dot is that has changed; rewriting a file moves edges by less."""
_DOTS: Final = 3
"""Dots that may differ all the same."""
QUIET: Final = frozenset({"/Link", "/Popup", "/Widget"})
"""What may be on a page besides: links, the windows of notes, and the fields of signatures, which are drawn."""


def other_looks(sent: bytes, came: bytes, pages: Mapping[int, int]) -> tuple[int, ...]:
    """Return the places in a file that look otherwise than the pages which were sent; ``pages`` by place.

    Where the files could not be looked at that is every place: nobody has seen that they are the same.
    """
    try:
        words = str(len(sent)), json.dumps(list(pages.items()))
        found = json.loads(run_bounded(__name__, sent + came, *words, bounds=BOUNDS))
    except (BoundedError, ValueError):
        return tuple(sorted(pages))
    return tuple(place for place in sorted(pages) if place in found)


def main(data: bytes, length: str, pages: str) -> bytes:
    """Return the places that look otherwise, as JSON: in the child."""
    sent, came = data[: int(length)], data[int(length) :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.dumps(_differing(sent, came, dict(json.loads(pages)))).encode("ascii")


def _differing(sent: bytes, came: bytes, pages: Mapping[int, int]) -> list[int]:
    import pypdfium2

    notes, own = _open(came), _open(sent)
    with closing(pypdfium2.PdfDocument(came)) as after, closing(pypdfium2.PdfDocument(sent)) as before:
        for document in (after, before):
            document.init_forms()  # else the fields of signatures are not drawn
        return [
            place
            for place, page in pages.items()
            if _notes(notes, place) > _notes(own, page) or _differ(_drawn(after, place), _drawn(before, page))
        ]


def _open(data: bytes) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    return reader


def _notes(reader: PdfReader, place: int) -> int:
    """Return how many notes and other marks are on a page."""
    found = reader.pages[place - 1].get("/Annots")
    marks = [] if found is None else [one.get_object() for one in found.get_object()]
    return sum(str(mark.get("/Subtype")) not in QUIET for mark in marks)


def _drawn(document: Any, place: int) -> Image:
    page = document[place - 1]
    image: Image = page.render(scale=_LONG_SIDE / max(page.get_size()), grayscale=True).to_pil().convert("L")
    page.close()
    return image


def _differ(one: Image, other: Image) -> bool:
    from PIL import ImageChops

    if one.size != other.size:
        return True
    return sum(ImageChops.difference(one, other).histogram()[_CONTRAST:]) > _DOTS
