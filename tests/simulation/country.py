"""The clusters of the whole country: what happens is drawn, what is said of it is compared with the oracle."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from ksf_agreements.domain.events import PartyContinued, VersionIssued
from ksf_agreements.loading.municipalities import load_register
from tests.oracle.adapter import facts
from tests.oracle.compare import Comparison, turning_days
from tests.oracle.driver import DomainDriver
from tests.oracle.life import Life, dice
from tests.oracle.rules import Oracle

ONE_DAY = timedelta(days=1)

# What happens in a month, in a hundred: more while it is being signed, little while it is in force.
SIGNING = {"approve": 10, "sign": 45, "lift": 15, "decline": 3, "replace": 4, "confirm": 12, "void": 2}
IN_FORCE = {
    "notice": 1,
    "notice_to_party": 0.3,
    "withdraw": 2,
    "accede": 1,
    "amend": 2,
    "continue_party": 0.3,
    "renew": 1,
    "void": 0.3,
}
NEAR_THE_END = {"renew": 25, "notice": 1, "accede": 1, "amend": 4}
OVER = {"renew": 20, "issue": 8}


@dataclass
class Tally:
    """What the country came to."""

    clusters: int = 0
    municipalities: int = 0
    events: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)


class Pool:
    """The municipalities without a cluster: those that never had one, and those that left; a merger makes new ones."""

    def __init__(self, free: list[str]) -> None:
        self.free = free
        self.given: set[str] = set()
        """Who was given to a cluster that may not have issued yet: nobody is a party twice."""
        self.lives: list[Life] = []
        self.merged = 9000

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.free:
            without = self._without_a_cluster()
            self.given.intersection_update(without)
            self.free = [one for one in without if one not in self.given]
        if self.free:
            self.given.add(self.free[-1])
            return self.free.pop()
        self.merged += 1
        return str(self.merged)

    def _without_a_cluster(self) -> list[str]:
        """Whoever no cluster has among its parties, or only among those that left it."""
        placed: set[str] = set()
        everybody: set[str] = set()
        for life in self.lives:
            answer = life.oracle.answer(life.today)
            events = [event.payload for event in life.driver.events()]
            named = {party for one in events if isinstance(one, VersionIssued) for party in one.parties}
            gone = {one.party for one in events if isinstance(one, PartyContinued)}
            everybody |= named - gone
            over = answer.status in {"expired", "terminated"}
            placed |= {who for who, one in answer.parties.items() if one.state != "left"} | (set() if over else named)
        return sorted(everybody - placed)


class Members:
    """A cluster's own municipalities first, then the pool."""

    def __init__(self, own: list[str], pool: Pool) -> None:
        self.own = list(own)
        self.pool = pool

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return self.own.pop(0) if self.own else next(self.pool)


def clusters(choose: random.Random, start: date, count: int) -> list[Life]:
    """Share the country's municipalities out: neighbours (by number) together, some left without a cluster."""
    numbers = sorted(one.number for one in load_register().all_on(start))
    free = choose.sample(numbers, len(numbers) // 13)
    pool = Pool(free)
    placed = [number for number in numbers if number not in set(free)]
    result = []
    for index in range(count):
        own = placed[index * len(placed) // count : (index + 1) * len(placed) // count] if count >= 40 else None
        if own is None:
            own = [placed.pop(0) for _ in range(choose.randrange(3, 7))]
        size = (len(own), len(own))
        life = Life(DomainDriver(), choose, start, Members(own, pool), term_days=(3 * 365, 5 * 365), size=size)
        pool.lives.append(life)
        life.driver.cluster = f"klynge-{index + 1:02d}"
        result.append(life)
    return result


def month(life: Life, choose: random.Random, end: date) -> None:
    """Let a month pass: a few things may happen, on different days."""
    while True:
        life.today += timedelta(days=choose.randrange(1, 15))
        if life.today >= end:
            life.today = end
            return
        answer = life.oracle.answer(life.today)
        if answer.status == "draft":
            if choose.random() < 0.3:
                life.step("issue")
            continue
        chances: dict[str, float] = dict(SIGNING) if answer.upcoming or answer.status in {"issued", "signing"} else {}
        if answer.status in {"in_force", "ending"}:
            chances |= IN_FORCE if answer.status == "in_force" else NEAR_THE_END
        elif answer.status in {"expired", "terminated"}:
            chances |= OVER
        for name, chance in chances.items():
            if choose.random() * 100 < chance:
                life.step(name)


def run(years: int, count: int, seed: int, report: Callable[[str], None] = str) -> Tally:
    """Let the country live, and check every month and every turning day of every cluster."""
    choose = dice(seed)
    start = date(2025, 1, 1)
    tally = Tally()
    country = clusters(choose, start, count)
    tally.clusters = len(country)
    months = [date(start.year + index // 12, index % 12 + 1, 1) for index in range(1, years * 12 + 1)]
    for end in months:
        for life in country:
            month(life, choose, end)
            # What is known at the month's end, of that day and the day before.
            _check(tally, "as known then", life, [end - ONE_DAY, end])
        if end.month == 1:
            report(f"{end.year - 1}: {sum(len(life.driver.events()) for life in country)} events")
    everybody: set[str] = set()
    for life in country:
        events = life.driver.events()
        oracle = Oracle(facts(events))
        # What is known at last: every month, and every day around a turning point.
        _check(tally, "every month", life, months)
        _check(tally, "turning days", life, turning_days(events, oracle))
        tally.events.update(event.kind for event in events)
        for day in months:
            answer = oracle.answer(day)
            tally.statuses[answer.status] += 1
            everybody |= set(answer.parties)
    tally.municipalities = len(everybody)
    return tally


def _check(tally: Tally, what: str, life: Life, days: list[date]) -> None:
    comparison = Comparison()
    found = comparison.check(life.driver.cluster, life.driver.events(), days)
    tally.checks[what] += comparison.days
    tally.disagreements += [f"{life.driver.cluster} ({what}): {one}" for one in found]
