"""The member sheet goes out, is filled in, and comes back into the cluster file, of which nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ksf_agreements.loading.cluster_file import read_cluster
from tests.conftest import Ran
from tests.sheets.books import CLUSTER, CONTACTS, MEMBERS, Sheets, cell, field


@pytest.mark.parametrize("cluster", ["helse-omsorg-vest", "alle-valg"])
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_a_sheet_that_nobody_touched_changes_nothing(
    ksf: Callable[..., Ran], workspace: Path, cluster: str, lang: str
) -> None:
    sheets = Sheets(ksf, workspace, cluster, lang)
    before = sheets.file.read_bytes()
    sheets.make()
    ran = sheets.read(None, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert sheets.file.read_bytes() == before
    assert {"nb": "Arket endrer ingenting.", "nn": "Arket endrar ingenting."}.get(lang, "changes nothing") in ran.out


def test_the_sheet_is_a_form(sheets: Sheets) -> None:
    book = sheets.make()
    assert book.sheetnames == ["Medlemmer", "Kontaktpersoner", "Klyngen", "Veiledning", "lister"]
    assert book["lister"].sheet_state == "hidden"
    members = book[MEMBERS]
    assert members.protection.sheet
    assert not members.protection.password
    assert members["A4"].protection.locked
    number = cell(members, 1, "Kommunenummer")
    assert (number.value, number.data_type, number.number_format) == ("4601", "s", "@")
    assert not number.protection.locked
    lists = {str(rule.sqref): rule.formula1 for rule in members.data_validations.dataValidation if rule.type == "list"}
    assert '"kommunedirektør,byråd,formannskap,kommunestyre"' in lists.values()
    assert any(formula.startswith("lister!") for formula in lists.values())
    until = field(book, "Gjelder til og med")
    assert (until.value.date(), until.number_format) == (date(2030, 12, 31), "dd.mm.yyyy")


def test_the_same_file_gives_the_same_bytes(sheets: Sheets) -> None:
    sheets.make()
    first = sheets.out.read_bytes()
    sheets.make()
    assert sheets.out.read_bytes() == first


def test_only_what_was_changed_changes(sheets: Sheets) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 2, "Navnet på underskriveren").value = "Berit Eksempel"
    cell(book[CONTACTS], 1, "E-post").value = "ny.adresse@example.no"
    field(book, "Beslutningsmyndighet").value = "partnerskapsmøtet"
    assert sheets.changed(book) == [
        ("-", "email: anne.kontakt@bergen.example.no"),
        ("+", 'email: "ny.adresse@example.no"'),
        ("-", "signatory: {name: Bjørn Eksempel, title: ordfører}"),
        ("+", "signatory: {name: Berit Eksempel, title: ordfører}"),
        ("-", "decision_authority: styringsgruppen"),
        ("+", "decision_authority: partnerskapsmøtet"),
    ]


def test_what_will_change_is_shown_first_and_only_yes_writes(sheets: Sheets) -> None:
    book = sheets.make()
    cell(book[MEMBERS], 2, "Navnet på underskriveren").value = "Berit Eksempel"
    field(book, "Gjelder til og med").value = date(2031, 6, 30)
    before = sheets.text()
    for words in ((), ("--dry-run",), ("--dry-run", "--yes")):
        ran = sheets.read(book, *words)
        assert ran.code == 0
        assert "Gjelder til og med: 31.12.2030 → 30.6.2031" in ran.out
        assert "4631 Alver kommune\n  Navnet på underskriveren: Bjørn Eksempel → Berit Eksempel" in ran.out
        assert "Ingenting ble skrevet" in ran.out
        assert sheets.text() == before
    assert sheets.read(book, "--yes").code == 0
    assert "valid_until: 2031-06-30\n" in sheets.text()


@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("n", False), ("", False)])
def test_on_a_terminal_it_asks(sheets: Sheets, monkeypatch: pytest.MonkeyPatch, answer: str, is_written: bool) -> None:
    book = sheets.make()
    field(book, "Beslutningsmyndighet").value = "partnerskapsmøtet"
    before = sheets.text()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer)
    sheets.read(book)
    assert (sheets.text() != before) is is_written


def test_a_municipality_joins_with_its_people(sheets: Sheets) -> None:
    book = sheets.make()
    members, contacts = book[MEMBERS], book[CONTACTS]
    cell(members, 10, "Kommune").value = "Øygarden kommune"
    cell(members, 10, "Navnet på underskriveren").value = "Ola Eksempel"
    cell(contacts, 10, "Kommune").value = "Øygarden"
    cell(contacts, 10, "Navn").value = "Kari Kontakt"
    cell(contacts, 10, "Telefon").value = "55 00 00 99"
    cell(contacts, 11, "Kommunenummer").value = "4626"
    cell(contacts, 11, "Navn").value = "Per Kontakt"
    changed = sheets.changed(book)
    assert all(sign == "+" for sign, _ in changed)
    assert ("+", '- municipality: "4626"') in changed
    joined = read_cluster(sheets.file).cluster
    assert joined is not None
    assert [one.municipality for one in joined.members][-2:] == ["4621", "4626"]
    assert [one.name for one in joined.members[-1].foui_contacts] == ["Kari Kontakt", "Per Kontakt"]


def test_who_is_not_in_the_sheet_stays_until_told_otherwise(sheets: Sheets) -> None:
    book = sheets.make()
    book[MEMBERS].delete_rows(13)
    book[CONTACTS].delete_rows(13)
    before = sheets.text()
    ran = sheets.read(book, "--yes")
    assert ran.code == 0
    assert "4621 Voss herad" in ran.err
    assert sheets.text() == before
    ran = sheets.read(book, "--yes", "--remove-missing")
    assert ran.code == 0
    assert "Kommentaren følger med ut: # Voss" in ran.out
    assert "4621" not in sheets.text()
    assert before.startswith(sheets.text().partition("cluster_leader")[0])


def test_contacts_come_and_go(sheets: Sheets) -> None:
    book = sheets.make()
    contacts = book[CONTACTS]
    for heading in ("Kommunenummer", "Kommune", "Navn", "Tittel", "E-post", "Telefon"):
        cell(contacts, 3, heading).value = None
    cell(contacts, 12, "Kommunenummer").value = "4631"
    cell(contacts, 12, "Navn").value = "Nora Kontakt"
    sheets.changed(book)
    cluster = read_cluster(sheets.file).cluster
    assert cluster is not None
    people = {one.municipality: [person.name for person in one.foui_contacts] for one in cluster.members}
    assert people["4627"] == []
    assert people["4631"] == ["Bjørn Kontakt", "Nora Kontakt"]


def test_comments_and_line_endings_stay(sheets: Sheets) -> None:
    text = sheets.text().replace("\ncluster_leader:", "\n# om lederen\ncluster_leader:")
    text = text.replace(
        '        phone: "55 00 00 31"\n', '        phone: "55 00 00 31"   # sentralbord\n  # så Askøy\n'
    )
    sheets.file.write_bytes(text.replace("\n", "\r\n").encode())
    book = sheets.make()
    cell(book[CONTACTS], 10, "Kommunenummer").value = "4631"
    cell(book[CONTACTS], 10, "Navn").value = "Nora Kontakt"
    before = sheets.text()
    assert sheets.changed(book) == [("+", "- name: Nora Kontakt")]
    after = sheets.text()
    assert "\n" not in after.replace("\r\n", "")
    assert re.findall("#.*", after) == re.findall("#.*", before)
    assert after.index("Nora Kontakt") < after.index("# så Askøy")


def test_another_hand_in_between_is_not_written_over(sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    from ksf_agreements.services.clusters import sheets as service

    book = sheets.make()
    field(book, "Beslutningsmyndighet").value = "partnerskapsmøtet"
    planned: Callable[..., Any] = service.plan

    def slow(*args: Any, **options: Any) -> Any:
        made = planned(*args, **options)
        sheets.file.write_text(sheets.text() + "# en til\n", encoding="utf-8")
        return made

    monkeypatch.setattr(service, "plan", slow)
    ran = sheets.read(book, "--yes")
    assert ran.code == 3
    assert "ble endret av noen andre" in ran.err
    assert sheets.text().endswith("# en til\n")
    assert "partnerskapsmøtet" not in sheets.text()


def test_a_file_that_changed_since_the_sheet_was_made_is_told(sheets: Sheets) -> None:
    book = sheets.make()
    field(book, "Klyngeleders navn").value = "Ny Leder"
    sheets.file.write_text(sheets.text().replace("Bjørn Kontakt", "Bjarne Kontakt"), encoding="utf-8")
    before = sheets.text()
    ran = sheets.read(book, "--yes")
    assert ran.code == 3
    assert "er endret siden arket ble laget" in ran.err
    assert sheets.text() == before
    assert sheets.read(book, "--yes", "--even-if-changed").code == 0
    assert "Bjørn Kontakt" in sheets.text()


def test_a_comment_alone_is_no_change_of_the_file(sheets: Sheets) -> None:
    book = sheets.make()
    field(book, "Klyngeleders navn").value = "Ny Leder"
    sheets.file.write_text(sheets.text() + "# en merknad\n", encoding="utf-8")
    assert sheets.read(book, "--yes").code == 0


def test_the_sheet_of_another_cluster_is_refused(ksf: Callable[..., Ran], workspace: Path, sheets: Sheets) -> None:
    sheets.make()
    other = Sheets(ksf, workspace, "alle-valg")
    assert "arket ble laget for klyngen «helse-omsorg-vest»" in other.refused(None)
    book = load_workbook(sheets.out)
    book.custom_doc_props.props = []  # as some programs save it
    assert "arket ble laget for klyngen «helse-omsorg-vest»" in other.refused(book)


def test_what_would_make_the_file_wrong_is_not_written(sheets: Sheets) -> None:
    book = sheets.make()
    field(book, "Satsingsområder 1").value = "a"
    cell(book[MEMBERS], 1, "Motorkommune").value = "nei"
    said = sheets.refused(book)
    assert "motor_municipality" in said
    assert "ville klyngefilen fått feil" in said


def test_a_sheet_is_not_written_over_and_ends_in_xlsx(sheets: Sheets) -> None:
    sheets.make()
    words = ("-w", sheets.workspace, "sheet", CLUSTER, "--out")
    assert sheets.ksf(*words, sheets.out).code == 2
    assert sheets.ksf(*words, sheets.workspace / "ark.xls").code == 2
    assert sheets.ksf("-w", sheets.workspace, "sheet", "ingen", "--out", sheets.workspace / "b.xlsx").code == 2
