"""Dokumenter and Ferdigstill: what is fetched is what the register has, and what issuing undoes is told."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pypdf import PdfReader

import ksf_agreements.pdf.converter
from ksf_agreements.pdf import office
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.web.app import create_app
from ksf_agreements.web.downloads import safe_name
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.signed.sending import desk_of
from tests.web.browser import PORT, Browser

HERE = f"/klynge/{CLUSTER}/dokumenter"
ISSUE = f"/klynge/{CLUSTER}/ferdigstill"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands in a copy of the sample workspace."""
    return Commands(ksf, workspace)


@pytest.fixture(autouse=True)
def _nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After a test no temporary file of it is there."""
    folder = tmp_path / "midlertidig"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not [path for path in folder.rglob("*") if path.is_file() and "ksf-pdf-" not in str(path)]


def kept(workspace: Path) -> dict[str, bytes]:
    """The documents of the newest version, as the register has them, by hash."""
    desk = desk_of(workspace)
    with desk.register.reading() as reader:
        found = {one.sha256: reader.file(one.sha256) or b"" for one in desk.read(CLUSTER).versions[-1].terms.documents}
    desk.register.close()
    return found


# --- Ferdigstill -----------------------------------------------------------------------------------------------------


def test_what_will_be_issued_is_shown_and_nothing_is_recorded(browser: Browser, commands: Commands) -> None:
    commands.issue(cluster="alle-valg")
    head = commands.head()
    page = browser.get(ISSUE)
    assert "Dette blir ferdigstilt: versjon 1" in page.words
    assert "Parter: 9" in page.words
    assert "4601 Bergen" in page.words
    assert commands.head() == head
    done = browser.submit(page.form())
    assert done.path == HERE
    assert "versjon 1 er ferdigstilt" in done.notices[0]


def test_errors_stop_and_lead_to_the_field(browser: Browser, commands: Commands) -> None:
    commands.edit("valid_until: 2030-12-31", "valid_until: 2020-12-31")
    page = browser.get(ISSUE)
    assert "Dette må rettes først: 1" in page.words
    assert f"/klynge/{CLUSTER}/fyll-ut#valid_until" in page.links
    assert not page.tree.xpath("//main//form")
    head = commands.head()
    browser.post(ISSUE, sett="0" * 64)
    assert commands.head() == head


def test_a_new_version_tells_what_changed_and_whose_signatures_are_lost(browser: Browser, commands: Commands) -> None:
    commands.issue()
    commands.sign("4631")
    commands.edit("valid_until: 2030-12-31", "valid_until: 2031-12-31")
    page = browser.get(ISSUE)
    assert "Den erstatter versjon 1" in page.words
    assert "punkt 12" in page.words
    assert "4631 Alver" in page.find("//div[contains(@class,'ds-alert')]//li[contains(., 'versjon 1')]").text_content()
    done = browser.submit(page.form())
    assert "versjon 2 er ferdigstilt" in done.notices[0]


def test_the_file_changed_meanwhile_and_nothing_is_issued(browser: Browser, commands: Commands) -> None:
    page = browser.get(ISSUE)
    head = commands.head()
    commands.edit("valid_until: 2030-12-31", "valid_until: 2031-12-31")
    shown = browser.submit(page.form())
    assert shown.status == 409
    assert "Avtalen er endret siden siden ble vist" in shown.notices[0]
    assert "31.12.2031" in shown.words
    assert commands.head() == head
    assert "versjon 1 er ferdigstilt" in browser.submit(shown.form()).notices[0]


def test_issuing_twice_is_told(browser: Browser, commands: Commands) -> None:
    tab = browser.tab()
    one, other = browser.get(ISSUE), tab.get(ISSUE)
    browser.submit(one.form())
    head = commands.head()
    assert "registrert fra før" in tab.submit(other.form()).notices[0]
    assert commands.head() == head
    assert "nøyaktig denne" in browser.get(ISSUE).words


def test_in_force_it_is_not_issued_anew(browser: Browser, commands: Commands) -> None:
    commands.issue()
    commands.sign_all()
    assert "er i kraft" in browser.get(ISSUE).notices[0]


# --- files -----------------------------------------------------------------------------------------------------------


def test_issued_documents_are_the_registers_own(browser: Browser, commands: Commands) -> None:
    commands.issue()
    found = kept(commands.workspace)
    links = [one for one in browser.get(HERE).links if "/fil/" in one]
    assert {link.rpartition("/")[2] for link in links} == set(found)
    for link in links:
        file = browser.get(link)
        assert file.content == found[link.rpartition("/")[2]]
        assert file.headers["content-type"].endswith("wordprocessingml.document")
        assert file.headers["content-disposition"].startswith(f'attachment; filename="{CLUSTER}-versjon-1')
        assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        f"/fil/{'0' * 64}",
        "/fil/..%2f..%2fregister.sqlite",
        "/utkast/register.sqlite",
        "/utkast/..%2fksf.toml",
        "/pakke/99/pakke.zip",
        "/pakke/1/ksf.toml",
        "/logg/ksf.toml",
        "/arkiv/ukjent/fil",
    ],
)
def test_what_is_not_known_is_not_there(browser: Browser, commands: Commands, path: str) -> None:
    commands.issue()
    assert browser.get(HERE + path).status == 404


def test_a_file_of_another_agreement_is_not_there(browser: Browser, commands: Commands) -> None:
    commands.issue()
    commands.issue(cluster="alle-valg")
    mine = next(iter(kept(commands.workspace)))
    assert browser.get(f"/klynge/alle-valg/dokumenter/fil/{mine}").status == 404
    assert browser.get(f"{HERE}/fil/{mine}").status == 200


def test_names_are_safe() -> None:
    assert safe_name('../x"\r\n;å?.pdf') == "_x_å_.pdf"
    assert safe_name("...") == "fil"


def test_drafts_are_made_now_and_marked(browser: Browser, commands: Commands) -> None:
    commands.edit("valid_until: 2030-12-31", "valid_until:")
    file = browser.get(f"{HERE}/utkast/avtale.docx")
    assert file.headers["content-disposition"].startswith(f'attachment; filename="{CLUSTER}-utkast.docx"')
    with zipfile.ZipFile(io.BytesIO(file.content)) as container:
        text = container.read("word/document.xml").decode()
    assert "avklares" in text
    assert browser.get(f"{HERE}/utkast/kontaktpersoner.docx").status == 200
    assert not (commands.workspace / "out").exists()


def test_a_draft_of_a_file_with_errors_is_told(browser: Browser, commands: Commands) -> None:
    commands.edit('motor_municipality: "4601"', 'motor_municipality: "0301"')
    page = browser.get(f"{HERE}/utkast/avtale.docx")
    assert page.status == 422
    assert "Utkastet ble ikke laget" in page.words


def test_without_libreoffice_the_word_documents_are_here(
    browser: Browser, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.issue()
    monkeypatch.setattr(office, "_find", lambda: None)
    page = browser.get(HERE)
    assert "LibreOffice" in page.notices[0]
    assert "Word-dokumentene er her likevel" in page.notices[0]
    assert not [one for one in page.links if one.endswith(".pdf")]
    assert browser.get(f"{HERE}/utkast/avtale.docx").status == 200
    assert browser.get(f"{HERE}/utkast/avtale.pdf").status == 503
    browser.get(HERE)
    assert browser.post(f"{HERE}/pakke", versjon="1").status == 503


# --- letters and journal ---------------------------------------------------------------------------------------------


def test_letters_come_alone_or_in_a_zip(browser: Browser, commands: Commands) -> None:
    commands.issue()
    page = browser.get(HERE)
    one = browser.submit(page.form("brev"), brev="saksframlegg", part="4631")
    assert one.headers["content-disposition"].startswith(f'attachment; filename="{CLUSTER}-saksframlegg-4631.docx"')
    browser.get(HERE)
    many = browser.submit(page.form("brev"), brev="saksframlegg")
    with zipfile.ZipFile(io.BytesIO(many.content)) as container:
        assert len(container.namelist()) == 9


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"brev": "handlingsplan"}, "Skriv året"),
        ({"brev": "handlingsplan", "aar": "27"}, "fire sifre"),
        ({"brev": "../../x"}, "Velg noe fra listen"),
        ({"brev": "oppsigelse"}, "Velg kommunen"),
        ({"brev": "oppsigelse", "part": "4631"}, "ikke i kraft"),
        ({"brev": "partsliste", "dato": "32.1.2026"}, "finnes ikke"),
        ({}, "Velg noe fra listen"),
    ],
)
def test_a_letter_that_cannot_be_made_is_told(
    browser: Browser, commands: Commands, said: dict[str, str], words: str
) -> None:
    commands.issue()
    page = browser.get(f"{HERE}/brev", **said)
    assert page.status == 422
    assert words in page.notices[0]


def test_the_journal_as_files(browser: Browser, commands: Commands) -> None:
    commands.issue()
    commands.sign("4631")
    told = json.loads(browser.get(f"{HERE}/logg/hendelseslogg.json").content)
    assert [one["kind"] for one in told] == ["agreement:version:issued", "agreement:signature:recorded"]
    table = browser.get(f"{HERE}/logg/hendelseslogg.csv")
    assert table.content.startswith(b"\xef\xbb\xbfevent;occurred_on")
    assert table.headers["content-type"].startswith("text/csv")


# --- what needs LibreOffice ------------------------------------------------------------------------------------------


@pytest.fixture
def _one_office(converter: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every document be made by the one LibreOffice of the tests."""
    monkeypatch.setattr(ksf_agreements.pdf.converter, "Converter", lambda: nullcontext(converter))
    monkeypatch.setattr("ksf_agreements.services.archive.archiving.Converter", lambda: nullcontext(converter))


