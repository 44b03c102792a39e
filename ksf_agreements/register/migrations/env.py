"""Alembic's entrance: runs the revisions on the connection that `register.migrate` holds a transaction on."""

from __future__ import annotations

from alembic import context

# Batch mode, since SQLite alters little by itself. The transaction is the caller's: one for all revisions together.
context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
