"""The calendar of agreements: terms, notice ends, renewal steps, signing deadlines and what comes again every year.

What the journal once led to and leads to no more (a notice that was withdrawn, a task that is done) is cancelled, so
that it leaves the calendars that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from ksf_agreements.delivery.calendar import Entry
from ksf_agreements.domain.checks import FOUI_CONTACT_DAYS
from ksf_agreements.domain.events import (
    DataErased,
    Event,
    FileReceived,
    FocusAreasAdopted,
    PackageMade,
    Payload,
    ReminderSent,
    SigningOpened,
    Task,
    VersionIssued,
)
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.schedule import Occasion, occasions
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T, Text

_EACH_PARTY = frozenset({"signing-deadline", "foui-contact"})
"""What many municipalities may have on one day: one entry for all of them, except in a municipality's own calendar."""
SILENT = (DataErased, FileReceived, FocusAreasAdopted, PackageMade)
"""Facts that move no entry of a calendar."""
_FIRST_DAY = date(2020, 1, 1)
_STARTS = "term-start"
_ALARMS: Mapping[str, tuple[int, ...]] = {
    "term-end": (90, 30, 7),
    "notice-end": (30, 7),
    "new-motor": (90, 30),
    "signing-deadline": (7, 1),
    "renewal-ask": (14,),
    "renewal-draft": (14,),
    "renewal-approvals": (14,),
    "renewal-signing": (14,),
    "foui-contact": (7,),
    "action-plan": (30, 7),
    "annual-report": (30, 7),
    "contact-review": (7,),
    "grant-report": (30, 7),
}
"""Which occasions stand in a calendar, and how many days before their day it reminds of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which agreements a calendar is of: one, a region's, or those of a municipality; all where nothing is named."""

    cluster: str = ""
    region: str = ""
    party: str = ""


def entries(desk: Desk, choice: Choice, on: date, say: Callable[[Text], str]) -> tuple[Entry, ...]:
    """Return the entries of the chosen agreements from ``on`` on. Raises `UsageError` where nothing is chosen."""
    with desk.register.reading() as reader:
        known = reader.agreements()
        if choice.cluster and choice.cluster not in known:
            raise UsageError(T("The register has no agreement '{cluster}'.", cluster=choice.cluster))
        if choice.region and choice.region not in desk.workspace.regions:
            there = tuple(desk.workspace.regions)
            raise UsageError(T("There is no region '{region}'. There are: {known}", region=choice.region, known=there))
        register = reader.register_id()
        files = {path.stem: path for path in desk.workspace.cluster_paths()}
        found: list[Entry] = []
        for cluster in (choice.cluster,) if choice.cluster else known:
            events = reader.events(cluster)
            file = read_cluster(files[cluster]).cluster if cluster in files else None
            grant = file.grant_letter if file else None
            writer = Writer(desk, register, cluster, on, grant.report_dates if grant else (), say)
            found += writer.entries(events, choice)
    return tuple(sorted(found, key=lambda one: (one.day, one.uid)))


@dataclass(frozen=True, slots=True)
class _Found:
    """An occasion with the reading that it is from, and the municipalities that it concerns."""

    folded: Folded
    occasion: Occasion
    parties: tuple[str, ...]

    @property
    def day(self) -> date:
        """The day it stands on in a calendar."""
        return self.occasion.due or self.occasion.day


def readings(events: tuple[Event, ...], on: date) -> Iterator[tuple[Event, ...]]:
    """Yield the beginnings of a journal that may have led to an entry, from ``on`` on, that the whole does not lead to.

    Left out are those whose versions and deadlines are all past, and those that the next event changes nothing of:
    each beginning is folded anew, and of an agreement in its second term that is most of them.
    """
    last = date.min
    for count, (event, following) in enumerate(pairwise(events), 1):
        last = max(last, _last_day(event.payload))
        if last >= on and not isinstance(following.payload, SILENT):
            yield events[:count]


def _last_day(payload: Payload) -> date:
    """Return the last day that an entry may stand on that comes of a fact; of most, one within a version's term."""
    if isinstance(payload, VersionIssued):  # a contact is due some days after a first day that is within the term
        return payload.valid_until + timedelta(days=FOUI_CONTACT_DAYS)
    if isinstance(payload, SigningOpened) and payload.deadline is not None:
        return payload.deadline
    return date.min


