"""Gather what the dossier of an agreement is made of: one snapshot of the register, and which files go where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from ksf_agreements.archive.contents import ACCESSIBLE, Kept, Pointer, folder_of, kept_files, pointers
from ksf_agreements.archive.folder import refuse_existing
from ksf_agreements.archive.journal import Entry, Journal, KeptPerson
from ksf_agreements.archive.verify_dossier import canonical, files_of, hash_of, people_of
from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import DataErased, Event, EventVoided, HistoryImported, PackageRole, PersonalRef
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.status import status_of
from ksf_agreements.domain.verdict import Verdict
from ksf_agreements.domain.versions import Version
from ksf_agreements.register.chain import StoredEvent
from ksf_agreements.register.faults import DamagedRegisterError
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.archive.posts import accessible_path
from ksf_agreements.services.archive.words import HISTORY_WORDS, HistoryWords
from ksf_agreements.services.desk import DOCX_TYPE, Desk
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Accessible:
    """A PDF/A without signatures that the register does not have: the Word file it is made of, and where it goes."""

    docx: Kept
    path: str
    version: Version

    @property
    def title(self) -> str:
        """What it is."""
        return self.docx.first.sort.title.replace("Word-filen til signering", "tilgjengelig utgave uten signaturer")


@dataclass(frozen=True)
class Plan:
    """A dossier that can be made: what the register says of the agreement, and which files go where.

    `to_make` are the PDF/A that are made of Word files; `warnings` are for whoever archives, `notes` stand in the
    dossier; `language` is that of its history.
    """

    folded: Folded
    journal: Journal
    events: tuple[Event, ...]
    kept: tuple[Kept, ...]
    to_make: tuple[Accessible, ...]
    people: Mapping[str, Mapping[str, str] | None]
    verdicts: Mapping[str, Verdict]
    target: Path
    warnings: tuple[Text, ...]
    notes: Mapping[Language, tuple[str, ...]]

    @property
    def language(self) -> Language:
        """The language of the version that stands for the agreement."""
        shown = self.folded.version(status_of(self.folded).version)
        return shown.terms.language if shown else Language.NB

    @property
    def name(self) -> str:
        """The agreement's name."""
        return status_of(self.folded).name

    def person(self, ref: PersonalRef) -> Mapping[str, str] | None:
        """Return what is kept of a person, None where it was erased."""
        return self.people.get(ref.id)


def plan(desk: Desk, cluster: str, on: date, out: Path) -> Plan:
    """Gather what a dossier is made of, as of a day. Raises `Refused` where nothing was issued by then."""
    if on > desk.today:
        raise Refused(
            T("{day} has not come yet; today is {today}. A dossier tells what has happened.", day=on, today=desk.today)
        )
    with desk.register.reading() as reader:
        rows, events = _included(reader, cluster, on)
        folded = read(cluster, events, on, desk.municipalities)
        if not folded.versions:
            if reader.events(cluster, limit=1):
                raise Refused(T("Nothing had been issued by {day}.", day=on))
            desk.cluster_file(cluster)  # says so where there is no such cluster
            raise Refused(T("Nothing has been issued yet. Do it with 'ksf issue {cluster}'.", cluster=cluster))
        target = out / f"{cluster}-arkiv-{on.isoformat()}-{rows[-1].number}"
        refuse_existing(target)
        present, gone = _present(reader, tuple(pointers(folded.events, folded.call)))
        kept = _named_accessible(kept_files(present, reader.media_type))
        people = tuple(_people(reader, events))
        verdicts = _verdicts(reader, present)
        journal = Journal(
            cluster, on, reader.register_id(), str(reader.head()), tuple(_entry(row, desk) for row in rows), people
        )
    to_make = tuple(_to_make(folded, kept))
    there = {*(file.path for file in kept), *(one.path for one in to_make)}
    without = tuple(version.number for version in folded.versions if agreement_path(version) not in there)
    return Plan(
        folded=folded,
        journal=journal,
        events=events,
        kept=kept,
        to_make=to_make,
        people={person.id: person.content for person in people},
        verdicts=verdicts,
        target=target,
        warnings=tuple(_warnings(kept, verdicts, without)),
        notes={
            one: tuple(_notes(words, folded, events, gone, without, people)) for one, words in HISTORY_WORDS.items()
        },
    )


def _included(reader: Reader, cluster: str, on: date) -> tuple[tuple[StoredEvent, ...], tuple[Event, ...]]:
    """Return the events of an agreement by a day, as they lie in the register and as they are read.

    What voids one of them, and what erased something of them, belongs to them whenever it came.
    """
    mine = _stored(reader, cluster)
    chosen = {event.number for _, event in mine if event.occurred_on <= on}
    chosen |= {
        event.number for _, event in mine if isinstance(event.payload, EventVoided) and event.payload.event in chosen
    }
    taken = [one for one in mine if one[1].number in chosen]
    erasures = _stored(reader, "") if taken else []
    keys = {key for _, event in taken for key in _keys(event)}
    while True:  # who erased may have been erased since
        hit = [one for one in erasures if keys & _erased_by(one[1])]
        if not hit:
            break
        erasures = [one for one in erasures if one not in hit]
        taken += hit
        keys |= {key for _, event in hit for key in _keys(event)}
    taken.sort(key=lambda one: one[1].number)
    return tuple(row for row, _ in taken), tuple(event for _, event in taken)


def _stored(reader: Reader, agreement: str) -> list[tuple[StoredEvent, Event]]:
    return list(zip(reader.rows(agreement), reader.events(agreement), strict=True))


