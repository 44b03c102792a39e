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
    Payload,
)
from ksf_agreements.domain.versions import IN_TERM, ONE_DAY, Version, supersede


@dataclass(frozen=True, slots=True)
class Changes:
    """Who joined, and who took another's place: picked out once, for a reading asks about them again and again.

    `accessions` are in the journal's order, `continuations` by their day.
    """

    accessions: tuple[Event, ...] = ()
    continuations: tuple[Event, ...] = ()

    def holder_of(self, party: str, day: date) -> str | None:
        """Return who stands where a version names ``party``, after the continuations until ``day``."""
        holder: str | None = party
        for event in self.continuations:
            payload = event.payload
            if event.occurred_on <= day and isinstance(payload, PartyContinued) and payload.party == holder:
                holder = payload.successor
        return holder


def read_changes(events: Iterable[Event]) -> Changes:
    """Return who joined, and who took another's place."""
    found: dict[type[Payload], list[Event]] = {AccessionRecorded: [], PartyContinued: []}
    for event in events:
        if (of_its_kind := found.get(type(event.payload))) is not None:
            of_its_kind.append(event)
    return Changes(tuple(found[AccessionRecorded]), tuple(sorted(found[PartyContinued], key=_by_day)))


def _by_day(event: Event) -> tuple[date, int]:
    return event.occurred_on, event.number


@dataclass(frozen=True, slots=True)
class Binding:
    """A party is bound by a version from a day through a day, both included.

    `event` is what binds it (the signature that completed, or the accession); `ended_by` is what ends it before the
    version's own last day: a notice, a continuation, or the notice that left fewer than two. `notices` are those that
    concern it, by the day they were given, also where the agreement runs out first.
    """

    party: str
    version: Version
    bound_from: date
    bound_until: date
    event: Event
    ended_by: Event | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def notice(self) -> Event | None:
        """The first notice that concerns it, or None."""
        return self.notices[0].event if self.notices else None

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


def settle(versions: Sequence[Version], changes: Changes, notices: Sequence[Notice]) -> None:
    """Let each version, in turn, begin when it may and end what it follows.

    'An amendment signed by all'; 'earlier only if every bound party signs' of a renewal, which 'never ends the old one
    for a party that does not renew or whose notice runs' (agreement.md section 4): neither begins while somebody is
    bound who has not signed it. Whoever acceded after an amendment was drawn up is taken along.
    """
    for index, version in enumerate(versions):
        begins = version.in_force_from
        if begins is not None and version.follows is not None:
            for day in (begins, *_later_signatures(version, begins)):
                _settle_one(versions[: index + 1], day, changes, notices)
                if not version.blocked:
                    break
        supersede(version)


def _later_signatures(version: Version, begins: date) -> Sequence[date]:
    """Return when others sign, where each is bound on signing: of the first two one may have left meanwhile."""
    if version.terms.entry_into_force is not EntryIntoForce.EACH_ON_SIGNING:
        return ()
    return sorted({day for day in version.counted.values() if begins < day <= version.terms.valid_until})


def _settle_one(versions: Sequence[Version], begins: date, changes: Changes, notices: Sequence[Notice]) -> None:
    """Let the last of these versions begin on the first day from ``begins`` on that it may, or not at all."""
    *before, version = versions
    first = _first_day_for_all(version, begins, bindings(before, changes, notices), changes)
    replaced = first is not None and version.superseded_on is not None and first >= version.superseded_on
    version.not_before, version.blocked = first, first is None or replaced
    if not version.blocked:
        # Fewer than two would be bound by it: notices that were given since it was signed.
        version.blocked = all(binding.version is not version for binding in bindings(versions, changes, notices))


def _first_day_for_all(version: Version, begins: date, found: Sequence[Binding], changes: Changes) -> date | None:
    in_term = version.basis in IN_TERM
    by_signing = {begins, *(day for party in version.terms.parties if (day := version.counts_from(party)) is not None)}
    by_leaving = {binding.bound_until + ONE_DAY for binding in found}
    for day in sorted(day for day in by_signing | by_leaving if day >= begins):
        signed = {changes.holder_of(party, day) for party in version.terms.parties if _has_signed(version, party, day)}
        binds = [binding for binding in found if binding.covers(day)]
        if in_term and not binds:
            return None  # what it amends is over
        needed = {binding.party for binding in binds if not (in_term and _is_newcomer(binding, version))}
        # A renewal waits for the old end when it was not signed by all; that somebody leaves does not make it begin.
        if not needed or (needed <= signed and (in_term or day in by_signing)):
            return day
    return None


def _has_signed(version: Version, party: str, day: date) -> bool:
    counted = version.counts_from(party)
    return counted is not None and counted <= day


def _is_newcomer(binding: Binding, version: Version) -> bool:
    joined = isinstance(binding.event.payload, AccessionRecorded) and binding.event.occurred_on >= version.issued_on
    return joined and binding.party not in version.terms.parties


def bindings(versions: Sequence[Version], changes: Changes, notices: Sequence[Notice]) -> tuple[Binding, ...]:
    """Return every binding that the events tell of, cut where it ends early."""
    found = [binding for version in versions for binding in _by_signature(version)]
    found += _by_accession(versions, changes.accessions)
    cuts: list[tuple[Event, Notice | None]] = [(one.event, one) for one in notices if one.withdrawn is None]
    cuts += [(event, None) for event in changes.continuations]
    for event, notice in sorted(cuts, key=_in_order):
        found = _cut_by_continuation(found, event) if notice is None else _cut_by_notice(found, notice, changes)
    return tuple(_cut_where_one_is_left(found))


