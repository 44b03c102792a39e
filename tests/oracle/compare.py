"""Compares the domain's reading of a journal with the oracle's, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.deadlines import obligations
from ksf_agreements.domain.events import Event
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.status import AgreementStatus, status_of
from ksf_agreements.domain.versions import IN_TERM
from tests.oracle.adapter import facts
from tests.oracle.rules import Answer, Oracle

ONE_DAY = timedelta(days=1)
PLAN_CODES = ("renewal-ask", "renewal-draft", "renewal-approvals", "renewal-signing")


def turning_days(events: Iterable[Event], oracle: Oracle) -> list[date]:
    """Every day on which something may change, and the days around it."""
    found: set[date] = set()
    for event in events:
        found.add(event.occurred_on)
    for issued in oracle.issued.values():
        found |= {issued.valid_until, issued.valid_from or issued.on}
    for day in sorted(found):
        answer = oracle.answer(day)
        found |= set(answer.notice_ends.values()) | set(answer.plan or ())
        for party in answer.parties.values():
            found |= {one for one in (party.bound_from, party.bound_until) if one is not None}
    return sorted({day + shift for day in found for shift in (-ONE_DAY, timedelta(0), ONE_DAY)})


def differences(folded: Folded, oracle: Oracle) -> list[str]:
    """Where the domain and the oracle do not say the same of one day."""
    day = folded.on
    status, answer = status_of(folded), oracle.answer(day)
    found: list[str] = []

    def same(what: str, domain: object, oracle_says: object) -> None:
        if domain != oracle_says:
            found.append(f"{day} {what}: domain {domain!r}, oracle {oracle_says!r}")

    same("bound", sorted(folded.bound()), sorted(answer.bound))
    same("status", str(status.status), answer.status)
    same("version", status.version or None, answer.version)
    same("in_force_from", status.in_force_from, answer.in_force_from)
    same("valid_until", status.valid_until, answer.valid_until)
    same("signed", (status.signed, status.of), (answer.signed, answer.of))
    same("version in force", folded.in_force.number if folded.in_force else None, _in_force(answer))
    same("upcoming", _upcoming(status), _upcoming_of(answer))
    _compare_parties(status, answer, same, days_too=not _longer_by_amendment(folded, status))
    _compare_deadlines(folded, answer, same)
    found += unfounded(folded, status)
    return found


def _in_force(answer: Answer) -> int | None:
    return answer.version if answer.status in {"in_force", "ending"} else None


def _upcoming(status: AgreementStatus) -> tuple[int, str, int, int] | None:
    one = status.upcoming
    return (one.version, str(one.status), one.signed, one.of) if one else None


def _upcoming_of(answer: Answer) -> tuple[int, str, int, int] | None:
    one = answer.upcoming
    return (one.version, one.status, one.signed, one.of) if one else None


def _longer_by_amendment(folded: Folded, status: AgreementStatus) -> bool:
    """Whether an amendment waits that will change the last day: it is known ahead to the domain, not to the oracle."""
    waiting = folded.open_version
    return waiting is not None and waiting.basis in IN_TERM and waiting.terms.valid_until != status.valid_until


def _compare_parties(status: AgreementStatus, answer: Answer, same, *, days_too: bool) -> None:  # type: ignore[no-untyped-def]
    domain = {party.municipality: party for party in status.parties}
    same("parties", sorted(domain), sorted(answer.parties))
    for who in sorted(domain.keys() & answer.parties.keys()):
        mine, party = answer.parties[who], domain[who]
        same(f"state of {who}", str(party.state), mine.state)
        same(f"signed_on of {who}", party.signed_on, mine.signed_on)
        if days_too:
            same(f"days of {who}", (party.bound_from, party.bound_until), (mine.bound_from, mine.bound_until))
        if mine.state in {"bound", "leaving"}:
            same(f"role of {who}", party.role is Role.MOTOR_MUNICIPALITY, who == answer.motor)


def _compare_deadlines(folded: Folded, answer: Answer, same) -> None:  # type: ignore[no-untyped-def]
    if folded.in_force is None or answer.plan is None:
        return
    due = obligations(folded)
    ends = {item.event: item.due for item in due if item.code == "notice-end" and item.due <= _last_day(answer)}
    for number, end in ends.items():
        if number in answer.notice_ends:
            same("end of notice", end, min(answer.notice_ends[number], _last_day(answer)))
    version = folded.in_force
    for item in due:
        if item.code in PLAN_CODES and item.event == version.event.number:
            same(item.code, item.due, answer.plan[PLAN_CODES.index(item.code)])


def _last_day(answer: Answer) -> date:
    """The last day anybody is bound, as known."""
    return max(party.bound_until for party in answer.parties.values() if party.bound_until)


def unfounded(folded: Folded, status: AgreementStatus) -> list[str]:
    """Statuses without a clause, or with an event that does not exist (sec. 6: "'why?' always has an answer")."""
    numbers = {event.number for event in folded.events}
    found = []
    reasons = [(party.municipality, party.reason) for party in status.parties]
    if status.version:
        reasons.append(("agreement", status.reason))
    reasons += [("alert", reason) for reason in status.alerts]
    for what, reason in reasons:
        if not reason.clause or reason.event not in numbers:
            found.append(f"{folded.on} reason of {what}: clause {reason.clause!r}, event {reason.event}")
    return found


class Comparison:
    """Counts what was compared."""

    def __init__(self) -> None:
        self.days = 0
        self.disagreements: list[str] = []

    def check(self, cluster: str, events: tuple[Event, ...], days: Iterable[date] | None = None) -> list[str]:
        """Compare on some days (else on all turning days) and return what differs."""
        oracle = Oracle(facts(events))
        found: list[str] = []
        for day in days if days is not None else turning_days(events, oracle):
            self.days += 1
            found += differences(read(cluster, events, day), oracle)
        self.disagreements += found
        return found
