"""Oppsigelse: what follows is explained before anything is recorded, by the very service that records it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.web.browser import Browser

HERE = f"/klynge/{CLUSTER}/oppsigelse"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The command line at the browser's workspace, where all nine have signed."""
    made = Commands(ksf, workspace)
    made.issue()
    made.sign_all()
    return made


def events(commands: Commands) -> list[str]:
    return [one["kind"] for one in commands.json("log", CLUSTER)]


def test_the_year_is_explained_and_nothing_is_recorded_before_the_yes(browser: Browser, commands: Commands) -> None:
    before = commands.head()
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="4634", mottatt="28.02.2026")
    assert "fra dagen oppsigelsen ble mottatt, 28.2.2026, til og med 28.2.2027 (punkt 12)" in page.words
    assert "Etter denne dagen løper avtalen videre for: 4601 Bergen" in page.words
    assert "4634 Masfjorden er bundet til og med 28.2.2027" in page.words
    assert "ksf notice" not in page.words  # what the command line would be told
    assert commands.head() == before
    page = browser.submit(page.form("oppsigelse"), "steg=bekreft")
    assert "agreement:notice:received" in events(commands)
    assert page.path == HERE
    assert any("oppsigelse mottatt" in one for one in page.notices)
    assert commands.party("4634")["bound_until"] == "2027-02-28"


def test_sent_twice_it_is_recorded_once(browser: Browser, commands: Commands) -> None:
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="4634", mottatt="2026-02-20")
    form = page.form("oppsigelse")
    browser.submit(form, "steg=bekreft")
    again = browser.tab()
    again.page = page
    answer = again.submit(form, "steg=bekreft")
    assert any("registrert fra før" in one for one in answer.notices)
    assert events(commands).count("agreement:notice:received") == 1


@pytest.mark.usefixtures("commands")
def test_the_motor_municipalitys_notice_alerts_the_coordinator(browser: Browser) -> None:
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="4601", mottatt="2026-03-02")
    assert "4601 Bergen er motorkommune. Kari Koordinator, regional koordinator, blir varslet" in page.words


def test_a_term_that_ends_first_and_the_last_two(browser: Browser, ksf: Callable[..., Ran], workspace: Path) -> None:
    commands = Commands(ksf, workspace)
    commands.edit("valid_until: 2030-12-31", "valid_until: 2026-09-30")
    commands.issue()
    commands.sign_all()
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="4634", mottatt="2026-03-01")
    assert "Selve avtalen løper ut først, 30.9.2026" in page.words
    assert "til og med 1.3.2027" in page.words


def test_with_one_left_the_agreement_ends(browser: Browser, commands: Commands) -> None:
    for number, party in enumerate(NINE[1:8], 1):
        commands.ok("notice", CLUSTER, "--party", party, "--received", f"2026-02-{number + 3:02}")
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part=NINE[8], mottatt="2026-03-01")
    assert "færre enn to parter igjen, og avtalen opphører for alle 1.3.2027" in page.words


def test_errors_keep_what_was_typed(browser: Browser, commands: Commands) -> None:
    before = commands.head()
    page = browser.get(HERE)
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="", mottatt="31.02.2026")
    assert page.status == 422
    assert page.field("mottatt").value == "31.02.2026"
    assert page.field("mottatt").get("aria-invalid") == "true"
    assert "31" in page.find("//*[@id='mottatt-feil']").text_content()
    assert page.find("//*[@id='part-feil']").text_content() == "Dette må fylles ut."
    page = browser.submit(page.form("oppsigelse"), "steg=bekreft", part="4634", mottatt="2026-03-05")
    assert page.status == 422
    assert "har ikke kommet" in page.notices[0] or "er ikke kommet" in page.notices[0]
    assert page.field("part").value == "4634"
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part="0301", mottatt="2026-03-01")
    assert page.status == 422
    assert commands.head() == before


