"""What a template may not carry along: macros, embedded programs, links that fetch, field codes that run something.

The document that is made goes to others, who trust it; what the engine copies from an upload must be harmless.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from ksf_agreements.documents.language import Fault
from ksf_agreements.documents.markup import Element, W, parse_xml
from ksf_agreements.text import T, Text

_TEXT = re.compile(r"(word|docProps)/(glossary/)?[^/]+\.xml", re.IGNORECASE)
MAIN_PART = "word/document.xml"
CONTENT_TYPES = "[Content_Types].xml"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

_MACROS = T("macros"), T("Save it anew as a Word document (DOCX) without macros.")
_EMBEDDED = T("an embedded file or program"), T("Remove the object, or put a picture in its place.")
_ADD_IN = T("an add-in"), T("Remove the add-in from the document.")

# The last word of a relationship's type, and what it brings along.
_REFUSED_RELATIONS: Mapping[str, tuple[Text, Text]] = {
    "vbaProject": _MACROS,
    "wordVbaData": _MACROS,
    "keyMapCustomizations": _MACROS,
    "attachedToolbars": _MACROS,
    "extensibility": _ADD_IN,
    "webextension": _ADD_IN,
    "webextensiontaskpanes": _ADD_IN,
    "oleObject": _EMBEDDED,
    "package": _EMBEDDED,
    "control": _EMBEDDED,
    "activeXControlBinary": _EMBEDDED,
    "aFChunk": _EMBEDDED,
    "subDocument": _EMBEDDED,
    "frame": _EMBEDDED,
}
# The same by content type, for a part that no relationship admits to.
_REFUSED_TYPES: Mapping[str, tuple[Text, Text]] = {
    "macroenabled": _MACROS,
    "vbaproject": _MACROS,
    "vbadata": _MACROS,
    "oleobject": _EMBEDDED,
    "activex": _EMBEDDED,
}
# Field codes that print something of the document itself. Others run programs or fetch files (DDEAUTO,
# INCLUDETEXT, MACROBUTTON ...), or build such a code from pieces (QUOTE, SET).
_FIELDS = frozenset(
    """
    ADVANCE AUTHOR BIBLIOGRAPHY CITATION COMMENTS CREATEDATE DATE DOCPROPERTY EDITTIME EQ FILENAME FILESIZE
    FORMCHECKBOX FORMDROPDOWN FORMTEXT HYPERLINK INDEX KEYWORDS LASTSAVEDBY LISTNUM NOTEREF NUMCHARS NUMPAGES
    NUMWORDS PAGE PAGEREF PRINTDATE REF REVNUM SAVEDATE SECTION SECTIONPAGES SEQ STYLEREF SUBJECT SYMBOL TA TC
    TEMPLATE TIME TITLE TOA TOC USERINITIALS USERNAME XE
    """.split()  # noqa: SIM905 (reads better than thirty quoted words)
)


def package_faults(parts: Mapping[str, bytes]) -> Iterator[Fault]:
    """Yield what the container carries that no template may. Raises `XmlFault` for a part that cannot be read."""
    yield from _type_faults(parse_xml(parts[CONTENT_TYPES]))
    main = False
    for name, data in parts.items():
        if name.lower().endswith(".rels"):
            for relation in parse_xml(data).iter(f"{_RELATIONS}Relationship"):
                yield from _relation_faults(relation)
                main = main or (name == "_rels/.rels" and _leads_to_main(relation))
    if not main:
        yield Fault(
            "odd-container",
            0,
            T("the file does not keep its text where Word keeps it"),
            T("Open it in Word and save it anew as DOCX."),
        )


def part_faults(root: Element) -> Iterator[Fault]:
    """Yield what is not allowed in one part of the text."""
    for code in field_codes(root):
        name = (code.split() or [""])[0].upper()
        if "{" in code or "}" in code:
            yield Fault(
                "field-code", 0, T("a tag stands in a field code, where nothing can be filled in"), _REMOVE_FIELD
            )
        elif name not in _FIELDS:
            yield Fault(
                "field-code", 0, T("the field code {code} is not allowed", code=name[:40] or "?"), _REMOVE_FIELD
            )
    if next(root.iter(f"{W}mailMerge"), None) is not None:
        yield Fault(
            "mail-merge",
            0,
            T("the document is set up for mail merge"),
            T("In Word: Mailings, Start Mail Merge, Normal Word Document."),
        )


_REMOVE_FIELD = T("Remove the field, or replace it with its text (Ctrl+Shift+F9 in Word).")


def field_codes(root: Element) -> Iterator[str]:
    """Yield the codes of the fields of a part; a field that begins within another's code is told as ''."""
    for simple in root.iter(f"{W}fldSimple"):
        yield simple.get(f"{W}instr") or ""
    # The codes of the open fields; None where the code is over and its result has begun.
    opened: list[list[str] | None] = []
    for element in root.iter(f"{W}fldChar", f"{W}instrText"):
        code = opened[-1] if opened else None
        sort = element.get(f"{W}fldCharType")
        if element.tag == f"{W}instrText":
            if code is None:
                yield element.text or ""
            else:
                code.append(element.text or "")
        elif sort == "begin":
            if code is not None:
                yield ""
            opened.append([])
        elif opened:
            opened.pop()
            if code is not None:
                yield "".join(code)
            if sort == "separate":
                opened.append(None)
    for code in opened:
        if code is not None:
            yield "".join(code)


