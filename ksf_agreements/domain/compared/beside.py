"""A document beside what was issued: which clauses and values differ, and what was filled in to sign.

Pure. Gathers the words of both, aligns them, and tells each difference at the clause of the issued document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from ksf_agreements.domain.compared import values
from ksf_agreements.domain.compared.passages import Kind, Passage, Place, heading_place, looks_like_heading
from ksf_agreements.domain.compared.wordings import Run, Sort, aligned


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stay, are gone or are new."""

    sort: Sort
    text: str


class ChangeKind(StrEnum):
    """What became of a passage."""

    CHANGED = "changed"
    DROPPED = "dropped"
    ADDED = "added"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """A passage whose wording differs. `issued` is its number among the issued passages (-1: it is added).

    `place` is the clause it stands at, `to` where it was moved; `page` that of the document (0: unknown).
    """

    kind: ChangeKind
    place: Place
    pieces: tuple[Piece, ...]
    issued: int = -1
    is_heading: bool = False
    to: Place | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value of the cluster that differs: its path in the document's context, where, and what both say."""

    path: str
    places: tuple[Place, ...]
    old: str
    new: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written into a signature block: whose ('For Voss herad (partnerkommune)'), where, and what."""

    party: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a document stands beside the issued one; `kept` is the share of the issued words that it has, 0 to 1."""

    fields: tuple[FieldChange, ...]
    changes: tuple[Change, ...]
    filled: tuple[Filled, ...]
    kept: float
    last_page: int = 0

    @property
    def differs(self) -> bool:
        """Whether it says anything else; what is filled in to sign is nothing else."""
        return bool(self.fields or self.changes)


@dataclass(slots=True)
class _Part:
    """Some tokens of a passage: of the issued one where they stay or are gone, of the document where they are new."""

    sort: Sort
    passage: int
    first: int
    last: int


@dataclass(slots=True)
class _Added:
    """A passage that has no counterpart: after which issued passage (-1: before all), and the parts it is made of."""

    after: int
    parts: list[_Part]


@dataclass
class _Walk:
    """Deals the runs out to the passages they belong to."""

    issued: Sequence[Passage]
    said: Sequence[Passage]
    by_paragraph: bool
    parts: dict[int, list[_Part]] = field(default_factory=dict)
    added: list[_Added] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._olds = [number for number, one in enumerate(self.issued) for _ in one.tokens]
        self._news = [number for number, one in enumerate(self.said) for _ in one.tokens]
        self._old_starts, self._new_starts = _starts(self.issued), _starts(self.said)
        self._known, self._said = {one.keys for one in self.issued}, {one.keys for one in self.said}

    def walk(self, runs: Sequence[Run]) -> None:
        """Deal out all runs."""
        for number, run in enumerate(runs):
            if run.sort is Sort.NEW:
                before = runs[number - 1] if number and runs[number - 1].sort is Sort.GONE else None
                self._new(run, before)
            else:
                for part in _split(run.sort, self._olds, self._old_starts, run.a, run.b):
                    self.parts.setdefault(part.passage, []).append(part)

    def _new(self, run: Run, gone: Run | None) -> None:
        start = gone.a if gone else run.a
        before = self._olds[start - 1] if start else -1
        after = self._olds[run.a] if run.a < len(self._olds) else -2
        cut = gone is not None and before >= 0 and start < self._old_starts[before] + len(self.issued[before].tokens)
        whole: list[_Part] = []
        goes_on = not self.by_paragraph and cut
        for part in _split(Sort.NEW, self._news, self._new_starts, run.c, run.d):
            is_whole = part.first == 0 and part.last == len(self.said[part.passage].tokens)
            if before == after or (part.first > 0 and before >= 0) or (is_whole and goes_on and not whole):
                self.parts.setdefault(before, []).append(part)
                goes_on = not self.by_paragraph
            elif is_whole or after < 0:
                whole.append(part)
            else:
                self.parts.setdefault(after, []).append(part)
        self._put(whole, self._dropped(gone), self._olds[run.a - 1] if run.a else -1)

    def _dropped(self, gone: Run | None) -> list[int]:
        """Return the issued passages that a run takes away whole."""
        if gone is None:
            return []
        found = _split(Sort.GONE, self._olds, self._old_starts, gone.a, gone.b)
        return [part.passage for part in found if part.last - part.first == len(self.issued[part.passage].tokens)]

    def _put(self, whole: list[_Part], dropped: list[int], after: int) -> None:
        """Put new passages in the place of as many that are gone, or tell them as added."""
        groups = [[part] for part in whole]
        if not self.by_paragraph:
            groups = list(self._lines(whole))
        # What stands elsewhere in the other document was moved, and takes nobody's place.
        dropped = [number for number in dropped if self.issued[number].keys not in self._said]
        new = [group for group in groups if self._text(group) not in self._known]
        for number, group in zip(dropped, new, strict=False):
            self.parts[number] += group
        taken = new[: len(dropped)]
        self.added += (_Added(after, group) for group in groups if group not in taken)

    def _text(self, group: list[_Part]) -> tuple[str, ...]:
        return tuple(key for part in group for key in self.said[part.passage].keys)

    def _lines(self, whole: list[_Part]) -> Iterator[list[_Part]]:
        """Yield lines of a PDF as the passages they seem to be: a heading or an item begins one."""
        group: list[_Part] = []
        for part in whole:
            line = self.said[part.passage]
            ended = group and (self._is_heading(group[-1]) or line.kind is Kind.ITEM or self._is_heading(part))
            if ended:
                yield group
                group = []
            group.append(part)
        if group:
            yield group

    def _is_heading(self, part: _Part) -> bool:
        return looks_like_heading(self.said[part.passage].text)

    def pieces(self, parts: Sequence[_Part]) -> tuple[Piece, ...]:
        """Return the words of parts, those of one sort together."""
        found: list[Piece] = []
        last = -1
        for part in parts:
            side = self.said if part.sort is Sort.NEW else self.issued
            text = side[part.passage].slice(part.first, part.last)
            if part.sort is Sort.NEW and part.first == 0 and found and (last != part.passage):
                text = f" {text}"
            last = part.passage if part.sort is Sort.NEW else -1
            if found and found[-1].sort is part.sort:
                found[-1] = Piece(part.sort, found[-1].text + text)
            else:
                found.append(Piece(part.sort, text))
        if found:
            found[0] = Piece(found[0].sort, found[0].text.lstrip())
        return tuple(found)


