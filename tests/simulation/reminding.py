"""A year of reminders over the clusters of the country, beside what the oracle says is due (`expecting`).

Every rule is worked out: each step must come exactly once to each recipient, and nothing else: none on a holiday, none
of something that is done. What is done is drawn: signing opened, notices copied, parties asked, plans, reports.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ksf_agreements.domain import events as e
from ksf_agreements.domain.folded import read
from ksf_agreements.domain.recurring import YearPlan
from ksf_agreements.domain.schedule import RULES, Reminder, reminders
from tests.oracle import rules
from tests.oracle.driver import ACTOR
from tests.oracle.life import Life, dice
from tests.simulation.country import clusters, month
from tests.simulation.expecting import HOLIDAYS, IN_FORCE, ONE_DAY, STEPS, Beside, Told, ripe, standing, working

AT = datetime(2020, 1, 1, tzinfo=UTC)
REPORTS = ((), (date(2027, 3, 1), date(2027, 9, 15)), (date(2027, 6, 30),))
"""Report dates of grant letters, by turns."""
SHORT = (2 * 365, 3 * 365 + 180)
"""The terms of every other cluster, in days: so that they near their end in the year."""


@dataclass
class Year:
    """What the year came to."""

    sent: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Cluster:
    """One agreement: it lives, is reminded of day by day, and says what should have come."""

    def __init__(self, life: Life, index: int, seed: int) -> None:
        self.life = life
        self.driver = life.driver
        self.choose: random.Random = dice(seed * 1000 + index)
        self.beside = Beside(REPORTS[index % 3])
        self.more: list[e.Event] = []
        self.sent: set[tuple[str, str]] = set()
        self.last: dict[tuple[str, str], date] = {}

    def record(self, payload: e.Payload, on: date) -> None:
        """Add an event beside those of the life."""
        event = e.Event(100_000 + len(self.more), self.driver.cluster, payload, ACTOR, AT, on)
        self.more.append(event)
        self.beside.take(event)

    def act(self, day: date) -> Iterator[str]:
        """Do what was to be done: some at once, some late, some never."""
        oracle, often = self.life.oracle, self.choose.random
        for version, issued in oracle.issued.items():
            opens = issued.on + timedelta(days=20 * (version % 2))
            if version not in self.beside.opened and opens <= day:
                deadline = opens + timedelta(days=30) if version % 3 else None
                self.record(e.SigningOpened(version=version, deadline=deadline), opens)
        for one in oracle.facts:
            if isinstance(one, rules.Notice) and one.number not in self.beside.copied and often() < 0.02:
                self.record(e.NoticeCopied(notice=one.number, party=one.party), day)
                yield "notice-copy"
        if often() < 0.02:
            yield from self._do_a_task(day)

    def _do_a_task(self, day: date) -> Iterator[str]:
        answer = self.life.oracle.answer(day)
        if answer.status not in IN_FORCE or answer.version is None or answer.plan is None:
            return
        task = self.choose.choice((*e.Task, "plan", "contacts", "ask"))
        if task == "ask":
            if day > answer.plan[0] - timedelta(days=30):
                parties = tuple(sorted(answer.bound))
                ends = day + timedelta(days=2000)
                self.record(e.RenewalStarted(of_version=answer.version, valid_until=ends, invited=parties), day)
                yield "renewal-ask"
        elif task == "plan":
            self.record(e.PlanAdopted(year=day.year), day)
            yield "action-plan"
        elif task == "contacts":
            without = tuple(one for one in sorted(answer.parties) if self.choose.random() < 0.3)
            self.record(e.ContactsChanged(contacts=ACTOR, parties_without_contact=without), day)
            yield "contact-review"
        elif task is not e.Task.GRANT_REPORT:
            self.record(e.TaskDone(task=task, period=str(day.year)), day)
            yield task
        elif self.beside.reports:
            self.record(e.TaskDone(task=task, period=self.beside.reports[0].isoformat()), day)
            yield task

    def come(self, day: date) -> tuple[Reminder, ...]:
        """Return what the program reminds of on a day, and record that it was sent."""
        events = (*self.driver.events(), *self.more)
        found = reminders(read(self.driver.cluster, events, day), RULES, YearPlan(), self.beside.reports)
        for one in found:
            self.record(e.ReminderSent(rule=one.rule.code, subject=one.subject, recipient=ACTOR), day)
        return found

    def expected(self, day: date) -> set[Told]:
        """Return what must come on a day."""
        found = set()
        for due in standing(self.life.oracle, self.beside, day):
            latest = ripe(due, day)
            if latest is None or (STEPS[due.code].passes and day > due.day):
                continue
            if self.last.get((due.code, due.key), date.min) < latest:
                self.last[due.code, due.key] = latest
                found |= {Told(due.code, due.key, to, latest) for to in STEPS[due.code].to}
        return found


def reminded(count: int, seed: int, start: date = date(2027, 1, 1), days: int = 365) -> Year:
    """Let the country live until ``start``, and then for a year day by day; return what came, and what went wrong."""
    choose = dice(seed)
    lives = clusters(choose, date(2025, 1, 1), count)
    for life in lives[::2]:
        life.term_days = SHORT
    country = [Cluster(life, index, seed) for index, life in enumerate(lives)]
    for end in _months(date(2025, 2, 1), start):
        for one in country:
            month(one.life, choose, end)
    year = Year()
    day = first = working(start)
    while day < start + timedelta(days=days):
        for one in country:
            if day.day == 1:
                month(one.life, choose, day)
            year.done.update(one.act(day))
            if day == first:  # what two years have gathered comes first, and is not counted
                one.come(day)
                one.expected(day)
            else:
                _check(one, day, year)
        day += ONE_DAY
    return year


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _check(cluster: Cluster, day: date, year: Year) -> None:
    def said(text: str) -> None:
        year.faults.append(f"{day} {cluster.driver.cluster}: {text}")

    rest = day.weekday() > 4 or day in HOLIDAYS
    if rest and day.weekday() > 4 and day.day > 7:
        return  # most weekends are like the others
    found = cluster.come(day)
    if rest:
        if found:
            said("something is sent on a holiday")
        return
    expected = cluster.expected(day)
    told = {Told(one.rule.code, one.occasion.key, str(one.to), one.step) for one in found}
    year.expected.update(one.code for one in expected)
    for missing in sorted(expected - told):
        said(f"missing {missing}")
    for surplus in sorted(told - expected):
        said(f"too much {surplus}")
    for one in found:
        key = one.rule.code, one.subject
        year.sent[one.rule.code] += 1
        if key in cluster.sent:
            said(f"twice {key}")
        cluster.sent.add(key)