def _keys(event: Event) -> set[str]:
    """Return the ids of the people and the hashes of the files that an event points at."""
    said = event.payload.model_dump(mode="json")
    return {event.actor.id, *(key for key, _ in people_of(said)), *files_of(event.kind, said)}


def _erased_by(event: Event) -> set[str]:
    payload = event.payload
    return {*payload.personal, *payload.files} if isinstance(payload, DataErased) else set()


def _entry(row: StoredEvent, desk: Desk) -> Entry:
    """Return an event as the object that its hash is of (`chain.event_text`). Raises `DamagedRegisterError`."""
    said = {
        "actor": [row.actor_id, row.actor_digest],
        "agreement": row.agreement,
        "kept": json.loads(row.kept),
        "kind": row.kind,
        "number": row.number,
        "occurred_on": row.occurred_on,
        "payload": json.loads(row.payload),
        "previous_hash": row.previous_hash,
        "recorded_at": row.recorded_at,
    }
    if hash_of(canonical(said)) != row.hash:
        raise DamagedRegisterError(desk.register.path, f"event {row.number}")
    return Entry(said, row.hash)


def _people(reader: Reader, events: Sequence[Event]) -> Iterator[KeptPerson]:
    """Yield everybody that the events point at, with the salt of the digest; once somebody is erased, neither is."""
    refs: dict[str, PersonalRef] = {}
    for event in events:
        refs[event.actor.id] = event.actor
        found = people_of(event.payload.model_dump(mode="json"))
        refs.update({key: PersonalRef(id=key, digest=digest) for key, digest in found})
    for ref in refs.values():
        content = reader.person(ref)
        yield KeptPerson(ref.id, reader.salt(ref) if content is not None else None, content)


def _present(reader: Reader, found: Sequence[Pointer]) -> tuple[tuple[Pointer, ...], tuple[Pointer, ...]]:
    """Return which files are kept, and which were erased."""
    gone = {pointer.sha256 for pointer in found if reader.erased(pointer.sha256) is not None}
    return (
        tuple(pointer for pointer in found if pointer.sha256 not in gone),
        tuple(pointer for pointer in found if pointer.sha256 in gone),
    )


def _verdicts(reader: Reader, found: Sequence[Pointer]) -> dict[str, Verdict]:
    """Return the verdicts that are kept, by the SHA-256 of the file they are of."""
    verdicts = {}
    for pointer in found:
        data = reader.file(pointer.sha256) if pointer.field == "verdict" else None
        if data is not None:
            with suppress(ValidationError):  # one of another form tells nothing here; it is archived as it is
                verdict = Verdict.model_validate_json(data)
                verdicts[verdict.reading.sha256] = verdict
    return verdicts


def _named_accessible(kept: Sequence[Kept]) -> tuple[Kept, ...]:
    """Return the files, the accessible agreement of each version's latest package called 'avtale.pdf'."""
    latest: dict[str, Kept] = {}
    for file in kept:
        if file.first.role is PackageRole.AGREEMENT:
            latest[accessible_path(file)] = file
    names = {file.path: path for path, file in latest.items()}
    return tuple(replace(file, path=names.get(file.path, file.path)) for file in kept)


def _to_make(folded: Folded, kept: Sequence[Kept]) -> Iterator[Accessible]:
    """Yield what is to be made of the Word files of the versions, where no package has it."""
    there = {file.path for file in kept}
    versions = {version.event.number: version for version in folded.versions}
    for file in kept:
        version = versions.get(file.first.event.number)
        if version is not None and file.first.field == "documents" and file.media_type == DOCX_TYPE:
            path = f"{folder_of(version.event)}/{file.first.sort.word}.pdf"
            if path not in there:
                yield Accessible(file, path, version)


def agreement_path(version: Version) -> str:
    """Return where the accessible agreement of a version lies."""
    return f"{folder_of(version.event)}/{ACCESSIBLE}"


def _warnings(kept: Sequence[Kept], verdicts: Mapping[str, Verdict], without: Sequence[int]) -> Iterator[Text]:
    for file in kept:
        verdict = verdicts.get(file.sha256)
        if verdict is not None and verdict.reading.national_ids:
            yield T(
                "{file} (event {event}) seems to hold a national identity number. Look at it before it is archived; "
                "'ksf erase {event} --reason ...' removes it from the register.",
                file=file.path,
                event=file.first.event.number,
            )
    for number in without:
        yield T(
            "There is no accessible PDF/A of version {n}: the register does not have its text.",
            n=number,
        )


def _notes(
    words: HistoryWords,
    folded: Folded,
    events: Sequence[Event],
    gone: Sequence[Pointer],
    without: Sequence[int],
    people: Sequence[KeptPerson],
) -> Iterator[str]:
    """Yield what is not in the dossier, for whoever reads it."""
    for number in without:
        yield words.no_text.format(n=number)
    for pointer in gone:
        yield words.file_erased.format(title=pointer.title, n=pointer.event.number)
    voided = {event.payload.event for event in events if isinstance(event.payload, EventVoided)}
    for event in events:
        if event.number in voided and any(files_of(event.kind, event.payload.model_dump(mode="json"))):
            yield words.file_voided.format(n=event.number)
        if event.number not in voided and isinstance(event.payload, HistoryImported):
            yield words.sheet
    if erased := sum(person.content is None for person in people):
        yield words.person_erased if erased == 1 else words.people_erased.format(n=erased)
    if not folded.bindings:
        yield words.never_in_force
