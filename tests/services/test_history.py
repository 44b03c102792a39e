"""`import-history`: what sheets are understood, what is told of wrong ones, and what the register has afterwards."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from ksf_agreements.app import App
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import HistoryImported, SignatureRecorded, VersionIssued
from ksf_agreements.domain.folded import Status
from ksf_agreements.domain.paper.rows import Column
from ksf_agreements.domain.status import PartyState, fold
from ksf_agreements.domain.timeline import DERIVATION, derive
from ksf_agreements.domain.values import Fault
from ksf_agreements.errors import InputError, UsageError
from ksf_agreements.loading import sheets
from ksf_agreements.loading.history import COLUMNS, read_history, texts
from ksf_agreements.register.verify import verify
from ksf_agreements.services.agreements.changes import void
from ksf_agreements.services.agreements.erasing import erase
from ksf_agreements.services.agreements.history import import_history
from ksf_agreements.services.agreements.history_template import history_template
from ksf_agreements.services.agreements.notices import give_notice
from ksf_agreements.services.desk import Desk
from tests.factories import TODAY

HEAD = ("Klynge", "Navn", "Region", "Kommune", "Motorkommune", "Signert", "Gyldig til")
GOOD = (
    ("nord", "Klyngen Nord", "Vest", "4601", "ja", date(2024, 3, 14), date(2027, 12, 31)),
    ("nord", "", "", "Voss herad", "nei", date(2024, 4, 2), ""),
)
Row = Sequence[Any]
MIDNIGHT = datetime(2027, 12, 31)  # noqa: DTZ001 (as openpyxl gives a cell)
NOON = datetime(2025, 1, 1, 12, 30)  # noqa: DTZ001 (as above)


@pytest.fixture
def desk(workspace: Path) -> Iterator[Desk]:
    opened = App.open(str(workspace)).desk("Registerfører")
    yield opened
    opened.register.close()


def csv_bytes(*rows: Row, sign: str = ";", encoding: str = "utf-8") -> bytes:
    def cell(value: Any) -> str:
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)

    return "".join(sign.join(map(cell, row)) + "\r\n" for row in rows).encode(encoding)


def book(*rows: Row, title: str = "Avtaler", change: Callable[[Any], None] = lambda _: None) -> bytes:
    made = Workbook()
    sheet: Any = made.active
    sheet.title = title
    for row in rows:
        sheet.append([None if value == "" else value for value in row])
    change(made)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def enter(desk: Desk, data: bytes, name: str = "gamle.xlsx", **options: Any) -> Any:
    file = desk.workspace.root / name
    file.write_bytes(data)
    return import_history(desk, file, **options)


def told(desk: Desk, data: bytes, **options: Any) -> list[str]:
    """Return every problem of a sheet that is refused; nothing of it is in the register."""
    with pytest.raises(InputError) as raised:
        enter(desk, data, **options)
    assert desk.clusters() == ()
    return [str(problem.message) for problem in raised.value.problems]


def events(desk: Desk, cluster: str = "nord") -> tuple[Any, ...]:
    with desk.register.reading() as reader:
        return reader.events(cluster)


def whole(desk: Desk) -> bool:
    return verify(desk.register.path, derive, DERIVATION).is_whole


# --- what is entered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [book(HEAD, *GOOD), csv_bytes(HEAD, *GOOD)], ids=["xlsx", "csv"])
def test_an_agreement_is_in_force_as_the_paper_says(desk: Desk, data: bytes) -> None:
    done = enter(desk, data)
    assert [status.cluster for status in done.agreements] == ["nord"]
    status = fold("nord", events(desk), TODAY)
    assert status == done.agreements[0]
    assert (status.status, status.name, status.signed, status.of) == (Status.IN_FORCE, "Klyngen Nord", 2, 2)
    assert (status.in_force_from, status.valid_until) == (date(2024, 4, 2), date(2027, 12, 31))
    assert [(one.municipality, one.signed_on) for one in status.parties] == [
        ("4601", date(2024, 3, 14)),
        ("4621", date(2024, 4, 2)),
    ]
    assert fold("nord", events(desk), date(2024, 3, 20)).status is Status.SIGNING
    assert done.warnings == ()
    assert whole(desk)


def test_the_journal_says_where_it_came_from_and_that_the_documents_are_on_paper(desk: Desk) -> None:
    data = csv_bytes(
        (*HEAD, "Underskriver", "Tittel", "Fullmakt"), (*GOOD[0], "Kari Eksempel", "rådmann", "delegert"), GOOD[1]
    )
    enter(desk, data)
    imported, issued, first, second = events(desk)
    assert isinstance(imported.payload, HistoryImported)
    assert imported.occurred_on == TODAY
    assert isinstance(issued.payload, VersionIssued)
    assert issued.occurred_on == date(2024, 3, 14)
    assert (issued.payload.documents, issued.payload.template) == ((), "")
    assert issued.payload.document_id.startswith("KSF-")
    assert isinstance(first.payload, SignatureRecorded)
    assert first.payload.authority == "delegert"
    with desk.register.reading() as reader:
        assert reader.file(imported.payload.source) == data
        assert reader.person(first.payload.signatory) == {"name": "Kari Eksempel", "title": "rådmann"}
        assert reader.person(second.payload.signatory) == {}
        assert reader.person(imported.actor) == {"name": "Registerfører"}
        kept = json.loads(reader.file(issued.payload.snapshot) or b"")
    assert kept["cluster"]["name"] == "Klyngen Nord"
    assert [one["municipality"] for one in kept["cluster"]["members"]] == ["4601", "4621"]
    assert b"Kari" not in json.dumps(kept).encode()


def test_life_goes_on_from_an_imported_agreement(desk: Desk) -> None:
    enter(desk, book(HEAD, *GOOD))
    give_notice(desk, "nord", "4621", TODAY)
    assert fold("nord", events(desk), TODAY).parties[1].state is PartyState.LEAVING
    assert whole(desk)


def test_headings_may_stand_anywhere_in_any_order_and_writing(desk: Desk) -> None:
    rows = (
        ("Arkivet", "", "", "", "", "", ""),
        (),
        ("Oversikt over avtaler, per 1.1.2026",),
        ("GYLDIG  TIL OG MED", "signert\ndato", "Rolle", "knr", "Namn", "Klyngje"),
        (MIDNIGHT, "2024-03-14", "Motorkommune", 301, "Nynorskklyngja", "nord"),
        ("", " 2. 4.2024 ", "partnarkommune", "3203 Asker", "", ""),
    )

    def merged(made: Any) -> None:
        made.active.merge_cells("A1:G1")
        made.active.merge_cells("F5:F6")

    done = enter(desk, book(*rows, change=merged))
    assert [one.municipality for one in done.agreements[0].parties] == ["0301", "3203"]
    assert [str(problem.message) for problem in done.warnings] == [
        "Sheet 'Avtaler', row 5: 'nord' has no region",
    ]


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_csv_is_read_with_any_of_the_usual_signs(desk: Desk, sign: str) -> None:
    assert enter(desk, csv_bytes(HEAD, *GOOD, sign=sign)).agreements[0].of == 2
    assert enter(desk, b"sep=|\r\n" + csv_bytes(HEAD, *[("x", *row[1:]) for row in GOOD], sign="|")).agreements


def test_a_byte_order_mark_is_no_letter(desk: Desk) -> None:
    assert enter(desk, b"\xef\xbb\xbf" + csv_bytes(HEAD, *GOOD)).agreements


def test_windows_1252_is_told_and_taken_when_said(desk: Desk) -> None:
    data = csv_bytes(HEAD, ("nord", "Årets klynge", *GOOD[0][2:]), GOOD[1], encoding="cp1252")
    assert told(desk, data) == ["Row 2: the file is not in UTF-8"]
    assert enter(desk, data, encoding="windows-1252").agreements[0].name == "Årets klynge"


def test_sheets_without_headings_and_hidden_ones_are_not_read(desk: Desk) -> None:
    def more(made: Any) -> None:
        made.create_sheet("Forside").append(["Til alle kommuner"])
        hidden = made.create_sheet("Gammelt")
        hidden.append(HEAD)
        hidden.append(("borte", "Borte"))
        hidden.sheet_state = "hidden"

    assert [one.cluster for one in enter(desk, book(HEAD, *GOOD, change=more)).agreements] == ["nord"]


def test_several_sheets_are_read_and_an_empty_cell_never_reaches_into_the_sheet_before(desk: Desk) -> None:
    def more(made: Any) -> None:
        sheet = made.create_sheet("Flere")
        sheet.append(HEAD)
        sheet.append((None, "Sør", "Vest", "1103", "ja", date(2025, 1, 1), date(2028, 1, 1)))

    assert told(desk, book(HEAD, *GOOD, change=more)) == [
        "Sheet 'Flere', row 2, column A (Klynge): 'klynge' is missing"
    ]


def test_those_who_have_not_signed_leave_it_open_for_signing(desk: Desk) -> None:
    done = enter(desk, csv_bytes(HEAD, GOOD[0], ("nord", "", "", "Voss", "", "", "")))
    assert done.agreements[0].status is Status.SIGNING
    assert [str(one.message) for one in done.warnings] == ["Row 2: 1 of 2 have signed, so it is not in force"]


def test_entry_into_force_accession_contributions_and_language_are_taken(desk: Desk) -> None:
    head = (*HEAD, "Ikrafttredelse-måte", "Tiltredelse", "Bidrag", "Målform", "Utstedt")
    rows = (
        (*GOOD[0], "hver ved signering", "motorkommunen", "ja", "nynorsk", "1.3.2024"),
        (*GOOD[1], "", "", "", "", ""),
        ("nord", "", "", "4631", "", "", "", "", "", "", "", ""),
        ("nord", "", "", "1103", "", "", "", "", "1.1.2025", "", "", ""),
    )
    done = enter(desk, book(head, *rows))
    terms = events(desk)[1].payload
    assert (terms.entry_into_force, terms.accession, terms.contributions_required, terms.language) == (
        "each_on_signing",
        "motor",
        True,
        "nn",
    )
    assert events(desk)[1].occurred_on == date(2024, 3, 1)
    states = {one.municipality: (one.state, one.bound_from) for one in done.agreements[0].parties}
    assert states == {
        "4601": (PartyState.BOUND, date(2024, 4, 2)),
        "4621": (PartyState.BOUND, date(2024, 4, 2)),
        "4631": (PartyState.INVITED, None),
        "1103": (PartyState.BOUND, date(2025, 1, 1)),
    }
    assert events(desk)[-1].payload.signed_by == ("1103", "4601")
    assert whole(desk)


def test_whoever_joined_was_signed_for_by_all_who_were_bound(desk: Desk) -> None:
    rows = (
        *GOOD,
        ("nord", "", "", "1103", "", "", "", date(2025, 6, 1)),
        ("nord", "", "", "1108", "", "", "", date(2025, 1, 1)),
    )
    enter(desk, book((*HEAD, "Tiltrådt"), *rows))
    assert [event.payload.signed_by for event in events(desk)[-2:]] == [
        ("1108", "4601", "4621"),
        ("1103", "4601", "4621", "1108"),
    ]


def test_a_municipality_that_is_no_more_is_a_party_under_its_old_number(desk: Desk) -> None:
    rows = (
        ("nord", "N", "Vest", "1201", "ja", date(2019, 3, 14), date(2027, 12, 31)),
        ("nord", "", "", "Voss", "", date(2019, 4, 2), ""),
    )
    assert [one.municipality for one in enter(desk, book(HEAD, *rows)).agreements[0].parties] == ["1201", "1235"]


# --- again -----------------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    data = csv_bytes(HEAD, *GOOD)
    assert not enter(desk, data).repeated
    before = events(desk)
    again = enter(desk, data, name="nytt navn.csv")
    assert again.repeated
    assert [one.cluster for one in again.agreements] == ["nord"]
    assert events(desk) == before


def test_the_same_file_is_recognised_when_it_was_erased(desk: Desk) -> None:
    data = csv_bytes(HEAD, *GOOD)
    enter(desk, data)
    erase(desk, (1,), "", "feil fil")
    assert enter(desk, data).repeated


def test_an_agreement_that_the_register_has_is_refused_in_any_letter_case(desk: Desk) -> None:
    enter(desk, csv_bytes(HEAD, *[("Nord", *row[1:]) for row in GOOD]))
    before = events(desk, "Nord")
    other = [("NORD", *row[1:]) for row in GOOD]
    with pytest.raises(InputError) as raised:
        enter(desk, csv_bytes(HEAD, *other, *[("ny", *row[1:]) for row in GOOD]))
    assert [str(one.message) for one in raised.value.problems] == [
        "Row 2, column Klynge: the register has the agreement 'Nord' already"
    ]
    assert desk.clusters() == ("Nord",)
    assert events(desk, "Nord") == before


def test_a_wrong_import_is_voided_and_entered_anew(desk: Desk) -> None:
    enter(desk, csv_bytes(HEAD, *GOOD))
    void(desk, 2, "feil dato")
    later = (*GOOD[1][:5], "", "")
    done = enter(desk, csv_bytes(HEAD, GOOD[0], later))
    assert done.agreements[0].version == 2
    assert (done.agreements[0].status, done.agreements[0].signed) == (Status.SIGNING, 1)
    assert whole(desk)


def test_the_same_file_is_entered_anew_when_all_of_it_was_voided(desk: Desk) -> None:
    data = csv_bytes(HEAD, *GOOD)
    enter(desk, data)
    for number in (1, 2, 3, 4):
        void(desk, number, "feil klynge")
    done = enter(desk, data)
    assert not done.repeated
    assert (done.agreements[0].status, done.agreements[0].signed) == (Status.IN_FORCE, 2)


# --- what is refused -------------------------------------------------------------------------------------------------

MANY = (
    ("Klynge", "Navn", "Region", "Kommune", "Motorkommune", "Signert", "Gyldig til", "Merknad", "Tittle"),
    ("nord", "Klyngen Nord", "KSF Vest", 4601, "ja", "14.3.2024", "31.12.2027", "arkiv", ""),
    ("a/b", "B", "Nord", 1201, "ja", "14.3.2024", "31.12.2027", "", ""),
    ("a/b", "C", "", 4601, "ja", "31.2.2024", "31.12.2022", "", ""),
    ("", "", "", 99, "tja", "1.1.2030", "", "", ""),
    ("c", "", "", "Herøy", "", "", "", "", ""),
    ("c", "", "Vest", "Stavnger", "nei", NOON, "31.12.25", "", ""),
    ("c", "", "", "Voss", "", 45000, "", "", ""),
    ("c", "", "", "4601 Oslo", "nei", "", "", "", ""),
    ("d", "D", "Vest", "4601", "ja", "1.2.2025", "1.2.2025", "", ""),
    ("d", "", "", "Bergen", "", "", "", "", ""),
    ("D", "D", "Vest", "9999", "ja", "", "31.12.2028", "", ""),
)


def test_every_fault_is_told_with_sheet_row_and_column(desk: Desk, golden: Callable[[str, str], None]) -> None:
    golden("history-faults.txt", "\n".join(told(desk, book(*MANY))) + "\n")


def test_the_mend_names_what_was_meant(desk: Desk) -> None:
    with pytest.raises(InputError) as raised:
        enter(desk, book(*MANY))
    mends = {(one.line, one.column): str(one.mend) for one in raised.value.problems if one.mend}
    assert mends[1, 9] == "Did you mean 'underskriver tittel'?"
    assert mends[3, 4] == "On that day there was 4601 Bergen."
    assert mends[5, 5] == "Write 'ja' or 'nei'."
    assert mends[6, 4].startswith("Write the number: 1515 Herøy kommune (Møre og Romsdal), 1818")
    assert mends[7, 4] == "Did you mean 1103 Stavanger?"
    assert mends[7, 7] == "Write it as 31.12.2025 or 2025-12-31, or let the cell be a date."


def test_one_bad_row_among_good_agreements_enters_nothing(desk: Desk) -> None:
    good = [(f"k{number}", *row[1:]) for number in range(20) for row in GOOD]
    assert told(desk, csv_bytes(HEAD, *good, ("siste", *GOOD[0][1:4], "", *GOOD[0][5:]))) == [
        "Row 42: 'siste' has fewer than two parties",
        "Row 42, column Motorkommune: 'siste' has no motor municipality",
    ]


def test_a_cell_that_cannot_be_read_is_told_once(desk: Desk) -> None:
    rows = (("nord", "N", "Vest", "1201", "ja", "14.3.19", "31.12.2027"), ("nord", "", "", "Voss", "hm", "", ""))
    assert told(desk, csv_bytes(HEAD, *rows)) == [
        "Row 2, column Signert: '14.3.19' is not a date",
        "Row 3, column Motorkommune: 'hm' cannot stand here",
    ]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("1.3.2024", "1.3.2024 is not within the term of the agreement"),
        ("1.1.2028", "1.1.2028 has not come yet"),
    ],
)
def test_nobody_joins_before_it_is_in_force_or_in_the_future(desk: Desk, day: str, said: str) -> None:
    row = ("nord", "", "", "1103", "", "", "", day)
    assert told(desk, csv_bytes((*HEAD, "Tiltredelse"), *GOOD, row)) == [f"Row 4, column Tiltredelse: {said}"]


def test_nobody_joins_what_is_not_in_force_nor_is_the_motor_a_newcomer(desk: Desk) -> None:
    rows = (
        (*GOOD[0], "1.1.2025"),
        (*GOOD[1], ""),
        ("nord", "", "", "4631", "", "", "", ""),
    )
    assert told(desk, csv_bytes((*HEAD, "Tiltredelse"), *rows)) == [
        "Row 2, column Tiltredelse: the motor municipality cannot have joined later",
        "Row 2, column Tiltredelse: nobody can join an agreement that is not in force",
    ]


def test_signatures_before_the_day_of_issue_and_issue_in_the_future_are_told(desk: Desk) -> None:
    head = (*HEAD, "Utstedt")
    assert told(desk, csv_bytes(head, (*GOOD[0], "20.3.2024"), GOOD[1])) == [
        "Row 2, column Signert: 14.3.2024 is before the agreement was issued on 20.3.2024"
    ]
    rows = ((*GOOD[0][:5], "", *GOOD[0][6:], "1.1.2027"), (*GOOD[1][:5], "", ""))
    assert told(desk, csv_bytes(head, *rows)) == ["Row 2, column Utstedt: 1.1.2027 has not come yet"]


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", ".skjult", "-w", "a:b", "nul", "COM1.x", "a.", "x" * 101, "a?"])
def test_an_id_must_be_able_to_name_a_file(desk: Desk, name: str) -> None:
    assert len(told(desk, csv_bytes(HEAD, *[(name, *row[1:]) for row in GOOD]))) == 1


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#DIV/0!", "#VERDI!", "a\u202eb", "x" * 501, "\x07"])
def test_errors_of_excel_and_signs_that_nobody_sees_are_told(desk: Desk, cell: str) -> None:
    said = told(desk, csv_bytes(HEAD, ("nord", cell, *GOOD[0][2:]), GOOD[1]))
    assert len(said) == 1
    assert said[0].startswith("Row 2, column Navn: ")


@pytest.mark.parametrize("cell", ["", " ", "\u200b", "\u00a0"])
def test_a_cell_with_nothing_to_see_is_empty(desk: Desk, cell: str) -> None:
    assert told(desk, csv_bytes(HEAD, ("nord", cell, *GOOD[0][2:]), GOOD[1])) == [
        "Row 2, column Navn: 'navn' is missing"
    ]


@pytest.mark.parametrize("day", ["14.3.0204", "2204-03-14", "1899-12-31"])
def test_a_year_that_cannot_be_right_is_told(desk: Desk, day: str) -> None:
    (said,) = told(desk, book(HEAD, (*GOOD[0][:5], day, GOOD[0][6]), GOOD[1]))
    assert re.fullmatch(r"Sheet 'Avtaler', row 2, column F \(Signert\): the year \d+ cannot be right", said)


def test_a_remark_beside_the_table_is_no_row(desk: Desk) -> None:
    done = enter(desk, csv_bytes((*HEAD, "Merknad"), *[(*row, "") for row in GOOD], (*[""] * 7, "sjekket i arkivet")))
    assert done.agreements[0].of == 2
    assert len(done.warnings) == 1


def test_missing_and_doubled_columns_are_told_and_rows_not_guessed_at(desk: Desk) -> None:
    data = book(("Klynge", "Navn", "Kommune", "Kommune", "Signert"), ("nord", "N", "4601", "4601", "tja"))
    assert told(desk, data) == [
        "Sheet 'Avtaler', row 1: these columns are missing: motorkommune, gyldig til",
        "Sheet 'Avtaler', row 1, column D (Kommune): the column 'kommune' is there twice",
    ]


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"hei,du\r\n", book(), book(("Til", "alle"))])
def test_without_headings_it_says_which_are_needed(desk: Desk, data: bytes) -> None:
    assert told(desk, data) == [
        "there is no row of headings; these are needed: klynge, navn, kommune, motorkommune, signert, gyldig til"
    ]


def test_headings_alone_enter_nothing(desk: Desk) -> None:
    assert told(desk, csv_bytes(HEAD, ("", "", ""))) == ["there are no rows below the headings"]


def test_a_file_that_is_not_there_is_told(desk: Desk) -> None:
    with pytest.raises(UsageError, match="is not there"):
        import_history(desk, desk.workspace.root / "borte.xlsx")


QUOTE = "a quotation mark is not closed, or stands in the middle of a text"

# --- hostile and broken files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "the file is an old Excel file (XLS), or it has a password"),
        (b"PK\x03\x04 nothing more", "the file is not an Excel workbook (XLSX) that can be read"),
        (csv_bytes(HEAD, ('"nord', "x"), ("y", 'z"')), "Row 2: a cell goes on over several lines"),
        (csv_bytes(HEAD) + b'"nord"x;y\r\n', f"Row 2: {QUOTE}"),
        (csv_bytes(HEAD) + b'nord;"Navn', f"Row 2: {QUOTE}"),
        (csv_bytes(HEAD, ("x", "y" * 140_000)), f"Row 2: {QUOTE}"),
        (csv_bytes(HEAD, *[("x",)] * (sheets.ROWS_LIMIT + 1)), "Row 20001: there are more than 20000 rows"),
        (csv_bytes(HEAD, ["x"] * 65), "Row 2: there are more than 64 columns"),
        (b"x" * (sheets.BYTES_LIMIT + 1), "the file is larger than 10 MB"),
    ],
    ids=["xls", "zip", "open", "middle", "end", "cell", "rows", "columns", "bytes"],
)
def test_a_file_that_is_no_list_of_agreements_is_told_in_one_sentence(desk: Desk, data: bytes, said: str) -> None:
    assert told(desk, data) == [said]


def repacked(data: bytes, **changes: bytes) -> bytes:
    """Return a workbook with parts added or replaced, by the last word of their names."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        left = dict(changes)
        for part in old.infolist():
            new.writestr(part.filename, left.pop(Path(part.filename).stem, old.read(part)))
        for name, content in left.items():
            new.writestr(f"xl/{name}.bin", content)
    return target.getvalue()


