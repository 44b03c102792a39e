"""Påminnelser: what would be sent, asked once more, sent, and told of each person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import ksf_agreements.app
from ksf_agreements.web.app import create_app
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.delivery.test_remind import settings
from tests.web.browser import PORT, Browser
from tests.web.states import Shelf

HERE = "/paaminnelser"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A workspace where three of nine have signed, and the others have had the agreement for three weeks."""
    monkeypatch.delenv("KSF_SMTP_PASSWORD", raising=False)
    made = Commands(ksf, workspace)
    settings(made)
    made.issue()
    made.ok("open-signing", CLUSTER, "--on", "2026-02-09", "--deadline", "2026-04-30")
    made.sign_all("2026-02-10", NINE[:3])
    return made


def sent(commands: Commands) -> int:
    return sum(one["kind"] == "agreement:reminder:sent" for one in commands.json("log", CLUSTER))


def test_seen_asked_sent_and_fetched(browser: Browser, commands: Commands) -> None:
    page = browser.get(HERE)
    assert "E-poster 2.3.2026: 6" in page.words
    assert "david.kontakt@austrheim.example.no" in page.words
    assert len(page.tree.xpath("//pre[@class='letter']")) == 6
    page = browser.submit(page.form("send"))
    assert "Sende påminnelsene?" in page.words
    assert sent(commands) == 0
    form = page.form("send")
    page = browser.submit(form, "steg=bekreft")
    assert page.path == HERE
    assert "6 e-poster" in page.notices[0]
    assert "David Kontakt <david.kontakt@austrheim.example.no>" in page.notices[0]
    assert sent(commands) == 12
    assert "Ingen skal" in page.words
    links = [link for link in page.links if "/utboks/" in link]
    assert len(links) == 6
    mail = browser.get(links[0])
    assert mail.content.startswith(b"From:")
    assert mail.headers["content-disposition"].startswith("attachment")
    browser.get(HERE)
    answer = browser.post(f"{HERE}/send", brev="", steg="bekreft")
    assert answer.status == 200
    browser.get(HERE)
    assert browser.submit(form, "steg=bekreft").status == 409
    assert sent(commands) == 12
    assert browser.get(f"{HERE}/utboks/..%2Fksf.toml").status == 404
    assert browser.get(f"{HERE}/utboks/ingen").status == 404


def test_what_has_changed_meanwhile_is_looked_at_again(browser: Browser, commands: Commands) -> None:
    page = browser.get(HERE)
    commands.sign_all("2026-02-20", NINE[3:4])
    page = browser.submit(page.form("send"), "steg=bekreft")
    assert page.status == 409
    assert sent(commands) == 0


@pytest.mark.usefixtures("commands")
def test_a_holiday_shows_the_next_working_day(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    page = browser.get(HERE, dag="5.4.2026")
    assert "5.4.2026 er ingen virkedag" in page.words
    assert "7.4.2026" in page.words
    assert not [one for one in page.forms if one.get("action", "").endswith("send")]
    page = browser.get(HERE, dag="i går")
    assert page.status == 422
    assert page.field("dag").value == "i går"
    easter = ksf_agreements.app.today().replace(month=4, day=5)
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: easter)
    assert "ingen virkedag" in browser.get(HERE).words


def test_without_a_sender_nothing_is_sent(browser: Browser, commands: Commands) -> None:
    (commands.workspace / "ksf.toml").write_text("", encoding="utf-8")
    page = browser.get(HERE)
    assert page.status == 200
    assert "sender =" in page.words
    assert "david.kontakt@austrheim.example.no" in page.words
    keys = page.tree.xpath("//input[@name='brev']")
    assert not keys


def test_mails_that_may_have_been_sent_are_settled(browser: Browser, commands: Commands) -> None:
    folder = commands.workspace / "utboks" / "underveis"
    folder.mkdir(parents=True)
    people = {"0123456789abcdef0123": ("a", "Anne"), "1123456789abcdef0123": ("b", "Berit")}
    for key, (address, name) in people.items():
        said = f'{{"address": "{address}@example.no", "name": "{name} Eksempel", "items": []}}'
        (folder / f"{key}.json").write_text(said, encoding="utf-8")
    page = browser.get(HERE)
    assert "Anne Eksempel <a@example.no>" in page.words
    page = browser.submit(page.form("uavklart"), "svar=igjen")
    assert "kryss av" in page.notices[0]
    assert len(list(folder.glob("*.json"))) == 2
    browser.post(f"{HERE}/uavklart", svar="igjen", hvem="0123456789abcdef0123")
    page = browser.get(HERE)
    assert "Anne Eksempel <a@example.no>" not in page.words
    assert "Berit Eksempel <b@example.no>" in page.words
    page = browser.submit(page.form("uavklart"), "svar=igjen")
    assert "Berit Eksempel <b@example.no>" not in page.words
    assert not list(folder.glob("*.json"))
    assert browser.post(f"{HERE}/uavklart", svar="kanskje").status == 400


def test_an_outbox_that_cannot_be_written_tells_who_got_nothing(browser: Browser, commands: Commands) -> None:
    page = browser.submit(browser.get(HERE).form("send"))
    (commands.workspace / "utboks").write_text("in the way", encoding="utf-8")
    page = browser.submit(page.form("send"), "steg=bekreft")
    assert page.path == HERE
    assert "utboks" in page.notices[0]
    assert "David Kontakt" in page.notices[0]
    assert sent(commands) == 0


@pytest.mark.usefixtures("commands")
def test_a_day_that_has_passed_is_not_called_a_day_to_come(browser: Browser) -> None:
    assert "fristen var 30.4.2026" in browser.get(f"{HERE}?dag=4.5.2026").words


def test_a_mail_template_that_is_wrong_is_told(browser: Browser, commands: Commands) -> None:
    folder = commands.workspace / "mail"
    folder.mkdir()
    (folder / "paaminnelse.nb.txt").write_text("{{ ingen }}", encoding="utf-8")
    page = browser.get(HERE)
    assert page.status == 200
    assert "paaminnelse.nb.txt" in page.words
    assert not page.tree.xpath("//input[@name='brev']")


def test_one_mail_is_one_file(shelf: Shelf, tmp_path: Path) -> None:
    workspace = shelf.copy("leaving", tmp_path / "ett")
    (workspace / "ksf.toml").write_text('[mail]\nsender = "klynge@example.no"\n', encoding="utf-8")
    browser = Browser(create_app(workspace, PORT))
    page = browser.submit(browser.get(HERE).form("send"))
    assert page.find("//main//form//button").text_content() == "Lag 1 fil nå"
