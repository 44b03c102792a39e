"""What a PDF must say, read from the Word document that it is made from: for the proof-check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ksf_agreements.documents.markup import Element, W, XmlFault, parse_xml
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.show import Paragraph, Styles, paragraphs, read_styles
from ksf_agreements.pdf.proof import PAGE, PAGES, Expected, Line
from ksf_agreements.text import T

_CORE = "docProps/core.xml"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_HEADER, _FOOTER = (re.compile(rf"word/{name}\d*\.xml") for name in ("header", "footer"))
_ENTRY = re.compile(r"toc [1-9]")
# The names of the styles of a signature block in the templates, from the party's line on.
_PARTY, _BLOCK = "signatur part", re.compile("signatur (part|linje|navn|tittel|dato)")
_SIGNS = {"PAGE": PAGE, "NUMPAGES": PAGES}


def expected(docx: bytes, own: Iterable[str] = (), *, title: str = "", ours: bool = True) -> Expected:
    """Return what the PDF of a document must be; ``own`` are the cluster's values, ``title`` is used if it has none.

    Raises `PackageError` where it is no readable DOCX.
    """
    parts = read_package(docx)
    try:
        styles = read_styles(parts)
        core = parse_xml(parts[_CORE]) if _CORE in parts else None
        return Expected(
            title=_property(core, "title") or title,
            language=_property(core, "language") or _default_language(parts),
            lines=tuple(_lines(parts["word/document.xml"], styles)),
            headers=tuple(_furniture(parts, styles, _HEADER)),
            footers=tuple(_furniture(parts, styles, _FOOTER)),
            own=tuple(own),
            ours=ours,
        )
    except (XmlFault, KeyError) as fault:
        raise PackageError(T("The file is not a readable Word document (DOCX).")) from fault


def _property(core: Element | None, name: str) -> str:
    found = core.findtext(f"{_DUBLIN}{name}") if core is not None else None
    return " ".join((found or "").split())


def _default_language(parts: Mapping[str, bytes]) -> str:
    """Return the language that the styles give all text; bokmål where they give none."""
    root = parse_xml(parts["word/styles.xml"]) if "word/styles.xml" in parts else None
    told = root.find(f"{W}docDefaults//{W}lang") if root is not None else None
    language = str(told.get(f"{W}val") or "") if told is not None else ""
    return language if re.fullmatch("[a-z]{2,3}(-[A-Z]{2})?", language) else "nb-NO"


def _told(root: Element, styles: Styles) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a part as they are printed: no names of pictures, and signs for page numbers."""
    for picture in root.iter(_DRAWING):
        picture.set("name", "")
        picture.set("descr", "")
    for simple in root.iter(f"{W}fldSimple"):
        _put_sign([*simple.iter(f"{W}t")], simple.get(f"{W}instr") or "")
    for code, result in _fields(root):
        _put_sign(result, code)
    return paragraphs(root, styles)


def _fields(root: Element) -> Iterator[tuple[str, list[Element]]]:
    """Yield the innermost fields that are written in pieces: the code, and the texts of the result."""
    code, result, inside = "", [], ""
    for element in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}t"):
        if element.tag == f"{W}instrText":
            code += element.text or ""
        elif element.tag == f"{W}t":
            if inside == "separate":
                result.append(element)
        else:
            inside = element.get(f"{W}fldCharType") or ""
            if inside == "end":
                yield code, result
            if inside != "separate":
                code, result = "", []


def _put_sign(result: list[Element], code: str) -> None:
    sign = _SIGNS.get((code.split() or [""])[0].upper())
    if sign and result:
        for text in result:
            text.text = ""
        result[0].text = sign


def _furniture(parts: Mapping[str, bytes], styles: Styles, name: re.Pattern[str]) -> Iterator[str]:
    """Yield the texts of the headers or footers."""
    for part in parts:
        if name.fullmatch(part):
            yield "\n".join(_plain(one) for one in _told(parse_xml(parts[part]), styles))


def _plain(paragraph: Paragraph) -> str:
    return paragraph.text.replace("<: >", "").replace(" ↵ ", " ")


def _lines(part: bytes, styles: Styles) -> Iterator[Line]:
    root = parse_xml(part)
    found = _told(root, styles)
    heads = _heads(root, found)
    block = 0
    for one in found:
        text = _plain(one)
        if _ENTRY.fullmatch(one.style):
            yield Line(text.rpartition("\t")[0] or text, is_entry=True)
            continue
        block += one.style == _PARTY
        inside = block if _BLOCK.fullmatch(one.style) else 0
        yield Line(text, one.level, one.is_item, block=inside, head=heads.get(one.row, ""))


def _heads(root: Element, found: Iterable[Paragraph]) -> dict[int, str]:
    """Return the text of the table's head for each row below one; `show` counts the rows in the same way."""
    told: dict[int, str] = {}
    for one in found:
        told[one.row] = told.get(one.row, "") + _plain(one)
    tables: dict[Element, str] = {}
    heads: dict[int, str] = {}
    for number, row in enumerate(root.iter(f"{W}tr"), 1):
        table = row.getparent()
        if row.find(f"{W}trPr/{W}tblHeader") is not None:
            tables[table] = tables.get(table, "") + told.get(number, "")
        elif table in tables:
            heads[number] = tables[table]
    return heads
