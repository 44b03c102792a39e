"""Tiltredelse, who continues a party, and what was entered by mistake: explained first, recorded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.web.browser import Browser

HERE = f"/klynge/{CLUSTER}/tiltredelse"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The command line at the browser's workspace, where all nine have signed."""
    made = Commands(ksf, workspace)
    made.issue()
    made.sign_all()
    return made


def kinds(commands: Commands) -> list[str]:
    return [one["kind"] for one in commands.json("log", CLUSTER)]


def test_a_municipality_joins_by_name(browser: Browser, commands: Commands) -> None:
    page = browser.get(HERE)
    assert len(page.tree.xpath("//datalist[@id='kommuner']/option")) > 350
    assert "signerer den nye kommunen og alle partene: 4601 Bergen" in page.words
    page = browser.submit(page.form("tiltredelse"), "steg=vis", part="Etne", dag="1.3.2026", signert=["ny", *NINE[:4]])
    assert page.status == 422
    assert "4634 Masfjorden" in page.notices[0]
    assert page.field("part").value == "Etne"
    assert len(page.tree.xpath("//input[@name='signert'][@checked]")) == 5
    page = browser.submit(page.form("tiltredelse"), "steg=vis", signert=["ny", *NINE], sak="26/123")
    assert "4611 Etne er bundet fra 1.3.2026, og ikke før." in page.words
    assert "Sluttdatoen i avtalen gjelder også for den: 31.12.2030." in page.words
    assert "agreement:accession:recorded" not in kinds(commands)
    form = page.form("tiltredelse")
    browser.submit(form, "steg=bekreft")
    assert "4611" in commands.bound("2026-03-01")
    browser.page = page
    assert any("registrert fra før" in one for one in browser.submit(form, "steg=bekreft").notices)
    assert kinds(commands).count("agreement:accession:recorded") == 1


def test_the_motor_municipality_signs_alone_where_the_agreement_says_so(
    browser: Browser, ksf: Callable[..., Ran], workspace: Path
) -> None:
    commands = Commands(ksf, workspace)
    commands.edit("motor_municipality:", "accession: motor\nmotor_municipality:")
    commands.issue()
    commands.sign_all()
    page = browser.get(HERE)
    assert "signerer den nye kommunen og motorkommunen: 4601 Bergen" in page.words
    page = browser.submit(page.form("tiltredelse"), "steg=vis", part="4611", dag="2026-03-01", signert=["ny", "4601"])
    assert page.status == 200
    assert "4611 Etne" in page.words


@pytest.mark.usefixtures("commands")
def test_names_that_are_unknown_or_several(browser: Browser) -> None:
    page = browser.get(HERE)
    for typed, said in (("Etna", "4611 Etne"), ("Herøy", "1515"), ("0000", "0000")):
        page = browser.submit(page.form("tiltredelse"), "steg=vis", part=typed, signert=["ny", *NINE])
        assert page.status == 422
        assert said in page.notices[0]
        assert page.field("part").value == typed
    page = browser.submit(page.form("tiltredelse"), "steg=vis", part="4621")
    assert "allerede" in page.notices[0]


@pytest.mark.usefixtures("commands")
def test_the_addendum_is_downloaded_first(browser: Browser) -> None:
    page = browser.get(f"{HERE}/tillegg?kommune=Etne&dato=2026-03-02")
    assert page.status == 200
    assert page.content[:2] == b"PK"
    assert f"{CLUSTER}-tiltredelse-4611.docx" in page.headers["content-disposition"]
    assert browser.get(f"{HERE}/tillegg?kommune=Ingensteds&dato=2026-03-02").status == 404
    assert browser.get(f"{HERE}/tillegg?kommune=Etne&dato=32.1.2026").status == 422


def test_nobody_joins_what_is_not_in_force(browser: Browser) -> None:
    assert "Ingen avtale er i kraft" in browser.get(HERE).words
    assert browser.get(f"{HERE}/tillegg?kommune=Etne").status == 422


def test_after_a_merger(browser: Browser, commands: Commands) -> None:
    path = f"{HERE}/viderefoering"
    page = browser.get(path)
    page = browser.submit(page.form("viderefoering"), "steg=vis", part="4628", etterfolger="Etne", dag="2026-03-01")
    assert "4611 Etne trer inn for 4628 Vaksdal fra 1.3.2026" in page.words
    page = browser.submit(page.form("viderefoering"), "steg=bekreft")
    assert page.path == HERE
    assert "4611" in commands.bound("2026-03-02")
    assert "4628" not in commands.bound("2026-03-02")
    page = browser.get(path)
    page = browser.submit(page.form("viderefoering"), "steg=vis", part="4628", dag="2026-03-02")
    assert page.status == 422


def test_what_was_entered_by_mistake_is_voided(browser: Browser, commands: Commands) -> None:
    commands.ok("notice", CLUSTER, "--party", "4634", "--received", "2026-02-20")
    number = str(commands.json("log", CLUSTER)[-1]["event"])
    assert f"/klynge/{CLUSTER}/feilfort" in browser.get(f"/klynge/{CLUSTER}").links
    page = browser.get(f"/klynge/{CLUSTER}/feilfort?hendelse={number}")
    page = browser.submit(page.form("feilfort"), "steg=vis")
    assert page.find("//*[@id='grunn-feil']").text_content() == "Dette må fylles ut."
    assert page.field("hendelse").value == number
    page = browser.submit(page.form("feilfort"), "steg=vis", grunn="Det var en annen kommune")
    assert "4634 Masfjorden er bundet til og med 31.12.2030" in page.words
    form = page.form("feilfort")
    browser.submit(form, "steg=bekreft")
    assert commands.party("4634")["bound_until"] == "2030-12-31"
    assert browser.post(f"/klynge/{CLUSTER}/feilfort", steg="vis", hendelse=number, grunn="igjen").status == 422
    assert browser.post(f"/klynge/{CLUSTER}/feilfort", steg="vis", hendelse="99999", grunn="x").status == 422
