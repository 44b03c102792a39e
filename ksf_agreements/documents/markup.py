"""Reads a part's XML within bounds: no DOCTYPE, only UTF-8, no more elements than a document needs."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from ksf_agreements.text import T, Text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PART_LIMIT = 4 * 1024 * 1024
_MARKUP_LIMIT = 600_000  # signs '<': about half of them begin an element
_ATTRIBUTES_LIMIT = 500

Element: TypeAlias = Any  # lxml ships no types


class XmlFault(ValueError):
    """A part that is not XML, or XML of a kind that no document needs; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def parse_xml(data: bytes) -> Element:
    """Return the root of a part, without comments and processing instructions.

    Raises `XmlFault` for what is not well-formed, too large, has a DOCTYPE (entities), or is not UTF-8: Word writes
    nothing else, and in another encoding what is looked for here would look different.
    """
    if len(data) > PART_LIMIT or data.count(b"<") > _MARKUP_LIMIT:
        raise XmlFault(T("it is too large"))
    # The parser walks an element's attributes anew for each one more. No sign '<' stands in attributes.
    if any(piece.count(b"=") > _ATTRIBUTES_LIMIT for piece in data.split(b"<")):
        raise XmlFault(T("it is too large"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise XmlFault(T("it is not written in UTF-8")) from fault
    if "\0" in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise XmlFault(T("it declares entities or another encoding, which a document never needs"))
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise XmlFault(T("it is damaged")) from fault
