"""Oversikt: every agreement by region, with its status, how many have signed, and what is nearest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.folded import STATUS_WORDS, Status
from ksf_agreements.domain.folding import fold
from ksf_agreements.register.location import location_warning
from ksf_agreements.services.following import overview
from ksf_agreements.services.following.overview import Standing
from ksf_agreements.text import T
from ksf_agreements.web.visit import Visit, endpoint

TONES = {
    Status.DRAFT: "neutral",
    Status.ISSUED: "info",
    Status.SIGNING: "info",
    Status.IN_FORCE: "success",
    Status.ENDING: "warning",
    Status.EXPIRED: "danger",
    Status.TERMINATED: "danger",
    Status.SUPERSEDED: "neutral",
}
"""The colour of a status, which its words say as well."""


@dataclass(frozen=True, slots=True)
class Row:
    """An agreement in the list."""

    id: str
    name: str
    status: str
    tone: str
    signed: int
    of: int
    valid_until: date | None
    next: str
    next_day: date | None


@dataclass(frozen=True, slots=True)
class Group:
    """A region with its agreements, and its municipalities that are in none."""

    key: str
    name: str
    rows: tuple[Row, ...]
    alone: tuple[str, ...]


def index(visit: Visit) -> Response:
    """Show the overview, filtered by region, status and a search."""
    desk, say = visit.desk, visit.say
    region, status, search = visit.query("region"), visit.query("status"), visit.query("sok").strip()
    nearest = overview.nearest(desk, desk.today)
    alone = overview.without_cluster(desk, desk.today)
    every = overview.rows(desk, desk.today)
    shown = [one for one in every if _matches(visit, one, region, status, search)]
    groups = []
    for key in dict.fromkeys([*(one.region for one in shown), *(key for key in alone if not (status or search))]):
        if region and key != region:
            continue
        known = desk.workspace.regions.get(key)
        rows = []
        for one in (one for one in shown if one.region == key):
            item = nearest.get(one.cluster)
            told = say(item.what) if item else ""
            if item and item.party:
                told = f"{told} ({desk.call(item.party)})"
            words = say(STATUS_WORDS[one.status])
            rows.append(
                Row(
                    one.cluster,
                    one.name or one.cluster,
                    words,
                    TONES[one.status],
                    one.signed,
                    one.of,
                    one.valid_until,
                    told,
                    item.due if item else None,
                )
            )
        rows.sort(key=lambda row: (row.next_day or date.max, row.name))
        names = tuple(one.name for one in alone.get(key, ())) if not (status or search) else ()
        groups.append(Group(key, f"KSF {known.name}" if known else say(T("Without a region")), tuple(rows), names))
    return visit.page(
        "overview.html",
        groups=groups,
        regions=[(key, one.name) for key, one in desk.workspace.regions.items()],
        statuses=[(str(one), say(STATUS_WORDS[one])) for one in Status if one is not Status.SUPERSEDED],
        region=region,
        status=status,
        search=search,
        total=len(every),
        count=len(shown),
        today=desk.today,
        place=location_warning(visit.app.register_path),
    )


def _matches(visit: Visit, one: Standing, region: str, status: str, search: str) -> bool:
    if (region and one.region != region) or (status and one.status != status):
        return False
    names = (visit.desk.call(party) for party in one.parties)
    return not search or any(fold(search) in fold(text) for text in (one.name, one.cluster, *names))


ROUTES = (Route("/", endpoint(index)),)
