"""Fyll ut: what is typed is saved with comments kept, shown as it will read, and never lost."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given, settings

from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.loading.yaml_edit import comments
from ksf_agreements.services.clusters.editing import SHAPE, filled
from ksf_agreements.web.app import create_app
from ksf_agreements.web.days import day_shown, day_typed
from ksf_agreements.web.forms.sections import SECTIONS
from ksf_agreements.web.forms.typed import names_of, packed, tree_of, unpacked
from tests.conftest import Ran, copy_workspace
from tests.factories import cluster as some_cluster
from tests.factories import cluster_text, clusters, register
from tests.web.browser import PORT, Browser, Page

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

VEST = "helse-omsorg-vest"
HERE = f"/klynge/{VEST}/fyll-ut"
SIGNS = "<script>alert(1)</script> & \"sitat\" 'apostrof' {{ 7*7 }} {% raw %} # ikke: en kommentar, [ja], *x, !!str, - "


def file(workspace: Path, cluster: str = VEST) -> Path:
    return workspace / "clusters" / f"{cluster}.yaml"


def read(workspace: Path, cluster: str = VEST) -> Cluster:
    found = read_cluster(file(workspace, cluster))
    assert found.cluster is not None, found.problems
    return found.cluster


def values(page: Page) -> dict[str, Any]:
    """What a browser sends of the form: a text area's first line break is not in its value, others are CR LF."""
    found: dict[str, Any] = {}
    form = page.form("fyll-ut")
    for one in form.xpath(".//input[@name] | .//select | .//textarea"):
        kind, name = one.get("type", ""), one.get("name")
        if kind == "file" or (kind == "radio" and one.get("checked") is None):
            continue
        if one.tag == "textarea":
            found[name] = (one.text or "").removeprefix("\n").replace("\n", "\r\n")
        elif one.tag == "select":
            chosen = one.xpath("./option[@selected]/@value")
            found[name] = chosen[0] if chosen else one.xpath("./option/@value")[0]
        else:
            found[name] = one.get("value", "on" if kind == "radio" else "")
    return found


def press(browser: Browser, button: str, **changes: str | None) -> Page:
    """Press a button of the form shown, after typing; None leaves a field out."""
    assert browser.page is not None
    page = browser.page
    sent = {**values(page), **{name.replace("__", "."): value for name, value in changes.items()}, "do": button}
    return browser.post(page.path, {name: value for name, value in sent.items() if value is not None})


def test_the_form_has_every_field_of_the_file_in_the_order_of_the_clauses(browser: Browser) -> None:
    page = browser.get("/klynge/alle-valg/fyll-ut")
    names = {re.sub(r"\.\d+", "", name) for name in values(page)}
    leaves = {
        ".".join(path)
        for path in KSF_CLUSTER.guides
        if not any(other[: len(path)] == path != other for other in KSF_CLUSTER.guides)
    }
    assert leaves - {"agreement"} <= names
    numbers = [int(one.number) for one in SECTIONS]
    assert numbers == sorted(numbers)
    clauses = [one.get("data-clause") for one in page.tree.xpath("//section[@data-clause]")]
    assert clauses == [one.number for one in SECTIONS]


def test_the_guidance_stands_beside_each_field_and_is_tied_to_it(browser: Browser) -> None:
    page = browser.get(HERE)
    for name in ("name", "decision_authority", "valid_until", "local_text.organisation"):
        described = page.field(name).get("aria-describedby").split()
        (words,) = page.tree.xpath(f"//*[@id='{described[0]}']")
        assert len(words.text_content().strip()) > 20
        assert page.tree.xpath(f"//label[@for='{page.field(name).get('id')}']")
    for one in page.tree.xpath("//*[@aria-describedby]"):
        for named in one.get("aria-describedby").split():
            assert page.tree.xpath(f"//*[@id='{named}']"), named


def test_ids_are_unique_and_every_link_in_the_page_leads_somewhere(browser: Browser) -> None:
    for path in (HERE, "/klynge/alle-valg/fyll-ut"):
        page = browser.get(path)
        ids = page.tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        for link in page.tree.xpath("//main//a/@href"):
            if str(link).startswith("#"):
                assert link[1:] in ids


