"""The events of one agreement, read as they stand on a day: its versions, notices and bindings; pure.

Every event that occurred by then counts, whenever it was recorded; voided events never do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.binding import (
    Binding,
    Changes,
    Notice,
    bindings,
    bound_on,
    read_changes,
    read_notices,
    settle,
)
from ksf_agreements.domain.cluster import EntryIntoForce
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.events import Basis, Event, EventVoided, VersionIssued
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.domain.versions import ONE_DAY, Version, read_versions
from ksf_agreements.text import T, Text


class Status(StrEnum):
    """The state of an agreement, or of one of its versions."""

    DRAFT = "draft"
    ISSUED = "issued"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    ENDING = "ending"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    SUPERSEDED = "superseded"


STATUS_WORDS = {
    Status.DRAFT: T("draft"),
    Status.ISSUED: T("ready for signing"),
    Status.SIGNING: T("being signed"),
    Status.IN_FORCE: T("in force"),
    Status.ENDING: T("nearing its end"),
    Status.EXPIRED: T("expired"),
    Status.TERMINATED: T("terminated"),
    Status.SUPERSEDED: T("superseded"),
}
"""The statuses in words."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so: a sentence, the clause it rests on, and the number of the event (0: none, a date alone)."""

    text: Text
    clause: str = ""
    event: int = 0


