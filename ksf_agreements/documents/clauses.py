"""A Word document as the passages that it says: tracked changes taken as made, without what Word keeps for itself.

It reads any DOCX within the limits of a document from outside; what a reader of the printed page does not see
(hidden text, comments) or sees as taken out (struck through) is told beside the passages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from lxml import etree

from ksf_agreements.documents.markup import Element, W, XmlFault, parse_xml
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.safety import MAIN_PART
from ksf_agreements.documents.show import Styles, read_styles
from ksf_agreements.documents.template import custom_properties
from ksf_agreements.domain.compared.passages import Kind, Passage, Span
from ksf_agreements.domain.compared.wordings import clean
from ksf_agreements.text import T

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TRACKED = tuple(f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo"))
_LEFT_OUT = frozenset({_FALLBACK, f"{W}del", f"{W}moveFrom"})
_SIGNS = {f"{W}tab": " ", f"{W}br": " ", f"{W}cr": " ", f"{W}noBreakHyphen": "-", f"{W}softHyphen": ""}
_OBJECTS = tuple(f"{W}{name}" for name in ("drawing", "pict", "object", "altChunk"))
_WATCHED = (*_LEFT_OUT, f"{W}p", f"{W}r", f"{W}t", f"{W}sym", _MATH_TEXT, *_SIGNS)
_TINY = frozenset("01234")
_SHADED = tuple(f"{W}{name}" for name in ("p", "tc", "tbl"))
_FURNITURE = re.compile(r"word/(header|footer)\d*\.xml")
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")

BEGIN, END = "\ue100", "\ue101"
"""Around the number of a value, and after the value itself, in a document that shows where its values stand."""
_MARKED = re.compile(f"{BEGIN}(\\d+){BEGIN}|{END}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says, and what it carries beside: counts of tracked changes, comments and objects.

    `hidden` are texts that are not shown, `struck` those with a line through them; `furniture` the texts of headers and
    footers; `properties` its own.
    """

    passages: tuple[Passage, ...]
    tracked: int
    comments: int
    hidden: tuple[str, ...]
    struck: tuple[str, ...]
    objects: int
    furniture: tuple[str, ...]
    properties: Mapping[str, str]


def read_clauses(data: bytes, values: tuple[str, ...] = ()) -> Reading:
    """Return what a DOCX says; ``values`` are the paths of the values that it marks (`marked.marked_document`).

    Raises `PackageError` where it is no readable DOCX.
    """
    parts = read_package(data)
    if MAIN_PART not in parts:
        raise PackageError(T("The file is not a Word document (DOCX)."))
    styles = read_styles(parts)
    looks = _Looks(_styles_with(parts, _is_hidden), _styles_with(parts, _is_struck))
    body = _root(parts, MAIN_PART)
    readers = [_Reader(styles, looks, values)]
    readers[0].read(body)
    for name in _NOTES:
        if name in parts:
            readers.append(_Reader(styles, looks, values))
            readers[-1].read(_root(parts, name))
    furniture = []
    for name in sorted(parts):
        if _FURNITURE.fullmatch(name):
            reader = _Reader(styles, looks, values)
            reader.read(_root(parts, name))
            furniture += [passage.text for passage in reader.found]
    comments = [name for name in parts if re.fullmatch(r"word/comments\.xml", name)]
    return Reading(
        passages=tuple(passage for reader in readers for passage in reader.found),
        tracked=sum(1 for _ in body.iter(*_TRACKED)),
        comments=sum(1 for name in comments for _ in _root(parts, name).iter(f"{W}comment")),
        hidden=tuple(text for reader in readers for piece in reader.hidden if (text := clean(piece))),
        struck=tuple(text for reader in readers for piece in reader.struck if (text := clean(piece))),
        objects=sum(1 for _ in body.iter(*_OBJECTS)),
        furniture=tuple(dict.fromkeys(furniture)),
        properties=custom_properties(parts),
    )


