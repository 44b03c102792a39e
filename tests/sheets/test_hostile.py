"""Hostile values and hostile files: exact or refused, never silently changed."""

from __future__ import annotations

import io
import random
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from openpyxl import Workbook, load_workbook

from ksf_agreements.delivery.member_sheet import About, member_sheet
from ksf_agreements.delivery.workbook import WorkbookError, new_book, put, set_print, written
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.member_form import Form, MemberForm, edited, form_of
from ksf_agreements.domain.values import is_blank
from ksf_agreements.i18n import translator
from ksf_agreements.loading.cluster_file import cluster_of
from ksf_agreements.loading.member_sheet import read_member_sheet
from ksf_agreements.loading.sheets import read_book
from ksf_agreements.loading.yaml_edit import edit_yaml
from ksf_agreements.loading.yaml_text import parse_yaml
from tests.factories import NASTY, TODAY, clusters, register
from tests.sheets.books import MEMBERS, Sheets, cell, field

PIECES = (
    *NASTY, "=1+1", "=cmd|' /C calc'!A0", "+47", "-1", "@SUM(A1)", "\t=1", "'=1", "=", "0301", "1e5", "31.12.2029",
    "TRUE", "#REF!", "_x000D_",
    "_x0041_", "_x005F_", "x005F_", "_x005F_x0041_", "\r", "\n", "\r\n", "\0", "\x07", "\x1b",
    "\ufffe", "\ud800", "\u202e", "\u2066", "ø" * 600, "x" * 33_000, " ", "  ", "&#10;", "<c/>", "]]>", "مرحبا",
)  # fmt: skip


def hostile(count: int = 500) -> list[str]:
    """Return so many values, always the same."""
    draw = random.Random(5)  # noqa: S311 (no secret)
    made = ["".join(draw.choices(PIECES, k=draw.randint(1, 4))) for _ in range(count - len(PIECES))]
    return [*PIECES, *made]


def test_a_text_in_a_workbook_is_that_text_or_refused() -> None:
    book = new_book()
    sheet = book.create_sheet("A")
    carried: list[str] = []
    refused = 0
    for value in hostile():
        try:
            put(sheet.cell(len(carried) + 1, 1), value)
        except WorkbookError:
            refused += 1
        else:
            carried.append(value)
    assert len(carried) + refused == 500
    assert refused < 200
    set_print(sheet)
    data = written(book, TODAY, "A")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    read, problems = read_book(data)
    assert problems == ()
    rows = dict(read.sheets[0].rows)
    for number, value in enumerate(carried, 1):
        back = rows.get(number, (None,))[0]
        if not is_blank(value):  # a row without anything to see is not read
            assert type(back) is str
            assert back == value


@given(clusters(tabs=True, breaks=True))
def test_any_cluster_comes_back_as_it_was(made: Cluster) -> None:
    wanted = form_of(made)
    try:
        data = member_sheet(wanted, About("en", made.name or "", TODAY, titles(made)), translator("nn"))
    except WorkbookError:
        return
    book, problems = read_book(data)
    assert problems == ()
    thin = made.model_copy(
        update={"members": made.members[:1], "local_text": type(made.local_text)(), "focus_areas": ()}
    )
    for old in (wanted, form_of(thin)):
        found = read_member_sheet(book, old, register())
        assert [one for one in found.problems if one.is_error] == []
        assert bare(found.form) == bare(wanted)
    assert (found.cluster, found.digest) == ("en", wanted.digest())
    # And into a file.
    motor = made.motor_municipality
    text = f'agreement: ksf-cluster\nregion: {made.region}\nmotor_municipality: "{motor}"  # den\n'.encode()
    file = cluster_of(parse_yaml(text), Path("en.yaml"), "en.yaml")
    assert file.cluster is not None
    blank = form_of(file.cluster)
    tree = edited(dict(file.parsed.value), blank, found.form)  # type: ignore[arg-type]
    after, _ = edit_yaml(text, tree, lambda _: ())
    done = cluster_of(parse_yaml(after), Path("en.yaml"), "en.yaml").cluster
    assert done is not None
    assert form_of(done) == found.form


def titles(made: Cluster) -> dict[str, str]:
    known = (register().get(one.municipality) for one in made.members)
    return {one.number: one.title(with_county=True) for one in known if one}


def bare(form: Form) -> Form:
    """Return a form whose texts have no blanks around them: those are forgiven."""

    def stripped(values: object) -> dict[tuple[str, ...], str]:
        return {path: text.strip() for path, text in dict(values).items()}  # type: ignore[call-overload]

    return Form(
        stripped(form.values),
        tuple(area.strip() for area in form.focus_areas),
        tuple(MemberForm(one.number, stripped(one.values), tuple(map(stripped, one.contacts))) for one in form.members),
    )


