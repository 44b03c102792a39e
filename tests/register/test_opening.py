"""Opening a register: what is made, what is refused, what every connection is like."""

from __future__ import annotations

import sqlite3
import stat
from datetime import date
from pathlib import Path

import pytest

from ksf_agreements.domain.events import PAYLOADS, PlanAdopted
from ksf_agreements.register import faults
from ksf_agreements.register.chain import Head, genesis
from ksf_agreements.register.connection import connect
from ksf_agreements.register.store import Register
from ksf_agreements.register.verify import verify
from tests.register.sample import append, change, derive, open_register


def test_a_new_register_is_the_owners_alone(path: Path) -> None:
    register = open_register(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["register.sqlite"]
    with register.reading() as reader:
        assert reader.head() == Head(0, genesis(reader.register_id()))
        assert reader.agreements() == ()
        assert reader.overview(date.max) == ()


def test_two_registers_are_not_the_same(tmp_path: Path) -> None:
    names = []
    for name in "ab":
        with open_register(tmp_path / name) as register, register.reading() as reader:
            names.append(reader.register_id())
    assert names[0] != names[1]


def test_no_register_is_made_unless_asked(path: Path) -> None:
    with pytest.raises(faults.NoRegisterError):
        open_register(path, create=False)
    assert not path.exists()


def test_a_creation_that_was_killed_is_finished(path: Path) -> None:
    path.touch()
    with pytest.raises(faults.NoRegisterError):
        open_register(path, create=False)
    append(open_register(path))
    assert verify(path, derive).is_whole


@pytest.mark.parametrize("content", [b"hello", b"PK\3\4" + b"x" * 5000, b"SQLite format 3\0" + b"x" * 5000])
def test_another_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises((faults.NotARegisterError, faults.DamagedRegisterError)):
        open_register(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE event (number INTEGER)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(faults.NotARegisterError):
        open_register(path)
    assert path.read_bytes() == before


def test_a_folder_is_not_a_register(tmp_path: Path) -> None:
    with pytest.raises(faults.NotARegisterError):
        open_register(tmp_path)


@pytest.mark.usefixtures("register")
def test_a_newer_register_is_refused_and_left_alone(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(faults.NewerRegisterError):
        open_register(path)
    assert path.read_bytes() == before


def test_an_event_of_a_newer_program_asks_for_an_update(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    append(register)
    known = {kind: payload for kind, payload in PAYLOADS.items() if kind != PlanAdopted.KIND}
    monkeypatch.setattr("ksf_agreements.register.reader.PAYLOADS", known)
    with pytest.raises(faults.NewerRegisterError), register.reading() as reader:
        reader.events()


@pytest.mark.parametrize("name", ["event_stays", "file_is_erased", "meta_remains"])
def test_a_register_without_its_locks_is_refused(register: Register, path: Path, name: str) -> None:
    append(register)
    change(path, f"DROP TRIGGER {name}")
    with pytest.raises(faults.DamagedRegisterError, match=name):
        open_register(path)
    with pytest.raises(faults.DamagedRegisterError, match=name):
        append(register)  # open since before: seen as well


def test_a_register_in_wal_mode_becomes_one_file_again(register: Register, path: Path) -> None:
    append(register)
    register.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    connection.close()
    append(register)
    assert [file.name for file in path.parent.iterdir()] == ["register.sqlite"]
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


@pytest.mark.usefixtures("register")
def test_every_connection_is_safe(path: Path) -> None:
    connection = connect(path)
    wanted = {
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "journal_mode": "delete",
        "synchronous": 3,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "secure_delete": 1,
        "busy_timeout": 10_000,
    }
    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    connection.close()
    assert found == wanted


def test_what_is_open_leaves_a_file_that_somebody_moved(register: Register, path: Path, tmp_path: Path) -> None:
    append(register)
    path.rename(tmp_path / "moved.sqlite")
    append(open_register(path), year=2031)
    assert append(register).number == 2
    assert verify(path, derive).events == 2
    assert verify(tmp_path / "moved.sqlite", derive).events == 1