def _root(parts: Mapping[str, bytes], name: str) -> Element:
    try:
        return parse_xml(parts[name])
    except XmlFault as fault:
        text = T("The part {part} of the document cannot be read: {reason}.", part=name, reason=fault.reason)
        raise PackageError(text) from fault


@dataclass(frozen=True, slots=True)
class _Looks:
    """The styles whose text is not shown, and those whose text is struck through."""

    hidden: frozenset[str]
    struck: frozenset[str]


def _styles_with(parts: Mapping[str, bytes], has: Callable[[Element | None], bool]) -> frozenset[str]:
    """Return the styles whose letters have a look, those based on them too."""
    try:
        root = parse_xml(parts["word/styles.xml"])
    except (KeyError, XmlFault):
        return frozenset()
    based: dict[str, str] = {}
    found: set[str] = set()
    for style in root.iter(f"{W}style"):
        name, base = str(style.get(f"{W}styleId")), style.find(f"{W}basedOn")
        based[name] = str(base.get(f"{W}val")) if base is not None else ""
        if has(style.find(f"{W}rPr")):
            found.add(name)
    for _ in range(10):  # Word nests no deeper
        found |= {name for name, base in based.items() if base in found}
    return frozenset(found)


def _is_on(properties: Element | None, name: str) -> bool:
    switch = properties.find(f"{W}{name}") if properties is not None else None
    return switch is not None and switch.get(f"{W}val") not in {"0", "false", "off"}


def _is_hidden(properties: Element | None) -> bool:
    return _is_on(properties, "vanish")


def _is_struck(properties: Element | None) -> bool:
    return _is_on(properties, "strike") or _is_on(properties, "dstrike")


def _is_unseen(run: Element, properties: Element | None) -> bool:
    """Whether nobody can see a run that is shown: white on white, or letters of two points and less."""
    if properties is None:
        return False
    size, colour = properties.find(f"{W}sz"), properties.find(f"{W}color")
    if size is not None and str(size.get(f"{W}val")) in _TINY:
        return True
    if colour is None or str(colour.get(f"{W}val")).upper() != "FFFFFF":
        return False
    around = (properties, *(one.find(f"{W}{one.tag.removeprefix(W)}Pr") for one in run.iterancestors(*_SHADED)))
    return all(one is None or one.find(f"{W}shd") is None for one in around)


class _Sight(IntEnum):
    """How a text is seen."""

    SHOWN = 0
    STRUCK = 1
    HIDDEN = 2


