"""Puts on a PDF what changes how its pages look and not their text: notes, and boxes over what is written."""

from __future__ import annotations

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

_BOX = (100, 100, 400, 140)


def noted(data: bytes, page: int, text: str, *, shown: bool = True) -> bytes:
    """Return a PDF with a note on a page, as an increment: written on it, or (not `shown`) waiting to be opened."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText" if shown else "/Text"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, _BOX)),
            pdf_name("/Contents"): generic.pdf_string(text),
            pdf_name("/F"): generic.NumberObject(4),
        }
    )
    if shown:
        note[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(_drawing(text))})
    writer.register_annotation(writer.find_page_for_modification(page - 1)[0], writer.add_object(note))
    return _written(writer)


def covered(data: bytes, page: int) -> bytes:
    """Return a PDF with a white box over the first lines of a page, as an increment."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    box = generic.StreamObject(stream_data=b"q 1 1 1 rg 60 740 400 60 re f Q")
    writer.add_stream_to_page(page - 1, writer.add_object(box))
    return _written(writer)


def _drawing(text: str) -> generic.StreamObject:
    drawing = generic.StreamObject(stream_data=b"q 0 0 0 RG 2 2 296 36 re S Q % " + text.encode("ascii"))
    drawing[pdf_name("/Type")], drawing[pdf_name("/Subtype")] = pdf_name("/XObject"), pdf_name("/Form")
    drawing[pdf_name("/BBox")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 40)))
    return drawing


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