def _type_faults(root: Element) -> Iterator[Fault]:
    main = ""
    for entry in root.iter(f"{_TYPES}Override", f"{_TYPES}Default"):
        said = (entry.get("ContentType") or "").lower()
        for sign, (what, mend) in _REFUSED_TYPES.items():
            if sign in said:
                yield _carried(what, mend)
        if (entry.get("PartName") or "").lower() == f"/{MAIN_PART}":
            main = said
    if main != _DOCX and "macro" not in main:
        yield Fault(
            "not-docx",
            0,
            T("the file is not saved as an ordinary Word document"),
            T("Save it in Word as 'Word Document (*.docx)'."),
        )


def text_parts(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the parts that Word reads as text of the document, whatever their names say."""
    types: dict[str, str] = {}
    for entry in parse_xml(parts[CONTENT_TYPES]).iter(f"{_TYPES}Override", f"{_TYPES}Default"):
        key = entry.get("PartName") or f".{entry.get('Extension')}"
        types[key.lower()] = (entry.get("ContentType") or "").lower()
    for name in parts:
        said = types.get(f"/{name.lower()}") or types.get(posixpath.splitext(name.lower())[1], "")
        if "wordprocessingml" in said or _TEXT.fullmatch(name):
            yield name


def _relation_faults(relation: Element) -> Iterator[Fault]:
    kind = (relation.get("Type") or "").rsplit("/", 1)[-1]
    if kind in _REFUSED_RELATIONS:
        yield _carried(*_REFUSED_RELATIONS[kind])
    elif (relation.get("TargetMode") or "").lower() == "external" and kind != "hyperlink":
        yield Fault(
            "fetches",
            0,
            T("the document fetches something from elsewhere when it is opened ({kind})", kind=kind[:40]),
            T("Put the picture or the text itself into the document; detach a remote template under Developer."),
        )


def _carried(what: Text, mend: Text) -> Fault:
    return Fault("carries", 0, T("the document carries {what}", what=what), mend)


def _leads_to_main(relation: Element) -> bool:
    kind = (relation.get("Type") or "").rsplit("/", 1)[-1]
    return kind == "officeDocument" and (relation.get("Target") or "").lstrip("/") == MAIN_PART


def related(parts: Mapping[str, bytes], name: str, identity: str) -> str:
    """Return the part that ``name`` refers to by a relationship's id, or ''."""
    folder, file = posixpath.split(name)
    data = parts.get(f"{folder}/_rels/{file}.rels")
    for relation in parse_xml(data).iter(f"{_RELATIONS}Relationship") if data else ():
        if relation.get("Id") == identity:
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))[1:]
            return target if target in parts else ""
    return ""


def known_part(parts: Mapping[str, bytes], name: str, content_type: str, relation: str) -> tuple[bytes, bytes]:
    """Return the container's content types and relationships, with one more part in them."""
    types, relations = parse_xml(parts[CONTENT_TYPES]), parse_xml(parts["_rels/.rels"])
    etree.SubElement(types, f"{_TYPES}Override", PartName=f"/{name}", ContentType=content_type)
    etree.SubElement(relations, f"{_RELATIONS}Relationship", Id="rIdKsfProperties", Type=relation, Target=name)
    return _bytes_of(types), _bytes_of(relations)


def _bytes_of(root: Element) -> bytes:
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return written
