"""Klynge: one agreement with what to do next first, its status and why, its parties, deadlines and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.folded import STATUS_WORDS, Folded, Status
from ksf_agreements.domain.schedule import Occasion, occasions
from ksf_agreements.domain.status import PARTY_WORDS, PartyState, PartyStatus
from ksf_agreements.domain.telling import told
from ksf_agreements.errors import UsageError
from ksf_agreements.services.following import overview
from ksf_agreements.services.following.overview import View
from ksf_agreements.text import T, Text
from ksf_agreements.web.next_steps import next_steps
from ksf_agreements.web.routes.overview import TONES
from ksf_agreements.web.visit import Visit, endpoint


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party in the table."""

    number: str
    name: str
    is_motor: bool
    state: str
    sign: str
    tone: str
    signed_on: date | None
    bound_from: date | None
    bound_until: date | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something due: what, about whom, and when."""

    day: date
    what: str
    party: str
    clause: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the history."""

    number: int
    day: date
    what: str
    actor: str


_SIGNS = {
    PartyState.INVITED: ("○", "neutral"),
    PartyState.APPROVED: ("◐", "info"),
    PartyState.SIGNED: ("✓", "success"),
    PartyState.BOUND: ("✓", "success"),
    PartyState.LEAVING: ("↗", "warning"),
    PartyState.LEFT: ("–", "neutral"),
    PartyState.DECLINED: ("✕", "danger"),
}


def known(visit: Visit) -> str:
    """Return the cluster that the address names. Raises `UsageError` where there is none."""
    cluster = visit.path["cluster"]
    there = {path.stem for path in visit.desk.workspace.cluster_paths()}
    if cluster not in there and not visit.desk.known(cluster):
        raise UsageError(T("There is no cluster '{cluster}'.", cluster=cluster))
    return cluster


def name_of(visit: Visit, folded: Folded, cluster: str) -> str:
    """Return the agreement's name: the newest version's, else the cluster file's, else the id."""
    if folded.versions:
        return folded.versions[-1].terms.name
    if any(path.stem == cluster for path in visit.desk.workspace.cluster_paths()):
        file = visit.desk.cluster_file(cluster)
        found = file.cluster or file.rest
        return (found.name if found else "") or cluster
    return cluster


def show(visit: Visit) -> Response:
    """Show the agreement."""
    cluster = known(visit)
    desk, say = visit.desk, visit.say
    shown = overview.view(desk, cluster, desk.today)
    status = shown.status
    has_file = any(path.stem == cluster for path in desk.workspace.cluster_paths())
    version = shown.folded.version(status.version)
    due = _due(visit, shown, has_file=has_file)
    reason = say(status.reason.text)
    status_words = say(STATUS_WORDS[status.status])
    region = desk.workspace.regions.get(shown.region)
    return visit.page(
        "cluster.html",
        id=cluster,
        name=status.name or cluster,
        has_file=has_file,
        region=f"KSF {region.name}" if region else "",
        status=status,
        status_words=status_words,
        tone=TONES[status.status],
        reason="" if reason == status_words else reason,
        clause=status.reason.clause,
        document_id=version.terms.document_id if version else "",
        parties=tuple(_party(visit, one) for one in status.parties),
        alerts=tuple(words for one in shown.alerts if (words := say(one.text)) != reason),
        upcoming=status.upcoming,
        steps=next_steps(visit, cluster, shown, due, has_file=has_file),
        deadlines=tuple(_deadline(visit, one) for one in due[:_MOST_DEADLINES]),
        history=_history(visit, cluster),
        versions=tuple(one for one in shown.folded.versions),
        is_draft=status.status is Status.DRAFT,
        in_force=shown.folded.in_force is not None,
        open_version=shown.folded.open_version,
    )


def _party(visit: Visit, party: PartyStatus) -> PartyRow:
    known_as = visit.desk.municipalities.get(party.municipality)
    sign, tone = _SIGNS[party.state]
    words = PARTY_WORDS[party.state]
    if party.state is PartyState.LEAVING and party.bound_until:
        words = Text(words.msgid, (("date", party.bound_until),))
    if party.signed_on and party.state in {PartyState.INVITED, PartyState.APPROVED}:
        words, (sign, tone) = T("signed with a reservation"), ("◐", "warning")
    return PartyRow(
        party.municipality,
        known_as.title() if known_as else party.municipality,
        party.role is Role.MOTOR_MUNICIPALITY,
        visit.say(words),
        sign,
        tone,
        party.signed_on,
        party.bound_from,
        party.bound_until,
    )


_MOST_DEADLINES = 20


def _due(visit: Visit, shown: View, *, has_file: bool) -> tuple[Occasion, ...]:
    """Return what is to be done in the agreement and has a day, but for each party's signature and approval."""
    file = visit.desk.cluster_file(shown.status.cluster) if has_file else None
    grant = file.cluster.grant_letter if file and file.cluster else None
    year = visit.desk.workspace.settings.tables.year
    found = occasions(shown.folded, year, grant.report_dates if grant else ())
    return tuple(one for one in found if one.due is not None and one.code not in {"signature", "approval"})


def _deadline(visit: Visit, one: Occasion) -> Deadline:
    day = one.due or one.day
    party = visit.desk.call(one.party) if one.party else ""
    return Deadline(day, visit.say(one.what), party, one.clause, day < visit.desk.today)


def _history(visit: Visit, cluster: str) -> tuple[Happening, ...]:
    with visit.desk.register.reading() as reader:
        events = reader.events(cluster)
        actors = {event.number: (reader.person(event.actor) or {}).get("name", "–") for event in events}
    return tuple(
        Happening(event.number, event.occurred_on, visit.say(told(event, visit.desk.call)), actors[event.number])
        for event in reversed(events)
    )


ROUTES = (Route("/klynge/{cluster}", endpoint(show)),)
