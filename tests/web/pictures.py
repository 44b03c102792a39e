"""``python -m tests.web.pictures [FOLDER]``: the pictures of the user guide, taken of the real pages on a fixed day.

The pages are walked as the guide tells it, from a new cluster to a renewal. The same code gives the same pictures:
the day, the document's number and the invented people are fixed, and the looks are those without npm.
"""

from __future__ import annotations

import io
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias
from unittest.mock import patch

import pypdfium2
from PIL import Image, ImageDraw

from tests.conftest import ROOT
from tests.signed.signing import issuer, person, sign
from tests.web.conftest import CHROMIUM, QUIET
from tests.web.inside import Inside
from tests.web.pictured import DALANE, NORDHORDLAND, SUNNHORDLAND, build

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page as Tab

DAY = date(2026, 3, 2)
SIGNED_AT = datetime(2026, 2, 26, 9, 30, tzinfo=UTC)
FOLDER = ROOT / "docs" / "bilder"
WIDTH = 1280
Colour: TypeAlias = "tuple[int, int, int]"
_MOST = 120_000
"""Bytes of a picture at most: the guide is read over slow lines, too."""
_COLOURS = 128


@dataclass
class Clock:
    """What day it is: the agreement is sent two weeks before the rest."""

    day: date = date(2026, 2, 16)


class Camera:
    """Takes pictures of a tab, and writes them small."""

    def __init__(self, tab: Tab, folder: Path) -> None:
        self._tab, self._folder = tab, folder

    def take(self, name: str, *, top: str = "header.top", bottom: str = "", most: int = 1000, room: int = 24) -> None:
        """Take the page from the upper edge of one element to the lower edge of another (or to ``most`` pixels)."""
        self._tab.evaluate("document.activeElement?.blur()")
        upper = self._edges(top)[0]
        lower = self._edges(bottom)[1] + room if bottom else upper + most
        height = min(lower - upper, most)
        shot = self._tab.screenshot(
            full_page=True, clip={"x": 0, "y": upper, "width": WIDTH, "height": height}, animations="disabled"
        )
        self._write(name, shot)

    def take_window(self, name: str) -> None:
        """Take what is in the window, where it is scrolled to."""
        self._tab.evaluate("document.activeElement?.blur()")
        self._write(name, self._tab.screenshot(animations="disabled"))

    def _write(self, name: str, shot: bytes) -> None:
        target = self._folder / f"{name}.png"
        target.write_bytes(small(shot))
        if target.stat().st_size > _MOST:
            raise ValueError(f"{target.name} has {target.stat().st_size} bytes")

    def _edges(self, element: str) -> tuple[float, float]:
        box = self._tab.locator(element).first.bounding_box()
        assert box is not None, element
        scrolled = self._tab.evaluate("window.scrollY")
        return box["y"] + scrolled, box["y"] + box["height"] + scrolled


