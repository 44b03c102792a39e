"""Agreements signed on paper before the register existed: what the rows of a spreadsheet can say.

Pure. A row is a party; the rows of a cluster are an agreement (`paper_checks.agreements_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ksf_agreements.domain.cluster import Accession, EntryIntoForce, Language
from ksf_agreements.domain.events import Authority
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.text import T, Text


class Column(StrEnum):
    """What a column tells; the value is its heading."""

    CLUSTER = "klynge"
    NAME = "navn"
    REGION = "region"
    MUNICIPALITY = "kommune"
    MOTOR = "motorkommune"
    SIGNED = "signert"
    VALID_UNTIL = "gyldig til"
    ISSUED = "utstedt"
    ENTRY = "ikrafttredelse"
    ACCESSION = "tiltredelse"
    CONTRIBUTIONS = "bidrag kreves"
    LANGUAGE = "målform"
    SIGNATORY = "underskriver navn"
    TITLE = "underskriver tittel"
    AUTHORITY = "fullmakt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its sheet ('' in a CSV file), its number, and what each column is called there."""

    sheet: str
    row: int
    columns: Mapping[Column, tuple[int, str]]

    def problem(
        self,
        code: str,
        what: Text,
        column: Column | None = None,
        mend: Text | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem of this row, or of one of its cells."""
        number, heading = self.columns.get(column, (0, "")) if column else (0, "")
        if self.sheet and heading:
            said = T(
                "Sheet '{sheet}', row {row}, column {column}: {what}",
                sheet=cited(self.sheet),
                row=self.row,
                column=heading,
                what=what,
            )
        elif self.sheet:
            said = T("Sheet '{sheet}', row {row}: {what}", sheet=cited(self.sheet), row=self.row, what=what)
        elif heading:
            said = T("Row {row}, column {column}: {what}", row=self.row, column=heading, what=what)
        else:
            said = T("Row {row}: {what}", row=self.row, what=what)
        return Problem(code, said, mend, severity, line=self.row, column=number)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One party of one agreement, as its row says it; None and '' where the cell is empty or has a fault."""

    place: Place
    cluster: str = ""
    name: str = ""
    region: str = ""
    municipality: str = ""
    motor: bool | None = None
    signed: date | None = None
    valid_until: date | None = None
    issued: date | None = None
    entry: EntryIntoForce | None = None
    accession: Accession | None = None
    joined: date | None = None
    contributions: bool | None = None
    language: Language | None = None
    signatory: str = ""
    title: str = ""
    authority: Authority | None = None
    faulty: frozenset[Column] = frozenset()


@dataclass(frozen=True, slots=True)
class PaperSignature:
    """A party's signature on paper."""

    party: str
    on: date
    name: str
    title: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class PaperAgreement:
    """An agreement that can be entered: `parties` signed, or are to sign, the motor municipality first."""

    place: Place
    cluster: str
    name: str
    region: str
    language: Language
    parties: tuple[str, ...]
    issued: date
    valid_until: date
    entry: EntryIntoForce
    accession: Accession
    contributions: bool
    signatures: tuple[PaperSignature, ...]
    joined: tuple[tuple[str, date], ...] = ()
    """Who acceded later, and from which day, in the order of the days."""
