"""The overview as an Excel workbook: clusters, parties, signatures, deadlines and contacts, on one day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ksf_agreements.delivery.workbook import (
    Column,
    Look,
    TableSheet,
    Value,
    add_table,
    left_aligned,
    new_book,
    put,
    set_print,
    written,
)
from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.cluster import Cluster, Person
from ksf_agreements.domain.events import Authority, Method, SignatureRecorded
from ksf_agreements.domain.folded import STATUS_WORDS
from ksf_agreements.domain.recurring import TASKS, tasks
from ksf_agreements.domain.status import PARTY_WORDS, PartyState, PartyStatus
from ksf_agreements.domain.telling import dated
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following.overview import View, views
from ksf_agreements.text import T, Text

_ROLES = {Role.MOTOR_MUNICIPALITY: T("motor municipality"), Role.PARTNER_MUNICIPALITY: T("partner municipality")}
_WHO: Mapping[str, Text] = {
    "motor_municipality": T("motor municipality"),
    "coordinator": T("regional coordinator"),
    "parties": T("all parties"),
}
_AUTHORITIES = {
    Authority.MAYOR: T("mayor"),
    Authority.DELEGATED: T("delegated"),
    Authority.POWER_OF_ATTORNEY: T("power of attorney"),
}
_METHODS = {Method.INK: T("on paper"), Method.EID: T("electronically"), Method.OTHER: T("otherwise")}


def export(desk: Desk, on: date, say: Callable[[Text], str], region: str = "") -> bytes:
    """Return the workbook. Raises `UsageError` for a region that is not there, and `workbook.WorkbookError`."""
    key = region_key(desk.workspace, region) if region else ""
    with desk.register.reading() as reader:
        head = reader.head()
        return _Export(desk, on, say, reader, key).book(str(head.number))


def region_key(workspace: Workspace, text: str) -> str:
    """Return the key of the region that a key or a name means. Raises `UsageError`."""
    wanted = text.strip().casefold().removeprefix("ksf").strip()
    for key, region in workspace.regions.items():
        if wanted in {key.casefold(), region.name.casefold()}:
            return key
    known = tuple(workspace.regions)
    raise UsageError(T("There is no region '{region}'. There are: {known}", region=text, known=known))


@dataclass(slots=True)
class _Export:
    desk: Desk
    on: date
    say: Callable[[Text], str]
    reader: Reader
    region: str

    def book(self, events: str) -> bytes:
        """Return the workbook's bytes."""
        files = {path.stem: read_cluster(path).cluster for path in self.desk.workspace.cluster_paths()}
        every = (_in_its_region(one, files.get(one.status.cluster)) for one in views(self.desk, self.on))
        shown = tuple(one for one in every if not self.region or one.region == self.region)
        here = {one.status.cluster for one in shown}
        clusters = {name: cluster for name, cluster in files.items() if cluster is not None and name in here}
        unread = tuple(name for name, cluster in files.items() if cluster is None and name in here)
        made = (
            self.sheet(T("Clusters"), "Klynger", _CLUSTERS, map(self.cluster, shown)),
            self.sheet(T("Parties"), "Parter", _PARTIES, (row for one in shown for row in self.parties(one))),
            self.sheet(T("Signatures"), "Signaturer", _SIGNATURES, (row for one in shown for row in self.signed(one))),
            self.sheet(T("Deadlines"), "Frister", _DEADLINES, self.deadlines(shown, clusters)),
            self.sheet(T("Contact persons"), "Kontaktpersoner", _CONTACTS, self.contacts(clusters)),
        )
        book = new_book()
        about = book.create_sheet(self.say(T("About")))
        for one in made:
            add_table(book, one)
        self.about(about, made, events, unread)
        return written(book, self.on, self.say(T("Agreements in KSF")))

    def sheet(
        self, title: Text, name: str, headings: Sequence[Text], rows: Iterator[Sequence[Value]] | map[Sequence[Value]]
    ) -> TableSheet:
        """Return one table."""
        return TableSheet(self.say(title), name, [Column(self.say(one)) for one in headings], list(rows))

    def about(self, sheet: Any, made: Sequence[TableSheet], events: str, unread: Sequence[str]) -> None:
        """Write the first sheet: what it shows, from where, and how to make it anew."""
        _write_about(sheet, self.about_lines(events, unread), made, self.say)

    def about_lines(self, events: str, unread: Sequence[str]) -> Iterator[tuple[Text, Value]]:
        """Yield what the first sheet says."""
        settings = self.desk.workspace.settings
        yield T("Shows the situation on"), self.on
        if self.region:
            yield T("Region"), f"KSF {self.desk.workspace.regions[self.region].name}"
        said = T("{register}, {events} events", register=settings.register, events=events)
        yield T("From the register"), self.say(said)
        yield T("Contact persons and drafts"), self.say(T("From the cluster files as they are now"))
        again = T("Use 'ksf export --out FILE.xlsx --force'.")
        if self.region:
            again = T("Use 'ksf export --region {region} --out FILE.xlsx --force'.", region=self.region)
        yield T("To make it anew"), self.say(again)
        yield (
            T("Please note"),
            self.say(T("This is a copy. What is changed here changes nothing in the register or the cluster files.")),
        )
        if unread:
            said = T(
                "These cluster files have errors and were not read ('ksf check' tells them): {names}",
                names=tuple(unread),
            )
            yield T("Not included"), self.say(said)

    def call(self, number: str) -> str:
        """Return a municipality's name in running text."""
        known = self.desk.municipalities.get(number)
        return known.title() if known else ""

    def region_name(self, key: str) -> str:
        """Return a region's name."""
        region = self.desk.workspace.regions.get(key)
        return region.name if region else key

    def cluster(self, one: View) -> Sequence[Value]:
        """Return the row of a cluster."""
        status = one.status
        first = one.due[0] if one.due else None
        motor = next((party.municipality for party in status.parties if party.role is Role.MOTOR_MUNICIPALITY), "")
        return (
            status.cluster,
            status.name,
            self.region_name(one.region),
            self.say(STATUS_WORDS[status.status]),
            status.signed,
            status.of,
            status.in_force_from,
            status.valid_until,
            motor,
            self.call(motor),
            first.due if first else None,
            self.say(dated(first, one.folded.call)).partition(": ")[2] if first else "",
            "\n".join(self.say(alert.text) for alert in one.alerts),
        )

    def parties(self, one: View) -> Iterator[Sequence[Value]]:
        """Yield the rows of a cluster's parties."""
        for party in one.status.parties:
            yield (
                one.status.cluster,
                party.municipality,
                self.call(party.municipality),
                self.say(_ROLES[party.role]),
                self.say(_state(party)),
                party.signed_on,
                party.bound_from,
                party.bound_until,
                self.say(party.reason.text),
            )

    def signed(self, one: View) -> Iterator[Sequence[Value]]:
        """Yield who has signed each version, and who has not."""
        for version in one.folded.versions:
            for number in version.terms.parties:
                yield self.signature(one.status.cluster, version, number)

    def signature(self, cluster: str, version: Version, number: str) -> Sequence[Value]:
        """Return the row of a party in a version."""
        record = version.records[number]
        signed = record.signature.payload if record.signature else None
        who: Mapping[str, str] = {}
        if isinstance(signed, SignatureRecorded):
            erased = {"name": self.say(T("(erased)"))}
            found = self.reader.person(signed.signatory)
            who = erased if found is None else found
        approval = record.approval.payload if record.approval else None
        return (
            cluster,
            version.number,
            number,
            self.call(number),
            record.signature.occurred_on if record.signature else None,
            version.counts_from(number),
            who.get("name", ""),
            who.get("title", ""),
            self.say(_AUTHORITIES[signed.authority]) if isinstance(signed, SignatureRecorded) else "",
            self.say(_METHODS[signed.method]) if isinstance(signed, SignatureRecorded) else "",
            self.say(T("yes")) if isinstance(signed, SignatureRecorded) and signed.reservation else "",
            record.declined.occurred_on if record.declined else None,
            getattr(approval, "body", ""),
            getattr(approval, "case", ""),
            record.approval.occurred_on if record.approval else None,
        )

    def deadlines(self, shown: Sequence[View], clusters: Mapping[str, Cluster]) -> Iterator[Sequence[Value]]:
        """Yield what is due, nearest first: what clauses and events ask for, and the tasks of the year."""
        found: list[tuple[date, Sequence[Value]]] = []
        year = self.desk.workspace.settings.tables.year
        for one in shown:
            name = one.status.cluster
            for item in one.due:
                who = self.say(_WHO[item.who]) if item.who in _WHO else self.call(item.who)
                row = (item.due, name, self.say(item.what), who, item.party, self.call(item.party), item.clause)
                found.append((item.due, (*row, self.late(item.due))))
            grant = clusters[name].grant_letter if name in clusters else None
            for task in tasks(one.folded, year, grant.report_dates if grant else ()):
                what = f"{self.say(TASKS[task.code])} ({_period(task.period)})"
                leader = self.say(T("cluster leader"))
                found.append((task.due, (task.due, name, what, leader, "", "", task.clause, self.late(task.due))))
        return (row for _, row in sorted(found, key=lambda item: (item[0], str(item[1][1]), str(item[1][2:5]))))

    def late(self, due: date) -> str:
        """Return 'yes' for a day that has passed."""
        return self.say(T("yes")) if due < self.on else ""

    def contacts(self, clusters: Mapping[str, Cluster]) -> Iterator[Sequence[Value]]:
        """Yield everybody who is named in a cluster file, and the coordinators of their regions."""
        coordinated: set[str] = set()
        for name, cluster in sorted(clusters.items(), key=lambda item: (item[1].region or "", item[0])):
            key = cluster.region or ""
            region = self.desk.workspace.regions.get(key)
            if region is not None and region.coordinator is not None and key not in coordinated:
                coordinated.add(key)
                yield self.contact("", key, T("regional coordinator"), "", region.coordinator)
            if cluster.cluster_leader is not None:
                motor = cluster.motor_municipality or ""
                yield self.contact(name, key, T("cluster leader"), motor, cluster.cluster_leader)
            for member in cluster.parties():
                for person in member.foui_contacts:
                    yield self.contact(name, key, T("FoUI contact"), member.municipality, person)

    def contact(self, cluster: str, region: str, role: Text, number: str, person: Person) -> Sequence[Value]:
        """Return the row of a person."""
        return (
            cluster,
            self.region_name(region),
            self.say(role),
            number,
            self.call(number),
            person.name,
            person.title or "",
            person.email or "",
            person.phone or "",
        )


