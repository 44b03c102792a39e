"""From a part's XML to template source: finds docxtpl's tags, joins those that Word split over runs.

`{{ field }}`, `{% if %}` and `{% for %}` stand in running text; `{%p %}`, `{%tr %}` and `{%r %}` take the place of
the paragraph, table row or run they stand in. Everything else in the part stays as it is. A part is an upload: the
work grows with its length, never with its square.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from lxml import etree

from ksf_agreements.documents.language import CLOSE, OPEN, Fault
from ksf_agreements.documents.markup import SPACE, Element, W, XmlFault, parse_xml
from ksf_agreements.text import T, Text

TAGS_LIMIT = 5_000
_TAG_LIMIT = 300
_FAULTS_LIMIT = 50
_SIGN = re.compile(r"\{[{%#]|[}%#]\}")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_STATEMENTS = ("for", "endfor", "if", "elif", "else", "endif")
_PREFIX = re.compile(r"(p|tr|tc|r)\s+(.*)", re.DOTALL)
_MARKER = re.compile(f"{OPEN}(\\d+){CLOSE}")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# The attributes that are words for people: the text instead of a picture or a table, the text of a tip.
_FILLED_ATTRIBUTES = frozenset({"descr", "title", f"{W}tooltip"})
_FILLED_VALUES = frozenset({f"{W}tblCaption", f"{W}tblDescription"})
# What a paragraph, row or run holds that is no text, and would be lost if a tag took its place.
_PRECIOUS = tuple(
    f"{W}{name}" for name in ("drawing", "pict", "object", "sectPr", "fldChar", "footnoteReference", "endnoteReference")
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tag stands, for people: the part, the paragraph's number in it (0: none), its text, and the tag."""

    part: str
    paragraph: int
    text: str
    tag: str


@dataclass(frozen=True, slots=True)
class Source:
    """A part as template source. Tag number n stands on line n + 1 of it, so a fault's line leads to its place.

    `words` are the first words of the tags that steer ('for', 'endif'), '' for those that print.
    """

    part: str
    text: str
    places: tuple[Place, ...]
    faults: tuple[Fault, ...]
    words: tuple[str, ...] = ()

    @property
    def has_tags(self) -> bool:
        """Whether there is anything to fill in."""
        return bool(self.places)

    def place(self, line: int) -> Place | None:
        """Return the place of the tag on a line of the source."""
        return self.places[line - 1] if 0 < line <= len(self.places) else None


@dataclass(slots=True)
class _Collector:
    part: str
    tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    faults: list[tuple[int, str, Text, Text | None]] = field(default_factory=list)
    _count: int = 0

    def count(self, tags: int) -> None:
        """Raise `XmlFault` where the part has more tags than any document needs, comments among them."""
        self._count += tags
        if self._count > TAGS_LIMIT:
            raise XmlFault(T("it has more than {limit} tags", limit=TAGS_LIMIT))

    @property
    def is_full(self) -> bool:
        """Whether there are more faults than anybody would read."""
        return len(self.faults) >= _FAULTS_LIMIT

    def add(self, source: str, place: Place, word: str = "") -> str:
        """Keep a tag and return the marker that stands for it until the part is written out."""
        self.tags.append(source)
        self.words.append(word)
        self.places.append(place)
        return f"{OPEN}{len(self.tags) - 1}{CLOSE}"

    def fault(self, place: Place, code: str, message: Text, mend: Text | None = None) -> None:
        """Keep a fault that has a place but is no tag; beyond the limit nobody would read it."""
        if self.is_full:
            return
        self.places.append(place)
        self.tags.append("")
        self.words.append("")
        self.faults.append((len(self.tags) - 1, code, message, mend))


def template_source(part: str, data: bytes) -> Source:
    """Return the template source of a part. Raises `XmlFault` where the part cannot be read."""
    root = parse_xml(data)
    # The engine's own signs, written as such or as '&#xE000;', would pass for tags.
    whole: str = etree.tostring(root, encoding="unicode")
    if OPEN in whole or CLOSE in whole:
        raise XmlFault(T("it holds characters that the program uses itself"))
    found = _Collector(part)
    if part.startswith("word/"):
        # Line breaks of values are written as <w:br/>, so the prefix must mean what it says.
        if not str(root.tag).startswith(W) or root.nsmap.get("w") != W[1:-1]:
            raise XmlFault(T("it is not written the way Word writes a DOCX ('Strict Open XML' is not read)"))
        for number, texts in enumerate(own_texts(root), 1):
            if found.is_full:
                break
            _paragraph(texts, number, found)
    else:
        _plain_texts(root, found)
    _attributes(root, found)
    return _written(root, found)


