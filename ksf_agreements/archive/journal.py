"""The journal of one agreement as JSON: each event with its hash, and the people that it points at.

Events are chained through the whole register, so those of one agreement do not follow on each other; what is shown is
that each is as it was hashed, the hash before it included, and that their numbers rise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

FORMAT = "ksf-agreements journal 1"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the register hashed it: `said` is the object whose canonical JSON `hash` is of."""

    said: Mapping[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class KeptPerson:
    """A person that events point at; `salt` and `content` are None where the data was erased."""

    id: str
    salt: str | None
    content: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Journal:
    """What the dossier tells of the journal, on a day; `head` is the register's when the dossier was made."""

    agreement: str
    on: date
    register: str
    head: str
    entries: tuple[Entry, ...]
    people: tuple[KeptPerson, ...]


def journal_json(journal: Journal) -> bytes:
    """Return the journal as the bytes of a file."""
    value = {
        "format": FORMAT,
        "agreement": journal.agreement,
        "on": journal.on.isoformat(),
        "register": {"id": journal.register, "head": journal.head},
        "events": [{"hash": entry.hash, "event": dict(entry.said)} for entry in journal.entries],
        "people": [_person(person) for person in journal.people],
    }
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _person(person: KeptPerson) -> dict[str, object]:
    if person.content is None:
        return {"id": person.id, "erased": True}
    return {"id": person.id, "salt": person.salt, "content": dict(person.content)}
