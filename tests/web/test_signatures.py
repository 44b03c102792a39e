"""Signaturer: who is lacking, a file's verdict before anything is recorded, and what else a signing brings."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ksf_agreements.domain.events import SignatureRecorded
from ksf_agreements.web.app import create_app
from ksf_agreements.web.backroom import KEPT_BYTES, KEPT_SECONDS, Backroom
from tests.cli.register import CLUSTER as NINE_CLUSTER
from tests.cli.register import NINE, Commands
from tests.conftest import Ran
from tests.signed.papers import paper
from tests.signed.sending import CLUSTER, desk_of, send, write_cluster
from tests.signed.signing import person, sign
from tests.signed.test_national_ids import NUMBER
from tests.web.browser import PORT, Browser, Page
from tests.web.signing_ws import HERE, photograph, prepared, scan


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands, in a workspace with one cluster of two municipalities."""
    return prepared(ksf, workspace)


@pytest.fixture
def browser(commands: Commands) -> Browser:
    """A browser at that workspace."""
    return Browser(create_app(commands.workspace, PORT, "Kari Koordinator"))


@pytest.fixture(autouse=True)
def _nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """After a test no temporary file of it is there."""
    folder = tmp_path / "midlertidig"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield None
    assert not [path for path in folder.rglob("*") if path.is_file()]


ANNE = {"part": "4601", "dag": "2026-02-03", "navn": "Anne Eksempel", "tittel": "ordfører"}
BJORN = {"part": "4631", "dag": "2026-02-04", "navn": "Bjørn Eksempel", "tittel": "ordfører"}


def bring(browser: Browser, data: bytes, said: dict[str, str] = ANNE, name: str = "signert.pdf", **more: str) -> Page:
    """Fill in the form of a signature with a file, and send it."""
    browser.get(f"{HERE}/registrer")
    form = browser.page.form("registrer") if browser.page else None
    return browser.submit(form, files={"fil": (name, data)}, **{**said, **more})


def signatures(commands: Commands, cluster: str = CLUSTER) -> list[SignatureRecorded]:
    """The signatures that are recorded."""
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        found = [one.payload for one in reader.events(cluster) if isinstance(one.payload, SignatureRecorded)]
    desk.register.close()
    return found


def kept(commands: Commands, digest: str | None) -> bytes | None:
    """A file that the register keeps."""
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        data = reader.file(digest or "")
    desk.register.close()
    return data


# --- who is lacking --------------------------------------------------------------------------------------------------


def test_before_anything_is_issued_the_page_leads_there(browser: Browser) -> None:
    page = browser.get(HERE)
    assert page.status == 200
    assert "Ingenting er ferdigstilt ennå" in page.words
    assert f"/klynge/{CLUSTER}/ferdigstill" in page.links


def test_who_is_lacking_comes_first(browser: Browser, commands: Commands) -> None:
    send(commands)
    commands.sign("4631", "2026-02-03", "--reservation", cluster=CLUSTER)
    words = browser.get(HERE).words
    assert re.search(r"0 av 2 har signert. Disse mangler: 4601 Bergen ?4631 Alver \(signert med forbehold\)", words)
    assert words.index("Disse mangler") < words.index("motorkommune")
    commands.ok("lift-reservation", CLUSTER, "--party", "4631", "--on", "2026-02-05")
    assert "1 av 2 har signert. Disse mangler: 4601 Bergen" in browser.get(HERE).words


@pytest.mark.parametrize("path", ["", "/registrer", "/registrer?part=4601", "/godkjenning", "/utsending", "/uten-part"])
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_page_is_shown(browser: Browser, commands: Commands, path: str, language: str) -> None:
    send(commands)
    browser.get("/")
    browser.post("/sprak", lang=language)
    page = browser.get(f"{HERE}{path}")
    assert (page.status, page.find("//html/@lang")) == (200, language)
    assert len(page.tree.xpath("//h1")) == 1


# --- a signature with a file -----------------------------------------------------------------------------------------


