"""Who is to be reminded of what on a day: gathers agreements and people, lets the schedule decide, sends nothing.

One mail for each person and day. The people are those of the cluster file as it is now; a municipality that it does
not know any more is looked for in what was issued. What was sent is kept by person: of two contacts of a municipality
one may have had a reminder that the other has yet to get.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ksf_agreements.documents.wording import joined
from ksf_agreements.domain.cluster import Cluster, Language, Member, Person, Region
from ksf_agreements.domain.events import PersonalRef, ReminderSent
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.schedule import Recipient, Reminder, reminders
from ksf_agreements.domain.workdays import is_working_day
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.agreements.issuing import cluster_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Item:
    """One reminder in a mail: the agreement's id and name, and what the municipality that it is about is called.

    `because` names what the one who gets it is; '' where nobody does.
    """

    cluster: str
    name: str
    reminder: Reminder
    party: str
    because: Text | None = None


@dataclass(frozen=True)
class Mail:
    """What one person is reminded of on a day, in the language of the first agreement.

    Whoever shares a mailbox gets one mail together: `name` is then both names.
    """

    name: str
    address: str
    language: Language
    items: tuple[Item, ...]

    @cached_property
    def key(self) -> str:
        """A name that says nothing of anybody, the same whenever the same is sent to the same person."""
        said = "\n".join(sorted(f"{one.cluster}/{one.reminder.rule.code}/{one.reminder.subject}" for one in self.items))
        return hashlib.sha256(f"{self.address.casefold()}\n{said}".encode()).hexdigest()[:20]

    @cached_property
    def mailbox(self) -> str:
        """A name of the address, the same whatever is sent: only one mail at a time is on its way to it."""
        return hashlib.sha256(self.address.casefold().encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Plan:
    """The mails of a day.

    `unread` are agreements whose cluster file has errors: people are those of what was issued, report dates left out.
    `unreachable` are reminders for which nobody has an address; `postponed` counts people who have had a mail on that
    day already, and get the rest on the next working day.
    """

    on: date
    mails: tuple[Mail, ...]
    unreachable: tuple[Item, ...] = ()
    postponed: int = 0
    unread: tuple[str, ...] = ()

    @property
    def is_working_day(self) -> bool:
        """Whether mail is sent on the day at all."""
        return is_working_day(self.on)


def plan(desk: Desk, on: date, only: str = "") -> Plan:
    """Return what is to be sent on a day: of all agreements, or of ``only`` one."""
    with desk.register.reading() as reader:
        files = {path.stem: path for path in desk.workspace.cluster_paths()}
        names = (only,) if only else reader.agreements()
        served = served_on(reader, on)
        found: dict[str, list[tuple[Person, Item, Language]]] = {}
        unreachable: list[Item] = []
        unread: list[str] = []
        for name in names:
            file = read_cluster(files[name]).cluster if name in files else None
            if name in files and file is None:
                unread.append(name)
            case = _Case(desk, reader, read(name, reader.events(name), on, desk.municipalities), file)
            for reminder in case.reminders():
                people = tuple(case.people(reminder))
                item = case.item(reminder)
                if not people:
                    unreachable.append(item)
                for person, because in people:
                    if not case.had(person, reminder):
                        mine = replace(item, because=because)
                        found.setdefault(_mailbox(person), []).append((person, mine, case.language))
    mails = tuple(_mail(those) for address, those in sorted(found.items()) if address not in served)
    return Plan(on, mails, tuple(unreachable), sum(address in served for address in found), tuple(unread))


def _mail(those: Sequence[tuple[Person, Item, Language]]) -> Mail:
    first, _, language = those[0]
    names = tuple(sorted({person.name for person, _, _ in those}))
    items = tuple(dict.fromkeys(item for _, item, _ in those))
    return Mail(joined(names), first.email or "", language, items)


def _mailbox(person: Person) -> str:
    return (person.email or "").casefold()


def _instead(because: Text, party: str) -> Text:
    return T("{role} (no FoUI contact of {party} has an e-mail address)", role=because, party=party)


def served_on(reader: Reader, on: date) -> frozenset[str]:
    """Return the addresses, in small letters, that a reminder went to on that very day."""
    refs = (event.payload.recipient for event in reader.events_of(ReminderSent.KIND, on))  # type: ignore[attr-defined]
    people = (reader.person(ref) for ref in {ref.id: ref for ref in refs}.values())
    return frozenset(person.get("email", "").casefold() for person in people if person)


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
        """Return all whose step has come, whoever has had them: that is asked of each person."""
        tables = self.desk.workspace.settings.tables
        grant = self.file.grant_letter if self.file else None
        unsent = tuple(event for event in self.folded.events if not isinstance(event.payload, ReminderSent))
        folded = replace(self.folded, events=unsent)
        return reminders(folded, tables.rules, tables.year, grant.report_dates if grant else ())

    @cached_property
    def sent(self) -> Mapping[tuple[str, str], list[tuple[str, PersonalRef]]]:
        """What was sent: by rule and by occasion with its role, the step's ISO day and whom it went to."""
        found: dict[tuple[str, str], list[tuple[str, PersonalRef]]] = defaultdict(list)
        for event in self.folded.events:
            if isinstance(event.payload, ReminderSent):
                about, _, step = event.payload.subject.rpartition("@")
                found[event.payload.rule, about].append((step, event.payload.recipient))
        return found

    def had(self, person: Person, reminder: Reminder) -> bool:
        """Whether somebody has had this reminder; somebody who was erased since may have been anybody."""
        about, _, step = reminder.subject.rpartition("@")
        for when, ref in self.sent.get((reminder.rule.code, about), ()):
            known = self.reader.person(ref) if when >= step else {}
            if known is None or known.get("email", "").casefold() == _mailbox(person):
                return True
        return False

    @cached_property
    def name(self) -> str:
        version = self.folded.in_force or self.folded.open_version
        return version.terms.name if version else self.folded.cluster

    def item(self, reminder: Reminder) -> Item:
        return Item(self.folded.cluster, self.name, reminder, self._title(reminder.occasion.party))

    def _title(self, number: str) -> str:
        known = self.desk.municipalities.get(number) if number else None
        return known.title() if known else number

    def people(self, reminder: Reminder) -> Iterator[tuple[Person, Text]]:
        """Yield who gets a reminder, and as what; where nobody of that role has an address, whoever is nearest."""
        number = reminder.occasion.party
        party = self._contacts(number), T("FoUI contact of {party}", party=self._title(number))
        leader = self._leader(), T("cluster leader of {cluster}", cluster=self.name)
        motor = (
            self._contacts(self._motor()),
            T("FoUI contact of the motor municipality of {cluster}", cluster=self.name),
        )
        coordinator = self._coordinator(), T("the region's coordinator for {cluster}", cluster=self.name)
        nearest = {
            Recipient.PARTY: (party, leader, motor, coordinator),
            Recipient.LEADER: (leader, motor, coordinator),
            Recipient.COORDINATOR: (coordinator,),
        }
        for people, because in nearest[reminder.to]:
            found = tuple(person for person in people if person.email)
            if found:
                is_instead = reminder.to is Recipient.PARTY and people is not party[0]
                yield from (
                    (person, _instead(because, self._title(number)) if is_instead else because) for person in found
                )
                return

    def _contacts(self, number: str) -> tuple[Person, ...]:
        member = self.members.get(number)
        return member.foui_contacts if member else ()

    def _leader(self) -> tuple[Person, ...]:
        known = self.file or self.issued
        return (known.cluster_leader,) if known and known.cluster_leader else ()

    def _motor(self) -> str:
        known, version = self.file or self.issued, self.folded.in_force or self.folded.open_version
        return (self.folded.motor_of(version) if version else known.motor_municipality if known else "") or ""

    def _coordinator(self) -> tuple[Person, ...]:
        region = self.region
        return (region.coordinator,) if region and region.coordinator else ()
