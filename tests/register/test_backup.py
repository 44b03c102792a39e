"""Backups and putting them back."""

from __future__ import annotations

import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from ksf_agreements.errors import KsfError
from ksf_agreements.register import faults
from ksf_agreements.register.backup import BackupExistsError, UnsoundError, backup, restore
from ksf_agreements.register.store import Register
from ksf_agreements.register.verify import verify
from tests.register.sample import NOW, Filled, append, change, derive, open_register


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "away" / "copy.sqlite"


@pytest.fixture(autouse=True)
def _folder(target: Path) -> None:
    target.parent.mkdir()


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.is_file()}


def test_a_backup_is_the_whole_register(register: Register, path: Path, target: Path, filled: Filled) -> None:
    found = backup(path, target, derive)
    assert found.is_whole
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(target.parent) == {"copy.sqlite"}
    with open_register(target) as copy, copy.reading() as reader, register.reading() as original:
        assert reader.events() == original.events()
        assert reader.head() == found.head == original.head()
        assert reader.register_id() == original.register_id()
        assert reader.file(filled.letter) == original.file(filled.letter)


@pytest.mark.usefixtures("filled")
def test_a_backup_does_not_overwrite_without_being_told(path: Path, target: Path) -> None:
    target.write_text("somebody's")
    for replace in (False, True):
        with pytest.raises((BackupExistsError, faults.NotARegisterError)):
            backup(path, target, derive, replace=replace)
    assert target.read_text() == "somebody's"
    target.unlink()
    backup(path, target, derive)
    with pytest.raises(BackupExistsError):
        backup(path, target, derive)
    backup(path, target, derive, replace=True)


@pytest.mark.parametrize("replace", [False, True])
def test_a_register_is_not_backed_up_onto_itself(path: Path, filled: Filled, tmp_path: Path, replace: bool) -> None:
    link = tmp_path / "link.sqlite"
    link.hardlink_to(path)
    for target in (path, link):
        with pytest.raises(BackupExistsError):
            backup(path, target, derive, replace=replace)
    assert filled
    assert verify(path, derive).is_whole


@pytest.mark.usefixtures("filled")
def test_a_damaged_register_makes_no_backup(path: Path, target: Path) -> None:
    change(path, "DROP TRIGGER event_stays")
    with pytest.raises(UnsoundError) as raised:
        backup(path, target, derive)
    assert [problem.code for problem in raised.value.problems] == ["trigger"]
    assert names(target.parent) == set()


def test_a_backup_needs_a_register_and_a_folder(path: Path, target: Path, register: Register) -> None:
    with pytest.raises(faults.NoRegisterError):
        backup(path.with_name("none.sqlite"), target, derive)
    append(register)
    with pytest.raises((KsfError, FileNotFoundError)):
        backup(path, target.parent / "none" / "copy.sqlite", derive)


def test_what_was_open_goes_on_with_the_restored(register: Register, path: Path, target: Path) -> None:
    append(register)
    backup(path, target, derive)
    append(register)
    with register.reading() as reader:
        before = reader.head()
    done = restore(path, target, NOW, derive)
    assert done.head.number == 1
    assert done.aside == path.with_name("register.sqlite.replaced-20260301T120000Z")
    with register.reading() as reader:
        assert reader.head() == done.head
    assert append(register).number == 2
    with open_register(done.aside) as old, old.reading() as reader:
        assert reader.head() == before
    again = restore(path, target, NOW, derive)
    assert again.aside != done.aside
    assert names(path.parent) == {path.name, *(one.name for one in (done.aside, again.aside) if one)}


def test_a_register_that_is_gone_is_restored(register: Register, path: Path, target: Path) -> None:
    append(register)
    backup(path, target, derive)
    register.close()
    path.unlink()
    done = restore(path, target, NOW, derive)
    assert done.aside is None
    assert append(open_register(path)).number == 2


@pytest.mark.parametrize("wreck", ["noise", "torn"])
def test_a_wreck_is_set_aside_as_it_is(register: Register, path: Path, target: Path, wreck: str) -> None:
    append(register)
    backup(path, target, derive)
    register.close()
    broken = b"noise " * 2000 if wreck == "noise" else path.read_bytes()[:9000]
    path.write_bytes(broken)
    journal = path.with_name(f"{path.name}-journal")
    journal.write_bytes(b"of the wreck")
    done = restore(path, target, NOW, derive)
    assert done.aside is not None
    assert done.aside.read_bytes() == broken
    assert not journal.exists()
    assert verify(path, derive).is_whole
    assert append(open_register(path)).number == 2


@pytest.mark.usefixtures("filled")
def test_an_unsound_backup_changes_nothing(register: Register, path: Path, target: Path) -> None:
    backup(path, target, derive)
    change(target, "DROP TRIGGER event_stays")
    change(target, "UPDATE event SET payload = '{}' WHERE number = 2")
    before = path.read_bytes()
    with pytest.raises(UnsoundError) as raised:
        restore(path, target, NOW, derive)
    assert {problem.code for problem in raised.value.problems} > {"trigger", "event-hash", "event-unknown", "derived"}
    target.write_bytes(b"not a register " * 1000)
    with pytest.raises(faults.NotARegisterError):
        restore(path, target, NOW, derive)
    with pytest.raises(faults.NoRegisterError):
        restore(path, target.with_name("none.sqlite"), NOW, derive)
    with pytest.raises(BackupExistsError):
        restore(path, path, NOW, derive)
    assert path.read_bytes() == before
    assert names(path.parent) == {path.name}
    assert append(register).number == 8


def test_a_restore_waits_for_whoever_writes(
    register: Register, path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(register)
    backup(path, target, derive)
    monkeypatch.setattr("ksf_agreements.register.connection.begin_immediate.__defaults__", (0.05,))
    with register.writing(), pytest.raises(faults.RegisterLockedError):
        restore(path, target, NOW, derive)
    assert names(path.parent) == {path.name}


def test_another_derivation_is_made_when_restoring(register: Register, path: Path, target: Path) -> None:
    append(register)
    backup(path, target, derive)
    restore(path, target, NOW + timedelta(days=1), derive, derivation=5)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (5,)
    connection.close()
