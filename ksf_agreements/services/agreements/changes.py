"""What else happens to an agreement: accession, what changes without signing again, continuation, and voiding."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from ksf_agreements.domain import decisions
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.decisions import Decision, Refused, not_in_future
from ksf_agreements.domain.events import (
    AccessionRecorded,
    ContactsChanged,
    EventVoided,
    FocusAreasAdopted,
    PartyContinued,
    PlanAdopted,
    RenewalStarted,
    Task,
    TaskDone,
)
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.services.following import recurring
from ksf_agreements.text import T


def accede(
    desk: Desk,
    cluster: str,
    party: str,
    on: date,
    *,
    signed_by: tuple[str, ...] | None,
    case: str = "",
    file: Path | None = None,
) -> Done:
    """Record that a municipality has joined by an addendum, in force from ``on``; the old end date applies."""
    not_in_future(on, desk.today)
    municipality = desk.municipalities.on(party, on)
    if municipality is None:
        raise Refused(T("No municipality has the number {number} on {day}.", number=party, day=on))
    with desk.working(cluster) as work:
        kept = work.file(file)
        for event in work.folded.events:
            known = event.payload
            if isinstance(known, AccessionRecorded) and known.party == party and event.occurred_on == on:
                signed = signed_by is None or set(signed_by) == set(known.signed_by)
                if signed and (known.approval_case, known.file) == (case, kept):
                    return work.done((), repeated=event)
        decision = decisions.accede(work.folded, party, on, signed_by=signed_by, case=case, file=kept)
        note = T("Add {party} to the members in the cluster file too.", party=work.folded.call(party))
        return work.apply(decision, notes=(note,))


def _cluster(desk: Desk, cluster: str) -> Cluster:
    found = desk.cluster_file(cluster)
    if found.cluster is None:
        raise Refused(T("The cluster file has errors; 'ksf check' tells them."))
    return found.cluster


def change_contacts(desk: Desk, cluster: str, on: date) -> Done:
    """Record the contact persons and the cluster leader as the cluster file has them now; nobody signs again."""
    not_in_future(on, desk.today)
    said = _cluster(desk, cluster)
    leader = said.cluster_leader.model_dump(mode="json") if said.cluster_leader else None
    people = {
        "cluster_leader": json.dumps(leader, ensure_ascii=False),
        **{
            member.municipality: json.dumps(
                [one.model_dump(mode="json") for one in member.foui_contacts], ensure_ascii=False
            )
            for member in said.members
        },
    }
    with desk.working(cluster) as work:
        decisions.the_version(work.folded, None, work.at(on))
        last = next((e for e in reversed(work.folded.events) if isinstance(e.payload, ContactsChanged)), None)
        if last is not None and isinstance(last.payload, ContactsChanged):
            known = work.transaction.person(last.payload.contacts)
            if known is not None and dict(known) == people:
                return work.done((), repeated=last)
        payload = ContactsChanged(
            contacts=work.person(**people),
            cluster_leader_vacant=said.cluster_leader is None,
            parties_without_contact=tuple(one.municipality for one in said.members if not one.foui_contacts),
        )
        note = T("Send the new list of contact persons to all parties: 'ksf generate' writes it.")
        return work.apply(Decision(payload, on), notes=(note,))


def adopt_focus_areas(desk: Desk, cluster: str, on: date, file: Path | None = None) -> Done:
    """Record the focus areas of the cluster file as adopted by the decision authority (cl. 4, 6)."""
    not_in_future(on, desk.today)
    said = _cluster(desk, cluster)
    if not said.focus_areas:
        raise Refused(T("The cluster file has no focus areas. Write them there first."))
    with desk.working(cluster) as work:
        decisions.the_version(work.folded, None, work.at(on))
        payload = FocusAreasAdopted(focus_areas=said.focus_areas, file=work.file(file))
        return work.apply(Decision(payload, on))


def adopt_plan(desk: Desk, cluster: str, year: int, on: date, file: Path | None = None) -> Done:
    """Record that the action plan of a year was adopted (cl. 6)."""
    not_in_future(on, desk.today)
    if abs(year - on.year) > 5:
        raise Refused(T("The year {year} is far from {day}. Check it.", year=year, day=on))
    with desk.working(cluster) as work:
        decisions.the_version(work.folded, None, work.at(on))
        return work.apply(Decision(PlanAdopted(year=year, file=work.file(file)), on))


def finish_task(desk: Desk, cluster: str, task: Task, period: str, on: date) -> Done:
    """Record that a recurring task was done (cl. 6 and 7): of a year, or of a report date of the grant letter.

    Without a ``period`` it is the oldest that stands undone.
    """
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        decisions.the_version(work.folded, None, work.at(on))
        payload = TaskDone(
            task=task, period=_period(desk, cluster, task, period, on) if period else _oldest(desk, work, task)
        )
        known = (e for e in work.folded.events if e.payload == payload)
        if (before := next(known, None)) is not None:
            return work.done((), repeated=before)
        return work.apply(Decision(payload, on))


def _period(desk: Desk, cluster: str, task: Task, said: str, on: date) -> str:
    if task is not Task.GRANT_REPORT:
        if said.isascii() and said.isdigit() and len(said) == 4 and abs(int(said) - on.year) <= 5:
            return said
        raise Refused(T("Write which year, for instance {year}.", year=on.year))
    grant = _cluster(desk, cluster).grant_letter
    dates = grant.report_dates if grant else ()
    if not dates:
        raise Refused(T("The cluster file has no report dates. Write them under grant_letter first."))
    day = _as_day(said)
    if day not in dates:
        there = tuple(one.isoformat() for one in dates)
        raise Refused(
            T("The grant letter has no report date {period}. The cluster file has: {dates}.", period=said, dates=there)
        )
    return day.isoformat()


def _as_day(said: str) -> date | None:
    """Return the day of '2027-03-01' or '1.3.2027'."""
    parts = said.strip().split(".")
    try:
        return date.fromisoformat(parts[0]) if len(parts) == 1 else date(*map(int, reversed(parts)))
    except (ValueError, TypeError):
        return None


def _oldest(desk: Desk, work: Work, task: Task) -> str:
    found = next((one for one in recurring.standing(desk, work.folded) if one.code is task), None)
    if found is None:
        raise Refused(T("Nothing of that kind stands undone. If it is done all the same, say which with --period."))
    return found.period


def start_renewal(desk: Desk, cluster: str, on: date, until: date) -> Done:
    """Record that the bound parties were asked whether they will renew; those that leave are not asked by default."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        folded = work.folded
        base = folded.in_force
        if base is None:
            raise Refused(T("No agreement is in force, so there is nothing to renew. Use 'ksf issue'."))
        if until <= base.terms.valid_until:
            raise Refused(T("A renewal must end after the old term, which ends on {old}.", old=base.terms.valid_until))
        leaving = {one.party for one in folded.notices if one.withdrawn is None and one.ends_on >= desk.today}
        invited = tuple(one for one in folded.bound() if one not in leaving)
        return work.apply(Decision(RenewalStarted(of_version=base.number, valid_until=until, invited=invited), on))


