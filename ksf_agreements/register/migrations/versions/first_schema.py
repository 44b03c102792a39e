"""The first schema: the journal, personal data and files beside it, two derived tables, and the register's identity.

A revision never changes once it is out: it does not look at `rows`, which go on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table. Checks have names: batch mode leaves out those that have none."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "personal",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("salt", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("erased_by", sa.Integer, sa.ForeignKey("event.number")),
        sa.CheckConstraint("(content IS NULL) = (erased_by IS NOT NULL)", "personal_erased_by_event"),
        sa.CheckConstraint("(content IS NULL) = (salt IS NULL)", "personal_erased_with_salt"),
    )
    op.create_table(
        "file",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("erased_by", sa.Integer, sa.ForeignKey("event.number")),
        sa.CheckConstraint("(content IS NULL) = (erased_by IS NOT NULL)", "file_erased_by_event"),
    )
    # No unique constraint beside the number: INSERT OR REPLACE would delete an old event through it.
    op.create_table(
        "event",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("actor_digest", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("occurred_on", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("event_agreement", "event", ["agreement"])
    op.create_table(
        "segment",
        sa.Column("agreement", sa.Text, primary_key=True),
        sa.Column("first_day", sa.Text, primary_key=True),
        sa.Column("summary", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "obligation",
        sa.Column("date", sa.Text, primary_key=True),
        sa.Column("agreement", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("obligation_agreement", "obligation", ["agreement"])