@dataclass(frozen=True, slots=True)
class Folded:
    """The events of one agreement, read: versions, notices and bindings, for whoever needs more than the status."""

    cluster: str
    kind: AgreementKind
    on: date
    events: tuple[Event, ...]
    versions: tuple[Version, ...]
    notices: tuple[Notice, ...]
    bindings: tuple[Binding, ...]
    changes: Changes
    municipalities: MunicipalityRegister | None = None

    def call(self, party: str) -> str:
        """Return a party as sentences name it: '4601 Bergen'; the number alone where no register is at hand."""
        known = self.municipalities.get(party) if self.municipalities else None
        return f"{party} {known.name}" if known else party

    def call_all(self, parties: Iterable[str]) -> tuple[str, ...]:
        """Return several parties as sentences name them."""
        return tuple(self.call(party) for party in parties)

    @property
    def in_force(self) -> Version | None:
        """The version that is in force on the day, or None."""
        covered = {binding.version.number for binding in self.bindings if binding.covers(self.on)}
        found = [version for version in self.versions if version.number in covered]
        return found[-1] if found else None

    @property
    def open_version(self) -> Version | None:
        """The newest version that is issued and not in force, superseded or over; None where there is none."""
        for version in reversed(self.versions):
            begins = version.in_force_from
            waits = begins is None or begins > self.on
            if waits and not self._superseded(version) and version.terms.valid_until >= self.on:
                return version
        return None

    def _superseded(self, version: Version) -> bool:
        return version.superseded_on is not None and version.superseded_on <= self.on

    def bound(self, day: date | None = None) -> tuple[str, ...]:
        """Return the parties bound on a day (else the day of the fold)."""
        return bound_on(self.bindings, day or self.on)

    def version(self, number: int) -> Version | None:
        """Return a version by its number."""
        return next((version for version in self.versions if version.number == number), None)

    def status_of(self, version: Version) -> Status:
        """Return the status of one version on the day."""
        mine = [binding for binding in self.bindings if binding.version.number == version.number]
        if self._superseded(version):
            return Status.SUPERSEDED
        if any(binding.covers(self.on) for binding in mine):
            return Status.ENDING if self.is_ending(version) else Status.IN_FORCE
        if mine and max(binding.bound_until for binding in mine) < self.on:
            ended_early = max(binding.bound_until for binding in mine) < version.terms.valid_until
            return Status.TERMINATED if ended_early else Status.EXPIRED
        if version.terms.valid_until < self.on:
            return Status.EXPIRED
        signed = any(record.signature for record in version.records.values()) or version.signed_parties()
        return Status.SIGNING if signed else Status.ISSUED

    def is_ending(self, version: Version) -> bool:
        """Whether the agreement itself will end: near its end, without a motor municipality, or with too few left."""
        return bool(self.ending_reasons(version))

    def ending_reasons(self, version: Version) -> tuple[Reason, ...]:
        """Return why a version that is in force is going to end."""
        reasons = []
        months = self.kind.first_renewal_step(contributions=version.terms.contributions_required)
        if self.on > add_months(version.terms.valid_until, -months) and not self._is_renewed(version):
            text = T("the term ends on {date}, and the time to renew has begun", date=version.terms.valid_until)
            reasons.append(Reason(text, self.kind.term_clause, version.event.number))
        mine = [binding for binding in self.bindings if binding.version.term == version.term]
        last = max((binding.bound_until for binding in mine), default=version.terms.valid_until)
        term_end = max((binding.version.last_day for binding in mine), default=version.last_day)
        cut = next((binding for binding in mine if binding.bound_until == last and binding.ended_by), None)
        if cut is not None and last < term_end and cut.ended_by is not None:
            text = T("fewer than two parties are left after {date}", date=last)
            reasons.append(Reason(text, self.kind.term_clause, cut.ended_by.number))
        motor = self.motor_of(version) or version.terms.motor_municipality
        may_sign = version.terms.entry_into_force is EntryIntoForce.EACH_ON_SIGNING
        motors = [one for one in mine if one.party == motor]
        if not motors and not may_sign:
            # It left between signing this version and its first day.
            motors = [one for one in self.bindings if one.party == motor and one.bound_until < self.on]
        leaves = max(motors, key=lambda binding: binding.bound_until, default=None)
        if leaves is not None and leaves.bound_until < last and not self._has_new_motor(version):
            text = T(
                "the motor municipality leaves on {date}, and no other has taken over",
                date=leaves.bound_until,
            )
            event = leaves.ended_by or leaves.event
            reasons.append(Reason(text, self.kind.term_clause, event.number))
        return tuple(reasons)

    def motor_of(self, version: Version) -> str | None:
        """Return who is motor municipality by a version, after continuations; None where nobody took its place."""
        return self.changes.holder_of(version.terms.motor_municipality, self.on)

    def _has_new_motor(self, version: Version) -> bool:
        open_version = self.open_version
        new = self.motor_of(open_version) if open_version else None
        leaving = {one.party for one in self.bindings if one.notice and one.covers(self.on)}
        return new is not None and new != self.motor_of(version) and new not in leaving

    def _is_renewed(self, version: Version) -> bool:
        """Whether a renewal is signed that begins the day after the term at the latest."""
        after = version.terms.valid_until + ONE_DAY
        return any(
            one.basis is Basis.RENEWAL
            and not self._superseded(one)
            and one.follows is not None
            and one.follows.term == version.term
            and (begins := one.in_force_from) is not None
            and begins <= after
            for one in self.versions
        )


def standing(events: Iterable[Event], on: date) -> tuple[Event, ...]:
    """Return the events that count on a day: occurred by then, and not voided."""
    events = tuple(events)
    voided = {event.payload.event for event in events if isinstance(event.payload, EventVoided)}
    return tuple(event for event in events if event.number not in voided and event.occurred_on <= on)


def read(cluster: str, events: Iterable[Event], on: date, municipalities: MunicipalityRegister | None = None) -> Folded:
    """Read one agreement's events as they stand on a day; ``municipalities`` only gives the parties their names."""
    known = standing(events, on)
    issued = next((event.payload for event in known if isinstance(event.payload, VersionIssued)), None)
    kind = KINDS.get(issued.agreement_kind, KSF_CLUSTER) if issued else KSF_CLUSTER
    versions = read_versions(known)
    notices = read_notices(known, kind.notice_months)
    changes = read_changes(known)
    settle(versions, changes, notices)
    found = bindings(versions, changes, notices)
    return Folded(cluster, kind, on, known, versions, notices, found, changes, municipalities)
