"""The whole job of a coordinator in Chromium, at the real server: with a mouse, and by the keys alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error as PlaywrightError
from pypdf import PdfReader

from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.delivery.rfc5545 import Component, read
from tests.package.papers import plain
from tests.scans.scanner import Scan, as_pdf, scanned
from tests.scans.test_bundle import prints
from tests.signed.sending import trust
from tests.signed.signing import issuer, person, sign
from tests.web.conftest import Server
from tests.web.hands import Hands, Keys, Mouse
from tests.web.states import Shelf
from tests.web.states import commands as commands_of

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

NAMES = dict(
    zip(NINE, ["Bergen", "Alver", "Askøy", "Austrheim", "Bjørnafjorden", "Masfjorden", "Osterøy", "Vaksdal", "Voss"],
        strict=True)
)  # fmt: skip
PARTNERS = [name for party, name in NAMES.items() if party != NINE[0]]
SIGNATORIES = ("Anne Eksempel", "Bjørn Eksempel", "Camilla Eksempel")
"""Who signs electronically: for the first three. One more sends a scan, and the others only tell of it."""
SCANNED, BY_HAND = NINE[3], NINE[4:]
ID = "flyt"
SIGNED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands of the workspace that the server serves: no clusters yet, annex 1, and an issuer that is trusted."""
    for file in workspace.glob("clusters/*.yaml"):
        file.unlink()
    (workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(2))
    trust(workspace, issuer().pem)
    with (workspace / "ksf.toml").open("a", encoding="utf-8") as settings:
        settings.write('plan = "annexes/ksf-plan.pdf"\nactor = "Kari Koordinator"\n')
    return Commands(ksf, workspace)


@pytest.mark.parametrize("way", [Mouse, Keys])
def test_from_a_new_cluster_to_a_notice_in_the_calendar(
    way: Callable[[Tab], Hands],
    commands: Commands,
    serve: Callable[..., Server],
    open_tab: Callable[..., Tab],
    tmp_path: Path,
) -> None:
    tab = open_tab(serve(commands.workspace).address, accept_downloads=True)
    hands = way(tab)
    tab.goto("/")
    make(hands)
    fill_in(hands)
    issue(hands, commands)
    bundle = send(hands)
    take_in(hands, bundle, tmp_path)
    look_at_a_file(hands, bundle, tmp_path)
    sign_by_hand(hands)
    in_force(hands, commands)
    give_notice(hands, commands)
    calendar(hands)
    commands.ok("verify")


def test_a_double_click_and_a_reload_record_a_signature_once(
    shelf: Shelf, serve: Callable[..., Server], open_tab: Callable[..., Tab], tmp_path: Path
) -> None:
    ksf = commands_of(shelf.copy("signing", tmp_path / "arbeid"))
    tab = open_tab(serve(ksf.workspace).address)
    hands = Mouse(tab)
    before = len(ksf.json("log", CLUSTER))
    tab.goto(f"/klynge/{CLUSTER}/signaturer")
    hands.follow(f"Registrer signaturen til {NINE[5]} {NAMES[NINE[5]]}")
    hands.write("dag", "2.3.2026")
    hands.write("navn", "Frode Eksempel")
    tab.get_by_role("button", name="Gå videre").dblclick()
    tab.locator("main .ds-alert", has_text="5 av 9 har signert.").wait_for()
    tab.reload()
    assert hands.heading() == "Signaturer"
    tab.go_back()  # the form: it is for the others now
    assert NAMES[NINE[5]] not in tab.locator("[name='part']").inner_text()
    assert len(ksf.json("log", CLUSTER)) == before + 1


def sent_anew(tab: Tab) -> None:
    """Reload a page that Chromium asks about; while it is still on its way there, it has no page to reload."""
    for _ in range(50):
        with suppress(PlaywrightError):
            tab.reload()
            return
        tab.wait_for_timeout(100)
    tab.reload()


def test_a_double_click_a_reload_and_the_way_back_record_a_notice_once(
    shelf: Shelf, serve: Callable[..., Server], open_tab: Callable[..., Tab], tmp_path: Path
) -> None:
    ksf = commands_of(shelf.copy("in force", tmp_path / "arbeid"))
    tab = open_tab(serve(ksf.workspace).address)
    hands = Mouse(tab)
    before = len(ksf.json("log", CLUSTER))
    tab.goto(f"/klynge/{CLUSTER}/oppsigelse")
    hands.choose("part", f"{NINE[3]} {NAMES[NINE[3]]}")
    hands.write("mottatt", "2.3.2026")
    hands.press("Vis hva det fører til")
    tab.reload()  # the form is sent anew, and nothing is recorded by it
    assert "Ingenting er registrert ennå." in hands.reads()
    assert len(ksf.json("log", CLUSTER)) == before
    tab.get_by_role("button", name="Registrer oppsigelsen").dblclick()
    tab.locator("main .ds-alert", has_text="registrert").first.wait_for()
    tab.reload()
    assert len(ksf.json("log", CLUSTER)) == before + 1
    with suppress(PlaywrightError):  # Chromium asks before it sends a form anew
        tab.go_back()
    sent_anew(tab)  # and here it is sent
    assert hands.heading().startswith("Oppsigelse")
    assert len(ksf.json("log", CLUSTER)) == before + 1