def small(shot: bytes) -> bytes:
    """Return a picture as PNG with a palette of its most frequent colours; what is between gets the nearest."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    data = picture.tobytes()
    pixels: list[Colour] = [*zip(data[::3], data[1::3], data[2::3], strict=True)]
    colours = [colour for colour, _ in Counter(pixels).most_common(_COLOURS)]
    index = {colour: _nearest(colour, colours) for colour in {*pixels}}
    few = Image.frombytes("P", picture.size, bytes(index[colour] for colour in pixels))
    few.putpalette([value for colour in colours for value in colour])
    target = io.BytesIO()
    few.save(target, "PNG", optimize=True)
    return target.getvalue()


def _nearest(colour: Colour, colours: Sequence[Colour]) -> int:
    return min(range(len(colours)), key=lambda at: sum((a - b) ** 2 for a, b in zip(colour, colours[at], strict=True)))


def scanned(bundle: bytes, page: int) -> bytes:
    """Return a page of a PDF as the JPEG of a scan, with ink on it."""
    with pypdfium2.PdfDocument(bundle) as document:
        paper = document[page].render(scale=200 / 72).to_pil().convert("L")
    draw = ImageDraw.Draw(paper)
    chance = random.Random(1)  # noqa: S311 (the same for every run)
    for line in (0.32, 0.5):
        ink = [(400 + step * 12, line * paper.height + chance.uniform(-30, 20)) for step in range(40)]
        draw.line(ink, fill=60, width=5, joint="curve")
    target = io.BytesIO()
    paper.save(target, "JPEG", quality=80)
    return target.getvalue()


def walk(tab: Tab, camera: Camera, clock: Clock) -> None:
    """Walk the pages as the guide tells it, and take its pictures."""
    _new(tab)
    _filled_in(tab, camera)
    bundle = _sent(tab)
    clock.day = DAY
    _came_back(tab, camera, bundle)
    _followed(tab, camera)


def press(tab: Tab, words: str) -> None:
    """Press the button, or follow the link, of exactly these words in the page's main part."""
    main = tab.locator("main")
    named = main.get_by_role("button", name=words, exact=True).or_(main.get_by_role("link", name=words, exact=True))
    named.first.click()


def _new(tab: Tab) -> None:
    tab.goto("/")
    press(tab, "Ny klynge")
    tab.fill("#name", NORDHORDLAND.name)
    tab.select_option("#region", label="KSF Vest")
    tab.fill("#motor", "Alver")
    tab.fill("#members", "Austrheim\nMasfjorden")
    press(tab, "Kontroller listen")
    tab.get_by_text("Gjenkjent:").wait_for()
    tab.fill("#valid_until", "31.12.2029")
    tab.fill("#id", NORDHORDLAND.id)
    press(tab, "Opprett klyngen")
    tab.wait_for_url("**/fyll-ut*")


def _filled_in(tab: Tab, camera: Camera) -> None:
    for place, name in enumerate(("Anne Eksempel", "Bjørn Eksempel", "Camilla Eksempel")):
        tab.locator(f"[name='members.{place}.signatory.name']").evaluate("one => one.closest('details').open = true")
        tab.fill(f"[name='members.{place}.signatory.name']", name)
        tab.fill(f"[name='members.{place}.signatory.title']", "ordfører")
    press(tab, "Legg til satsingsområde")
    tab.fill("[name='focus_areas.0']", "velferdsteknologi og digital hjemmeoppfølging")
    tab.fill("[name='decision_authority']", "styringsgruppen")
    tab.fill("[name='cluster_leader.name']", "Lise Leder")
    tab.fill("[name='cluster_leader.title']", "klyngeleder")
    tab.fill("[name='cluster_leader.email']", "lise.leder@example.no")
    press(tab, "Forhåndsvis")
    tab.locator(".unsaved").wait_for()  # the page that the button leads to; the preview beside comes by itself, too
    tab.locator("#les-6 >> text=styringsgruppen").first.wait_for()
    tab.focus("[name='decision_authority']")  # the preview goes to the clause of the field
    tab.wait_for_function("document.getElementById('papir').scrollTop > 0")
    tab.locator("#punkt-6").evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 40)")
    camera.take_window("fyll-ut")
    tab.fill("[name='resources.cluster_leader']", "minimum 50 prosent stilling")
    press(tab, "Lagre")
    tab.get_by_text("Lagret").first.wait_for()


def _sent(tab: Tab) -> bytes:
    """Issue it, make the package, record that it was sent; return the file to be signed."""
    here = f"/klynge/{NORDHORDLAND.id}"
    tab.goto(here)
    press(tab, "Ferdigstill til signering")
    press(tab, "Ja, ferdigstill versjon 1")
    tab.goto(f"{here}/dokumenter")
    press(tab, "Lag pakken")
    link = tab.locator("main a[href*='/dokumenter/fil/']").filter(has_text="PDF").first
    link.wait_for(timeout=120_000)
    with tab.expect_download() as coming:
        link.click()
    tab.goto(f"{here}/signaturer")
    press(tab, "Registrer at den er sendt")
    tab.fill("#frist", "30.3.2026")
    press(tab, "Registrer at den er sendt")
    tab.get_by_text("Frist 30.3.2026").wait_for()
    return Path(str(coming.value.path())).read_bytes()


