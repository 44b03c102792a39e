"""What an agreement is on a date: `fold(events, on)`, pure; every status names its clause and its event.

Nothing here is stored. The situation of a date as known now: every event that occurred by then counts, whenever it
was recorded; voided events never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.binding import (
    Binding,
    unbroken,
)
from ksf_agreements.domain.events import AccessionRecorded, Basis, Event
from ksf_agreements.domain.folded import Folded, Reason, Status, read
from ksf_agreements.domain.versions import ONE_DAY, Version
from ksf_agreements.text import TN, T, Text


class PartyState(StrEnum):
    """The state of a party."""

    INVITED = "invited"
    APPROVED = "approved"
    SIGNED = "signed"
    DECLINED = "declined"
    BOUND = "bound"
    LEAVING = "leaving"
    LEFT = "left"


PARTY_WORDS = {
    PartyState.INVITED: T("invited"),
    PartyState.APPROVED: T("approved"),
    PartyState.SIGNED: T("signed"),
    PartyState.DECLINED: T("does not want to take part"),
    PartyState.BOUND: T("bound"),
    PartyState.LEAVING: T("leaves on {date}"),
    PartyState.LEFT: T("has left"),
}
"""The states of a party in words; that of one that leaves takes its last day as `date`."""


@dataclass(frozen=True, slots=True)
class PartyStatus:
    """One party: its role, its state, and the days it is bound from and through."""

    municipality: str
    role: Role
    state: PartyState
    signed_on: date | None
    bound_from: date | None
    bound_until: date | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A version on its way while another is in force: a renewal, an amendment, a new motor municipality."""

    version: int
    basis: Basis
    status: Status
    signed: int
    of: int
    valid_from: date | None
    valid_until: date


@dataclass(frozen=True, slots=True)
class AgreementStatus:
    """An agreement on a date.

    `signed` and `of` count the parties of the version shown whose signatures count, and all of them; `valid_until` is
    the last day of its term; `ends_on` the last day anybody is bound by it, where that is known to be earlier.
    """

    cluster: str
    name: str
    on: date
    version: int
    status: Status
    in_force_from: date | None
    valid_until: date | None
    ends_on: date | None
    signed: int
    of: int
    parties: tuple[PartyStatus, ...]
    upcoming: Upcoming | None
    reason: Reason
    alerts: tuple[Reason, ...] = ()


def fold(cluster: str, events: Iterable[Event], on: date) -> AgreementStatus:
    """Return the status of one agreement on a day."""
    return status_of(read(cluster, events, on))


def status_of(folded: Folded) -> AgreementStatus:
    """Return the status that a reading amounts to."""
    shown = _shown(folded)
    if shown is None:
        reason = Reason(T("no version has been issued"))
        return AgreementStatus(folded.cluster, "", folded.on, 0, Status.DRAFT, None, None, None, 0, 0, (), None, reason)
    parties = _parties(folded, shown)
    mine = [binding for binding in folded.bindings if binding.version.number == shown.number]
    last = max((binding.bound_until for binding in mine), default=None)
    joined = {binding.party for binding in mine if isinstance(binding.event.payload, AccessionRecorded)}
    extra = joined - set(shown.terms.parties)
    status = folded.status_of(shown)
    return AgreementStatus(
        cluster=folded.cluster,
        name=shown.terms.name,
        on=folded.on,
        version=shown.number,
        status=status,
        in_force_from=shown.in_force_from,
        valid_until=shown.terms.valid_until,
        ends_on=last if last is not None and last < shown.last_day else None,
        signed=len(shown.signed_parties()) + len(extra),
        of=len(shown.terms.parties) + len(extra),
        parties=parties,
        upcoming=_upcoming(folded, shown),
        reason=_reason(folded, shown, status),
        alerts=_alerts(folded, shown, parties),
    )


def _shown(folded: Folded) -> Version | None:
    """Return the version that stands for the agreement: in force, else ended last, else open, else the newest."""
    if folded.in_force is not None:
        return folded.in_force
    ended = [binding.version for binding in folded.bindings if binding.bound_until < folded.on]
    if ended:
        return max(ended, key=lambda version: version.number)
    return folded.open_version or (folded.versions[-1] if folded.versions else None)


def _upcoming(folded: Folded, shown: Version) -> Upcoming | None:
    waiting = folded.open_version
    if waiting is None or waiting.number == shown.number:
        return None
    terms = waiting.terms
    signed = len(waiting.signed_parties())
    status = Status.SIGNING if signed else folded.status_of(waiting)
    return Upcoming(
        waiting.number, waiting.basis, status, signed, len(terms.parties), terms.valid_from, terms.valid_until
    )


def _parties(folded: Folded, version: Version) -> tuple[PartyStatus, ...]:
    mine: dict[str, list[Binding]] = {}
    for binding in folded.bindings:
        if binding.version.term == version.term:
            mine.setdefault(binding.party, []).append(binding)
    named: dict[str, str] = {}  # by whoever stands there now, as the version names it
    for name in version.terms.parties:
        holder = folded.changes.holder_of(name, folded.on)
        if holder is not None:
            named.setdefault(holder, name)
    motor = folded.motor_of(version)
    return tuple(
        _party(folded, version, party, mine.get(party, []), named.get(party, party), is_motor=party == motor)
        for party in dict.fromkeys((*named, *mine))
    )


