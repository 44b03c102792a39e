"""Route by method by state: whatever the workspace is like, every address answers, never with a fault of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksf_agreements.web.app import create_app
from tests.web.browser import PORT, Browser
from tests.web.routes import WAYS, addresses
from tests.web.states import STATES, Shelf

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
THOROUGH = ("draft", "in force", "register damaged")
"""States in which addresses of what is not there, and every method, are tried as well."""


@pytest.mark.parametrize("state", STATES)
def test_every_address_answers_in_every_state(state: str, shelf: Shelf, tmp_path: Path) -> None:
    browser = Browser(create_app(shelf.copy(state, tmp_path / "workspace"), PORT))
    first = browser.get("/")
    csrf = browser.csrf
    assert first.status == (200 if STATES[state].is_whole else 503), first.words
    for way in WAYS:
        known = addresses(way) if state in THOROUGH else addresses(way)[:2]
        for number, address in enumerate(known):
            for method in METHODS if number == 0 and state in THOROUGH else ("GET", "POST"):
                data = {"csrf": csrf, "confirm": "1"} if method == "POST" else None
                answer = browser.client.request(method, address, data=data, follow_redirects=False)
                told = f"{method} {address}: {answer.status_code}"
                assert answer.status_code != 500, told
                if number == 0:
                    assert (answer.status_code == 405) == (method not in way.methods), told
                if method == "HEAD":
                    assert not answer.content, told
                if answer.status_code >= 400:
                    assert "Traceback" not in answer.text, told


@pytest.mark.parametrize("state", [name for name, state in STATES.items() if not state.is_whole])
def test_what_cannot_be_read_is_told_in_a_sentence(state: str, shelf: Shelf, tmp_path: Path) -> None:
    page = Browser(create_app(shelf.copy(state, tmp_path / "workspace"), PORT)).get("/klynge/helse-omsorg-vest")
    assert page.status == 503
    assert page.find("//h1").text == "Dette lot seg ikke gjøre"
    assert len(page.notices) == 1


def test_a_workspace_that_is_gone_is_told_in_a_sentence(browser: Browser, workspace: Path) -> None:
    browser.get("/")
    workspace.rename(workspace.with_name("flyttet"))
    page = browser.get("/")
    assert page.status == 404
    assert len(page.notices) == 1
