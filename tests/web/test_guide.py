"""The user guide names what stands on the pages, word for word, and shows pictures that are there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

from ksf_agreements.cli.main import COMMANDS
from ksf_agreements.web.app import create_app
from tests.cli.register import CLUSTER
from tests.conftest import ROOT
from tests.web.browser import PORT, Browser
from tests.web.pictures import shoot
from tests.web.states import Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

TEXT = (ROOT / "docs" / "brukerveiledning.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "ksf_agreements"
KEYWORDS = {"T": None, "TN": (1, 2), "_": None}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def named() -> list[str]:
    """Return what the guide names: all that is bold."""
    bold = re.findall(r"\*\*(.+?)\*\*", TEXT, re.DOTALL)
    return sorted({" ".join(words.split()) for words in bold} - {"fet skrift"})


@cache
def on_pages() -> tuple[str, ...]:
    """Return every text of the pages and every field's name, in bokmål, as a pattern."""
    with (PACKAGE / "locale/nb/LC_MESSAGES/ksf.po").open("rb") as file:
        catalog = read_po(file, locale="nb")
    messages = [one[2] for one in extract_from_dir(PACKAGE / "web", METHODS, keywords=KEYWORDS)]
    fields = PACKAGE / "domain/ksf_cluster.py"
    messages += [one[1] for one in extract_from_file("python", fields, keywords=KEYWORDS)]
    found = {"Bokmål", "Nynorsk"}
    for message in messages:
        said = catalog.get(message if isinstance(message, str) else message[0])
        if said is not None:
            found |= {said.string} if isinstance(said.string, str) else set(said.string)
    return tuple(_pattern(words) for words in found if re.search(r"[^\W\d]{2}", re.sub(r"\{\w*\}", "", words)))


def _pattern(words: str) -> str:
    return ".+".join(re.escape(part) for part in re.split(r"\{\w*\}", words))


@pytest.mark.parametrize("words", named())
def test_what_the_guide_names_stands_on_a_page(words: str) -> None:
    assert any(re.fullmatch(pattern, words) for pattern in on_pages())


@pytest.mark.parametrize("state", ["draft", "in force"])
def test_the_guide_names_each_page_of_the_menu_and_of_an_agreement(shelf: Shelf, state: str) -> None:
    browser = Browser(create_app(shelf.original(state), PORT))
    links = browser.get(f"/klynge/{CLUSTER}").tree.xpath("//header//nav//a | //nav[@class='actions']//a")
    assert len(links) >= 8
    assert {one.text_content() for one in links} - set(named()) == set()


def test_the_pictures_are_those_that_a_walk_through_the_pages_gives(chromium: Chromium, tmp_path: Path) -> None:
    shown = re.findall(r"!\[[^\]]{20,}\]\(bilder/([\w-]+\.png)\)", TEXT)
    assert TEXT.count("![") == len(shown)
    shoot(chromium, tmp_path)
    assert sorted(shown) == sorted(one.name for one in tmp_path.iterdir())
    assert [one for one in shown if not (ROOT / "docs/bilder" / one).is_file()] == []


def test_links_within_the_guide_lead_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for words in re.findall(r"(?m)^#+ (.+)$", TEXT)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) - headings == set()


def test_the_guide_knows_every_command() -> None:
    told = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`]+)`", TEXT))))
    assert set(COMMANDS) - told - {"web", "init", "schema", "municipalities", "parties"} == set()
