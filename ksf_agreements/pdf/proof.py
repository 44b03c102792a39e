"""Proof-reads a PDF before it is released: it says what the Word document says, and is made as it claims to be.

Pure: the bytes of the PDF and what is expected of it. How the two texts are held against each other:

- Spaces, line breaks and signs without a shape do not count; letters are compared in Unicode's NFC. A soft hyphen may
  be printed as a hyphen.
- Header and footer are looked for at the beginning and the end of every page, with that page's own number, and set
  aside; what is left of all pages must be the document's paragraphs in their order, and nothing else.
- Before an item of a list stands its sign or number, which a Word document does not hold as text.
- An entry of the contents is its heading, dots, and a number; the number and the link must be those of the page where
  the heading stands.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import accumulate, groupby
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from ksf_agreements.errors import Problem
from ksf_agreements.text import T, Text

PAGE, PAGES = "\ue000", "\ue001"
"""What stands in an expected header or footer for the page's number and for the number of pages."""

PAGES_LIMIT = 500
_SOFT = "\ue002"  # stands for a soft hyphen, which is printed where a line ends with it
_SHOWN = 60
_LABEL = re.compile(r"[•◦▪–-]|\d{1,3}(?:\.\d{1,3}){0,3}[.)]?|[A-Za-z][.)]")
_NUMBER = re.compile(r"\.*(\d{1,4})")
_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\[|\]")
_XMP = {
    "PDF/A-2b": (re.compile(rb"pdfaid:part(?:>|=[\"'])2"), re.compile(rb"pdfaid:conformance(?:>|=[\"'])B")),
    "PDF/UA-1": (re.compile(rb"pdfuaid:part(?:>|=[\"'])1"),),
}
_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it is to be printed.

    `level` is a heading's (0: none); `is_item`: a sign or a number stands before it; `is_entry`: an entry of the
    contents, its text without dots and number; `block` counts the signature blocks from 1 (0: none). `head` is the head
    of the table that it stands in, which is printed again where a page begins with it.
    """

    text: str
    level: int = 0
    is_item: bool = False
    is_entry: bool = False
    block: int = 0
    head: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a PDF must be: its document's title and language, its text, and the cluster's `own` values.

    Only inside a value of its own may a tag or a bracket stand. `ours` is False for a document from outside: then its
    words must all be there, while order, headers, contents and brackets are its author's business.
    """

    title: str
    language: str
    lines: tuple[Line, ...]
    headers: tuple[str, ...] = ()
    footers: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    ours: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    """A line in the PDF: the first and the last of its pages (from 1), and the number that an entry prints."""

    line: Line
    first: int
    last: int
    number: int = 0


@dataclass
class _Proof:
    """A PDF that is read for the checks, and what they have found of its text."""

    reader: PdfReader
    expected: Expected
    found: list[_Found] = field(default_factory=list)
    body: str = ""

    @cached_property
    def root(self) -> DictionaryObject:
        return self.reader.root_object

    @cached_property
    def texts(self) -> list[str]:
        """The text of each page, squeezed."""
        return [squeezed(page.extract_text()).replace(_SOFT, "") for page in self.reader.pages]

    @cached_property
    def numbers(self) -> Mapping[int, int]:
        """The page numbers by the id of the page's object."""
        return {
            page.indirect_reference.idnum: number
            for number, page in enumerate(self.reader.pages, 1)
            if page.indirect_reference is not None
        }


def prove(pdf: bytes, expected: Expected) -> tuple[Problem, ...]:
    """Return everything that is wrong with a PDF; none: it may be released."""
    try:
        reader = PdfReader(BytesIO(pdf), strict=True)
        if not 0 < len(reader.pages) <= PAGES_LIMIT:
            return (_problem("pages", T("the PDF has no pages, or more than {limit}", limit=PAGES_LIMIT)),)
        proof = _Proof(reader, expected)
        return tuple(problem for check in _CHECKS for problem in check(proof))
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:  # pypdf tells damage in many ways, not all of them its own
        return (_problem("unreadable", T("the PDF cannot be read")),)


