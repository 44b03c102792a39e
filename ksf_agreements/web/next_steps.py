"""What to do next in an agreement, most pressing first, each with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlencode

from ksf_agreements.domain.events import Task
from ksf_agreements.domain.folded import Status
from ksf_agreements.domain.recurring import TASKS
from ksf_agreements.domain.schedule import Occasion
from ksf_agreements.services.clusters import editing
from ksf_agreements.services.following.overview import View
from ksf_agreements.text import TN, T, Text
from ksf_agreements.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: in sentences, and the page where it is done."""

    texts: tuple[str, ...]
    link: str
    label: str


class Place(NamedTuple):
    """A page of an agreement, by its address below the agreement's own, and what its button says."""

    page: str
    label: Text


_SOON = timedelta(days=30)
_MOST_STEPS, _MOST_TEXTS = 4, 5
_FILL, _RENEWAL = Place("fyll-ut", T("Fill in")), Place("fornyelse", T("Renewal"))
_PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "foui-contact": _FILL,
        "new-motor": Place("fornyelse/motorkommune", T("Change the motor municipality")),
        "renewal-ask": _RENEWAL,
        "renewal-draft": _RENEWAL,
        "renewal-approvals": _RENEWAL,
        "renewal-signing": _RENEWAL,
    }
)
"""Where that which is due once is done."""

_SLUGS: Mapping[Task, str] = MappingProxyType(
    {
        Task.ACTION_PLAN: "handlingsplan",
        Task.ANNUAL_REPORT: "rapport",
        Task.CONTACT_REVIEW: "kontaktgjennomgang",
        Task.GRANT_REPORT: "tilskuddsrapport",
    }
)
assert set(_SLUGS) == set(TASKS), "every task has its page"  # noqa: S101


def task_page(code: Task, period: str) -> str:
    """Return where a task that comes again is recorded, below the agreement's own address."""
    return f"fornyelse/oppgave/{_SLUGS[code]}?periode={quote(period)}"


def next_steps(visit: Visit, cluster: str, shown: View, due: Sequence[Occasion], *, has_file: bool) -> tuple[Step, ...]:
    """Return what to do next; what is done on one page is one step."""
    texts: dict[Place, list[Text]] = {}
    for text, place in (*_pressing(visit, cluster, shown, has_file=has_file), *_due_soon(visit, due)):
        texts.setdefault(place, []).append(text)
    root = f"/klynge/{quote(cluster)}"
    return tuple(
        Step(tuple(map(visit.say, _few(found))), f"{root}/{place.page}", visit.say(place.label))
        for place, found in tuple(texts.items())[:_MOST_STEPS]
    )


def _few(texts: Sequence[Text]) -> Sequence[Text]:
    over = len(texts) - _MOST_TEXTS
    return texts if over <= 0 else (*texts[:_MOST_TEXTS], TN("and {n} more", "and {n} more", over))


def _pressing(visit: Visit, cluster: str, shown: View, *, has_file: bool) -> Iterator[tuple[Text, Place]]:
    """Yield what keeps the agreement from coming into force, or from going on."""
    folded, status = shown.folded, shown.status
    waiting = folded.open_version
    if has_file:
        if editing.open_file(visit.desk, cluster).obstacles:
            text = T("The cluster file has faults that must be mended first.")
            yield text, Place("fyll-ut", T("See what they are"))
        elif status.status is Status.DRAFT:
            yield T("Fill in what is missing, and check it."), _FILL
            yield T("Issue the agreement when all is in place."), Place("ferdigstill", T("Issue for signing"))
    if waiting is not None and waiting.opened is None and not waiting.signed_parties():
        text = T("Send version {n} out for signing.", n=waiting.number)
        yield text, Place("signaturer", T("Go to signatures"))
    if waiting is not None and waiting.in_force_from is None:
        lacking = tuple(folded.call(one) for one in waiting.terms.parties if waiting.counts_from(one) is None)
        if lacking:
            yield T("Not signed yet: {names}", names=lacking), Place("signaturer", T("Record a signature"))
    if status.status in {Status.ENDING, Status.EXPIRED} and status.upcoming is None:
        yield T("Settle whether the agreement is to be renewed."), _RENEWAL


def _due_soon(visit: Visit, due: Sequence[Occasion]) -> Iterator[tuple[Text, Place]]:
    """Yield what is overdue or due within a month, and has a page where it is done."""
    today = visit.desk.today
    for one in due:
        place = _place_of(one)
        if one.due is None or one.due > today + _SOON or place is None:
            continue
        about = T("{what} ({party})", what=one.what, party=visit.desk.call(one.party)) if one.party else one.what
        text = T("{what}: overdue since {day}", what=about, day=one.due)
        yield (text if one.due < today else T("{what}: by {day}", what=about, day=one.due)), place


def _place_of(one: Occasion) -> Place | None:
    if one.code == "notice-copy":
        return Place(f"oppsigelse/kopi?{urlencode({'part': one.party})}", T("Record the copy"))
    if one.code in TASKS:
        return Place(task_page(Task(one.code), one.period), T("Record that it is done"))
    return _PLACES.get(one.code)
