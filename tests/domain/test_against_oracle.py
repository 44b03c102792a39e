"""The rules of time against an independent oracle that was written from the specification (tests/oracle)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ksf_agreements.domain import events as e
from ksf_agreements.domain.binding import read_notices
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.folded import read
from ksf_agreements.domain.status import fold
from ksf_agreements.domain.timeline import Since, changed_since, derive, summary_of
from tests.oracle import rules
from tests.oracle.adapter import facts
from tests.oracle.compare import Comparison, turning_days
from tests.oracle.driver import ACTOR, DomainDriver, Driver, Terms
from tests.oracle.life import STEPS, Life, dice, newcomers

START = date(2024, 1, 1)
# A life is told by its facts; to find a shorter one takes minutes.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
Events = tuple[e.Event, ...]


def life(seed: int | random.Random, steps: int = 60) -> Events:
    """A journal as it may come to be."""
    choose = seed if isinstance(seed, random.Random) else dice(seed)
    lived = Life(DomainDriver(), choose, START, newcomers())
    lived.live(steps)
    return lived.driver.events()


def told(events: Iterable[e.Event]) -> str:
    """The facts of a journal, for whoever reads a failure."""
    return "\n".join(str(fact) for fact in facts(events))


def compare(events: Events, days: Iterable[date] | None = None) -> None:
    """Let domain and oracle agree."""
    found = Comparison().check("test", events, days)
    assert not found, "\n".join([*found[:8], told(events)])


# --- generated histories ---


@settings(max_examples=25, phases=UNSHRUNK)
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_generated_histories(choose: random.Random, steps: int) -> None:
    compare(life(choose, steps))


@pytest.mark.parametrize("seed", range(10))
def test_drawn_histories(seed: int) -> None:
    """Long ones: Hypothesis draws the small first."""
    compare(life(seed, 110))


class AgreementLife(RuleBasedStateMachine):
    """An agreement lives by legal steps; `make_driver` is the seam: another driver does the same over the commands."""

    make_driver: Callable[[], Driver] = DomainDriver

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(type(self).make_driver(), dice(0), START, newcomers())

    @initialize(choose=st.randoms(use_true_random=False))
    def first_version(self, choose: random.Random) -> None:
        self.life.choose = choose
        self.life.issue()

    @rule(name=st.sampled_from([name for name in STEPS if name != "wait"]), choose=st.randoms(use_true_random=False))
    def step(self, name: str, choose: random.Random) -> None:
        self.life.choose = choose
        if self.life.step(name):
            last = self.life.driver.events()[-1].occurred_on
            near = {day + timedelta(days=shift) for day in (last, self.life.today) for shift in (-1, 0, 1)}
            compare(self.life.driver.events(), sorted(near))

    @rule(choose=st.randoms(use_true_random=False))
    def sign(self, choose: random.Random) -> None:
        self.step("sign", choose)

    @rule(choose=st.randoms(use_true_random=False))
    def wait(self, choose: random.Random) -> None:
        self.life.choose = choose
        self.life.wait()

    def teardown(self) -> None:
        compare(self.life.driver.events())


TestAgreementLife = AgreementLife.TestCase
TestAgreementLife.settings = settings(max_examples=25, stateful_step_count=40, phases=UNSHRUNK)


# --- told ones: what the generated ones found, so that it is tried every time ---


def signed(driver: Driver, version: int, on: date, *parties: str) -> None:
    """Let parties sign."""
    for party in parties:
        driver.sign(on, version, party, reserved=False)


@pytest.fixture
def driver() -> DomainDriver:
    """A driver with an agreement of three in force until the end of 2027."""
    made = DomainDriver()
    made.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2", "3"), "1", date(2027, 12, 31)))
    signed(made, 1, date(2024, 2, 1), "1", "2", "3")
    return made


def bound(driver: Driver, on: date) -> set[str]:
    """Who is bound, as both say."""
    compare(driver.events())
    return set(read("test", driver.events(), on).bound())


def test_amendment_each_on_signing_puts_nobody_out() -> None:
    """'An amendment signed by all', though two signatures were enough for the agreement."""
    driver = DomainDriver()
    terms = Terms(("1", "2", "3"), "1", date(2027, 12, 31), each_on_signing=True)
    driver.issue(START, e.Basis.ORIGINAL, None, terms)
    signed(driver, 1, date(2024, 2, 1), "1", "2", "3")
    driver.issue(date(2025, 1, 1), e.Basis.AMENDMENT, 1, terms)
    signed(driver, 2, date(2025, 2, 1), "1", "2")
    assert bound(driver, date(2025, 3, 1)) == {"1", "2", "3"}
    assert fold("test", driver.events(), date(2025, 3, 1)).version == 1
    signed(driver, 2, date(2025, 4, 1), "3")
    assert bound(driver, date(2025, 4, 1)) == {"1", "2", "3"}
    assert fold("test", driver.events(), date(2025, 4, 1)).version == 2


def test_a_reservation_that_fell_away_before_the_signature_was_of_another() -> None:
    """The signature it was of is voided; the one given later has a reservation of its own, which still stands."""
    driver = DomainDriver()
    driver.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2"), "1", date(2027, 12, 31)))
    signed(driver, 1, date(2024, 2, 1), "1")
    first = driver.sign(date(2024, 2, 1), 1, "2", reserved=True)
    driver.lift(date(2024, 3, 1), 1, "2")
    assert bound(driver, date(2024, 3, 1)) == {"1", "2"}
    driver.void(date(2024, 4, 1), first)
    driver.sign(date(2024, 4, 2), 1, "2", reserved=True)
    assert bound(driver, date(2024, 5, 1)) == set()
    driver.lift(date(2024, 5, 2), 1, "2")
    assert bound(driver, date(2024, 5, 1)) == set()
    assert bound(driver, date(2024, 5, 2)) == {"1", "2"}


def test_a_signature_entered_anew_with_an_earlier_day_keeps_its_reservation_lifted() -> None:
    driver = DomainDriver()
    driver.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2"), "1", date(2027, 12, 31)))
    signed(driver, 1, date(2024, 2, 1), "1")
    first = driver.sign(date(2024, 2, 10), 1, "2", reserved=True)
    driver.lift(date(2024, 3, 1), 1, "2")
    driver.void(date(2024, 4, 1), first)
    driver.sign(date(2024, 2, 1), 1, "2", reserved=True)
    assert bound(driver, date(2024, 2, 28)) == set()
    assert bound(driver, date(2024, 3, 1)) == {"1", "2"}


def test_a_renewal_each_on_signing_begins_when_two_have_signed_who_are_still_there() -> None:
    """Of the first two, one had given notice since it signed: it begins with the third, not never."""
    driver = DomainDriver()
    terms = Terms(("1", "2", "3"), "2", date(2027, 12, 31), each_on_signing=True)
    driver.issue(START, e.Basis.ORIGINAL, None, terms)
    signed(driver, 1, date(2024, 2, 1), "1", "2", "3")
    renewed = Terms(("1", "2", "3"), "2", date(2031, 12, 31), date(2028, 1, 1), each_on_signing=True)
    driver.issue(date(2025, 1, 1), e.Basis.RENEWAL, 1, renewed)
    signed(driver, 2, date(2025, 2, 1), "1")
    driver.notice(date(2025, 6, 2), "1")
    signed(driver, 2, date(2027, 12, 1), "2")
    assert bound(driver, date(2028, 1, 1)) == set()
    signed(driver, 2, date(2028, 3, 1), "3")
    assert bound(driver, date(2028, 2, 29)) == set()
    assert bound(driver, date(2028, 3, 1)) == {"2", "3"}
    assert fold("test", driver.events(), date(2028, 3, 1)).in_force_from == date(2028, 3, 1)


def test_an_amendment_passes_over_nobody_who_is_bound_from_the_same_day() -> None:
    """'An amendment signed by all': who is bound by a reservation that falls away that day has not signed it."""
    driver = DomainDriver()
    terms = Terms(("1", "2", "3"), "1", date(2027, 12, 31), each_on_signing=True)
    driver.issue(START, e.Basis.ORIGINAL, None, terms)
    signed(driver, 1, date(2024, 2, 1), "1", "2")
    driver.sign(date(2024, 2, 1), 1, "3", reserved=True)
    day = date(2025, 2, 1)
    driver.lift(day, 1, "3")
    driver.issue(day, e.Basis.AMENDMENT, 1, terms)
    signed(driver, 2, day, "1", "2")
    assert bound(driver, day) == {"1", "2", "3"}
    assert fold("test", driver.events(), day).version == 1
    signed(driver, 2, date(2025, 3, 1), "3")
    assert bound(driver, date(2025, 3, 1)) == {"1", "2", "3"}
    assert fold("test", driver.events(), date(2025, 3, 1)).version == 2


def test_renewal_never_ends_the_old_one_for_who_does_not_renew(driver: DomainDriver) -> None:
    """'Valid_from the day after the old end (earlier only if every bound party signs).'"""
    driver.issue(date(2025, 1, 1), e.Basis.RENEWAL, 1, Terms(("1", "2"), "1", date(2030, 12, 31)))
    signed(driver, 2, date(2025, 2, 1), "1", "2")
    assert bound(driver, date(2027, 12, 31)) == {"1", "2", "3"}
    assert bound(driver, date(2028, 1, 1)) == {"1", "2"}


def test_notice_after_signing_a_renewal_reaches_into_it(driver: DomainDriver) -> None:
    """'Enhver partner kan på et hvilket som helst tidspunkt si opp avtalen' (cl. 12)."""
    terms = Terms(("1", "2", "3"), "1", date(2030, 12, 31), date(2028, 1, 1))
    driver.issue(date(2027, 1, 1), e.Basis.RENEWAL, 1, terms)
    driver.notice(date(2027, 1, 15), "2")
    signed(driver, 2, date(2027, 2, 1), "1", "2", "3")
    driver.notice(date(2027, 3, 1), "3")
    assert bound(driver, date(2028, 3, 1)) == {"1", "2", "3"}
    assert bound(driver, date(2028, 3, 2)) == {"1", "2"}, "2 signed the renewal after its notice"


def test_such_a_notice_reaches_into_what_amends_the_renewal_on_its_first_day(driver: DomainDriver) -> None:
    terms = Terms(("1", "2", "3"), "1", date(2030, 12, 31))
    driver.issue(date(2027, 1, 1), e.Basis.RENEWAL, 1, terms)
    signed(driver, 2, date(2027, 2, 1), "1", "2")
    driver.notice(date(2027, 6, 1), "2")
    driver.issue(date(2027, 10, 1), e.Basis.AMENDMENT, 2, terms)
    signed(driver, 2, date(2027, 10, 1), "3")
    signed(driver, 3, date(2027, 10, 1), "1", "2", "3")
    assert bound(driver, date(2028, 6, 1)) == {"1", "2", "3"}
    assert bound(driver, date(2028, 6, 2)) == {"1", "3"}


def test_who_left_may_accede_again(driver: DomainDriver) -> None:
    driver.notice(date(2024, 3, 1), "3")
    driver.accede(date(2026, 1, 1), "3", ("1", "2", "3"))
    assert bound(driver, date(2025, 3, 2)) == {"1", "2"}
    assert bound(driver, date(2026, 1, 1)) == {"1", "2", "3"}


def test_who_accedes_again_held_an_amendment_up_all_the_same(driver: DomainDriver) -> None:
    """An amendment that leaves out a leaver begins when it has left; that it comes back later changes nothing."""
    driver.notice(date(2024, 3, 1), "3")
    driver.issue(date(2024, 4, 1), e.Basis.AMENDMENT, 1, Terms(("1", "2"), "1", date(2027, 12, 31)))
    signed(driver, 2, date(2024, 5, 1), "1", "2")
    driver.accede(date(2026, 1, 1), "3", ("1", "2", "3"))
    assert bound(driver, date(2026, 1, 1)) == {"1", "2", "3"}
    assert fold("test", driver.events(), date(2026, 1, 1)).in_force_from == date(2025, 3, 2)


def test_ending_without_a_motor_municipality(driver: DomainDriver) -> None:
    """From its notice, and still when it has left; not once another is to come."""
    driver.notice(date(2024, 3, 1), "1")
    for day in (date(2024, 3, 1), date(2025, 3, 1), date(2025, 3, 2)):
        assert fold("test", driver.events(), day).status == "ending"
    driver.issue(date(2025, 4, 1), e.Basis.MOTOR_CHANGE, 1, Terms(("2", "3"), "2", date(2027, 12, 31)))
    assert fold("test", driver.events(), date(2025, 4, 1)).status == "in_force"
    compare(driver.events())


def test_a_successor_keeps_the_place(driver: DomainDriver) -> None:
    """With the notice that runs, and the role."""
    driver.notice(date(2024, 3, 1), "1")
    driver.continue_party(date(2025, 1, 1), "1", "9")
    assert bound(driver, date(2025, 3, 1)) == {"9", "2", "3"}
    assert bound(driver, date(2025, 3, 2)) == {"2", "3"}
    status = fold("test", driver.events(), date(2025, 1, 1))
    assert (status.signed, status.of) == (3, 3)


def test_a_successor_named_by_an_amendment_keeps_the_notice(driver: DomainDriver) -> None:
    driver.notice(date(2024, 3, 1), "2")
    driver.continue_party(date(2024, 6, 1), "2", "9")
    driver.issue(date(2024, 7, 1), e.Basis.AMENDMENT, 1, Terms(("1", "9", "3"), "1", date(2027, 12, 31)))
    signed(driver, 2, date(2024, 8, 1), "1", "9", "3")
    assert bound(driver, date(2025, 3, 1)) == {"1", "9", "3"}
    assert bound(driver, date(2025, 3, 2)) == {"1", "3"}


def test_a_motor_municipality_left_alone_does_not_leave() -> None:
    """The agreement ends because fewer than two are left; nothing is said of another motor municipality."""
    driver = DomainDriver()
    driver.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2"), "1", date(2027, 12, 31)))
    signed(driver, 1, date(2024, 2, 1), "1", "2")
    driver.notice(date(2024, 3, 1), "2")
    compare(driver.events())
    folded = read("test", driver.events(), date(2024, 3, 1))
    assert folded.in_force is not None
    assert [reason.event for reason in folded.ending_reasons(folded.in_force)] == [4]


def test_one_confirmation_after_two_were_left_out() -> None:
    """'Earlier signatures count for it only where the party has confirmed ...': also over two versions."""
    driver = DomainDriver()
    until = date(2027, 12, 31)
    driver.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2", "3", "4"), "1", until))
    signed(driver, 1, date(2024, 2, 1), "1", "2")
    driver.issue(date(2024, 3, 1), e.Basis.REPLACEMENT, 1, Terms(("1", "2", "3"), "1", until))
    driver.issue(date(2024, 4, 1), e.Basis.REPLACEMENT, 2, Terms(("1", "2"), "1", until))
    for party in ("1", "2"):
        driver.confirm(date(2024, 5, 1), 3, party)
        # 'Signing (from the first signature; n of m)': also where it is carried over.
        assert fold("test", driver.events(), date(2024, 5, 1)).status == ("signing" if party == "1" else "in_force")
        compare(driver.events())
    assert bound(driver, date(2024, 4, 30)) == set()
    assert bound(driver, date(2024, 5, 1)) == {"1", "2"}


def test_leap_day_notice(driver: DomainDriver) -> None:
    driver.notice(date(2024, 2, 29), "2")
    assert "2" in bound(driver, date(2025, 2, 28))
    assert "2" not in bound(driver, date(2025, 3, 1))


def test_a_leaver_does_not_make_a_renewal_begin(driver: DomainDriver) -> None:
    """It was not signed by every bound party: 'the day after the old end', though who did not sign has left."""
    driver.issue(date(2025, 1, 1), e.Basis.RENEWAL, 1, Terms(("1", "2"), "1", date(2030, 12, 31)))
    signed(driver, 2, date(2025, 2, 1), "1", "2")
    driver.notice(date(2025, 3, 1), "3")
    assert bound(driver, date(2026, 3, 2)) == {"1", "2"}
    assert fold("test", driver.events(), date(2027, 12, 31)).version == 1
    assert fold("test", driver.events(), date(2028, 1, 1)).version == 2


def test_nothing_enters_into_force_after_its_last_day() -> None:
    driver = DomainDriver()
    driver.issue(START, e.Basis.ORIGINAL, None, Terms(("1", "2"), "1", date(2024, 6, 30)))
    signed(driver, 1, date(2024, 2, 1), "1")
    signed(driver, 1, date(2024, 7, 1), "2")
    assert bound(driver, date(2024, 7, 1)) == set()
    assert fold("test", driver.events(), date(2024, 7, 1)).in_force_from is None


def test_no_amendment_of_what_has_ended(driver: DomainDriver) -> None:
    """'The old one binds until the new one does': when it has ended, a renewal is needed."""
    driver.issue(date(2027, 11, 1), e.Basis.AMENDMENT, 1, Terms(("1", "2", "3"), "1", date(2029, 12, 31)))
    signed(driver, 2, date(2027, 12, 1), "1", "2")
    signed(driver, 2, date(2028, 1, 1), "3")
    assert bound(driver, date(2027, 12, 31)) == {"1", "2", "3"}
    assert bound(driver, date(2028, 1, 1)) == set()


def test_accession_to_what_followed_a_terminated_agreement(driver: DomainDriver) -> None:
    """The terminated one would have lasted still."""
    for party in ("2", "3"):
        driver.notice(date(2024, 3, 1), party)
    driver.issue(date(2025, 6, 1), e.Basis.ORIGINAL, None, Terms(("4", "5"), "4", date(2029, 12, 31)))
    signed(driver, 2, date(2025, 7, 1), "4", "5")
    driver.accede(date(2025, 8, 1), "6", ("4", "5", "6"))
    assert bound(driver, date(2025, 3, 2)) == set()
    assert bound(driver, date(2025, 8, 1)) == {"4", "5", "6"}


# --- dates ---


def test_one_year_from_every_day_of_three_centuries() -> None:
    day = date(1900, 1, 1)
    payload = e.NoticeReceived(party="1")
    at = datetime(2020, 1, 1, tzinfo=UTC)
    days = []
    while day < date(2200, 12, 31):
        day += timedelta(days=1)
        days.append(day)
    events = [e.Event(number, "test", payload, ACTOR, at, day) for number, day in enumerate(days, 1)]
    ends = [notice.ends_on for notice in read_notices(events, 12)]
    assert ends == [rules.one_year_after(day) for day in days]
    assert rules.one_year_after(date(2024, 2, 29)) == date(2025, 2, 28)


def test_the_renewal_plan_of_every_last_day() -> None:
    """Nine years with and one century without a leap day."""
    for year in (*range(2026, 2035), 2100):
        day = date(year, 1, 1)
        while day.year == year:
            for contributions, months in ((False, (12, 9, 6, 3)), (True, (18, 9, 6, 3))):
                plan = tuple(add_months(day, -before) for before in months)
                assert plan == rules.renewal_plan(day, contributions)
            day += timedelta(days=1)


# --- the reading itself ---


@pytest.mark.parametrize("seed", range(20, 23))
def test_reading_is_pure(seed: int) -> None:
    """The same answer twice, of a list or a tuple, and none of the events touched."""
    events = life(seed)
    before = repr(events)
    for day in turning_days(events, rules.Oracle(facts(events)))[::4]:
        assert fold("test", events, day) == fold("test", list(events), day)
    assert repr(events) == before


SWAPPED = (e.SignatureRecorded, e.ApprovalRecorded, e.AbsenceConfirmed, e.NoticeReceived, e.NoticeGivenToParty)


def renumbered(events: Events, order: list[int]) -> Events:
    """The same facts entered in another order: new numbers, and what points at an event follows it."""
    new = {events[index].number: number for number, index in enumerate(order, 1)}

    def payload(one: e.Payload) -> e.Payload:
        if isinstance(one, e.NoticeWithdrawn | e.NoticeCopied):
            return one.model_copy(update={"notice": new[one.notice]})
        return one.model_copy(update={"event": new[one.event]}) if isinstance(one, e.EventVoided) else one

    return tuple(
        replace(events[index], number=number, payload=payload(events[index].payload))
        for number, index in enumerate(order, 1)
    )


@pytest.mark.parametrize("seed", range(30, 36))
def test_facts_of_one_day_have_no_order(seed: int) -> None:
    """Signatures, approvals, confirmations and notices of one day say the same in whatever order they were entered."""
    events = life(seed, 80)
    order, choose = list(range(len(events))), dice(seed)
    for _ in range(200):
        here = choose.randrange(len(order) - 1)
        one, other = events[order[here]], events[order[here + 1]]
        same_day = one.occurred_on == other.occurred_on
        if same_day and isinstance(one.payload, SWAPPED) and isinstance(other.payload, SWAPPED):
            order[here], order[here + 1] = order[here + 1], order[here]
    swapped = renumbered(events, order)
    for day in turning_days(events, rules.Oracle(facts(events)))[::3]:
        ours, theirs = read("test", events, day), read("test", swapped, day)
        assert summary_of(ours) == summary_of(theirs)
        assert ours.bound() == theirs.bound()


def summary_before(segments: Iterable[tuple[date, str]], day: date) -> str:
    """What the segments say of the day before."""
    return next((summary for first, summary in reversed(tuple(segments)) if first < day), "")


@pytest.mark.parametrize("seed", range(10))
def test_segments_grow_event_by_event_to_what_they_are_made_anew(seed: int) -> None:
    """The register derives from the first day that an event changes; whatever was recorded late, or voided."""
    events, kept = life(seed, 60), ()
    for count, event in enumerate(events, 1):
        day = changed_since(event)
        derived = derive("test", events[:count], Since(day, summary_before(kept, day)))
        kept = (*(one for one in kept if one[0] < day), *derived.segments)
        assert derive("test", events[:count]) == replace(derived, segments=kept), told(events[:count])


@pytest.mark.parametrize("seed", [41, 44])
def test_segments_equal_a_fresh_reading_of_every_day(seed: int) -> None:
    """From a year before the first event until a year after the last end."""
    events = life(seed, 30)
    segments = derive("test", events).segments
    day = min(event.occurred_on for event in events) - timedelta(days=365)
    last = max(turning_days(events, rules.Oracle(facts(events)))) + timedelta(days=365)
    draft = json.dumps(summary_of(read("test", events, day)), ensure_ascii=False, sort_keys=True)
    current, ahead = draft, list(segments)
    while day <= last:
        while ahead and ahead[0][0] <= day:
            current = ahead.pop(0)[1]
        fresh = json.dumps(summary_of(read("test", events, day)), ensure_ascii=False, sort_keys=True)
        assert fresh == current, f"{day}\n{told(events)}"
        day += timedelta(days=1)


# --- the oracle itself ---


@pytest.mark.parametrize("seed", range(50, 54))
def test_the_oracle_may_skip_quiet_days(seed: int) -> None:
    known = facts(life(seed))
    quick, slow = rules.Oracle(known), rules.Oracle(known, every_day=True)
    day = min(fact.on for fact in known)
    for _ in range(1500):
        day += timedelta(days=1)
        assert quick.answer(day) == slow.answer(day)


def test_every_step_is_taken() -> None:
    """The lives that are compared are full ones."""
    taken: set[str] = set()
    for seed in range(25):
        lived = Life(DomainDriver(), dice(seed), START, newcomers())
        lived.live(50)
        taken |= lived.taken.keys()
    assert taken == set(STEPS)
