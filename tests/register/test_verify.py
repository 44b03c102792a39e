"""What `verify` says: nothing of a whole register, every fault of another, and what was erased."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ksf_agreements.domain.events import PlanAdopted
from ksf_agreements.register import faults, triggers
from ksf_agreements.register.chain import Head
from ksf_agreements.register.store import Register
from ksf_agreements.register.transaction import NewEvent
from ksf_agreements.register.verify import LIMIT, Verification, verify
from tests.register.sample import DAY, Filled, append, change, derive, open_register

UNLOCKED = "\n".join(f"DROP TRIGGER {name};" for name in triggers.TRIGGERS)
LOCKED = "\n".join(f"{sql};" for sql in triggers.TRIGGERS.values())


def tampered(path: Path, sql: str, head: Head | None = None) -> Verification:
    """Change a register behind the program's back, with its locks put back afterwards."""
    connection = sqlite3.connect(path)
    connection.executescript(f"{UNLOCKED}\n{sql};\n{LOCKED}")
    connection.close()
    return verify(path, derive, head=head)


def codes(found: Verification) -> set[str]:
    return {problem.code for problem in found.findings}


def test_a_whole_register_is_told_whole(register: Register, path: Path, filled: Filled) -> None:
    before = path.read_bytes()
    found = verify(path, derive)
    assert found.findings == ()
    assert found.is_whole
    with register.reading() as reader:
        assert found.head == reader.head()
    assert (found.events, found.people, found.files) == (7, 3, 2)
    (tombstone,) = found.erased
    assert (tombstone.event, tombstone.reason) == (6, "feil opplasting")
    assert (tombstone.people, tombstone.files) == ((filled.erased_person.id,), (filled.erased_file,))
    assert path.read_bytes() == before


def test_an_empty_register_is_whole(register: Register) -> None:
    with register.reading() as reader:
        head = reader.head()
    found = verify(register.path, derive, head=head)
    assert found.is_whole
    assert found.head == head
    append(register)
    assert verify(register.path, derive, head=head).is_whole


TAMPERINGS = {
    'UPDATE event SET payload = \'{"file":null,"year":2028}\' WHERE number = 7': {"event-hash"},
    'UPDATE event SET payload = \'{"year":2027,"file":null}\' WHERE number = 7': {"event-hash", "event-form"},
    "UPDATE event SET kind = 'agreement:unheard:of' WHERE number = 7": {"event-hash", "event-unknown"},
    "UPDATE event SET occurred_on = 'i går' WHERE number = 7": {"event-hash", "event-unknown"},
    "UPDATE event SET payload = CAST(x'ff' AS TEXT) WHERE number = 7": {"event-hash", "event-form"},
    "UPDATE event SET agreement = x'ff' WHERE number = 7": {"event-form"},
    "UPDATE event SET actor_digest = 'x' WHERE number = 7": {"event-hash", "person-unknown"},
    "UPDATE event SET hash = 'x' WHERE number = 3": {"event-hash", "event-chain"},
    "DELETE FROM event WHERE number = 3": {"event-number", "event-chain", "file-extra"},
    "DELETE FROM event WHERE number = 7": set(),
    "UPDATE personal SET content = '{}' WHERE content IS NOT NULL": {"personal-changed"},
    "DELETE FROM personal WHERE content IS NULL": {"personal-missing"},
    "INSERT INTO personal VALUES ('x', 'y', '{}', NULL)": {"personal-extra"},
    "UPDATE personal SET content = NULL, salt = NULL, erased_by = 6": {"personal-erased"},
    "UPDATE file SET content = x'00', erased_by = NULL WHERE content IS NULL": {"file-erased"},
    "UPDATE file SET media_type = 'text/html'": {"file-changed"},
    "UPDATE file SET content = x'00' WHERE content IS NOT NULL": {"file-changed"},
    "DELETE FROM file WHERE content IS NOT NULL": {"file-missing"},
    "UPDATE file SET erased_by = 99 WHERE content IS NULL": {"file-erased", "foreign-key"},
    "UPDATE segment SET summary = '{}'": {"derived"},
    "DELETE FROM obligation WHERE agreement = 'vest'": {"derived"},
    "INSERT INTO segment VALUES ('nord', '2026-01-01', '{}')": {"derived"},
    "UPDATE meta SET value = 'x' WHERE name = 'register'": {"identity"},
    "UPDATE meta SET value = 'x' WHERE name = 'genesis'": {"identity", "event-chain"},
    "CREATE TABLE more (x)": {"table"},
    "ALTER TABLE event ADD COLUMN note TEXT": {"table"},
    "CREATE UNIQUE INDEX one ON event (hash)": {"table"},
    "UPDATE alembic_version SET version_num = '9999'": {"schema"},
    "DROP TABLE segment": {"table", "unreadable"},
}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("sql", TAMPERINGS)
def test_each_fault_has_its_finding(path: Path, sql: str) -> None:
    found = tampered(path, sql)
    assert TAMPERINGS[sql] <= codes(found)
    assert all(problem.file == str(path) and str(problem.message) for problem in found.findings)


@pytest.mark.usefixtures("filled")
def test_locks_that_are_missing_are_findings(path: Path) -> None:
    change(path, "DROP TRIGGER event_stays")
    found = verify(path, derive)
    assert codes(found) == {"trigger"}
    assert "event_stays" in str(found.findings[0].message)


@pytest.mark.usefixtures("filled")
def test_a_cut_tail_shows_by_the_head_that_was_written_down(register: Register, path: Path) -> None:
    with register.reading() as reader:
        head = reader.head()
    sql = "DELETE FROM event WHERE number = 7; DELETE FROM personal WHERE rowid = 4; PRAGMA user_version = 0"
    assert tampered(path, sql).is_whole
    with open_register(path) as again:
        assert verify(path, derive).is_whole
        assert codes(verify(path, derive, head=head)) == {"head"}
        append(again)  # number 7 is another one now
    found = verify(path, derive, head=head)
    assert codes(found) == {"head"}
    assert "event 7 is another" in str(found.findings[0].message)


@pytest.mark.usefixtures("filled")
def test_a_new_chain_shows_by_the_head_alone(register: Register, tmp_path: Path) -> None:
    """Who writes the whole journal anew, with right hashes, deceives everything but a head that was written down."""
    with register.reading() as reader:
        head = reader.head()
    other = tmp_path / "other.sqlite"
    with open_register(other) as forged:
        for _ in range(head.number):
            append(forged)
    assert verify(other, derive).is_whole
    assert codes(verify(other, derive, head=head)) == {"head"}


def test_not_more_is_told_than_somebody_reads(register: Register, path: Path) -> None:
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann"})
        writer.append_many((NewEvent("vest", PlanAdopted(year=2026), DAY) for _ in range(LIMIT + 10)), actor)
    found = tampered(path, "UPDATE event SET actor_digest = 'x'")
    assert len(found.findings) == LIMIT + 1
    assert found.findings[-1].code == "more"


def test_what_is_no_register_is_refused(path: Path) -> None:
    with pytest.raises(faults.NoRegisterError):
        verify(path, derive)
    sqlite3.connect(path).close()
    path.write_bytes(b"something else entirely, and long enough to be looked at as a header of a database file ......")
    with pytest.raises(faults.NotARegisterError):
        verify(path, derive)


@pytest.mark.usefixtures("filled")
def test_a_torn_file_is_a_finding(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 // 4096 * 4096])
    assert codes(verify(path, derive)) & {"pages", "unreadable"}
    path.write_bytes(data[:8192] + bytes(4096) + data[12288:])
    assert codes(verify(path, derive)) & {"pages", "unreadable"}
