"""The register's tables as SQLModel rows. Rows are storage: they validate nothing, the domain's models do.

Importing SQLModel takes longer than a whole command does, so only migrations, `verify` and `Register.session` come
here; `store` and `transaction` speak SQL, and a test holds their columns against these. Days are ISO dates, instants
ISO in UTC, both as text, which sorts.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, LargeBinary, MetaData, Text
from sqlmodel import Field, SQLModel

_WITHOUT_ROWID = {"sqlite_with_rowid": False}
_ERASED_BY_EVENT = "(content IS NULL) = (erased_by IS NOT NULL)"


class Row(SQLModel):
    """A row of the register; a metadata of its own, so that other SQLModel tables never mix in."""

    metadata: ClassVar[MetaData] = MetaData()


class MetaRow(Row, table=True):
    """A fact of the register itself; 'genesis' is the hash that event 1 follows."""

    __tablename__ = "meta"
    __table_args__ = _WITHOUT_ROWID

    name: str = Field(sa_type=Text, primary_key=True)
    value: str = Field(sa_type=Text)


class EventRow(Row, table=True):
    """One event of the journal. Numbers go from 1 without gaps.

    `payload` and `kept` are canonical JSON; `kept` lists the people and files that came into the register with this
    event; `hash` covers every other column, `previous_hash` among them.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_agreement", "agreement"),)

    number: int = Field(primary_key=True)
    agreement: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    payload: str = Field(sa_type=Text)
    kept: str = Field(sa_type=Text)
    actor_id: str = Field(sa_type=Text)
    actor_digest: str = Field(sa_type=Text)
    recorded_at: str = Field(sa_type=Text)
    occurred_on: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)


class PersonalRow(Row, table=True):
    """Personal data beside the chain: canonical JSON, or NULL with the event that erased it (and its salt)."""

    __tablename__ = "personal"
    __table_args__ = (
        CheckConstraint(_ERASED_BY_EVENT, "personal_erased_by_event"),
        CheckConstraint("(content IS NULL) = (salt IS NULL)", "personal_erased_with_salt"),
    )

    id: str = Field(sa_type=Text, primary_key=True)
    salt: str | None = Field(sa_type=Text)
    content: str | None = Field(sa_type=Text)
    erased_by: int | None = Field(foreign_key="event.number")


class FileRow(Row, table=True):
    """A file beside the chain by the SHA-256 of its bytes, or NULL with the event that erased it; `size` in bytes."""

    __tablename__ = "file"
    __table_args__ = (CheckConstraint(_ERASED_BY_EVENT, "file_erased_by_event"),)

    sha256: str = Field(sa_type=Text, primary_key=True)
    size: int
    media_type: str = Field(sa_type=Text)
    content: bytes | None = Field(sa_type=LargeBinary)
    erased_by: int | None = Field(foreign_key="event.number")


class SegmentRow(Row, table=True):
    """Derived: what an agreement's overview says from `first_day` until the next segment begins."""

    __tablename__ = "segment"
    __table_args__ = _WITHOUT_ROWID

    agreement: str = Field(sa_type=Text, primary_key=True)
    first_day: str = Field(sa_type=Text, primary_key=True)
    summary: str = Field(sa_type=Text)


class ObligationRow(Row, table=True):
    """Derived: what must be done on a day; `place` is its number among the agreement's own."""

    __tablename__ = "obligation"
    __table_args__: Any = (Index("obligation_agreement", "agreement"), _WITHOUT_ROWID)

    date: str = Field(sa_type=Text, primary_key=True)
    agreement: str = Field(sa_type=Text, primary_key=True)
    place: int = Field(primary_key=True)
    code: str = Field(sa_type=Text)
    party: str = Field(sa_type=Text)
    payload: str = Field(sa_type=Text)
