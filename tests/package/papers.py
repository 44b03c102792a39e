"""PDFs for tests: annexes of plain pages, and what hostile ones have besides."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)


def stream(data: bytes, **values: object) -> StreamObject:
    made = StreamObject()
    made.set_data(data)
    made.update({NameObject(f"/{name}"): value for name, value in values.items()})
    return made


def numbers(*values: float) -> ArrayObject:
    return ArrayObject(FloatObject(value) for value in values)


def plain(pages: int = 1, text: str = "Plan", change: Callable[[PdfWriter], None] | None = None) -> bytes:
    """Return a PDF whose pages say ``text`` and their number; ``change`` puts more into it."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    for number in range(1, pages + 1):
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(
            stream(f"BT /F1 12 Tf 72 720 Td ({text} {number}) Tj ET".encode("ascii"))
        )
    if change:
        change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def annotate(writer: PdfWriter, subtype: str, drawing: bytes | None = None, **values: object) -> None:
    """Put an annotation on the first page, in the square (100, 100, 200, 200); ``drawing`` is what it shows."""
    note = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(f"/{subtype}"),
            NameObject("/Rect"): numbers(100, 100, 200, 200),
            NameObject("/F"): NumberObject(4),
        }
    )
    note.update({NameObject(f"/{name}"): value for name, value in values.items()})
    if drawing is not None:
        shown = writer._add_object(stream(drawing, BBox=numbers(0, 0, 10, 10)))
        note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): shown})
    page = writer.pages[0]
    page[NameObject("/Annots")] = ArrayObject([*page.get("/Annots", ()), writer._add_object(note)])


def launch(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def hidden_layer(writer: PdfWriter) -> None:
    layer = writer._add_object(DictionaryObject({NameObject("/Type"): NameObject("/OCG")}))
    usual = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): usual}
    )


def dynamic_form(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): writer._add_object(stream(b"<xdp/>"))})
    writer.root_object[NameObject("/AcroForm")] = form


def signed_form(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})


def bomb(writer: PdfWriter) -> None:
    """Let the first page's drawing be half a gigabyte of spaces, deflated twice."""
    press = zlib.compressobj(9)
    once = b"".join(press.compress(b" " * (64 << 20)) for _ in range(8)) + press.flush()
    made = stream(zlib.compress(once, 9))
    made[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode"), NameObject("/FlateDecode")])
    writer.pages[0][NameObject("/Contents")] = writer._add_object(made)
