"""The rules of time once more, written from the specification only (design/agreement.md, KS's template, issue 3).

Simple and slow: a journal of plain facts is lived through day by day, and what holds on a day is written down.
It shares nothing with `ksf_agreements`, not even the arithmetic of dates.

Quotations are from agreement.md, with its section; 'cl.' is a clause of KS's template.

Decisions where the specification is silent (what its users would expect):

 1. A voided event never was, in the view of any date ('the situation of that date as known now', issue 3). Voiding
    the voiding does not bring it back ('the right fact is entered by its own command'). What points at a version that
    was voided falls with it.
 2. Facts of one day have no order among themselves: ends of yesterday, continuations, versions that begin,
    signatures, withdrawals, accessions, notices. Who must sign an addendum, or consent to a withdrawal, are the parties
    bound that day, not counting those who accede on that very day.
 3. A reserved signature does not count until the reservation is lifted, and until then the party is still 'invited' or
    'approved', or 'declined' if the approval was refused; but signing has begun. `signed_on` is the day it signed.
    A reservation that fell away before the signature was another's, which was voided; the new one stands.
 4. A version needs the signature of every party it names. A party that leaves while an amendment is open must sign it
    or be left out by a new version (as cl. 2 demands before entry into force).
 5. 'An amendment signed by all': every party bound on the day it would begin, so one that leaves out a party whose
    notice runs begins when that party is gone. Who acceded after the amendment was issued is taken along and holds
    nobody up. A renewal before the old end has no such exception ('it never ends the old one for a party that does
    not renew'): where one who is bound has not signed, it begins when nobody is bound by the old one any more.
 6. An amendment, and a renewal before the old end, need every bound party also where parties are bound each on
    signing; others who are named may then sign later and are bound from their own day.
 7. Nothing enters into force after its own `valid_until` (what is not signed by then is 'expired'), and no amendment
    after what it amends has ended.
 8. An amendment goes on with notices, accessions and each party's bound_from; its in_force_from is its own. A renewal
    is a new term: bound_from is its first day for that party.
 9. A notice given after a party signed a renewal concerns the new term too ('that party's participation'); one
    given before it signed does not (who signs a new term while a notice runs stays, by everybody's signature).
10. A notice by or to one who is not bound that day does nothing; several notices: the earliest end. A withdrawal when
    the party has left does nothing. 'n of m' are the names in the document, and in force also who acceded.
11. Continuation on day C: the party is bound through the day before, its successor from C, in its place: with its
    notice, its role as motor municipality, its signatures. A successor that already is a party stays as it was, bound
    as long as one of its places binds.
12. Once ended (fewer than two, or the last day passed) an agreement does not come back by a late signature or an
    accession; a renewal or a new version is needed, and until it begins the status is that of what ended, and
    the new one is `upcoming` ('an agreement-free period is shown').
13. Both at once (the last leaver's end is `valid_until`): expired, not terminated.
14. 'Nearer its end than the first step': after the day of the step, not on it. Not 'ending' where a
    renewal is signed and begins the day after, for then the agreement itself does not end.
15. 'A motor municipality to come': an open version names another one that is not leaving itself. A motor municipality
    that is bound to the last day is no reason (the agreement runs out first).
16. A party whose notice runs is 'leaving' though the agreement may run out first; one who is only left alone by
    another's notice is 'bound' (until that day). All are 'left' once the agreement has ended.
17. Whoever signs is taken at the signature, though a refusal was recorded before or after.
18. A confirmation carries a signature on any of the versions that this one stands in place of.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
FOREVER = date(9999, 12, 31)


# --- facts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """Something that happened: its number in the journal and the day it occurred on."""

    number: int
    on: date


@dataclass(frozen=True)
class Issued(Fact):
    version: int
    parties: tuple[str, ...]
    motor: str
    valid_until: date
    valid_from: date | None = None
    basis: str = "original"  # original, replacement, renewal, amendment (change of motor municipality is one)
    follows: int | None = None
    each_on_signing: bool = False
    accession_by_motor: bool = False
    contributions: bool = False


@dataclass(frozen=True)
class Approved(Fact):
    version: int
    party: str


@dataclass(frozen=True)
class Signed(Fact):
    version: int
    party: str
    reserved: bool = False


@dataclass(frozen=True)
class Lifted(Fact):
    version: int
    party: str


@dataclass(frozen=True)
class Declined(Fact):
    version: int
    party: str


@dataclass(frozen=True)
class Confirmed(Fact):
    version: int
    party: str


@dataclass(frozen=True)
class Notice(Fact):
    party: str


@dataclass(frozen=True)
class NoticeToParty(Fact):
    party: str
    ends_on: date


@dataclass(frozen=True)
class Withdrawn(Fact):
    notice: int
    consents: frozenset[str]


@dataclass(frozen=True)
class Acceded(Fact):
    party: str
    signed_by: frozenset[str]


@dataclass(frozen=True)
class Continued(Fact):
    party: str
    successor: str | None


@dataclass(frozen=True)
class Voided(Fact):
    event: int


# --- dates ----------------------------------------------------------------------------------------------------------


def one_year_after(day: date) -> date:
    """Sec. 4: 'the year runs from that day; one year from 29 February ends on 28 February'."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 2, 28)
    return date(day.year + 1, day.month, day.day)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def renewal_plan(valid_until: date, contributions: bool) -> tuple[date, date, date, date]:
    """Sec. 7: '12 months before (18 where contributions are required): ask the parties; 9: draft; 6: approvals; 3'."""
    return (
        months_before(valid_until, 18 if contributions else 12),
        months_before(valid_until, 9),
        months_before(valid_until, 6),
        months_before(valid_until, 3),
    )


