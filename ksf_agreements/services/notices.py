"""Notices of termination (cl. 12): by a party, to a party, their copies, and taking them back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ksf_agreements.domain import decisions
from ksf_agreements.domain.decisions import Decision, not_in_future, running_notice
from ksf_agreements.domain.events import NoticeGivenToParty, NoticeReceived
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
        running = running_notice(work.folded, party)
        payload = running.event.payload if running else None
        if running is not None and isinstance(payload, NoticeReceived) and running.event.occurred_on == received:
            if copied is not None and running.copied_on is None:
                return _with_end(work, decisions.copy_notice(work.folded, party, copied), party)
            same = payload.sent == sent and (copied in (None, running.copied_on)) and payload.file == work.file(file)
            if same:
                return work.done((), repeated=running.event, notes=_end_notes(work, party))
        decision = decisions.give_notice(work.folded, party, received, sent=sent, copied=copied, file=work.file(file))
        return _with_end(work, decision, party)


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
        return work.apply(decisions.copy_notice(work.folded, party, copied))


def withdraw_notice(desk: Desk, cluster: str, party: str, on: date, consents: tuple[str, ...]) -> Done:
    """Record that a notice was taken back."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        return work.apply(decisions.withdraw_notice(work.folded, party, on, consents))


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
