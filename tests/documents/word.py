"""Reads Word documents for the tests: parts, and the text of paragraphs as a reader of the file sees it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docx.document import Document
from docx.text.paragraph import Paragraph
from lxml import etree

from ksf_agreements.resources import template_dir

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
BODY = "word/document.xml"

AGREEMENT = template_dir() / "ksf-klyngeavtale.nb.docx"
CONTACTS = template_dir() / "ksf-kontaktpersoner.nb.docx"


def parts(data: bytes) -> dict[str, bytes]:
    """Return the parts of a document; every checksum is checked."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        assert container.testzip() is None
        return {name: container.read(name) for name in container.namelist()}


def packed(content: Mapping[str, bytes]) -> bytes:
    """Return a document with these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in content.items():
            container.writestr(name, data)
    return target.getvalue()


def root(data: bytes, part: str = BODY) -> Any:
    """Return the root element of a part."""
    return etree.fromstring(parts(data)[part])


def opened(data: bytes) -> Document:
    """Open a document in python-docx."""
    return docx.Document(io.BytesIO(data))


def element_text(element: Any) -> str:
    """Return the text of an element's runs, line breaks and tabs as characters; field codes are no text."""
    signs = {f"{W}br": "\n", f"{W}tab": "\t"}
    found: list[str] = []
    for run in element.iter(f"{W}r"):
        found += (piece.text or "" if piece.tag == f"{W}t" else signs.get(piece.tag, "") for piece in run)
    return "".join(found)


def body_texts(data: bytes) -> list[str]:
    """Return the text of every paragraph, those in the contents and in tables too, as python-docx reads it."""
    document = opened(data)
    return [Paragraph(element, document._body).text for element in document.element.body.iter(f"{W}p")]


def styled_texts(data: bytes) -> list[tuple[str, str]]:
    """Return style and text of every paragraph."""
    return [(style_of(paragraph), element_text(paragraph)) for paragraph in root(data).iter(f"{W}p")]


def style_of(paragraph: Any) -> str:
    """Return the id of a paragraph's style."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return str(style.get(f"{W}val")) if style is not None else "Normal"


def styles(data: bytes) -> dict[str, Any]:
    """Return the styles by id."""
    return {style.get(f"{W}styleId"): style for style in root(data, "word/styles.xml").iter(f"{W}style")}


def property_of(all_styles: Mapping[str, Any], style: str, name: str) -> Any:
    """Return a paragraph property ('keepNext') of a style or of the nearest one it is based on, or None."""
    while style:
        found = all_styles[style].find(f"{W}pPr/{W}{name}")
        if found is not None:
            return found
        base = all_styles[style].find(f"{W}basedOn")
        style = base.get(f"{W}val") if base is not None else ""
    return None


def blocks_of(content: list[tuple[str, str]]) -> Iterator[list[str]]:
    """Yield the signature blocks: the party's paragraph and those of the block that follow it."""
    block: list[str] = []
    for style, text in content:
        if style == "SignatureParty":
            if block:
                yield block
            block = [text]
        elif style.startswith("Signature"):
            block.append(text)
    if block:
        yield block
