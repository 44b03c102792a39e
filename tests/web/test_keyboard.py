"""The keys alone, and no JavaScript: shorter ways through the pages, in Chromium, at the real server.

The whole job by the keys is in test_flow.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.cli.register import CLUSTER
from tests.web.conftest import Server
from tests.web.hands import Keys, Mouse

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

NAME = "Kunnskapskommunen Helse Omsorg Vest"


def test_the_overview_in_another_language_filtered_and_on_to_a_cluster(tab: Tab) -> None:
    hands = Keys(tab)
    tab.goto("/")
    hands.press("Nynorsk")
    assert tab.locator("html").get_attribute("lang") == "nn"
    hands.choose("status", "utkast")
    hands.press("Vis")
    assert "status=draft" in tab.url
    hands.follow(NAME)
    assert hands.heading() == NAME


def test_the_first_stop_leads_past_the_menu(tab: Tab) -> None:
    tab.goto("/")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "innhold"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


def test_members_are_moved_and_removed_and_the_place_is_kept(tab: Tab) -> None:
    hands = Keys(tab)
    tab.goto(f"/klynge/{CLUSTER}/fyll-ut")
    hands.press("Ned: Alver kommune")
    members = tab.locator(".member-name strong")
    assert members.all_inner_texts()[1:3] == ["Askøy kommune", "Alver kommune"]
    assert tab.evaluate("location.hash") == "#members-2"
    tab.keyboard.press("Tab")  # on from the member that was moved, and not from the top of the page
    assert tab.evaluate("document.activeElement.closest('.member').id") == "members-2"
    hands.press("Fjern: Alver kommune")
    assert members.count() == 8
    assert focused(tab) == "members-2"  # who stands there now
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    hands.step("Shift+Tab")
    assert tab.evaluate("document.activeElement.closest('.member').id") == "members-1"
    hands.press("Fjern: Voss herad")
    assert focused(tab) == "members-6"  # the last one now
    hands.write("find", "Alver")
    hands.press("Søk og legg til")
    assert members.all_inner_texts()[-1] == "Alver kommune"
    assert focused(tab) == "find"  # for the next one


def test_a_row_that_is_added_has_the_focus(tab: Tab) -> None:
    hands = Keys(tab)
    tab.goto(f"/klynge/{CLUSTER}/fyll-ut")
    for folded, button, rows in (
        ("", "Legg til satsingsområde", "[name^='focus_areas.']"),
        (
            "Alver kommune: ",
            "Legg til FoUI-kontakt: Alver kommune",
            "[name^='members.1.foui_contacts.'][name$='.name']",
        ),
        ("Tildelingsbrev", "Legg til rapporteringsfrist", "[name^='grant_letter.report_dates.']"),
    ):
        before = tab.locator(rows).count()
        if folded:
            hands.open(folded)
        hands.press(button)
        assert tab.locator(rows).count() == before + 1
        assert focused(tab) == tab.locator(rows).last.get_attribute("id")
        tab.keyboard.type("1.6.2026")
        assert tab.locator(rows).last.input_value() == "1.6.2026"


def test_from_the_summary_of_errors_to_the_field_and_back(tab: Tab) -> None:
    hands = Keys(tab)
    tab.goto(f"/klynge/{CLUSTER}/fyll-ut")
    hands.write("valid_until", "31.2.2031")
    hands.press("Lagre")
    assert tab.evaluate("document.activeElement.className") == "ds-error-summary"
    hands.step()
    tab.keyboard.press("Enter")
    assert focused(tab) == "valid_until"
    told = str(tab.locator("#valid_until").get_attribute("aria-describedby")).split()[-1]
    assert "Må rettes:" in tab.locator(f"#{told}").inner_text()
    hands.write("valid_until", "31.12.2031")
    hands.press("Lagre")
    assert tab.locator("[role=status]").first.inner_text().startswith("Lagret")


def focused(tab: Tab) -> str:
    """The id of what has the focus."""
    return str(tab.evaluate("document.activeElement.id"))


def test_everything_goes_without_javascript(server: Server, open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(server.address, java_script_enabled=False)
    hands = Mouse(tab)
    tab.goto(f"/klynge/{CLUSTER}/fyll-ut")
    hands.write("decision_authority", "årsmøtet")
    hands.press("Forhåndsvis")
    assert "Årsmøtet" in tab.locator("#papir").inner_text()
    hands.write("valid_until", "31.2.2031")
    hands.press("Lagre")
    assert "Ingenting ble lagret." in hands.reads()
    hands.write("valid_until", "31.12.2031")
    hands.press("Lagre")
    hands.follow("Tilbake til klyngen")
    hands.follow("Ferdigstill til signering")
    hands.press("Ja, ferdigstill versjon 1")
    assert "Registrert som hendelse 1" in hands.reads()