def _starts(passages: Sequence[Passage]) -> list[int]:
    found = [0]
    for one in passages:
        found.append(found[-1] + len(one.tokens))
    return found


def _split(sort: Sort, owners: Sequence[int], starts: Sequence[int], first: int, last: int) -> list[_Part]:
    """Return a run of tokens as parts of the passages that they belong to."""
    found = []
    for owner, group in groupby(range(first, last), key=lambda number: owners[number]):
        numbers = list(group)
        found.append(_Part(sort, owner, numbers[0] - starts[owner], numbers[-1] + 1 - starts[owner]))
    return found


def compare(issued: Sequence[Passage], said: Sequence[Passage], *, by_paragraph: bool = True) -> Comparison:
    """Return what ``said`` says beside ``issued``; ``by_paragraph`` is False for the lines of a PDF."""
    runs = aligned([one.keys for one in issued], [one.keys for one in said], by_paragraph=by_paragraph)
    walk = _Walk(issued, said, by_paragraph)
    walk.walk(runs)
    fields: list[tuple[float, FieldChange]] = []
    changes: list[tuple[float, Change]] = []
    filled: list[Filled] = []
    party = ""
    for number, passage in enumerate(issued):
        if passage.kind is Kind.SIGNATURE and values.opens_block(passage):
            party = passage.text
        parts = walk.parts.get(number, [])
        if all(part.sort is Sort.SAME for part in parts):
            continue
        pieces = walk.pieces(parts)
        if (entry := _filling(passage, pieces)) is not None:
            filled.append(Filled(party, *entry))
            continue
        told, in_wording = _value_changes(walk, passage, parts)
        fields += ((number, one) for one in told)
        if in_wording:
            page = next((walk.said[part.passage].page for part in parts if part.sort is Sort.NEW), 0)
            kind = ChangeKind.CHANGED if any(part.sort is not Sort.GONE for part in parts) else ChangeKind.DROPPED
            heading = passage.kind is Kind.HEADING
            changes.append((number, Change(kind, passage.place, pieces, number, heading, page=page)))
    for added in walk.added:
        one = _added(walk, added)
        if isinstance(one, Filled):
            filled.append(one)
        elif isinstance(one, FieldChange):
            fields.append((added.after + 0.5, one))
        else:
            changes.append((added.after + 0.5, one))
    changes.sort(key=lambda item: item[0])
    fields.sort(key=lambda item: item[0])
    same = sum(run.b - run.a for run in runs if run.sort is Sort.SAME)
    total = sum(len(one.tokens) for one in issued)
    return Comparison(
        fields=_grouped([one for _, one in fields]),
        changes=_under_new_headings(_moved([change for _, change in changes])),
        filled=tuple(filled),
        kept=same / total if total else 1.0,
        last_page=_last_page(said, runs),
    )


def _filling(passage: Passage, pieces: Sequence[Piece]) -> tuple[str, str] | None:
    """Return label and text where words were only written into a line of a signature block."""
    if passage.kind is not Kind.SIGNATURE or any(piece.sort is Sort.GONE for piece in pieces):
        return None
    new = " ".join(piece.text.strip() for piece in pieces if piece.sort is Sort.NEW)
    label = values.blank_label(passage.text)
    return (label, new) if label is not None and pieces[0].sort is Sort.SAME and values.fills(label, new) else None


