"""Kalender og Excel: what is taken away, and a filled member sheet that comes back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.sheets.books import MEMBERS, cell
from tests.web.browser import Browser

HERE = "/last-ned"
SHEET = f"{HERE}/kommuneskjema/{CLUSTER}.xlsx"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The command line at the browser's workspace, where all nine have signed."""
    made = Commands(ksf, workspace)
    made.issue()
    made.sign_all()
    return made


@pytest.mark.usefixtures("commands")
def test_calendars(browser: Browser) -> None:
    for query, more in (({}, ""), ({"klynge": CLUSTER}, f"-{CLUSTER}"), ({"region": "vest"}, "-vest"),
                        ({"kommune": "Voss"}, "-4621")):  # fmt: skip
        page = browser.get(f"{HERE}/kalender.ics", **query)
        assert page.headers["content-type"] == "text/calendar; charset=utf-8"
        assert f'filename="ksf-kalender{more}.ics"' in page.headers["content-disposition"]
        assert len(Calendar.from_ical(page.content).walk("VEVENT")) > 3
    for query in ({"klynge": "finnes-ikke"}, {"region": "<b>"}, {"kommune": "Ingensteds"}):
        page = browser.get(f"{HERE}/kalender.ics", **query)
        assert page.status == 422
        assert page.notices
    assert page.tree.xpath("//input[@name='kommune']/@value") == ["Ingensteds"]


@pytest.mark.usefixtures("commands")
def test_the_overview_and_the_report(browser: Browser) -> None:
    page = browser.get(f"{HERE}/oversikt.xlsx")
    assert page.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "ksf-oversikt-2026-03-02.xlsx" in page.headers["content-disposition"]
    book = load_workbook(io.BytesIO(page.content))
    assert "Klynger" in book.sheetnames
    about = " ".join(str(row[1]) for row in book["Om"].iter_rows(values_only=True))
    assert "Last den ned under «Excel og kalender»." in about
    assert "ksf export" not in about
    assert "-vest-" in browser.get(f"{HERE}/oversikt.xlsx", region="vest").headers["content-disposition"]
    assert browser.get(f"{HERE}/oversikt.xlsx", region="../..").status == 422
    page = browser.get(f"{HERE}/rapport.html")
    assert page.headers["content-disposition"].startswith("attachment")
    assert "Kunnskapskommunen Helse Omsorg Vest" in page.text


def filled(browser: Browser, name: str) -> bytes:
    book = load_workbook(io.BytesIO(browser.get(SHEET).content))
    cell(book[MEMBERS], 1, "Navnet på underskriveren").value = name
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_filled_sheet_is_shown_and_then_written(browser: Browser, workspace: Path) -> None:
    file = workspace / "clusters" / f"{CLUSTER}.yaml"
    before = file.read_text(encoding="utf-8")
    data = filled(browser, "Berit Eksempel")
    page = browser.get(HERE)
    page = browser.submit(page.form("kommuneskjema"), files={"fil": ("svar.xlsx", data)}, klynge=CLUSTER)
    assert "Anne Eksempel" in page.words
    assert "Berit Eksempel" in page.words
    assert file.read_text(encoding="utf-8") == before
    page = browser.submit(page.form("kommuneskjema"), "steg=bekreft")
    assert page.path == HERE
    after = file.read_text(encoding="utf-8")
    assert after == before.replace("Anne Eksempel", "Berit Eksempel")


def test_a_file_that_changes_meanwhile_is_not_overwritten(browser: Browser, workspace: Path) -> None:
    file = workspace / "clusters" / f"{CLUSTER}.yaml"
    data = filled(browser, "Berit Eksempel")
    page = browser.get(HERE)
    page = browser.submit(page.form("kommuneskjema"), files={"fil": ("svar.xlsx", data)}, klynge=CLUSTER)
    other = file.read_text(encoding="utf-8").replace("Camilla Eksempel", "Cecilie Eksempel")
    file.write_text(other, encoding="utf-8")
    page = browser.submit(page.form("kommuneskjema"), "steg=bekreft")
    assert page.status == 409
    assert file.read_text(encoding="utf-8") == other
    assert "Cecilie Eksempel" in page.words


def test_what_is_no_filled_sheet(browser: Browser, workspace: Path) -> None:
    file = workspace / "clusters" / f"{CLUSTER}.yaml"
    before = file.read_bytes()
    for sent in (None, {"fil": ("a.xlsx", b"PK nei")}, {"fil": ("a.xlsx", b"")}, {"fil": ("a.xlsx", b"\xff" * 5000)}):
        page = browser.get(HERE)
        page = browser.submit(page.form("kommuneskjema"), files=sent, klynge=CLUSTER)
        assert page.status == 422
        assert page.notices
    data = filled(browser, "Berit Eksempel")
    page = browser.get(HERE)
    page = browser.submit(page.form("kommuneskjema"), files={"fil": ("a.xlsx", data)}, klynge="alle-valg")
    assert page.status == 422
    assert "helse-omsorg-vest" in page.words
    page = browser.post(f"{HERE}/kommuneskjema", skjema="gjettet", steg="bekreft", vist="x")
    assert page.status == 422
    assert browser.get(f"{HERE}/kommuneskjema/..%2Fksf.xlsx").status == 404
    assert file.read_bytes() == before
