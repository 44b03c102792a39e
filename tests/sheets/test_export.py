"""The overview as a workbook: what the register and the cluster files say, as tables, with real dates and texts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.register import NINE, Commands
from tests.conftest import Ran
from tests.sheets.books import CLUSTER


@pytest.fixture
def register(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    return Commands(ksf, workspace)


def exported(register: Commands, *words: str, lang: str = "nb") -> Any:
    """Write the overview, and open it."""
    out = register.workspace / "oversikt.xlsx"
    ran = register.ksf("--lang", lang, "-w", register.workspace, "export", "--out", out, "--force", *words)
    assert ran.code == 0, ran.err
    return load_workbook(out)


def rows(book: Any, sheet: str) -> list[dict[str, Any]]:
    """Return the rows of a sheet by heading."""
    heads, *found = book[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_what_the_register_knows_is_there(register: Commands) -> None:
    register.issue()
    register.ok("open-signing", CLUSTER, "--on", "2026-01-13", "--deadline", "2026-03-20")
    register.ok("approve", CLUSTER, "--party", "4601", "--on", "2026-01-20", "--body", "byråd", "--case", "12/26")
    register.sign("4601", "2026-02-03", "--title", "ordfører")
    register.sign("4631", "2026-02-04", "--reservation")
    book = exported(register)
    assert book.sheetnames == ["Om", "Klynger", "Parter", "Signaturer", "Frister", "Kontaktpersoner"]
    cluster = next(one for one in rows(book, "Klynger") if one["Klynge"] == CLUSTER)
    assert (cluster["Status"], cluster["Signert av"], cluster["Av"]) == ("til signering", 1, 9)
    assert (cluster["Motorkommunens nummer"], cluster["Motorkommune"]) == ("4601", "Bergen kommune")
    assert cluster["Gjelder til og med"] == datetime(2030, 12, 31)  # noqa: DTZ001 (as Excel has it)
    parties = [one for one in rows(book, "Parter") if one["Klynge"] == CLUSTER]
    assert {one["Kommunenummer"] for one in parties} == set(NINE)
    signed = {one["Kommunenummer"]: one for one in rows(book, "Signaturer") if one["Klynge"] == CLUSTER}
    assert signed["4601"]["Underskriver"] == "Anne Eksempel"
    assert signed["4601"]["Saksnummer"] == "12/26"
    assert signed["4631"]["Med forbehold"] == "ja"
    assert signed["4631"]["Teller fra"] is None
    assert signed["4621"]["Signert"] is None
    due = [one for one in rows(book, "Frister") if one["Klynge"] == CLUSTER]
    assert len([one for one in due if one["Dato"] == datetime(2026, 3, 20)]) == 8  # noqa: DTZ001
    people = [one for one in rows(book, "Kontaktpersoner") if one["Klynge"] == CLUSTER]
    assert [one["Navn"] for one in people][:2] == ["Lise Leder", "Anne Kontakt"]


def test_the_tables_are_real(register: Commands) -> None:
    register.issue()
    book = exported(register)
    for name in book.sheetnames[1:]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert table.autoFilter is not None
        assert table.tableStyleInfo.showRowStripes
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    number = next(one for one in book["Parter"]["B"] if one.value == "4601")
    assert (number.data_type, number.number_format) == ("s", "@")
    with zipfile.ZipFile(register.workspace / "oversikt.xlsx") as parts:
        assert b'numberStoredAsText="1"' in parts.read("xl/worksheets/sheet2.xml")


def test_tasks_of_the_year_are_deadlines(register: Commands) -> None:
    register.issue()
    register.sign_all()
    due = rows(exported(register), "Frister")
    assert any("handlingsplan" in one["Hva"] and one["Hvem"] == "klyngeleder" for one in due)


def test_one_region_one_day_and_two_languages(register: Commands) -> None:
    register.issue()
    book = exported(register, "--region", "KSF Vest", "--on", "2026-01-11", lang="nn")
    assert book.sheetnames[1] == "Klyngjer"
    (cluster,) = rows(book, "Klyngjer")
    assert (cluster["Klyngje"], cluster["Status"]) == (CLUSTER, "utkast")
    about = [row[1] for row in book["Om"].iter_rows(values_only=True)]
    assert datetime(2026, 1, 11) in about  # noqa: DTZ001
    assert "Bruk «ksf export --region vest --out FIL.xlsx --force»." in about
    assert register("export", "--out", register.workspace / "x.xlsx", "--region", "sør").code == 2


def test_texts_are_never_formulas(register: Commands) -> None:
    register.edit("name: Kunnskapskommunen Helse Omsorg Vest", "name: '=HYPERLINK(\"http://example.no\")'")
    register.edit("name: Anne Kontakt", "name: '@SUM(1+1)'")
    register.edit('"55 00 00 01"', '"+47 55 00 00 01"')
    book = exported(register)
    found = {one.value: one for name in book.sheetnames for row in book[name].iter_rows() for one in row}
    for text in ('=HYPERLINK("http://example.no")', "@SUM(1+1)", "+47 55 00 00 01"):
        assert found[text].data_type == "s"
        assert found[text].quotePrefix


def test_an_erased_name_and_a_broken_file_are_said(register: Commands) -> None:
    register.issue()
    register.sign("4601")
    register.ok("erase", "--name", "Anne Eksempel", "--reason", "prøve")
    register.edit("region: midt", "region: midt\nukjent: ja", cluster="alle-valg")
    book = exported(register)
    signed = {one["Kommunenummer"]: one for one in rows(book, "Signaturer")}
    assert signed["4601"]["Underskriver"] == "(slettet)"
    assert any("alle-valg" in str(row[1]) for row in book["Om"].iter_rows(values_only=True))


def test_the_same_day_gives_the_same_bytes(register: Commands) -> None:
    register.issue()
    exported(register)
    first = (register.workspace / "oversikt.xlsx").read_bytes()
    exported(register)
    assert (register.workspace / "oversikt.xlsx").read_bytes() == first
    assert {entry.date_time[0] for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {1980}


def test_an_empty_workspace_gives_empty_tables(register: Commands) -> None:
    for file in (register.workspace / "clusters").glob("*.yaml"):
        file.unlink()
    book = exported(register)
    assert rows(book, "Klynger")[0]["Klynge"] is None
    assert book["Om"]["B3"].value.date() == date(2026, 3, 2)


def test_it_is_not_written_over(register: Commands) -> None:
    exported(register)
    ran = register("export", "--out", register.workspace / "oversikt.xlsx")
    assert ran.code == 2
    assert "is there already" in ran.err
