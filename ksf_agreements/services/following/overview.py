"""The overview: how every agreement stands on a date, what is due, and which municipalities are in no cluster."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.deadlines import LASTING, WHAT, Obligation
from ksf_agreements.domain.events import Event
from ksf_agreements.domain.folded import Folded, Reason, Status, read
from ksf_agreements.domain.municipality import Municipality
from ksf_agreements.domain.status import AgreementStatus, PartyState, PartyStatus, status_of
from ksf_agreements.domain.telling import upcoming_obligations
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.register.reader import Obligation as Row
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T


@dataclass(frozen=True, slots=True)
class View:
    """An agreement as a view shows it: its status, its region, and what is due in it."""

    status: AgreementStatus
    region: str
    due: tuple[Obligation, ...]
    folded: Folded
    alerts: tuple[Reason, ...]


def view(desk: Desk, cluster: str, on: date) -> View:
    """Return one agreement on a date; a cluster that has a file and no events is a draft.

    Raises `UsageError` where there is neither.
    """
    file = next((path for path in desk.workspace.cluster_paths() if path.stem == cluster), None)
    with desk.register.reading() as reader:
        events = reader.events(cluster)
        known = reader.agreements() if not events and file is None else ()
    if not events and file is None:
        there = tuple(sorted({*known, *(path.stem for path in desk.workspace.cluster_paths())}))
        raise UsageError(T("There is no cluster '{cluster}'. There are: {known}", cluster=cluster, known=there))
    return _view(desk, cluster, events, read_cluster(file).cluster if file and not events else None, on)


def views(desk: Desk, on: date) -> tuple[View, ...]:
    """Return every agreement of the register and every cluster file, by region and id."""
    events: dict[str, list[Event]] = defaultdict(list)
    with desk.register.reading() as reader:
        for event in reader.stream_events():
            if event.agreement:
                events[event.agreement].append(event)
    files = {path.stem: path for path in desk.workspace.cluster_paths()}
    shown = [_view(desk, cluster, tuple(mine), None, on) for cluster, mine in events.items()]
    for cluster, path in files.items():
        if cluster not in events:
            shown.append(_view(desk, cluster, (), read_cluster(path).cluster, on))
    return tuple(sorted(shown, key=lambda one: (one.region, one.status.cluster)))


def _view(desk: Desk, cluster: str, events: tuple[Event, ...], file: Cluster | None, on: date) -> View:
    folded = read(cluster, events, on, desk.municipalities)
    status = status_of(folded)
    if status.status is Status.DRAFT and file is not None:
        status = _draft(status, file)
    shown = folded.version(status.version)
    region = shown.terms.region if shown else (file.region if file else None) or ""
    return View(status, region, upcoming_obligations(folded), folded, (*status.alerts, *continuations(desk, folded)))


def _draft(status: AgreementStatus, cluster: Cluster) -> AgreementStatus:
    from dataclasses import replace

    reason = Reason(T("no version has been issued"))
    parties = tuple(
        PartyStatus(
            member.municipality,
            Role.MOTOR_MUNICIPALITY if member.municipality == cluster.motor_municipality else Role.PARTNER_MUNICIPALITY,
            PartyState.INVITED,
            None,
            None,
            None,
            reason,
        )
        for member in cluster.parties()
    )
    return replace(status, name=cluster.name or "", valid_until=cluster.valid_until, of=len(parties), parties=parties)


def continuations(desk: Desk, folded: Folded) -> Iterator[Reason]:
    """Yield a flag for each bound party whose number ended in a real merger or split and is not decided on.

    A pure renumbering (the same organisation number) is nobody's worry; a successor is never put in silently.
    """
    register = desk.municipalities
    for party in folded.bound():
        known = register.get(party)
        ended = known is not None and known.valid_to is not None and known.valid_to < folded.on
        if ended and not register.is_renumbered(party):
            heirs = tuple(f"{one.number} {one.name}" for one in register.successors(party))
            text = T(
                "{party} has ended by a merger or a split: its continuation must be settled (now: {heirs})",
                party=folded.call(party),
                heirs=heirs,
            )
            yield Reason(text, "2", 0)


class Standing(NamedTuple):
    """An agreement in a line of the overview.

    `upcoming` is what is on its way, as 'renewal 3/8', or ''; `parties` are those that have not left or declined.
    """

    cluster: str
    name: str
    region: str
    status: Status
    signed: int
    of: int
    valid_until: date | None
    in_force_from: date | None
    leaving: int
    upcoming: str
    parties: tuple[str, ...]


def rows(desk: Desk, on: date) -> tuple[Standing, ...]:
    """Return a line for all that `views` returns, in its order, from what the register keeps ready: nothing is folded.

    An agreement that had not begun by ``on`` is a draft without a name, as it is in `views`.
    """
    with desk.register.reading() as reader:
        found = [_standing(cluster, summary) for cluster, summary in reader.overview(on)]
        later = set(reader.agreements()).difference(one.cluster for one in found)
    found += [_nothing_yet(cluster) for cluster in later]
    known = {one.cluster for one in found}
    for path in desk.workspace.cluster_paths():
        if path.stem not in known:
            found.append(_planned(path.stem, read_cluster(path).cluster))
    return tuple(sorted(found, key=lambda one: (one.region, one.cluster)))


def _nothing_yet(cluster: str) -> Standing:
    return Standing(cluster, "", "", Status.DRAFT, 0, 0, None, None, 0, "", ())


def _planned(cluster: str, file: Cluster | None) -> Standing:
    if file is None:
        return _nothing_yet(cluster)
    parties = tuple(member.municipality for member in file.parties())
    name, region, until = file.name or "", file.region or "", file.valid_until
    return Standing(cluster, name, region, Status.DRAFT, 0, len(parties), until, None, 0, "", parties)


def _standing(cluster: str, summary: str) -> Standing:
    told = json.loads(summary)
    until, begins = told["valid_until"], told["in_force_from"]
    return Standing(
        cluster,
        told["name"],
        told["region"],
        _STATUS[told["status"]],
        told["signed"],
        told["of"],
        date.fromisoformat(until) if until else None,
        date.fromisoformat(begins) if begins else None,
        told["leaving"],
        told["upcoming"],
        tuple(told["parties"].split()),
    )


_STATUS = {str(status): status for status in Status}


@dataclass(frozen=True, slots=True)
class Due:
    """Something due in an agreement; a `party` it is about is a municipality number, or ''."""

    cluster: str
    obligation: Obligation


def due(desk: Desk, on: date, within: timedelta, limit: int | None = None) -> tuple[Due, ...]:
    """Return what is due from ``on`` through ``within`` after it, and what is overdue and not done, nearest first.

    From today on the register has it ready; a day before today is folded from the events of that day.
    """
    last = on + within
    if on >= desk.today:
        with desk.register.reading() as reader:
            ready = reader.overdue(on, LASTING, limit)
            if limit is None or len(ready) < limit:
                ready += reader.due(on, last, None if limit is None else limit - len(ready))
        return tuple(map(_from_row, ready))
    found = [Due(one.status.cluster, item) for one in views(desk, on) for item in one.due if item.due <= last]
    ordered = sorted(found, key=lambda item: (item.obligation.due, item.cluster, item.obligation.code))
    return tuple(ordered[:limit])


def nearest(desk: Desk, on: date) -> Mapping[str, Obligation]:
    """Return the first that is due, or overdue and not done, in each agreement that anything is due in."""
    if on < desk.today:
        return {one.status.cluster: one.due[0] for one in views(desk, on) if one.due}
    found: dict[str, Obligation] = {}
    for item in due(desk, on, date.max - on):
        found.setdefault(item.cluster, item.obligation)
    return found


def _from_row(row: Row) -> Due:
    told, day = json.loads(row.payload), date.fromisoformat(row.date)
    item = Obligation(day, row.code, WHAT[row.code], told["who"], told["clause"], row.party, told["event"])
    return Due(row.agreement, item)


def without_cluster(desk: Desk, on: date) -> Mapping[str, tuple[Municipality, ...]]:
    """Return, for each region whose counties are known, its municipalities that are in no cluster.

    A municipality is in a cluster where it is a party of an agreement that has not ended, or a member in a file.
    """
    over = {Status.EXPIRED, Status.TERMINATED, Status.SUPERSEDED}
    taken = {party for one in rows(desk, on) if one.status not in over for party in one.parties}
    everyone = desk.municipalities.all_on(on)
    return {
        key: tuple(one for one in everyone if one.county_number in region.counties and one.number not in taken)
        for key, region in desk.workspace.regions.items()
        if region.counties
    }
