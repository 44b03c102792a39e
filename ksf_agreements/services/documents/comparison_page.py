"""The comparison as one self-contained page: KS's wording at each clause, and beside it what the document says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from jinja2 import Environment, StrictUndefined, Template

from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.compared.beside import Change, ChangeKind, FieldChange, Filled, Piece
from ksf_agreements.domain.compared.passages import Passage, Place
from ksf_agreements.domain.compared.wordings import Sort
from ksf_agreements.resources import data_file
from ksf_agreements.services.documents.comparing import Beside
from ksf_agreements.text import TN, T, Text

Say = Callable[[Text], str]

KIND_WORDS = {
    ChangeKind.CHANGED: T("changed"),
    ChangeKind.DROPPED: T("dropped"),
    ChangeKind.ADDED: T("added"),
    ChangeKind.MOVED: T("moved"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A part of KS's wording: its words, or the name of the value that stands there."""

    text: str
    is_value: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A changed passage on the page."""

    kind: str
    word: str
    under: str
    wording: tuple[Wording, ...]
    pieces: tuple[Piece, ...]
    page: int
    to: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its changed passages."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A value that differs on the page."""

    label: str
    places: str
    old: str
    new: str
    pieces: tuple[Piece, ...]


def place_words(place: Place) -> Text:
    """Return a clause as people cite it."""
    if place.number:
        return T("clause {number} {heading}", number=place.number, heading=place.heading)
    return Text("{heading}", (("heading", place.heading),)) if place.heading else T("the front page")


def compared_with(found: Beside) -> Text:
    """Return what the document was compared with."""
    what = T("the list of contact persons") if found.issued.type is DocumentType.CONTACTS else T("the agreement")
    if not found.base.version:
        return T(
            "Compared with: {what} of {cluster}, a draft from the cluster file (never issued)",
            what=what,
            cluster=found.cluster,
        )
    return T(
        "Compared with: {what} of {cluster}, {document} version {n}, as the register keeps it",
        what=what,
        cluster=found.cluster,
        document=found.base.document_id,
        n=found.base.version,
    )


def outcome(found: Beside) -> Text:
    """Return how it came out, in a sentence."""
    if not found.differs:
        return T("The document says the same as what was issued.")
    fields, changes = len(found.comparison.fields), len(found.comparison.changes)
    parts = (
        TN("{n} field", "{n} fields", fields),
        TN("{n} passage", "{n} passages", changes),
        *((TN("{n} hidden text", "{n} hidden texts", len(found.hidden)),) if found.hidden else ()),
    )
    return T("The document says something else than what was issued: {parts}.", parts=parts)


def filled_words(one: Filled) -> str:
    """Return whose line of which block was filled in."""
    return ", ".join(part for part in (one.party, one.label) if part)


def wording(found: Beside, passage: Passage, say: Say) -> tuple[Wording, ...]:
    """Return KS's wording of a passage, the names of values in their places."""
    parts: list[Wording] = []
    at = 0
    for span in passage.spans:
        if span.start < at:
            continue
        parts.append(Wording(passage.text[at : span.start], is_value=False))
        parts.append(Wording(say(found.label(span.path)), is_value=True))
        at = span.end
    parts.append(Wording(passage.text[at:], is_value=False))
    return tuple(part for part in parts if part.text)


def comparison_page(found: Beside, say: Say, language: str) -> str:
    """Return the page as HTML."""
    clauses = tuple(
        Clause(capitalised(say(place_words(place))), tuple(_row(found, change, say) for change in changes))
        for place, changes in by_clause(found.comparison.changes)
    )
    return _template().render(
        words=_Words(say),
        language=language,
        document_language=str(found.base.language),
        file=found.file,
        compared_with=say(compared_with(found)),
        outcome=say(outcome(found)),
        differs=found.differs,
        notes=[say(note) for note in found.notes],
        hidden=found.hidden,
        fields=[_field_row(found, one, say) for one in found.comparison.fields],
        clauses=clauses,
        filled=[(filled_words(one), one.text) for one in found.comparison.filled],
    )


def by_clause(changes: Iterable[Change]) -> list[tuple[Place, list[Change]]]:
    """Return changes that follow each other at the same clause together."""
    return [(place, list(group)) for place, group in groupby(changes, key=lambda change: change.place.clause)]


def _row(found: Beside, change: Change, say: Say) -> Row:
    passage = found.issued.passages[change.issued] if change.issued >= 0 else None
    return Row(
        kind=str(change.kind),
        word=say(KIND_WORDS[change.kind]),
        under=" › ".join(change.place.under),
        wording=wording(found, passage, say) if passage is not None else (),
        pieces=change.pieces,
        page=change.page,
        to=say(place_words(change.to)) if change.to is not None else "",
    )


def _field_row(found: Beside, one: FieldChange, say: Say) -> FieldRow:
    places = "; ".join(dict.fromkeys(say(place_words(place)) for place in one.places))
    return FieldRow(say(found.label(one.path)), places, one.old, one.new, one.pieces)


def capitalised(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


class _Words:
    """The page's own words, in the reader's language."""

    def __init__(self, say: Say) -> None:
        self.title = say(T("Comparison"))
        self.notes, self.fields, self.clauses = (
            say(T("Notes")),
            say(T("Fields that differ")),
            say(T("Clauses that differ")),
        )
        self.field, self.place = say(T("Field")), say(T("Where"))
        self.issued, self.document = say(T("Issued")), say(T("The document"))
        self.wording = say(T("KS's wording"))
        self.not_there = say(T("KS's template has no such wording."))
        self.gone = say(T("(not there)"))
        self.filled = say(T("Filled in in the signature block"))
        self.hidden = say(T("Hidden text in the document"))
        self.legend_gone, self.legend_new = say(T("gone from the issued text")), say(T("new in the document"))
        self.legend_value = say(T("a field that the cluster fills in"))
        self.page, self.to = say(T("page")), say(T("moved to"))
        self.begin_gone, self.begin_new, self.end = say(T("[gone:")), say(T("[new:")), "]"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["Sort"] = Sort
    return environment.from_string(data_file("compare.html").read_text(encoding="utf-8"))
