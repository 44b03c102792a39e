"""Puts a page's own code on it: in the place of the document's code in the header, so that a scanned page is known.

The header's picture says document and version; each page gets a copy of it that says the page too. Where a page has
no such picture (a template of the user's own), the code is drawn in its upper right corner, outside the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ksf_agreements.domain.codes import document_code, page_code

if TYPE_CHECKING:
    from pypdf import PageObject, PdfWriter
    from pypdf.generic import StreamObject

MM = 72 / 25.4
"""Points in a millimetre."""

_SIDE, _EDGE = 16 * MM, 6 * MM
_BORDER, _SCALE = 2, 6  # modules of white around a code, pixels in a module: as in the picture of an issued document
_NAME = "/KsfCode"


@lru_cache
def modules(code: str) -> tuple[bytes, ...]:
    """Return the rows of a code with its white border: 0 black, 255 white."""
    import segno

    made = segno.make(code, error="m", micro=False)
    return tuple(bytes(0 if dark else 255 for dark in row) for row in made.matrix_iter(border=_BORDER))


def stamp(writer: PdfWriter, page: PageObject, document_id: str, version: int, number: int) -> None:
    """Give ``page``, number ``number`` of its document, its own code."""
    from pypdf.generic import DictionaryObject, NameObject

    shared = page["/Resources"].get_object()  # by all pages of a document
    resources = DictionaryObject(shared if isinstance(shared, DictionaryObject) else {})
    pictures = DictionaryObject(resources.get("/XObject", DictionaryObject()).get_object())
    picture = writer._add_object(_picture(page_code(document_id, version, number)))
    known = modules(document_code(document_id, version))
    places = [name for name in pictures if _shows(pictures[name].get_object(), known)]
    for name in places or [_NAME]:
        pictures[NameObject(name)] = picture
    resources[NameObject("/XObject")] = pictures
    page[NameObject("/Resources")] = resources
    if not places:
        _draw(writer, page)


def _picture(code: str) -> StreamObject:
    from pypdf.generic import NameObject, NumberObject, StreamObject

    rows = modules(code)
    made = StreamObject()
    made.set_data(b"".join(bytes(pixel for pixel in row for _ in range(_SCALE)) * _SCALE for row in rows))
    values = {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(len(rows) * _SCALE),
        "/Height": NumberObject(len(rows) * _SCALE),
        "/BitsPerComponent": NumberObject(8),
        "/ColorSpace": NameObject("/DeviceGray"),
    }
    made.update({NameObject(name): value for name, value in values.items()})
    return made.flate_encode()


def _shows(picture: object, known: tuple[bytes, ...]) -> bool:
    """Whether a picture is the code ``known``, module by module; grey or colour, at any size."""
    from pypdf.generic import StreamObject

    if not isinstance(picture, StreamObject) or picture.get("/Subtype") != "/Image":
        return False
    width, height, side = picture.get("/Width", 0), picture.get("/Height", 0), len(known)
    if picture.get("/BitsPerComponent") != 8 or width != height or width < side:
        return False
    data = picture.get_data()
    depth, rest = divmod(len(data), width * height)
    if rest or depth not in {1, 3}:
        return False
    middles = [(2 * place + 1) * width // (2 * side) for place in range(side)]
    return all(
        (data[(y * width + x) * depth] < 128) == (known[row][column] < 128)
        for row, y in enumerate(middles)
        for column, x in enumerate(middles)
    )


def _draw(writer: PdfWriter, page: PageObject) -> None:
    """Draw the code in the upper right corner, as an artifact: it is no content of the page."""
    from pypdf.generic import ArrayObject, NameObject, StreamObject

    x, y = float(page.cropbox.right) - _EDGE - _SIDE, float(page.cropbox.top) - _EDGE - _SIDE
    before, after = StreamObject(), StreamObject()
    before.set_data(b"q\n")
    place = f"{_SIDE:.3f} 0 0 {_SIDE:.3f} {x:.3f} {y:.3f} cm"
    after.set_data(f"\nQ\n/Artifact BMC\nq {place} {_NAME} Do Q\nEMC\n".encode("ascii"))
    contents = page.get("/Contents")
    there = contents.get_object() if contents is not None else ArrayObject()
    middle = list(there) if isinstance(there, ArrayObject) else [page.raw_get("/Contents")]
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *middle, writer._add_object(after)])
