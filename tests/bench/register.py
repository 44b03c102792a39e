"""The register: what is due and the whole overview of 10,000 agreements, bulk import, and one durable command."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlmodel import Session, create_engine, select

from ksf_agreements.domain.cluster import Accession, Cluster, EntryIntoForce, Language, Member, Signatory
from ksf_agreements.domain.events import Basis, Event, NoticeReceived, SignatureRecorded, SigningOpened, VersionIssued
from ksf_agreements.domain.timeline import DERIVATION, Derived, Since, derive
from ksf_agreements.loading.municipalities import load_register
from ksf_agreements.loading.workspace import open_workspace
from ksf_agreements.register.chain import StoredEvent
from ksf_agreements.register.connection import connect
from ksf_agreements.register.rows import EventRow, PersonalRow, SegmentRow
from ksf_agreements.register.store import Register, Transaction
from ksf_agreements.register.transaction import _INSERT_EVENT, _INSERT_PERSON, Derive, NewEvent
from ksf_agreements.resources import template_dir
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following import overview
from ksf_agreements.services.signing.recording import Signature, sign
from tests.bench.cases import municipalities
from tests.bench.report import Row, interleaved, timed

TODAY = date(2026, 6, 1)
FIRST = date(2022, 1, 3)
PARTIES = 10
PAGE = 50
WITHIN = timedelta(days=180)
DUE_LIMIT = 15.0  # milliseconds
SIGNED_IN_THE_CASE = 5
NOTES = """
What is due is asked of `services.following.overview.due` at a warm desk (180 days, 50 rows); its ratio is to the 15 ms that it may take.
The whole overview is `services.following.overview.rows`: a typed line an agreement. The other side loads every event with `session.exec(select(EventRow)).all()`, and has folded nothing yet.
The import: both sides store the same rows, with the same pragmas and triggers, in one transaction; ours with the register's statements, SQLModel's with objects made of the rows. The row after it has ours also make, validate, hash and read back every event, against `add_all` of rows that are ready.
One durable command is `services.signing.recording.sign`: it reads the agreement, decides, writes the event, two people and what is derived, and syncs. The raw side inserts one row into a copy of the same file without triggers. A busy disk slows both sides and brings the median nearer 1 than a quiet one does; so the fastest of each side must hold the floor too.
""".strip().splitlines()  # noqa: E501 (one note a line)
REGIONS = "vest: {name: Vest}\n"


def now() -> datetime:
    """Return the instant of every event."""
    return datetime(2026, 6, 1, 12, tzinfo=UTC)


def derive_nothing(agreement: str, events: tuple[Event, ...], since: Since) -> Derived:
    """Derive nothing: where storage alone is measured."""
    del agreement, events, since
    return Derived((), ())


def name_of(number: int) -> str:
    """Return the id of an agreement."""
    return f"klynge-{number:05}"


def parties_of(number: int, count: int = PARTIES) -> tuple[str, ...]:
    """Return the parties of an agreement, not the same as its neighbour's."""
    return tuple(one.number for one in municipalities(count, 7 * number % 340))


def history(transaction: Transaction, number: int, parties: tuple[str, ...], signed: int) -> Iterator[NewEvent]:
    """Yield the history of one agreement: issued with its snapshot, opened, and signed by so many of its parties.

    The terms begin over four years and end over six; every seventh party of the first kind has no FoUI contact, every
    fiftieth agreement has a notice that nobody has sent a copy of.
    """
    day = FIRST + timedelta(days=number * 37 % 1400)
    agreement, left = name_of(number), number * 53 % 2200 - 100 if signed == len(parties) else 1000
    ends = TODAY + timedelta(days=left)
    cluster = Cluster(
        agreement="ksf-cluster",
        name=f"Kommuneklynge {number}",
        region="vest",
        motor_municipality=parties[0],
        members=tuple(
            Member(municipality=one, signatory=Signatory(name=f"Kari Nordmann {number}", title="ordfører"))
            for one in parties
        ),
        valid_until=ends,
    )
    said = json.dumps({"cluster": cluster.model_dump(mode="json"), "region": None}, ensure_ascii=False, sort_keys=True)
    terms = VersionIssued(
        version=1,
        basis=Basis.ORIGINAL,
        document_id=f"KSF-{number:08}",
        agreement_kind="ksf-cluster",
        name=f"Kommuneklynge {number}",
        region="vest",
        language=Language.NB,
        motor_municipality=parties[0],
        parties=parties,
        valid_until=ends,
        entry_into_force=EntryIntoForce.LAST_SIGNATURE,
        accession=Accession.ALL,
        without_contact=parties[:1] if number % 7 == 0 else (),
        snapshot=transaction.keep_file(said.encode(), "application/json"),
        documents=(),
        template="ksf-klyngeavtale.nb",
        template_digest="0" * 64,
    )
    yield NewEvent(agreement, terms, day)
    yield NewEvent(agreement, SigningOpened(version=1, deadline=day + timedelta(days=60), channel="manual"), day)
    for place, party in enumerate(parties[:signed]):
        signatory = transaction.keep_person({"name": f"Kari Nordmann {number}", "title": "ordfører"})
        signature = SignatureRecorded(version=1, party=party, signatory=signatory)
        yield NewEvent(agreement, signature, day + timedelta(days=3 * place))
    if signed == len(parties) and number % 50 == 0:
        yield NewEvent(agreement, NoticeReceived(party=parties[-1]), TODAY - timedelta(days=number % 300))


