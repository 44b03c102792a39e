"""Fornyelse: the plan, the renewal, an amendment, another motor municipality, and what comes again every year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.web.browser import Browser

HERE = f"/klynge/{CLUSTER}/fornyelse"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The command line at the browser's workspace, where all nine have signed an agreement that soon runs out."""
    made = Commands(ksf, workspace)
    made.edit("valid_until: 2030-12-31", "valid_until: 2026-12-31")
    made.issue()
    made.sign_all()
    return made


def kinds(commands: Commands) -> list[str]:
    return [one["kind"] for one in commands.json("log", CLUSTER)]


def test_the_plan_shows_what_is_done(browser: Browser, commands: Commands) -> None:
    rows = [one.text_content() for one in browser.get(HERE).tree.xpath("//section[@aria-labelledby='plan']//tbody/tr")]
    assert len(rows) == 4
    assert "31.12.2025" in rows[0]
    assert "over fristen" in rows[0]
    assert "30.9.2026" in rows[3]
    assert "skal gjøres" in rows[3]
    commands.ok("renew", CLUSTER, "--ask", "--until", "2030-12-31")
    row = browser.get(HERE).tree.xpath("//section[@aria-labelledby='plan']//tbody/tr")[0].text_content()
    assert "gjort" in row


def test_asking_the_parties(browser: Browser, commands: Commands) -> None:
    commands.ok("notice", CLUSTER, "--party", "4634", "--received", "2026-02-20")
    page = browser.get(f"{HERE}/sporsmal")
    page = browser.submit(page.form("sporsmal"), "steg=vis", siste="1.1.2026")
    assert page.status == 422
    assert page.field("siste").value == "1.1.2026"
    page = browser.submit(page.form("sporsmal"), "steg=vis", siste="31.12.2030")
    assert "Ikke spurt, fordi de har sagt opp: 4634 Masfjorden." in page.words
    assert "agreement:renewal:started" not in kinds(commands)
    page = browser.submit(page.form("sporsmal"), "steg=bekreft")
    assert page.path == HERE
    assert kinds(commands).count("agreement:renewal:started") == 1


def test_a_renewal_is_explained_and_then_issued_with_its_documents(browser: Browser, commands: Commands) -> None:
    commands.edit("minimum 50 prosent stilling", "minimum 60 prosent stilling")
    page = browser.get(f"{HERE}/ny-avtale")
    page = browser.submit(page.form("ny-avtale"), "steg=vis", siste="31.12.2030")
    assert "Alle disse må signere: 4601 Bergen" in page.words
    assert "1.1.2027" in page.words
    assert "(punkt 7)" in page.words
    assert kinds(commands).count("agreement:version:issued") == 1
    page = browser.submit(page.form("ny-avtale"), "steg=bekreft")
    assert page.path == f"/klynge/{CLUSTER}/signaturer"
    assert kinds(commands).count("agreement:version:issued") == 2
    assert commands.status()["upcoming"]["valid_until"] == "2030-12-31"
    assert (commands.workspace / "out" / f"{CLUSTER}.docx").is_file()
    assert "Versjon 2 er til signering" in browser.get(HERE).words


def test_a_renewal_that_ends_before_the_old_term_is_refused(browser: Browser, commands: Commands) -> None:
    page = browser.get(f"{HERE}/ny-avtale")
    page = browser.submit(page.form("ny-avtale"), "steg=bekreft", siste="2026-06-30", utgaaende="ja")
    assert page.status == 422
    assert page.field("siste").value == "2026-06-30"
    assert page.field("utgaaende").checked
    assert kinds(commands).count("agreement:version:issued") == 1


def test_errors_of_the_cluster_file_are_told(browser: Browser, commands: Commands) -> None:
    commands.edit("minimum 50 prosent stilling", "")
    page = browser.get(f"{HERE}/ny-avtale")
    page = browser.submit(page.form("ny-avtale"), "steg=vis", siste="2030-12-31")
    assert page.status == 422
    first = page.tree.xpath("//ul[contains(@class, 'problems')]/li")[0].text_content()
    assert "punkt 7" in first


@pytest.mark.parametrize("act", ["sporsmal", "ny-avtale", "endring", "motorkommune"])
def test_to_cancel_leads_back_to_where_one_came_from(browser: Browser, act: str) -> None:
    page = browser.get(f"{HERE}/{act}")
    assert page.find("//main//form//a[text()='Avbryt']").get("href") == HERE


def test_an_amendment_and_another_motor_municipality(browser: Browser, commands: Commands) -> None:
    page = browser.get(f"{HERE}/endring")
    page = browser.submit(page.form("endring"), "steg=vis")
    assert page.status == 422
    assert "ingenting å endre" in page.words
    page = browser.get(f"{HERE}/motorkommune")
    assert "4601" not in [one.get("value") for one in page.tree.xpath("//select[@name='til']/option")]
    page = browser.submit(page.form("motorkommune"), "steg=vis", til="4631")
    assert "4631 Alver" in page.words
    page = browser.submit(page.form("motorkommune"), "steg=bekreft")
    assert "agreement:motor:changed" in kinds(commands)


@pytest.mark.parametrize(
    ("act", "typed", "kind"),
    [
        ("handlingsplan", {"periode": "2026"}, "agreement:plan:adopted"),
        ("rapport", {"periode": "2026"}, "agreement:task:done"),
        ("kontaktgjennomgang", {"periode": "2026"}, "agreement:task:done"),
        ("kontaktpersoner", {}, "agreement:contacts:changed"),
        ("satsingsomraader", {}, "agreement:focus_areas:adopted"),
    ],
)
def test_what_comes_again_and_what_needs_no_signatures(
    browser: Browser, commands: Commands, act: str, typed: dict[str, str], kind: str
) -> None:
    page = browser.get(f"{HERE}/oppgave/{act}")
    page = browser.submit(page.form(act), "steg=vis", **typed)
    assert kind not in kinds(commands)
    form = page.form(act)
    browser.submit(form, "steg=bekreft")
    assert kinds(commands).count(kind) == 1
    browser.page = page
    assert any("registrert fra før" in one for one in browser.submit(form, "steg=bekreft").notices)
    assert kinds(commands).count(kind) == 1


@pytest.mark.usefixtures("commands")
def test_tasks_refuse_what_is_no_period(browser: Browser) -> None:
    for act, wrong in (("handlingsplan", "neste"), ("rapport", "20266"), ("tilskuddsrapport", "2026-02-02")):
        page = browser.get(f"{HERE}/oppgave/{act}")
        page = browser.submit(page.form(act), "steg=vis", periode=wrong)
        assert page.status == 422
        assert page.field("periode").value == wrong
    assert browser.get(f"{HERE}/oppgave/noe-annet").status == 404


def test_before_anything_is_in_force(browser: Browser) -> None:
    assert "ingenting å fornye" in browser.get(HERE).words
    page = browser.get(f"{HERE}/sporsmal")
    page = browser.submit(page.form("sporsmal"), "steg=vis", siste="2030-12-31")
    assert page.status == 422
