"""Nytt: a new cluster in one form, never over another, and then on to Fyll ut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.services.clusters.beginning import check_id, proposed_id
from tests.conftest import Ran
from tests.factories import lines, register
from tests.web.browser import Browser, Page


def make(browser: Browser, **answers: str) -> Page:
    page = browser.get("/ny")
    return browser.submit(page.form("/ny"), "do=make", **answers)


def read(workspace: Path, cluster: str) -> Cluster:
    found = read_cluster(workspace / "clusters" / f"{cluster}.yaml")
    assert found.cluster is not None, found.problems
    return found.cluster


def test_a_new_cluster_is_made_and_filled_in(browser: Browser, workspace: Path) -> None:
    page = make(
        browser,
        name="Kunnskapsklyngen Sør-Vest",
        region="vest",
        motor="Stavanger (1103)",
        members="Sandnes\r\n- sola\r\n1122; Kárášjohka\r\n\r\nStavanger\r\nSandnes kommune",
        valid_until="31. desember 2030",
    )
    assert page.status == 200
    assert page.path == "/klynge/sor-vest/fyll-ut"
    assert "Klyngen er opprettet, i clusters/sor-vest.yaml" in page.notices[0]
    found = read(workspace, "sor-vest")
    assert found.name == "Kunnskapsklyngen Sør-Vest"
    assert found.motor_municipality == "1103"
    assert [one.municipality for one in found.members] == ["1103", "1108", "1124", "1122", "5610"]
    assert str(found.valid_until) == "2030-12-31"
    text = (workspace / "clusters" / "sor-vest.yaml").read_text()
    assert '- municipality: "1103"  # Stavanger kommune' in text
    assert "# decision_authority: styringsgruppen" in text
    page = browser.submit(page.form("fyll-ut"), "do=save", decision_authority="rådet")
    assert read(workspace, "sor-vest").decision_authority == "rådet"
    after = (workspace / "clusters" / "sor-vest.yaml").read_text()
    assert [line for line in text.splitlines() if line not in after] == []


def test_only_the_name_is_needed(browser: Browser, workspace: Path) -> None:
    page = make(browser, name="Klyngen", valid_until="")
    assert page.path == "/klynge/klyngen/fyll-ut"
    found = read(workspace, "klyngen")
    assert (found.region, found.members, found.valid_until) == (None, (), None)


def test_a_name_that_is_taken_gives_another_id_and_no_file_is_ever_replaced(browser: Browser, workspace: Path) -> None:
    before = (workspace / "clusters" / "helse-omsorg-vest.yaml").read_bytes()
    page = make(browser, name="Klyngen Helse Omsorg Vest")
    assert page.path == "/klynge/helse-omsorg-vest-2/fyll-ut"
    page = make(browser, name="Ny", id="helse-omsorg-vest")
    assert page.status == 422
    assert "helse-omsorg-vest-2" in page.words
    assert (workspace / "clusters" / "helse-omsorg-vest.yaml").read_bytes() == before


def test_an_id_that_the_register_knows_is_taken_too(browser: Browser, workspace: Path, ksf: Callable[..., Ran]) -> None:
    assert ksf("-w", workspace, "issue", "helse-omsorg-vest").code == 0
    (workspace / "clusters" / "helse-omsorg-vest.yaml").unlink()
    assert make(browser, name="Ny", id="helse-omsorg-vest").status == 422


@pytest.mark.parametrize(
    "wrong", ["../x", "A", "æ", "con", "lpt1", "-a", "a-", "a b", "a.yaml", "x" * 61, "a/b", "a\\b", "a\0b", "."]
)
def test_an_id_that_no_file_should_have_is_refused(browser: Browser, workspace: Path, wrong: str) -> None:
    before = sorted(workspace.rglob("*.yaml"))
    page = make(browser, name="Ny klynge", id=wrong)
    assert page.status == 422
    assert page.field("name").value == "Ny klynge"
    assert page.field("id").get("aria-invalid") == "true"
    assert sorted(workspace.rglob("*.yaml")) == before


def test_everything_wrong_is_told_at_once_and_nothing_typed_is_lost(browser: Browser, workspace: Path) -> None:
    before = sorted((workspace / "clusters").iterdir())
    typed = {
        "name": "",
        "motor": "Herøy",
        "members": "Bergen\r\nStavnger\r\nxyzzyxyzzy\r\n1818",
        "valid_until": "31.2.2031",
        "id": "Feil Id",
    }
    page = make(browser, **typed)
    assert page.status == 422
    summary = page.find("//*[contains(@class, 'ds-error-summary')]")
    assert {one.get("href") for one in summary.xpath(".//a")} == {"#name", "#motor", "#members", "#valid_until", "#id"}
    words = summary.text_content()
    assert "1515" in words
    assert "1818" in words
    assert "Stavanger" in words
    assert "xyzzyxyzzy" in words
    for name, text in typed.items():
        assert (page.field(name).value or "").split() == text.split()
        assert page.field(name).get("aria-invalid") == "true"
    assert "Gjenkjent: 4601 Bergen, 1818 Herøy" in page.words
    assert sorted((workspace / "clusters").iterdir()) == before


def test_the_list_may_be_looked_at_first(browser: Browser, workspace: Path) -> None:
    page = browser.get("/ny")
    page = browser.submit(page.form("/ny"), "do=look", members="Voss\nHerøy", name="Klyngen Våg & Ås")
    assert page.status == 200
    assert "Gjenkjent: 4621 Voss" in page.words
    assert "flere kommuner" in page.words
    assert "Nå: vag-as" in page.words
    assert not (workspace / "clusters" / "vag-as.yaml").exists()


def test_a_whole_country_may_be_pasted(browser: Browser, workspace: Path) -> None:
    every = register().in_use()
    page = make(browser, name="Alle", members="\n".join(f"{one.official_name} ({one.number})" for one in every))
    assert page.status == 200
    assert len(read(workspace, "alle").members) == len(every)
    page = make(browser, name="Fler", members="\n".join(str(one) for one in range(1000, 1500)))
    assert page.status == 422


@given(lines())
def test_any_name_gives_an_id_that_can_be_one(name: str) -> None:
    check_id(proposed_id(name, ()), ())
    taken = ("klynge", proposed_id(name, ()))
    assert proposed_id(name, taken) not in taken


@pytest.mark.parametrize(
    "name",
    ["{{ 1 }} # ikke: kommentar", "<script>x</script>", "'\"\\", "- a", "no", "null", "&a *b !!c", "☃", "x" * 500],
)
def test_a_name_is_written_as_it_is_typed(browser: Browser, workspace: Path, name: str) -> None:
    page = make(browser, name=name, id="prove")
    assert page.status == 200
    assert read(workspace, "prove").name == name
    assert b"<script>x" not in page.content


@pytest.mark.parametrize("name", ["a\0b", "x" * 501, "a\u202eb"])
def test_a_name_that_no_document_can_carry_is_refused(browser: Browser, workspace: Path, name: str) -> None:
    page = make(browser, name=name, id="prove")
    assert page.status == 422
    assert not (workspace / "clusters" / "prove.yaml").exists()


@given(st.text(max_size=40))
def test_any_text_is_proposed_an_id(name: str) -> None:
    check_id(proposed_id(name, ()), ())