def test_a_signed_file_is_shown_first_and_recorded_on_a_yes(browser: Browser, commands: Commands) -> None:
    data = sign(send(commands).bundle, person())
    page = bring(browser, data)
    assert "/signaturer/se/" in page.url
    assert "e-signatur som holder, på riktig versjon" in page.words
    assert "Signert av Anne Eksempel, 3.2.2026 13:30" in page.words
    assert "elektronisk (BankID eller lignende)" in page.words
    assert not signatures(commands), "nothing is recorded before it is confirmed"
    address = page.path
    done = browser.submit(page.form())
    assert "4601 Bergen har signert versjon 1" in done.notices[0]
    assert "1 av 2 har signert" in done.notices[0]
    (payload,) = signatures(commands)
    assert (payload.party, str(payload.method), kept(commands, payload.file)) == ("4601", "eid", data)
    assert payload.verdict is not None
    again = browser.post(address)
    assert "registrert fra før (hendelse" in again.notices[0]
    assert len(signatures(commands)) == 1


def test_a_recorded_file_can_be_looked_at_and_fetched_as_it_was(browser: Browser, commands: Commands) -> None:
    data = sign(send(commands).bundle, person())
    browser.submit(bring(browser, data).form())
    link = next(one for one in browser.get(HERE).links if "/hendelse/" in one)
    page = browser.get(link)
    assert "e-signatur som holder" in page.words
    file = browser.get(next(one for one in page.links if "/fil/" in one))
    assert file.content == data
    assert file.headers["content-disposition"].startswith('attachment; filename="vest-signert-4601-')
    assert file.headers["content-type"] == "application/pdf"


def test_an_altered_file_is_refused_until_a_person_says_so(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    data = bytearray(sign(sent.bundle, person()))
    place = data.index(b"stream") + 20
    data[place] ^= 1
    page = bring(browser, bytes(data))
    assert "endret etter at den ble signert" in page.words
    assert "Den taler mot signaturen" in page.words
    refused = browser.submit(page.form())
    assert refused.status == 422
    assert "Ingenting ble registrert" in refused.notices[0]
    assert not signatures(commands)
    done = browser.submit(refused.form(), likevel="ja")
    assert "har signert versjon 1" in done.notices[0]
    assert "Registrert likevel" in " ".join(done.notices)
    assert len(signatures(commands)) == 1
    assert "endret etter at den ble signert" in done.words


def test_another_version_speaks_against_it(browser: Browser, commands: Commands) -> None:
    old = send(commands)
    write_cluster(commands.workspace, focus_areas=["noe annet"])
    send(commands)
    page = bring(browser, sign(old.bundle, person()))
    assert "et annet dokument eller en annen versjon" in page.words
    assert page.tree.xpath("//input[@name='likevel']")


def test_a_scan_is_the_right_version_and_ink(browser: Browser, commands: Commands) -> None:
    page = bring(browser, scan(send(commands), 3), BJORN)
    assert "skanning av riktig versjon" in page.words
    assert "på papir, for hånd" in page.words
    browser.submit(page.form())
    (payload,) = signatures(commands)
    assert (payload.party, str(payload.method)) == ("4631", "ink")


def test_a_national_identity_number_is_told_before_it_is_recorded(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    page = bring(browser, paper((*sent.texts, f"Født {NUMBER}")))
    assert "fødselsnummer (side 6)" in page.words
    assert NUMBER not in page.text


def test_two_tabs_the_second_is_told(browser: Browser, commands: Commands) -> None:
    data = sign(send(commands).bundle, person())
    tab = browser.tab()
    one, other = bring(browser, data), bring(tab, data)
    browser.submit(one.form())
    assert "registrert fra før" in tab.submit(other.form()).notices[0]
    assert len(signatures(commands)) == 1


def test_what_another_browser_brought_is_not_shown(browser: Browser, commands: Commands) -> None:
    page = bring(browser, sign(send(commands).bundle, person()))
    stranger = browser.another()
    stranger.get("/")
    assert stranger.get(page.path).path == f"{HERE}/registrer"
    stranger.post(page.path)
    assert not signatures(commands)


def test_a_file_that_is_gone_is_asked_for_again(browser: Browser, commands: Commands) -> None:
    page = bring(browser, sign(send(commands).bundle, person()))
    browser.app.state.office.backroom.clock = lambda: 10**12
    gone = browser.submit(page.form())
    assert "borte nå" in gone.notices[0]
    assert not signatures(commands)


# --- without a file, and what is refused -----------------------------------------------------------------------------


def test_without_a_file_it_is_recorded_at_once(browser: Browser, commands: Commands) -> None:
    send(commands)
    browser.get(f"{HERE}/registrer?part=4631")
    assert browser.page is not None
    assert browser.page.field("navn").value == "Bjørn Eksempel", "who was planned"
    done = browser.submit(browser.page.form("registrer"), dag="04.02.2026")
    assert "4631 Alver har signert versjon 1" in done.notices[0]
    assert str(signatures(commands)[0].method) == "ink"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dag": ""}, "Signaturdato: Dette må fylles ut"),
        ({"dag": "31.2.2026"}, "finnes ikke"),
        ({"dag": "2027-01-01"}, "er ikke kommet ennå"),
        ({"navn": ""}, "Hvem som signerte"),
        ({"navn": "\u202eenna"}, "Hvem som signerte"),
        ({"navn": "x" * 1000}, "for langt"),
        ({"part": "0301"}, "Kommune:"),
        ({"part": "../../etc"}, "Kommune:"),
        ({"maate": "trolldom"}, "Signert hvordan"),
        ({"dag": "2026-01-01"}, "før versjon 1"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    browser: Browser, commands: Commands, changes: dict[str, str], words: str
) -> None:
    send(commands)
    browser.get(f"{HERE}/registrer")
    page = browser.post(f"{HERE}/registrer", {**ANNE, **changes})
    assert page.status == 422
    assert words.casefold() in page.notices[0].casefold()
    assert page.field("tittel").value == "ordfører"
    assert not signatures(commands)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "er tom"),
        (b"%PDF-1.4 ikke egentlig", "lot seg ikke undersøke"),
        (b"MZ et program", "lot seg ikke undersøke"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 400, "lot seg ikke undersøke"),
    ],
)
def test_hostile_and_wrong_files_are_told_of(browser: Browser, commands: Commands, data: bytes, words: str) -> None:
    send(commands)
    page = bring(browser, data, name="../../../etc/passwd\r\nX: y<script>.pdf")
    assert words in page.words
    assert "<script>." not in page.text
    assert not signatures(commands)


