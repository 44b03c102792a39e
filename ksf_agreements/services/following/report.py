"""The report: one self-contained page with a signature matrix for each region, a timeline, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from jinja2 import Environment, StrictUndefined, Template

from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.folded import STATUS_WORDS
from ksf_agreements.domain.status import PartyState, PartyStatus
from ksf_agreements.domain.telling import dated
from ksf_agreements.resources import data_file
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following.overview import View, views, without_cluster
from ksf_agreements.text import T, Text

WIDTH, LABEL, ROW = 960, 220, 26


@dataclass(frozen=True, slots=True)
class Cell:
    """A party in a cluster: a sign that needs no colour, the words for it, and a class for its looks."""

    sign: str
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A municipality with a cell for each cluster of the region."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """An agreement on the timeline, in the drawing's units: its term, and marks with their dates."""

    name: str
    y: int
    x: float
    width: float
    words: str
    marks: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """An agreement in the table of a region."""

    id: str
    name: str
    status: str
    kind: str
    signed: str
    valid_until: str
    next: str


@dataclass(frozen=True, slots=True)
class RegionPart:
    """What the page shows of one region."""

    name: str
    clusters: tuple[ClusterRow, ...]
    matrix: tuple[MatrixRow, ...]
    alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing: its size, the years along it, today's place, and a bar for each agreement."""

    width: int
    height: int
    years: tuple[tuple[float, int], ...]
    today: float
    bars: tuple[Bar, ...]


_SIGNS = {
    PartyState.INVITED: ("○", "waiting"),
    PartyState.APPROVED: ("◐", "waiting"),
    PartyState.SIGNED: ("✓", "signed"),
    PartyState.BOUND: ("✓", "signed"),
    PartyState.LEAVING: ("↗", "leaving"),
    PartyState.LEFT: ("–", "left"),
    PartyState.DECLINED: ("✕", "declined"),
}
_WORDS = {
    PartyState.INVITED: T("has not signed"),
    PartyState.APPROVED: T("approved, has not signed"),
    PartyState.SIGNED: T("signed {date}"),
    PartyState.BOUND: T("signed {date}"),
    PartyState.LEAVING: T("leaves, bound through {date}"),
    PartyState.LEFT: T("has left, bound through {date}"),
    PartyState.DECLINED: T("does not want to take part"),
}


def report_page(desk: Desk, on: date, say: Callable[[Text], str], language: str) -> str:
    """Return the page as HTML, for one date."""
    shown = views(desk, on)
    alone = without_cluster(desk, on)
    keys = list(dict.fromkeys([*(one.region for one in shown), *alone]))
    regions = tuple(
        _region(desk, key, [one for one in shown if one.region == key], [m.name for m in alone.get(key, ())], say)
        for key in keys
    )
    due = [
        (item.due.isoformat(), one.status.name or one.status.cluster, say(dated(item, one.folded.call)))
        for one in shown
        for item in one.due
        if item.due <= add_months(on, 6)
    ]
    return _template().render(
        words=_Words(say),
        language=language,
        on=written(on),
        regions=regions,
        due=sorted(due),
        timeline=_timeline(shown, on, say),
    )


class _Words:
    """The page's own words, in the reader's language."""

    def __init__(self, say: Callable[[Text], str]) -> None:
        self.title = say(T("Agreements in KSF"))
        self.on = say(T("The situation on"))
        self.cluster, self.status, self.signed = say(T("Cluster")), say(T("Status")), say(T("Signed"))
        self.valid, self.next = say(T("Valid through")), say(T("Next"))
        self.signatures, self.municipality = say(T("Signatures")), say(T("Municipality"))
        self.alone = say(T("Municipalities without a cluster"))
        self.due, self.date, self.what = say(T("Due within six months")), say(T("Date")), say(T("What"))
        self.nothing = say(T("Nothing is due in that time."))
        self.timeline = say(T("Terms, notices and renewals"))
        self.timeline_help = say(T("Each bar is an agreement's term; the marks are what is due."))
        self.today = say(T("today"))
        self.legend = say(T("✓ signed   ○ has not signed   ◐ approved   ↗ leaves   – has left   ✕ does not take part"))
        self.none = say(T("There are no clusters yet. Write one in the folder clusters, or run 'ksf init'."))
        self.no_region = say(T("Without a region"))


def written(day: date) -> str:
    """Return a date as a Norwegian page writes it: 31.12.2029."""
    return f"{day.day}.{day.month}.{day.year}"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(data_file("report.html").read_text(encoding="utf-8"))


def _region(
    desk: Desk, key: str, shown: Sequence[View], alone: Sequence[str], say: Callable[[Text], str]
) -> RegionPart:
    region = desk.workspace.regions.get(key)
    name = f"KSF {region.name}" if region else say(T("Without a region"))
    rows = tuple(_cluster_row(one, say) for one in shown)
    found: dict[str, dict[int, PartyStatus]] = {}
    for column, one in enumerate(shown):
        for party in one.status.parties:
            found.setdefault(party.municipality, {})[column] = party
    matrix = tuple(
        MatrixRow(_name(desk, number), tuple(_cell(cells.get(column), say) for column in range(len(shown))))
        for number, cells in sorted(found.items(), key=lambda item: _name(desk, item[0]))
    )
    return RegionPart(name, rows, matrix, tuple(alone))


def _name(desk: Desk, number: str) -> str:
    known = desk.municipalities.get(number)
    return known.name if known else number


def _cell(party: PartyStatus | None, say: Callable[[Text], str]) -> Cell:
    if party is None:
        return Cell("", "", "none")
    sign, kind = _SIGNS[party.state]
    day = party.bound_until if party.state in {PartyState.LEAVING, PartyState.LEFT} else party.signed_on
    words = _WORDS[party.state]
    return Cell(sign, say(T(words.msgid, date=written(day) if day else "–")), kind)


def _cluster_row(one: View, say: Callable[[Text], str]) -> ClusterRow:
    status = one.status
    return ClusterRow(
        id=status.cluster,
        name=status.name or status.cluster,
        status=say(STATUS_WORDS[status.status]),
        kind=str(status.status),
        signed=f"{status.signed} / {status.of}",
        valid_until=written(status.valid_until) if status.valid_until else "–",
        next=say(dated(one.due[0], one.folded.call)) if one.due else "–",
    )


def _timeline(shown: Sequence[View], on: date, say: Callable[[Text], str]) -> Timeline:
    dates = [day for one in shown for day in (one.status.in_force_from, one.status.valid_until) if day]
    first = date(min([on, *dates]).year, 1, 1)
    last = date(max([on + timedelta(days=365), *dates]).year + 1, 1, 1)
    scale = (WIDTH - LABEL) / max((last - first).days, 1)

    def place(day: date) -> float:
        return round(LABEL + (min(max(day, first), last) - first).days * scale, 1)

    bars = []
    for index, one in enumerate(one for one in shown if one.status.valid_until):
        status = one.status
        begins, ends = status.in_force_from or on, status.ends_on or status.valid_until or on
        facts = {"name": status.name or status.cluster, "date": written(ends)}
        words = say(T("{name}: {status}, valid through {date}", status=STATUS_WORDS[status.status], **facts))
        marks = tuple((place(item.due), item.code.split("-")[0], say(dated(item, one.folded.call))) for item in one.due)
        x = place(begins)
        bars.append(Bar(status.name or status.cluster, 40 + index * ROW, x, max(place(ends) - x, 2), words, marks))
    years = tuple((place(date(year, 1, 1)), year) for year in range(first.year, last.year + 1))
    return Timeline(WIDTH, 60 + ROW * len(bars), years, place(on), tuple(bars))
