"""WCAG 2.2 AA, as far as a program can see it: axe-core over every page in every state, zoom, focus, and size."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest
from lxml import html

from ksf_agreements.web.app import create_app
from ksf_agreements.web.pages import STATIC, VENDOR
from tests.cli.register import CLUSTER
from tests.web.browser import PORT, Browser
from tests.web.inside import Inside
from tests.web.routes import WAYS, addresses
from tests.web.states import THIRTY, Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

LOOKS = [pytest.param(False, id="own style")] + ([pytest.param(True, id="Designsystemet")] if VENDOR.is_file() else [])
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STATES = ("draft", "signing", "leaving", "thirty members", "empty workspace", "register damaged")
PAGE_LIMIT = 60_000


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(tab: Tab) -> list[str]:
    """Return what axe-core finds in the page that is shown."""
    if not tab.evaluate("typeof axe === 'object'"):
        tab.evaluate(axe())
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = tab.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def too_wide(tab: Tab) -> list[str]:
    """Return what makes the page wider than the window."""
    if tab.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        return []
    return [f"wider than the window: {one}" for one in tab.evaluate(WIDE)] or ["wider than the window"]


WIDE = """() => [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.table-box'))
    .slice(0, 3).map(one => one.outerHTML.slice(0, 200))"""


def gets(state: str) -> Iterator[str]:
    """Yield an address of each page."""
    for way in WAYS:
        if "GET" in way.methods:
            address = addresses(way)[0]
            yield address.replace("helse-omsorg-vest", THIRTY) if state == "thirty members" else address


def built(element: Any) -> str:
    """Return how a page is built: its elements with what decides their look and meaning, repetitions once, no text."""
    if not isinstance(element.tag, str) or element.tag in {"script", "option"}:
        return ""
    said = [f"{name}={element.get(name)}" for name in LOOKED_AT if element.get(name) is not None]
    said += sorted(name for name in element.attrib if name.startswith("aria-") and name not in LOOKED_AT)
    inner = [built(one) for one in element]
    once = [one for place, one in enumerate(inner) if one and one not in inner[max(0, place - 3) : place]]
    return f"<{element.tag} {' '.join(said)}{'' if (element.text or '').strip() else ' -'}>{''.join(once)}</>"


LOOKED_AT = ("class", "type", "role", "tabindex", "data-color", "data-variant", "aria-current", "aria-pressed", "lang")
_KNOWN: set[tuple[bool, str]] = set()
"""How the pages were built that axe-core has found nothing in."""


class Eyes:
    """Looks at pages: each at two widths, in full where no page before was built as it is."""

    def __init__(self, tab: Tab, *, has_designsystem: bool) -> None:
        self.tab = tab
        self.has_designsystem = has_designsystem
        self.found: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        """Look at the page that is shown."""
        structure = self.has_designsystem, built(html.document_fromstring(self.tab.content()))
        is_new = structure not in _KNOWN
        for width in (360, 320, 1280):  # 320 is a window of 1280 at 400 %
            self.tab.set_viewport_size({"width": width, "height": 800})
            found = too_wide(self.tab) if width != 1280 else []
            if is_new and width != 320:
                found += violations(self.tab)
            if found:
                self.found[f"{name} at {width}"] = found
        if not self.found:
            _KNOWN.add(structure)


def crawl(tab: Tab, eyes: Eyes, first: list[str]) -> None:
    """Look at every page that can be come to from the first ones, and at what each form says to being sent as it is."""
    waiting, known = list(first), set(first)
    while waiting:
        address = waiting.pop()
        if not shown(tab, address):
            continue
        eyes.look(address)
        links = tab.evaluate("[...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))")
        for path in dict.fromkeys(link.partition("#")[0] for link in links):
            if path.startswith("/") and path not in known and len(known) < LIMIT and not FILES.search(path):
                known.add(path)
                waiting.append(path)
        for number in range(tab.locator(FORM).count()):
            if shown(tab, address) and sent(tab, number):
                eyes.look(f"{address}, form {number + 1}")


def shown(tab: Tab, address: str) -> bool:
    """Go to an address; return whether there is a page."""
    from playwright.sync_api import Error

    try:
        tab.goto(address)
    except Error as fault:
        if "Download is starting" in str(fault):
            return False
        raise
    return bool(tab.evaluate("document.contentType") == "text/html")


def sent(tab: Tab, number: int) -> bool:
    """Send one of the page's forms as it stands, whatever the browser thinks of it; return whether a page answers."""
    from playwright.sync_api import Error

    form = tab.locator(FORM).nth(number)
    if form.count() == 0 or FILES.search(form.get_attribute("action") or ""):
        return False
    try:
        with tab.expect_navigation(timeout=15_000):
            form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    except Error:  # a file to be kept, no page
        return False
    return bool(tab.evaluate("document.contentType") == "text/html")


FORM = "main form[method=post]"
LIMIT = 14
FILES = re.compile(r"\.(docx|pdf|zip|csv|json|xlsx|ics)\b|/(fil|brev|pakke|arkiv)\b|\?n=")
"""Addresses of files, which take their time to make and are no pages."""


@pytest.mark.parametrize("has_designsystem", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_every_page_in_every_state(
    state: str, has_designsystem: bool, shelf: Shelf, tmp_path: Path, open_tab: Callable[..., Tab]
) -> None:
    with Inside(shelf.copy(state, tmp_path / "workspace"), has_designsystem=has_designsystem) as running:
        tab = open_tab(running.address)
        eyes = Eyes(tab, has_designsystem=has_designsystem)
        crawl(tab, eyes, ["/finnes-ikke", f"/klynge/{THIRTY if state == 'thirty members' else CLUSTER}", "/"])
    assert not eyes.found, json.dumps(eyes.found, indent=1)


@pytest.mark.parametrize("has_designsystem", LOOKS)
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_what_has_the_focus_is_seen_and_comes_in_order(
    language: str, has_designsystem: bool, shelf: Shelf, tmp_path: Path, open_tab: Callable[..., Tab]
) -> None:
    with Inside(shelf.copy("signing", tmp_path / "workspace"), has_designsystem=has_designsystem) as running:
        tab = open_tab(running.address)
        tab.context.add_cookies([{"name": "ksf_lang", "value": language, "url": running.address}])
        for address in gets("signing"):
            if "text/html" not in tab.request.head(address).headers.get("content-type", ""):
                continue
            tab.goto(address)
            assert tab.locator("html").get_attribute("lang") == language
            last = -1
            for _ in range(150):
                tab.keyboard.press("Tab")
                stop = tab.evaluate(FOCUS)
                if stop["place"] <= last:  # round again, or out of the page
                    break
                last = stop["place"]
                assert stop["seen"], f"{address}: the focus is not seen at {stop['html']}"
                assert stop["inside"], f"{address}: the focus is outside the window at {stop['html']}"
            assert last > 0


FOCUS = """() => {
    const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
    const outline = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
    return {
        place: one === document.body ? -1 : [...document.querySelectorAll('*')].indexOf(one),
        seen: outline || look.boxShadow !== 'none',
        inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        html: one.outerHTML.slice(0, 200),
    };
}"""


@pytest.mark.parametrize("has_designsystem", LOOKS)
@pytest.mark.parametrize("state", ["draft", "in force", "thirty members"])
def test_pages_are_light(state: str, has_designsystem: bool, shelf: Shelf) -> None:
    app = create_app(shelf.original(state), PORT)
    app.state.office.pages.environment.globals["has_designsystem"] = has_designsystem
    browser = Browser(app)
    for address in gets(state):
        page = browser.get(address)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        linked = page.tree.xpath("//link[@rel='stylesheet']/@href | //script/@src")
        parts = [(STATIC / path.removeprefix("/static/")).read_bytes() for path in linked]
        size = sum(len(gzip.compress(one, 6)) for one in (page.content, *parts))
        assert size < PAGE_LIMIT, f"{address}: {size}"
        if len(page.content) > 1000:
            assert page.headers["content-encoding"] == "gzip"
