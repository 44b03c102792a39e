"""Who is to be reminded of what on a day: gathers agreements and people, lets the schedule decide, sends nothing.

One mail for each person and day. The people are those of the cluster file as it is now; a municipality that it does
not know any more is looked for in what was issued.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ksf_agreements.domain.cluster import Cluster, Language, Member, Person, Region
from ksf_agreements.domain.events import Event, ReminderSent
from ksf_agreements.domain.schedule import Recipient, Reminder, reminders
from ksf_agreements.domain.status import Folded, read
from ksf_agreements.domain.workdays import is_working_day
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.issuing import cluster_of
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Item:
    """One reminder in a mail: the agreement's id and name, and what the municipality that it is about is called."""

    cluster: str
    name: str
    reminder: Reminder
    party: str
    because: Text


@dataclass(frozen=True)
class Mail:
    """What one person is reminded of on a day, in the language of the first agreement."""

    name: str
    address: str
    language: Language
    items: tuple[Item, ...]

    @cached_property
    def key(self) -> str:
        """A name that says nothing of anybody, the same whenever the same is sent to the same person."""
        said = "\n".join(sorted(f"{one.cluster}/{one.reminder.rule.code}/{one.reminder.subject}" for one in self.items))
        return hashlib.sha256(f"{self.address.casefold()}\n{said}".encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Plan:
    """The mails of a day.

    `unreachable` are reminders for which nobody has an address; `postponed` counts people who have had a mail on that
    day already, and get the rest on the next working day.
    """

    on: date
    mails: tuple[Mail, ...]
    unreachable: tuple[Item, ...] = ()
    postponed: int = 0

    @property
    def is_working_day(self) -> bool:
        """Whether mail is sent on the day at all."""
        return is_working_day(self.on)


def plan(desk: Desk, on: date, only: str = "") -> Plan:
    """Return what is to be sent on a day: of all agreements, or of ``only`` one."""
    with desk.register.reading() as reader:
        files = {path.stem: path for path in desk.workspace.cluster_paths()}
        names = (only,) if only else reader.agreements()
        served = _served_today(reader, on)
        found: dict[str, list[tuple[Person, Item, Language]]] = {}
        unreachable: list[Item] = []
        for name in names:
            file = read_cluster(files[name]).cluster if name in files else None
            case = _Case(desk, reader, read(name, reader.events(name), on, desk.municipalities), file)
            for reminder in case.reminders():
                people = tuple(case.people(reminder))
                item = case.item(reminder)
                if not people:
                    unreachable.append(item)
                for person in people:
                    found.setdefault((person.email or "").casefold(), []).append((person, item, case.language))
    mails = []
    for address, those in sorted(found.items()):
        if address not in served:
            person = those[0][0]
            items = tuple(dict.fromkeys(item for _, item, _ in those))
            mails.append(Mail(person.name, person.email or "", those[0][2], items))
    postponed = sum(address in served for address in found)
    return Plan(on, tuple(mails), tuple(unreachable), postponed)


def _served_today(reader: Reader, on: date) -> frozenset[str]:
    """Return the addresses that a reminder went to on that very day."""
    refs = (event.payload.recipient for event in _sent(reader, on) if isinstance(event.payload, ReminderSent))
    people = (reader.person(ref) for ref in {ref.id: ref for ref in refs}.values())
    return frozenset(person.get("email", "").casefold() for person in people if person)


def _sent(reader: Reader, on: date) -> Iterator[Event]:
    for name in reader.agreements():
        yield from (event for event in reader.events(name) if event.occurred_on == on)


@dataclass(frozen=True)
class _Case:
    """One agreement with what is known of its people."""

    desk: Desk
    reader: Reader
    folded: Folded
    file: Cluster | None

    @cached_property
    def issued(self) -> Cluster | None:
        """What the newest version was issued from, where it is kept."""
        versions = self.folded.versions
        return cluster_of(self.reader.file(versions[-1].terms.snapshot)) if versions else None

    @property
    def language(self) -> Language:
        version = self.folded.in_force or self.folded.open_version
        return version.terms.language if version else Language.NB

    @property
    def region(self) -> Region | None:
        known = self.file or self.issued
        return self.desk.workspace.regions.get(known.region or "") if known else None

    @cached_property
    def members(self) -> Mapping[str, Member]:
        sources = (self.issued, self.file)  # the file as it is now goes before what was issued
        return {member.municipality: member for one in sources if one for member in one.members}

    def reminders(self) -> tuple[Reminder, ...]:
        tables = self.desk.workspace.settings.tables
        grant = self.file.grant_letter if self.file else None
        return reminders(self.folded, tables.rules, tables.year, grant.report_dates if grant else ())

    def item(self, reminder: Reminder) -> Item:
        version = self.folded.in_force or self.folded.open_version
        name = version.terms.name if version else self.folded.cluster
        party = self._title(reminder.occasion.party)
        because: Mapping[Recipient, Text] = {
            Recipient.PARTY: T("you are the FoUI contact of {party}", party=party),
            Recipient.LEADER: T("you are the cluster leader of {cluster}", cluster=name),
            Recipient.COORDINATOR: T("you are the region's coordinator for {cluster}", cluster=name),
        }
        return Item(self.folded.cluster, name, reminder, party, because[reminder.to])

    def _title(self, number: str) -> str:
        known = self.desk.municipalities.get(number) if number else None
        return known.title() if known else number

    def people(self, reminder: Reminder) -> Iterator[Person]:
        """Yield who gets a reminder; where nobody of that role has an address, whoever is nearest to it."""
        roles = {
            Recipient.PARTY: (self._contacts(reminder.occasion.party), self._leaders(), self._coordinator()),
            Recipient.LEADER: (self._leaders(), self._coordinator()),
            Recipient.COORDINATOR: (self._coordinator(),),
        }
        for people in roles[reminder.to]:
            found = tuple(person for person in people if person.email)
            if found:
                yield from found
                return

    def _contacts(self, number: str) -> tuple[Person, ...]:
        member = self.members.get(number)
        return member.foui_contacts if member else ()

    def _leaders(self) -> tuple[Person, ...]:
        known = self.file or self.issued
        if known is None:
            return ()
        leader = known.cluster_leader
        if leader is not None and leader.email:
            return (leader,)
        version = self.folded.in_force or self.folded.open_version
        motor = self.folded.motor_of(version) if version else known.motor_municipality
        return self._contacts(motor or "")

    def _coordinator(self) -> tuple[Person, ...]:
        region = self.region
        return (region.coordinator,) if region and region.coordinator else ()
