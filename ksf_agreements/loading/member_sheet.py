"""Reads a filled member sheet: what its cells say, forgiving where only one thing can be meant, told where not.

Headings are found wherever they stand, in any order, letter case and language of the screen; rows above them are
titles. What has no column or row in the sheet stays as the cluster file has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ksf_agreements.domain.folding import fold
from ksf_agreements.domain.member_form import (
    CHOICES,
    CLUSTER_FIELDS,
    CLUSTER_PROPERTY,
    CONTACT_FIELDS,
    DIGEST_PROPERTY,
    FOCUS_AREAS,
    MEMBER_FIELDS,
    MOTOR,
    NAME,
    NUMBER,
    PROPERTY_LABELS,
    Form,
    FormField,
    Kind,
    MemberForm,
    Path,
    Values,
)
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.domain.paper.rows import Place
from ksf_agreements.domain.values import Fault, cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.loading.form_cells import PARSERS, checked, text_of
from ksf_agreements.loading.form_tables import (
    FIELD_NAME,
    FIELD_VALUE,
    STAYS,
    Table,
    cell_at,
    is_blank_row,
    tables_of,
    words_of,
)
from ksf_agreements.loading.sheets import Book, Cell, ErrorValue, Formula, is_empty
from ksf_agreements.text import T

PROBLEMS_LIMIT = 200
_NUMBERED = re.compile(r"([0-9]{3,4})[\s,–-]+(\D.*)")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filled sheet says: the form, where the file's values stand wherever the sheet says nothing.

    `cluster` and `digest` tell which cluster file it was made from, and of what content ('' where it does not say).
    `missing` are the numbers of members that the file has and the sheet does not.
    """

    form: Form
    problems: tuple[Problem, ...]
    cluster: str = ""
    digest: str = ""
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    old: Form
    municipalities: MunicipalityRegister
    problems: list[Problem] = field(default_factory=list)

    def tell(self, table: Table, row: int, path: Path | None, fault: Fault, *, warning: bool = False) -> None:
        """Keep a problem with its sheet, row and column."""
        place, column = table.place(row, path)
        severity = Severity.WARNING if warning else Severity.ERROR
        self.problems.append(place.problem(fault.code, fault.message, column, fault.mend, severity))

    def value(self, table: Table, row: int, one: FormField, cell: Cell, known: Sequence[str]) -> str:
        """Return a cell as the file writes it; ``known`` are texts that the file has there: those need no reading."""
        if is_empty(cell):
            return one.default
        try:
            if isinstance(cell, str) and not isinstance(cell, (Formula, ErrorValue)):
                exact = unicodedata.normalize("NFC", cell)
                if exact in known and one.kind not in CHOICES:
                    return exact
            return PARSERS[one.kind](checked(cell), known)
        except Fault as fault:
            self.tell(table, row, one.path, fault)
            return one.default

    def number(self, table: Table, row: int, cells: Sequence[Cell]) -> str:
        """Return the municipality of a row, '' where it is not certain."""
        found: dict[Path, str] = {}
        for path in (NUMBER, NAME):
            cell = cell_at(cells, table.indexes.get(path))
            if is_empty(cell):
                continue
            try:
                found[path] = self.municipality(checked(cell)).number
            except Fault as fault:
                self.tell(table, row, path, fault)
                return ""
        if not found:
            mend = T("Write the number or the name, or empty the whole row.")
            self.tell(table, row, NUMBER, Fault("municipality-missing", T("the municipality is missing"), mend))
            return ""
        if len(set(found.values())) > 1:
            said = T(
                "the number is that of {one}, and the name that of {other}",
                one=self.call(found[NUMBER]),
                other=self.call(found[NAME]),
            )
            self.tell(table, row, NUMBER, Fault("two-municipalities", said, T("Correct one, or empty one of the two.")))
            return ""
        return next(iter(found.values()))

    def municipality(self, cell: Cell) -> Municipality:
        """Return the municipality that a cell means. Raises `Fault` where none or several can be meant."""
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        text = " ".join(f"{cell:04d}".split()) if isinstance(cell, int) and cell is not True else text_of(cell)
        if numbered := _NUMBERED.fullmatch(text):
            one, other = self.municipality(numbered[1]), self.municipality(numbered[2])
            if one is not other:
                said = T(
                    "the number is that of {one}, and the name that of {other}",
                    one=self.call(one.number),
                    other=self.call(other.number),
                )
                raise Fault("two-municipalities", said)
            return one
        wanted = text.zfill(4) if text.isdigit() and len(text) == 3 else text
        every = (
            tuple(one for one in (self.municipalities.get(wanted),) if one)
            if wanted.isdigit()
            else self.municipalities.find(wanted)
        )
        found = tuple(one for one in every if not one.has_ended) or every
        if len(found) == 1:
            return found[0]
        if found:
            names = tuple(f"{one.number} {one.title(with_county=True)}" for one in found)
            said = T("'{text}' may be several municipalities", text=cited(text))
            raise Fault("ambiguous", said, T("Write the number: {numbers}", numbers=names))
        near = tuple(f"{one.number} {one.title()}" for one in self.municipalities.suggest(text)[:3])
        said = T("there is no municipality '{text}'", text=cited(text))
        raise Fault("unknown-municipality", said, T("Did you mean {names}?", names=near) if near else None)

    def call(self, number: str) -> str:
        """Return a municipality as sentences name it."""
        known = self.municipalities.get(number)
        return f"{number} {known.title()}" if known else number


