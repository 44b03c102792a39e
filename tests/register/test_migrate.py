"""Migrations: every one keeps locks and rows, a failed one leaves no trace, the oldest register goes through all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from ksf_agreements.register import faults, migrate, triggers
from ksf_agreements.register.connection import connect, make_private
from ksf_agreements.register.migrate import BUILT_IN, Migrations
from ksf_agreements.register.rows import Row
from ksf_agreements.register.verify import verify
from tests.register.sample import NOW, Filled, append, derive, fill, open_register

BATCH = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "test_1", "0001", None, None
def upgrade():
    with op.batch_alter_table("event", recreate="always") as table:
        table.add_column(sa.Column("note", sa.Text))
    with op.batch_alter_table("file", recreate="always") as table:
        table.add_column(sa.Column("note", sa.Text))
"""
FAILING = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "test_1", "0001", None, None
def upgrade():
    op.execute("CREATE TABLE half (x)")
    op.execute("UPDATE event SET payload = '{}'")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""
FORGETTING = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "test_1", "0001", None, None
def upgrade():
    op.execute("DELETE FROM event WHERE number = 7")
"""
ORPHANING = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "test_1", "0001", None, None
def upgrade():
    op.execute("UPDATE personal SET erased_by = 99 WHERE erased_by IS NOT NULL")
"""


def with_revision(folder: Path, text: str) -> Migrations:
    """The program's own revisions and one more."""
    versions = folder / "more versions"
    versions.mkdir()
    (versions / "one_more.py").write_text(text)
    return Migrations((*BUILT_IN.revisions, "test_1"), (*BUILT_IN.folders, versions))


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def test_the_known_revisions_are_those_of_the_folder() -> None:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == BUILT_IN.revisions


def test_a_new_register_has_the_tables_of_the_rows(path: Path) -> None:
    open_register(path)
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_the_oldest_register_goes_through_every_revision(path: Path) -> None:
    oldest = Migrations(BUILT_IN.revisions[:1], BUILT_IN.folders)
    with open_register(path, migrations=oldest) as register:
        fill(register)
        with register.reading() as reader:
            events, head = reader.events(), reader.head()
    with open_register(path) as register, register.reading() as reader:
        assert reader.events() == events
    assert verify(path, derive, head=head).is_whole
    with open_register(path) as register:
        assert register.migrated_from is None or register.migrated_from.exists()


def test_a_batch_migration_keeps_rows_and_locks_and_makes_a_backup(path: Path, tmp_path: Path, filled: Filled) -> None:
    before = dump(path)
    more = with_revision(tmp_path, BATCH)
    with open_register(path, migrations=more) as register:
        backup = register.migrated_from
        assert backup == path.with_name("register.sqlite.backup-0001-20260301T120001Z")
        assert dump(backup) == before
        assert backup.stat().st_mode & 0o777 == 0o600
        connection = connect(path)
        assert triggers.changed(connection) == ()
        assert [row[1] for row in connection.execute("PRAGMA table_info(event)")][-1] == "note"
        assert connection.execute("SELECT count(*) FROM file").fetchone() == (2,)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("DELETE FROM event")
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'file'").fetchone()
        assert "CONSTRAINT file_erased_by_event CHECK ((content IS NULL) = (erased_by IS NOT NULL))" in sql
        connection.close()
        with register.reading() as reader:
            assert reader.file(filled.letter)
            assert reader.derivation() == 1
            assert len(reader.overview(NOW.date())) == 2
        assert append(register).number == 8
    with open_register(path, migrations=more) as register:
        assert register.migrated_from is None
    with pytest.raises(faults.NewerRegisterError):
        open_register(path)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("text", [FAILING, FORGETTING, ORPHANING])
def test_a_failed_migration_leaves_the_register_as_it_was(path: Path, tmp_path: Path, text: str) -> None:
    before = path.read_bytes()
    with pytest.raises(Exception, match=r"nowhere|damaged"):
        open_register(path, migrations=with_revision(tmp_path, text))
    assert path.read_bytes() == before
    assert verify(path, derive).is_whole
    assert append(open_register(path)).number == 8


def test_a_failed_creation_leaves_an_empty_file(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="nowhere"):
        open_register(path, migrations=with_revision(tmp_path, FAILING))
    assert append(open_register(path)).number == 1


def test_two_who_open_at_once_migrate_once(path: Path) -> None:
    make_private(path)
    assert migrate.upgrade(path, NOW) is None
    identity = dump(path)
    assert migrate.upgrade(path, NOW) is None
    assert dump(path) == identity


def test_a_percent_sign_in_the_path_is_no_place(tmp_path: Path) -> None:
    folder = tmp_path / "100 % Ågot;x"
    folder.mkdir()
    more = with_revision(folder, BATCH)
    with open_register(folder / "r.sqlite", migrations=more) as register:
        assert append(register).number == 1
