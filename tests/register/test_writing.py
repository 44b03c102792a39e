"""Writing: whole transactions, what lies beside the chain, and others who write at the same time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ksf_agreements.domain.events import PAYLOADS, DataErased, PersonalRef, PlanAdopted, SignatureRecorded
from ksf_agreements.register import faults, transaction
from ksf_agreements.register.connection import connect
from ksf_agreements.register.reader import Reader
from ksf_agreements.register.rows import Row
from ksf_agreements.register.store import Register
from ksf_agreements.register.transaction import ErasedFileError, FileTooLargeError, NewEvent, NotKeptError, people_of
from ksf_agreements.register.verify import verify
from tests.register.sample import DAY, NOW, PDF, Filled, append, change, derive, fill, open_register

# ruff: noqa: PT012 (what is refused is a whole transaction)

NOBODY = PersonalRef(id="0" * 32, digest="0" * 64)


class Another(PlanAdopted):
    """It says that it is a plan adopted, and is not what will be read."""


def test_an_event_is_read_as_it_was_written(register: Register) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        signatory = writer.keep_person({"name": "Ánne Ørsted", "title": "sátnejođiheaddji"})
        payload = SignatureRecorded(version=1, party="5430", signatory=signatory, reservation=True)
        written = writer.append("nord", payload, actor, DAY)
        assert writer.events("nord") == (written,)
    with register.reading() as reader:
        assert reader.events("nord") == reader.events() == (written,)
        assert reader.event(1) == written
        assert reader.event(2) is None
        assert written.number == 1
        assert written.recorded_at.tzinfo is not None
        assert written.recorded_at.utcoffset() == timedelta(0)
        assert reader.person(signatory) == {"name": "Ánne Ørsted", "title": "sátnejođiheaddji"}
        assert reader.agreements() == ("nord",)


def test_a_failed_transaction_leaves_nothing(register: Register, path: Path) -> None:
    append(register)
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="changed my mind"), register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("vest", PlanAdopted(year=2030), actor, DAY)
        raise RuntimeError("changed my mind")
    assert path.read_bytes() == before
    assert append(register).number == 2


def test_a_derivation_that_fails_leaves_nothing(path: Path) -> None:
    def failing(*_: object) -> object:
        raise ZeroDivisionError

    register = open_register(path, derive=failing)
    with pytest.raises(ZeroDivisionError):
        append(register)
    with register.reading() as reader:
        assert reader.events() == ()


def test_what_no_event_names_never_comes_in(register: Register) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        nobody = writer.keep_person({"name": "Ingen"})
        digest = writer.keep_file(b"x" * 100, PDF)
        assert writer.person(nobody) == {"name": "Ingen"}
        assert writer.file(digest) == b"x" * 100
        writer.append("vest", PlanAdopted(year=2026), actor, DAY)
    with register.reading() as reader:
        assert [content for _, content in reader.people()] == [{"name": "Kari Nordmann"}]
        assert reader.file(digest) is None
        with pytest.raises(faults.DamagedRegisterError):
            reader.person(nobody)


def test_an_event_may_not_point_at_nobody(register: Register) -> None:
    with pytest.raises(ValueError, match="nobody"), register.writing() as writer:
        writer.append("vest", PlanAdopted(year=2026), NOBODY, DAY)
    with pytest.raises(ValueError, match="nobody"), register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("vest", SignatureRecorded(version=1, party="4601", signatory=NOBODY), actor, DAY)


def test_every_person_of_a_payload_is_seen() -> None:
    for payload in PAYLOADS.values():
        named = [name for name, field in payload.model_fields.items() if "PersonalRef" in str(field.annotation)]
        made = payload.model_construct(None, **dict.fromkeys(named, NOBODY))
        assert len(list(people_of(made))) == len(named)
        for inner in payload.model_fields.values():
            assert not (isinstance(inner.annotation, type) and issubclass(inner.annotation, dict | list | set))


def test_a_day_is_not_an_instant_and_a_clock_knows_its_zone(register: Register, path: Path) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        with pytest.raises(TypeError):
            writer.append("vest", PlanAdopted(year=2026), actor, NOW)
    naive = open_register(path, now=lambda: NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        append(naive)


def test_instants_are_kept_in_utc(path: Path) -> None:
    oslo = timezone(timedelta(hours=2))
    event = append(open_register(path, now=lambda: datetime(2026, 6, 1, 1, 30, tzinfo=oslo)))
    assert event.recorded_at == datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
    assert event.recorded_at.tzinfo == UTC


def test_a_payload_that_would_be_read_otherwise_is_refused(register: Register) -> None:
    with pytest.raises(ValueError, match="int"), register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("vest", PlanAdopted.model_construct(year="soon", file=None), actor, DAY)
    with pytest.raises(ValueError, match="read back"), register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("vest", Another(year=2026), actor, DAY)


def test_many_events_go_in_at_once(register: Register) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        news = [NewEvent(f"a{number % 7}", PlanAdopted(year=2000 + number % 50), DAY) for number in range(500)]
        events = writer.append_many(news, actor)
        assert writer.append_many((), actor) == ()
        assert writer.head().number == 500
    with register.reading() as reader:
        assert reader.events() == events
        assert [event.number for event in reader.events("a3", after=100, limit=2)] == [102, 109]
        assert len(reader.agreements()) == len(reader.overview(DAY)) == 7
    assert verify(register.path, derive).is_whole


def test_the_same_file_is_kept_once(register: Register, filled: Filled) -> None:
    with register.writing() as writer:
        assert writer.keep_file(b"%PDF a letter " * 100, "text/plain") == filled.letter
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("midt", PlanAdopted(year=2026, file=filled.letter), actor, DAY)
        assert writer.media_type(filled.letter) == PDF


def test_what_is_erased_is_gone_from_the_file(register: Register, path: Path, filled: Filled) -> None:
    content = path.read_bytes()
    for trace in (b"Navn Som Skal Slettes", b"borte@example.no", b"the wrong upload"):
        assert trace not in content
    assert "Ole Østby".encode() in content
    with register.reading() as reader:
        assert reader.person(filled.erased_person) is None
        assert reader.file(filled.erased_file) is None
        assert reader.erased(filled.erased_person.id) == reader.erased(filled.erased_file) == 6
        assert reader.erased(filled.letter) is None
        event = reader.event(6)
        assert event is not None
        assert event.payload == DataErased(
            personal=(filled.erased_person.id,), files=(filled.erased_file,), reason="feil opplasting"
        )
    assert verify(path, derive).is_whole


def test_an_erasure_is_not_repeated_and_not_undone(register: Register, filled: Filled) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        assert writer.erase([filled.erased_person.id], [filled.erased_file], "igjen", actor, DAY) is None
        with pytest.raises(ErasedFileError):
            writer.keep_file(b"%PDF the wrong upload " * 100, PDF)
        with pytest.raises(NotKeptError):
            writer.erase(["nobody"], [], "x", actor, DAY)
    with register.reading() as reader:
        assert reader.head().number == 7


@pytest.mark.usefixtures("register")
def test_a_person_who_was_changed_is_not_shown(path: Path, filled: Filled) -> None:
    change(path, "DROP TRIGGER personal_is_erased")
    change(path, 'UPDATE personal SET content = \'{"name":"Noen Andre"}\' WHERE id = ?', filled.signatory.id)
    connection = connect(path)
    with pytest.raises(faults.DamagedRegisterError):
        Reader(connection, path).person(filled.signatory)
    connection.close()


def test_a_file_has_a_limit(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "FILE_LIMIT", 10)
    with pytest.raises(FileTooLargeError), register.writing() as writer:
        writer.keep_file(b"x" * 11, PDF)


def test_a_reader_sees_one_moment(register: Register, path: Path) -> None:
    append(register)
    other = open_register(path, busy_seconds=0.05)
    with register.reading() as reader:
        assert reader.head().number == 1
        with pytest.raises(faults.RegisterLockedError):
            append(other)  # its commit waits for us
        assert reader.head().number == 1
    assert append(other).number == 2


def test_a_writer_waits_for_another_and_tells_when_it_takes_too_long(register: Register, path: Path) -> None:
    impatient = open_register(path, busy_seconds=0.05)
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append("vest", PlanAdopted(year=2026), actor, DAY)
        with pytest.raises(faults.RegisterLockedError) as raised:
            append(impatient)
        assert "register.sqlite" in str(raised.value)
        with impatient.reading() as reader:
            assert reader.head().number == 0
    assert append(impatient).number == 2


def test_threads_share_a_register(register: Register) -> None:
    threads = [threading.Thread(target=lambda: [append(register) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with register.reading() as reader:
        assert [event.number for event in reader.events()] == list(range(1, 21))
    assert verify(register.path, derive).is_whole


def test_a_full_disk_is_told_and_nothing_is_written(register: Register, path: Path) -> None:
    append(register)
    with register.writing():
        pass
    link = register._idle[-1]
    link.connection.execute("PRAGMA max_page_count = 1")  # as many as there are
    with pytest.raises(faults.DiskFullError), register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        file = writer.keep_file(b"x" * 1_000_000, PDF)
        writer.append("vest", PlanAdopted(year=2026, file=file), actor, DAY)
    assert verify(path, derive).events == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_READONLY, faults.NotWritableError),
        (sqlite3.SQLITE_CANTOPEN, faults.NotWritableError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, faults.RegisterLockedError),
        (sqlite3.SQLITE_IOERR_FSYNC, faults.DiskError),
        (sqlite3.SQLITE_CORRUPT_VTAB, faults.DamagedRegisterError),
        (sqlite3.SQLITE_NOTADB, faults.NotARegisterError),
        (sqlite3.SQLITE_FULL, faults.DiskFullError),
    ],
)
def test_what_sqlite_says_is_told_to_people(path: Path, code: int, error: type[Exception]) -> None:
    fault = sqlite3.OperationalError("as SQLite says")
    fault.sqlite_errorcode = code
    with pytest.raises(error) as raised, faults.told(path):
        raise fault
    assert str(path) in str(raised.value)


def test_a_fault_of_the_program_stays_one(path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), faults.told(path):
        raise sqlite3.IntegrityError("an event must follow the last one")
    with pytest.raises(faults.NotWritableError), faults.told(path):
        raise PermissionError
    with pytest.raises(faults.DamagedRegisterError), faults.told(path):
        raise sqlite3.OperationalError("Could not decode to UTF-8 column 'payload'")


def test_a_register_that_is_gone_is_told(register: Register, path: Path) -> None:
    append(register)
    path.unlink()
    with pytest.raises(faults.NoRegisterError):
        append(register)


def test_opening_imports_neither_sqlalchemy_nor_alembic(register: Register, path: Path) -> None:
    append(register)
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from ksf_agreements.register.store import Register\n"
        "import ksf_agreements.register.backup\n"
        "with Register.open(Path(sys.argv[1]), now=lambda: datetime.now(UTC), derive=None).reading() as reader:\n"
        "    assert reader.head().number == 1\n"
        "print([name for name in ('sqlalchemy', 'sqlmodel', 'alembic') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_the_metadata_is_the_registers_own() -> None:
    assert set(Row.metadata.tables) == {"meta", "event", "personal", "file", "segment", "obligation"}


@pytest.mark.usefixtures("filled")
def test_filling_twice_keeps_the_erased_file_out(register: Register) -> None:
    with pytest.raises(ErasedFileError):
        fill(register)
