"""Mottatte filer: what a pile is, what is asked, and that nothing is recorded before a person confirms."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ksf_agreements.web.app import create_app
from tests.cli.register import Commands
from tests.conftest import Ran
from tests.signed.sending import CLUSTER, Sent, desk_of, send
from tests.signed.signing import SIGNED_AT, person, sign
from tests.web.browser import PORT, Browser, Page
from tests.web.signing_ws import photograph, prepared, scan

HERE = "/innboks"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands, in a workspace with one cluster of two municipalities."""
    return prepared(ksf, workspace)


@pytest.fixture
def browser(commands: Commands) -> Browser:
    """A browser at that workspace."""
    return Browser(create_app(commands.workspace, PORT))


@pytest.fixture(autouse=True)
def _nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After a test no temporary file of it is there."""
    folder = tmp_path / "midlertidig"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not [path for path in folder.rglob("*") if path.is_file()]


def bring(browser: Browser, *files: tuple[str, bytes]) -> Page:
    """Bring files."""
    page = browser.get(HERE)
    return browser.submit(page.form(), files=[("filer", file) for file in files])


def kinds(commands: Commands) -> list[str]:
    """What is recorded after the version and its package."""
    desk = desk_of(commands.workspace)
    found = [event.kind for event in desk.read(CLUSTER).events][2:]
    desk.register.close()
    return found


def test_a_mixed_pile_is_told_file_by_file(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    foreign = scan(Sent("KSF-AAAA-AAAA", 1, ()), 3)
    signed = sign(sent.bundle, person())
    page = bring(
        browser,
        ("signert.pdf", signed),
        ("kopi.pdf", signed),
        ("skann.pdf", scan(sent, 3)),
        ("ukjent.pdf", foreign),
        ("notat.txt", b"hei"),
        ("tull.pdf", b"%PDF-1.4 tull"),
        ("tom.pdf", b""),
    )
    assert page.path.startswith("/innboks/")
    assert "7 filer: 2 sikre, 1 registrert fra før, 3 til deg." in page.words
    assert "vest versjon 1: 4601 Bergen signerte 3.2.2026, ved Anne Eksempel" in page.words
    assert "Det er samme fil som signert.pdf." in page.words
    assert "Hvem har signert på side 3 i vest?" in page.words
    assert kinds(commands) == []
    assert len(page.tree.xpath("//h1")) == 1


def test_what_is_sure_is_recorded_on_a_yes_and_the_rest_asked(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    page = bring(browser, ("signert.pdf", sign(sent.bundle, person())), ("skann.pdf", scan(sent, 3)))
    key = page.find("//input[@type='checkbox'][contains(@name, ':4631')]").get("name").removeprefix("har:")
    done = browser.submit(page.form(), **{f"har:{key}": "ja", f"dag:{key}": "4.2.2026"})
    assert kinds(commands) == [
        "agreement:signature:recorded",
        "agreement:file:received",
        "agreement:signature:recorded",
    ]
    assert "4631 Alver har signert versjon 1" in done.notices[0]
    assert "ikke mer å registrere" in done.words
    assert commands.status(cluster=CLUSTER)["status"] == "in_force"


def test_a_second_submit_is_told_and_writes_nothing(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    page = bring(browser, ("signert.pdf", sign(sent.bundle, person())), ("IMG.jpg", photograph(sent.document_id, 1, 3)))
    key = page.find("//input[@type='checkbox'][contains(@name, ':4631')]").get("name").removeprefix("har:")
    said = {f"har:{key}": "ja", f"dag:{key}": "2026-02-04"}
    form = page.form()
    browser.submit(form, **said)
    head = commands.head()
    again = browser.submit(form, **said)
    assert "registrert fra før" in " ".join(again.notices)
    assert "Alver" in " ".join(again.notices)
    assert commands.head() == head


def test_nothing_at_all_is_recorded_where_an_answer_is_wrong(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    page = bring(browser, ("skann.pdf", scan(sent, 3)))
    key = page.find("//input[@type='checkbox'][contains(@name, ':4631')]").get("name").removeprefix("har:")
    for day, words in (("", "Skriv dagen"), ("2027-01-01", "ikke kommet ennå"), ("31.2.2026", "finnes ikke")):
        wrong = browser.submit(page.form(), **{f"har:{key}": "ja", f"dag:{key}": day, f"navn:{key}": "Kari Ny"})
        assert wrong.status == 422
        assert words in wrong.notices[0]
        assert wrong.find(f"//input[@name='navn:{key}']").value == "Kari Ny"
    assert kinds(commands) == []


def test_who_signed_electronically_is_asked_for_one_municipality(browser: Browser, commands: Commands) -> None:
    sent = send(commands)
    page = bring(browser, ("signert.pdf", sign(sent.bundle, person("Kari Ukjent"))))
    choice = page.find("//select[starts-with(@name, 'hvem:')]")
    assert choice.value_options == ["", "4601", "4631"]
    done = browser.submit(page.form(), **{choice.get("name"): "4601"})
    assert "4601 Bergen har signert versjon 1" in done.notices[0]
    assert kinds(commands) == ["agreement:file:received", "agreement:signature:recorded"]


def test_an_altered_file_is_not_to_be_recorded_here(browser: Browser, commands: Commands) -> None:
    data = bytearray(sign(send(commands).bundle, person()))
    data[data.index(b"stream") + 20] ^= 1
    page = bring(browser, ("endret.pdf", bytes(data)))
    assert "trenger deg" in page.words
    browser.post(page.path, {"ta:0": "ja"})
    assert kinds(commands) == []


def test_what_the_register_would_not_take_is_not_called_sure(browser: Browser, commands: Commands) -> None:
    """A signature told to be given before the version was issued is trusted, and refused all the same."""
    early = sign(send(commands).bundle, person(), at=SIGNED_AT - timedelta(days=60))
    page = bring(browser, ("tidlig.pdf", early))
    assert "1 fil: 0 sikker, 0 registrert fra før, 1 til deg." in page.words
    assert "er før versjon 1 ble ferdigstilt" in page.words
    assert not page.tree.xpath("//input[@name='ta:0']")
    assert kinds(commands) == []


@pytest.mark.parametrize("name", ["har:0:vest:1:3:0301", "har:9:vest:1:3:4601", "har:0:nord:1:3:4601", "har:x", "har:"])
def test_keys_that_nobody_was_given_record_nothing(browser: Browser, commands: Commands, name: str) -> None:
    page = bring(browser, ("skann.pdf", scan(send(commands), 3)))
    key = name.removeprefix("har:")
    answer = browser.post(page.path, {name: "ja", f"dag:{key}": "2026-02-04", f"navn:{key}": "Kari"})
    assert answer.status == 422
    assert kinds(commands) == []


def test_no_files_too_many_and_gone(browser: Browser, commands: Commands) -> None:
    send(commands)
    browser.get(HERE)
    assert browser.post(HERE).status == 422
    many = [(f"{number}.txt", b"hei") for number in range(51)]
    assert "høyst 50 filer" in bring(browser, *many).words
    assert "borte nå" in browser.get(f"{HERE}/ukjent").notices[0]


def test_names_of_files_are_labels(browser: Browser, commands: Commands) -> None:
    send(commands)
    page = bring(browser, ("../../etc/passwd", b"x"), ("C:\\windows\\<script>alert(1)</script>.pdf", b"y"))
    names = [one.text_content() for one in page.tree.xpath("//main//section//h2")]
    assert names[0] == "passwd"
    assert not any(sign_ in names[1] for sign_ in "<>\\/")


def test_the_issuer_is_not_trusted(browser: Browser, commands: Commands) -> None:
    (commands.workspace / "ksf.toml").write_text("", encoding="utf-8")
    page = bring(browser, ("signert.pdf", sign(send(commands).bundle, person())))
    assert "sikkert: kan legges til avtalen sin" in page.words
    assert page.tree.xpath("//select[starts-with(@name, 'hvem:')]")