def squeezed(text: str) -> str:
    """Return ``text`` in NFC without spaces, line breaks and what has no shape; a hyphen is a hyphen."""
    joined = "".join(unicodedata.normalize("NFC", text).split())
    if joined.isascii():
        return joined
    return "".join(
        one for one in joined.translate(_SAME) if unicodedata.category(one) != "Cf" and one not in _SHAPELESS
    )


_SAME = {0x2011: "-", 0xAD: _SOFT}  # a hyphen that does not break; a soft one
_SHAPELESS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # variation selectors


def _problem(code: str, message: Text) -> Problem:
    return Problem(code, message)


def _title(proof: _Proof) -> Iterator[Problem]:
    told = proof.reader.metadata.title if proof.reader.metadata else None
    viewer = proof.root.get("/ViewerPreferences", DictionaryObject()).get_object()
    if not proof.expected.title.strip() or told != proof.expected.title or not viewer.get("/DisplayDocTitle"):
        yield _problem("title", T("the title of the PDF is not '{title}'", title=proof.expected.title))


def _language(proof: _Proof) -> Iterator[Problem]:
    if str(proof.root.get("/Lang", "")) != proof.expected.language:
        yield _problem("language", T("the language of the PDF is not told as {tag}", tag=proof.expected.language))


def _tags(proof: _Proof) -> Iterator[Problem]:
    tree, mark = (proof.root.get(name) for name in ("/StructTreeRoot", "/MarkInfo"))
    if tree is None or not tree.get_object().get("/K") or not (mark and mark.get_object().get("/Marked")):
        yield _problem("untagged", T("the PDF has no tags for screen readers"))


def _standards(proof: _Proof) -> Iterator[Problem]:
    stream = proof.root.get("/Metadata")
    told = stream.get_object().get_data() if stream is not None else b""
    for name, signs in _XMP.items():
        if not all(sign.search(told) for sign in signs):
            yield _problem("standard", T("the PDF does not say that it is {standard}", standard=name))


def _fonts(proof: _Proof) -> Iterator[Problem]:
    names: dict[str, bool] = {}
    seen: set[int] = set()
    for page in proof.reader.pages:
        _embedded(page.get("/Resources"), names, seen)
    missing = tuple(name for name, there in sorted(names.items()) if not there)
    if missing:
        yield _problem("font", T("these fonts are not embedded: {names}", names=missing))


def _embedded(resources: Any, names: dict[str, bool], seen: set[int]) -> None:
    """Note for each font, also those of drawings inside drawings, whether it is embedded."""
    waiting = [resources]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
        held = one.get_object() if one is not None else None
        if not isinstance(held, DictionaryObject):
            continue
        for font in held.get("/Font", DictionaryObject()).get_object().values():
            name, there = _font(font.get_object())
            names[name] = names.get(name, True) and there
        for drawing in held.get("/XObject", DictionaryObject()).get_object().values():
            if not (isinstance(drawing, IndirectObject) and drawing.idnum in seen):
                if isinstance(drawing, IndirectObject):
                    seen.add(drawing.idnum)
                waiting.append(drawing.get_object().get("/Resources"))


def _font(font: DictionaryObject) -> tuple[str, bool]:
    name = str(font.get("/BaseFont", "?")).removeprefix("/")
    if font.get("/Subtype") == "/Type3":  # drawn by the file itself
        return name, True
    inner = font.get("/DescendantFonts")
    described = inner.get_object()[0].get_object() if inner is not None else font
    descriptor = described.get("/FontDescriptor")
    return name, descriptor is not None and any(key in descriptor.get_object() for key in _FILES)


def _text(proof: _Proof) -> Iterator[Problem]:
    yield from _in_order(proof) if proof.expected.ours else _all_words(proof)


def _all_words(proof: _Proof) -> Iterator[Problem]:
    """A document from outside: each of its words is there as often as it says it."""

    def words(texts: Iterator[str]) -> Counter[str]:
        return Counter(word for text in texts for word in re.findall(r"\w+", unicodedata.normalize("NFC", text)))

    there = words(page.extract_text() for page in proof.reader.pages)
    lost = words(line.text for line in proof.expected.lines) - there
    if lost:
        yield _problem("text", T("the PDF lacks words of the document: {words}", words=tuple(list(lost)[:10])))