def own_texts(root: Element) -> list[list[Element]]:
    """Return the text elements of each paragraph.

    A text box inside a paragraph has paragraphs of its own; their texts are theirs.
    """
    found: list[list[Element]] = []
    inside: list[list[Element]] = []
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=(f"{W}p", f"{W}t")):
        if element.tag == f"{W}t":
            if event == "start" and inside:
                inside[-1].append(element)
        elif event == "start":
            inside.append([])
            found.append(inside[-1])
        else:
            inside.pop()
    return found


def find_tags(text: str) -> tuple[list[tuple[int, int]], str]:
    """Return where the tags of a text begin and end, and the first sign that has no counterpart ('' = none)."""
    spans: list[tuple[int, int]] = []
    position = 0
    while sign := _SIGN.search(text, position):
        end = text.find(_CLOSING[sign[0]], sign.end()) if sign[0] in _CLOSING else -1
        if end < 0:
            return spans, sign[0]
        position = end + 2
        spans.append((sign.start(), position))
    return spans, ""


def without_tags(text: str) -> str:
    """Return a text without its tags."""
    position, pieces = 0, []
    for start, end in find_tags(text)[0]:
        pieces.append(text[position:start])
        position = end
    return "".join((*pieces, text[position:]))


def _paragraph(texts: list[Element], number: int, found: _Collector) -> None:
    whole = "".join(text.text or "" for text in texts)
    if "{" not in whole and "}" not in whole:
        return
    spans, stray = find_tags(whole)
    if stray:
        found.fault(
            Place(found.part, number, whole, stray),
            "unclosed-tag",
            T("the tag sign {sign} has no counterpart", sign=stray),
            T("Write the whole tag in one paragraph: {{{{ field }}}} or {{%p if field %}}."),
        )
        return
    found.count(len(spans))
    marked = [_marked(Place(found.part, number, whole, whole[start:end]), found) for start, end in spans]
    owners = _put_in(
        texts, [(*span, "" if prefix else mark) for span, (mark, prefix) in zip(spans, marked, strict=True)]
    )
    for owner, (start, end), (mark, prefix) in zip(owners, spans, marked, strict=True):
        if prefix and not found.is_full:
            _replace_element(owner, prefix, mark, Place(found.part, number, whole, whole[start:end]), found)
    for text in texts:
        if OPEN in (text.text or ""):
            text.set(SPACE, "preserve")


def _marked(place: Place, found: _Collector) -> tuple[str, str]:
    """Return the marker of a tag, and its prefix ('' in running text)."""
    sort, inner = place.tag[1], place.tag[2:-2]
    if sort == "#":
        match = _PREFIX.match(place.tag[2:-2])
        return "", match[1] if match and match[1] in {"p", "tr"} else ""
    prefix = ""
    if sort == "%" and (match := _PREFIX.fullmatch(inner.rstrip())):
        prefix, inner = match[1], match[2]
    words = inner.split()
    if fault := _tag_fault(sort, inner, words):
        found.fault(place, *fault)
        return "", ""
    close = "%" if sort == "%" else "}"
    # One space for any white space: each tag ends its own line and no other. And one before, so that a minus there
    # is no sign for white space.
    mark = found.add(f"{OPEN}{sort} {' '.join(words)}\n{close}{CLOSE}", place, words[0] if sort == "%" else "")
    return mark, prefix


def _tag_fault(sort: str, inner: str, words: Sequence[str]) -> tuple[str, Text, Text | None] | None:
    """Return what is wrong with a tag at first sight, before Jinja reads it."""
    if inner[:1] in {"-", "+"} or inner[-1:] in {"-", "+"}:
        return "not-allowed", T("signs for white space ({{%- ... -%}}) are not allowed"), T("Remove the sign.")
    if len(inner) > _TAG_LIMIT:
        return "not-allowed", T("the tag is longer than {limit} characters", limit=_TAG_LIMIT), None
    if not words:
        return "syntax", T("the tag is empty"), T("Write a field in it, or remove it.")
    if "as_attribute" in inner:
        return "not-allowed", T("a filter is not known"), None
    if sort == "%" and words[0] not in _STATEMENTS:
        near = get_close_matches(words[0][:40], _STATEMENTS, 1)
        mend = T("Did you mean '{name}'?", name=near[0]) if near else None
        return (
            "not-allowed",
            T("a template may not use this construct ({construct})", construct=words[0][:40]),
            mend or T("Allowed are for, endfor, if, elif, else and endif."),
        )
    return None