@dataclass(slots=True)
class _Open:
    """A paragraph that has begun."""

    style: str
    level: int
    is_item: bool
    sight: _Sight
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    styles: Styles
    looks: _Looks
    values: tuple[str, ...]
    found: list[Passage] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _runs: list[_Sight] = field(default_factory=list)
    _left_out: int = 0

    def read(self, root: Element) -> None:
        """Read a part of the document."""
        for event, element in etree.iterwalk(root, events=("start", "end"), tag=_WATCHED):
            if element.tag in _LEFT_OUT:
                self._left_out += self._is_content(element) * (1 if event == "start" else -1)
            elif event == "start":
                self._begin(element)
            elif element.tag == f"{W}p":
                self._close(self._open.pop())
            elif element.tag == f"{W}r":
                self._runs.pop()

    @staticmethod
    def _is_content(element: Element) -> bool:
        """Whether a mark of deletion is around text, and not a property of a paragraph or row."""
        return element.tag == _FALLBACK or element.getparent().tag not in {f"{W}rPr", f"{W}trPr"}

    def _begin(self, element: Element) -> None:
        if element.tag == f"{W}p":
            self._open.append(self._opened(element))
        elif element.tag == f"{W}r":
            properties = element.find(f"{W}rPr")
            style = properties.find(f"{W}rStyle") if properties is not None else None
            named = str(style.get(f"{W}val")) if style is not None else ""
            self._runs.append(self._sight(element, properties, named))
        elif self._open and not self._left_out:
            self._say(element)

    def _sight(self, run: Element, properties: Element | None, style: str) -> _Sight:
        if _is_hidden(properties) or style in self.looks.hidden or _is_unseen(run, properties):
            return _Sight.HIDDEN
        return _Sight.STRUCK if _is_struck(properties) or style in self.looks.struck else _Sight.SHOWN

    def _opened(self, paragraph: Element) -> _Open:
        properties = paragraph.find(f"{W}pPr")
        named = properties.find(f"{W}pStyle") if properties is not None else None
        style_id = str(named.get(f"{W}val")) if named is not None else ""
        style = self.styles.get(style_id)
        outline = properties.find(f"{W}outlineLvl") if properties is not None else None
        level = str(outline.get(f"{W}val")) if outline is not None else ""
        numbered = properties is not None and properties.find(f"{W}numPr") is not None
        return _Open(
            style=style.name if style else "",
            level=(style.level if style else 0) or (int(level) + 1 if re.fullmatch("[0-8]", level) else 0),
            is_item=numbered or bool(style and style.is_item),
            sight=_Sight.HIDDEN
            if style_id in self.looks.hidden
            else _Sight.STRUCK
            if style_id in self.looks.struck
            else _Sight.SHOWN,
        )

    def _say(self, element: Element) -> None:
        if element.tag in _SIGNS:
            in_run = element.getparent().tag == f"{W}r"  # else a tab stop
            text = _SIGNS[element.tag] if in_run else ""
        elif element.tag == f"{W}sym":
            code = str(element.get(f"{W}char"))
            text = chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{4}", code) else ""
        else:
            text = element.text or ""
        one = self._open[-1]
        sight = max(one.sight, self._runs[-1] if self._runs else _Sight.SHOWN)
        {_Sight.SHOWN: one.pieces, _Sight.STRUCK: self.struck, _Sight.HIDDEN: self.hidden}[sight].append(text)

    def _close(self, one: _Open) -> None:
        text, spans = _unmarked(clean("".join(one.pieces)), self.values)
        if text:
            self.found.append(Passage(text, _kind(one), one.level or _annex_level(one), spans=spans))


def _annex_level(one: _Open) -> int:
    return 1 if one.style == "vedlegg overskrift" else 0


def _kind(one: _Open) -> Kind:
    if one.level or _annex_level(one):
        return Kind.HEADING
    for prefix, kind in (("toc ", Kind.CONTENTS), ("signatur ", Kind.SIGNATURE), ("vedlegg ", Kind.ITEM)):
        if one.style.startswith(prefix):
            return kind
    return Kind.ITEM if one.is_item else Kind.TEXT


def _unmarked(text: str, values: tuple[str, ...]) -> tuple[str, tuple[Span, ...]]:
    """Return a text without its marks, and where the values stand; a mark stands after a value's first character."""
    if not values:
        return text, ()
    pieces: list[str] = []
    spans: list[Span] = []
    opened: list[tuple[int, str]] = []
    length = last = 0
    for found in _MARKED.finditer(text):
        pieces.append(text[last : found.start()])
        length += found.start() - last
        last = found.end()
        if found[1] is not None:
            opened.append((max(length - 1, 0), values[int(found[1])]))
        elif opened:
            start, path = opened.pop()
            spans.append(Span(start, length, path))
    return "".join((*pieces, text[last:])), tuple(sorted(spans, key=lambda span: span.start))


def with_values(issued: Sequence[Passage], marked: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the issued passages with the values that ``marked`` shows, wherever both say the same.

    They differ where the template has changed since; letters' case may, where a value begins a sentence.
    """
    if [one.text.casefold() for one in issued] == [one.text.casefold() for one in marked]:
        return tuple(replace(one, spans=other.spans) for one, other in zip(issued, marked, strict=True))
    shown = {passage.text.casefold(): passage.spans for passage in marked if passage.spans}
    return tuple(replace(one, spans=shown.get(one.text.casefold(), ())) for one in issued)
