"""Changes a register behind the program's back, in every way we could think of, and sees that `verify` finds it.

Each tampering is on a fresh copy, by raw SQL with the triggers taken away and put back (as somebody would who knows the
file), or by a flipped byte in the file itself.
"""

from __future__ import annotations

# ruff: noqa: S608 (tables and columns are our own)
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.errors import KsfError
from ksf_agreements.register import triggers
from ksf_agreements.register.chain import Head
from ksf_agreements.register.verify import verify
from tests.register.sample import append, derive, fill, open_register

Tampering = Callable[[sqlite3.Connection, random.Random], None]

EVENT_TEXTS = (
    "agreement",
    "kind",
    "payload",
    "kept",
    "actor_id",
    "actor_digest",
    "recorded_at",
    "occurred_on",
    "previous_hash",
    "hash",
)
BESIDE = {
    "personal": ("id", "salt", "content"),
    "file": ("sha256", "size", "media_type", "content"),
    "segment": ("agreement", "first_day", "summary"),
    "obligation": ("date", "agreement", "place", "code", "party", "payload"),
    "meta": ("name", "value"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """How many tamperings of each kind were made, and which were not found."""

    made: Counter[str]
    missed: tuple[str, ...]


def _flip(connection: sqlite3.Connection, table: str, column: str, chance: random.Random) -> None:
    """Change one character, byte or number of one row."""
    rows = connection.execute(f"SELECT {_key(table)}, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
    *key, value = chance.choice([row for row in rows if row[-1] != ""])
    if isinstance(value, int):
        other: object = value + chance.choice((-1, 1, 1000))
    elif isinstance(value, bytes):
        place = chance.randrange(len(value))
        other = value[:place] + bytes([value[place] ^ 1 << chance.randrange(8)]) + value[place + 1 :]
    else:
        place = chance.randrange(len(value))
        sign = chance.choice([sign for sign in '0a:{}"å ' if sign != value[place]])
        other = value[:place] + sign + value[place + 1 :]
    condition = " AND ".join(f"{name} IS ?" for name in _key(table).split(", "))
    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {condition}", (other, *key))


def _key(table: str) -> str:
    keys = {"segment": "agreement, first_day", "obligation": "date, agreement, place", "meta": "name"}
    return keys.get(table, "rowid")


def flip_event(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Change a character of an event."""
    _flip(connection, "event", chance.choice(EVENT_TEXTS), chance)


def flip_beside(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Change a character or byte of something beside the chain."""
    table = chance.choice(tuple(BESIDE))
    _flip(connection, table, chance.choice(BESIDE[table]), chance)


def delete_event(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove an event from within."""
    connection.execute("DELETE FROM event WHERE number = ?", (chance.randrange(1, _last(connection)),))


def delete_and_close_up(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove an event and number the later ones anew."""
    gone = chance.randrange(1, _last(connection))
    connection.execute("DELETE FROM event WHERE number = ?", (gone,))
    for number in range(gone + 1, _last(connection) + 1):
        connection.execute("UPDATE event SET number = ? WHERE number = ?", (number - 1, number))


def delete_beside(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove a row from beside the chain."""
    table = chance.choice(tuple(BESIDE))
    rows = connection.execute(f"SELECT {_key(table)} FROM {table}").fetchall()
    condition = " AND ".join(f"{name} IS ?" for name in _key(table).split(", "))
    connection.execute(f"DELETE FROM {table} WHERE {condition}", chance.choice(rows))


def reorder(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Let two events change places."""
    one, other = chance.sample(range(1, _last(connection) + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        connection.execute("UPDATE event SET number = ? WHERE number = ?", (new, old))


def truncate(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove the last events, with all that came with them: only the head that was written down tells of it."""
    connection.execute("DELETE FROM event WHERE number > ?", (_last(connection) - chance.randrange(1, 4),))


def truncate_wholly(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Remove the last event and everything that would betray it but the head that was written down."""
    del chance
    last = _last(connection)
    (kept,) = connection.execute("SELECT kept FROM event WHERE number = ?", (last,)).fetchone()
    connection.execute("DELETE FROM personal WHERE instr(?, id)", (kept,))
    connection.execute("DELETE FROM event WHERE number = ?", (last,))
    connection.execute("DELETE FROM segment")
    connection.execute("DELETE FROM obligation")
    connection.execute("PRAGMA user_version = 0")  # derived anew when it is opened


def add_event(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Put a copy of an event at the end, chained on, with the hash it had."""
    last = _last(connection)
    connection.execute(
        "INSERT INTO event SELECT ?, agreement, kind, payload, kept, actor_id, actor_digest, recorded_at, occurred_on, "
        "(SELECT hash FROM event WHERE number = ?), hash FROM event WHERE number = ?",
        (last + 1, last, chance.randrange(1, last + 1)),
    )


def add_beside(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Put something beside the chain that came with no event."""
    sql = (
        "INSERT INTO personal VALUES ('new', 'salt', '{\"name\":\"Ny\"}', NULL)",
        "INSERT INTO file VALUES ('new', 1, 'application/pdf', x'00', NULL)",
        "INSERT INTO segment VALUES ('nord', '2026-01-01', '{}')",
        "INSERT INTO obligation VALUES ('2026-01-01', 'vest', 99, 'code', '4601', '{}')",
        "INSERT INTO meta VALUES ('new', 'value')",
    )
    connection.execute(chance.choice(sql))


def erase_beside(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Erase without an event that says so, or move an erasure to another event."""
    sql = (
        "UPDATE personal SET content = NULL, salt = NULL, erased_by = 6 WHERE rowid = 1",
        "UPDATE file SET content = NULL, erased_by = 6 WHERE content IS NOT NULL",
        "UPDATE personal SET erased_by = 2 WHERE erased_by IS NOT NULL",
        "UPDATE file SET content = x'25', erased_by = NULL WHERE content IS NULL",
        "UPDATE personal SET content = '{}', salt = '', erased_by = NULL WHERE content IS NULL",
    )
    connection.execute(chance.choice(sql))


def unlock(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Take a trigger away, make another of it, or add one. (They are put back after every other tampering.)"""
    name = chance.choice(tuple(triggers.TRIGGERS))
    connection.execute(f"DROP TRIGGER {name}")
    if chance.random() < 0.5:
        table = chance.choice(("event", "personal", "file"))
        connection.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END")


def reshape(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Change a table."""
    sql = (
        "ALTER TABLE event ADD COLUMN note TEXT",
        "ALTER TABLE file RENAME COLUMN media_type TO kind",
        "DROP TABLE obligation",
        "DROP INDEX event_agreement",
        "CREATE UNIQUE INDEX one_hash ON event (hash)",
        "CREATE VIEW shown AS SELECT * FROM event",
        "CREATE TABLE more (x)",
    )
    connection.execute(chance.choice(sql))


KINDS: dict[str, Tampering] = {
    "flip in the journal": flip_event,
    "flip beside it": flip_beside,
    "delete an event": delete_event,
    "delete and close up": delete_and_close_up,
    "delete beside it": delete_beside,
    "reorder": reorder,
    "truncate": truncate,
    "truncate wholly": truncate_wholly,
    "add an event": add_event,
    "add beside it": add_beside,
    "erase without an event": erase_beside,
    "take a lock away": unlock,
    "change a table": reshape,
}
BYTE = "flip a byte of the file"


def _last(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("SELECT max(number) FROM event").fetchone()[0]
    return number


def _by_sql(path: Path, tampering: Tampering, chance: random.Random) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("BEGIN")
    if tampering is not unlock:
        triggers.drop(connection)
    tampering(connection, chance)
    if tampering is not unlock:
        triggers.create(connection)
    connection.execute("COMMIT")
    connection.close()


def _by_byte(path: Path, chance: random.Random) -> None:
    """Flip a bit where something is kept: an event, a person or a file."""
    connection = sqlite3.connect(path)
    columns = (("event", chance.choice(EVENT_TEXTS)), ("personal", "content"), ("file", "content"))
    table, column = chance.choice(columns)
    # A kept file lies on several pages, of which the first part is in one piece.
    rows = connection.execute(f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL").fetchall()
    connection.close()
    part: bytes = chance.choice([row[0] for row in rows if row[0]])[:64]
    data = bytearray(path.read_bytes())
    places = [place for place in range(len(data)) if data.startswith(part, place)]
    place = places[-1] + chance.randrange(len(part))  # the last: an index may have it too, further back or in front
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def found(path: Path, head: Head) -> bool:
    """Whether `verify`, which is given the head that was written down, finds anything."""
    try:
        return not verify(path, derive, head=head).is_whole
    except KsfError:
        return True


def run(count: int, folder: Path, seed: int = 0, kinds: tuple[str, ...] = ()) -> Result:
    """Make ``count`` tamperings, all kinds (or those given) in turn, and return what became of them."""
    whole = folder / "whole.sqlite"
    with open_register(whole) as register:
        fill(register)
        for year in range(2027, 2031):
            append(register, "nord", year)
        with register.reading() as reader:
            head = reader.head()
    assert not found(whole, head)
    before = _content(whole)
    made: Counter[str] = Counter()
    missed: list[str] = []
    names = kinds or (*KINDS, BYTE)
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")  # noqa: S311 (repeatable)
        name = names[number % len(names)]
        copy = folder / "copy.sqlite"
        while True:
            shutil.copyfile(whole, copy)
            if name == BYTE:
                _by_byte(copy, chance)
                break
            _by_sql(copy, KINDS[name], chance)
            if _content(copy) != before:  # a change to what was there already is none
                break
        made[name] += 1
        if not found(copy, head):
            missed.append(f"{name} (number {number}, seed {seed})")
    return Result(made, tuple(missed))


def _content(path: Path) -> list[str]:
    """Return everything that a register says, to see whether a tampering changed anything."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        tables = [row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [str(connection.execute(f"SELECT * FROM {table}").fetchall()) for table in sorted(tables)]
        return [*rows, str(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall())]
    finally:
        connection.close()