def make(hands: Hands) -> None:
    """Make the cluster: what is wrong is told first, and nothing is made."""
    hands.follow("Ny klynge")
    hands.write("name", "Kunnskapsklyngen Flyt")
    hands.choose("region", "KSF Vest")
    hands.write("motor", "Bergen")
    hands.write("members", "\n".join([*PARTNERS, "Vosss"]))
    hands.press("Opprett klyngen")
    assert "Klyngen ble ikke opprettet" in hands.reads()
    assert hands.focus() == "ds-error-summary"
    hands.write("members", "\n".join(PARTNERS))
    hands.write("valid_until", "31.12.2030")
    hands.press("Opprett klyngen")
    assert hands.heading() == "Fyll ut: Kunnskapsklyngen Flyt"


def fill_in(hands: Hands) -> None:
    """Fill it in, with a fault on the way, and see the agreement as it will read."""
    hands.write("cluster_leader.name", "Lise Leder")
    hands.write("cluster_leader.email", "lise.leder(a)example.no")
    hands.write("decision_authority", "styringsgruppen")
    hands.tab.locator("#papir ins", has_text="styringsgruppen").first.wait_for()  # it follows what is typed
    hands.press("Lagre")
    assert "Ingenting ble lagret." in hands.reads()
    assert hands.focus() == "ds-error-summary"
    assert hands.tab.locator("[name='cluster_leader.email']").get_attribute("aria-invalid") == "true"
    assert hands.tab.locator("[name='decision_authority']").input_value() == "styringsgruppen"
    hands.write("cluster_leader.email", "lise.leder@example.no")
    hands.write("resources.cluster_leader", "minimum 50 prosent stilling")
    for place, name in enumerate(SIGNATORIES):
        hands.open(f"{NAMES[NINE[place]]} kommune: ")
        hands.write(f"members.{place}.signatory.name", name)
        hands.write(f"members.{place}.signatory.title", "ordfører")
    hands.press("Legg til satsingsområde")
    hands.write("focus_areas.0", "velferdsteknologi")
    hands.press("Lagre")
    assert hands.heading() == "Fyll ut: Kunnskapsklyngen Flyt"
    assert "Lagret" in hands.tab.locator(".ds-alert[data-color=success]").inner_text()


def issue(hands: Hands, commands: Commands) -> None:
    """Issue version 1. Whoever goes back in the browser is told that it is done."""
    hands.follow("Kunnskapsklyngen Flyt")
    hands.follow("Ferdigstill til signering")
    assert "Dette blir ferdigstilt: versjon 1" in hands.reads()
    assert "31.12.2030" in hands.reads()
    hands.press("Ja, ferdigstill versjon 1")
    assert "Registrert som hendelse 1" in hands.reads()
    hands.tab.reload()
    hands.tab.go_back()
    assert "Det er ikke noe nytt å ferdigstille." in hands.reads()
    assert len(commands.json("log", ID)) == 1


def send(hands: Hands) -> Path:
    """Make the package and fetch it, and record that it was sent."""
    hands.follow("Kunnskapsklyngen Flyt")
    hands.follow("Dokumenter")
    hands.press("Lag pakken")
    bundle = hands.save("Skal signeres: avtale og vedlegg i én PDF")
    text = PdfReader(bundle).pages[0].extract_text()
    assert "Kunnskapsklyngen Flyt" in " ".join(text.split())
    hands.follow("Kunnskapsklyngen Flyt")
    hands.follow("Signaturer")
    hands.follow("Registrer at den er sendt")
    hands.write("frist", "1.6.2026")
    hands.press("Registrer at den er sendt")
    assert "0 av 9 har signert." in hands.reads()
    return bundle


def take_in(hands: Hands, bundle: Path, folder: Path) -> None:
    """Three have signed the file electronically, one after the other: it is shown what it is, and then recorded."""
    with ThreadPoolExecutor(1) as aside:  # pyHanko wants an event loop of its own, and Playwright's runs in this thread
        data = aside.submit(signed_electronically, bundle.read_bytes()).result()
    file = folder / "Signert avtale (endelig).pdf"
    file.write_bytes(data)
    hands.follow("Flere filer på en gang")
    hands.bring("filer", [file])
    hands.press("Undersøk filene")
    for name in SIGNATORIES:
        assert name in hands.reads()
    hands.press("Registrer det som er krysset av")
    assert "registrert som hendelse 4, 5, 6." in hands.reads()