def test_saving_what_is_there_leaves_the_file_as_it_is(browser: Browser, workspace: Path) -> None:
    for cluster in (VEST, "alle-valg"):
        before = file(workspace, cluster).read_bytes()
        browser.get(f"/klynge/{cluster}/fyll-ut")
        page = press(browser, "save")
        assert page.status == 200
        assert "Lagret i" in page.notices[0]
        assert file(workspace, cluster).read_bytes() == before


def test_one_field_changes_its_own_line_alone(browser: Browser, workspace: Path) -> None:
    before = file(workspace).read_text()
    browser.get(HERE)
    press(browser, "save", valid_until="1. juni 2031", decision_authority="klyngerådet ")
    after = file(workspace).read_text()
    changed = before.replace("valid_until: 2030-12-31", "valid_until: 2031-06-01").replace(
        "decision_authority: styringsgruppen", "decision_authority: klyngerådet"
    )
    assert after == changed


@pytest.mark.parametrize(
    "text", ["31.12.2031", "31. 12. 2031", "31/12/2031", "2031-12-31", "31. desember 2031", "31 DES 2031"]
)
def test_a_day_may_be_written_as_norwegians_do(text: str) -> None:
    assert day_typed(text) == "2031-12-31"
    assert day_shown(day_typed(text)) == "31.12.2031"


@pytest.mark.parametrize("text", ["31.2.2031", "i morgen", "", "2031", "31. brumaire 2031", "9" * 40])
def test_what_is_no_day_stays_as_it_is_typed(text: str) -> None:
    assert day_typed(text) == text


def test_what_is_wrong_is_told_at_the_field_and_in_a_summary_and_nothing_typed_is_lost(
    browser: Browser, workspace: Path
) -> None:
    before = file(workspace).read_bytes()
    browser.get(HERE)
    page = press(
        browser, "save", valid_until="31.2.2031", cluster_leader__email="feil adresse", local_text__aims="Ny hensikt"
    )
    assert page.status == 422
    assert file(workspace).read_bytes() == before
    assert page.field("valid_until").value == "31.2.2031"
    assert page.field("cluster_leader.email").value == "feil adresse"
    assert page.field("local_text.aims").value.strip() == "Ny hensikt"
    summary = page.find("//*[contains(@class, 'ds-error-summary')]")
    assert [one.get("href") for one in summary.xpath(".//a")] == ["#cluster_leader-email", "#valid_until"]
    assert "Klyngeleder: E-post" in summary.text_content()
    for name in ("valid_until", "cluster_leader.email"):
        assert page.field(name).get("aria-invalid") == "true"
        told = page.field(name).get("aria-describedby").split()[-1]
        assert "Må rettes" in page.find(f"//*[@id='{told}']").text_content()
    assert page.field("name").get("aria-invalid") is None