def test_bombs_are_refused_before_they_are_unpacked(desk: Desk) -> None:
    large = ["the workbook is far larger unpacked than a list of agreements can be"]
    assert told(desk, repacked(book(HEAD, *GOOD), bomb=b"\0" * (33 * 1024 * 1024))) == large
    loose = random.Random(7).randbytes(500_000)  # noqa: S311 (so that it is not the ratio that tells)
    assert told(desk, repacked(book(HEAD, *GOOD), bomb=b"\0" * (33 * 1024 * 1024), loose=loose)) == large
    assert told(desk, repacked(book(HEAD, *GOOD), dense=b"\0" * (2 * 1024 * 1024))) == large
    many = {f"part{number}": b"x" for number in range(sheets.PARTS_LIMIT)}
    assert told(desk, repacked(book(HEAD, *GOOD), **many)) == large


def test_a_part_that_lies_about_its_size_is_refused(desk: Desk) -> None:
    data = bytearray(repacked(book(HEAD, *GOOD), bomb=b"\0" * (33 * 1024 * 1024)))
    size = struct.pack("<I", 33 * 1024 * 1024)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<I", 10)
    assert told(desk, bytes(data)) == ["the file is not an Excel workbook (XLSX) that can be read"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_definitions_in_a_workbook_are_refused(desk: Desk, encoding: str) -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(encoding)
    said = ["the workbook has definitions of its own (DOCTYPE), which no Excel writes"]
    assert told(desk, repacked(book(HEAD, *GOOD), sheet1=laughs)) == said


def test_a_sheet_is_not_read_by_the_size_that_it_claims(desk: Desk) -> None:
    data = book(HEAD, *GOOD)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    small = sheet.replace(b'<dimension ref="A1:G3"', b'<dimension ref="A1:B2"')
    assert small != sheet
    assert enter(desk, repacked(data, sheet1=small)).agreements[0].of == 2


def test_rows_and_columns_at_the_end_of_the_world_cost_nothing(desk: Desk) -> None:
    data = book(HEAD, *GOOD)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="999999999999"><c r="XFD999999999999"><v>1</v></c></row></sheetData>')
    assert enter(desk, repacked(data, sheet1=far)).agreements[0].of == 2


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_give_problems_and_never_an_exception(data: bytes) -> None:
    for encoding in sheets.ENCODINGS:
        assert read_history(data, encoding).problems


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_gives_problems_or_rows_and_never_an_exception(at: int, damage: bytes) -> None:
    data = bytearray(_BOOK)
    data[at % len(data) : at % len(data) + len(damage)] = damage
    found = read_history(bytes(data))
    assert found.problems or found.rows


_BOOK = book(HEAD, *GOOD)

_CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=True), st.text(max_size=30), st.dates(),
    st.datetimes(), st.times(), st.timedeltas(),
)  # fmt: skip