def test_a_file_that_is_too_large_is_refused(browser: Browser, commands: Commands) -> None:
    send(commands)
    page = bring(browser, b"%PDF-1.4" + b"0" * (30 * 2**20))
    assert page.status == 422
    assert "større enn 30 MB" in page.words


def test_addresses_that_are_not_there(browser: Browser, commands: Commands) -> None:
    send(commands)
    for path in ("/se/ukjent", "/hendelse/1", "/hendelse/99", "/hendelse/..%2f", "/finnes-ikke"):
        assert browser.get(f"{HERE}{path}").status in {200, 404}
    assert browser.get("/klynge/ukjent/signaturer").status == 404


# --- the rest of a signing -------------------------------------------------------------------------------------------


def act(browser: Browser, slug: str, **said: str) -> Page:
    """Fill in the form of an act, and send it."""
    page = browser.get(f"{HERE}/{slug}")
    return browser.submit(page.form(slug), **said)


def test_sending_out_is_recorded_with_its_deadline(browser: Browser, commands: Commands) -> None:
    send(commands)
    page = act(browser, "utsending", dag="2026-02-01", frist="1.4.2026", kanal="folder")
    assert "signeringen av versjon 1 er åpnet" in page.notices[0]
    assert "Sendt til signering 1.2.2026. Frist 1.4.2026." in page.words
    again = act(browser, "utsending", dag="2026-02-01", frist="2026-04-01", kanal="folder")
    assert "registrert fra før" in again.notices[0]
    assert act(browser, "utsending", dag="2026-02-10", frist="2026-02-01").status == 422


def test_approval_and_presentation_with_a_document(browser: Browser, commands: Commands) -> None:
    send(commands)
    browser.get(f"{HERE}/godkjenning")
    assert browser.page is not None
    said = {"part": "4631", "organ": "formannskap", "dag": "2026-01-20", "sak": "26/7"}
    document = b"%PDF-1.4 vedtaket"
    page = browser.submit(browser.page.form("godkjenning"), files={"fil": ("Vedtak.PDF", document)}, **said)
    assert "godkjent av formannskap, sak 26/7" in page.notices[0]
    file = browser.get(next(one for one in browser.get(f"/klynge/{CLUSTER}/dokumenter").links if "/fil/" in one))
    assert file.status == 200
    page = act(browser, "fremleggelse", part="4631", organ="kommunestyre", utfall="orientering", dag="2026-01-29")
    assert "lagt frem for kommunestyre" in page.notices[0]
    desk = desk_of(commands.workspace)
    payload = next(one.payload for one in desk.read(CLUSTER).events if one.kind == "agreement:approval:recorded")
    desk.register.close()
    assert kept(commands, payload.file) == document  # type: ignore[attr-defined]


