"""Remove personal data and files for good, leaving a tombstone (GDPR, or a wrong upload)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import DataErased, Event, PersonalRef, VersionIssued
from ksf_agreements.register.reader import Reader
from ksf_agreements.register.transaction import people_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, by which event (None: nothing was found), and in how many documents the name still stands."""

    event: Event | None
    people: int
    files: int
    left: int


def erase(desk: Desk, numbers: tuple[int, ...], name: str, reason: str, *, with_documents: bool = False) -> Erased:
    """Erase what the events point at, and everything kept under a name."""
    if not reason.strip():
        raise Refused(T("Say why: --reason."))
    if not numbers and not name.strip():
        raise Refused(T("Say what: the numbers of events, or --name."))
    with desk.register.writing() as transaction:
        events = transaction.events()
        known = {event.number: event for event in events}
        if lost := tuple(str(number) for number in numbers if number not in known):
            raise Refused(T("There is no event {numbers}. 'ksf log' shows them.", numbers=lost))
        people: set[str] = set()
        files: set[str] = set()
        for number in numbers:
            people |= {ref.id for ref in people_of(known[number].payload)}
            files |= set(_files_of(known[number]))
        wanted = name.strip().casefold()
        if wanted:
            people |= {key for key, content in transaction.people() if _names(content, wanted)}
        holding = _documents_with(events, transaction, wanted) if wanted else set()
        if with_documents:
            files |= holding
        actor: PersonalRef = transaction.keep_person({"name": desk.actor})
        event = transaction.erase(people - {actor.id}, files, reason, actor, desk.today)
    payload = event.payload if event else None
    counts = (len(payload.personal), len(payload.files)) if isinstance(payload, DataErased) else (0, 0)
    return Erased(event, *counts, left=len(holding - files))


def _names(content: object, wanted: str) -> bool:
    return isinstance(content, dict) and any(wanted in str(value).casefold() for value in content.values())


def _files_of(event: Event) -> Iterator[str]:
    file = getattr(event.payload, "file", None)
    if file:
        yield file
    if isinstance(event.payload, VersionIssued):
        yield event.payload.snapshot
        yield from (document.sha256 for document in event.payload.documents)


def _documents_with(events: tuple[Event, ...], transaction: Reader, wanted: str) -> set[str]:
    """Return the snapshots in which a name stands, and the documents that were made from them."""
    found: set[str] = set()
    for event in events:
        if isinstance(event.payload, VersionIssued):
            data = transaction.file(event.payload.snapshot)
            if data is not None and wanted in data.decode("utf-8").casefold():
                found |= set(_files_of(event))
    return found
