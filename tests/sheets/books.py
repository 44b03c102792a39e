"""Fills in member sheets as people do, with openpyxl."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.conftest import Ran

CLUSTER = "helse-omsorg-vest"
MEMBERS, CONTACTS, CLUSTER_SHEET = "Medlemmer", "Kontaktpersoner", "Klyngen"


@dataclass
class Sheets:
    """The member sheet of one cluster: made, filled in, and read back."""

    ksf: Callable[..., Ran]
    workspace: Path
    cluster: str = CLUSTER
    lang: str = "nb"

    @property
    def file(self) -> Path:
        """The cluster file."""
        return self.workspace / "clusters" / f"{self.cluster}.yaml"

    @property
    def out(self) -> Path:
        """The sheet."""
        return self.workspace / "ark.xlsx"

    def text(self) -> str:
        """Return the cluster file's text."""
        return self.file.read_bytes().decode()

    def make(self) -> Any:
        """Make the sheet, and open it."""
        ran = self.ksf("--lang", self.lang, "-w", self.workspace, "sheet", self.cluster, "--out", self.out, "--force")
        assert ran.code == 0, ran.err
        return load_workbook(self.out)

    def read(self, book: Workbook | None = None, *words: str) -> Ran:
        """Read the sheet back, after saving ``book`` over it."""
        if book is not None:
            book.save(self.out)
        return self.ksf(
            "--lang", self.lang, "-w", self.workspace, "import-sheet", self.out, "--cluster", self.cluster, *words
        )

    def changed(self, book: Workbook, *words: str) -> list[tuple[str, str]]:
        """Read a sheet that must be taken, and return the file's lines that went and came."""
        before = self.text().splitlines()
        ran = self.read(book, "--yes", *words)
        assert ran.code == 0, (ran.out, ran.err)
        return different(before, self.text().splitlines())

    def refused(self, book: Workbook | None, *words: str) -> str:
        """Read a sheet that must be refused with the file untouched; return what is said."""
        before = self.file.read_bytes()
        ran = self.read(book, "--yes", *words)
        assert ran.code == 1, (ran.out, ran.err)
        assert self.file.read_bytes() == before
        assert "Traceback" not in ran.err
        return ran.err


def different(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Return ('-', line) and ('+', line) for what differs."""
    from difflib import ndiff

    return [(line[0], line[2:].strip()) for line in ndiff(before, after) if line[0] in "+-"]


def cell(sheet: Any, row: int, heading: str) -> Any:
    """Return the cell below a heading of the form's row 4; ``row`` counts from 1 below it."""
    columns = {one.value: one.column for one in sheet[4]}
    return sheet.cell(4 + row, columns[heading])


def field(book: Any, name: str) -> Any:
    """Return the cell of a field of the cluster."""
    return next(row[1] for row in book[CLUSTER_SHEET].iter_rows(5) if row[0].value == name)