def test_a_file_goes_along_to_the_confirmation(browser: Browser, commands: Commands) -> None:
    before = int(re.search(r"(\d+) files", commands.ok("verify"))[1])  # type: ignore[index]
    page = browser.get(HERE)
    sent = {"fil": ("Oppsigelse fra Masfjorden.pdf", b"%PDF-1.4 oppsigelse", "application/pdf")}
    page = browser.submit(page.form("oppsigelse"), "steg=vis", sent, part="4634", mottatt="2026-02-20")
    assert "Oppsigelse fra Masfjorden.pdf" in page.words
    page = browser.submit(page.form("oppsigelse"), "steg=endre")
    assert page.status == 200
    assert page.field("mottatt").value == "2026-02-20"
    assert "Valgt: Oppsigelse fra Masfjorden.pdf" in page.words
    page = browser.submit(page.form("oppsigelse"), "steg=vis")
    browser.submit(page.form("oppsigelse"), "steg=bekreft")
    files = re.search(r"(\d+) files", commands.ok("verify"))
    assert files
    assert int(files[1]) == before + 1


def test_another_session_cannot_use_a_kept_file(browser: Browser, commands: Commands) -> None:
    page = browser.get(HERE)
    sent = {"fil": ("o.pdf", b"%PDF-1.4 oppsigelse", "application/pdf")}
    page = browser.submit(page.form("oppsigelse"), "steg=vis", sent, part="4634", mottatt="2026-02-20")
    key = page.field("fil_holdt").value
    other = browser.another()
    other.get(HERE)
    answer = other.post(HERE, steg="bekreft", part="4634", mottatt="2026-02-20", fil_holdt=key)
    assert answer.status == 422
    assert "ikke her lenger" in answer.words
    assert "agreement:notice:received" not in events(commands)


def test_the_copy_and_taking_it_back(browser: Browser, commands: Commands) -> None:
    commands.ok("notice", CLUSTER, "--party", "4634", "--received", "2026-02-20")
    page = browser.get(HERE)
    assert "mangler" in page.words
    page = browser.get(f"{HERE}/kopi?part=4634")
    page = browser.submit(page.form("kopi"), "steg=vis", dag="2026-02-25")
    assert "Kari Koordinator fikk kopien 25.2.2026" in page.words
    page = browser.submit(page.form("kopi"), "steg=bekreft")
    assert "25.2.2026" in page.words
    page = browser.get(f"{HERE}/trekk?part=4634")
    assert "4634" not in page.tree.xpath("//input[@name='samtykke']/@value")
    page = browser.submit(page.form("trekk"), "steg=vis", dag="2026-03-01", samtykke=["4601", "4631"])
    assert page.status == 422
    assert "4627 Askøy" in page.notices[0]
    ticked = [one.get("value") for one in page.tree.xpath("//input[@name='samtykke'][@checked]")]
    assert ticked == ["4601", "4631"]
    page = browser.submit(page.form("trekk"), "steg=vis", samtykke=[one for one in NINE if one != "4634"])
    assert "4634 Masfjorden er bundet til og med 31.12.2030" in page.words
    page = browser.submit(page.form("trekk"), "steg=bekreft")
    assert "trukket tilbake 1.3.2026" in page.words


def test_notice_to_a_party(browser: Browser, commands: Commands) -> None:
    page = browser.get(f"{HERE}/til-part")
    typed = {"part": "4621", "dag": "2026-03-01", "grunn": "manglende bidrag", "siste": "2026-12-31"}
    page = browser.submit(page.form("til-part"), "steg=vis", **typed)
    assert "De som sa opp, har satt 31.12.2026 som siste dag." in page.words
    page = browser.submit(page.form("til-part"), "steg=bekreft")
    assert commands.party("4621")["bound_until"] == "2026-12-31"
    assert "ble sagt opp" in page.words


def test_before_anybody_is_bound_nobody_can_give_notice(browser: Browser) -> None:
    page = browser.get(HERE)
    assert page.status == 200
    assert "Ingen er bundet av avtalen ennå" in page.words
    assert browser.get("/klynge/finnes-ikke/oppsigelse").status == 404