def signed_electronically(data: bytes) -> bytes:
    for number, name in enumerate(SIGNATORIES):
        data = sign(data, person(name), at=SIGNED + timedelta(minutes=number), field=f"Signatur{number + 1}")
    return data


def look_at_a_file(hands: Hands, bundle: Path, folder: Path) -> None:
    """One sends the page that it signed with a pen, scanned: looked at first, and then recorded."""
    (page,) = (
        number
        for number, page in enumerate(PdfReader(bundle).pages)
        if f"For {NAMES[SCANNED]}" in (text := page.extract_text()) and "Dato" in text
    )
    chance, how = random.Random(4), Scan(dpi=200, skew=1.0)  # noqa: S311 (the same for every run)
    file = folder / "skann0001.pdf"
    file.write_bytes(as_pdf([(scanned(prints(bundle)[page], how, chance), how)]))
    to_signatures(hands)
    hands.follow(f"Registrer signaturen til {SCANNED} {NAMES[SCANNED]}")
    hands.write("dag", "2.3.2026")
    hands.write("navn", "Dina Eksempel")
    hands.bring("fil", [file])
    hands.press("Gå videre")
    assert hands.heading() == "Se på filen før den registreres", hands.reads()[:600]
    hands.press("Registrer signaturen")
    assert "4 av 9 har signert." in hands.reads()


def sign_by_hand(hands: Hands) -> None:
    """The others told of theirs; one forgets the date first, and is told at the field."""
    for number, party in enumerate(BY_HAND):
        to_signatures(hands)
        hands.follow(f"Registrer signaturen til {party} {NAMES[party]}")
        hands.write("navn", f"Eva Eksempel {number + 1}")
        if number == 0:
            hands.press("Gå videre")
            assert hands.focus() == "ds-error-summary"
            assert "Signaturdato: Dette må fylles ut." in hands.reads()
        hands.write("dag", "2. mars 2026")
        hands.press("Gå videre")


def in_force(hands: Hands, commands: Commands) -> None:
    """All have signed: the agreement is in force from that day, on the page and in the register."""
    to_cluster(hands)
    assert "i kraft fra 2.3.2026" in hands.reads()
    status = commands.status(cluster=ID)
    assert (status["status"], status["in_force_from"], status["signed"]) == ("in_force", "2026-03-02", 9)
    assert sorted(commands.bound("2026-03-02", cluster=ID)) == sorted(NINE)
    log = commands.json("log", ID)
    signed = [one for one in log if one["kind"] == "agreement:signature:recorded"]
    assert [one["event"] for one in log] == list(range(1, len(log) + 1))
    assert [one["occurred_on"] for one in signed] == ["2026-03-02"] * len(NINE)
    assert {one["actor"] for one in log} == {"Kari Koordinator"}


def give_notice(hands: Hands, commands: Commands) -> None:
    """A notice: what follows is told with its days before anything is recorded."""
    hands.follow("Oppsigelse")
    hands.choose("part", f"{NINE[8]} {NAMES[NINE[8]]}")
    hands.write("mottatt", "2.3.2026")
    hands.press("Vis hva det fører til")
    assert "Ingenting er registrert ennå." in hands.reads()
    assert "til og med 2.3.2027 (punkt 12)" in hands.reads()
    assert commands.party(NINE[8], cluster=ID)["state"] == "bound"
    hands.press("Registrer oppsigelsen")
    party = commands.party(NINE[8], cluster=ID)
    assert (party["state"], party["bound_until"]) == ("leaving", "2027-03-02")


def calendar(hands: Hands) -> None:
    """The calendar of everything has the end of the term, and the day the notice ends."""
    hands.follow("Excel og kalender")
    file = read(hands.save("Last ned kalenderen").read_bytes())
    found = [one for one in file.inner if one.name == "VEVENT"]
    days = {told(one): one.day("DTSTART") for one in found if one.value("STATUS") == "CONFIRMED"}
    assert {
        "avtalen trer i kraft": date(2026, 3, 2),
        f"siste dag for kommunen som trer ut ({NINE[8]} {NAMES[NINE[8]]})": date(2027, 3, 2),
        "spør partene om de vil fornye avtalen": date(2029, 12, 31),
        "avtalen løper ut": date(2030, 12, 31),
    }.items() <= days.items()
    (off,) = [one for one in found if one.value("STATUS") == "CANCELLED"]
    assert told(off).startswith("frist for underskriftene")  # they are all there
    assert off.day("DTSTART") == date(2026, 6, 1)


def told(entry: Component) -> str:
    return entry.value("SUMMARY").removeprefix("Kunnskapsklyngen Flyt: ")


def to_cluster(hands: Hands) -> None:
    hands.follow("Oversikt")
    hands.follow("Kunnskapsklyngen Flyt")


def to_signatures(hands: Hands) -> None:
    to_cluster(hands)
    hands.follow("Signaturer")