@dataclass(frozen=True)
class Writer:
    """Writes the entries of one agreement."""

    desk: Desk
    register: str
    cluster: str
    on: date
    report_dates: tuple[date, ...]
    say: Callable[[Text], str]

    def entries(self, events: tuple[Event, ...], choice: Choice) -> Iterator[Entry]:
        """Yield the entries of a journal, those that are no longer to be as cancelled."""
        telling = tuple(event for event in events if not isinstance(event.payload, ReminderSent))  # they move nothing
        now = self._read(telling)
        version = now.in_force or now.open_version
        shown = version or (now.versions[-1] if now.versions else None)
        if shown is None or (choice.region and shown.terms.region != choice.region):
            return
        current = self._by_uid(now, choice)
        before: dict[str, _Found] = {}
        for earlier in readings(telling, self.on):
            before |= self._by_uid(self._read(earlier), choice)
        # By the day it is made, never by the first day asked for: a file made later must never look older.
        sequence = events[-1].number + max((self.desk.today - _FIRST_DAY).days, 0)
        parties = set(shown.terms.parties) | {binding.party for binding in now.bindings}
        for uid, found in {**before, **current}.items():
            about = found.occasion.party if found.occasion.code != "new-motor" else ""
            mine = not choice.party or (choice.party in parties and about in {"", choice.party})
            if mine and found.day >= self.on:
                yield self._entry(uid, found, sequence, cancelled=uid not in current)

    def _read(self, events: tuple[Event, ...]) -> Folded:
        return read(self.cluster, events, self.on, self.desk.municipalities)

    def _by_uid(self, folded: Folded, choice: Choice) -> dict[str, _Found]:
        year = self.desk.workspace.settings.tables.year
        known = [one for one in occasions(folded, year, self.report_dates) if one.code in _ALARMS]
        for version in folded.versions:
            begins = version.in_force_from
            if begins is not None and version.term == version.number and begins >= self.on:
                known.append(Occasion(_STARTS, begins, begins, "12", event=version.event.number))
        found: dict[str, _Found] = {}
        for one in known:
            together = one.code in _EACH_PARTY and not choice.party
            kept = replace(one, party="") if together else one
            uid = self._uid(folded, kept)
            others = found[uid].parties if uid in found else ()
            found[uid] = _Found(folded, kept, (*others, one.party) if one.party else others)
        return found

    def _uid(self, folded: Folded, occasion: Occasion) -> str:
        """Return a name that stays while the day moves: of the term, not of its amendments."""
        event = next((one for one in folded.events if one.number == occasion.event), None)
        number = getattr(event.payload, "version", None) if event else None
        version = folded.version(number) if number else None
        origin = f"t{version.term}" if version is not None else str(occasion.event)
        if occasion.code == "signing-deadline":
            origin = f"v{number}"
        parts = (self.register, self.cluster, occasion.code, origin, occasion.party, self._period(occasion))
        return "-".join(part for part in parts if part) + "@ksf-agreements"

    def _period(self, occasion: Occasion) -> str:
        """Return what tells apart entries that come again; of a grant's report dates, the place in its year."""
        if occasion.code != Task.GRANT_REPORT:
            return occasion.period
        of_the_year = sorted({day for day in self.report_dates if day.year == occasion.day.year})
        return f"{occasion.day.year}-{of_the_year.index(occasion.day) + 1}"

    def _entry(self, uid: str, found: _Found, sequence: int, *, cancelled: bool) -> Entry:
        folded, occasion = found.folded, found.occasion
        version = folded.in_force or folded.open_version or folded.versions[-1]
        what = T("the agreement enters into force") if occasion.code == _STARTS else occasion.what
        who = tuple(folded.call(party) for party in found.parties)
        title = T("{cluster}: {what}", cluster=version.terms.name, what=what)
        if len(who) == 1:
            title = T("{cluster}: {what} ({party})", cluster=version.terms.name, what=what, party=who[0])
        text = T(
            "Clause {clause} of the agreement {document}.", clause=occasion.clause, document=version.terms.document_id
        )
        words = self.say(text)
        if len(who) > 1:
            concerned = T("It concerns: {parties}", parties=who)
            words = f"{words}\n{self.say(concerned)}"
        return Entry(uid, sequence, found.day, self.say(title), words, "KSF", _ALARMS.get(occasion.code, ()), cancelled)
