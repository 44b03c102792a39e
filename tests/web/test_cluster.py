"""Klynge: the page of one agreement."""

from __future__ import annotations

from pathlib import Path

from ksf_agreements.web.app import create_app
from tests.cli.register import CLUSTER, NINE
from tests.web.browser import PORT, Browser
from tests.web.states import Shelf

HERE = f"/klynge/{CLUSTER}"


def state_of(browser: Browser, party: str) -> str:
    """What the table says of a party."""
    row = browser.get(HERE).find(f"//tr[th[contains(., '{party}')]]")
    return " ".join(row.xpath("td")[0].text_content().split())


def test_a_party_that_signed_with_a_reservation_is_no_longer_shown_as_only_invited(shelf: Shelf) -> None:
    browser = Browser(create_app(shelf.original("signing"), PORT))
    assert state_of(browser, NINE[4]) == "◐ signert med forbehold"
    assert state_of(browser, NINE[0]) == "✓ signert"
    assert state_of(browser, NINE[5]) == "○ invitert"


def test_a_cluster_that_is_only_a_file_is_called_by_its_name_among_the_downloads(workspace: Path) -> None:
    page = Browser(create_app(workspace, PORT)).get("/last-ned")
    names = page.tree.xpath("//select[@name='klynge'][@id='s-klynge']/option/text()")
    assert "klyngen Alle valg" in names
    assert CLUSTER not in names


def next_steps(browser: Browser, cluster: str = CLUSTER) -> list[tuple[str, str]]:
    """What is to be done next: the sentences of each step with the page that its button leads to."""
    page = browser.get(f"/klynge/{cluster}")
    steps = page.tree.xpath("//section[@aria-labelledby='neste']//li")
    return [(" ".join(" ".join(one.xpath("p//text()")).split()), one.find("a").get("href")) for one in steps]


def test_what_is_overdue_is_the_next_step(shelf: Shelf) -> None:
    browser = Browser(create_app(shelf.original("leaving"), PORT))
    ((text, link),) = next_steps(browser)
    assert text == "send regional koordinator kopi av oppsigelsen (4632 Austrheim): fristen var 20.2.2026"
    assert browser.get(link).find("//select[@name='part']").value == "4632"


def test_an_agreement_that_runs_out_is_to_be_settled_first_and_its_plan_is_one_step(shelf: Shelf) -> None:
    first, *others = next_steps(Browser(create_app(shelf.original("ending"), PORT)))
    assert first[0].startswith("Avklar om avtalen skal fornyes. ")
    assert first[0].count("fristen var") > 1
    assert first[1] == f"{HERE}/fornyelse"
    assert first[1] not in [link for _, link in others]


def test_a_file_with_faults_is_not_to_be_issued(shelf: Shelf) -> None:
    browser = Browser(create_app(shelf.original("broken files"), PORT))
    for cluster in (CLUSTER, "alle-valg"):
        assert next_steps(browser, cluster) == [
            ("Klyngefilen har feil som må rettes først.", f"/klynge/{cluster}/fyll-ut")
        ]


def test_a_file_with_faults_is_told_in_force_too(shelf: Shelf) -> None:
    browser = Browser(create_app(shelf.original("broken file, in force"), PORT))
    assert next_steps(browser)[0] == ("Klyngefilen har feil som må rettes først.", f"{HERE}/fyll-ut")


def test_why_an_agreement_stands_as_it_does_is_told_once(shelf: Shelf) -> None:
    page = Browser(create_app(shelf.original("ending"), PORT)).get(HERE)
    assert page.words.lower().count("det er tid for å ta stilling til fornyelse") == 1


def test_every_step_leads_to_a_page(shelf: Shelf) -> None:
    for state in ("draft", "issued", "signing", "in force", "leaving", "renewing", "ending", "expired"):
        browser = Browser(create_app(shelf.original(state), PORT))
        for _, link in next_steps(browser):
            assert browser.get(link).status == 200, (state, link)


def test_what_a_form_lacks_is_said_by_the_page_and_in_its_language(shelf: Shelf) -> None:
    """A browser's own words for a field that is left empty are in the browser's language, and go in a moment."""
    for state, path in (("signing", "signaturer/registrer"), ("signing", "dokumenter"), ("in force", "oppsigelse")):
        page = Browser(create_app(shelf.original(state), PORT)).get(f"{HERE}/{path}")
        needing = [form for form in page.forms if form.xpath(".//*[@required]")]
        assert needing
        assert all(form.get("novalidate") is not None for form in needing), path


def test_a_workspace_that_is_synced_is_warned_of_first(shelf: Shelf, tmp_path: Path) -> None:
    synced = Browser(create_app(shelf.copy("draft", tmp_path / "OneDrive - Eksempel kommune" / "klynger"), PORT))
    assert "OneDrive" in synced.get("/").notices[0]
    assert not Browser(create_app(shelf.original("draft"), PORT)).get("/").notices


def test_a_deadline_that_has_passed_is_told_in_the_overview(shelf: Shelf) -> None:
    for state, is_late in (("leaving", True), ("in force", False)):
        row = Browser(create_app(shelf.original(state), PORT)).get("/").find(f"//tr[th/a[@href='{HERE}']]")
        assert ("over fristen" in row.text_content()) is is_late