def _in_order(cut: tuple[Event, Notice | None]) -> tuple[date, bool, int]:
    event, notice = cut
    return event.occurred_on, notice is not None, event.number


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


def _by_accession(versions: Sequence[Version], accessions: Iterable[Event]) -> list[Binding]:
    found = []
    for event in accessions:
        payload = event.payload
        if not isinstance(payload, AccessionRecorded):
            continue
        day = event.occurred_on
        # The newest: one that was terminated before its time is in force by its own dates still.
        joined = next((version for version in reversed(versions) if version.in_force_on(day)), None)
        if joined is None:
            continue
        found.append(Binding(payload.party, joined, day, joined.last_day, event))
        for later in versions:
            # An amendment that was drawn up before the accession does not push the newcomer out.
            begins = later.in_force_from
            amends = later.basis in IN_TERM and later.term == joined.term and later.number != joined.number
            if amends and begins is not None and begins > day:
                found.append(Binding(payload.party, later, begins, later.last_day, event))
    return found


def _cut_by_notice(found: list[Binding], notice: Notice, changes: Changes) -> list[Binding]:
    """End the party's bindings of the terms that the notice concerns.

    It concerns 'that party's participation': the term it is bound by, and a renewal that it has signed already. A
    renewal that it signs later is not touched, nor what it enters into when the notice has run out.
    """
    day = notice.event.occurred_on
    concerned = {
        binding.version.term
        for binding in found
        if binding.party == notice.party and (binding.covers(day) or _signed_before(binding, changes, day))
    }
    kept = []
    for binding in found:
        mine = binding.version.term in concerned and (
            binding.party == notice.party or _is_heir(binding, notice, found, changes)
        )
        if not mine or _came_after(binding, notice, found):
            kept.append(binding)
        elif binding.bound_from <= notice.ends_on:
            noticed = replace(binding, notices=(*binding.notices, notice))
            kept.append(_ended(noticed, notice.ends_on, notice.event))
    return kept


def _is_heir(binding: Binding, notice: Notice, found: Sequence[Binding], changes: Changes) -> bool:
    """Whether a version names who had by then taken the place of the one that the notice is about."""
    if changes.holder_of(notice.party, binding.bound_from) != binding.party:
        return False
    day = notice.event.occurred_on
    return not any(one.party == binding.party and one.covers(day) for one in found)


def _signed_before(binding: Binding, changes: Changes, day: date) -> bool:
    """Whether a binding that begins after ``day`` was signed before it, itself or what it amends."""
    version: Version | None = binding.version if binding.bound_from > day else None
    while version is not None:
        names = (name for name in version.terms.parties if changes.holder_of(name, day) == binding.party)
        counted = (version.counts_from(name) for name in names)
        if any(one is not None and one < day for one in counted):
            return True
        version = version.follows if version.basis in IN_TERM else None
    return False


def _entered(binding: Binding) -> date:
    """Return the day on which the party did what binds it: its signature counted, or it acceded."""
    if isinstance(binding.event.payload, AccessionRecorded):
        return binding.event.occurred_on
    return binding.version.counts_from(binding.party) or binding.event.occurred_on


def _came_after(binding: Binding, notice: Notice, found: Sequence[Binding]) -> bool:
    """Whether the party came back by what the notice does not concern: an accession, or a signature after it left."""
    day = notice.event.occurred_on
    if isinstance(binding.event.payload, AccessionRecorded):
        return _entered(binding) > day
    ended = (one.bound_until for one in found if one.party == notice.party and one.covers(day) and one.ended_by)
    return _entered(binding) > min((*ended, notice.ends_on))


def _ended(binding: Binding, last: date, by: Event) -> Binding:
    if binding.bound_until <= last:
        return binding
    return replace(binding, bound_until=last, ended_by=by)


def _cut_by_continuation(found: list[Binding], event: Event) -> list[Binding]:
    """Let the successor take the party's place, with a notice that runs; a successor may hold several places."""
    payload, day = event.payload, event.occurred_on
    if not isinstance(payload, PartyContinued):
        return found
    kept = []
    for binding in found:
        if binding.party != payload.party or binding.bound_until < day:
            kept.append(binding)
            continue
        if binding.bound_from < day:
            kept.append(_ended(binding, day - ONE_DAY, event))
        if payload.successor is not None:
            first = max(day, binding.bound_from)
            kept.append(replace(binding, party=payload.successor, bound_from=first, event=event))
    return kept


def _cut_where_one_is_left(found: list[Binding]) -> list[Binding]:
    """End a term on the day after which fewer than two parties would be bound."""
    for term in {binding.version.term for binding in found}:
        mine = [binding for binding in found if binding.version.term == term]
        begins = min(binding.bound_from for binding in mine)
        if len(set(bound_on(mine, begins))) < 2:
            found = [binding for binding in found if binding.version.term != term]
            continue
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


def unbroken(mine: Iterable[Binding]) -> tuple[date | None, date | None]:
    """Return the first and the last day of a party's latest unbroken time; it may have left and acceded again."""
    first = last = None
    for binding in sorted(mine, key=lambda binding: binding.bound_from):
        if first is None or last is None or binding.bound_from > last + ONE_DAY:
            first, last = binding.bound_from, binding.bound_until
        else:
            last = max(last, binding.bound_until)
    return first, last
