"""The calendar file: strict RFC 5545, and what moves in the register moves in the calendar that has it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksf_agreements.delivery.calendar import Entry, calendar_file
from ksf_agreements.domain import events as e
from ksf_agreements.domain.recurring import YearPlan
from ksf_agreements.services.following import calendar
from ksf_agreements.services.following.calendar import SILENT, Choice, Writer
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.delivery import rfc5545
from tests.delivery.rfc5545 import Component
from tests.domain.test_against_oracle import UNSHRUNK, life
from tests.oracle.driver import ACTOR


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    made = Commands(ksf, workspace)
    made.issue()
    return made


def events(commands: Commands, *words: str) -> dict[str, Component]:
    """Write the calendar, read it strictly, and return its entries by UID."""
    file = commands.workspace / "out.ics"
    commands.ok("calendar", "--out", file, *words)
    return {event.value("UID"): event for event in rfc5545.read(file.read_bytes()).inner}


def standing(found: dict[str, Component]) -> dict[str, date]:
    return {  # of a task of every year, the last
        event.value("SUMMARY").split(": ", 1)[1]: event.day("DTSTART")
        for event in found.values()
        if event.value("STATUS") == "CONFIRMED"
    }


def test_the_term_the_renewal_and_the_years_stand_in_the_calendar(commands: Commands) -> None:
    commands.sign_all()
    found = standing(events(commands))
    assert found["the agreement runs out"] == date(2030, 12, 31)
    assert found["ask the parties whether they will renew"] == date(2029, 12, 31)
    assert found["go through the contact persons"] == date(2027, 9, 1)
    leaving = events(commands)
    end = next(event for event in leaving.values() if "runs out" in event.value("SUMMARY"))
    assert [alarm.value("TRIGGER") for alarm in end.inner] == ["-P89DT15H", "-P29DT15H", "-P6DT15H"]


def test_a_moved_day_moves_the_entry_and_a_withdrawn_one_is_cancelled(commands: Commands) -> None:
    commands.sign_all()
    before = events(commands)
    commands.ok("notice", CLUSTER, "--party", "Voss", "--received", "2026-02-20")
    noticed = events(commands)
    (uid,) = set(noticed) - set(before)
    assert noticed[uid].day("DTSTART") == date(2027, 2, 20)
    commands.ok("withdraw-notice", CLUSTER, "--party", "Voss", "--on", "2026-02-20")
    after = events(commands)
    assert after[uid].value("STATUS") == "CANCELLED"
    assert after[uid].inner == []
    assert int(after[uid].value("SEQUENCE")) > int(noticed[uid].value("SEQUENCE"))
    assert {one for one, event in after.items() if event.value("STATUS") == "CONFIRMED"} == set(before)


def test_a_new_deadline_moves_the_one_entry_for_all_who_have_not_signed(commands: Commands) -> None:
    commands.ok("open-signing", CLUSTER, "--on", "2026-02-01", "--deadline", "2026-04-01")
    commands.sign("4601")
    ((uid, first),) = events(commands).items()
    assert first.day("DTSTART") == date(2026, 4, 1)
    assert "4621 Voss" in first.value("DESCRIPTION")
    assert "4601 Bergen" not in first.value("DESCRIPTION")
    commands.ok("open-signing", CLUSTER, "--on", "2026-02-20", "--deadline", "2026-05-04")
    ((same, second),) = events(commands).items()
    assert (same, second.day("DTSTART")) == (uid, date(2026, 5, 4))
    assert int(second.value("SEQUENCE")) > int(first.value("SEQUENCE"))


def test_a_report_date_that_is_moved_in_the_file_moves_in_the_calendar(commands: Commands) -> None:
    """The register knows nothing of it: the entry is named by its year and its place in it."""
    commands.sign_all()
    commands.edit("resources:", "grant_letter:\n  report_dates: [2026-11-01, 2026-05-01, 2027-11-01]\nresources:")

    def reports() -> dict[str, tuple[date, str]]:
        return {
            uid: (event.day("DTSTART"), event.value("STATUS"))
            for uid, event in events(commands).items()
            if "report to KS" in event.value("SUMMARY")
        }

    before = reports()
    assert len(before) == 3
    commands.edit("2026-11-01", "2026-11-15")
    after = reports()
    assert set(after) == set(before)
    assert sorted(day for day, _ in after.values()) == [date(2026, 5, 1), date(2026, 11, 15), date(2027, 11, 1)]
    commands.ok("done", CLUSTER, "grant-report", "--period", "2026-05-01")
    assert [one for one in reports().items() if one[1][1] == "CANCELLED"] == [
        (next(uid for uid, (day, _) in after.items() if day == date(2026, 5, 1)), (date(2026, 5, 1), "CANCELLED"))
    ]


def test_a_file_that_begins_later_does_not_hold_back_those_made_after_it(commands: Commands) -> None:
    commands.sign_all()
    later = events(commands, "--on", "2027-06-01")
    commands.ok("notice", CLUSTER, "--party", "Voss", "--received", "2026-02-20")
    now = events(commands)
    assert set(later) & set(now)
    assert all(int(now[uid].value("SEQUENCE")) > int(later[uid].value("SEQUENCE")) for uid in set(later) & set(now))


def test_a_municipality_sees_what_concerns_it(commands: Commands) -> None:
    commands.ok("open-signing", CLUSTER, "--on", "2026-02-01", "--deadline", "2026-04-01")
    mine = standing(events(commands, "--party", "Voss"))
    assert list(mine) == ["the signatures are wanted (4621 Voss)"]
    assert standing(events(commands, "--party", "Trondheim")) == {}


def test_a_region_and_what_is_not_there(commands: Commands) -> None:
    commands.sign_all()
    assert standing(events(commands, "--region", "vest"))
    assert standing(events(commands, "--region", "midt")) == {}
    assert "midt" in commands.refused("calendar", "--out", "x.ics", "--region", "nord")
    assert "nowhere" in commands.refused("calendar", "--out", "x.ics", "--cluster", "nowhere")


def test_the_file_is_in_the_readers_language(commands: Commands) -> None:
    commands.sign_all()
    file = commands.workspace / "k.ics"
    for language, words in (("nb", "gå gjennom kontaktpersonene"), ("nn", "gå gjennom kontaktpersonane")):
        assert commands.ksf("--lang", language, "-w", commands.workspace, "calendar", "--out", file).code == 0
        found = rfc5545.read(file.read_bytes()).inner
        assert any(words in event.value("SUMMARY") for event in found)


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"),
        min_size=1,
        max_size=120,
    ),
    st.dates(date(2000, 1, 1)),
)
def test_every_text_is_read_back_as_it_was(text: str, day: date) -> None:
    day = min(day, date(9999, 12, 30))
    entry = Entry("u@x", 3, day, text, f"{text}\nneste linje; og, slutt", "KSF", (7,))
    read = rfc5545.read(calendar_file([entry], text, "nb", datetime(2026, 3, 2, tzinfo=UTC)))
    (event,) = read.inner
    assert event.value("SUMMARY") == text
    assert event.value("DESCRIPTION") == entry.text
    assert read.value("X-WR-CALNAME") == text
    assert event.day("DTSTART") == day


def test_the_same_register_gives_the_same_names(commands: Commands) -> None:
    commands.sign_all()
    assert list(events(commands)) == list(events(commands))


def busy(choose: random.Random, steps: int) -> tuple[e.Event, ...]:
    """A journal with all that stands in a calendar in between, and what does not; numbered beyond its own events."""
    found: list[e.Event] = []
    for event in life(choose, steps):
        found.append(event)
        version = choose.randrange(1, 4)
        deadline = event.occurred_on + timedelta(days=choose.randrange(1, 900))
        payloads: list[e.Payload] = [
            e.SigningOpened(version=version, deadline=deadline),
            e.ContactsChanged(contacts=ACTOR, parties_without_contact=tuple(f"{101 + n:04d}" for n in range(3))),
            e.PlanAdopted(year=event.occurred_on.year),
            e.TaskDone(task=e.Task.ANNUAL_REPORT, period=str(event.occurred_on.year)),
            e.RenewalStarted.model_construct(of_version=version),
            *(silent.model_construct() for silent in SILENT),
        ]
        for payload in choose.sample(payloads, choose.randrange(3)):
            found.append(e.Event(1000 + len(found), "test", payload, ACTOR, event.recorded_at, event.occurred_on))
    return tuple(found)


@settings(max_examples=40, phases=UNSHRUNK)
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_no_beginning_of_a_journal_is_left_out_that_led_to_an_entry(choose: random.Random, steps: int) -> None:
    """Every beginning is read here: what was once in a calendar is cancelled, and nothing else."""
    journal = busy(choose, steps)
    days = [event.occurred_on for event in journal] or [date(2024, 1, 1)]
    on = choose.choice(days) + timedelta(days=choose.randrange(-30, 400))
    desk: Any = SimpleNamespace(
        today=date(2026, 3, 2),
        municipalities=None,
        workspace=SimpleNamespace(settings=SimpleNamespace(tables=SimpleNamespace(year=YearPlan()))),
    )
    writer = Writer(desk, "r", "test", on, (date(2026, 3, 1),), str)
    for choice in (Choice(), Choice(party="0101")):
        found = set(writer.entries(journal, choice))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(calendar, "readings", lambda events, _on: (events[:n] for n in range(1, len(events))))
            assert found == set(writer.entries(journal, choice))
