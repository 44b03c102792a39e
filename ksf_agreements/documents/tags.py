"""From a part's XML to template source: finds docxtpl's tags, joins those that Word split over runs.

`{{ field }}`, `{% if %}` and `{% for %}` stand in running text; `{%p %}`, `{%tr %}` and `{%r %}` take the place of
the paragraph, table row or run they stand in. Everything else in the part stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree

from ksf_agreements.documents.language import CLOSE, OPEN, Fault
from ksf_agreements.text import T, Text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_STRAY = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_PREFIX = re.compile(r"(p|tr|tc|r)\s+(.*)", re.DOTALL)
_MARKER = re.compile(f"{OPEN}(\\d+){CLOSE}")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Element: TypeAlias = Any  # lxml ships no types


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tag stands, for people: the part, the paragraph's number in it, its text, and the tag."""

    part: str
    paragraph: int
    text: str
    tag: str


@dataclass(frozen=True, slots=True)
class Source:
    """A part as template source. Tag number n stands on line n + 1 of it, so a fault's line leads to its place."""

    part: str
    text: str
    places: tuple[Place, ...]
    faults: tuple[Fault, ...]

    @property
    def has_tags(self) -> bool:
        """Whether there is anything to fill in."""
        return bool(self.places)

    def place(self, line: int) -> Place | None:
        """Return the place of the tag on a line of the source."""
        return self.places[line - 1] if 0 < line <= len(self.places) else None


class XmlFault(ValueError):
    """A part that is not XML, or XML of a kind that no document needs."""


def parse_xml(data: bytes) -> Element:
    """Return the root of a part; raise `XmlFault` for a DOCTYPE (entities) or what is not well-formed."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise XmlFault("doctype")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise XmlFault("not well-formed") from fault


@dataclass(slots=True)
class _Collector:
    part: str
    tags: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    faults: list[tuple[int, str, Text, Text | None]] = field(default_factory=list)

    def add(self, source: str, place: Place) -> str:
        """Keep a tag and return the marker that stands for it until the part is written out."""
        self.tags.append(source)
        self.places.append(place)
        return f"{OPEN}{len(self.tags) - 1}{CLOSE}"

    def fault(self, place: Place, code: str, message: Text, mend: Text | None = None) -> None:
        """Keep a fault that has a place but is no tag."""
        self.places.append(place)
        self.tags.append("")
        self.faults.append((len(self.tags) - 1, code, message, mend))


def template_source(part: str, data: bytes) -> Source:
    """Return the template source of a part. Raises `XmlFault` where the part cannot be read."""
    if OPEN.encode() in data or CLOSE.encode() in data:
        raise XmlFault("private-use characters")
    root = parse_xml(data)
    found = _Collector(part)
    paragraphs = list(root.iter(f"{W}p"))
    for number, paragraph in enumerate(paragraphs, 1):
        _paragraph(paragraph, number, found)
    if not paragraphs:
        _plain_texts(root, found)
    _attributes(root, found)
    return _written(root, found)


def _texts(paragraph: Element) -> list[Element]:
    # A text box inside the paragraph has paragraphs of its own; their texts are theirs.
    return [text for text in paragraph.iter(f"{W}t") if next(text.iterancestors(f"{W}p")) is paragraph]


def _paragraph(paragraph: Element, number: int, found: _Collector) -> None:
    texts = _texts(paragraph)
    whole = "".join(text.text or "" for text in texts)
    if "{" not in whole and "}" not in whole:
        return
    matches = list(_TAG.finditer(whole))
    outside = _TAG.sub("", whole)
    if stray := _STRAY.search(outside):
        place = Place(found.part, number, whole, stray[0])
        found.fault(
            place,
            "unclosed-tag",
            T("the tag sign {sign} has no counterpart", sign=stray[0]),
            T("Write the whole tag in one paragraph: {{{{ field }}}} or {{%p if field %}}."),
        )
        return
    # Numbered from the first to the last, put in from the last to the first, so that offsets hold.
    put_in = [(match, *_marked(match[0], number, whole, found)) for match in matches]
    for match, marker, prefix in reversed(put_in):
        owner = _replace(texts, match.start(), match.end(), marker if not prefix else "")
        if prefix:
            _replace_element(owner, prefix, marker, Place(found.part, number, whole, match[0]), found)
    for text in texts:
        if OPEN in (text.text or ""):
            text.set(_SPACE, "preserve")


def _marked(tag: str, number: int, whole: str, found: _Collector) -> tuple[str, str]:
    """Return the marker of a tag, and its prefix ('' in running text)."""
    place = Place(found.part, number, whole, tag)
    sort, inner = tag[1], tag[2:-2].replace("\xa0", " ")
    prefix = ""
    if sort == "#":
        return "", ""
    if sort == "%" and (match := _PREFIX.fullmatch(inner.rstrip())):
        prefix, inner = match[1], match[2]
    if inner[:1] in {"-", "+"} or inner[-1:] in {"-", "+"}:
        found.fault(
            place,
            "not-allowed",
            T("signs for white space ({{%- ... -%}}) are not allowed"),
            T("Remove the sign."),
        )
        return "", ""
    close = "%" if sort == "%" else "}"
    return found.add(f"{OPEN}{sort}{inner}\n{close}{CLOSE}", place), prefix


def _replace(texts: list[Element], start: int, end: int, marker: str) -> Element:
    """Put ``marker`` where the characters from start to end stood; return the text element that got it."""
    owner = None
    position = 0
    for text in texts:
        content = text.text or ""
        low, high = max(start - position, 0), min(end - position, len(content))
        if low < high:
            text.text = content[:low] + (marker if owner is None else "") + content[high:]
            owner = text if owner is None else owner
        position += len(content)
    return owner


_ELEMENTS: Mapping[str, tuple[str, Text]] = {
    "p": (f"{W}p", T("paragraph")),
    "tr": (f"{W}tr", T("table row")),
    "r": (f"{W}r", T("run")),
}


def _replace_element(text: Element, prefix: str, marker: str, place: Place, found: _Collector) -> None:
    """Let a `{%p %}`, `{%tr %}` or `{%r %}` tag take the place of the element around it."""
    if prefix not in _ELEMENTS:
        found.fault(
            place,
            "not-allowed",
            T("table columns cannot be repeated"),
            T("Repeat rows with {{%tr for ... %}}."),
        )
        return
    name, label = _ELEMENTS[prefix]
    element = next(text.iterancestors(name), None)
    if element is None or element.getparent() is None:
        found.fault(place, "wrong-place", T("the tag stands in no {element}", element=label))
        return
    left = "".join(inner.text or "" for inner in element.iter(f"{W}t"))
    if left.strip():
        found.fault(
            place,
            "text-beside-tag",
            T(
                "the tag takes the place of its whole {element}, and other text stands beside it",
                element=label,
            ),
            T("Let the tag stand alone in its {element}.", element=label),
        )
        return
    parent, before = element.getparent(), element.getprevious()
    tail = marker + (element.tail or "")
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)


def _plain_texts(root: Element, found: _Collector) -> None:
    """Find tags in a part that is not a text: the document's properties."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and "{{" in element.text:
            element.text = _plain(element.text, found)


