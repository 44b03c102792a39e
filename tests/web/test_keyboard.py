"""Whole flows by keyboard alone, in Chromium, at the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab


def tab_to(tab: Tab, words: str, limit: int = 80) -> None:
    """Press Tab until what has the focus is called ``words``; fails after ``limit`` times."""
    for _ in range(limit):
        tab.keyboard.press("Tab")
        if tab.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText").strip() == words:
            return
    raise AssertionError(f"Tab does not come to {words!r} in {tab.url}")


def test_from_the_overview_to_a_cluster_and_in_another_language_and_filtered(tab: Tab) -> None:
    tab.goto("/")
    tab_to(tab, "Nynorsk")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("html[lang=nn]")
    tab_to(tab, "Status")
    tab.keyboard.press("u")
    tab_to(tab, "Vis")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/?*status=draft*")
    first = tab.locator("main tbody th a").first.inner_text()
    tab_to(tab, first)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/klynge/*")
    assert tab.locator("h1").inner_text() == first