def test_a_draft_with_gaps_is_saved_and_told_what_is_left(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    page = press(browser, "save", name="", valid_until="", decision_authority="", resources__cluster_leader="")
    assert page.status == 200
    found = read(workspace)
    assert (found.name, found.valid_until, found.decision_authority) == (None, None, None)
    assert "4 ting gjenstår" in page.words
    assert page.tree.xpath("//details//a[@href='#decision_authority']")


def test_members_come_go_and_change_places_without_anything_being_saved(browser: Browser, workspace: Path) -> None:
    before = file(workspace).read_bytes()
    browser.get(HERE)
    page = press(browser, "down:1", members__1__signatory__name="Ny Eksempel")
    assert [page.field(f"members.{n}.municipality").value for n in (1, 2)] == ["4627", "4631"]
    assert page.field("members.2.signatory.name").value == "Ny Eksempel"
    page = press(browser, "up:8")
    assert page.field("members.7.municipality").value == "4621"
    page = press(browser, "drop:0")
    assert page.field("members.0.municipality").value == "4627"
    assert "motor_municipality" not in values(page)
    page = press(browser, "contact:0")
    assert page.field("members.0.foui_contacts.1.name").value in {"", None}
    page = press(browser, "contact:0", members__0__foui_contacts__1__name="To")
    page = press(browser, "uncontact:0:0")
    assert page.field("members.0.foui_contacts.0.name").value == "To"
    assert "Ikke lagret" in page.words
    assert file(workspace).read_bytes() == before
    page = press(browser, "save", motor_municipality="4631")
    assert page.status == 200, page.words[:500]
    found = read(workspace)
    assert [one.municipality for one in found.members][:2] == ["4627", "4631"]
    assert found.motor_municipality == "4631"
    assert found.members[1].signatory is not None
    assert found.members[1].signatory.name == "Ny Eksempel"
    assert "# Askøy" in file(workspace).read_text()


@pytest.mark.parametrize(
    "button",
    [
        "drop:99",
        "up",
        "up:x",
        "up:-1",
        "uncontact:0",
        "unarea:7",
        "nonsense",
        "",
        "::",
        "drop:1:2:3",
        "add:9999",
        "over",
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(browser: Browser, workspace: Path, button: str) -> None:
    before = file(workspace).read_bytes()
    browser.get(HERE)
    page = press(browser, button)
    assert page.status in {200, 409}
    assert file(workspace).read_bytes() == before
    if page.status == 200:
        assert len(page.tree.xpath("//input[contains(@name, '.municipality')]")) == 9


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("5610", "5610"),
        ("Kárášjohka", "5610"),
        ("karasjok", "5610"),
        ("Fusa", ""),
        ("Oslo (0301)", "0301"),
        ("voss", "4621"),
    ],
)
def test_a_municipality_is_found_by_number_and_any_of_its_names(browser: Browser, typed: str, number: str) -> None:
    browser.get(HERE)
    page = press(browser, "enter", find=typed)
    there = [one.get("value") for one in page.tree.xpath("//input[contains(@name, '.municipality')]")]
    if number == "4621":
        assert "er allerede medlem" in page.words
    elif number:
        assert there[-1] == number
        assert "er lagt til som medlem" in page.words
    else:
        assert len(there) == 9


def test_of_several_municipalities_one_is_chosen(browser: Browser) -> None:
    browser.get(HERE)
    page = press(browser, "find", find="Herøy")
    buttons = page.tree.xpath("//button[starts-with(@value, 'add:')]/@value")
    assert set(buttons) >= {"add:1515", "add:1818"}
    page = press(browser, "add:1818")
    assert page.field("members.9.municipality").value == "1818"
    assert "Herøy kommune (Nordland)" in page.words
    page = press(browser, "find", find="Brgen")
    assert "Bergen" in page.find("//ul[@class='found']").text_content()
    page = press(browser, "find", find="xyzzyxyzzy")
    assert "Ingen kommune heter «xyzzyxyzzy»" in page.words


def test_two_tabs_the_later_is_shown_both_versions_and_chooses(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    other = browser.tab()
    other.get(HERE)
    press(other, "save", decision_authority="de andres råd", focus_areas__0="deres område")
    theirs = file(workspace).read_bytes()
    page = press(browser, "save", decision_authority="mitt råd", valid_until="1.6.2032")
    assert page.status == 409
    assert file(workspace).read_bytes() == theirs
    rows = [
        [re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row.xpath("./th | ./td")]
        for row in page.tree.xpath("//table//tbody/tr")
    ]
    found = {row[0].split(" punkt")[0]: row[1:] for row in rows}
    assert found["Beslutningsmyndighet"] == [
        "styringsgruppen",
        "de andres råd endret av andre",
        "mitt råd endret av deg",
    ]
    assert found["Gjelder til og med"] == ["31.12.2030", "31.12.2030", "1.6.2032 endret av deg"]
    assert "deres område" in found["Satsingsområder"][1]
    assert "endret av deg" not in found["Satsingsområder"][2]
    assert page.tree.xpath(f"//a[@href='{HERE}' and contains(@class, 'ds-button')]")

    back = press(browser, "back")
    assert back.field("decision_authority").value == "mitt råd"
    again = press(browser, "save")
    assert again.status == 409
    over = again.tree.xpath("//button[starts-with(@value, 'over:')]/@value")[0]
    done = press(browser, over)
    assert done.status == 200
    assert read(workspace).decision_authority == "mitt råd"
    assert read(workspace).focus_areas[0] != "deres område"


def test_a_third_change_while_one_chooses_is_shown_too(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    path = file(workspace)
    path.write_text(path.read_text().replace("styringsgruppen", "rådet"))
    page = press(browser, "save", name="Min klynge")
    over = page.tree.xpath("//button[starts-with(@value, 'over:')]/@value")[0]
    path.write_text(path.read_text().replace("rådet", "nok et råd"))
    page = press(browser, over)
    assert page.status == 409
    assert "nok et råd" in page.words
    assert read(workspace).name != "Min klynge"


def test_a_change_of_comments_alone_is_a_change_too(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    path = file(workspace)
    path.write_text(f"# en merknad\n{path.read_text()}")
    page = press(browser, "save")
    assert page.status == 409
    assert "Bare kommentarer eller oppsett" in page.words


def test_a_file_that_was_broken_meanwhile_keeps_what_is_typed(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    path = file(workspace)
    broken = f"{path.read_text()}nme: x\n"
    path.write_text(broken)
    page = press(browser, "save", name="Min klynge")
    assert page.status == 409
    assert page.field("name").value == "Min klynge"
    assert path.read_text() == broken


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ("nmae: x\n", "nmae"),
        ("name: x\n", "to ganger"),
        ("x: [\n", "avsluttet"),
        ("other: &a 1\n", "&a"),
        ("\tx: 1\n", ""),
    ],
)
def test_a_file_that_a_form_cannot_hold_is_told_with_its_lines_and_left_alone(
    browser: Browser, workspace: Path, addition: str, words: str
) -> None:
    path = file(workspace)
    text = f"{path.read_text()}{addition}"
    path.write_text(text)
    page = browser.get(HERE)
    assert page.status == 200
    assert not page.forms
    line = page.tree.xpath("//table//tbody//th")[0].text_content()
    assert int(line) >= text.count("\n")
    assert words in page.words
    assert path.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "agreement: ksf-cluster\nmembers: Bergen\n",
        "agreement: ksf-cluster\nmembers: [Bergen]\n",
        "agreement: ksf-cluster\nname: [a]\n",
        "agreement: annet\n",
        "name: uten slag\n",
        "",
        "\x00",
        "- en\n- liste\n",
        "agreement: ksf-cluster\nfocus_areas: {a: b}\n",
    ],
)
def test_a_file_of_another_shape_is_told_and_left_alone(browser: Browser, workspace: Path, text: str) -> None:
    file(workspace).write_text(text)
    page = browser.get(HERE)
    assert page.status == 200
    assert not page.forms
    assert page.tree.xpath("//table//tbody/tr")
    page = browser.post(HERE, {"do": "save", "name": "Ny", "whole": "1"})
    assert page.status == 409
    assert file(workspace).read_text() == text


def test_a_wrong_value_in_the_file_can_be_mended_in_the_form(browser: Browser, workspace: Path) -> None:
    path = file(workspace)
    path.write_text(path.read_text().replace("2030-12-31", "31.12.2030").replace('"4631"', '"46 31"'))
    page = browser.get(HERE)
    assert page.field("members.1.municipality").value == "46 31"
    assert press(browser, "drop:1").status == 200
    press(browser, "save")
    assert read(workspace).valid_until is not None


def test_values_are_written_and_shown_as_they_are_typed(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    page = press(
        browser,
        "save",
        name=SIGNS.strip(),
        decision_authority="no",
        activity_authority="0301",
        local_text__purpose=f"{SIGNS}\r\n\r\n- null\r\n- ~\r\n",
        resources__foui_contact="2029-12-31",
    )
    assert page.status == 200
    found = read(workspace)
    assert found.name == SIGNS.strip()
    assert (found.decision_authority, found.activity_authority) == ("no", "0301")
    assert found.resources.foui_contact == "2029-12-31"
    assert found.local_text.purpose == f"{SIGNS}\n\n- null\n- ~"
    assert page.field("name").value == SIGNS.strip()
    assert b"<script>alert" not in page.content
    shown = press(browser, "preview")
    assert b"<script>alert" not in shown.content
    assert "<script>alert(1)</script>" in shown.find("//*[@id='papir']").text_content()
    assert "{{ 7*7 }}" in shown.find("//*[@id='papir']").text_content()


@pytest.mark.parametrize("text", ["a\0b", "x" * 501, "a\x07", "\u202eab", "\u200b"])
def test_what_no_document_can_carry_is_refused_and_kept_in_the_form(
    browser: Browser, workspace: Path, text: str
) -> None:
    before = file(workspace).read_bytes()
    browser.get(HERE)
    page = press(browser, "save", decision_authority=text, activity_authority="kommunen")
    assert page.status == 422
    assert page.field("activity_authority").value == "kommunen"
    assert page.tree.xpath("//a[@href='#decision_authority']")
    assert file(workspace).read_bytes() == before


@pytest.mark.parametrize("count", [30, 400])
def test_many_members(browser: Browser, workspace: Path, count: int) -> None:
    numbers = [one.number for one in register().in_use()] * 2
    members = [
        {"municipality": number, "signatory": {"name": f"A {n}"}} for n, number in enumerate(numbers[: min(count, 350)])
    ]
    file(workspace).write_text(cluster_text(some_cluster(), members=members))
    page = browser.get(HERE)
    assert len(page.tree.xpath("//li[@class='member']")) == len(members)
    page = press(browser, "save", members__29__signatory__name="Ny")
    assert page.status == 200
    assert read(workspace).members[29].signatory.name == "Ny"  # type: ignore[union-attr]


def test_more_than_a_form_may_send_is_told_before_anybody_types(browser: Browser, workspace: Path) -> None:
    numbers = [one.number for one in register().in_use()]
    people = [{"name": f"Person {n}"} for n in range(3)]
    members = [{"municipality": number, "foui_contacts": people} for number in numbers]
    file(workspace).write_text(cluster_text(some_cluster(), members=members))
    page = browser.get(HERE)
    assert not page.forms
    assert "flere medlemmer og kontakter" in page.words


def test_the_preview_reads_as_the_document_with_what_is_typed(browser: Browser, workspace: Path) -> None:
    page = browser.get(HERE)
    assert not page.tree.xpath("//*[@id='papir']//h3")
    page = press(browser, "preview", valid_until="1.6.2031", name="Klyngen Ny", local_text__background="Vår bakgrunn.")
    paper = page.find("//*[@id='papir']")
    text = paper.text_content()
    assert "gjelder frem til og med 1. juni 2031" in text
    assert "3.1 Bakgrunn for Klyngen Ny" in text
    assert "Vår bakgrunn." in text
    assert "Avtalen inngås mellom Bergen kommune, Alver kommune" in text
    marked = [one.text_content() for one in paper.xpath(".//ins")]
    assert "1. juni 2031" in marked
    assert "Klyngen Ny" in marked
    assert [one.get("id") for one in paper.xpath("./div[@id]")] == [f"les-{n}" for n in range(1, 14)]
    assert "Klyngen Ny" not in file(workspace).read_text()


def test_the_preview_alone_marks_what_is_missing_or_wrong_as_gaps(browser: Browser) -> None:
    page = browser.get(HERE)
    sent = {
        **values(page),
        "name": "",
        "valid_until": "31.2.2031",
        "cluster_leader.name": "",
        "members.1.municipality": "feil",
        "members.2.foui_contacts.0.name": "",
        "decision_authority": "a\0b",
        "language": "nn",
    }
    page = browser.post(f"/klynge/{VEST}/forhandsvisning", sent)
    assert page.status == 200
    text = page.content.decode()
    assert "(ikkje avklart)" in text
    assert "<html" not in text
    assert "Askøy kommune" in text
    assert "Alver" not in text


def test_a_preview_has_one_municipality_once(browser: Browser) -> None:
    page = browser.get(HERE)
    page = browser.post(f"/klynge/{VEST}/forhandsvisning", {**values(page), "members.1.municipality": "4601"})
    assert page.status == 200
    assert b"Bergen kommune" in page.content


def test_an_annex_is_uploaded_under_a_name_of_ours_and_kept_whatever_else_is_wrong(
    browser: Browser, workspace: Path
) -> None:
    page = browser.get(HERE)
    files = {"upload.action_plan": ("../../etc/passwd.pdf", b"%PDF-1.7 plan", "application/pdf")}
    page = browser.post(HERE, {**values(page), "do": "save", "valid_until": "feil"}, files)
    assert page.status == 422
    assert page.field("annexes.action_plan").value == f"annexes/{VEST}-handlingsplan.pdf"
    assert (workspace / "annexes" / f"{VEST}-handlingsplan.pdf").read_bytes() == b"%PDF-1.7 plan"
    press(browser, "save", valid_until="31.12.2031")
    assert read(workspace).annexes.action_plan == f"annexes/{VEST}-handlingsplan.pdf"
    page = browser.get(HERE)
    files = {"upload.action_plan": ("plan.docx.pdf", b"%PDF-1.7 annen plan", "application/pdf")}
    page = browser.post(HERE, {**values(page), "do": "save"}, files)
    assert read(workspace).annexes.action_plan == f"annexes/{VEST}-handlingsplan-2.pdf"
    assert (workspace / "annexes" / f"{VEST}-handlingsplan.pdf").read_bytes() == b"%PDF-1.7 plan"


@pytest.mark.parametrize("data", [b"", b"MZ\x90", b"<html>", b" %PDF-1.7"])
def test_a_file_of_another_kind_is_no_annex(browser: Browser, workspace: Path, data: bytes) -> None:
    before = sorted((workspace / "annexes").iterdir())
    page = browser.get(HERE)
    files = {"upload.mandate": ("mandat.pdf", data, "application/pdf")}
    page = browser.post(HERE, {**values(page), "do": "save", "name": "Ny klynge"}, files)
    assert page.status == 422
    assert "verken PDF eller Word" in page.notices[0]
    assert page.field("name").value == "Ny klynge"
    assert sorted((workspace / "annexes").iterdir()) == before


def test_an_annex_is_chosen_among_the_files_that_can_be_one(browser: Browser, workspace: Path) -> None:
    for name in ("~$plan.docx", ".skjult.pdf", "bilde.png", "Årsplan 2027.pdf"):
        (workspace / "annexes" / name).write_bytes(b"x")
    page = browser.get(HERE)
    options = page.field("annexes.action_plan").xpath("./option/@value")
    assert "annexes/Årsplan 2027.pdf" in options
    assert not {"annexes/~$plan.docx", "annexes/.skjult.pdf", "annexes/bilde.png"} & set(options)


def test_an_agreement_that_is_issued_tells_that_changes_need_more(
    browser: Browser, workspace: Path, ksf: Callable[..., Ran]
) -> None:
    assert "endringsavtale" not in browser.get(HERE).words.lower()
    assert ksf("-w", workspace, "issue", VEST).code == 0
    page = browser.get(HERE)
    assert "ferdigstilt til signering" in page.words
    assert f"/klynge/{VEST}/fornyelse" in page.links
    assert "FoUI-kontakter" in page.find("//div[contains(@class, 'ds-alert')][1]").text_content()


def test_a_file_that_cannot_be_written_keeps_what_is_typed(browser: Browser, workspace: Path) -> None:
    before = file(workspace).read_bytes()
    browser.get(HERE)
    (workspace / "clusters" / "~$lse-omsorg-vest.yaml").write_bytes(b"")  # what an editor leaves while it is open
    page = press(browser, "save", decision_authority="rådet")
    assert page.status == 503
    assert page.field("decision_authority").value == "rådet"
    assert file(workspace).read_bytes() == before


def test_comments_that_go_with_a_member_are_told(browser: Browser, workspace: Path) -> None:
    browser.get(HERE)
    press(browser, "drop:8")
    page = press(browser, "save")
    assert "# Voss herad" in page.words
    assert "Voss" not in file(workspace).read_text().replace("voss.example.no", "")


def test_every_page_of_it_speaks_nynorsk_too(browser: Browser) -> None:
    browser.get(HERE)
    browser.post("/sprak", lang="nn", back=HERE)
    assert "må fyllast ut" in browser.get(HERE).words


def test_a_cluster_that_is_not_there_and_a_foreign_form(browser: Browser) -> None:
    assert browser.get("/klynge/finnes-ikke/fyll-ut").status == 404
    assert browser.get("/klynge/..%2F..%2Fetc/fyll-ut").status == 404
    assert browser.client.post(HERE, data={"do": "save"}).status_code == 403
    assert browser.client.put(HERE).status_code == 405


def test_half_a_form_empties_nothing(browser: Browser, workspace: Path) -> None:
    before = file(workspace).read_bytes()
    page = browser.get(HERE)
    page = browser.post(HERE, {"do": "save", "digest": page.field("digest").value, "name": "Halv"})
    assert page.status == 422
    assert "Ingenting ble lagret" in page.words
    assert file(workspace).read_bytes() == before


def test_of_two_who_save_at_once_one_is_told(browser: Browser, workspace: Path) -> None:
    tabs = [browser.tab() for _ in range(4)]
    for one in tabs:
        one.get(HERE)
    ready = threading.Barrier(len(tabs))

    def save(number: int) -> int:
        ready.wait()
        return press(tabs[number], "save", decision_authority=f"råd {number}").status

    with ThreadPoolExecutor(len(tabs)) as pool:
        statuses = list(pool.map(save, range(len(tabs))))
    assert sorted(statuses) == [200, 409, 409, 409]
    assert read(workspace).decision_authority == f"råd {statuses.index(200)}"


def test_saving_records_nothing(browser: Browser) -> None:
    browser.get(HERE)
    press(browser, "save", decision_authority="rådet")
    page = browser.get(f"/klynge/{VEST}")
    assert "Historikk" not in page.words


def test_in_chromium_the_preview_follows_what_one_types_and_enter_searches(tab: Tab, workspace: Path) -> None:
    before = file(workspace).read_bytes()
    tab.goto(HERE)
    tab.wait_for_selector("#papir .clause-text")
    tab.fill("#name", "Klyngen Direkte")
    tab.wait_for_selector("#papir ins >> text=Klyngen Direkte")
    tab.fill("#find", "Bodø")
    tab.press("#find", "Enter")
    tab.wait_for_selector("text=Bodø kommune er lagt til som medlem")
    assert tab.evaluate("document.activeElement.id") == "find"
    assert tab.input_value("#name") == "Klyngen Direkte"
    assert file(workspace).read_bytes() == before
    tab.fill("#valid_until", "feil")
    tab.press("#valid_until", "Enter")
    tab.wait_for_selector(".ds-error-summary:focus")
    tab.click(".ds-error-summary a")
    assert tab.evaluate("document.activeElement.id") == "valid_until"
    tab.fill("#valid_until", "31.12.2032")
    tab.press("#valid_until", "Enter")
    tab.wait_for_selector("text=Lagret i clusters")
    assert read(workspace).name == "Klyngen Direkte"


def test_what_a_hidden_field_carries_can_be_nothing_but_a_tree() -> None:
    tree = filled({"name": "a", "focus_areas": ["b"]})
    assert unpacked(packed(tree)) == tree
    for text in ("", "x", "%%%", packed({"members": {}})[:-3], "0" * 1000):
        assert unpacked(text) in ({}, filled({})) or isinstance(unpacked(text), dict)


def test_names_and_trees_are_each_others_reverse() -> None:
    tree = filled({"members": [{"municipality": "4601", "foui_contacts": [{"name": "A"}]}], "focus_areas": ["x", "y"]})
    assert tree_of(dict(names_of(tree)), frozenset()) == tree
    hostile = {"members": "x", "members.0": "y", "members.0.municipality.a": "z", "members.x.municipality": "4601"}
    assert tree_of(hostile, frozenset()) == filled({})
    assert set(SHAPE) == set(Cluster.model_fields) - {"agreement"}


def with_comments(one: Cluster) -> str:
    """A cluster file in lines, with a comment before each of its fields."""
    said = one.model_dump(mode="json", exclude_none=True)
    said["contributions_required"] = str(one.contributions_required).lower()
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, default_style='"', width=10**6)
    lines = [f"# om {line[:12]}\n{line}" if line.startswith('"') else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


@settings(max_examples=20)
@given(clusters(gaps=True))
@example(some_cluster())
def test_any_cluster_goes_through_the_form_unchanged_and_keeps_its_comments(one: Cluster) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = copy_workspace(Path(folder) / "ws")
        shutil.rmtree(workspace / "clusters")
        (workspace / "clusters").mkdir()
        path = file(workspace, "prove")
        text = with_comments(one)
        path.write_text(text)
        browser = Browser(create_app(workspace, PORT))
        browser.get("/klynge/prove/fyll-ut")
        page = press(browser, "save")
        assert page.status == 200, page.words[:800]
        assert path.read_text() == text
        page = press(browser, "save", grant_letter__reference="2026/77")
        assert page.status == 200, page.words[:800]
        found = read(workspace, "prove")
        assert found.grant_letter is not None
        assert found.model_copy(update={"grant_letter": None}) == one
        kept = [said for _, said, _ in comments(path.read_text())]
        assert kept == [said for _, said, _ in comments(text)]