# --- what is known on a day -----------------------------------------------------------------------------------------


@dataclass
class Place:
    """One seat at the table: who holds it, since when, and the notices that run against it."""

    name: str  # the party named in the document, or who acceded
    holder: str
    since: date
    notices: dict[int, date] = field(default_factory=dict)  # the notice's number: its end, if nothing comes before

    def own_end(self) -> date:
        return min(self.notices.values(), default=FOREVER)


@dataclass(frozen=True)
class PartyAnswer:
    state: str
    signed_on: date | None = None
    bound_from: date | None = None
    bound_until: date | None = None


@dataclass(frozen=True)
class UpcomingAnswer:
    version: int
    status: str
    signed: int
    of: int


@dataclass(frozen=True)
class Answer:
    """All that the oracle has to say of one day."""

    status: str
    version: int | None
    in_force_from: date | None
    valid_until: date | None
    signed: int
    of: int
    bound: frozenset[str]
    motor: str | None
    parties: dict[str, PartyAnswer]
    upcoming: UpcomingAnswer | None
    notice_ends: dict[int, date]
    plan: tuple[date, date, date, date] | None


@dataclass
class Evening:
    """What stands at the end of a day."""

    current: int | None = None
    began: date | None = None
    places: list[Place] = field(default_factory=list)
    stints: list[tuple[str, date, date]] = field(default_factory=list)  # over, in this term: who, from, until
    acceded: dict[str, date] = field(default_factory=dict)
    last: int | None = None  # the version that was in force last
    last_began: date | None = None
    ended: str | None = None  # expired or terminated, when nothing is in force any more
    over: frozenset[int] = frozenset()  # versions that were in force and are not
    given: dict[int, tuple[str, date, date]] = field(default_factory=dict)  # notices not taken back: who, when, end

    def copy(self) -> Evening:
        places = [Place(place.name, place.holder, place.since, dict(place.notices)) for place in self.places]
        return Evening(
            self.current,
            self.began,
            places,
            list(self.stints),
            dict(self.acceded),
            self.last,
            self.last_began,
            self.ended,
            self.over,
            dict(self.given),
        )

    def holders(self) -> frozenset[str]:
        return frozenset(place.holder for place in self.places)