def _attributes(root: Element, found: _Collector) -> None:
    for element in root.iter():
        for name, value in element.items():
            if "{{" in value or "{%" in value:
                element.set(name, _plain(value, found))


def _plain(value: str, found: _Collector) -> str:
    place = Place(found.part, 0, value, value)
    if _STRAY.search(_TAG.sub("", value)) or re.search(r"\{[%#]", value):
        found.fault(place, "not-allowed", T("here only a field can be printed: {{{{ field }}}}"))
        return value

    def marked(match: re.Match[str]) -> str:
        inner = match[0][2:-2].replace("\xa0", " ")
        return found.add(f"{OPEN}{{{inner}|as_attribute\n}}{CLOSE}", Place(found.part, 0, value, match[0]))

    return _TAG.sub(marked, value)


def _written(root: Element, found: _Collector) -> Source:
    """Write the part out with its tags, numbered anew in the order in which they stand in the file."""
    xml: str = etree.tostring(root, encoding="unicode")
    order: list[int] = []
    pieces: list[str] = [_DECLARATION.replace("\n", "")]
    position = 0
    for match in _MARKER.finditer(xml):
        number = int(match[1])
        order.append(number)
        pieces += (_one_line(xml[position : match.start()]), found.tags[number])
        position = match.end()
    pieces.append(_one_line(xml[position:]))
    places = [found.places[number] for number in order]
    faults: list[Fault] = []
    for number, code, message, mend in found.faults:
        places.append(found.places[number])
        faults.append(Fault(code, len(places), message, mend))
    return Source(found.part, "".join(pieces), tuple(places), tuple(faults))


def _one_line(static: str) -> str:
    # A line break between elements, or in a text, means the same written so; lines count tags alone.
    return static.replace("\n", "&#10;")


def tag_texts(source: Source) -> Iterator[str]:
    """Yield the tags of a part as they are written."""
    return (place.tag for place in source.places)