def _in_its_region(one: View, file: Cluster | None) -> View:
    """Return a view; before its first event, an agreement is in the region that its file says."""
    return one if one.region or file is None else replace(one, region=file.region or "")


def _period(period: str) -> str:
    """Return the year a task belongs to, or its day as people write it."""
    if len(period) == 4:
        return period
    day = date.fromisoformat(period)
    return f"{day.day}.{day.month}.{day.year}"


def _state(party: PartyStatus) -> Text:
    words = PARTY_WORDS[party.state]
    return T(words.msgid, date=party.bound_until or "") if party.state is PartyState.LEAVING else words


_CLUSTER, _NUMBER, _MUNICIPALITY = T("Cluster"), T("Municipality number"), T("Municipality")
_CLUSTERS = (
    _CLUSTER, T("Name"), T("Region"), T("Status"), T("Signed by"), T("Of"), T("In force from"), T("Valid through"),
    T("Motor municipality's number"), T("Motor municipality"), T("Next deadline"), T("Next"), T("Notes"),
)  # fmt: skip
_PARTIES = (
    _CLUSTER, _NUMBER, _MUNICIPALITY, T("Role"), T("State"), T("Signed"), T("Bound from"), T("Bound through"), T("Why"),
)  # fmt: skip
_SIGNATURES = (
    _CLUSTER, T("Version"), _NUMBER, _MUNICIPALITY, T("Signed"), T("Counts from"), T("Signatory"), T("Title"),
    T("Authority"), T("How"), T("With a reservation"), T("Does not take part"), T("Approved by"), T("Case"),
    T("Approved on"),
)  # fmt: skip
_DEADLINES = (T("Date"), _CLUSTER, T("What"), T("Who"), _NUMBER, _MUNICIPALITY, T("Clause"), T("Overdue"))
_CONTACTS = (
    _CLUSTER, T("Region"), T("Role"), _NUMBER, _MUNICIPALITY, T("Name"), T("Title"), T("E-mail"), T("Phone"),
)  # fmt: skip


def _write_about(
    page: Any, lines: Iterator[tuple[Text, Value]], made: Sequence[TableSheet], say: Callable[[Text], str]
) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    put(page["A1"], say(T("Agreements in KSF")), Look.TITLE)
    row = 3
    for label, value in lines:
        put(page.cell(row, 1), say(label), Look.LABEL)
        put(page.cell(row, 2), value)
        page.cell(row, 2).alignment = left_aligned()
        row += 1
    row += 1
    for number, heading in enumerate((T("Sheet"), T("Rows")), 1):
        put(page.cell(row, number), say(heading), Look.HEADING)
    for one in made:
        row += 1
        cell = page.cell(row, 1)
        put(cell, one.title, Look.LINK)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{one.title}'!A1", display=one.title)
        put(cell, one.title, Look.LINK)
        put(page.cell(row, 2), len(one.rows))
        page.cell(row, 2).alignment = left_aligned()
    page.row_dimensions[1].height = 26
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 36, 80
    page.sheet_view.showGridLines = False
    set_print(page)