def _put_in(texts: list[Element], edits: Sequence[tuple[int, int, str]]) -> list[Element]:
    """Put each marker where the characters from start to end stood; return the text elements they begin in."""
    owners: list[Element] = []
    begin = number = 0
    for text in texts:
        content: str = text.text or ""
        end, position = begin + len(content), begin
        pieces: list[str] = []
        while number < len(edits) and edits[number][0] < end:
            low, high, marker = edits[number]
            if low >= begin:
                pieces += (content[position - begin : low - begin], marker)
                owners.append(text)
            position = min(high, end)
            if high > end:
                break
            number += 1
        if position > begin or pieces:
            text.text = "".join((*pieces, content[position - begin :]))
        begin = end
    return owners


_ELEMENTS: Mapping[str, tuple[str, Text]] = {
    "p": (f"{W}p", T("paragraph")),
    "tr": (f"{W}tr", T("table row")),
    "r": (f"{W}r", T("run")),
}


def _replace_element(text: Element, prefix: str, marker: str, place: Place, found: _Collector) -> None:
    """Let a `{%p %}`, `{%tr %}` or `{%r %}` tag take the place of the element around it."""
    if prefix not in _ELEMENTS:
        found.fault(
            place, "not-allowed", T("table columns cannot be repeated"), T("Repeat rows with {{%tr for ... %}}.")
        )
        return
    name, label = _ELEMENTS[prefix]
    element = next(text.iterancestors(name), None)
    if (
        element is None
        or next(element.iterancestors(f"{W}body", f"{W}hdr", f"{W}ftr", f"{W}footnote", f"{W}endnote"), None) is None
    ):
        # An element that another tag has taken the place of hangs in the air.
        found.fault(place, "wrong-place", T("the tag stands in no {element} of its own", element=label))
        return
    if etree.tostring(element, encoding="unicode", method="text", with_tail=False).strip():
        message = T("the tag takes the place of its whole {element}, and other text stands beside it", element=label)
    elif next(element.iter(*_PRECIOUS), None) is not None:
        message = T(
            "the tag takes the place of its whole {element}, and a picture, field or break stands beside it",
            element=label,
        )
    else:
        parent, before = element.getparent(), element.getprevious()
        tail = marker + (element.tail or "")
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
        parent.remove(element)
        return
    found.fault(place, "text-beside-tag", message, T("Let the tag stand alone in its {element}.", element=label))


def _plain_texts(root: Element, found: _Collector) -> None:
    """Find tags in a part that is not a text: the document's properties."""
    for element in root.iter():
        if element.text and ("{{" in element.text or "{%" in element.text):
            element.text = _plain(element.text, found)


def _attributes(root: Element, found: _Collector) -> None:
    for element in root.iter():
        for name, value in element.items():
            if "{{" in value or "{%" in value:
                if name in _FILLED_ATTRIBUTES or (name == f"{W}val" and element.tag in _FILLED_VALUES):
                    element.set(name, _plain(value, found))
                elif not found.is_full:
                    found.fault(Place(found.part, 0, value, value), "wrong-place", T("no field can be printed here"))


def _plain(value: str, found: _Collector) -> str:
    spans, stray = find_tags(value)
    found.count(len(spans))
    place = Place(found.part, 0, value, value)
    if stray or any(value[start + 1] != "{" for start, _ in spans):
        found.fault(place, "not-allowed", T("here only a field can be printed: {{{{ field }}}}"))
        return value
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        inner = value[start + 2 : end - 2]
        words = inner.split()
        pieces.append(value[position:start])
        if fault := _tag_fault("{", inner, words):
            found.fault(place, *fault)
        else:
            tag = f"{OPEN}{{ {' '.join(words)}|as_attribute\n}}{CLOSE}"
            pieces.append(found.add(tag, Place(found.part, 0, value, value[start:end])))
        position = end
    return "".join((*pieces, value[position:]))


def _written(root: Element, found: _Collector) -> Source:
    """Write the part out with its tags, numbered anew in the order in which they stand in the file."""
    xml: str = etree.tostring(root, encoding="unicode")
    order: list[int] = []
    pieces: list[str] = [_DECLARATION]
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
    words = tuple(found.words[number] for number in order)
    return Source(found.part, "".join(pieces), tuple(places), tuple(faults), words)


def _one_line(static: str) -> str:
    # A line break between elements, or in a text, means the same written so; lines count tags alone.
    return static.replace("\n", "&#10;")