def test_hostile_values_in_a_sheet_are_taken_exactly_or_told(sheets: Sheets) -> None:
    """Some of them by the whole way; `test_a_text_in_a_workbook...` takes them all."""
    for value in ("=1+1", "+47 55", "@a", "'=1", "_x0041_", "x005F_", "«<&>»", "😀 עברית", "{{ name }}", "a: b # c"):
        book = sheets.make()
        target = cell(book[MEMBERS], 1, "Navnet på underskriveren")
        put(target, value)
        ran = sheets.read(book, "--yes")
        assert ran.code == 0, ran.err
        found = cluster_of(parse_yaml(sheets.file.read_bytes()), sheets.file, "x").cluster
        assert found is not None
        assert found.members[0].signatory is not None
        assert found.members[0].signatory.name == unicodedata.normalize("NFC", value)


@pytest.mark.parametrize("value", ["a\x85b", "\u202eabc", "x" * 501, "a\nb"])
def test_what_no_document_carries_is_told(sheets: Sheets, value: str) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 1, "Navnet på underskriveren").value = value
    assert "Ark «Medlemmer», rad 5, kolonne D" in sheets.refused(book)


# Files


def rewritten(source: Path, target: Path, **parts: bytes) -> None:
    """Copy a workbook with parts added or replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)


def test_macros_are_refused(sheets: Sheets) -> None:
    sheets.make()
    source = sheets.out.rename(sheets.workspace / "uten.xlsx")
    rewritten(source, sheets.out, **{"xl/vbaProject.bin": b"makro"})
    assert "arbeidsboken har makroer" in sheets.refused(None)


def test_bombs_are_refused(sheets: Sheets) -> None:
    sheets.make()
    source = sheets.out.rename(sheets.workspace / "liten.xlsx")
    rewritten(source, sheets.out, **{"xl/sharedStrings.xml": b"<sst>" + b"a" * 40_000_000})
    assert "langt større" in sheets.refused(None)
    rewritten(source, sheets.out, **{"xl/sharedStrings.xml": b"<!DOCTYPE sst [<!ENTITY a 'b'>]><sst/>"})
    assert "DOCTYPE" in sheets.refused(None)


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"Kommune;Navn\n4601;Kari\n", b"\xd0\xcf\x11\xe0gammel", b"\0" * 11_000_000]
)
def test_what_is_no_workbook_is_refused(sheets: Sheets, data: bytes) -> None:
    sheets.out.write_bytes(data)
    assert "CSV" not in sheets.refused(None)  # which would be refused again


def test_too_many_rows_and_columns_are_refused(sheets: Sheets) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("Medlemmer")
    page.append(["Kommunenummer", "Godkjennes av"])
    for _ in range(20_001):
        page.append(["4601"])
    assert "mer enn 20000 rader" in sheets.refused(book)
    book = Workbook()
    book.active.append(["Kommunenummer", "Godkjennes av", *["a"] * 70])
    assert "mer enn 64 kolonner" in sheets.refused(book)


def test_an_error_of_excel_and_a_hidden_sheet(sheets: Sheets) -> None:
    book = sheets.make()
    wrong = field(book, "Klyngeleders navn")
    wrong.value, wrong.data_type = "#REF!", "e"
    assert "formelen i cellen har en feil (#REF!)" in sheets.refused(book)
    book = sheets.make()
    extra = book.create_sheet("Skjult")
    extra.sheet_state = "hidden"
    extra.append(["Kommunenummer", "Godkjennes av"])
    extra.append(["9999", "kantina"])
    assert sheets.read(book).code == 0


def test_a_missing_file_is_told(sheets: Sheets) -> None:
    assert sheets.read().code == 2


def test_the_workbooks_of_others_are_read(sheets: Sheets) -> None:
    """Excel keeps texts in a table of their own, LibreOffice too; both tell formulas by the cell's type."""
    sheets.make()
    book = load_workbook(sheets.out)
    book.save(sheets.out)
    source = sheets.out.rename(sheets.workspace / "inn.xlsx")
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = b'<sst xmlns="%s"><si><t>_x005F_x0041_ x005F_</t></si></sst>' % space
    with zipfile.ZipFile(source) as old:
        sheet = old.read("xl/worksheets/sheet1.xml").decode()
        types = old.read("[Content_Types].xml").decode()
        links = old.read("xl/_rels/workbook.xml.rels").decode()
    start = sheet.index('<c r="D5"')
    end = sheet.index("</c>", start) + 4
    sheet = f'{sheet[:start]}<c r="D5" t="s"><v>0</v></c>{sheet[end:]}'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    if "sharedStrings" not in types:
        types = types.replace("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>')
    rewritten(
        source,
        sheets.out,
        **{
            "xl/worksheets/sheet1.xml": sheet.encode(),
            "[Content_Types].xml": types.encode(),
            "xl/_rels/workbook.xml.rels": links.encode(),
            "xl/sharedStrings.xml": shared,
        },
    )
    ran = sheets.read()
    assert ran.code == 0, ran.err
    assert "Anne Eksempel → _x0041_ x005F_" in ran.out
