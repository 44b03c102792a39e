"""Reads agreements that were signed on paper from a spreadsheet: finds the headings, and takes each row as a party.

Headings are found wherever they stand, in any order and letter case, also under other names (`COLUMNS`); rows above
them are titles. Sheets without headings (a cover, a help page) are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from ksf_agreements.domain.cluster import Accession, EntryIntoForce, Language
from ksf_agreements.domain.events import Authority
from ksf_agreements.domain.folding import fold
from ksf_agreements.domain.paper.rows import Column, PaperRow, Place
from ksf_agreements.domain.values import Fault, cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.loading.cells import (
    NO,
    YES,
    Parse,
    called,
    choice,
    day,
    line,
)
from ksf_agreements.loading.sheets import ENCODINGS, Cell, Sheet, is_empty, read_sheets
from ksf_agreements.text import T, Text

PROBLEMS_LIMIT: Final = 200
_HEADINGS_WITHIN = 50
"""So many rows of titles may stand above the headings."""


@dataclass(frozen=True, slots=True)
class Guide:
    """One column: its headings (the first is ours), how a cell is read, and what people are told of it."""

    headings: tuple[str, ...]
    parse: Parse
    attribute: str
    help: Text
    example: tuple[str | date, str | date]
    required: bool = False


_ROLES = {"motorkommune": True, "motor": True, "partnerkommune": False, "partnarkommune": False, "partner": False}
_ACCESSION: Mapping[str, object] = {
    "alle": Accession.ALL,
    "all": Accession.ALL,
    "motorkommunen": Accession.MOTOR,
    "motorkommune": Accession.MOTOR,
    "motor": Accession.MOTOR,
}
_YES_OR_NO = T("Write 'ja' or 'nei'.")
_accession = choice(
    _ACCESSION, T("Write the day on which the party joined, or who signs an accession: 'alle' or 'motorkommunen'.")
)


def _joined(cell: Cell) -> object:
    """Return the day on which a party acceded, or whose signatures an accession needs."""
    if isinstance(cell, str) and not cell.strip()[:1].isdigit():
        return _accession(cell)
    return day(cell)


COLUMNS: Mapping[Column, Guide] = MappingProxyType(
    {
        Column.CLUSTER: Guide(
            ("klynge", "klynge id", "klynge (id)", "id", "klyngje", "cluster", "avtale", "kommuneklynge"),
            line,
            "cluster",
            T("The id of the cluster, the same in all its rows: the name that its file has, or will have."),
            ("helse-vest", "helse-vest"),
            required=True,
        ),
        Column.NAME: Guide(
            ("navn", "klyngenavn", "klyngens navn", "avtalens navn", "avtalenavn", "namn", "name"),
            line,
            "name",
            T("The name of the cluster; the first row of the cluster is enough."),
            ("Helse Vest", ""),
            required=True,
        ),
        Column.REGION: Guide(
            ("region", "ksf-region"), line, "region", T("The KSF region, by name or key."), ("Vest", "")
        ),
        Column.MUNICIPALITY: Guide(
            ("kommune", "kommunenummer", "kommunenr", "knr", "part", "kommunenavn", "municipality"),
            line,
            "municipality",
            T("The party, by number or name."),
            ("4601", "Voss herad"),
            required=True,
        ),
        Column.MOTOR: Guide(
            ("motorkommune", "motor", "rolle", "role"),
            choice({**YES, **NO, **_ROLES}, _YES_OR_NO),
            "motor",
            T("'ja' in exactly one row of the cluster."),
            ("ja", "nei"),
            required=True,
        ),
        Column.SIGNED: Guide(
            ("signert", "signert dato", "dato signert", "signaturdato", "underskrevet", "underskriven", "signed"),
            day,
            "signed",
            T("The day on which the party signed; empty where it has not."),
            (date(2025, 3, 14), date(2025, 4, 2)),
            required=True,
        ),
        Column.VALID_UNTIL: Guide(
            ("gyldig til", "gyldig til og med", "gjelder til", "varighet", "utløper", "sluttdato", "valid until"),
            day,
            "valid_until",
            T("The last day of the term; the first row of the cluster is enough."),
            (date(2028, 12, 31), ""),
            required=True,
        ),
        Column.ISSUED: Guide(
            ("utstedt", "ferdigstilt", "ferdigstilt til signering", "avtaledato", "issued"),
            day,
            "issued",
            T("The day on which the agreement was ready for signing; else that of the earliest signature."),
            ("", ""),
        ),
        Column.ENTRY: Guide(
            ("ikrafttredelse", "ikrafttredelse-måte", "ikrafttreden", "ikrafttredelsesmåte", "iverksetting"),
            choice(
                {
                    "siste underskrift": EntryIntoForce.LAST_SIGNATURE,
                    "siste signatur": EntryIntoForce.LAST_SIGNATURE,
                    "når alle har signert": EntryIntoForce.LAST_SIGNATURE,
                    "last_signature": EntryIntoForce.LAST_SIGNATURE,
                    "hver ved signering": EntryIntoForce.EACH_ON_SIGNING,
                    "hver ved sin signatur": EntryIntoForce.EACH_ON_SIGNING,
                    "kvar ved signering": EntryIntoForce.EACH_ON_SIGNING,
                    "each_on_signing": EntryIntoForce.EACH_ON_SIGNING,
                },
                T("Write 'siste signatur' or 'hver ved signering'."),
            ),
            "entry",
            T("'siste signatur' (as where nothing is said) or 'hver ved signering'."),
            ("siste signatur", ""),
        ),
        Column.ACCESSION: Guide(
            ("tiltredelse", "tiltrådt", "tiltredelsesdato", "tiltredelsesmåte", "tiltreding", "accession"),
            _joined,
            "accession",
            T("The day on which a party joined later; or who signs an accession: 'alle' or 'motorkommunen'."),
            ("", ""),
        ),
        Column.CONTRIBUTIONS: Guide(
            ("bidrag kreves", "krever bidrag", "bidrag", "contributions required"),
            choice({**YES, **NO}, _YES_OR_NO),
            "contributions",
            T("'ja' where taking part requires contributions."),
            ("nei", ""),
        ),
        Column.LANGUAGE: Guide(
            ("målform", "språk", "language"),
            choice(
                {"nb": Language.NB, "bokmål": Language.NB, "nn": Language.NN, "nynorsk": Language.NN},
                T("Write 'bokmål' or 'nynorsk'."),
            ),
            "language",
            T("The language of the agreement: 'bokmål' (as where nothing is said) or 'nynorsk'."),
            ("bokmål", ""),
        ),
        Column.SIGNATORY: Guide(
            ("underskriver navn", "underskriver", "signert av", "underskrivar", "underskriven av", "signatory"),
            line,
            "signatory",
            T("The name of who signed."),
            ("Kari Eksempel", "Ola Eksempel"),
        ),
        Column.TITLE: Guide(
            ("underskriver tittel", "underskrivers tittel", "tittel", "title"),
            line,
            "title",
            T("The title of who signed."),
            ("ordfører", "ordfører"),
        ),
        Column.AUTHORITY: Guide(
            ("fullmakt", "myndighet", "authority"),
            choice(
                {**{str(one): one for one in Authority}, "ordførar": Authority.MAYOR},
                T("Write 'ordfører', 'delegert' or 'fullmakt'."),
            ),
            "authority",
            T("By what power it was signed: 'ordfører' (as where nothing is said), 'delegert' or 'fullmakt'."),
            ("ordfører", "delegert"),
        ),
    }
)
"""Every column that is read, in the order of the empty sheet."""

_BY_HEADING = {fold(heading): column for column, guide in COLUMNS.items() for heading in guide.headings}


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """The rows of a spreadsheet of agreements, and what is wrong with it."""

    rows: tuple[PaperRow, ...]
    problems: tuple[Problem, ...]


def read_history(data: bytes, encoding: str = "utf-8") -> PaperSheet:
    """Read a spreadsheet of agreements; what is wrong with it stands in its problems."""
    sheets, faults = read_sheets(data, encoding)
    problems = list(faults)
    rows: list[PaperRow] = []
    tables = [table for sheet in sheets if (table := _table(sheet)) is not None]
    for table in tables:
        problems += table.problems
        if any(problem.is_error for problem in table.problems):
            continue  # without its columns, no row says anything
        for number, cells in table.rows:
            if all(is_empty(cell) for index, cell in enumerate(cells) if index in table.indexes.values()):
                continue  # a remark beside the table
            rows.append(_row(Place(table.sheet, number, table.places), table, cells, problems))
    if sheets and not tables:
        needed = tuple(str(column) for column, guide in COLUMNS.items() if guide.required)
        message = T("there is no row of headings; these are needed: {needed}", needed=needed)
        mend = T("Write an empty sheet with 'ksf import-history --template FILE.xlsx', and fill it.")
        problems.append(Problem("no-headings", message, mend))
    elif tables and not rows and not problems:
        problems.append(Problem("no-rows", T("there are no rows below the headings")))
    return PaperSheet(tuple(rows), tuple(problems))


def texts(data: bytes) -> Iterator[str]:
    """Yield every text of a spreadsheet, to look for a name in it; nothing of one that cannot be read."""
    read = (read_sheets(data, encoding)[0] for encoding in ENCODINGS)
    for sheet in next((sheets for sheets in read if sheets), ()):
        for _, row in sheet.rows:
            yield from (cell for cell in row if isinstance(cell, str))


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: str
    indexes: Mapping[Column, int]
    places: Mapping[Column, tuple[int, str]]
    rows: Sequence[tuple[int, tuple[Cell, ...]]]
    problems: tuple[Problem, ...]


def _table(sheet: Sheet) -> _Table | None:
    """Return what stands below the headings of a sheet, or None where it has none."""
    above = next((place for place, row in enumerate(sheet.rows[:_HEADINGS_WITHIN]) if _is_heading(row[1])), None)
    if above is None:
        return None
    number, cells = sheet.rows[above]
    known = _columns(cells)
    indexes: dict[Column, int] = {}
    places: dict[Column, tuple[int, str]] = {}
    problems: list[Problem] = []
    for index, (cell, column) in enumerate(zip(cells, known, strict=True)):
        if is_empty(cell):
            continue
        heading = " ".join(str(cell).split())
        here = Place(sheet.name, number, {Column.CLUSTER: (index + 1, called(sheet.name, index, heading))})
        if column is None:
            problems.append(_unknown(here, heading))
        elif column in indexes:
            what = T("the column '{heading}' is there twice", heading=str(column))
            problems.append(here.problem("column-twice", what, Column.CLUSTER))
        else:
            indexes[column], places[column] = index, (index + 1, called(sheet.name, index, heading))
    lost = tuple(str(column) for column, guide in COLUMNS.items() if guide.required and column not in indexes)
    if lost:
        what = T("these columns are missing: {columns}", columns=lost)
        problems.append(Place(sheet.name, number, {}).problem("columns-missing", what))
    return _Table(sheet.name, indexes, places, sheet.rows[above + 1 :], tuple(problems))


def _columns(cells: Sequence[Cell]) -> list[Column | None]:
    return [_BY_HEADING.get(fold(cell)) if isinstance(cell, str) else None for cell in cells]


def _is_heading(cells: Sequence[Cell]) -> bool:
    return len({column for column in _columns(cells) if column}) >= 3


def _unknown(here: Place, heading: str) -> Problem:
    near = get_close_matches(fold(heading), _BY_HEADING, 1, 0.8)
    mend = T("Did you mean '{name}'?", name=str(_BY_HEADING[near[0]])) if near else None
    what = T("the column '{heading}' is not known, and was not read", heading=cited(heading))
    return here.problem("unknown-column", what, Column.CLUSTER, mend, Severity.WARNING)


def _row(place: Place, table: _Table, cells: Sequence[Cell], problems: list[Problem]) -> PaperRow:
    values: dict[str, Any] = {}
    faulty: set[Column] = set()
    for column, index in table.indexes.items():
        cell = cells[index] if index < len(cells) else None
        if is_empty(cell):
            continue
        try:
            value = COLUMNS[column].parse(cell)
        except Fault as fault:
            faulty.add(column)
            problems.append(place.problem(fault.code, fault.message, column, fault.mend))
            continue
        attribute = "joined" if column is Column.ACCESSION and isinstance(value, date) else COLUMNS[column].attribute
        values[attribute] = value
    return PaperRow(place, **values, faulty=frozenset(faulty))
