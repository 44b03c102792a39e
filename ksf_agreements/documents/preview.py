"""An agreement as it will read, without a Word file being made: its clauses as text, its values told from the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from ksf_agreements.documents.clauses import BEGIN, END
from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.language import field_types
from ksf_agreements.documents.marked import marked_context
from ksf_agreements.documents.markup import parse_xml
from ksf_agreements.documents.package import read_package
from ksf_agreements.documents.safety import MAIN_PART
from ksf_agreements.documents.show import Styles, paragraphs, read_styles
from ksf_agreements.documents.template import load_template, read_file

_MARK = re.compile(f"{BEGIN}\\d+{BEGIN}|{END}")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a paragraph; `is_value` where it comes from the cluster and not from KS's wording."""

    text: str
    is_value: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: of a heading `level` is 1 to 9, of an item of a list `is_item` is true."""

    spans: tuple[Span, ...]
    level: int = 0
    is_item: bool = False

    @property
    def text(self) -> str:
        """The text without marks."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its heading first; `number` is '' before the first one."""

    number: str
    lines: tuple[Line, ...]


def preview(path: Path, context: AgreementContext) -> tuple[Clause, ...]:
    """Return the agreement that a template makes of ``context``, clause by clause."""
    template = load_template(path, AgreementContext)
    shown, _ = marked_context(context)
    values = {name: getattr(shown, name) for name in field_types(AgreementContext)}
    body = dict(template.programs)[MAIN_PART](values).encode("utf-8")
    return tuple(_clauses(_lines(body, _styles(path, template.digest))))


@lru_cache(maxsize=8)
def _styles(path: Path, _digest: str) -> Styles:
    return read_styles(read_package(read_file(path)))


def _lines(body: bytes, styles: Styles) -> Iterator[Line]:
    for one in paragraphs(parse_xml(body), styles):
        if one.style.startswith("toc"):
            continue  # page numbers are Word's to know
        spans = tuple(_spans(one.text.replace(" ↵ ", "\n")))
        if any(span.text.strip() for span in spans):
            yield Line(spans, one.level, one.is_item)


def _spans(text: str) -> Iterator[Span]:
    """Yield the pieces of a text. A mark stands after a value's first character, so that 'at_start' could find it."""
    if BEGIN not in text and END not in text:
        yield Span(text, is_value=False)
        return
    pieces: list[Span] = []
    reached, inside = 0, False
    for mark in [*_MARK.finditer(text), None]:
        begins = mark is not None and mark[0] != END
        end = mark.start() if mark is not None else len(text)
        first = end - 1 if begins and not inside and end > reached else end
        pieces += (Span(text[reached:first], inside), Span(text[first:end], is_value=True))
        reached, inside = (mark.end() if mark is not None else end), begins
    for is_value, group in groupby((piece for piece in pieces if piece.text), key=lambda piece: piece.is_value):
        yield Span("".join(piece.text for piece in group), is_value)


def _clauses(lines: Iterator[Line]) -> Iterator[Clause]:
    number, found = "", list[Line]()
    for line in lines:
        begins = re.match(r"(\d+)\.\s", line.text) if line.level == 1 else None
        if begins is not None:
            if found:
                yield Clause(number, tuple(found))
            number, found = begins[1], []
        found.append(line)
    if found:
        yield Clause(number, tuple(found))
