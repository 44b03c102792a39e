"""The lines of a PDF's pages as passages: without headers, footers, page numbers and what a line's end broke.

Pure. Nothing is left out in silence: what stands on every page and is not the issued document's is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ksf_agreements.domain.compared.passages import Kind, Passage
from ksf_agreements.domain.compared.wordings import clean, keys, tokens

_EDGE = 3
"""How many lines at the top and the bottom of a page may belong to its header and footer."""

MARK = re.compile(r"(KSF-[0-9A-Z]{4}-[0-9A-Z]{4})(?:\s*·\s*versjon\s+|/)(\d{1,4})")
_NUMBERED = re.compile(r"\b[Ss]ide\s+(\d{1,4})\s+av\s+(\d{1,4})\b")
_CODE = re.compile(r"KSF-[0-9A-Z]{4}-[0-9A-Z]{4}/\d{1,4}(?:/\d{1,4})?")
# The signs that word processors put before an item; symbol fonts use private letters.
_BULLET = re.compile(r"[•●○◦▪■□‣⁃\uf0a7\uf0b7\uf02d\uf06f·](?:\s+|$)|[–-]\s+")


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages say: the passages, the first and last page of them, all pages, those without text, and notes.

    `furniture` is what stands on many pages and is not the issued document's; `marks` are the (document id, version)
    that the pages carry.
    """

    passages: tuple[Passage, ...]
    first: int
    last: int
    count: int
    blank: tuple[int, ...]
    furniture: tuple[str, ...]
    marks: tuple[tuple[str, int], ...]


def read_pages(pages: Sequence[Sequence[str]], furniture: Collection[str], issued: Sequence[str]) -> Pages:
    """Return the passages of pages given as lines.

    ``furniture`` are the texts of the issued document's headers and footers, ``issued`` those of its passages: their
    words tell a hyphen that broke a word from one that belongs to it.
    """
    own = {_pattern(text) for text in furniture}
    said = [key for text in issued for key in keys(text)]
    lines = [[text for line in page if (text := clean(line))] for page in pages]
    first, last = _section(lines, own)
    edges = _Edges(own, _repeated(lines), f" {' '.join(said)} ")
    known = frozenset(said)
    passages: list[Passage] = []
    for number in range(first, last):
        _add(passages, edges.without(lines[number]), number + 1, known)
    return Pages(
        passages=tuple(passages),
        first=first + 1,
        last=last,
        count=len(pages),
        blank=tuple(number + 1 for number in range(first, last) if not lines[number]),
        furniture=tuple(edges.strange),
        marks=marks("\n".join(line for page in lines for line in page)),
    )


def marks(text: str) -> tuple[tuple[str, int], ...]:
    """Return the (document id, version) that a text carries, each once."""
    return tuple(dict.fromkeys((found[1], int(found[2])) for found in MARK.finditer(text)))


def _pattern(text: str) -> tuple[str, ...]:
    """Return what a line of furniture counts as: numbers change from page to page."""
    return tuple("#" if key.isdigit() else key for key in keys(text))


def _edges(page: Sequence[str]) -> set[int]:
    return {*range(min(_EDGE, len(page))), *range(max(len(page) - _EDGE, 0), len(page))}


def _repeated(pages: Sequence[Sequence[str]]) -> set[tuple[str, ...]]:
    """Return what stands at the edge of at least three pages, and of most of them."""
    filled = [page for page in pages if page]
    counts = Counter(pattern for page in filled for pattern in {_pattern(page[number]) for number in _edges(page)})
    return {pattern for pattern, count in counts.items() if count >= 3 and count * 5 >= len(filled) * 3}


@dataclass
class _Edges:
    """Takes headers and footers off the pages: ``own`` ones, and what is ``repeated`` and not ``issued`` text."""

    own: Collection[tuple[str, ...]]
    repeated: Collection[tuple[str, ...]]
    issued: str
    strange: dict[str, None] = field(default_factory=dict)
    _seen: Counter[str] = field(default_factory=Counter)

    def without(self, page: Sequence[str]) -> list[str]:
        """Return a page's lines without those of its header and footer; keeps strange ones to be told."""
        edges = _edges(page)
        return [line for number, line in enumerate(page) if not self._is_furniture(line, number, number in edges)]

    def _is_furniture(self, line: str, number: int, is_edge: bool) -> bool:
        pattern = _pattern(line)
        if is_edge and (pattern in self.own or _is_mark(line)):
            return True
        words = f" {' '.join(keys(line))} "
        if (count := self.issued.count(words)) > 0:
            # The head of a table stands at the top of each of its pages, and once in the document.
            self._seen[words] += 1
            return number < _EDGE and self._seen[words] > count
        is_stamp = is_edge and pattern in self.repeated
        if is_stamp and not _NUMBERED.search(line) and not MARK.search(line):
            self.strange[line] = None
        return is_stamp


def _is_mark(line: str) -> bool:
    """Whether a line is nothing but a mark and a page number."""
    rest = _NUMBERED.sub("", MARK.sub("", _CODE.sub("", line)))
    return rest != line and not keys(rest)


def _section(pages: Sequence[Sequence[str]], own: Collection[tuple[str, ...]]) -> tuple[int, int]:
    """Return which pages are the document by their own numbers ('Side 1 av 7'): before and after it stand annexes."""
    numbers: list[tuple[int, int] | None] = []
    for page in pages:
        found = [_NUMBERED.search(page[number]) for number in sorted(_edges(page), reverse=True)]
        match = next((one for one in found if one), None)
        numbers.append((int(match[1]), int(match[2])) if match else None)
    starts = [number for number, said in enumerate(numbers) if said and said[0] == 1]
    ours = [start for start in starts if any(_pattern(line) in own for line in pages[start])]
    for start in (*ours, *starts):
        said = numbers[start]
        last = start + (said[1] if said else 0)
        run = numbers[start:last]
        if said and len(run) == said[1] and all(one in {None, (n, said[1])} for n, one in enumerate(run, 1)):
            return start, last
    return 0, len(pages)


def _add(passages: list[Passage], lines: Sequence[str], page: int, known: Collection[str]) -> None:
    """Add the lines of a page, words that a line's end broke in one piece again."""
    for line in lines:
        bullet = _BULLET.match(line)
        text = line[bullet.end() :] if bullet else line
        before = passages[-1] if passages else None
        if before is not None and not bullet and before.text.endswith(("-", "\u2010")):
            first, _, rest = text.partition(" ")
            whole = _joined(before.text, first, known)
            if whole is not None:
                passages[-1] = Passage(whole, before.kind, page=before.page)
                text = rest
        if text:
            passages.append(Passage(text, Kind.ITEM if bullet else Kind.TEXT, page=page))


def _joined(before: str, after: str, known: Collection[str]) -> str | None:
    """Return a line with the rest of its last word, where that is a word of the issued document; else None."""
    begun = tokens(before[:-1])
    rest = tokens(after)
    if not begun or not rest or f"{begun[-1].key}{rest[0].key}" not in known:
        return None
    return f"{before[:-1]}{after}"