def test_a_reservation_is_lifted_and_then_it_is_in_force(browser: Browser, commands: Commands) -> None:
    send(commands)
    commands.sign("4601", "2026-02-03", cluster=CLUSTER)
    commands.sign("4631", "2026-02-03", "--reservation", cluster=CLUSTER)
    page = act(browser, "forbehold", part="4631", dag="2026-02-20")
    assert "Avtalen er nå: i kraft. 2 av 2 har signert." in page.notices[0]
    assert "I kraft fra 20.2.2026" in page.notices[0]
    assert "ingen kommuner" in browser.get(f"{HERE}/forbehold").words


def test_leaving_a_municipality_out_is_explained_before_it_is_done(ksf: Callable[..., Ran], workspace: Path) -> None:
    commands, here = Commands(ksf, workspace), f"/klynge/{NINE_CLUSTER}/signaturer"
    commands.issue()
    commands.sign("4631")
    commands.ok("decline", NINE_CLUSTER, "--party", "4621", "--on", "2026-02-10")
    browser = Browser(create_app(workspace, PORT))
    head = commands.head()
    page = browser.get(f"{here}/uten-part?part=4621")
    assert "4601" not in page.field("part").value_options, "the motor municipality is not to be had"
    shown = browser.submit(page.form("uten-part"))
    assert "4621 Voss tas ut fra 2.3.2026" in shown.words
    assert "4631 Alver" in shown.find("//section//li[contains(., 'bekrefter skriftlig')]").text_content()
    assert commands.head() == head, "nothing is done before it is confirmed"
    done = browser.submit(shown.form())
    assert "versjon 2 er ferdigstilt" in done.notices[0]
    assert "Versjon 2: klar til signering" in done.words
    again = browser.post(f"{here}/uten-part", part="4621", dag="2026-03-02", bekreft="ja")
    assert "registrert fra før" in again.notices[0]
    page = browser.get(f"{here}/bekreftelse")
    assert page.field("part").value_options == ["", "4631"]
    done = browser.submit(page.form("bekreftelse"), part="4631", dag="2026-03-02")
    assert "1 av 8 har signert" in done.words
    assert "signert, og bekreftet uten den som er tatt ut" in done.words


def test_nine_sign_and_the_agreement_is_in_force(ksf: Callable[..., Ran], workspace: Path) -> None:
    """Ferdigstill, send out, and nine signatures, one of them a photograph: the whole way through the pages."""
    commands, here = Commands(ksf, workspace), f"/klynge/{NINE_CLUSTER}/signaturer"
    browser = Browser(create_app(workspace, PORT))
    page = browser.get(f"/klynge/{NINE_CLUSTER}/ferdigstill")
    assert "Dette blir ferdigstilt: versjon 1" in page.words
    page = browser.submit(page.form())
    assert "versjon 1 er ferdigstilt" in page.notices[0]
    page = browser.get(f"{here}/utsending")
    browser.submit(page.form("utsending"), dag="2026-03-02", frist="2026-04-01")
    desk = desk_of(workspace)
    terms = desk.read(NINE_CLUSTER).versions[-1].terms
    desk.register.close()
    for number, party in enumerate(NINE):
        page = browser.get(f"{here}/registrer?part={party}")
        files = {"fil": ("IMG.jpg", photograph(terms.document_id, 1, 7))} if number == 3 else None
        page = browser.submit(page.form("registrer"), dag="2026-03-02", files=files)
        if files is not None:
            assert "skanning av riktig versjon" in page.words
            page = browser.submit(page.form())
        assert f"{number + 1} av 9 har signert" in page.notices[0]
    assert "Avtalen er nå: i kraft." in page.notices[0]
    assert "Alle 9 har signert. I kraft fra 2.3.2026." in page.words
    assert commands.status()["status"] == "in_force"


def test_the_backroom_lets_go_of_the_old_and_of_too_much() -> None:
    now = [0.0]
    room = Backroom(clock=lambda: now[0])
    first = room.hold("a", "en", KEPT_BYTES // 2)
    second = room.hold("a", "to", KEPT_BYTES // 2)
    assert (room.held("a", first, str), room.held("b", first, str), room.held("a", first, int)) == ("en", None, None)
    third = room.hold("a", "tre", KEPT_BYTES // 2)
    assert [room.held("a", key, str) for key in (first, second, third)] == [None, "to", "tre"]
    now[0] = KEPT_SECONDS + 1
    assert room.held("a", third, str) is None