def _in_order(proof: _Proof) -> Iterator[Problem]:
    """One of ours: furniture on every page, and between it the paragraphs in their order, no less and no more."""
    bodies: list[str] = []
    for number, text in enumerate(proof.texts, 1):
        rest, problem = _without_furniture(proof, number, text)
        bodies.append(rest)
        if problem:
            yield problem
    proof.body = "".join(bodies)
    body = _Body(proof.body, tuple(accumulate(map(len, bodies))))
    at = 0
    lines = [line for line in proof.expected.lines if squeezed(line.text)]
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        place = body.find(at, line)
        if place is None:
            yield from _difference(body, at, line, proof.expected.lines)
            return
        (begin, at), number = place, 0
        last = body.page(at - 1)
        if line.is_entry:
            at, number = body.number(at, after)
        proof.found.append(_Found(line, body.page(begin), last, number))
    if at < len(body.whole):
        told = T("page {page} says '{pdf}', which the document does not say", page=body.page(at), pdf=body.said(at))
        yield _problem("text", told)


@dataclass(frozen=True, slots=True)
class _Body:
    """The squeezed text of all pages without furniture, and where each page ends."""

    whole: str
    ends: tuple[int, ...]

    def page(self, at: int) -> int:
        """Return the page of a place, from 1."""
        return min(bisect_right(self.ends, at), len(self.ends) - 1) + 1

    def said(self, at: int) -> str:
        """Return how the text goes on."""
        return self.whole[at : at + _SHOWN]

    def find(self, at: int, line: Line) -> tuple[int, int] | None:
        """Return where a line begins and ends: here, after a list's sign, or after a table's head printed again."""
        text = re.compile(re.escape(squeezed(line.text)).replace(_SOFT, "-?"))
        label = _LABEL.match(self.whole, at) if line.is_item else None
        places = [at, label.end() if label else at]
        if line.head and at in self.ends and self.whole.startswith(head := squeezed(line.head), at):
            places.append(at + len(head))
        found = (text.match(self.whole, place) for place in places)
        return next((one.span() for one in found if one), None)

    def number(self, at: int, after: Line | None) -> tuple[int, int]:
        """Return where the number of an entry ends, and the number: '......22. Partnere' is 2 and '2. Partnere'."""
        found = _NUMBER.match(self.whole, at)
        if found is None:
            return at, 0
        ends = range(found.end(), found.start(1), -1)
        fitting = (end for end in ends if after is not None and self.find(end, after))
        end = next(fitting, found.end())
        return end, int(self.whole[found.start(1) : end])


