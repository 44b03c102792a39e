"""Notices of termination (cl. 12): by a party, to a party, their copies, and taking them back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ksf_agreements.domain import decisions
from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.decisions import Decision, not_in_future, running_notice
from ksf_agreements.domain.events import Event, NoticeCopied, NoticeGivenToParty, NoticeReceived, NoticeWithdrawn
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.text import T, Text


def give_notice(
    desk: Desk,
    cluster: str,
    party: str,
    received: date,
    *,
    sent: date | None = None,
    copied: date | None = None,
    file: Path | None = None,
) -> Done:
    """Record a party's notice; a copy told of later completes the one that is there."""
    not_in_future(received, desk.today)
    if copied is not None:
        not_in_future(copied, desk.today)
    with desk.working(cluster) as work:
        known = _received_on(work, party, received)
        payload = known.event.payload if known else None
        if known is not None and isinstance(payload, NoticeReceived):
            same = payload.sent == sent and payload.file == work.file(file)
            if same and copied is not None and known.copied_on is None:
                return _with_end(work, decisions.copy_notice(work.folded, party, copied), party)
            if same and copied in (None, known.copied_on):
                return work.done((), repeated=known.event, notes=_end_notes(work, party))
        decision = decisions.give_notice(work.folded, party, received, sent=sent, copied=copied, file=work.file(file))
        return _with_end(work, decision, party)


def _received_on(work: Work, party: str, day: date) -> Notice | None:
    """Return the party's own notice that was received on a day, also where it is over or withdrawn."""
    mine = (one for one in work.folded.notices if one.party == party and not one.to_party)
    return next((one for one in mine if one.event.occurred_on == day), None)


def _with_end(work: Work, decision: Decision, party: str) -> Done:
    done = work.apply(decision)
    return work.done(done.events, done.warnings, repeated=done.repeated, notes=_end_notes(work, party))


def _end_notes(work: Work, party: str) -> tuple[Text, ...]:
    """Say through which day the party is bound, and what follows for the others."""
    folded = work.folded
    notice = running_notice(folded, party)
    mine = [binding for binding in folded.bindings if binding.party == party]
    if notice is None or not mine:
        return ()
    last = max(binding.bound_until for binding in mine)
    notes = [T("{party} is bound through {date}.", party=folded.call(party), date=last)]
    if last < notice.ends_on:
        notes.append(T("The agreement itself ends before the notice would."))
    version = folded.in_force
    if version is not None and party == version.terms.motor_municipality:
        notes.append(T("This is the motor municipality: a new one must be found ('ksf change-motor')."))
    notes.append(T("Tell all the other parties (clause 9)."))
    return tuple(notes)


def copy_notice(desk: Desk, cluster: str, party: str, copied: date) -> Done:
    """Record that the regional coordinator got the copy."""
    not_in_future(copied, desk.today)
    with desk.working(cluster) as work:
        told = (one for one in work.folded.notices if one.party == party and one.copied_on == copied)
        if (known := next(told, None)) is not None and not known.to_party:
            return work.done((), repeated=_copy_event(work, known))
        return work.apply(decisions.copy_notice(work.folded, party, copied))


def _copy_event(work: Work, notice: Notice) -> Event:
    """Return the event that tells of a notice's copy: its own, or the notice itself."""
    events = work.folded.events
    own = (e for e in events if isinstance(e.payload, NoticeCopied) and e.payload.notice == notice.event.number)
    return next(own, notice.event)


def withdraw_notice(desk: Desk, cluster: str, party: str, on: date, consents: tuple[str, ...]) -> Done:
    """Record that a notice was taken back."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        if running_notice(work.folded, party) is None:
            for notice in work.folded.notices:
                if notice.party == party and _says_so(notice, on, consents):
                    return work.done((), repeated=notice.withdrawn)
        return work.apply(decisions.withdraw_notice(work.folded, party, on, consents))


def _says_so(notice: Notice, on: date, consents: tuple[str, ...]) -> bool:
    """Whether a notice was taken back on that day with just these consents."""
    event = notice.withdrawn
    if event is None or not isinstance(event.payload, NoticeWithdrawn):
        return False
    day = max(on, notice.event.occurred_on)
    return event.occurred_on == day and set(event.payload.consents) == set(consents)


def notice_to_party(
    desk: Desk,
    cluster: str,
    party: str,
    on: date,
    *,
    ground: str,
    decision: str,
    ends_on: date,
    file: Path | None = None,
) -> Done:
    """Record a notice to a party, on a ground that the agreement has."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        payload = NoticeGivenToParty(
            party=party, ground=ground, decision=decision, ends_on=ends_on, file=work.file(file)
        )
        if (repeated := work.repeated(payload, on)) is not None:
            return work.done((), repeated=repeated)
        decided = decisions.notice_to_party(
            work.folded, party, on, ground=ground, decision=decision, ends_on=ends_on, file=payload.file
        )
        return work.apply(decided)