def fill(register: Register, agreements: int, signed: int = PARTIES, parties: int = PARTIES) -> None:
    """Enter the history of so many agreements as `import-history` does: one transaction, one statement a table."""
    with register.writing() as transaction:
        actor = transaction.keep_person({"name": "Kari Nordmann"})
        news = (
            new
            for number in range(agreements)
            for new in history(transaction, number, parties_of(number, parties), signed)
        )
        transaction.append_many(news, actor)


def open_register(path: Path, derivation: Derive = derive) -> Register:
    """Open a register on the benchmark's clock, made where there is none."""
    return Register.open(path, now=now, derive=derivation, derivation=DERIVATION)


def open_desk(folder: Path, register: Register) -> Desk:
    """Return a desk in a workspace without cluster files."""
    (folder / "clusters").mkdir(parents=True, exist_ok=True)
    (folder / "ksf.toml").write_text("", encoding="utf-8")
    (folder / "regions.yaml").write_text(REGIONS, encoding="utf-8")
    return Desk(open_workspace(folder), register, load_register(), template_dir(), TODAY, "Kari Nordmann")


def register_rows(folder: Path, turns: int, agreements: int) -> tuple[list[Row], str]:
    """Measure everything of the register; also say how long it took to make the big one."""
    start = perf_counter()
    with open_register(folder / "country.sqlite") as register:
        fill(register, agreements)
        took = perf_counter() - start
        rows = view_rows(open_desk(folder / "country", register), turns, agreements)
        head = register_size(register)
    rows += import_rows(folder, max(3, turns // 5), agreements // 5)
    rows += command_rows(folder, 4 * turns)
    note = f"The register of {agreements:,} agreements ({head}) was made in {took:.0f} s, with what is derived of it."
    return rows, note


def register_size(register: Register) -> str:
    """Return how much there is in a register."""
    with register.reading() as reader:
        return f"{reader.head().number:,} events, {register.path.stat().st_size / 1024**2:.0f} MB"


def view_rows(desk: Desk, turns: int, agreements: int) -> list[Row]:
    """Measure the first page of what is due, and the whole overview beside loading SQLModel objects."""
    size = f"{agreements:,} agreements"

    def page() -> object:
        return overview.due(desk, TODAY, WITHIN, limit=PAGE)

    def events() -> object:
        with desk.register.session() as session:
            return session.exec(select(EventRow)).all()

    def segments() -> object:
        with desk.register.session() as session:
            return session.exec(select(SegmentRow)).all()

    def whole() -> object:
        return overview.rows(desk, TODAY)

    first = timed(page)
    first()
    pages = tuple(first() for _ in range(4 * turns))
    few = max(3, turns // 5)
    mine, theirs = interleaved(few, timed(whole), timed(events))
    mine_too, segment = interleaved(few, timed(whole), timed(segments))
    return [
        Row(
            f"first {PAGE} of what is due, {size}: ksf / {DUE_LIMIT:g} ms",
            tuple(one / DUE_LIMIT for one in pages),
            1,
            at_least=False,
            ours=median(pages),
            other=DUE_LIMIT,
        ),
        Row(
            f"whole overview, {size}: the events as SQLModel objects / ksf",
            ratios(theirs, mine),
            8,
            ours=median(mine),
            other=median(theirs),
        ),
        Row(
            "the same: only the derived rows as SQLModel objects, not parsed / ksf",
            ratios(segment, mine_too),
            ours=median(mine_too),
            other=median(segment),
        ),
    ]


def ratios(above: tuple[float, ...], below: tuple[float, ...]) -> tuple[float, ...]:
    """Return the ratios of pairs."""
    return tuple(a / b for a, b in zip(above, below, strict=True))


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of a history, and an empty register with the same beginning of the chain."""

    empty: Path
    events: list[StoredEvent]
    people: list[tuple[str, str, str]]

    @classmethod
    def of(cls, folder: Path, agreements: int) -> Stored:
        """Make a history and take its rows."""
        made, empty = folder / "made.sqlite", folder / "empty.sqlite"
        open_register(made, derive_nothing).close()
        shutil.copy(made, empty)
        with open_register(made, derive_nothing) as register:
            fill(register, agreements)
        with closing(connect(made)) as connection:
            events = connection.execute(f"SELECT {', '.join(StoredEvent._fields)} FROM event ORDER BY number")  # noqa: S608 (constants)
            people = connection.execute("SELECT id, salt, content FROM personal ORDER BY rowid")
            return cls(empty, [StoredEvent(*row) for row in events], people.fetchall())

    def fresh(self, name: str) -> Path:
        """Return a new empty register."""
        return Path(shutil.copy(self.empty, self.empty.with_name(name)))

    def bulk(self) -> float:
        """Store the rows with the register's own statements."""
        with closing(connect(self.fresh("bulk.sqlite"))) as connection:
            return timed(lambda: self._insert(connection))()

    def _insert(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT_PERSON, self.people)
        connection.executemany(_INSERT_EVENT, self.events)
        connection.execute("COMMIT")

    def add_all(self) -> float:
        """Store the rows as SQLModel objects, through connections with the same pragmas."""
        path = self.fresh("add_all.sqlite")
        events = [row._asdict() for row in self.events]
        people = [dict(zip(("id", "salt", "content"), row, strict=True)) for row in self.people]
        engine = create_engine("sqlite://", creator=lambda: connect(path))

        def work() -> None:
            with Session(engine) as session:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
                session.add_all(PersonalRow(**row) for row in people)
                session.add_all(EventRow(**row) for row in events)
                session.commit()

        try:
            return timed(work)()
        finally:
            engine.dispose()


def import_rows(folder: Path, turns: int, agreements: int) -> list[Row]:
    """Measure the storing of a history beside SQLModel's `add_all` of the same rows."""
    stored = Stored.of(folder, agreements)

    def whole() -> float:
        path = stored.fresh("whole.sqlite")
        with open_register(path, derive_nothing) as register:
            return timed(lambda: fill(register, agreements))()

    told = f"import of {len(stored.events):,} events"
    names: tuple[tuple[str, Callable[[], float], float | None], ...] = (
        (f"{told} and {len(stored.people):,} people, the same rows: add_all / ksf", stored.bulk, 10),
        (f"{told}, also made, validated, hashed and read back: add_all of ready rows / ksf", whole, None),
    )
    rows = []
    for name, ours, floor in names:
        mine, theirs = interleaved(turns, ours, stored.add_all)
        rows.append(Row(name, ratios(theirs, mine), floor, ours=median(mine), other=median(theirs)))
    return rows


def command_rows(folder: Path, turns: int) -> list[Row]:
    """Measure `sign` at a warm desk beside a raw INSERT and COMMIT of one event, on the same disk, equally many rows.

    Each agreement has been signed by five of its ten parties before; the sixth signs.
    """
    path = folder / "command.sqlite"
    with open_register(path) as register:
        fill(register, turns + 2, SIGNED_IN_THE_CASE)
        desk, numbers = open_desk(folder / "command", register), iter(range(turns + 2))
        raw_path = folder / "raw.sqlite"
        shutil.copy(path, raw_path)
        with closing(connect(raw_path)) as raw:
            for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {trigger}")
            last = StoredEvent(*raw.execute("SELECT * FROM event ORDER BY number DESC LIMIT 1").fetchone())

            def command() -> float:
                number = next(numbers)
                party = parties_of(number)[SIGNED_IN_THE_CASE]
                said = Signature(party, TODAY, f"Kari Nordmann {number}", "ordfører")
                return timed(lambda: sign(desk, name_of(number), said))()

            def insert() -> None:
                nonlocal last
                last = last._replace(number=last.number + 1)
                raw.execute("BEGIN IMMEDIATE")
                raw.execute(_INSERT_EVENT, last)
                raw.execute("COMMIT")

            mine, theirs = interleaved(turns, command, timed(insert))
    name = "one durable command, `sign` at a warm desk: ksf / raw INSERT and COMMIT"
    least, least_raw = min(mine), min(theirs)
    return [
        Row(name, ratios(mine, theirs), 3, at_least=False, ours=median(mine), other=median(theirs)),
        Row(f"{name}, the fastest of each", (least / least_raw,), 3, at_least=False, ours=least, other=least_raw),
    ]
