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
