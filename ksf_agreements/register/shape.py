"""Holds the tables of a file against the rows of `register.rows`: columns, keys and indexes."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from ksf_agreements.register.rows import Row

_ALEMBIC = "alembic_version"


class Column(NamedTuple):
    """A column as SQLite's table_info tells it; `key` is its place in the primary key, 0 outside."""

    name: str
    type: str
    required: bool
    key: int


class Shape(NamedTuple):
    """What a table is made of."""

    columns: tuple[Column, ...]
    indexes: frozenset[tuple[str, ...]]


def changed_tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of tables and views that are missing, different, or not the register's own."""
    wanted = {table.name: _wanted(table) for table in Row.metadata.tables.values()}
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    names = {str(name) for (name,) in listed if name != _ALEMBIC and not str(name).startswith("sqlite_")}
    found = {name: _found(connection, name) for name in names}
    return tuple(sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name)))


def _wanted(table: Table) -> Shape:
    keys = [column.name for column in table.primary_key]
    dialect = sqlite.dialect()
    columns = tuple(
        Column(
            column.name,
            column.type.compile(dialect),
            not column.nullable,
            keys.index(column.name) + 1 if column.primary_key else 0,
        )
        for column in table.columns
    )
    return Shape(columns, frozenset(tuple(column.name for column in index.columns) for index in table.indexes))


def _found(connection: sqlite3.Connection, name: str) -> Shape:
    columns = tuple(
        Column(column, kind, bool(required), key)
        for _, column, kind, required, _, key in connection.execute("SELECT * FROM pragma_table_info(?)", (name,))
    )
    indexes = [
        index
        for _, index, _, origin, _ in connection.execute("SELECT * FROM pragma_index_list(?)", (name,)).fetchall()
        if origin != "pk"
    ]
    parts = (connection.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall() for index in indexes)
    return Shape(columns, frozenset(tuple(column for (column,) in part) for part in parts))
