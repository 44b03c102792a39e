"""A year of reminders over the clusters of the country, beside what the oracle says is due.

What is expected is worked out from the specification and the oracle's answers alone: the steps of a rule, weekdays and
another library's holidays, and what is done. Three rules are worked out wholly; all of them are held to the promises
that nothing is sent on a holiday, or twice, or of something that is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import holidays

from ksf_agreements.domain import events as e
from ksf_agreements.domain.recurring import YearPlan
from ksf_agreements.domain.schedule import RULES, Reminder, reminders
from ksf_agreements.domain.status import read
from tests.oracle.driver import ACTOR, DomainDriver
from tests.oracle.life import Life, dice
from tests.oracle.rules import Declined, Signed
from tests.simulation.country import clusters, month

ONE_DAY = timedelta(days=1)
AT = datetime(2020, 1, 1, tzinfo=UTC)
HOLIDAYS = holidays.country_holidays("NO", years=range(2024, 2040))

STEPS: dict[str, tuple[tuple[int, ...], int, bool]] = {
    "signature": ((14,), 7, False),
    "renewal-ask": ((-14, 0), 30, False),
    "notice-end": ((-60, -14), 0, True),
}
"""Section 7 of agreement.md and the table of rules: days from the occasion, how often again, whether it passes."""

Told = tuple[str, str, date, date]
"""A reminder as it is compared: rule, party, the occasion's day, the step."""


@dataclass
class Year:
    """What the year came to."""

    sent: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def working(day: date) -> date:
    """The day itself, or the next that is neither in a weekend nor a holiday."""
    while day.weekday() > 4 or day in HOLIDAYS:
        day += ONE_DAY
    return day


class Cluster:
    """One agreement: it lives, is reminded of day by day, and says what should have come."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.driver = life.driver
        assert isinstance(self.driver, DomainDriver)
        self.sent: set[tuple[str, str]] = set()
        self.reminded: list[e.Event] = []
        self.last: dict[tuple[str, str, date], date] = {}

    def open_signing(self) -> None:
        """Send out each version on the day it is issued."""
        events = self.driver.events()
        opened = {event.payload.version for event in events if isinstance(event.payload, e.SigningOpened)}
        for event in events:
            if isinstance(event.payload, e.VersionIssued) and event.payload.version not in opened:
                self.driver.record(event.occurred_on, e.SigningOpened(version=event.payload.version))

    def come(self, day: date) -> tuple[Reminder, ...]:
        """Return what the program reminds of on a day, and record that it was sent."""
        events = (*self.driver.events(), *self.reminded)
        found = reminders(read(self.driver.cluster, events, day), RULES, YearPlan())
        for one in found:
            payload = e.ReminderSent(rule=one.rule.code, subject=one.subject, recipient=ACTOR)
            number = 100_000 + len(self.reminded)
            self.reminded.append(e.Event(number, self.driver.cluster, payload, ACTOR, AT, day))
        return found

    def expected(self, day: date) -> set[Told]:
        """Return what must come on a day, of the rules that are worked out."""
        found = set()
        for code, party, about in set(self._standing(day)):
            days, every, passes = STEPS[code]
            if passes and day > about:
                continue
            steps = [about + timedelta(days=offset) for offset in days]
            while every and steps[-1] <= day:
                steps.append(steps[-1] + timedelta(days=every))
            latest = max((step for step in steps if working(step) <= day), default=None)
            if latest is not None and self.last.get((code, party, about), date.min) < latest:
                self.last[code, party, about] = latest
                found.add((code, party, about, latest))
        return found

    def is_to_come(self, event: int, day: date) -> bool:
        """Whether an event issued a version that is not in force yet: a short one is renewed before it begins."""
        oracle = self.life.oracle
        return oracle.answer(day).version != next(one.version for one in oracle.issued.values() if one.number == event)

    def _standing(self, day: date) -> Iterator[tuple[str, str, date]]:
        oracle = self.life.oracle
        answer = oracle.answer(day)
        version = oracle.open_version(day, oracle.evening(day))
        if version is not None and oracle.issued[version].on <= day:
            done = {one.party for one in oracle.facts if isinstance(one, Signed | Declined) and one.version == version}
            for party in oracle.issued[version].parties:
                if party not in done and party not in oracle.counted(version, day):
                    yield "signature", party, oracle.issued[version].on
        if answer.status not in {"in_force", "ending"} or answer.version is None or answer.plan is None:
            return
        last = max((one.bound_until for one in answer.parties.values() if one.bound_until), default=None)
        renewals = [one for one in oracle.issued.values() if oracle.root(one.version).basis == "renewal"]
        asked = any(oracle.root(one.version).follows == answer.version for one in renewals)
        if not asked and last is not None and answer.plan[0] <= last:
            yield "renewal-ask", "", answer.plan[0]
        for party, one in answer.parties.items():
            ends = one.bound_until
            if one.state == "leaving" and ends and answer.valid_until and ends < answer.valid_until:
                yield "notice-end", party, ends


def reminded(count: int, seed: int, start: date = date(2027, 1, 1), days: int = 365) -> Year:
    """Let the country live until ``start``, and then for a year day by day; return what came, and what went wrong."""
    choose = dice(seed)
    country = [Cluster(life) for life in clusters(choose, date(2025, 1, 1), count)]
    for end in _months(date(2025, 2, 1), start):
        for one in country:
            month(one.life, choose, end)
    year = Year()
    for one in country:
        one.open_signing()
        one.come(working(start))  # what two years have gathered comes first, and is not counted
        one.expected(working(start))
    day = working(start) + ONE_DAY
    while day < start + timedelta(days=days):
        for one in country:
            if day.day == 1:
                month(one.life, choose, day)
                one.open_signing()
            _check(one, day, year)
        day += ONE_DAY
    return year


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _check(cluster: Cluster, day: date, year: Year) -> None:
    said: Callable[[str], None] = lambda text: year.faults.append(f"{day} {cluster.driver.cluster}: {text}")  # noqa: E731
    rest = day.weekday() > 4 or day in HOLIDAYS
    if rest and day.weekday() > 4 and day.day > 7:
        return  # most weekends are like the others
    found = cluster.come(day)
    if rest and found:
        said("something is sent on a holiday")
    if rest:
        return
    expected = cluster.expected(day)
    told = {
        (one.rule.code, one.occasion.party, one.occasion.day, one.step)
        for one in found
        if one.rule.code in STEPS
        and not (one.rule.code == "renewal-ask" and cluster.is_to_come(one.occasion.event, day))
    }
    year.expected.update(one[0] for one in expected)
    for one in sorted(expected - told):
        said(f"missing {one}")
    for one in sorted(told - expected):
        said(f"too much {one}")
    for one in found:
        key = one.rule.code, one.subject
        year.sent[one.rule.code] += 1
        if key in cluster.sent:
            said(f"twice {key}")
        cluster.sent.add(key)