@given(st.sampled_from(list(COLUMNS)), _CELLS)
def test_any_cell_is_taken_or_told(column: Column, cell: Any) -> None:
    with suppress(Fault):
        COLUMNS[column].parse(cell)


# --- the empty sheet -------------------------------------------------------------------------------------------------


def test_the_empty_sheet_is_understood_when_it_is_filled(desk: Desk) -> None:
    empty = history_template(str)
    assert told(desk, empty) == ["there are no rows below the headings"]
    made = load_workbook(io.BytesIO(empty))
    sheet: Any = made.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [str(column) for column in Column] == [str(one) for one in COLUMNS]
    for number, guide in enumerate(COLUMNS.values(), 1):
        for row in (0, 1):
            assert isinstance(guide.example, tuple)
            sheet.cell(row + 2, number).value = guide.example[row] or None
    target = io.BytesIO()
    made.save(target)
    done = enter(desk, target.getvalue())
    assert [(one.cluster, one.status, one.of) for one in done.agreements] == [("helse-vest", Status.IN_FORCE, 2)]
    assert done.warnings == ()


def test_every_text_of_a_sheet_can_be_looked_through(desk: Desk) -> None:
    del desk
    assert "Voss herad" in set(texts(book(HEAD, *GOOD)))
    assert "Årets" in set(texts(csv_bytes(HEAD, ("Årets",), encoding="cp1252")))
    assert list(texts(b"PK nothing")) == []


def test_a_reason_is_asked_for_when_it_is_voided(desk: Desk) -> None:
    enter(desk, csv_bytes(HEAD, *GOOD))
    with pytest.raises(Refused):
        void(desk, 2, " ")
