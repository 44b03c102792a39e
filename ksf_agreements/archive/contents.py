"""Which files a dossier holds, and what they are called: from an agreement's events, never from people's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ksf_agreements.archive.verify_dossier import files_of
from ksf_agreements.domain.events import Event, EventVoided, FileReceived, HistoryImported, PackageMade, PackageRole

JSON, PDF = "application/json", "application/pdf"
ACCESSIBLE = "avtale.pdf"
"""The accessible agreement without signatures, in its version's folder."""
ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        PDF: "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "image/png": "png",
        "image/jpeg": "jpg",
        "image/tiff": "tif",
        JSON: "json",
        "text/csv": "csv",
    }
)
AGREEMENT, DECISION, LETTER, MESSAGE = "AVTALE", "VEDTAK", "KORR", "MELDING"


@dataclass(frozen=True, slots=True)
class Sort:
    """What a file is: the `word` of its name, its title, and its document type in Fiks Arkiv ('' = for machines)."""

    word: str
    title: str
    type: str = ""


_VERDICT = Sort("kontroll", "Kontroll av filen")
_SORTS: Mapping[tuple[str, str], Sort] = MappingProxyType(
    {
        ("agreement:version:issued", "documents"): Sort("avtale", "Avtalen, Word-filen til signering", AGREEMENT),
        ("agreement:version:issued", "snapshot"): Sort("opplysninger", "Opplysningene som versjonen er laget av"),
        ("agreement:approval:recorded", "file"): Sort("godkjenning", "Godkjenning", DECISION),
        ("agreement:presentation:recorded", "file"): Sort("fremlegging", "Fremlagt for kommunestyret", DECISION),
        ("agreement:file:received", "file"): Sort("mottatt", "Mottatt fil", AGREEMENT),
        ("agreement:file:received", "verdict"): _VERDICT,
        ("agreement:signature:recorded", "file"): Sort("signert", "Signert eksemplar", AGREEMENT),
        ("agreement:signature:recorded", "verdict"): _VERDICT,
        ("agreement:absence:confirmed", "file"): Sort("bekreftelse", "Bekreftelse på at avtalen står", LETTER),
        ("agreement:notice:received", "file"): Sort("oppsigelse", "Oppsigelse", MESSAGE),
        ("agreement:notice:given_to_party", "file"): Sort("oppsigelse", "Oppsigelse av part", MESSAGE),
        ("agreement:accession:recorded", "file"): Sort("tiltredelse", "Tiltredelse", AGREEMENT),
        ("agreement:focus_areas:adopted", "file"): Sort("satsingsomraader", "Vedtatte satsingsområder", DECISION),
        ("agreement:plan:adopted", "file"): Sort("handlingsplan", "Vedtatt handlingsplan", DECISION),
        ("agreement:party:continuation", "file"): Sort("viderefoering", "Videreføring av part", DECISION),
    }
)
_PACKAGED: Mapping[PackageRole, Sort] = MappingProxyType(
    {
        PackageRole.AGREEMENT: Sort("avtale", "Avtalen, tilgjengelig utgave uten signaturer", AGREEMENT),
        PackageRole.BUNDLE: Sort("til-signering", "Filen som ble sendt til signering", AGREEMENT),
        PackageRole.ANNEX: Sort("vedlegg", "Vedlegg", AGREEMENT),
    }
)
_OTHER = Sort("fil", "Fil", LETTER)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A file that an event points at: `field` of its payload, what the file is, and the party it is `of`, or ''."""

    event: Event
    field: str
    sha256: str
    sort: Sort
    role: PackageRole | None = None
    of: str = ""

    @property
    def title(self) -> str:
        """What the file is, and whose."""
        return f"{self.sort.title}, {self.of}" if self.of else self.sort.title


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the register that goes into the dossier, under `path`; the first pointer names it.

    A signature names it before the pile that the file came in with.
    """

    path: str
    sha256: str
    media_type: str
    pointers: tuple[Pointer, ...]

    @property
    def first(self) -> Pointer:
        """The pointer that it is named by."""
        return self.pointers[0]

    @property
    def title(self) -> str:
        """What it is, and whose: of everybody who signed in it."""
        whose = (pointer.of for pointer in self.pointers if pointer.of and pointer.sort == self.first.sort)
        return ", ".join((self.first.sort.title, *dict.fromkeys(whose)))


def pointers(events: Iterable[Event], call: Callable[[str], str]) -> Iterator[Pointer]:
    """Yield every file that standing events point at; ``call`` names a party in its title.

    The sheet that older agreements were entered from tells of others too: it stays in the register.
    """
    events = tuple(events)
    voided = {event.payload.event for event in events if isinstance(event.payload, EventVoided)}
    for event in events:
        if event.number not in voided and not isinstance(event.payload, HistoryImported):
            yield from _pointers_of(event, call)


def _pointers_of(event: Event, call: Callable[[str], str]) -> Iterator[Pointer]:
    said = event.payload.model_dump(mode="json")
    party = said.get("party")
    for field, value in said.items():
        for inner in value if isinstance(value, list) else (value,):
            about: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
            for digest in files_of(event.kind, {field: inner}):
                role = PackageRole(about["role"]) if isinstance(event.payload, PackageMade) else None
                sort = _sort(event.kind, field, about, role)
                yield Pointer(event, field, digest, sort, role, call(party) if party and sort.type else "")


def _sort(kind: str, field: str, about: Mapping[str, Any], role: PackageRole | None) -> Sort:
    if role is not None:
        sort = _PACKAGED.get(role, _OTHER)
        return Sort(sort.word, f"{sort.title}: {about['title']}", sort.type) if about.get("title") else sort
    if field == "documents" and about.get("type"):
        word = str(about["type"])
        return Sort(word, f"{word.capitalize()}, Word-filen til signering", AGREEMENT)
    return _SORTS.get((kind, field), _OTHER)


def kept_files(found: Iterable[Pointer], media_type: Callable[[str], str | None]) -> tuple[Kept, ...]:
    """Return the files with their names: 'versjon-1/signert-014.pdf' is the file of event 14.

    A file that several events point at is there once; what comes in twice from one event is counted ('-1', '-2').
    """
    by_file: dict[str, list[Pointer]] = {}
    for pointer in found:
        by_file.setdefault(pointer.sha256, []).append(pointer)
    names: dict[str, int] = {}
    kept = []
    for sha256, uses in by_file.items():
        uses.sort(key=lambda pointer: isinstance(pointer.event.payload, FileReceived))
        media = media_type(sha256) or "application/octet-stream"
        stem = f"{folder_of(uses[0].event)}/{uses[0].sort.word}-{uses[0].event.number:03}"
        names[stem] = names.get(stem, 0) + 1
        count = f"-{names[stem]}" if names[stem] > 1 else ""
        kept.append(Kept(f"{stem}{count}.{ENDINGS.get(media, 'bin')}", sha256, media, tuple(uses)))
    return tuple(kept)


def folder_of(event: Event) -> str:
    """Return the folder of an event's files: its version's, or that of what happened otherwise."""
    version = getattr(event.payload, "version", None)
    return f"versjon-{version}" if version else "hendelser"
