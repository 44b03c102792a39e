"""What the events say of each version: who signed, from when it counts, and from when the version is in force.

Clause 12 says 'fra signering' and is silent when parties sign on different days; agreement.md section 4 decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias, get_args

from ksf_agreements.domain.cluster import EntryIntoForce
from ksf_agreements.domain.events import (
    AbsenceConfirmed,
    ApprovalPurpose,
    ApprovalRecorded,
    Basis,
    Event,
    PresentationRecorded,
    ReservationLifted,
    SignatureDeclined,
    SignatureRecorded,
    SigningOpened,
    VersionIssued,
)

ONE_DAY = timedelta(days=1)
Recorded: TypeAlias = (
    SigningOpened
    | SignatureRecorded
    | ReservationLifted
    | SignatureDeclined
    | AbsenceConfirmed
    | PresentationRecorded
    | ApprovalRecorded
)
_RECORDED = get_args(Recorded)
IN_TERM = frozenset({Basis.AMENDMENT, Basis.MOTOR_CHANGE})
"""Bases of versions that change an agreement within its term; a renewal begins a new one."""


@dataclass(slots=True)
class PartyRecord:
    """What is recorded of one party in one version, each with its event."""

    approval: Event | None = None
    presentation: Event | None = None
    signature: Event | None = None
    declined: Event | None = None
    confirmed: Event | None = None
    lifts: list[Event] = field(default_factory=list)

    @property
    def lifted(self) -> Event | None:
        """The event by which the signature's reservation fell away, or None.

        One of before the signature was of another, which was voided since: nobody makes a reservation that is lifted.
        """
        signed = self.signature
        after = [one for one in self.lifts if signed is not None and one.occurred_on >= signed.occurred_on]
        return min(after, key=lambda one: one.occurred_on, default=None)

    @property
    def own_date(self) -> date | None:
        """The day from which the party's signature on this version counts; None before, or under reservation."""
        if self.signature is None:
            return None
        if self._has_reservation:
            lifted = self.lifted
            return lifted.occurred_on if lifted else None
        return self.signature.occurred_on

    @property
    def _has_reservation(self) -> bool:
        assert self.signature is not None  # noqa: S101 (asked only where there is one)
        payload = self.signature.payload
        return isinstance(payload, SignatureRecorded) and payload.reservation


