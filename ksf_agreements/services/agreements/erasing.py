"""Remove personal data and files for good, leaving a tombstone (GDPR, or a wrong upload).

A name is looked for as a whole: 'Ola' is not found in 'Carola'. What was scanned is not searched: the file of a
signature goes by who signed, or by whose electronic signatures its verdict names.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import (
    ContactsChanged,
    DataErased,
    Event,
    HistoryImported,
    PackageMade,
    VersionIssued,
)
from ksf_agreements.loading.history import texts
from ksf_agreements.register.transaction import Transaction, people_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, by which event (None: nothing was found), and in how many documents the name still stands.

    `scans` are events of erased people whose files are still kept: once the person is gone, no name leads to them.
    `contacts` are the agreements whose list of contact persons went: it is kept as one.
    """

    event: Event | None
    people: int
    files: int
    left: int
    scans: tuple[int, ...] = ()
    contacts: tuple[str, ...] = ()


def erase(desk: Desk, numbers: tuple[int, ...], name: str, reason: str, *, with_documents: bool = False) -> Erased:
    """Erase what the events point at, and everything kept under a name."""
    wanted = _Name(name)
    _check(desk, numbers, wanted, reason, with_documents=with_documents)
    with desk.register.writing() as transaction:
        events = transaction.events()
        known = {event.number: event for event in events}
        if lost := tuple(str(number) for number in numbers if number not in known):
            raise Refused(T("There is no event {numbers}. 'ksf log' shows them.", numbers=lost))
        chosen = tuple(known[number] for number in numbers)
        people = {ref.id for event in chosen for ref in people_of(event.payload)}
        files = {file for event in chosen for file in _files_of(event)}
        named = {key for key, content in transaction.people() if wanted.is_in(content)} if wanted else set()
        holding = _documents_with(events, transaction, wanted) if wanted else set()
        people |= named
        if with_documents:
            files |= holding | {file for event in _scans(events, transaction, named) for file in _files_of(event)}
        actor = transaction.keep_person({"name": desk.actor})
        event = transaction.erase(people, files, reason, actor, desk.today)
        scans = tuple(one.number for one in _scans(events, transaction, people))
    payload = event.payload if event else None
    gone = payload if isinstance(payload, DataErased) else DataErased(reason=reason)
    left, contacts = len(holding - files), _contacts(events, set(gone.personal))
    return Erased(event, len(gone.personal), len(gone.files), left, scans, contacts)


def _check(desk: Desk, numbers: tuple[int, ...], wanted: _Name, reason: str, *, with_documents: bool) -> None:
    if not reason.strip():
        raise Refused(T("Say why: --reason."))
    if not numbers and not wanted:
        raise Refused(T("Say what: the numbers of events, or --name."))
    if with_documents and not wanted:
        raise Refused(T("--documents needs --name; the files of an event go with its number."))
    if wanted and wanted.stands_in(reason):
        raise Refused(T("The reason stays in the journal for good: write it without the name."))
    if wanted and wanted.is_whole(desk.actor):
        raise Refused(T("The journal names who erases: let somebody else do it, or name the office with --as."))


class _Name:
    """A name to look for: in any letter case, with any spaces; false where it is blank."""

    def __init__(self, name: str) -> None:
        self._name = _plain(name)
        self._pattern = re.compile(rf"(?<!\w){re.escape(self._name)}(?!\w)")

    def __bool__(self) -> bool:
        return bool(self._name)

    def is_whole(self, text: str) -> bool:
        """Whether a text is the name and nothing else."""
        return _plain(text) == self._name

    def stands_in(self, text: str) -> bool:
        """Whether the name is in a text, as words of their own."""
        return self._pattern.search(_plain(text)) is not None

    def is_in(self, content: object) -> bool:
        """Whether a person's name is it; contacts are kept together, as JSON within the values."""
        return any(self.is_whole(text) for text in _leaves(content))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _leaves(content: object) -> Iterator[str]:
    """Yield every text in a value, also in JSON that stands in a text."""
    if isinstance(content, dict):
        for value in content.values():
            yield from _leaves(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _leaves(value)
    elif isinstance(content, str):
        yield content
        if content[:1] in {"[", "{"}:
            try:
                yield from _leaves(json.loads(content))
            except ValueError:
                return


def _files_of(event: Event) -> Iterator[str]:
    payload = event.payload
    yield from (file for name in ("file", "verdict") if (file := getattr(payload, name, None)))
    if isinstance(payload, VersionIssued):
        yield payload.snapshot
        yield from (document.sha256 for document in payload.documents)
    elif isinstance(payload, PackageMade):
        yield from (file.sha256 for file in payload.files)
    elif isinstance(payload, HistoryImported):
        yield payload.source


def _documents_with(events: tuple[Event, ...], transaction: Transaction, wanted: _Name) -> set[str]:
    """Return the kept files in which a name stands: snapshots and what was made of them, verdicts, imported sheets."""
    snapshots = {
        (event.agreement, event.payload.version): event.payload.snapshot
        for event in events
        if isinstance(event.payload, VersionIssued)
    }
    found: set[str] = set()
    looked: dict[str, bool] = {}  # a sheet is the source of many agreements, a snapshot of many packages
    for event in events:
        digest = _searchable(event, snapshots)
        if digest and digest not in looked:
            data = transaction.file(digest) or b""
            said = texts(data) if isinstance(event.payload, HistoryImported) else _leaves(data.decode())
            looked[digest] = any(wanted.stands_in(text) for text in said)
        if looked.get(digest):
            found |= set(_files_of(event))
    return found


def _scans(events: tuple[Event, ...], transaction: Transaction, people: set[str]) -> Iterator[Event]:
    """Yield the events that point at one of these people and at a file that is still kept: the signed paper, say."""
    for event in events:
        if any(ref.id in people for ref in people_of(event.payload)):
            file = getattr(event.payload, "file", None)
            if file and transaction.erased(file) is None:
                yield event


def _searchable(event: Event, snapshots: Mapping[tuple[str, int], str]) -> str:
    """Return the file that tells what is in an event's files, or ''; a package holds what its snapshot does."""
    payload = event.payload
    if isinstance(payload, VersionIssued):
        return payload.snapshot
    if isinstance(payload, PackageMade):
        return snapshots.get((event.agreement, payload.version), "")
    if isinstance(payload, HistoryImported):
        return payload.source
    verdict: str | None = getattr(payload, "verdict", None)
    return verdict or ""


def _contacts(events: tuple[Event, ...], gone: set[str]) -> tuple[str, ...]:
    changed = [event for event in events if isinstance(event.payload, ContactsChanged)]
    lost = (event for event in changed if any(ref.id in gone for ref in people_of(event.payload)))
    return tuple(dict.fromkeys(event.agreement for event in lost))
