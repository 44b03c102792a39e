"""What the views show: what is due, whoever joins or renews, pages and tables that people can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree

import ksf_agreements.app
from ksf_agreements.app import App, now
from ksf_agreements.domain.events import Task
from ksf_agreements.domain.recurring import TASKS
from ksf_agreements.domain.timeline import DERIVATION, derive
from ksf_agreements.register.store import Register
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following import overview
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.oracle.driver import DomainDriver
from tests.oracle.life import Life, dice, newcomers

SMALL = "alle-valg"
YEARS = timedelta(days=7000)


@pytest.fixture
def run(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: date(2026, 11, 20))
    return Commands(ksf, workspace)


@pytest.fixture
def in_force(run: Commands) -> Commands:
    run.issue()
    run.sign_all()
    return run


# --- what is due, ready in the register, is what a fresh reading says ---


def lived(workspace: Path, seeds: range) -> Desk:
    """A desk whose register holds several generated lives, on the day of their last event."""
    app = App.open(str(workspace))
    for file in app.workspace.cluster_paths():
        file.unlink()
    register = Register.open(app.register_path, now=now, derive=derive, derivation=DERIVATION)
    last = date.min
    with register.writing() as transaction:
        actor = transaction.keep_person({"name": "Prøve"})
        for seed in seeds:
            life = Life(DomainDriver(), dice(seed), date(2024, 1, 1), newcomers())
            life.live(50)
            first = transaction.head().number
            for event in life.driver.events():
                payload = event.payload
                changed = {
                    name: getattr(payload, name) + first
                    for name in ("notice", "event")
                    if isinstance(getattr(payload, name, None), int)
                }
                if hasattr(payload, "signatory"):
                    changed["signatory"] = actor
                transaction.append(f"liv-{seed}", payload.model_copy(update=changed), actor, event.occurred_on)
                last = max(last, event.occurred_on)
    return Desk(app.workspace, register, app.municipalities, app.templates, last, "Prøve")


def days_ahead(desk: Desk) -> list[date]:
    """The day of today, and days around everything that is due after it."""
    ahead = {
        item.obligation.due + timedelta(days=n) for item in overview.due(desk, desk.today, YEARS) for n in (-1, 0, 1)
    }
    ahead |= {desk.today + timedelta(days=n) for n in (0, 1, 40, 400, 900)}
    return sorted(day for day in ahead if day >= desk.today)


def lines(desk: Desk, on: date) -> list[tuple[object, ...]]:
    found = overview.due(desk, on, YEARS)
    return sorted((one.cluster, one.obligation.due, one.obligation.code, one.obligation.party) for one in found)


def read_anew(desk: Desk, on: date) -> list[tuple[object, ...]]:
    last = on + YEARS
    return sorted(
        (one.status.cluster, item.due, item.code, item.party)
        for one in overview.views(desk, on)
        for item in one.due
        if item.due <= last
    )


@pytest.mark.parametrize("seeds", [range(8), range(8, 16), range(16, 24)], ids=str)
def test_what_is_due_from_the_register_is_what_a_fresh_reading_says(workspace: Path, seeds: range) -> None:
    desk = lived(workspace, seeds)
    for day in days_ahead(desk):
        assert lines(desk, day) == read_anew(desk, day), day


AGAIN = {what.msgid for what in TASKS.values()}
"""What comes again every year: only 'ksf due' tells it."""


def test_what_comes_again_is_due_until_it_is_done(in_force: Commands) -> None:
    def again(within: str, on: str = "2026-11-20") -> list[tuple[str, str]]:
        found = in_force.json("due", "--within", within, "--on", on)
        assert [item["date"] for item in found] == sorted(item["date"] for item in found)
        return [(item["date"], item["what"]) for item in found if item["what"] in AGAIN]

    plan, review, report = (TASKS[task].msgid for task in (Task.ACTION_PLAN, Task.CONTACT_REVIEW, Task.ANNUAL_REPORT))
    late = [("2026-05-04", plan), ("2026-09-01", review)]
    assert again("1y", "2026-02-01") == []  # not in force yet
    assert again("0d") == late
    assert again("120d")[:4] == [*late, ("2027-01-31", plan), ("2027-03-01", report)]
    in_force.ok("plan", CLUSTER, "--year", "2026")
    assert again("0d") == late[1:]
    assert review in in_force.ok("due", "--format", "csv", "--within", "0d")
    in_force.edit(
        "valid_until:", "grant_letter:\n  reference: 2026/1\n  report_dates: [2026-06-01, 2026-10-01]\nvalid_until:"
    )
    grant = TASKS[Task.GRANT_REPORT].msgid
    assert again("0d") == [("2026-06-01", grant), *late[1:], ("2026-10-01", grant)]
    assert "2026-06-01, 2026-10-01" in in_force.refused("done", CLUSTER, "grant-report", "--period", "1.4.2026")
    in_force.ok("done", CLUSTER, "grant-report", "--period", "1.10.2026")
    in_force.ok("done", CLUSTER, "contact-review")  # the oldest that is not done
    assert again("0d") == [("2026-06-01", grant)]
    in_force.ok("done", CLUSTER, "grant-report")
    assert again("0d") == []
    assert "stands undone" in in_force.refused("done", CLUSTER, "grant-report")


def told_by_status(run: Commands, on: str) -> list[tuple[str, str]]:
    return [(item["date"], item["what"]) for item in run.status(on)["next"]]


def told_by_due(run: Commands, on: str) -> list[tuple[str, str]]:
    found = run.json("due", "--within", "20y", "--on", on)
    return [(item["date"], item["what"]) for item in found if item["what"] not in AGAIN]


def test_what_is_due_in_a_renewal_that_has_not_begun_is_told_when_it_has(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-12-31")
    run.issue()
    run.sign_all()
    run.ok("renew", CLUSTER, "--until", "2030-12-31", "--on", "2026-09-01")
    for on in ("2026-11-20", "2027-02-01"):
        assert told_by_due(run, on) == told_by_status(run, on)
    run.sign_all("2026-10-01")
    for on in ("2026-11-20", "2026-12-31", "2027-01-01", "2027-02-01", "2029-12-31", "2030-12-31", "2031-01-01"):
        assert told_by_due(run, on) == told_by_status(run, on), on
    assert ("2029-12-31", "ask the parties whether they will renew") in told_by_due(run, "2027-02-01")


# --- accession, renewal, refusal ---


def test_where_the_motor_municipality_may_its_signature_lets_somebody_join(run: Commands) -> None:
    run.issue(cluster=SMALL)
    run.sign_all(parties=("5001", "5041"), cluster=SMALL)
    words = ("accede", SMALL, "--party", "Lierne", "--on", "2026-08-01", "--signed-by", "Lierne")
    assert "5001 Trondheim" in run.refused(*words)
    run.ok(*words, "--signed-by", "Trondheim")
    assert run.bound("2026-08-01", SMALL) == ["5001", "5041", "5042"]


def test_an_early_renewal_by_all_takes_the_place_of_the_old_one_on_its_day(in_force: Commands) -> None:
    in_force.ok("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-06-01", "--from", "2026-08-01")
    in_force.sign_all("2026-07-01", NINE[:8])
    in_force.sign("4621", "2026-08-20")
    assert in_force.status("2026-08-19")["version"] == 1
    status = in_force.status("2026-08-20")
    assert (status["version"], status["in_force_from"], status["valid_until"]) == (2, "2026-08-20", "2034-12-31")
    assert in_force.bound("2026-08-19") == in_force.bound("2026-08-20") == list(NINE)


def test_a_short_extension_is_a_renewal_too(in_force: Commands) -> None:
    in_force.ok("renew", CLUSTER, "--until", "2031-03-31", "--on", "2026-06-01")
    in_force.sign_all("2026-07-01")
    assert in_force.bound("2031-03-31") == list(NINE)
    assert in_force.bound("2031-04-01") == []


def test_who_declined_may_sign_after_all(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=NINE[:8])
    run.ok("decline", CLUSTER, "--party", "4621", "--on", "2026-02-10")
    assert run.party("4621")["state"] == "declined"
    ran = run("sign", CLUSTER, "--party", "4621", "--on", "2026-02-20", "--name", "Ingrid Eksempel")
    assert "4621 Voss had declined on 10.2.2026" in ran.err
    assert run.status()["in_force_from"] == "2026-02-20"


def test_each_on_signing_binds_those_who_signed_and_not_those_who_declined(run: Commands) -> None:
    run.edit("valid_until:", "entry_into_force: each_on_signing\nvalid_until:")
    run.issue()
    run.sign_all("2026-02-01", NINE[:3])
    for party in NINE[3:]:
        run.ok("decline", CLUSTER, "--party", party, "--on", "2026-02-10")
    assert run.bound("2026-03-01") == list(NINE[:3])
    assert run.party("4621")["state"] == "declined"
    assert run.status()["status"] == "in_force"


def test_an_open_renewal_is_replaced_by_another_that_follows_the_same_version(in_force: Commands) -> None:
    in_force.ok("renew", CLUSTER, "--until", "2033-12-31", "--on", "2026-06-01")
    in_force.sign("4601", "2026-06-10")
    in_force.ok("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-07-01")
    coming = in_force.status()["upcoming"]
    assert (coming["version"], coming["basis"], coming["signed"], coming["valid_from"]) == (
        3,
        "renewal",
        0,
        "2031-01-01",
    )
    in_force.sign_all("2026-08-01")
    assert in_force.status("2031-01-01")["version"] == 3


# --- tables and pages ---


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize(
    "words", [("status",), ("status", CLUSTER), ("due", "--within", "9y"), ("why", CLUSTER), ("log",)]
)
def test_a_view_fits_a_terminal_and_speaks_norwegian(
    in_force: Commands, words: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    ran = in_force.ksf("--lang", language, "-w", in_force.workspace, *words)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    if words[0] in {"status", "due"}:
        assert max(map(len, ran.out.splitlines())) <= 80
    assert not re.search(r"\b(the|and|is|was|of|from|bound|event|signed|notice)\b", ran.out), ran.out
    assert not re.search(r"\d{4}-\d\d-\d\d", ran.out), ran.out
    if language == "nn":
        assert not re.search(r"\b(ikke|fra|kommuner|klynge|hva|gjelder|bundet|oppsigelse)\b", ran.out.lower())


def test_a_view_says_nothing_twice(in_force: Commands) -> None:
    assert "Status: in force from 3.2.2026\n" in in_force.ok("status", CLUSTER)
    assert "4631 Alver: bound from 3.2.2026\n" in in_force.ok("why", CLUSTER, "Alver")


def test_a_signature_with_a_reservation_is_told_as_that(run: Commands) -> None:
    run.issue()
    run.sign("4631", "2026-02-03", "--reservation")
    told = " ".join(run.ok("status", CLUSTER).split())
    assert "reservation" in told


@pytest.mark.parametrize(
    "name", ['<script>alert("x")</script> & co', "{{ 7 * 7 }} {x} %s", "'><svg onload=x>", "Æ" * 200]
)
def test_the_report_is_well_formed_whatever_a_cluster_is_called(in_force: Commands, name: str) -> None:
    text = name.replace("'", "''")
    in_force.edit("name: klyngen Alle valg", f"name: '{text}'", SMALL)
    in_force.issue(cluster=SMALL)
    target = in_force.workspace / "oversikt.html"
    in_force.ok("report", "--out", target)
    page = target.read_text(encoding="utf-8")
    closed = re.sub(r"<(meta|link|br|hr|img|input)\b([^>]*?)/?>", r"<\1\2/>", page.replace("<!doctype html>", "", 1))
    root = etree.fromstring(closed.encode("utf-8"))  # every tag is closed and every attribute quoted
    words = "".join(root.itertext())
    assert name in words
    assert "49" not in name or "{{ 7 * 7 }}" in words
    assert not root.xpath("//script|//*[@onload]|//img|//link|//*[@src]|//*[@href]")
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(root.xpath("//@aria-labelledby")) <= set(ids)
    assert all(cell.get("scope") for cell in root.iter("th"))
    assert root.get("lang") in {"nb", "nn", "en"}


def test_a_date_before_anything_happened_shows_a_draft_and_nothing_due(in_force: Commands) -> None:
    assert in_force.status("2020-01-01")["status"] == "draft"
    assert in_force.json("due", "--on", "2020-01-01") == []
    assert in_force.json("parties", CLUSTER, "--on", "2020-01-01") == []
    target = in_force.workspace / "før.html"
    in_force.ok("report", "--out", target, "--on", "2020-01-01")
    assert target.is_file()