def read_member_sheet(book: Book, old: Form, municipalities: MunicipalityRegister) -> Filled:
    """Return what a filled sheet says, where ``old`` is what the cluster file says now."""
    reader = _Reader(old, municipalities)
    members, contacts, cluster = tables_of(book, reader.tell)
    form = old
    missing: tuple[str, ...] = ()
    if members is None:
        needed = tuple(one.guide.label for one in MEMBER_FIELDS[:3])
        said = T("there is no sheet of members with these headings: {needed}", needed=needed)
        reader.problems.append(
            Problem("no-members", said, T("Make the sheet anew with 'ksf sheet CLUSTER --out FILE.xlsx', and fill it."))
        )
    else:
        form, missing = _members(reader, members)
        form = _motor(reader, members, form)
        if contacts is not None:
            form = _contacts(reader, contacts, members, form)
    told = dict(book.properties)
    if cluster is not None:
        form = _cluster(reader, cluster, form, told)
    for table, what in ((contacts, T("contact persons")), (cluster, T("the cluster"))):
        if table is None and members is not None:
            said = T("the sheet of {what} is not there; what the cluster file says of it stays", what=what)
            reader.problems.append(Problem("sheet-missing", said, severity=Severity.WARNING))
    return Filled(form, tuple(reader.problems), told.get(CLUSTER_PROPERTY, ""), told.get(DIGEST_PROPERTY, ""), missing)


# Reading the rows


def _members(reader: _Reader, table: Table) -> tuple[Form, tuple[str, ...]]:
    """Return the form with the members of the sheet in the file's order, new ones last, and who is missing."""
    rows: dict[str, int] = {}
    found: dict[str, MemberForm] = {}
    uncertain = False
    for row, cells in table.rows:
        if is_blank_row(table, cells):
            continue
        if not (number := reader.number(table, row, cells)):
            uncertain = True
            continue
        if number in rows:
            said = T("{name} stands in row {row} too", name=reader.call(number), row=rows[number])
            reader.tell(table, row, NUMBER, Fault("member-twice", said, T("Keep one of the two rows.")))
            continue
        rows[number] = row
        old = reader.old.member(number)
        before: Values = old.values if old else {one.path: one.default for one in MEMBER_FIELDS}
        values = _row(reader, table, row, cells, MEMBER_FIELDS, [before], before)
        found[number] = MemberForm(number, values, old.contacts if old else ())
    if not rows and not uncertain:
        said = T("there are no rows below the headings")
        reader.problems.append(Place(table.sheet, 1, {}).problem("no-rows", said))
    missing = tuple(one.number for one in reader.old.members if one.number not in rows)
    members = [found.pop(one.number, one) for one in reader.old.members]
    return replace(reader.old, members=(*members, *found.values())), () if uncertain else missing


def _row(
    reader: _Reader,
    table: Table,
    row: int,
    cells: Sequence[Cell],
    fields: Sequence[FormField],
    known: Sequence[Values],
    unless: Values,
) -> dict[Path, str]:
    """Return the values of a row; those of columns that the sheet lacks are ``unless``."""
    values: dict[Path, str] = {}
    for one in fields:
        if one.kind is Kind.MUNICIPALITY:
            continue
        if one.path in table.indexes:
            texts = [text for person in known if (text := person.get(one.path, ""))]
            values[one.path] = reader.value(table, row, one, cell_at(cells, table.indexes[one.path]), texts)
        else:
            values[one.path] = unless.get(one.path, one.default)
    return values


def _motor(reader: _Reader, table: Table, form: Form) -> Form:
    """Tell where the sheet names several motor municipalities."""
    if MOTOR not in table.indexes:
        return form
    motors = [one.number for one in form.members if one.values.get(MOTOR) == "true"]
    stated = [number for number in motors if number in _numbers(reader, table)]
    if len(stated) == 1 and len(motors) > 1:  # the file's own is not in the sheet
        return replace(
            form,
            members=tuple(
                one if one.number in stated else replace(one, values={**one.values, MOTOR: "false"})
                for one in form.members
            ),
        )
    if len(motors) > 1:
        names = tuple(map(reader.call, motors))
        said = T("there is one motor municipality, and the sheet names several: {names}", names=names)
        row = table.rows[0][0] if table.rows else 1
        reader.tell(table, row, MOTOR, Fault("motor-twice", said))
    return form


