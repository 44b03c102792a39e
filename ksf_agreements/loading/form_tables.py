"""Finds the tables of a filled form in a workbook: by their headings, in any order, letter case and language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ksf_agreements.domain.folding import fold
from ksf_agreements.domain.member_form import (
    CONTACT_FIELDS,
    FIELD,
    MEMBER_FIELDS,
    MOTOR,
    NAME,
    NUMBER,
    VALUE,
    FormField,
    Path,
)
from ksf_agreements.domain.paper.rows import Column, Place
from ksf_agreements.domain.values import Fault, cited
from ksf_agreements.i18n import LANGUAGES, translator
from ksf_agreements.loading.cells import called
from ksf_agreements.loading.sheets import Book, Cell, Sheet, is_empty
from ksf_agreements.text import T, Text

_HEADINGS_WITHIN = 50
FIELD_NAME: Path = ("field",)
FIELD_VALUE: Path = ("value",)


class Tell(Protocol):
    """Keeps a problem of a table's row, or of one of its cells."""

    def __call__(self, table: Table, row: int, path: Path | None, fault: Fault, *, warning: bool = False) -> None:
        """Keep it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet below its headings; `indexes` are the columns of the fields."""

    sheet: str
    indexes: Mapping[Path, int]
    headings: Mapping[Path, str]
    rows: Sequence[tuple[int, tuple[Cell, ...]]]

    def place(self, row: int, path: Path | None) -> tuple[Place, Column | None]:
        """Return a cell's place as problems name it; ``None`` stands for the whole row."""
        if path is None or path not in self.indexes:
            return Place(self.sheet, row, {}), None
        index = self.indexes[path]
        return Place(
            self.sheet, row, {Column.NAME: (index + 1, called(self.sheet, index, self.headings[path]))}
        ), Column.NAME


def words_of(text: Text) -> frozenset[str]:
    """Return the ways a heading may be written, folded: in every language of the screen, and with a * or colon."""
    return frozenset(fold(translator(language)(text)) for language in LANGUAGES)


def _headings(fields: Sequence[FormField]) -> Mapping[str, Path]:
    return {**{word: one.path for one in reversed(fields) for word in words_of(one.guide.label)}, **_OTHER_NAMES}


_OTHER_NAMES: Mapping[str, Path] = {
    **dict.fromkeys(map(fold, ("kommunenr", "knr", "kommunenummer", "nummer", "nr")), NUMBER),
    **dict.fromkeys(map(fold, ("kommune", "kommunenavn", "kommunenamn", "medlem")), NAME),
}
_ONLY_MEMBERS = frozenset({MOTOR, ("approval_body",), ("signatory", "name"), ("signatory", "title")})
_ONLY_CONTACTS = frozenset({("email",), ("phone",), ("name",)})


def tables_of(book: Book, tell: Tell) -> tuple[Table | None, Table | None, Table | None]:
    """Return the sheets of members, of contact persons and of the cluster; other sheets are not read."""
    found: dict[str, Table] = {}
    for sheet in book.sheets:
        for place, (number, cells) in enumerate(sheet.rows[:_HEADINGS_WITHIN]):
            kind, fields = _kind(cells)
            if not kind:
                continue
            table = _table(sheet, place, fields, tell)
            if kind in found:
                said = T(
                    "the sheets '{one}' and '{other}' are of the same kind", one=found[kind].sheet, other=sheet.name
                )
                tell(table, number, None, Fault("sheet-twice", said, T("Keep one of them.")))
            found.setdefault(kind, table)
            break
    return found.get("members"), found.get("contacts"), found.get("cluster")


def _kind(cells: Sequence[Cell]) -> tuple[str, Sequence[FormField]]:
    words = {fold(cell) for cell in cells if isinstance(cell, str)}
    if words & words_of(FIELD) and words & words_of(VALUE):
        return "cluster", ()
    members = {path for word, path in _headings(MEMBER_FIELDS).items() if word in words}
    contacts = {path for word, path in _headings(CONTACT_FIELDS).items() if word in words}
    is_row = bool({NUMBER, NAME} & members)
    if is_row and members & _ONLY_MEMBERS:
        return "members", MEMBER_FIELDS
    return ("contacts", CONTACT_FIELDS) if is_row and contacts & _ONLY_CONTACTS else ("", ())


def _table(sheet: Sheet, place: int, fields: Sequence[FormField], tell: Tell) -> Table:
    number, cells = sheet.rows[place]
    paths = _headings(fields) if fields else {word: path for path, text in _FORM_HEADS for word in words_of(text)}
    indexes: dict[Path, int] = {}
    headings: dict[Path, str] = {}
    table = Table(sheet.name, indexes, headings, sheet.rows[place + 1 :])
    for index, cell in enumerate(cells):
        if is_empty(cell) or not isinstance(cell, str):
            continue
        heading = " ".join(cell.split())
        path = paths.get(fold(heading))
        if path is None and fields:
            here = Table(sheet.name, {("?",): index}, {("?",): heading}, ())
            said = T("the column '{heading}' is not known, and was not read", heading=cited(heading))
            tell(here, number, ("?",), Fault("unknown-column", said), warning=True)
        elif path in indexes:
            said = T("the column '{heading}' is there twice", heading=cited(heading))
            tell(table, number, path, Fault("column-twice", said))
        elif path is not None:
            indexes[path], headings[path] = index, heading
    lost = tuple(one.guide.label for one in fields if one.path not in indexes and one.path not in {NUMBER, NAME})
    if lost:
        said = T("these columns are missing: {columns}", columns=lost)
        tell(table, number, None, Fault("columns-missing", said, STAYS), warning=True)
    return table


STAYS = T("What the cluster file says there stays as it is.")
_FORM_HEADS: tuple[tuple[Path, Text], ...] = ((FIELD_NAME, FIELD), (FIELD_VALUE, VALUE))


def cell_at(cells: Sequence[Cell], index: int | None) -> Cell:
    """Return the cell of a column, None where the row or the sheet lacks it."""
    return cells[index] if index is not None and index < len(cells) else None


def is_blank_row(table: Table, cells: Sequence[Cell]) -> bool:
    """Whether a row says nothing in the columns that are read."""
    return all(is_empty(cell_at(cells, index)) for index in table.indexes.values())
