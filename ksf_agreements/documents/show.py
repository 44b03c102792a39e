"""A Word document as plain lines, tags and all: for people, for `git diff`, and for what lint says of a paragraph.

It reads any DOCX and checks nothing but the limits; nothing in it is filled in or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from lxml import etree

from ksf_agreements.documents.markup import Element, W, XmlFault, parse_xml
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.text import T, Text

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_NAMES: tuple[tuple[re.Pattern[str], Text], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"word/document\.xml", T("body")),
        (r"word/header\d*\.xml", T("header")),
        (r"word/footer\d*\.xml", T("footer")),
        (r"word/footnotes\.xml", T("footnotes")),
        (r"word/endnotes\.xml", T("endnotes")),
        (r"word/comments.*\.xml", T("comments")),
        (r"word/glossary/.*", T("building blocks")),
        (r"word/charts/.*", T("chart")),
        (r"word/diagrams/.*", T("diagram")),
        (r"docProps/.*", T("properties")),
    )
)


def part_name(part: str) -> Text:
    """Return what people call a part; its own name where they have no word for it."""
    return next((name for pattern, name in _NAMES if pattern.fullmatch(part)), Text("{part}", (("part", part),)))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its number in the part, its text, and what its style makes of it.

    `level` is that of a heading (0: none). `row` and `cell` tell paragraphs of a table apart (0: no table).
    """

    number: int
    text: str
    style: str = ""
    level: int = 0
    is_item: bool = False
    row: int = 0
    cell: int = 0


@dataclass(frozen=True, slots=True)
class _Style:
    name: str = ""
    level: int = 0
    is_item: bool = False


Styles = Mapping[str, _Style]


def read_styles(parts: Mapping[str, bytes]) -> Styles:
    """Return the paragraph styles by id: Word translates ids ('Overskrift1'), never the names of its own styles."""
    try:
        root = parse_xml(parts["word/styles.xml"])
    except (KeyError, XmlFault):
        return {}
    return {str(style.get(f"{W}styleId")): _style(style) for style in root.iter(f"{W}style")}


def _style(style: Element) -> _Style:
    named = style.find(f"{W}name")
    name = (named.get(f"{W}val") or "").lower() if named is not None else ""
    match = re.fullmatch(r"heading ([1-9])", name)
    is_item = name.startswith("list ") or style.find(f"{W}pPr/{W}numPr") is not None
    return _Style(name, int(match[1]) if match else 0, is_item)


@dataclass(slots=True)
class _Open:
    """A paragraph that has begun."""

    number: int
    row: int
    cell: int
    style: str = ""
    numbered: bool = False
    outline: int = 0
    pieces: list[str] = field(default_factory=list)


_SIGNS = {f"{W}tab": "\t", f"{W}br": " ↵ ", f"{W}cr": " ↵ ", f"{W}noBreakHyphen": "-"}
_TOLD = tuple(
    f"{W}{name}"
    for name in "p t tab br cr noBreakHyphen pStyle numPr outlineLvl tr tc".split()  # noqa: SIM905 (reads better)
)