def _numbers(reader: _Reader, table: Table) -> frozenset[str]:
    """Return the numbers of the members that the sheet has, telling nothing."""
    quiet = _Reader(reader.old, reader.municipalities)
    return frozenset(quiet.number(table, row, cells) for row, cells in table.rows if not is_blank_row(table, cells))


def _contacts(reader: _Reader, table: Table, members: Table, form: Form) -> Form:
    """Return the form with the contact persons of the sheet; those of members that it does not have stay."""
    there = _numbers(reader, members)
    found: dict[str, list[Values]] = {}
    name = CONTACT_FIELDS[2]
    uncertain = False
    for row, cells in table.rows:
        if is_blank_row(table, cells):
            continue
        said_more = any(
            not is_empty(cell_at(cells, index)) for path, index in table.indexes.items() if path not in {NUMBER, NAME}
        )
        if not said_more:
            continue  # a municipality with nobody named
        if not (number := reader.number(table, row, cells)):
            uncertain = True
            continue
        if number not in there:
            said = T("{name} is not in the sheet of members", name=reader.call(number))
            reader.tell(table, row, NUMBER, Fault("not-a-member", said, T("Add it there, or empty this row.")))
            continue
        old = reader.old.member(number)
        known = old.contacts if old else ()
        place = cell_at(cells, table.indexes.get(name.path))
        same: Values = next((one for one in known if one[name.path] == place), {})
        values = _row(reader, table, row, cells, CONTACT_FIELDS, known, same)
        if is_empty(place) and name.path in table.indexes:
            said = T("the name of the contact person is missing")
            reader.tell(table, row, name.path, Fault("name-missing", said, T("Write it, or empty the whole row.")))
            continue
        found.setdefault(number, []).append(values)
    if uncertain or name.path not in table.indexes:
        if name.path not in table.indexes:
            reader.tell(table, 1, None, Fault("name-missing", T("the sheet of contact persons has no names")))
        return form
    return replace(
        form,
        members=tuple(
            replace(one, contacts=tuple(found.get(one.number, ()))) if one.number in there else one
            for one in form.members
        ),
    )


def _cluster(reader: _Reader, table: Table, form: Form, told: dict[str, str]) -> Form:
    """Return the form with what the sheet of the cluster says; a field has its name to the left of its value."""
    fields = {word: one for one in reversed(CLUSTER_FIELDS) for word in words_of(one.guide.label)}
    texts = {word: name for name, label in PROPERTY_LABELS for word in words_of(label)}
    values = dict(form.values)
    areas: list[str] = []
    seen: dict[Path, int] = {}
    for row, cells in table.rows:
        name, cell = cell_at(cells, table.indexes.get(FIELD_NAME)), cell_at(cells, table.indexes.get(FIELD_VALUE))
        if not isinstance(name, str):
            continue
        heading = re.sub(r"\s*[0-9]+$", "", name.strip())
        if (text := texts.get(fold(heading))) is not None:
            if isinstance(cell, str):
                told.setdefault(text, cell.strip())
            continue
        one = fields.get(fold(heading))
        if one is None:
            if not is_empty(cell):
                said = T("the field '{name}' is not known, and was not read", name=cited(name))
                reader.tell(table, row, FIELD_NAME, Fault("unknown-field", said), warning=True)
            continue
        if one.path in seen and one.path != FOCUS_AREAS:
            said = T("the field '{name}' stands in row {row} too", name=cited(name), row=seen[one.path])
            reader.tell(table, row, FIELD_NAME, Fault("field-twice", said, T("Keep one of the two rows.")))
            continue
        seen[one.path] = row
        known = reader.old.focus_areas if one.path == FOCUS_AREAS else (reader.old.values.get(one.path, ""),)
        value = reader.value(table, row, replace(one, path=FIELD_VALUE), cell, [text for text in known if text])
        if one.path != FOCUS_AREAS:
            values[one.path] = value
        elif value:
            areas.append(value)
    lost = tuple(one.guide.label for one in CLUSTER_FIELDS if one.path not in seen)
    if lost:
        said = T("these fields are missing: {fields}", fields=lost)
        reader.tell(table, 1, None, Fault("fields-missing", said, STAYS), warning=True)
    return replace(form, values=values, focus_areas=tuple(areas) if FOCUS_AREAS in seen else form.focus_areas)


def told_first(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Yield the problems, or the first of very many."""
    yield from problems[:PROBLEMS_LIMIT]
    if len(problems) > PROBLEMS_LIMIT:
        yield Problem("more-problems", T("there are {count} problems; these are the first", count=len(problems)))