def _value_changes(walk: _Walk, passage: Passage, parts: Sequence[_Part]) -> tuple[list[FieldChange], bool]:
    """Return the values that differ in a passage, and whether KS's own wording differs too."""
    told = [(part.sort, walk.said if part.sort is Sort.NEW else walk.issued, part) for part in parts]
    words = [
        values.Word(sort, side[part.passage].keys[number], part.passage, number)
        for sort, side, part in told
        for number in range(part.first, part.last)
    ]
    found, in_wording = values.value_changes(passage, words)
    changes = []
    for path, range_ in found:
        inside = walk.pieces(_parts_of(words[range_.start : range_.stop]))
        old = "".join(piece.text for piece in inside if piece.sort is not Sort.NEW).strip()
        new = "".join(piece.text for piece in inside if piece.sort is not Sort.GONE).strip()
        changes.append(FieldChange(path, (passage.place,), old, new, inside))
    return changes, in_wording


def _parts_of(words: Sequence[values.Word]) -> list[_Part]:
    found: list[_Part] = []
    for word in words:
        last = found[-1] if found else None
        if last and (last.sort, last.passage, last.last) == (word.sort, word.passage, word.number):
            last.last += 1
        else:
            found.append(_Part(word.sort, word.passage, word.number, word.number + 1))
    return found


def _added(walk: _Walk, added: _Added) -> Change | FieldChange | Filled:
    """Return what an added passage is: a line filled in to sign, one more value of a list, or new wording."""
    pieces = walk.pieces(added.parts)
    text = "".join(piece.text for piece in pieces)
    first = walk.said[added.parts[0].passage]
    before = walk.issued[added.after] if added.after >= 0 else None
    after = walk.issued[added.after + 1] if added.after + 1 < len(walk.issued) else None
    label = values.blank_label(before.text) if before and before.kind is Kind.SIGNATURE else None
    if label is not None and values.fills("", text):
        party = next((one.text for one in reversed(walk.issued[: added.after + 1]) if values.opens_block(one)), "")
        return Filled(party, label, text)
    if first.kind is Kind.ITEM:
        for near in (before, after):
            if near is not None and near.kind is Kind.ITEM and (path := values.list_path(near)):
                return FieldChange(path, (near.place,), "", text, pieces)
    is_heading = first.kind is Kind.HEADING or looks_like_heading(text)
    place = heading_place(text) if is_heading else (before.place if before else Place())
    return Change(ChangeKind.ADDED, place, pieces, is_heading=is_heading, page=first.page)


def _grouped(fields: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """Return each value once, with all places where it differs in the same way."""
    found: dict[tuple[str, str, str], FieldChange] = {}
    for one in fields:
        key = (one.path, one.old.casefold(), one.new.casefold())
        if key in found:
            places = dict.fromkeys((*found[key].places, *one.places))
            found[key] = replace(found[key], places=tuple(places))
        else:
            found[key] = one
    return tuple(found.values())


_MOVED_WORDS = 4


def _moved(changes: Sequence[Change]) -> list[Change]:
    """Return the changes, with what is dropped here and added there told once, as moved."""
    there = {_words(one): number for number, one in enumerate(changes) if one.kind is ChangeKind.ADDED}
    found, gone = list(changes), set()
    for number, one in enumerate(changes):
        words = _words(one)
        if one.kind is ChangeKind.DROPPED and len(words.split()) >= _MOVED_WORDS and words in there:
            target = there.pop(words)
            gone.add(target)
            pieces = tuple(Piece(Sort.SAME, piece.text) for piece in changes[target].pieces)
            found[number] = replace(one, kind=ChangeKind.MOVED, pieces=pieces, to=changes[target].place)
    return [one for number, one in enumerate(found) if number not in gone]


def _words(change: Change) -> str:
    return " ".join("".join(piece.text for piece in change.pieces).split())


def _under_new_headings(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes; what is added after an added heading stands under that."""
    found: list[Change] = []
    heading: Change | None = None
    for one in changes:
        if one.kind is not ChangeKind.ADDED:
            heading = None
        elif one.is_heading:
            heading = one
        elif heading is not None:
            one = replace(one, place=heading.place)  # noqa: PLW2901 (the same change, better placed)
        found.append(one)
    return tuple(found)


def _last_page(said: Sequence[Passage], runs: Sequence[Run]) -> int:
    """Return the last page of which a good part is the issued document's (0: pages are not known)."""
    pages = [passage.page for passage in said for _ in passage.tokens]
    known: dict[int, int] = {}
    for run in runs:
        for number in range(run.c, run.d) if run.sort is Sort.SAME else ():
            known[pages[number]] = known.get(pages[number], 0) + 1
    return max((page for page, count in known.items() if page and count * 3 >= pages.count(page)), default=0)