@dataclass(slots=True)
class Version:
    """One issued version with what is known of it.

    `basis` and `follows` are resolved: a replacement of an open renewal is a renewal of the same version. `replaces`
    is the open version it took the place of. `superseded_on` is the first day another version stands in its place.
    `not_before` is the first day on which everybody has signed whom it must not pass over (`binding.settle`), and
    `blocked` that there is no such day.
    """

    event: Event
    terms: VersionIssued
    basis: Basis
    follows: Version | None
    replaces: Version | None
    records: dict[str, PartyRecord] = field(default_factory=dict)
    counted: dict[str, date] = field(default_factory=dict)
    opened: Event | None = None
    superseded_on: date | None = None
    not_before: date | None = None
    blocked: bool = False
    number: int = field(init=False)
    term: int = field(init=False)
    """The number of the version that began this one's term: amendments belong to what they amend."""

    def __post_init__(self) -> None:
        self.number = self.terms.version
        self.term = self.follows.term if self.basis in IN_TERM and self.follows is not None else self.number

    @property
    def issued_on(self) -> date:
        """The day of issue."""
        return self.event.occurred_on

    def counts_from(self, party: str) -> date | None:
        """Return the day from which ``party``'s signature counts for this version, or None."""
        return self.counted.get(party)

    def count(self) -> None:
        """Settle whose signatures count, and from when; once everything recorded has been read.

        A signature on a version that this one stands in place of counts only where the party has confirmed in writing
        that the agreement stands without who was left out.
        """
        for party, record in self.records.items():
            if record.signature is None and record.confirmed is None:
                continue
            days = [record.own_date] if record.own_date else []
            earlier = next((day for one in self.replaced() if (day := one.own_date(party)) is not None), None)
            if earlier is not None and record.confirmed is not None:
                days.append(max(earlier, record.confirmed.occurred_on))
            if days:
                self.counted[party] = min(days)

    def own_date(self, party: str) -> date | None:
        """Return the day from which a signature on this very version counts."""
        record = self.records.get(party)
        return record.own_date if record else None

    def replaced(self) -> Iterator[Version]:
        """Yield the versions that this one stands in place of, latest first."""
        version = self.replaces
        while version is not None:
            yield version
            version = version.replaces

    def signed_on(self, party: str) -> date | None:
        """Return the day the party signed this version, or else the one before that its confirmation carries over."""
        record = self.records.get(party)
        if record is not None and record.signature is not None:
            return record.signature.occurred_on
        if self.counts_from(party) is None:
            return None
        signatures = (one.signature for version in self.replaced() if (one := version.records.get(party)))
        return next((signature.occurred_on for signature in signatures if signature), None)

    def signed_parties(self) -> tuple[str, ...]:
        """Return the parties whose signatures count, in the order of the agreement."""
        return tuple(party for party in self.terms.parties if self.counts_from(party) is not None)

    @property
    def in_force_from(self) -> date | None:
        """The first day the version is in force, or None as long as it is not signed by whom it needs."""
        if self.blocked:
            return None
        counted = sorted(self.counted[party] for party in self.terms.parties if party in self.counted)
        if self.terms.entry_into_force is EntryIntoForce.EACH_ON_SIGNING:
            first = counted[1] if len(counted) > 1 else None
        else:
            first = counted[-1] if counted and len(counted) == len(self.terms.parties) else None
        if first is None:
            return None
        begins = max(first, self.terms.valid_from or first, self.not_before or first)
        return begins if begins <= self.terms.valid_until else None

    @property
    def last_day(self) -> date:
        """The last day of the version: its term's, or the day before another stood in its place."""
        if self.superseded_on is None:
            return self.terms.valid_until
        return min(self.terms.valid_until, self.superseded_on - ONE_DAY)

    def in_force_on(self, day: date) -> bool:
        """Whether the version is in force on ``day``, by its own dates."""
        begins = self.in_force_from
        return begins is not None and begins <= day <= self.last_day


def read_versions(events: Iterable[Event]) -> tuple[Version, ...]:
    """Return the versions that ``events`` (without voided ones, in the journal's order) tell of."""
    versions: dict[int, Version] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, VersionIssued):
            versions[payload.version] = _issued(event, payload, versions)
        elif isinstance(payload, _RECORDED) and (version := versions.get(payload.version)) is not None:
            _record(version, event, payload)
    for version in versions.values():
        version.count()
        if version.replaces is not None:
            _end(version.replaces, version.issued_on)
    return tuple(versions.values())


def _issued(event: Event, terms: VersionIssued, versions: Mapping[int, Version]) -> Version:
    before = versions.get(terms.follows or 0)
    replaces = before if terms.basis is Basis.REPLACEMENT else None
    basis, follows = (replaces.basis, replaces.follows) if replaces else (terms.basis, before)
    records = {party: PartyRecord() for party in terms.parties}
    return Version(event, terms, basis, follows, replaces, records)


def _record(version: Version, event: Event, payload: Recorded) -> None:
    if isinstance(payload, SigningOpened):
        version.opened = event
        return
    record = version.records.setdefault(payload.party, PartyRecord())
    if isinstance(payload, SignatureRecorded):
        record.signature = event
    elif isinstance(payload, ReservationLifted):
        record.lifts.append(event)
    elif isinstance(payload, SignatureDeclined):
        record.declined = event
    elif isinstance(payload, AbsenceConfirmed):
        record.confirmed = event
    elif isinstance(payload, PresentationRecorded):
        record.presentation = event
    elif payload.purpose is not ApprovalPurpose.NOTICE:
        record.approval = event


def supersede(version: Version) -> None:
    """Let a version that is settled end what it follows."""
    begins, follows = version.in_force_from, version.follows
    if begins is None or follows is None:
        return
    if version.basis in IN_TERM or begins <= follows.terms.valid_until:
        _end(follows, begins)


def _end(version: Version, on: date) -> None:
    version.superseded_on = min(version.superseded_on, on) if version.superseded_on else on
