"""An agreement's life by legal steps: what may happen next is asked of the oracle, what does happen is drawn.

Each step returns whether it could be taken. `today` never goes back; some facts are entered late, with the date that
they occurred on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from ksf_agreements.domain.events import Basis
from tests.oracle import rules
from tests.oracle.adapter import facts
from tests.oracle.driver import Driver, Terms

ONE_DAY = timedelta(days=1)
Item = TypeVar("Item")


class Life:
    """Takes steps in one agreement."""

    def __init__(
        self,
        driver: Driver,
        choose: random.Random,
        start: date,
        newcomers: Iterator[str],
        *,
        term_days: tuple[int, int] = (200, 1500),
        size: tuple[int, int] = (2, 6),
    ) -> None:
        self.driver = driver
        self.choose = choose
        self.today = start
        self.newcomers = newcomers
        self.term_days = term_days
        self.size = size
        self.taken: dict[str, int] = {}
        self._known: tuple[int, rules.Oracle] | None = None

    # --- what is known ---

    @property
    def oracle(self) -> rules.Oracle:
        """What the oracle says of what has happened so far."""
        events = self.driver.events()
        if self._known is None or len(events) != self._known[0]:
            self._known = len(events), rules.Oracle(facts(events))
        return self._known[1]

    def _now(self) -> tuple[rules.Oracle, rules.Answer, int | None]:
        oracle = self.oracle
        answer = oracle.answer(self.today)
        opened = oracle.open_version(self.today, oracle.evening(self.today))
        return oracle, answer, opened

    def _pick(self, items: Sequence[Item]) -> Item:
        return items[self.choose.randrange(len(items))]

    def _flag(self, percent: int) -> bool:
        return self.choose.randrange(100) < percent

    def _late(self, earliest: date) -> date:
        """Today, or a day before it when something is entered late."""
        if self._flag(75):
            return self.today
        return max(earliest, self.today - timedelta(days=self.choose.randrange(40)))

    def _on(self, oracle: rules.Oracle, day: date, *kinds: type[rules.Fact]) -> bool:
        """Whether facts of these kinds occurred on a day: together they would have no order (decision 2)."""
        return any(fact.on == day and isinstance(fact, kinds) for fact in oracle.facts)

    def _unsigned(self, oracle: rules.Oracle, version: int) -> list[str]:
        issued = oracle.issued[version]
        signed = {fact.party for fact in oracle.facts if isinstance(fact, rules.Signed) and fact.version == version}
        gone = {fact.party for fact in oracle.facts if isinstance(fact, rules.Continued)}
        if oracle.root(version).basis == "amendment":
            # Who has left comes back by acceding, not by an amendment that was drawn up while it was there.
            gone |= {who for who, party in oracle.answer(self.today).parties.items() if party.state == "left"}
        return [party for party in issued.parties if party not in signed and party not in gone]

    def _can_be_signed(self, oracle: rules.Oracle, answer: rules.Answer) -> int | None:
        """The version that may be signed today."""
        opened = oracle.open_version(self.today, oracle.evening(self.today))
        if opened is None and answer.version is not None and answer.status in {"in_force", "ending"}:
            opened = answer.version if oracle.issued[answer.version].each_on_signing else None
        if opened is None:
            return None
        dead = oracle.root(opened).basis == "amendment" and answer.status in {"expired", "terminated"}
        return None if dead else opened

    # --- steps ---

    def step(self, name: str) -> bool:
        """Take a step by its name."""
        done = bool(getattr(self, name)())
        if done:
            self.taken[name] = self.taken.get(name, 0) + 1
        return done

    def wait(self) -> bool:
        """Let some days pass, or get to a turning point or next to it."""
        if self._flag(50):
            self.today += timedelta(days=self.choose.randrange(1, 120))
            return True
        answer = self.oracle.answer(self.today)
        ahead = {
            day + timedelta(days=self.choose.randrange(-1, 3))
            for party in answer.parties.values()
            for day in (party.bound_until,)
            if day
        }
        ahead |= set(answer.plan or ()) | ({answer.valid_until} if answer.valid_until else set())
        later = sorted(day for day in ahead if day > self.today)
        self.today = later[0] if later else self.today + timedelta(days=self.choose.randrange(1, 400))
        return True

    def issue(self) -> bool:
        """A first version, or a new agreement when the old one is over and nothing is open."""
        _oracle, answer, opened = self._now()
        if opened is not None or answer.status not in {"draft", "expired", "terminated"}:
            return False
        parties = tuple(next(self.newcomers) for _ in range(self.choose.randrange(self.size[0], self.size[1] + 1)))
        terms = Terms(
            parties,
            parties[0],
            self._last_day(self.today),
            each_on_signing=self._flag(25),
            accession_by_motor=self._flag(30),
            contributions=self._flag(30),
        )
        self.driver.issue(self.today, Basis.ORIGINAL, None, terms)
        return True

    def _last_day(self, after: date) -> date:
        day = after + timedelta(days=self.choose.randrange(*self.term_days))
        if self._flag(20):
            return date(day.year, 12, 31)
        if self._flag(10):
            return date(day.year + (-day.year) % 4, 2, 29)
        return day

    def approve(self) -> bool:
        oracle, answer, _ = self._now()
        version = self._can_be_signed(oracle, answer)
        if version is None or not (parties := self._unsigned(oracle, version)):
            return False
        self.driver.approve(self.today, version, self._pick(parties))
        return True

    def sign(self) -> bool:
        """One or several parties sign the open version."""
        oracle, answer, _ = self._now()
        version = self._can_be_signed(oracle, answer)
        if version is None or not (parties := self._unsigned(oracle, version)):
            return False
        all_of_them = self._flag(50)
        if self._on(oracle, self.today, rules.Acceded, rules.Notice, rules.NoticeToParty):
            return False
        for party in parties if all_of_them else [self._pick(parties)]:
            on = self._late(oracle.issued[version].on) if not all_of_them or self._flag(50) else self.today
            if self._on(oracle, on, rules.Acceded, rules.Notice, rules.NoticeToParty):
                on = self.today
            # Who is found to have been bound already did not sign the addendum, or consent, of that day.
            if any(fact.on >= on for fact in oracle.facts if isinstance(fact, rules.Acceded | rules.Withdrawn)):
                on = self.today
            self.driver.sign(on, version, party, reserved=self._flag(12))
        return True

    def lift(self) -> bool:
        oracle, answer, _ = self._now()
        version = self._can_be_signed(oracle, answer)
        versions = [version, *oracle.in_place_of(version)] if version else []
        waiting = [
            (fact.version, fact.party)
            for fact in oracle.facts
            if isinstance(fact, rules.Signed)
            and fact.reserved
            and fact.version in versions
            and not any(
                isinstance(lift, rules.Lifted)
                and (lift.version, lift.party) == (fact.version, fact.party)
                and lift.on >= fact.on
                for lift in oracle.facts
            )
        ]
        if not waiting:
            return False
        if self._on(oracle, self.today, rules.Acceded, rules.Notice, rules.NoticeToParty):
            return False
        self.driver.lift(self.today, *self._pick(waiting))
        return True

    def decline(self) -> bool:
        oracle, answer, _ = self._now()
        version = self._can_be_signed(oracle, answer)
        if version is None:
            return False
        counted = oracle.counted(version, self.today)
        parties = [party for party in oracle.issued[version].parties if party not in counted]
        if not parties:
            return False
        self.driver.decline(self.today, version, self._pick(parties))
        return True

    def replace(self) -> bool:
        """A version in place of an open one: without somebody who has not signed, or the same parties anew."""
        oracle, answer, opened = self._now()
        if (
            opened is None
            or self._can_be_signed(oracle, answer) is None
            or oracle.named(opened, self.today) <= set(oracle.counted(opened, self.today))
        ):
            return False
        old = oracle.issued[opened]
        out = [party for party in self._unsigned(oracle, opened) if party != old.motor]
        anew = self._flag(10) and not oracle.in_place_of(opened)
        if not anew and (not out or len(old.parties) < 3):
            return False
        gone = None if anew else self._pick(out)
        holders = {party: oracle.holder(party, self.today) for party in old.parties if party != gone}
        parties = tuple(dict.fromkeys(holder for holder in holders.values() if holder is not None))
        if len(parties) < 2:
            return False
        self.driver.issue(
            self.today,
            Basis.REPLACEMENT,
            opened,
            Terms(
                parties,
                oracle.motor(opened, self.today) or parties[0],
                old.valid_until,
                old.valid_from,
                old.each_on_signing,
                old.accession_by_motor,
                old.contributions,
            ),
        )
        return True

    def confirm(self) -> bool:
        """Those who signed before confirm that the agreement stands without who was left out."""
        oracle, answer, opened = self._now()
        if opened is None or self._can_be_signed(oracle, answer) is None:
            return False
        chain = oracle.in_place_of(opened)
        if not chain or len(oracle.issued[chain[0]].parties) == len(oracle.issued[opened].parties):
            return False
        confirmed = {
            fact.party for fact in oracle.facts if isinstance(fact, rules.Confirmed) and fact.version == opened
        }
        signed = {fact.party for fact in oracle.facts if isinstance(fact, rules.Signed) and fact.version in chain}
        parties = [one for one in self._unsigned(oracle, opened) if one in signed and one not in confirmed]
        if self._on(oracle, self.today, rules.Acceded, rules.Notice, rules.NoticeToParty):
            return False
        for party in parties if self._flag(60) else parties[:1]:
            self.driver.confirm(self.today, opened, party)
        return bool(parties)

    def notice(self) -> bool:
        """A party gives notice; sometimes it is entered late."""
        oracle, answer, _ = self._now()
        if not answer.bound:
            return False
        motor = answer.motor
        party = motor if motor in answer.bound and self._flag(25) else self._pick(sorted(answer.bound))
        assert party is not None
        on = self._late(answer.parties[party].bound_from or self.today)
        # A day that another fact of the same party or version fell on would have no order (decision 2).
        if party not in oracle.bound(on):
            return False
        if self._on(oracle, on, rules.Signed, rules.Lifted, rules.Confirmed):
            return False
        self.driver.notice(on, party)
        return True

    def notice_to_party(self) -> bool:
        _, answer, _ = self._now()
        if not answer.bound:
            return False
        ends_on = self.today + timedelta(days=self.choose.randrange(400))
        self.driver.notice_to_party(self.today, self._pick(sorted(answer.bound)), ends_on)
        return True

    def withdraw(self) -> bool:
        """A notice is taken back: alone on the day it arrived, else with everybody's consent."""
        oracle, answer, _ = self._now()
        running = [
            fact for fact in oracle.facts if isinstance(fact, rules.Notice) and fact.number in answer.notice_ends
        ]
        if not running:
            return False
        notice = self._pick(running)
        if notice.party not in answer.bound:
            return False
        alone = notice.on == self.today and self._flag(50)
        consents = frozenset() if alone else answer.bound - {notice.party}
        self.driver.withdraw(self.today, notice.number, notice.party, consents)
        return True

    def accede(self) -> bool:
        oracle, answer, _ = self._now()
        if not answer.bound or answer.version is None:
            return False
        left = [who for who, party in answer.parties.items() if party.state == "left"]
        gone = {fact.party for fact in oracle.facts if isinstance(fact, rules.Continued)}
        again = [who for who in left if who not in gone]
        party = self._pick(again) if again and self._flag(30) else next(self.newcomers)
        signed_by = {party, *answer.bound}
        if oracle.issued[answer.version].accession_by_motor and answer.motor in answer.bound and self._flag(50):
            signed_by = {party, answer.motor or ""}
        if self._on(oracle, self.today, rules.Acceded, rules.Signed, rules.Lifted, rules.Confirmed):
            return False
        self.driver.accede(self.today, party, signed_by)
        return True

    def amend(self) -> bool:
        """An amendment, or a change of motor municipality: names everybody bound, or leaves out who is leaving."""
        oracle, answer, opened = self._now()
        if opened is not None or answer.version is None or not answer.bound:
            return False
        old = oracle.issued[answer.version]
        staying = [who for who in sorted(answer.bound) if answer.parties[who].state != "leaving"]
        parties = staying if self._flag(30) and len(staying) >= 2 else sorted(answer.bound)
        changed = self._flag(50) or answer.motor not in parties
        motor = self._pick(staying or parties) if changed else answer.motor
        if motor not in parties:
            motor = parties[0]
        valid_until = old.valid_until
        if self._flag(20) and set(parties) == answer.bound:
            valid_until = max(self.today + ONE_DAY, valid_until + timedelta(days=self.choose.randrange(-200, 400)))
        assert motor is not None
        terms = Terms(
            tuple(parties),
            motor,
            valid_until,
            None,
            old.each_on_signing,
            self._flag(30),
            old.contributions,
        )
        self.driver.issue(self.today, Basis.MOTOR_CHANGE if changed else Basis.AMENDMENT, answer.version, terms)
        return True

    def renew(self) -> bool:
        """A renewal: early with all, from the day after, late, without some, short."""
        oracle, answer, opened = self._now()
        if opened is not None or answer.version is None or answer.status in {"issued", "signing", "draft"}:
            return False
        old = oracle.issued[answer.version]
        who = {number: party.state for number, party in answer.parties.items() if party.state in {"bound", "leaving"}}
        if not who:
            gone = {fact.party for fact in oracle.facts if isinstance(fact, rules.Continued)}
            who = {number: "bound" for number in answer.parties if number not in gone}
        parties = [number for number, state in who.items() if state == "bound" or self._flag(30)]
        if self._flag(15) and len(parties) > 2:
            parties.remove(self._pick(parties))
        if self._flag(15):
            parties.append(next(self.newcomers))
        if len(parties) < 2:
            return False
        motor = answer.motor if answer.motor in parties else self._pick(parties)
        after = old.valid_until + ONE_DAY
        early = self._flag(40)
        valid_until = (
            max(old.valid_until, self.today) + timedelta(days=90)
            if self._flag(15)
            else self._last_day(max(after, self.today))
        )
        if valid_until <= old.valid_until:
            return False
        assert motor is not None
        terms = Terms(
            tuple(parties),
            motor,
            valid_until,
            None if early else after,
            old.each_on_signing,
            old.accession_by_motor,
            self._flag(30),
        )
        self.driver.issue(self.today, Basis.RENEWAL, answer.version, terms)
        return True

    def continue_party(self) -> bool:
        """A party merges into a new or a known municipality, or nobody takes its place."""
        oracle, answer, opened = self._now()
        if not answer.bound or answer.version is None:
            return False
        party = self._pick(sorted(answer.bound))
        if any(fact.on >= self.today for fact in oracle.facts if not isinstance(fact, rules.Continued)):
            return False
        if opened is not None and (
            party in oracle.named(opened, self.today) and party not in oracle.counted(opened, self.today)
        ):
            return False
        staying = {who for who in answer.bound if answer.parties[who].state == "bound"}
        gone = {fact.party for fact in oracle.facts if isinstance(fact, rules.Continued)}
        others = sorted(staying - {party} - gone) if party in staying else []
        kind = self.choose.randrange(10)
        successor = next(self.newcomers) if kind < 6 else (self._pick(others) if kind < 9 and others else None)
        if successor is None and opened is not None and party in oracle.named(opened, self.today):
            return False
        self.driver.continue_party(self.today, party, successor)
        return True

    def void(self) -> bool:
        """The last event was a mistake; or a signature on an open version was, or a running notice."""
        events = self.driver.events()
        if not events:
            return False
        oracle, answer, opened = self._now()
        choices = []
        gone = {fact.party for fact in oracle.facts if isinstance(fact, rules.Continued)}
        last = events[-1]
        if last.kind.split(":")[1] in {"signature", "notice", "accession", "reservation", "absence"}:
            choices.append(last.number)
        later = {fact.notice for fact in oracle.facts if isinstance(fact, rules.Withdrawn)}
        choices += [
            fact.number
            for fact in oracle.facts
            if (isinstance(fact, rules.Signed) and fact.version == opened and fact.party not in gone)
            or (isinstance(fact, rules.Notice) and fact.number in answer.notice_ends and fact.number not in later)
        ]
        voided = {event.payload.event for event in events if event.kind == "agreement:event:voided"}  # type: ignore[attr-defined]
        choices = [number for number in choices if number not in voided]
        if not choices:
            return False
        self.driver.void(self.today, self._pick(choices))
        return True

    # --- many steps ---

    def live(self, steps: int, weights: dict[str, int] | None = None) -> None:
        """Take about so many steps."""
        names = [name for name, weight in (weights or WEIGHTS).items() for _ in range(weight)]
        for _ in range(steps):
            if not self.step(self._pick(names)) or self._flag(35):
                continue
            self.today += timedelta(days=self.choose.randrange(1, 25))


WEIGHTS = {
    "wait": 8,
    "issue": 4,
    "approve": 1,
    "sign": 12,
    "lift": 3,
    "decline": 1,
    "replace": 2,
    "confirm": 8,
    "notice": 3,
    "notice_to_party": 1,
    "withdraw": 2,
    "accede": 3,
    "amend": 3,
    "renew": 4,
    "continue_party": 1,
    "void": 1,
}
STEPS: tuple[str, ...] = tuple(WEIGHTS)


def dice(seed: int) -> random.Random:
    """Chance that is the same every time."""
    return random.Random(seed)  # noqa: S311


def newcomers(first: int = 101) -> Iterator[str]:
    """Municipality numbers without end."""
    while True:
        yield f"{first:04d}"
        first += 1
