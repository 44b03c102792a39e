"""Reminders: each step once, on working days only, until it is done; and the tasks that come again every year."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.domain.cluster import EntryIntoForce
from ksf_agreements.domain.events import (
    ApprovalRecorded,
    Basis,
    ContactsChanged,
    NoticeCopied,
    PartyContinued,
    Payload,
    PersonalRef,
    PlanAdopted,
    ReminderSent,
    Task,
    TaskDone,
)
from ksf_agreements.domain.folded import read
from ksf_agreements.domain.recurring import YearPlan, tasks
from ksf_agreements.domain.schedule import RULES, Recipient, Reminder, Rule, occasions, reminders, ripe_step
from ksf_agreements.domain.workdays import holidays as our_holidays
from ksf_agreements.domain.workdays import is_working_day, next_working_day
from ksf_agreements.text import T
from tests.factories import cluster
from tests.services.histories import History, in_force

ONE_DAY = timedelta(days=1)
PLAN = YearPlan()
SOMEBODY = PersonalRef(id="p", digest="d")


def now(history: History, on: date, reports: tuple[date, ...] = ()) -> tuple[Reminder, ...]:
    return reminders(read("klynge", history.events, on), RULES, PLAN, reports)


def live(history: History, first: date, last: date, reports: tuple[date, ...] = ()) -> list[tuple[date, Reminder]]:
    """Send every reminder of every day, and return them."""
    sent = []
    day = first
    while day <= last:
        for reminder in now(history, day, reports):
            history.add(ReminderSent(rule=reminder.rule.code, subject=reminder.subject, recipient=SOMEBODY), day)
            sent.append((day, reminder))
        day += ONE_DAY
    return sent


def of(code: str, sent: list[tuple[date, Reminder]], to: Recipient = Recipient.LEADER) -> list[date]:
    return [day for day, reminder in sent if reminder.rule.code == code and reminder.to is to]


@pytest.mark.parametrize("year", range(1980, 2100, 7))
def test_holidays_are_those_of_another_library(year: int) -> None:
    known = holidays.country_holidays("NO", years=year, include_sundays=False)
    assert our_holidays(year) == set(known)


@given(st.dates(date(1950, 1, 1), date(2200, 1, 1)))
def test_the_next_working_day_is_near_and_a_working_day(day: date) -> None:
    found = next_working_day(day)
    assert is_working_day(found)
    assert day <= found <= day + timedelta(days=6)
    assert not any(is_working_day(day + timedelta(days=n)) for n in range((found - day).days))


@given(
    st.lists(st.integers(-400, 60), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(0, 40),
    st.integers(-500, 500),
)
def test_a_step_is_the_latest_whose_working_day_has_come(days: list[int], every: int, offset: int) -> None:
    rule = Rule("x", tuple(days), every, (Recipient.LEADER,), T("x"))
    day = date(2027, 3, 1)
    on = day + timedelta(days=offset)
    every_step = {day + timedelta(days=n) for n in days}
    if every:
        every_step |= {day + timedelta(days=days[-1] + every * n) for n in range(1, 1200)}
    come = [step for step in every_step if next_working_day(step) <= on]
    assert ripe_step(rule, day, on) == max(come, default=None)


def test_those_who_have_not_signed_are_reminded_after_fourteen_days_then_weekly() -> None:
    members = cluster()
    history = History()
    history.issue(members, date(2026, 1, 12))
    history.open(date(2026, 1, 14))
    first, *others = [member.municipality for member in members.parties()]
    for party in others:
        history.sign(party, date(2026, 1, 20))
    sent = live(history, date(2026, 1, 12), date(2026, 4, 12))
    days = of("signature", sent, Recipient.PARTY)
    assert days[:3] == [date(2026, 1, 28), date(2026, 2, 4), date(2026, 2, 11)]
    # 1 April is the Wednesday before Maundy Thursday; 8 April the Wednesday after Easter.
    assert days[-2:] == [date(2026, 4, 1), date(2026, 4, 8)]
    assert {reminder.occasion.party for _, reminder in sent if reminder.rule.code == "signature"} == {first}
    history.sign(first, date(2026, 4, 13))
    assert of("signature", live(history, date(2026, 4, 14), date(2026, 5, 14)), Recipient.PARTY) == []


def test_nothing_is_sent_on_a_holiday_and_nothing_is_lost_by_it() -> None:
    history = History()
    history.issue(cluster(), date(2026, 3, 1))
    history.open(date(2026, 3, 19))  # 14 days later is Maundy Thursday
    assert now(history, date(2026, 4, 2)) == ()
    assert not [one for one in now(history, date(2026, 4, 1)) if one.rule.code == "signature"]
    assert [one for one in now(history, date(2026, 4, 7)) if one.rule.code == "signature"]


def test_what_was_missed_is_sent_once_and_not_for_every_step() -> None:
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))
    last = read("klynge", history.events, date(2026, 2, 1)).in_force.terms.valid_until  # type: ignore[union-attr]
    on = next_working_day(last - timedelta(days=200))
    sent = live(history, on, on)
    assert of("renewal-ask", sent) == [on]
    assert live(history, on, on) == []


def test_the_renewal_plan_the_end_and_those_who_are_told() -> None:
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))
    folded = read("klynge", history.events, date(2026, 2, 1))
    last = folded.in_force.terms.valid_until  # type: ignore[union-attr]
    sent = live(history, last - timedelta(days=500), last + timedelta(days=60))
    assert len(of("term-end", sent)) == len(of("term-end", sent, Recipient.COORDINATOR)) == 3
    assert of("renewal-ask", sent) == of("renewal-ask", sent, Recipient.COORDINATOR)
    assert all(day <= last for day in of("term-end", sent))
    assert all(is_working_day(day) for day, _ in sent)
    keys = [(reminder.rule.code, reminder.subject) for _, reminder in sent]
    assert len(keys) == len(set(keys))


def test_a_notice_that_is_not_copied_is_reminded_of_weekly_until_it_is() -> None:
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))
    party = cluster().parties()[1].municipality
    history.notice(party, date(2026, 3, 2))
    sent = live(history, date(2026, 3, 2), date(2026, 3, 31))
    assert of("notice-copy", sent) == [date(2026, 3, 2) + timedelta(days=7 * n) for n in range(5)]
    assert not of("notice-end", sent)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (PlanAdopted(year=2027), "action-plan"),
        (TaskDone(task=Task.ACTION_PLAN, period="2027"), "action-plan"),
        (TaskDone(task=Task.ANNUAL_REPORT, period="2026"), "annual-report"),
        (TaskDone(task=Task.CONTACT_REVIEW, period="2027"), "contact-review"),
        (ContactsChanged(contacts=SOMEBODY), "contact-review"),
        (TaskDone(task=Task.GRANT_REPORT, period="2027-03-01"), "grant-report"),
    ],
)
def test_a_recurring_task_stands_until_it_is_done(payload: Payload, code: str) -> None:
    reports = (date(2027, 3, 1),)
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))

    def stands(on: date) -> bool:
        found = tasks(read("klynge", history.events, on), PLAN, reports)
        return any(task.code == code and task.due.year == 2027 for task in found)

    on = date(2027, 4, 15)
    assert stands(on)
    history.add(payload, date(2027, 4, 10))
    assert not stands(on)


def test_yearly_tasks_wait_until_a_new_agreement_has_settled() -> None:
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))
    due = {task.period + task.code: task.due for task in tasks(read("klynge", history.events, date(2026, 2, 1)), PLAN)}
    assert due["2026action-plan"] == date(2026, 1, 12) + timedelta(days=90)
    assert due["2026contact-review"] == date(2026, 9, 1)
    assert "2025action-plan" not in due
    assert "2025annual-report" not in due  # there was no agreement to report on
    assert tasks(read("klynge", History().events, date(2026, 2, 1)), PLAN) == ()


def test_an_agreement_that_is_over_asks_for_nothing() -> None:
    history = in_force(cluster(), date(2026, 1, 5), date(2026, 1, 12))
    last = read("klynge", history.events, date(2026, 2, 1)).in_force.terms.valid_until  # type: ignore[union-attr]
    assert occasions(read("klynge", history.events, last + ONE_DAY), PLAN, (date(2027, 3, 1),)) == ()


THREE = cluster(members=("4601", "4631", "4640"))
WITHOUT_THE_LAST = cluster(members=("4601", "4631"))


def three() -> History:
    """Three parties, bound from 12 January 2026 to the end of 2030."""
    return in_force(THREE, date(2026, 1, 5), date(2026, 1, 12))


def due(history: History, code: str, on: date) -> list[tuple[str, date]]:
    found = occasions(read("klynge", history.events, on), PLAN)
    return [(one.party, one.day) for one in found if one.code == code]


def test_an_amendment_does_not_begin_the_renewal_plan_anew() -> None:
    history = three()
    sent = live(history, date(2029, 12, 1), date(2030, 1, 10))
    assert of("renewal-ask", sent) == [date(2029, 12, 17), date(2029, 12, 31)]
    history.issue(THREE, date(2030, 1, 11), basis=Basis.AMENDMENT, follows=1)
    history.sign_all(THREE, date(2030, 1, 14), version=2)
    assert of("renewal-ask", live(history, date(2030, 1, 14), date(2030, 1, 29))) == []
    assert of("renewal-ask", live(history, date(2030, 1, 30), date(2030, 1, 30))) == [date(2030, 1, 30)]


def test_who_leaves_the_day_before_an_amendment_begins_is_told_of_its_last_day() -> None:
    history = three()
    history.notice("4640", date(2026, 5, 4))
    history.issue(WITHOUT_THE_LAST, date(2026, 6, 1), basis=Basis.AMENDMENT, follows=1)
    history.sign_all(WITHOUT_THE_LAST, date(2026, 6, 15), version=2)  # begins when the third is gone
    assert read("klynge", history.events, date(2027, 5, 5)).in_force.number == 2  # type: ignore[union-attr]
    assert due(history, "notice-end", date(2026, 7, 1)) == [("4640", date(2027, 5, 4))]
    assert due(history, "notice-end", date(2027, 5, 5)) == []


def test_who_leaves_the_day_before_a_renewal_without_it_begins_is_told_of_its_last_day() -> None:
    history = three()
    history.notice("4640", date(2026, 5, 4))
    renewed = cluster(valid_until=date(2034, 12, 31))
    history.issue(renewed, date(2026, 6, 1), basis=Basis.RENEWAL, follows=1)
    history.sign_all(renewed, date(2026, 6, 15), version=2)
    history.notice("4631", date(2026, 7, 1))  # it has signed the renewal, and goes on by it
    ends = [("4640", date(2027, 5, 4)), ("4631", date(2027, 7, 1))]
    assert due(history, "notice-end", date(2026, 8, 3)) == ends


def test_one_of_two_leavers_who_goes_with_the_agreement_is_told_of_that_day() -> None:
    history = three()
    history.notice("4631", date(2026, 4, 1))
    history.notice("4640", date(2026, 3, 2))
    assert due(history, "notice-end", date(2026, 5, 4)) == [("4640", date(2027, 3, 2)), ("4631", date(2027, 4, 1))]
    history.notice("4601", date(2026, 2, 2))
    ends = [("4601", date(2027, 2, 2)), ("4631", date(2027, 3, 2)), ("4640", date(2027, 3, 2))]
    assert due(history, "notice-end", date(2026, 5, 4)) == ends


def test_a_notice_goes_on_for_the_successor_of_who_gave_it() -> None:
    history = three()
    history.notice("4640", date(2026, 5, 4))
    history.add(PartyContinued(party="4640", successor="9001"), date(2027, 1, 1))
    assert due(history, "notice-end", date(2027, 1, 2)) == [("9001", date(2027, 5, 4))]


def test_a_copy_is_asked_for_though_the_agreement_runs_out_first_and_not_when_the_party_is_gone() -> None:
    history = three()
    late = history.notice("4640", date(2030, 5, 6))
    history.notice("4631", date(2028, 5, 8))
    assert due(history, "notice-copy", date(2030, 6, 3)) == [("4640", date(2030, 5, 6))]
    assert due(history, "notice-copy", date(2029, 1, 2)) == [("4631", date(2028, 5, 8))]
    history.add(NoticeCopied(notice=late.number, party="4640"), date(2030, 6, 4))
    assert due(history, "notice-copy", date(2030, 6, 5)) == []


def test_nobody_is_told_that_the_agreement_runs_out_when_a_signed_renewal_goes_on() -> None:
    history = three()
    renewed = cluster(members=("4601", "4631", "4640"), valid_until=date(2034, 12, 31))
    history.issue(renewed, date(2030, 1, 7), basis=Basis.RENEWAL, follows=1, valid_from=date(2031, 1, 1))
    first = live(history, date(2030, 10, 1), date(2030, 10, 31))
    assert of("term-end", first) == [date(2030, 10, 2)]
    history.sign_all(renewed, date(2030, 11, 4), version=2)
    assert of("term-end", live(history, date(2030, 11, 4), date(2030, 12, 31))) == []


def test_the_approvals_of_a_renewal_are_those_of_its_newest_version() -> None:
    history = three()
    renewed = cluster(members=("4601", "4631", "4640"), valid_until=date(2034, 12, 31))
    history.issue(renewed, date(2030, 1, 7), basis=Basis.RENEWAL, follows=1, valid_from=date(2031, 1, 1))
    for party in ("4601", "4631", "4640"):
        history.add(ApprovalRecorded(version=2, party=party, body="kommunedirektør"), date(2030, 2, 4))
    assert due(history, "renewal-approvals", date(2030, 3, 4)) == []
    history.issue(renewed, date(2030, 3, 4), basis=Basis.REPLACEMENT, follows=2, valid_from=date(2031, 1, 1))
    assert due(history, "renewal-approvals", date(2030, 3, 5)) == [("", date(2030, 6, 30))]


def test_where_each_is_bound_on_signing_the_others_are_reminded_still() -> None:
    each = cluster(members=("4601", "4631", "4640"), entry_into_force=EntryIntoForce.EACH_ON_SIGNING)
    history = History()
    history.issue(each, date(2026, 1, 5))
    history.open(date(2026, 1, 5), date(2026, 3, 31))
    for party in ("4601", "4631"):
        history.sign(party, date(2026, 1, 12))
    assert due(history, "signature", date(2026, 2, 2)) == [("4640", date(2026, 1, 5))]
    assert due(history, "signing-deadline", date(2026, 2, 2)) == [("4640", date(2026, 3, 31))]
    history.add(PartyContinued(party="4640", successor="9001"), date(2026, 2, 3))
    assert due(history, "signature", date(2026, 2, 4)) == []


def test_a_contact_is_wanted_of_who_is_bound_counted_from_its_first_day() -> None:
    history = three()
    history.add(ContactsChanged(contacts=SOMEBODY, parties_without_contact=("4640",)), date(2026, 2, 2))
    first = [("4640", date(2026, 2, 11))]
    assert due(history, "foui-contact", date(2026, 2, 3)) == first
    history.issue(THREE, date(2026, 3, 2), basis=Basis.AMENDMENT, follows=1, without_contact=("4640",))
    history.sign_all(THREE, date(2026, 3, 9), version=2)
    assert due(history, "foui-contact", date(2026, 3, 10)) == first
    history.issue(THREE, date(2026, 4, 7), basis=Basis.AMENDMENT, follows=2)  # it has named one meanwhile
    history.sign_all(THREE, date(2026, 4, 13), version=3)
    assert due(history, "foui-contact", date(2026, 4, 14)) == []


def test_who_has_left_is_not_asked_for_a_contact() -> None:
    history = three()
    history.notice("4640", date(2026, 5, 4))
    history.add(ContactsChanged(contacts=SOMEBODY, parties_without_contact=("4640",)), date(2026, 6, 1))
    assert due(history, "foui-contact", date(2027, 5, 4)) == [("4640", date(2026, 2, 11))]
    assert due(history, "foui-contact", date(2027, 5, 5)) == []


def test_a_new_motor_municipality_is_sought_until_the_change_is_signed() -> None:
    history = three()
    history.notice("4601", date(2026, 5, 4))
    assert due(history, "new-motor", date(2026, 5, 5)) == [("4601", date(2027, 5, 4))]
    others = cluster(motor_municipality="4631", members=("4631", "4640"))
    history.issue(others, date(2026, 9, 1), basis=Basis.MOTOR_CHANGE, follows=1)
    assert due(history, "new-motor", date(2026, 9, 2)) == [("4601", date(2027, 5, 4))]
    history.sign_all(others, date(2026, 9, 14), version=2)
    assert due(history, "new-motor", date(2026, 9, 15)) == []


def test_yearly_tasks_are_seen_past_the_day_an_amendment_begins() -> None:
    history = three()
    history.notice("4640", date(2026, 1, 20))
    history.issue(WITHOUT_THE_LAST, date(2026, 3, 2), basis=Basis.AMENDMENT, follows=1)
    history.sign_all(WITHOUT_THE_LAST, date(2026, 3, 9), version=2)
    assert ("", date(2027, 1, 31)) in due(history, "action-plan", date(2027, 1, 4))