def continue_party(
    desk: Desk,
    cluster: str,
    party: str,
    successor: str | None,
    on: date,
    decision: str = "",
    file: Path | None = None,
) -> Done:
    """Record what was decided after a merger or a split: who takes a party's place from ``on``, or nobody."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        payload = PartyContinued(party=party, successor=successor, decision=decision, file=work.file(file))
        if (repeated := work.repeated(payload, on)) is not None:
            return work.done((), repeated=repeated)
        known = {binding.party for binding in work.folded.bindings}
        if party not in known:
            raise Refused(T("{party} has not been bound by the agreement.", party=work.folded.call(party)))
        settled = (e for e in work.folded.events if isinstance(e.payload, PartyContinued) and e.payload.party == party)
        if (before := next(settled, None)) is not None:
            raise Refused(
                T(
                    "Who continues {party} is settled already (event {event}). If that is wrong, void it with "
                    "'ksf void {event} --reason ...' and record the right one.",
                    party=work.folded.call(party),
                    event=before.number,
                )
            )
        if successor is not None and desk.municipalities.on(successor, on) is None:
            raise Refused(T("No municipality has the number {number} on {day}.", number=successor, day=on))
        return work.apply(Decision(payload, on))


def void(desk: Desk, number: int, reason: str) -> Done:
    """Record that an event was entered by mistake; the right fact is entered by its own command."""
    if not reason.strip():
        raise Refused(T("Say why: --reason."))
    with desk.register.reading() as transaction:
        found = transaction.event(number)
    if found is None or found.number != number:
        raise Refused(T("There is no event {number}. 'ksf log' shows them.", number=number))
    if found.kind in {EventVoided.KIND, "register:data:erased"}:
        raise Refused(
            T(
                "Event {number} cannot be voided: it is itself a correction. Record what is right by its own command.",
                number=number,
            )
        )
    with desk.working(found.agreement) as work:
        events = work.transaction.events(found.agreement)
        voided = next((e for e in events if isinstance(e.payload, EventVoided) and e.payload.event == number), None)
        if voided is not None:
            return work.done((), repeated=voided)
        return work.done((work.append(EventVoided(event=number, reason=reason), desk.today),))
