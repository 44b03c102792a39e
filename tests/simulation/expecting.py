"""What must be reminded of on a day, worked out from the specification and the oracle's answers alone.

Of the program's own it uses the events that say what was done, and nothing that reckons: the steps, the days and the
working days (another library's holidays) are found here once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import holidays

from ksf_agreements.domain import events as e
from tests.oracle import rules
from tests.oracle.rules import Answer, Oracle, PartyAnswer

ONE_DAY = timedelta(days=1)
HOLIDAYS = holidays.country_holidays("NO", years=range(2024, 2040))
IN_FORCE = frozenset({"in_force", "ending"})
RENEWAL = ("renewal-ask", "renewal-draft", "renewal-approvals", "renewal-signing")
YEARLY = {"action-plan": (1, 31), "annual-report": (3, 1), "contact-review": (9, 1)}
PARTY, LEADER, COORDINATOR = "party", "cluster_leader", "coordinator"


class Steps(NamedTuple):
    """Days from the occasion, how often again (0: never), whom, and whether it passes with its day."""

    days: tuple[int, ...]
    every: int
    to: tuple[str, ...]
    passes: bool = False


STEPS = {
    "signature": Steps((14,), 7, (PARTY,)),
    "approval": Steps((14,), 14, (PARTY,)),
    "signing-deadline": Steps((-7,), 0, (PARTY,), passes=True),
    "renewal-ask": Steps((-14, 0), 30, (LEADER, COORDINATOR)),
    "renewal-draft": Steps((-14, 0), 30, (LEADER,)),
    "renewal-approvals": Steps((-30, 0), 30, (LEADER,)),
    "renewal-signing": Steps((-14, 0), 14, (LEADER,)),
    "term-end": Steps((-90, -30, -7), 0, (LEADER, COORDINATOR), passes=True),
    "notice-end": Steps((-60, -14), 0, (PARTY, LEADER, COORDINATOR), passes=True),
    "new-motor": Steps((-270, -180, -90, -30), 0, (COORDINATOR, LEADER), passes=True),
    "notice-copy": Steps((0,), 7, (LEADER,)),
    "foui-contact": Steps((0,), 30, (PARTY, LEADER)),
    "action-plan": Steps((-30, 0), 30, (LEADER,)),
    "annual-report": Steps((-30, 0), 30, (LEADER,)),
    "contact-review": Steps((0,), 30, (LEADER,)),
    "grant-report": Steps((-30, -7, 0), 7, (LEADER,)),
}
"""Section 7 of agreement.md, and the table of rules as people read it."""


class Due(NamedTuple):
    """Something that stands undone: its rule, the day that it counts from, and what tells it from others."""

    code: str
    day: date
    event: int = 0
    party: str = ""
    period: str = ""

    @property
    def key(self) -> str:
        return f"{self.event}/{self.party}/{self.period or self.day.isoformat()}"


class Told(NamedTuple):
    """A reminder as it is compared."""

    code: str
    key: str
    to: str
    step: date


def working(day: date) -> date:
    """The day itself, or the next that is neither in a weekend nor a holiday."""
    while day.weekday() > 4 or day in HOLIDAYS:
        day += ONE_DAY
    return day


def ripe(due: Due, on: date) -> date | None:
    """The latest step that has come."""
    rule = STEPS[due.code]
    steps = [due.day + timedelta(days=offset) for offset in rule.days]
    while rule.every and steps[-1] <= on:
        steps.append(steps[-1] + timedelta(days=rule.every))
    return max((step for step in steps if working(step) <= on), default=None)


@dataclass
class Beside:
    """What happened that the oracle does not ask about: what was sent out, copied, asked, done."""

    reports: tuple[date, ...] = ()
    opened: dict[int, tuple[int, date, date | None]] = field(default_factory=dict)
    copied: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    done: set[tuple[str, str]] = field(default_factory=set)
    contacts: tuple[date, tuple[str, ...]] | None = None

    def take(self, event: e.Event) -> None:
        """Take in what an event says."""
        match event.payload:
            case e.SigningOpened(version=version, deadline=deadline):
                self.opened[version] = event.number, event.occurred_on, deadline
            case e.NoticeCopied(notice=notice):
                self.copied.add(notice)
            case e.RenewalStarted(of_version=version):
                self.asked.add(version)
            case e.TaskDone(task=task, period=period):
                self.done.add((str(task), period))
            case e.PlanAdopted(year=year):
                self.done.add(("action-plan", str(year)))
            case e.ContactsChanged(parties_without_contact=without):
                day = event.occurred_on
                self.contacts = day, without
                # A review counts from half a year before its day, the first of September.
                self.done.add(("contact-review", str(day.year if day.month >= 3 else day.year - 1)))


class Standing:
    """What stands undone on a day."""

    def __init__(self, oracle: Oracle, beside: Beside, day: date) -> None:
        self.oracle, self.beside, self.day = oracle, beside, day
        self.now = oracle.answer(day)
        self.opened = oracle.open_version(day, oracle.evening(day))
        self.coming = list(self._coming())

    def everything(self) -> set[Due]:
        """Each once, though two versions may ask for the same."""
        found = set(self._signing())
        for answer in ([self.now] if self.now.status in IN_FORCE else []) + self.coming:
            found |= {*self._renewal(answer), *self._notices(answer)}
        if self.now.status in IN_FORCE:
            found |= {*self._contacts(), *self._recurring()}
        return found

    def _coming(self) -> Iterator[Answer]:
        """What the oracle says of the first days of the versions that are signed and begin later."""
        ahead = {day for one in self.oracle.issued.values() if (day := one.valid_from) and day > self.day}
        seen = {self.now.version} if self.now.status in IN_FORCE else set()
        answer = self.now
        while True:
            ahead |= {day + ONE_DAY for one in answer.parties.values() if (day := one.bound_until)}
            later = sorted(day for day in ahead if day > self.day)
            found = (self.oracle.answer(day) for day in later)
            new = next((one for one in found if one.status in IN_FORCE and one.version not in seen), None)
            if new is None:
                return
            seen.add(new.version)
            answer = new
            yield new

    # --- signing ---

    def _signing(self) -> Iterator[Due]:
        if self.opened is not None:
            yield from self._unsigned(self.opened, self.oracle.issued[self.opened].parties)
        current = self.now.version
        if self.now.status in IN_FORCE and current is not None and self.oracle.issued[current].each_on_signing:
            waiting = [who for who, one in self.now.parties.items() if one.state in {"invited", "approved"}]
            names = self.oracle.issued[current].parties
            yield from self._unsigned(current, tuple(who for who in waiting if who in names))

    def _unsigned(self, version: int, parties: tuple[str, ...]) -> Iterator[Due]:
        if version not in self.beside.opened:
            return
        number, opened, deadline = self.beside.opened[version]
        counted = self.oracle.counted(version, self.day)
        begins = any(one.version == version for one in self.coming)
        for party in parties:
            said = {
                type(one)
                for one in self.oracle.facts
                if isinstance(one, rules.Approved | rules.Signed | rules.Declined)
                and (one.version, one.party) == (version, party)
                and one.on <= self.day
            }
            if rules.Declined in said or self.oracle.holder(party, self.day) in counted:
                continue
            if begins and not self.oracle.issued[version].each_on_signing:
                continue
            if rules.Signed not in said:
                yield Due("signature", opened, number, party)
            if rules.Approved not in said:
                yield Due("approval", opened, number, party)
            if deadline is not None:
                yield Due("signing-deadline", deadline, number, party)

    # --- the term ---

    def _term(self, version: int) -> set[int]:
        """The version that began the term, and those that amend it up to this one."""
        found = {version}
        while (root := self.oracle.root(version)).basis == "amendment" and root.follows is not None:
            version = root.follows
            found.add(version)
        return found

    def _last_of_term(self, answer: Answer) -> Answer:
        """The answer of the last version of the term, where an amendment is signed and waits."""
        assert answer.version is not None
        for one in self.coming:
            if one.version is not None and one.version != answer.version and answer.version in self._term(one.version):
                return one
        return answer

    def _began(self, version: int) -> int:
        return self.oracle.issued[min(self._term(version))].number

    def _renewal(self, answer: Answer) -> Iterator[Due]:
        if self._last_of_term(answer) is not answer:
            return
        assert answer.version is not None
        assert answer.plan is not None
        event, term = self._began(answer.version), self._term(answer.version)
        last = max(one.bound_until for one in answer.parties.values() if one.bound_until)
        if not self.oracle.bound(last + ONE_DAY):
            yield Due("term-end", last, event)
        versions = [one for one in self.oracle.issued.values() if one.on <= self.day]
        renewals = [
            one
            for one in versions
            if (root := self.oracle.root(one.version)).basis == "renewal" and root.follows in term
        ]
        done = (bool(renewals or term & self.beside.asked), bool(renewals), False, False)
        if renewals:
            newest = max(renewals, key=lambda one: one.version)
            opened = newest.version in self.beside.opened or bool(self.oracle.counted(newest.version, self.day))
            approved = {
                one.party
                for one in self.oracle.facts
                if isinstance(one, rules.Approved) and one.version == newest.version and one.on <= self.day
            }
            done = (True, True, opened or set(newest.parties) <= approved, opened)
        for code, day, is_done in zip(RENEWAL, answer.plan, done, strict=True):
            if not is_done and day <= last:
                yield Due(code, day, event)

    # --- notices ---

    def _notices(self, answer: Answer) -> Iterator[Due]:
        final = self._last_of_term(answer)
        notices = {one.number: one for one in self.oracle.facts if isinstance(one, rules.Notice | rules.NoticeToParty)}
        for number in answer.notice_ends:
            notice = notices[number]
            if isinstance(notice, rules.Notice) and number not in self.beside.copied:
                yield Due("notice-copy", notice.on, number, notice.party)
        parties: dict[str, PartyAnswer] = {**answer.parties, **(final.parties if final is not answer else {})}
        assert final.valid_until is not None
        leaving = {
            who: ends
            for who, one in parties.items()
            if who in answer.parties and one.state in {"leaving", "left"} and (ends := one.bound_until) is not None
            if answer.parties[who].state == "leaving" and ends < final.valid_until
            if who not in self.oracle.bound(ends + ONE_DAY)  # else a renewal goes on
        }
        for who, ends in leaving.items():
            event = self._notice_of(answer, who)
            yield Due("notice-end", ends, event, who)
            after = self.oracle.answer(ends + ONE_DAY)
            if who == answer.motor and after.bound and after.motor == who:
                yield Due("new-motor", ends, event, who)

    def _notice_of(self, answer: Answer, party: str) -> int:
        """The notice that ends first, of those that run against a party's place or against whom it continues."""
        begins = self.day if answer is self.now else answer.in_force_from
        assert begins is not None
        places = [one for one in self.oracle.evening(begins).places if one.holder == party]
        ends = {number: end for one in places for number, end in one.notices.items()}
        return min(ends, key=lambda number: (ends[number], number))

    # --- contacts and tasks ---

    def _contacts(self) -> Iterator[Due]:
        assert self.now.version is not None
        if self.beside.contacts is None or self.beside.contacts[0] < self.oracle.issued[self.now.version].on:
            return
        for party in self.beside.contacts[1]:
            one = self.now.parties.get(party)
            if one is not None and one.state in {"bound", "leaving"} and one.bound_from is not None:
                event = self._began(self.now.version)
                yield Due("foui-contact", one.bound_from + timedelta(days=30), event, party)

    def _recurring(self) -> Iterator[Due]:
        lived = (day for day in self.oracle.days if self.oracle.evenings[day].current is not None)
        begins = min(lived)
        final = self._last_of_term(self.now)
        last = max(one.bound_until for one in final.parties.values() if one.bound_until)
        settled = begins + timedelta(days=90)
        for code, (month, day) in YEARLY.items():
            for year in (self.day.year - 1, self.day.year, self.day.year + 1):
                due = max(date(year, month, day), settled)
                taken_over = date(year + 1, month, day) - timedelta(days=30)
                about = year - 1 if code == "annual-report" else year  # on the year that has passed
                if due.year == year and due <= last and self.day < taken_over and begins.year <= about:
                    yield Due(code, due, period=str(about))
        for due in self.beside.reports:
            if due >= begins:
                yield Due("grant-report", due, period=due.isoformat())


def standing(oracle: Oracle, beside: Beside, day: date) -> set[Due]:
    """Return what stands undone on a day."""
    found = Standing(oracle, beside, day).everything()
    return {one for one in found if (one.code, one.period) not in beside.done}