@pytest.mark.usefixtures("_one_office")
def test_the_package_is_made_once_and_fetched_as_it_is_kept(browser: Browser, commands: Commands) -> None:
    commands.issue()
    page = browser.get(HERE)
    page = browser.submit(page.form("pakke"))
    assert "pakken til signering av versjon 1 ble laget" in page.notices[0]
    assert "registrert fra før" in browser.submit(page.form("pakke")).notices[0]
    bundle = next(one for one in page.tree.xpath("//main//li[contains(., 'til-signering.pdf')]//a/@href"))
    file = browser.get(bundle)
    assert file.content.startswith(b"%PDF-")
    made = browser.get(f"{HERE}/pakke/1/pakke.zip")
    with zipfile.ZipFile(io.BytesIO(made.content)) as container:
        assert container.read(f"{CLUSTER}-til-signering.pdf") == file.content
        assert f"{CLUSTER}-underskrivere.csv" in container.namelist()
    table = browser.get(f"{HERE}/pakke/1/underskrivere.csv")
    assert "4601 Bergen kommune" in table.content.decode("utf-8-sig")
    assert browser.get(f"{HERE}/pakke/1/veiledning.docx").content.startswith(b"PK")


@pytest.mark.usefixtures("_one_office")
def test_the_signed_files_are_put_together_when_all_have_signed(
    browser: Browser, commands: Commands, tmp_path: Path
) -> None:
    commands.issue(cluster="alle-valg")
    here, signed = "/klynge/alle-valg/dokumenter", tmp_path / "signert.pdf"
    signed.write_bytes(b"%PDF-1.7\nsignert")
    one, other = (party["municipality"] for party in commands.status(cluster="alle-valg")["parties"])
    commands.sign(one, "2026-02-03", "--file", str(signed), cluster="alle-valg")
    assert not browser.get(here).tree.xpath("//form[contains(@action, 'samlet')]")
    commands.sign(other, "2026-02-03", "--file", str(signed), cluster="alle-valg")
    head = commands.head()
    file = browser.submit(browser.get(here).form("samlet"))
    assert list(PdfReader(io.BytesIO(file.content)).attachments.values()) == [[signed.read_bytes()]]
    assert "alle-valg-signert.pdf" in file.headers["content-disposition"]
    assert commands.head() == head


@pytest.mark.usefixtures("_one_office")
def test_the_dossier_is_made_with_its_fingerprint(browser: Browser, commands: Commands) -> None:
    commands.issue()
    page = browser.submit(browser.get(HERE).form("arkiv"))
    assert "Arkivmappen er laget" in page.words
    print_ = page.find("//main//code").text_content()
    file = browser.get(next(one for one in page.links if one.endswith("/fil")))
    with zipfile.ZipFile(io.BytesIO(file.content)) as container:
        names = container.namelist()
    assert any(name.endswith("/verify.py") for name in names)
    assert len(print_) == 64
    assert browser.another().get(page.path).path == HERE, "another browser does not get it"
    assert not (commands.workspace / "arkiv").exists()


def test_ten_clicks_start_one_conversion_at_a_time(workspace: Path) -> None:
    room = create_app(workspace, PORT).state.office.backroom
    with room.turn():
        assert not room._turns.acquire(blocking=False)
    assert room._turns.acquire(blocking=False)