def _difference(body: _Body, at: int, line: Line, lines: tuple[Line, ...]) -> Iterator[Problem]:
    """Tell where a line and the PDF part, and which signs of the document the PDF lacks altogether."""
    text = squeezed(line.text)
    said = body.whole[at : at + len(text)]
    same = next((place for place, (one, other) in enumerate(zip(said, text, strict=False)) if one != other), len(said))
    first = max(same - _SHOWN // 2, 0)
    told = T(
        "page {page} says '{pdf}' where the document says '{word}'",
        page=body.page(at + same),
        pdf=body.said(at + first),
        word=text[first : first + _SHOWN].replace(_SOFT, "-"),
    )
    yield _problem("text", told)
    signs = {sign for one in lines for sign in squeezed(one.text)} - set(body.whole) - {_SOFT}
    if signs:
        yield _problem("signs", T("no font of this machine has these signs: {signs}", signs=tuple(sorted(signs)[:10])))


def _without_furniture(proof: _Proof, number: int, text: str) -> tuple[str, Problem | None]:
    """Return a page's text without its header and footer, and what is wrong with them."""
    values = {ord(PAGE): str(number), ord(PAGES): str(len(proof.texts))}

    def candidates(parts: tuple[str, ...]) -> list[str]:
        told = (squeezed(part.translate(values)) for part in parts)
        return sorted(told, key=len, reverse=True) or [""]

    header = next((one for one in candidates(proof.expected.headers) if text.startswith(one)), None)
    footer = next((one for one in candidates(proof.expected.footers) if text.endswith(one)), None)
    body = text.removeprefix(header or "").removesuffix(footer or "")
    if header is None or footer is None:
        return body, _problem("furniture", T("page {page} lacks its header or its footer", page=number))
    return body, None


def _contents(proof: _Proof) -> Iterator[Problem]:
    """Each entry of the contents prints, and leads to, the page of its heading."""
    entries = [one for one in proof.found if one.line.is_entry]
    if not entries:
        return
    headings: dict[str, list[_Found]] = {}
    for one in sorted((one for one in proof.found if one.line.level), key=lambda one: one.line.level):
        headings.setdefault(squeezed(one.line.text), []).append(one)
    links = list(_links(proof, {one.first for one in entries}))
    for place, entry in enumerate(entries):
        title = entry.line.text
        found = headings.get(squeezed(title))
        if not found:
            yield _problem("contents", T("the contents name '{title}', which is no heading", title=title))
            continue
        heading = found.pop(0) if len(found) > 1 else found[0]
        if entry.number != heading.first:
            text = T(
                "the contents say page {said} for '{title}', which is on page {page}",
                said=entry.number,
                title=title,
                page=heading.first,
            )
            yield _problem("contents", text)
        if place >= len(links) or links[place] != heading.first:
            text = T("the contents do not lead to '{title}' on page {page}", title=title, page=heading.first)
            yield _problem("contents", text)


def _links(proof: _Proof, pages: set[int]) -> Iterator[int]:
    """Yield where the links inside the document lead, from the top of each of these pages down; 0: nowhere."""
    for number in sorted(pages):
        annotations = proof.reader.pages[number - 1].get("/Annots", ArrayObject()).get_object()
        links = [one.get_object() for one in annotations]
        inside = [one for one in links if one.get("/Subtype") == "/Link" and _target(one) is not None]
        inside.sort(key=lambda one: -float(one["/Rect"][3]))
        # An entry that takes two lines has a link on each.
        for _, same in groupby(inside, key=lambda one: repr(_target(one))):
            target = _target(next(same))
            page = target[0] if isinstance(target, ArrayObject) and target else None
            yield proof.numbers.get(page.idnum, 0) if isinstance(page, IndirectObject) else 0


def _target(link: DictionaryObject) -> Any:
    """Return a link's place in the document, None where it leads out of it."""
    if (place := link.get("/Dest")) is not None:
        return place.get_object()
    action = link.get("/A", DictionaryObject()).get_object()
    return action["/D"].get_object() if action.get("/S") == "/GoTo" and "/D" in action else None


def _blocks(proof: _Proof) -> Iterator[Problem]:
    """A signature block stands whole on one page."""
    for block, lines in groupby((one for one in proof.found if one.line.block), key=lambda one: one.line.block):
        parts = list(lines)
        first, last = parts[0].first, max(one.last for one in parts)
        if first != last:
            text = T(
                "the signature block '{party}' is split over the pages {first} and {last}",
                party=parts[0].line.text or str(block),
                first=first,
                last=last,
            )
            yield _problem("block", text)


def _leftovers(proof: _Proof) -> Iterator[Problem]:
    """No tag and no bracket of the template is left; those inside the cluster's own values are its own."""
    if not proof.expected.ours:
        return
    left = proof.body + squeezed("".join((*proof.expected.headers, *proof.expected.footers)))
    for value in sorted(filter(_LEFTOVER.search, map(squeezed, proof.expected.own)), key=len, reverse=True):
        left = left.replace(value, "")
    if found := _LEFTOVER.search(left):
        around = left[max(found.start() - 20, 0) : found.end() + 20]
        yield _problem("leftover", T("a tag or a bracket is left in the text: '{text}'", text=around))


# In this order: the checks after the text know where its lines were found.
_CHECKS: tuple[Callable[[_Proof], Iterator[Problem]], ...] = (
    _title,
    _language,
    _tags,
    _standards,
    _fonts,
    _text,
    _contents,
    _blocks,
    _leftovers,
)
