"""Who is bound, from when, and until when: one answer for every party and every date (agreement.md section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ksf_agreements.domain.cluster import EntryIntoForce
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.events import (
    AccessionRecorded,
    Event,
    NoticeCopied,
    NoticeGivenToParty,
    NoticeReceived,
    NoticeWithdrawn,
    PartyContinued,
)
from ksf_agreements.domain.versions import IN_TERM, ONE_DAY, Version


@dataclass(frozen=True, slots=True)
class Binding:
    """A party is bound by a version from a day through a day, both included.

    `event` is what binds it (the signature that completed, or the accession); `ended_by` is what ends it before the
    version's own last day: a notice, a continuation, or the notice that left fewer than two.
    """

    party: str
    version: Version
    bound_from: date
    bound_until: date
    event: Event
    ended_by: Event | None = None

    def covers(self, day: date) -> bool:
        """Whether the party is bound by it on ``day``."""
        return self.bound_from <= day <= self.bound_until


@dataclass(frozen=True, slots=True)
class Notice:
    """A party's participation ends: by its own notice, or by one given to it.

    `ends_on` is the last day of the notice itself, before the agreement's own end is looked at.
    """

    event: Event
    party: str
    ends_on: date
    copied_on: date | None
    to_party: bool
    withdrawn: Event | None = None


def read_notices(events: Iterable[Event], notice_months: int) -> tuple[Notice, ...]:
    """Return every notice, withdrawn ones marked.

    The year of cl. 12 runs from the day the notice was received, and its last day is the same day a year later (28
    February for 29 February).
    """
    notices: dict[int, Notice] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, NoticeReceived):
            ends = add_months(event.occurred_on, notice_months)
            notices[event.number] = Notice(event, payload.party, ends, payload.copied, to_party=False)
        elif isinstance(payload, NoticeGivenToParty):
            notices[event.number] = Notice(event, payload.party, payload.ends_on, event.occurred_on, to_party=True)
        elif isinstance(payload, NoticeCopied) and payload.notice in notices:
            notices[payload.notice] = replace(notices[payload.notice], copied_on=event.occurred_on)
        elif isinstance(payload, NoticeWithdrawn) and payload.notice in notices:
            notices[payload.notice] = replace(notices[payload.notice], withdrawn=event)
    return tuple(notices.values())


def bindings(versions: Sequence[Version], events: Sequence[Event], notices: Sequence[Notice]) -> tuple[Binding, ...]:
    """Return every binding that the events tell of, cut where it ends early."""
    found = [binding for version in versions for binding in _by_signature(version)]
    found += _by_accession(versions, events)
    found = _cut_by_continuation(found, events)
    for notice in notices:
        if notice.withdrawn is None:
            found = _cut_by_notice(found, notice)
    return tuple(_cut_where_one_is_left(found))


def _by_signature(version: Version) -> list[Binding]:
    begins, last = version.in_force_from, version.last_day
    if begins is None or begins > last:
        return []
    found = []
    for party in version.terms.parties:
        counted = version.counts_from(party)
        if counted is None:
            continue  # each_on_signing: not bound before its own signature
        first = begins
        if version.terms.entry_into_force is EntryIntoForce.EACH_ON_SIGNING:
            first = max(begins, counted)
        record = version.records[party]
        event = record.signature or record.confirmed or version.event
        if first <= last:
            found.append(Binding(party, version, first, last, event))
    return found


def _by_accession(versions: Sequence[Version], events: Iterable[Event]) -> list[Binding]:
    found = []
    for event in events:
        payload = event.payload
        if not isinstance(payload, AccessionRecorded):
            continue
        day = event.occurred_on
        joined = next((version for version in versions if version.in_force_on(day)), None)
        if joined is None:
            continue
        found.append(Binding(payload.party, joined, day, joined.last_day, event))
        for later in versions:
            # An amendment that was drawn up before the accession does not push the newcomer out.
            begins = later.in_force_from
            amends = later.basis in IN_TERM and later.term == joined.term and later.number != joined.number
            if amends and begins is not None and begins > day and payload.party not in later.terms.parties:
                found.append(Binding(payload.party, later, begins, later.last_day, event))
    return found


def _cut_by_notice(found: list[Binding], notice: Notice) -> list[Binding]:
    """End the party's bindings of the term that the notice concerns; a renewal is not touched by it."""
    day = notice.event.occurred_on
    concerned = {binding.version.term for binding in found if binding.party == notice.party and binding.covers(day)}
    kept = []
    for binding in found:
        if binding.party != notice.party or binding.version.term not in concerned:
            kept.append(binding)
        elif binding.bound_from <= notice.ends_on:
            kept.append(_ended(binding, notice.ends_on, notice.event))
    return kept


def _ended(binding: Binding, last: date, by: Event) -> Binding:
    if binding.bound_until <= last:
        return binding
    return replace(binding, bound_until=last, ended_by=by)


def _cut_by_continuation(found: list[Binding], events: Iterable[Event]) -> list[Binding]:
    for event in events:
        payload = event.payload
        if not isinstance(payload, PartyContinued):
            continue
        day, kept = event.occurred_on, []
        already = {binding.party for binding in found if binding.bound_until >= day}
        for binding in found:
            if binding.party != payload.party or binding.bound_until < day:
                kept.append(binding)
                continue
            if binding.bound_from < day:
                kept.append(_ended(binding, day - ONE_DAY, event))
            if payload.successor is not None and payload.successor not in already:
                first = max(day, binding.bound_from)
                kept.append(replace(binding, party=payload.successor, bound_from=first, event=event))
        found = kept
    return found


def _cut_where_one_is_left(found: list[Binding]) -> list[Binding]:
    """End a term on the day after which fewer than two parties would be bound."""
    for term in {binding.version.term for binding in found}:
        mine = [binding for binding in found if binding.version.term == term]
        early = sorted(
            (binding for binding in mine if binding.ended_by is not None), key=lambda binding: binding.bound_until
        )
        for leaver in early:
            after = leaver.bound_until + ONE_DAY
            left = {binding.party for binding in mine if binding.covers(after)}
            if len(left) < 2 and leaver.ended_by is not None:
                last, by = leaver.bound_until, leaver.ended_by
                found = [
                    _ended(binding, last, by) if binding.version.term == term else binding
                    for binding in found
                    if binding.version.term != term or binding.bound_from <= last
                ]
                break
    return found


def bound_on(found: Iterable[Binding], day: date) -> tuple[str, ...]:
    """Return the parties that are bound on ``day``: exactly those, each once."""
    return tuple(dict.fromkeys(binding.party for binding in found if binding.covers(day)))