def _came_back(tab: Tab, camera: Camera, bundle: bytes) -> None:
    """Bring an e-signed file and a scanned page."""
    with pypdfium2.PdfDocument(bundle) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    with ThreadPoolExecutor(1) as thread:  # pyHanko wants a loop of its own, and Playwright has one in this thread
        signed = thread.submit(sign, bundle, person(), at=SIGNED_AT).result()
    last = max(number for number, text in enumerate(texts) if "Signatur" in text)
    tab.goto("/innboks")
    tab.set_input_files(
        "#filer",
        [
            {"name": "alver-signert.pdf", "mimeType": "application/pdf", "buffer": signed},
            {"name": "skann.jpg", "mimeType": "image/jpeg", "buffer": scanned(bundle, last)},
        ],
    )
    press(tab, "Undersøk filene")
    tab.get_by_text("Registrer det som er krysset av").wait_for(timeout=120_000)
    tab.get_by_role("checkbox", name="4632 Austrheim").check()
    tab.locator("[name^='dag:'][name$=':4632']").fill("27.2.2026")
    camera.take("mottatte-filer", bottom="main form", most=1250)
    press(tab, "Registrer det som er krysset av")
    tab.get_by_text("Legg inn flere filer").wait_for()
    tab.goto(f"/klynge/{NORDHORDLAND.id}")
    camera.take("klynge", bottom="[aria-labelledby=parter]", most=1100)
    tab.goto(f"/klynge/{NORDHORDLAND.id}/signaturer")
    camera.take("signaturer", bottom="main table", most=1100)


def _followed(tab: Tab, camera: Camera) -> None:
    """Look at what is followed: the overview, a notice before it is recorded, a renewal, the mails of the day."""
    tab.goto("/")
    camera.take("oversikt", bottom="main section:last-of-type", most=1100)
    tab.goto(f"/klynge/{SUNNHORDLAND.id}/oppsigelse")
    tab.select_option("#part", label="4616 Tysnes")
    tab.fill("#mottatt", "27.2.2026")
    tab.fill("#kopi", "27.2.2026")
    press(tab, "Vis hva det fører til")
    camera.take("oppsigelse", bottom="main form", most=1100)
    tab.goto(f"/klynge/{DALANE.id}/fornyelse")
    camera.take("fornyelse", bottom="main section:nth-of-type(2)", most=1100)
    tab.goto("/paaminnelser")
    tab.get_by_text("Les e-posten").first.click()
    camera.take("paaminnelser", most=900)


@contextmanager
def fixed() -> Iterator[Clock]:
    """Let a clock say what day it is, and a new document get the same number each time."""
    clock = Clock()
    chance = random.Random(2026)  # noqa: S311 (a number to look at)
    with (
        patch("ksf_agreements.app.today", lambda: clock.day),
        patch("ksf_agreements.services.agreements.issuing.secrets.choice", chance.choice),
    ):
        yield clock


def shoot(browser: Chromium, folder: Path) -> None:
    """Write every picture into a folder."""
    with TemporaryDirectory() as place, fixed() as clock:
        workspace = Path(place) / "kommuneklynger"
        build(workspace, issuer().pem)
        with Inside(workspace) as server:
            context = browser.new_context(
                base_url=server.address, viewport={"width": WIDTH, "height": 900}, locale="nb-NO"
            )
            tab = context.new_page()
            walk(tab, Camera(tab, folder), clock)
            context.close()


def main(folder: Path = FOLDER) -> None:
    """Write them where the guide looks for them."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        shoot(browser, folder)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