class Oracle:
    """Lives through a journal of facts, day by day."""

    def __init__(self, facts: list[Fact] | tuple[Fact, ...], every_day: bool = False) -> None:
        """Read the facts; with `every_day` nothing is skipped, not even days on which nothing can happen."""
        self.facts = _standing(facts)
        self.every_day = every_day
        self.issued = {fact.version: fact for fact in self.facts if isinstance(fact, Issued)}
        self.by_day: dict[date, list[Fact]] = {}
        for fact in self.facts:
            self.by_day.setdefault(fact.on, []).append(fact)
        self.evenings: dict[date, Evening] = {}
        self.watched: set[date] = {fact.valid_from for fact in self.issued.values() if fact.valid_from}
        self.lived_until: date | None = min(self.by_day) - ONE_DAY if self.by_day else None
        self.days: list[date] = []
        if self.lived_until:
            self.evenings[self.lived_until] = Evening()
            self.days.append(self.lived_until)

    # --- living through the days ---

    def evening(self, day: date) -> Evening:
        """What stands on `day`, as its facts and those before it say."""
        if self.lived_until is None or day < min(self.by_day):
            return Evening()
        while self.lived_until < day:
            morning = self.lived_until + ONE_DAY if self.every_day else self._next_busy_day()
            if morning > day:
                break
            before = self.evenings[self.lived_until]
            evening = self.evenings[morning] = self._live(morning, before.copy())
            self.days.append(morning)
            self.lived_until = morning
            # What is known to end, ends: tomorrow's morning of that day must be lived.
            self.watched |= {place.own_end() + ONE_DAY for place in evening.places if place.notices}
            if evening.current is not None:
                self.watched.add(self.issued[evening.current].valid_until + ONE_DAY)
        return self.evenings[self.days[bisect_right(self.days, day) - 1]]

    def _next_busy_day(self) -> date:
        """The next day that has facts, or that something known ends or begins on; others change nothing."""
        assert self.lived_until is not None
        ahead = (one for days in (self.by_day, self.watched) for one in days if one > self.lived_until)
        return min(ahead, default=FOREVER)

    def _live(self, day: date, now: Evening) -> Evening:
        today = self.by_day.get(day, [])
        self._end_what_ended_yesterday(day, now)
        for fact in today:
            if isinstance(fact, Continued):
                self._continue(fact, day, now)
        self._end_if_fewer_than_two(day, now)
        # Who joins by a signature that counts from today is bound today, and what begins today must not pass it over.
        self._join_on_signing(day, now)
        self._begin_versions(day, now)
        self._join_on_signing(day, now)
        bound = now.holders()
        for fact in today:
            if isinstance(fact, Withdrawn):
                self._withdraw(fact, bound, now)
        for fact in today:
            if isinstance(fact, Acceded):
                self._accede(fact, bound, day, now)
        for fact in today:
            if isinstance(fact, Notice | NoticeToParty):
                self._give_notice(fact, now)
        return now

    def _end_what_ended_yesterday(self, day: date, now: Evening) -> None:
        """Sec. 4: "'Til og med 31.12.2029' includes that day"; 'the party is bound through its end date'."""
        if now.current is None:
            return
        if day > self.issued[now.current].valid_until:
            self._end(day, now, "expired")
            return
        for place in list(now.places):
            if place.own_end() < day:
                self._vacate(place, day, now)

    def _vacate(self, place: Place, day: date, now: Evening) -> None:
        now.places.remove(place)
        if place.holder not in now.holders() and place.since < day:
            now.stints.append((place.holder, place.since, day - ONE_DAY))

    def _end(self, day: date, now: Evening, how: str) -> None:
        assert now.current is not None
        for place in list(now.places):
            self._vacate(place, day, now)
        now.last, now.last_began, now.ended = now.current, now.began, how
        now.over |= {now.current}
        now.current = now.began = None

    def _end_if_fewer_than_two(self, day: date, now: Evening) -> None:
        """Sec. 4: 'When fewer than two parties are left, the agreement ends on that date.'"""
        if now.current is not None and len(now.holders()) < 2:
            self._end(day, now, "terminated")

    def _continue(self, fact: Continued, day: date, now: Evening) -> None:
        """Sec. 4: 'asks for a recorded human decision; a successor is never put in silently' (decision 11)."""
        for place in list(now.places):
            if place.holder != fact.party:
                continue
            if fact.successor is None:
                self._vacate(place, day, now)
                continue
            others = [other.since for other in now.places if other.holder == fact.successor]
            if place.since < day:
                now.stints.append((place.holder, place.since, day - ONE_DAY))
            place.holder, place.since = fact.successor, min(others, default=day)

    def _begin_versions(self, day: date, now: Evening) -> None:
        for version in sorted(self.issued):
            if version != now.current and version not in now.over and self._begins(version, day, now):
                self._begin(version, day, now)

    def _begins(self, version: int, day: date, now: Evening) -> bool:
        issued = self.issued[version]
        if day < issued.on or day > issued.valid_until or self.replaced(version, day):
            return False
        counted = self.counted(version, day)
        named = self.named(version, day)
        # Sec. 4: 'the date of the last signature of all parties' ...
        signed_by_all = bool(named) and self._by_all_names(version, day)
        # ... '`each_on_signing`: between those who have signed, from the second signature'.
        if not (len(counted) >= 2 if issued.each_on_signing else signed_by_all):
            return False
        root = self.root(version)
        signed_by_all_bound = now.holders() <= set(counted)
        if root.basis == "amendment":
            # Sec. 4: 'an amendment signed by all'; 'the old one binds until the new one does'.
            # Whoever has taken the place of one who was bound before is no newcomer: that one was not passed over.
            heirs = {place.holder for place in now.places if place.holder != place.name}
            newcomers = {
                who for who, on in now.acceded.items() if on >= issued.on and who not in issued.parties
            } - heirs
            return now.current is not None and now.holders() - newcomers <= set(counted)
        if root.basis == "renewal":
            # Sec. 4: 'valid_from the day after the old end (earlier only if every bound party signs)';
            # 'Late: an agreement-free period is shown, never backdated'.
            if issued.valid_from is not None and day < issued.valid_from:
                return False
            by_signing = {max(on, issued.valid_from or on) for on in counted.values()}
            return now.current is None or (signed_by_all_bound and day in by_signing)
        return now.current is None or (now.current in self.in_place_of(version) and signed_by_all_bound)

    def _begin(self, version: int, day: date, now: Evening) -> None:
        before = now.current
        if before is not None and (self.root(version).basis == "amendment" or before in self.in_place_of(version)):
            now.over |= {before}
            now.current, now.began = version, day
            self._join(version, day, now)
            return
        places = [
            Place(name, holder, day, self._notices_since_signing(name, own, now))
            for name, holder in self.holders_of(version, day).items()
            if (own := self._counts_from(version, {name, holder}, day)) is not None
        ]
        places = [place for place in places if place.own_end() >= day]
        if len({place.holder for place in places}) < 2:
            # 'Fewer than two parties are left' before it begins: it does not.
            return
        if before is not None:
            now.over |= {before}
        now.current, now.began, now.ended = version, day, None
        now.places, now.stints, now.acceded = places, [], {}

    def _join(self, version: int, day: date, now: Evening) -> None:
        """Whoever is named, has signed and is not bound yet, is bound from today (unless it signed before it left)."""
        counted = self.counted(version, day)
        for name, holder in self.holders_of(version, day).items():
            left = max((until for who, _, until in now.stints if who == holder), default=date.min)
            if holder in counted and holder not in now.holders() and counted[holder] > left:
                place = Place(name, holder, day, self._notices_since_signing(name, counted[holder], now))
                if place.own_end() >= day:
                    now.places.append(place)

    def _notices_since_signing(self, name: str, signed: date, now: Evening) -> dict[int, date]:
        """Decision 9: a notice given after a party signed the renewal concerns the new term too."""
        return {
            number: end
            for number, (who, given, end) in now.given.items()
            if given > signed and self.holder(name, given) == who
        }

    def _join_on_signing(self, day: date, now: Evening) -> None:
        """Sec. 4: '`each_on_signing`: between those who have signed, from the second signature'."""
        if now.current is None or not self.issued[now.current].each_on_signing:
            return
        self._join(now.current, day, now)

    def _withdraw(self, fact: Withdrawn, bound: frozenset[str], now: Evening) -> None:
        """Sec. 4: 'afterwards with the recorded written consent of the other bound parties'."""
        for place in now.places:
            if fact.notice in place.notices and bound - {place.holder} <= fact.consents:
                del place.notices[fact.notice]
                now.given.pop(fact.notice, None)

    def _accede(self, fact: Acceded, bound: frozenset[str], day: date, now: Evening) -> None:
        """Sec. 4: 'an addendum signed by the new municipality and all bound parties (or by the motor municipality,
        where `accession: motor`) ...; in force from its own date; the old end date applies'."""
        if now.current is None or fact.party in now.holders():
            return
        motor = self.motor(now.current, day)
        by_motor = self.issued[now.current].accession_by_motor and motor in fact.signed_by and motor in bound
        if fact.party in fact.signed_by and (bound <= fact.signed_by or by_motor):
            now.places.append(Place(fact.party, fact.party, day))
            now.acceded[fact.party] = day

    def _give_notice(self, fact: Notice | NoticeToParty, now: Evening) -> None:
        """Sec. 4: 'The notice is seen from the day it was received; the year runs from that day'; 'a notice *to* a
        party, with ground, decision, end date'. Cl. 12: 'med en oppsigelsestid på ett (1) år'."""
        if isinstance(fact, Notice) and self._taken_back_in_time(fact):
            return
        for place in now.places:
            if place.holder == fact.party:
                end = one_year_after(fact.on) if isinstance(fact, Notice) else fact.ends_on
                place.notices[fact.number] = end
                now.given[fact.number] = (fact.party, fact.on, end)

    def _taken_back_in_time(self, notice: Notice) -> bool:
        """Sec. 4: 'It can be taken back alone only if that arrives no later than the notice'."""
        return any(
            isinstance(fact, Withdrawn) and fact.notice == notice.number and fact.on <= notice.on for fact in self.facts
        )

    # --- versions and signatures ---

    def root(self, version: int) -> Issued:
        """What a version is at bottom: a replacement is what it stands in place of."""
        issued = self.issued[version]
        while issued.basis == "replacement" and issued.follows in self.issued:
            issued = self.issued[issued.follows]
        return issued

    def replaced(self, version: int, day: date) -> bool:
        """Sec. 4: 'leaving one out needs a new version without it'; from its day the earlier one is not open."""
        return any(
            fact.basis == "replacement" and fact.follows == version and fact.on <= day for fact in self.issued.values()
        )

    def in_place_of(self, version: int) -> list[int]:
        """The versions, latest first, that this one stands in place of."""
        result = []
        issued = self.issued[version]
        while issued.basis == "replacement" and issued.follows in self.issued:
            issued = self.issued[issued.follows]
            result.append(issued.version)
        return result

    def holder(self, name: str, day: date) -> str | None:
        """Who stands where the document says `name`, after continuations."""
        holder: str | None = name
        for fact in self.facts:
            if isinstance(fact, Continued) and fact.on <= day and fact.party == holder:
                holder = fact.successor
        return holder

    def holders_of(self, version: int, day: date) -> dict[str, str]:
        issued = self.issued[version]
        return {name: holder for name in issued.parties if (holder := self.holder(name, day)) is not None}

    def named(self, version: int, day: date) -> set[str]:
        return set(self.holders_of(version, day).values())

    def motor(self, version: int, day: date) -> str | None:
        """Sec. 4: "roles have a history ('motorkommune på dato X')"."""
        return self.holder(self.issued[version].motor, day)

    def counted(self, version: int, day: date) -> dict[str, date]:
        """Whose signatures count for a version on a day, and since when."""
        return {
            holder: on
            for name, holder in self.holders_of(version, day).items()
            if (on := self._counts_from(version, {name, holder}, day)) is not None
        }

    def _by_all_names(self, version: int, day: date) -> bool:
        """Whether there is a signature for every party that the document names and that anybody stands for."""
        holders = self.holders_of(version, day)
        return all(self._counts_from(version, {name, holder}, day) is not None for name, holder in holders.items())

    def _counts_from(self, version: int, names: set[str], day: date) -> date | None:
        own = self._signature(version, names, day)
        # Sec. 4: 'earlier signatures count for it only where the party has confirmed in writing that the agreement
        # stands without X (recorded per party; in force from the last confirmation or signature)'.
        confirmations = [
            fact.on
            for fact in self.facts
            if isinstance(fact, Confirmed) and fact.version == version and fact.party in names and fact.on <= day
        ]
        earlier = [self._signature(before, names, day) for before in self.in_place_of(version)]
        signatures = [signature for signature in earlier if signature is not None]
        days = [own] if own is not None else []
        if confirmations and signatures:
            days.append(max(min(confirmations), min(signatures)))
        return min(days, default=None)

    def _signature(self, version: int, names: set[str], day: date) -> date | None:
        """Sec. 4: "A signature 'med forbehold om godkjenning' counts from the day the reservation is lifted"."""
        for fact in self.facts:
            if isinstance(fact, Signed) and fact.version == version and fact.party in names and fact.on <= day:
                if not fact.reserved:
                    return fact.on
                lifted = [
                    lift.on
                    for lift in self.facts
                    if isinstance(lift, Lifted)
                    and lift.version == version
                    and lift.party in names
                    and fact.on <= lift.on <= day
                ]
                if lifted:
                    return min(lifted)
        return None

    # --- answers ---

    def bound(self, day: date) -> frozenset[str]:
        """Sec. 4: "'Who was bound on date X' has one answer"."""
        return self.evening(day).holders()

    def agreement_end(self, now: Evening) -> date:
        """The last day with at least two parties, as known."""
        assert now.current is not None
        until = self.issued[now.current].valid_until
        ends: dict[str, date] = {}
        for place in now.places:
            ends[place.holder] = max(ends.get(place.holder, date.min), min(place.own_end(), until))
        return sorted(ends.values())[-2]

    def open_version(self, day: date, now: Evening) -> int | None:
        """The version that is open for signing, or signed and waiting for its first day."""
        waiting = [
            version
            for version, issued in self.issued.items()
            if issued.on <= day <= issued.valid_until
            and version != now.current
            and version not in now.over
            and not self.replaced(version, day)
        ]
        return max(waiting, default=None)

    def answer(self, day: date) -> Answer:
        """Everything about one day."""
        now = self.evening(day)
        opened = self.open_version(day, now)
        if now.current is not None:
            # Sec. 6: 'While a renewal or amendment is being signed, `status` is that of the version in force and
            # `upcoming` that of the other.'
            shown, began, status = now.current, now.began, self._in_force_or_ending(day, now, opened)
        elif now.ended is not None:
            assert now.last is not None
            shown, began, status = now.last, now.last_began, now.ended
        else:
            issued = [version for version, fact in self.issued.items() if fact.on <= day]
            if not issued:
                return Answer("draft", None, None, None, 0, 0, frozenset(), None, {}, None, {}, None)
            shown = opened if opened is not None else max(issued)
            began, status = None, self._open_status(shown, day)
        version = self.issued[shown]
        upcoming = None
        if opened is not None and opened != shown:
            upcoming = UpcomingAnswer(opened, self._open_status(opened, day), *self._n_of_m(opened, day, set()))
        signed, of = self._n_of_m(shown, day, self._acceded(shown, day, now, began))
        return Answer(
            status=status,
            version=shown,
            in_force_from=began,
            valid_until=version.valid_until,
            signed=signed,
            of=of,
            bound=now.holders(),
            motor=self.motor(shown, day),
            parties=self._parties(shown, day, now),
            upcoming=upcoming,
            notice_ends={
                number: min(end, version.valid_until) for place in now.places for number, end in place.notices.items()
            },
            plan=renewal_plan(version.valid_until, version.contributions),
        )

    def _open_status(self, version: int, day: date) -> str:
        """Sec. 6: 'draft -> issued -> signing (from the first signature; n of m)'."""
        if day > self.issued[version].valid_until:
            return "expired"
        signed = any(isinstance(fact, Signed) and fact.version == version and fact.on <= day for fact in self.facts)
        return "signing" if signed or self.counted(version, day) else "issued"

    def _acceded(self, version: int, day: date, now: Evening, began: date | None) -> set[str]:
        """Who acceded and was bound by the version shown; not whose heir stands for somebody the document names."""
        named, holders = set(self.issued[version].parties), self.named(version, day)
        present = {
            place.name
            for place in now.places
            if place.holder not in named and (place.holder == place.name or place.holder not in holders)
        } | {who for who, _, until in now.stints if until >= (began or until)}
        return present & now.acceded.keys()

    def _n_of_m(self, version: int, day: date, acceded: set[str]) -> tuple[int, int]:
        """Sec. 4: 'signert av 8 av 10' (decision 10)."""
        names = self.issued[version].parties
        counted = [
            name
            for name in names
            if self._counts_from(version, {name, self.holder(name, day) or name}, day) is not None
        ]
        more = len(acceded - set(names))
        return len(counted) + more, len(names) + more

    def _in_force_or_ending(self, day: date, now: Evening, opened: int | None) -> str:
        """Sec. 6: 'ending (only when the agreement itself will end: nearer its end than the renewal plan's first step,
        without a motor municipality to come, or fewer than two will be left)'; 'One leaver does not make it ending'."""
        assert now.current is not None
        version = self.issued[now.current]
        first_step = renewal_plan(version.valid_until, version.contributions)[0]
        end = self.agreement_end(now)
        if (day > first_step or end < version.valid_until) and not self._renewed(day, now, opened, end):
            return "ending"
        motor = self.motor(now.current, day)
        stays = any(place.holder == motor and place.own_end() >= end for place in now.places)
        # Each on signing: the motor municipality may still sign.
        here = {place.holder for place in now.places} | {who for who, _, _ in now.stints}
        stays = stays or (version.each_on_signing and motor is not None and motor not in here)
        if not stays and not self._motor_to_come(motor, day, now, opened):
            return "ending"
        return "in_force"

    def _renewed(self, day: date, now: Evening, opened: int | None, until: date) -> bool:
        if opened is None or self.root(opened).basis != "renewal":
            return False
        issued, counted = self.issued[opened], set(self.counted(opened, day))
        no_gap = issued.valid_from is None or issued.valid_from <= until + ONE_DAY
        # A notice that concerns the renewal too (decision 9) may have run out when it begins.
        leaving = {
            holder
            for name, holder in self.holders_of(opened, day).items()
            if holder in counted
            and any(
                end <= until
                for end in self._notices_since_signing(name, self.counted(opened, day)[holder], now).values()
            )
        }
        signed = len(counted) >= 2 if issued.each_on_signing else self._by_all_names(opened, day)
        return no_gap and signed and len(counted - leaving) >= 2

    def _motor_to_come(self, motor: str | None, day: date, now: Evening, opened: int | None) -> bool:
        if opened is None:
            return False
        new = self.motor(opened, day)
        leaving = {place.holder for place in now.places if place.notices}
        return new is not None and new != motor and new not in leaving

    def _parties(self, version: int, day: date, now: Evening) -> dict[str, PartyAnswer]:
        result: dict[str, PartyAnswer] = {}
        counted = self.counted(version, day)
        for name, holder in self.holders_of(version, day).items():
            result[holder] = PartyAnswer(self._open_state(version, {name, holder}, holder in counted, day))
        # Who left in this term, and then (or again) who is bound.
        for who, since, until in now.stints:
            result[who] = PartyAnswer("left", None, since, until)
        if now.current is not None:
            end = self.agreement_end(now)
            valid_until = self.issued[now.current].valid_until
            for holder in now.holders():
                mine = [place for place in now.places if place.holder == holder]
                own = max(min(place.own_end(), valid_until) for place in mine)
                state = "leaving" if all(place.notices for place in mine) else "bound"
                result[holder] = PartyAnswer(state, None, min(place.since for place in mine), min(own, end))
        return {
            who: PartyAnswer(party.state, self._signed_on(version, who, day), party.bound_from, party.bound_until)
            for who, party in sorted(result.items())
        }

    def _signed_on(self, version: int, who: str, day: date) -> date | None:
        """The day it signed this version, or the one before that its confirmation carries over (decision 3)."""
        for one in (version, *self.in_place_of(version)):
            for fact in self.facts:
                if isinstance(fact, Signed) and (fact.version, fact.party) == (one, who) and fact.on <= day:
                    return fact.on
            if self._counts_from(version, {who}, day) is None:
                return None
        return None

    def _open_state(self, version: int, names: set[str], counted: bool, day: date) -> str:
        """Sec. 6: 'Party: invited, approved, signed, declined, bound, leaving (date), left.'"""
        if counted:
            return "signed"
        known = [fact for fact in self.facts if fact.on <= day]
        if any(isinstance(fact, Declined) and fact.version == version and fact.party in names for fact in known):
            return "declined"
        if any(isinstance(fact, Approved) and fact.version == version and fact.party in names for fact in known):
            return "approved"
        return "invited"


def _standing(facts: list[Fact] | tuple[Fact, ...]) -> list[Fact]:
    """The facts that stand: not voided, nor on a version that was (decision 1)."""
    voided = {fact.event for fact in facts if isinstance(fact, Voided)}
    standing = [fact for fact in facts if fact.number not in voided and not isinstance(fact, Voided)]
    versions = {fact.version for fact in standing if isinstance(fact, Issued)}
    notices = {fact.number for fact in standing if isinstance(fact, Notice | NoticeToParty)}
    return sorted(
        (
            fact
            for fact in standing
            if not (
                isinstance(fact, Approved | Signed | Lifted | Declined | Confirmed) and fact.version not in versions
            )
            and not (isinstance(fact, Withdrawn) and fact.notice not in notices)
        ),
        key=lambda fact: (fact.on, fact.number),
    )
