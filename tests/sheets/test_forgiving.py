"""What people do to a sheet: taken where only one thing can be meant, told with sheet, row and column where not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from ksf_agreements.domain.member_form import Form, form_of
from ksf_agreements.errors import Problem
from ksf_agreements.i18n import translator
from ksf_agreements.loading.member_sheet import Filled, read_member_sheet
from ksf_agreements.loading.sheets import read_book
from tests.factories import cluster, member, register
from tests.sheets.books import CONTACTS, MEMBERS, Sheets, cell, field

SAY = translator("nb")


def filled(rows: list[list[Any]], old: Form | None = None, sheet: str = "Medlemmer", **more: list[list[Any]]) -> Filled:
    """Read sheets made of rows of plain values."""
    import io

    book = Workbook()
    book.remove(book.active)
    for name, content in {sheet: rows, **more}.items():
        page = book.create_sheet(name)
        for row in content:
            page.append(row)
    target = io.BytesIO()
    book.save(target)
    read, problems = read_book(target.getvalue())
    assert problems == ()
    return read_member_sheet(
        read, old or form_of(cluster(members=("0301", "4631"), motor_municipality="4631")), register()
    )


def errors(found: Filled) -> list[str]:
    """Return the errors as people read them."""
    return [SAY(one.message) for one in found.problems if one.is_error]


HEADS = ["Kommunenummer", "Kommune", "Motorkommune", "Navnet på underskriveren", "Godkjennes av"]


@pytest.mark.parametrize(
    "row",
    [
        [301, None],
        ["301", None],
        [301.0, None],
        ["0301", "Oslo kommune"],
        [" 0301 ", "oslo"],
        [None, "Oslo"],
        ["0301 Oslo", None],
        [None, "0301 Oslo kommune"],
        [None, "OSLO KOMMUNE  "],
    ],
)
def test_a_municipality_is_found(row: list[Any]) -> None:
    found = filled([HEADS, [*row, None, "Ny Eksempel"]])
    assert errors(found) == []
    assert found.form.member("0301").values["signatory", "name"] == "Ny Eksempel"  # type: ignore[union-attr]
    assert found.missing == ("4631",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["0301", "Bergen"], "Ark «Medlemmer», rad 2, kolonne A (Kommunenummer): nummeret er 0301 Oslo kommune"),
        ([None, "Herøy"], "Ark «Medlemmer», rad 2, kolonne B (Kommune): «Herøy» kan være flere kommuner"),
        ([None, "Atlantis"], "Ark «Medlemmer», rad 2, kolonne B (Kommune): det finnes ingen kommune «Atlantis»"),
        (["9999", None], "det finnes ingen kommune «9999»"),
        ([46, None], "det finnes ingen kommune «0046»"),
        ([None, None], "Ark «Medlemmer», rad 2, kolonne A (Kommunenummer): kommunen mangler"),
        ([True, None], "dette må være tekst"),
        ([4631.5, None], "dette må være tekst"),
        ([date(2026, 1, 1), None], "dette må være tekst"),
    ],
)
def test_what_may_be_several_is_never_guessed(row: list[Any], said: str) -> None:
    assert said in errors(filled([HEADS, [*row, None, "Ny Eksempel"]]))[0]


def test_headings_stand_anywhere_in_any_order_and_case() -> None:
    found = filled(
        [
            ["Medlemmer i klyngen vår"],
            [],
            [None, "GODKJENNES AV ", "kommunenr", " motorkommune"],
            [],
            [None, "Byråd", "4631", "X"],
            [None, None, None],
            [None, "kommunestyre", 301, "J"],
        ]
    )
    assert [one for one in errors(found) if "motorkommune" not in one] == []
    assert "rad 5, kolonne D (motorkommune): det er én motorkommune, og arket har flere" in errors(found)[0]
    assert found.form.member("4631").values["approval_body",] == "byråd"  # type: ignore[union-attr]


@pytest.mark.parametrize("said", ["ja", "JA ", "J", "x", "X", True, 1, "sann", "yes"])
@pytest.mark.parametrize("no", ["nei", "N", "n ", False, 0, None, "usann"])
def test_yes_and_no(said: object, no: object) -> None:
    found = filled([HEADS, ["0301", None, said], ["4631", None, no]])
    assert errors(found) == []
    assert found.form.motor == "0301"


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("31.12.2029", "2029-12-31"),
        ("31. desember 2029", "2029-12-31"),
        ("31/12/2029", "2029-12-31"),
        ("1.6.2030 ", "2030-06-01"),
        ("2029-12-31", "2029-12-31"),
        (date(2029, 12, 31), "2029-12-31"),
        (datetime(2029, 12, 31), "2029-12-31"),  # noqa: DTZ001 (as Excel has it)
    ],
)
def test_dates(written: object, until: str) -> None:
    found = filled([HEADS, ["0301"]], Klyngen=[["Felt", "Verdi"], ["Gjelder til og med", written]])
    assert errors(found) == []
    assert found.form.values["valid_until",] == until


@pytest.mark.parametrize(
    ("written", "said"), [("31.2.2029", "finnes ikke"), (47483, "er ikke en dato"), ("1.6.30", "ikke en dato")]
)
def test_what_is_no_date(written: object, said: str) -> None:
    found = filled([HEADS, ["0301"]], Klyngen=[["Felt", "Verdi"], ["Gjelder til og med", written]])
    assert errors(found)[0].startswith("Ark «Klyngen», rad 2, kolonne B (Verdi):")
    assert said in errors(found)[0]


PEOPLE = ["Kommune", "Navn", "Telefon", "E-post"]


def test_phones_that_excel_made_numbers_and_links() -> None:
    person = member("4631").foui_contacts[0].model_copy(update={"phone": "+47 55 00 00 01"})
    old = form_of(cluster(members=("0301", member("4631", foui_contacts=(person,)))))
    rows = [
        PEOPLE,
        ["Alver", person.name, 4755000001, "mailto:ny@example.no"],
        ["Oslo", "Ola Kontakt", 22000000.0, None],
    ]
    found = filled([HEADS, ["0301"], ["4631"]], old, Kontaktpersoner=rows)
    assert errors(found) == []
    alver, oslo = found.form.member("4631"), found.form.member("0301")
    assert alver is not None
    assert oslo is not None
    assert alver.contacts[0]["phone",] == "+47 55 00 00 01"
    assert alver.contacts[0]["email",] == "ny@example.no"
    assert alver.contacts[0]["title",] == ""
    assert oslo.contacts[0]["phone",] == "22000000"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["Voss", "Kari"], "4621 Voss herad står ikke i arket med medlemmer"),
        (["Oslo", None, "22 00 00 00"], "kolonne B (Navn): navnet på kontaktpersonen mangler"),
        (["Oslo", "Kari", None, "Kari <kari@example.no>"], "kolonne D (E-post)"),
        (["Oslo", "Kari", 22.5], "kolonne C (Telefon): dette må være tekst"),
        (["Oslo", "Kari\nNordmann"], "må stå på én linje"),
        ([None, "Kari"], "kommunen mangler"),
    ],
)
def test_faults_in_contacts(row: list[Any], said: str) -> None:
    found = filled([HEADS, ["0301"], ["4631"]], Kontaktpersoner=[PEOPLE, row])
    assert errors(found)[0].startswith("Ark «Kontaktpersoner», rad 2")
    assert said in errors(found)[0]


def test_a_member_twice_and_a_field_twice() -> None:
    found = filled(
        [HEADS, ["0301"], ["4631"], [None, "Oslo"]],
        Klyngen=[["Felt", "Verdi"], ["Navn på klyngen", "A"], ["Navnet på klyngen", "A"], ["Navnet på klyngen", "B"]],
    )
    assert any("rad 4" in one and "står i rad 2 også" in one for one in errors(found))


def test_what_the_sheet_lacks_stays() -> None:
    old = form_of(cluster(members=("0301", "4631")))
    found = filled([["Kommunenummer", "Godkjennes av", "Husnummer"], ["0301", "formannskap"]], old)
    assert errors(found) == []
    warned = " ".join(SAY(one.message) for one in found.problems)
    for part in ("«Husnummer»", "disse kolonnene mangler", "arket for kontaktpersoner", "arket for klyngen"):
        assert part in warned
    changed = found.form.member("0301")
    assert changed is not None
    assert changed.values["signatory", "name"] == "Sigrid Eksempel 0301"
    assert len(changed.contacts) == 1
    assert found.form.values == old.values


def test_a_blank_cell_takes_away(sheets: Sheets) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 2, "Tittelen på underskriveren").value = None
    cell(book[MEMBERS], 3, "Navnet på underskriveren").value = " "
    cell(book[MEMBERS], 3, "Tittelen på underskriveren").value = None
    cell(book[CONTACTS], 1, "Telefon").value = ""
    field(book, "Satsingsområder 2").value = None
    lines = sheets.changed(book)
    assert ("+", "signatory: {name: Bjørn Eksempel}") in lines
    assert ("-", "signatory: {name: Camilla Eksempel, title: ordfører}") in lines
    assert ("-", 'phone: "55 00 00 01"') in lines
    assert len(lines) == 5


@pytest.mark.parametrize("formula", ["=1+1", "=A5", '=HYPERLINK("http://example.no")', "=CONCATENATE(A1)"])
def test_a_formula_is_never_a_value(sheets: Sheets, formula: str) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 2, "Navnet på underskriveren").value = formula
    assert "Ark «Medlemmer», rad 6, kolonne D (Navnet på underskriveren): cellen har en formel" in sheets.refused(book)


def test_every_fault_is_told_at_once(sheets: Sheets) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 1, "Godkjennes av").value = "kantina"
    cell(book[CONTACTS], 2, "E-post").value = "ikke en adresse"
    field(book, "Gjelder til og med").value = "snart"
    said = sheets.refused(book)
    for place in ("Ark «Medlemmer», rad 5", "Ark «Kontaktpersoner», rad 6", "Ark «Klyngen», rad"):
        assert place in said


def test_the_problems_are_values() -> None:
    found = filled([HEADS, ["0301", None, None, None, "kantina"]])
    (problem,) = [one for one in found.problems if one.is_error]
    assert isinstance(problem, Problem)
    assert (problem.code, problem.line, problem.column) == ("not-a-choice", 2, 5)


_: Callable[..., Any]
