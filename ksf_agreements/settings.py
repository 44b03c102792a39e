"""The settings of a workspace, from its ksf.toml: all optional, each typed; no global instance."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ksf_agreements.errors import Problem
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from ksf_agreements.settings_tables import Tables

FILE_NAME = "ksf.toml"
TABLES = ("mail", "year", "reminders")
_BYTES_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace decides for itself.

    `language` is the screen's (nb, nn, en; '' = the default); `plan` is annex 1, KS's plan for KSF, as a path
    inside the workspace; `actor` is who is named in the register when a command does not say; `register` is the
    register's file, relative to the workspace; `trust_roots` a folder inside it with the certificates (PEM or DER) of
    the issuers of electronic signatures whom the operator trusts ('' = none).
    """

    language: str = ""
    plan: str = ""
    actor: str = ""
    register: str = "register.sqlite"
    trust_roots: str = ""
    said_tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """What the tables say: mail, the year, reminders; their defaults where the file has none."""
        from ksf_agreements.settings_tables import Tables

        return self.said_tables or Tables()


def read_settings(root: Path) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the settings of the workspace at ``root`` and every problem of its ksf.toml."""
    file = root / FILE_NAME
    if not file.is_file():
        return Settings(), ()
    try:
        with file.open("rb") as source:
            data = source.read(_BYTES_LIMIT + 1)
    except OSError as fault:
        message = T("the file could not be read ({reason})", reason=fault.strerror or "?")
        return Settings(), (_problem(file, "unreadable", message),)
    if len(data) > _BYTES_LIMIT:
        return Settings(), (
            _problem(file, "too-large", T("the file is larger than {limit} kB", limit=_BYTES_LIMIT // 1024)),
        )
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Settings(), (_problem(file, "not-utf-8", T("the file is not in UTF-8"), T("Save the file as UTF-8.")),)
    except (ValueError, RecursionError) as fault:  # besides faults of syntax: huge numbers, deep brackets
        place = re.search(r"at line (\d+)", str(fault))  # the rest of the sentence is English
        line = int(place[1]) if place else data.count(b"\n") + 1
        message = T("the file is not valid TOML here")
        return Settings(), (_problem(file, "toml-syntax", message, T('Write name = "value".'), line),)
    known = [setting.name for setting in fields(Settings) if setting.name != "said_tables"] + list(TABLES)
    said = {key: values.pop(key) for key in TABLES if key in values}
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for key, value in values.items():
        line = _line_of(data, key)
        if key not in known:
            near = [name for name in known if name.startswith(key)] or get_close_matches(key, known, 1, 0.6)
            mend = (
                T("Did you mean '{name}'?", name=near[0]) if near else T("Choose one of: {names}", names=tuple(known))
            )
            problems.append(_problem(file, "unknown-key", T("the key '{key}' is not known here", key=key), mend, line))
        elif not isinstance(value, str):
            message, mend = (
                T("'{key}' must be a text in quotes", key=key),
                T('Write {key} = "value".', key=key),
            )
            problems.append(_problem(file, "not-text", message, mend, line))
        else:
            taken[key] = value
    tables = None
    if said:
        from ksf_agreements.settings_tables import read_tables  # reading drafts needs none of what it imports

        tables, faults = read_tables(said)
        problems += [_problem(file, one.code, one.message, one.mend, _line_of(data, *one.path)) for one in faults]
    return Settings(**taken, said_tables=tables), tuple(sorted(problems, key=lambda one: one.line))


def _problem(file: Path, code: str, message: Text, mend: Text | None = None, line: int = 1) -> Problem:
    return Problem(code, message, mend, file=str(file), line=line, column=1)


def setting_problem(root: Path, key: str, code: str, message: Text, mend: Text) -> Problem:
    """Return a problem of the setting ``key``, with its line in the workspace's ksf.toml."""
    file = root / FILE_NAME
    with file.open("rb") as source:
        return _problem(file, code, message, mend, _line_of(source.read(_BYTES_LIMIT), key))


def _line_of(data: bytes, *path: str) -> int:
    """Return the line of a key; of one in a table, the first such line at or after the table's own."""
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    found = 0
    for key in path:
        begins = re.compile(rf"""[\s"'\[]*(?:[\w-]+\s*\.\s*["']?)?{re.escape(key)}["'\s]*[=.\]]""")
        found = next((number for number, line in enumerate(lines) if number >= found and begins.match(line)), found)
    return found + 1