def paragraphs(root: Element, styles: Styles) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a part in their order; those of text boxes too, each with its own text."""
    reader = _Reader(styles)
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=(*_TOLD, f"{_DRAWING}docPr", _FALLBACK)):
        if event == "start":
            reader.begin(element)
        else:
            reader.end(element)
    return tuple(one for one in reader.found if one is not None)


@dataclass(slots=True)
class _Reader:
    styles: Styles
    found: list[Paragraph | None] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)
    _cells: list[int] = field(default_factory=list)
    _row_count: int = 0
    _cell_count: int = 0
    _hidden: int = 0

    def begin(self, element: Element) -> None:
        """Take note of an element that begins."""
        name = element.tag
        if name == _FALLBACK:
            self._hidden += 1
        elif name == f"{W}tr":
            self._row_count += 1
            self._rows.append(self._row_count)
        elif name == f"{W}tc":
            self._cell_count += 1
            self._cells.append(self._cell_count)
        elif name == f"{W}p":
            self.found.append(None)
            place = (self._rows[-1] if self._rows else 0, self._cells[-1] if self._cells else 0)
            self._open.append(_Open(len(self.found), *place))
        elif self._open:
            self._inside(self._open[-1], element)

    def _inside(self, paragraph: _Open, element: Element) -> None:
        name = element.tag
        if name == f"{W}t":
            paragraph.pieces.append(element.text or "")
        elif name == f"{W}pStyle":
            paragraph.style = element.get(f"{W}val") or ""
        elif name == f"{W}numPr":
            paragraph.numbered = True
        elif name == f"{W}outlineLvl":
            level = element.get(f"{W}val") or ""
            paragraph.outline = int(level) + 1 if re.fullmatch("[0-8]", level) else 0
        elif name == f"{_DRAWING}docPr":
            paragraph.pieces.append(f"<{element.get('name') or ''}: {element.get('descr') or ''}>")
        elif name != f"{W}tab" or element.getparent().tag == f"{W}r":  # else a tab stop
            paragraph.pieces.append(_SIGNS[name])

    def end(self, element: Element) -> None:
        """Take note of an element that ends."""
        name = element.tag
        if name == _FALLBACK:
            self._hidden -= 1
        elif name == f"{W}tr":
            self._rows.pop()
        elif name == f"{W}tc":
            self._cells.pop()
        elif name == f"{W}p":
            one = self._open.pop()
            style = self.styles.get(one.style, _Style())
            # What stands in a fallback stands in the choice beside it too; it keeps its number and is not told.
            if not self._hidden:
                self.found[one.number - 1] = Paragraph(
                    number=one.number,
                    text="".join(one.pieces),
                    style=style.name,
                    level=style.level or one.outline,
                    is_item=style.is_item or one.numbered,
                    row=one.row,
                    cell=one.cell,
                )


def line(paragraph: Paragraph) -> str:
    """Return a paragraph as one line: '# ' and so on before a heading, '- ' before an item of a list."""
    text = " ".join(paragraph.text.split("\n"))
    if paragraph.level:
        return f"{'#' * paragraph.level} {text}"
    return f"- {text}" if paragraph.is_item else text


def lines(found: tuple[Paragraph, ...]) -> Iterator[str]:
    """Yield paragraphs as lines, and each row of a table as one: 'a | b'."""
    for row, members in groupby(found, key=lambda one: one.row):
        if not row:
            yield from map(line, members)
            continue
        cells = groupby(members, key=lambda one: one.cell)
        yield " | ".join(" / ".join(line(one) for one in cell if one.text) for _, cell in cells)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document as lines."""

    part: str
    lines: tuple[str, ...]


_SHOWN = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")


def shown(data: bytes) -> tuple[Section, ...]:
    """Return the text of a DOCX with its tags: properties first, then the body, then headers, footers and notes.

    Raises `PackageError` where it is no readable DOCX.
    """
    parts = read_package(data)
    styles = read_styles(parts)
    sections: list[Section] = []
    for name in sorted(parts, key=lambda name: (not name.startswith("docProps/"), name != "word/document.xml", name)):
        try:
            if _SHOWN.fullmatch(name):
                sections.append(Section(name, tuple(lines(paragraphs(parse_xml(parts[name]), styles)))))
            elif name in {"docProps/core.xml", "docProps/custom.xml"}:
                sections.append(Section(name, tuple(_properties(parse_xml(parts[name])))))
        except XmlFault as fault:
            raise PackageError(
                T("The part {part} of the document cannot be read: {reason}.", part=name, reason=fault.reason)
            ) from fault
    return tuple(section for section in sections if any(section.lines))


def _properties(root: Element) -> Iterator[str]:
    for entry in root:
        text = "".join(entry.itertext()).strip()
        if text:
            yield f"{entry.get('name') or etree.QName(entry).localname}: {text}"