def _party(
    folded: Folded, version: Version, party: str, mine: Sequence[Binding], name: str, *, is_motor: bool
) -> PartyStatus:
    role = Role.MOTOR_MUNICIPALITY if is_motor else Role.PARTNER_MUNICIPALITY
    state, reason = _party_state(folded, version, name, mine)
    first, last = unbroken(mine)
    return PartyStatus(party, role, state, version.signed_on(party), first, last, reason)


def _party_state(folded: Folded, version: Version, name: str, mine: Sequence[Binding]) -> tuple[PartyState, Reason]:
    clause = folded.kind.term_clause
    if mine:
        last = max(mine, key=lambda binding: (binding.bound_until, binding.notice is None))
        if last.bound_until < folded.on:
            by = last.ended_by or last.event
            return PartyState.LEFT, Reason(T("bound through {date}", date=last.bound_until), clause, by.number)
        if last.notice is not None:
            text = T("leaves: bound through {date}", date=last.bound_until)
            return PartyState.LEAVING, Reason(text, clause, last.notice.number)
        if any(binding.covers(folded.on) for binding in mine):
            text = T("bound from {date}", date=min(one.bound_from for one in mine))
            return PartyState.BOUND, Reason(text, clause, last.event.number)
    return _signing_state(version, name)


def _signing_state(version: Version, party: str) -> tuple[PartyState, Reason]:
    """Return the state of a party that is not bound by a version yet."""
    record = version.records.get(party)
    counted = version.counts_from(party)
    if record is not None and record.declined is not None and counted is None:
        return PartyState.DECLINED, Reason(T("does not want to take part"), "13", record.declined.number)
    if counted is not None:
        event = record.signature or record.confirmed if record else None
        return PartyState.SIGNED, Reason(T("signed"), "13", event.number if event else 0)
    if record is not None and record.signature is not None:
        text = T("signed with a reservation that is not lifted")
        return PartyState.APPROVED if record.approval else PartyState.INVITED, Reason(
            text, "5", record.signature.number
        )
    if record is not None and record.approval is not None:
        return PartyState.APPROVED, Reason(T("approved, not signed"), "5", record.approval.number)
    return PartyState.INVITED, Reason(T("has the agreement for signing"), "13", version.event.number)


def _reason(folded: Folded, version: Version, status: Status) -> Reason:
    clause, event = folded.kind.term_clause, version.event.number
    if status is Status.ENDING:
        return folded.ending_reasons(version)[0]
    if status is Status.IN_FORCE and version.in_force_from is not None:
        signed = [record.signature for record in version.records.values() if record.signature]
        last = max(signed, key=lambda one: (one.occurred_on, one.number), default=version.event)
        return Reason(T("in force from {date}", date=version.in_force_from), clause, last.number)
    if status in {Status.EXPIRED, Status.TERMINATED}:
        mine = [binding for binding in folded.bindings if binding.version.number == version.number]
        last_one = max(mine, key=lambda binding: binding.bound_until, default=None)
        day = last_one.bound_until if last_one else version.terms.valid_until
        ended_by = last_one.ended_by if last_one and status is Status.TERMINATED else None
        return Reason(T("ended on {date}", date=day), clause, ended_by.number if ended_by else event)
    texts: Mapping[Status, Text] = {
        Status.ISSUED: T("ready for signing"),
        Status.SIGNING: T(
            "{signed} of {of} have signed", signed=len(version.signed_parties()), of=len(version.terms.parties)
        ),
        Status.SUPERSEDED: T("another version stands in its place"),
    }
    return Reason(texts[status], "13", event)


def _alerts(folded: Folded, version: Version, parties: Sequence[PartyStatus]) -> tuple[Reason, ...]:
    clause = folded.kind.term_clause
    found: list[Reason] = []
    leaving = [party for party in parties if party.state is PartyState.LEAVING]
    for last in sorted({party.bound_until for party in leaving if party.bound_until}):
        who = [party for party in leaving if party.bound_until == last]
        text = TN(
            "{n} municipality leaves, bound through {date}",
            "{n} municipalities leave, bound through {date}",
            len(who),
            date=last,
        )
        found.append(Reason(text, clause, who[0].reason.event))
    for notice in folded.notices:
        if notice.withdrawn is None and notice.copied_on is None and notice.ends_on >= folded.on:
            text = T(
                "the regional coordinator has not got a copy of the notice from {party}",
                party=folded.call(notice.party),
            )
            found.append(Reason(text, clause, notice.event.number))
        if notice.withdrawn is None and not notice.to_party and notice.ends_on > version.terms.valid_until:
            text = T("the agreement runs out before the notice of {party} does", party=folded.call(notice.party))
            found.append(Reason(text, clause, notice.event.number))
    if folded.in_force is None and folded.bindings:
        last_day = max(binding.bound_until for binding in folded.bindings)
        if last_day < folded.on and folded.open_version is not None:
            day = last_day + ONE_DAY
            found.append(Reason(T("no agreement is in force from {date}", date=day), clause, version.event.number))
    if folded.in_force is not None:
        found += folded.ending_reasons(folded.in_force)
    return tuple(found)
