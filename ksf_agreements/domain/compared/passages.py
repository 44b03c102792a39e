"""What a document says, passage by passage, each at its clause; and where values stand in KS's wording.

Pure. A passage is a paragraph; of a PDF, whose paragraphs nobody knows, it is a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from ksf_agreements.domain.compared.wordings import Token, tokens

WORDS_LIMIT = 60_000
"""The most words that a document may have to be compared: ten times those of an agreement of a hundred parties."""


class Kind(StrEnum):
    """What a passage is; contents are a table of them, which says nothing of its own."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    SIGNATURE = "signature"
    CONTENTS = "contents"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: the clause's number ('' without one), its heading, and the headings under that."""

    number: str = ""
    heading: str = ""
    under: tuple[str, ...] = ()

    @property
    def clause(self) -> Place:
        """The clause alone."""
        return Place(self.number, self.heading)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value of the cluster stands in a passage's text, and which: 'parties[2].signatory_name'."""

    start: int
    end: int
    path: str


@dataclass(frozen=True)
class Passage:
    """A passage: its clean text, what it is, a heading's level, its place, its values and its page (0: unknown)."""

    text: str
    kind: Kind = Kind.TEXT
    level: int = 0
    place: Place = Place()
    spans: tuple[Span, ...] = ()
    page: int = 0

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The words."""
        return tokens(self.text)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What the words count as."""
        return tuple(token.key for token in self.tokens)

    def slice(self, first: int, last: int) -> str:
        """Return the text of the tokens ``first`` to before ``last``, with the space before them."""
        start = self.tokens[first - 1].end if first else 0
        return self.text[start : self.tokens[last - 1].end] if last > first else ""

    def within(self) -> tuple[str, ...]:
        """Return for each token the path of the value that it belongs to, or ''."""
        return tuple(
            next((span.path for span in self.spans if span.start <= token.start < span.end), "")
            for token in self.tokens
        )


_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(\S.*)", re.DOTALL)
_CONTENTS = re.compile(r"(.*?\S)(?:[\s.…_·]*[\s.…_·])\d{1,4}", re.DOTALL)


def heading_place(text: str) -> Place:
    """Return the place that a heading opens: '6. Organisering og styring' is clause 6."""
    found = _NUMBERED.fullmatch(text)
    return Place(found[1], found[2]) if found else Place("", text)


def looks_like_heading(text: str) -> bool:
    """Whether a line reads as a clause's heading: a number and a few words, no sentence."""
    found = _NUMBERED.fullmatch(text)
    return found is not None and found[2][0].isupper() and len(text) <= 80 and text[-1] not in ".,;:"


def placed(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Return the passages with their places, from the headings among them."""
    clause, clause_level = Place(), 0
    under: list[tuple[int, str]] = []
    found: list[Passage] = []
    for passage in passages:
        if passage.kind is Kind.HEADING:
            opened = heading_place(passage.text)
            level = passage.level or 1
            if opened.number or level <= max(clause_level, 1):
                clause, clause_level, under = opened, level, []
            else:
                under = [*(one for one in under if one[0] < level), (level, passage.text)]
        place = Place(clause.number, clause.heading, tuple(text for _, text in under))
        found.append(replace(passage, place=place))
    return tuple(found)


def without_contents(passages: Sequence[Passage], headings: Iterable[str]) -> tuple[Passage, ...]:
    """Return the passages without the table of contents.

    An entry is what has a heading's text and a page number; whatever else has been put among them is said, and stays.
    ``headings`` are those of the issued document.
    """
    own = [passage.text for passage in passages if passage.kind is Kind.HEADING]
    known = {_bare(text) for text in (*headings, *own)}
    found: list[Passage] = []
    for passage in passages:
        entry = _CONTENTS.fullmatch(passage.text)
        is_entry = entry is not None and _bare(entry[1]) in known
        is_title = passage.kind is Kind.CONTENTS and len(passage.tokens) <= 2
        if is_entry and found and _bare(found[-1].text) in _TITLES:
            found.pop()
        if not (is_entry or is_title or (passage.kind is Kind.CONTENTS and _bare(passage.text) in known)):
            found.append(passage)
    return tuple(found)


_TITLES = frozenset({"innhold", "innhald", "innholdsfortegnelse", "innhaldsliste"})


def _bare(text: str) -> str:
    return "".join(token.key for token in tokens(text)).casefold()
