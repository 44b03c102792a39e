"""What an archive is told of an agreement: a journal post for each version, and for each event with its own files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ksf_agreements.archive.arkivmelding import CaseFolder, Code, Correspondent, Document, Made, Post, Variant
from ksf_agreements.archive.contents import ACCESSIBLE, AGREEMENT, Kept, folder_of
from ksf_agreements.archive.folder import Written
from ksf_agreements.domain.events import Event, Method, PackageRole, SignatureRecorded
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.status import status_of
from ksf_agreements.domain.verdict import FileKind, Verdict
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.archive.history import sentence, title_of

# Who an event's files come from or go to: the party, unless the kind of journal post says otherwise.
_TYPES: Mapping[str, Code] = MappingProxyType(
    {
        "agreement:notice:received": Code.INCOMING,
        "agreement:accession:recorded": Code.INCOMING,
        "agreement:notice:given_to_party": Code.OUTGOING,
    }
)


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of the dossier as it was written, with what the register knows of it (None: made with the dossier)."""

    written: Written
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class PostCase:
    """What the posts are made from: `files` in the order of the dossier, `by` names who recorded an event."""

    folded: Folded
    register: str
    files: Sequence[Filed]
    by: Callable[[Event], str]
    verdicts: Mapping[str, Verdict]

    def made(self, event: Event) -> Made:
        """Return when an event was recorded, and by whom."""
        return Made(event.recorded_at, self.by(event))


def case_folder(case: PostCase) -> CaseFolder:
    """Return the case folder of an agreement; its first version opened it."""
    folded, first = case.folded, case.folded.versions[0]
    name = status_of(folded).name
    return CaseFolder(
        register=case.register,
        agreement=folded.cluster,
        title=f"Samarbeidsavtale mellom kommunene i {name}",
        description="Samarbeidsavtale for en kommuneklynge i Kommunenes samarbeidsarena for forskning (KSF)",
        keywords=("KSF", "kommuneklynge", "samarbeidsavtale"),
        opened=first.issued_on,
        made=case.made(first.event),
    )


def posts(case: PostCase) -> Iterator[Post]:
    """Yield the journal posts: first that of the version which stands for the agreement, then the others."""
    shown = status_of(case.folded).version
    for version in sorted(case.folded.versions, key=lambda version: version.number != shown):
        extra = _made_with_it(case) if version.number == shown else ()
        yield _of_version(case, version, extra)
    for event in case.folded.events:
        if documents := tuple(_of_event(case, event)):
            yield _post_of(case, event, documents)


def _of_version(case: PostCase, version: Version, extra: Sequence[Document]) -> Post:
    terms = version.terms
    motor = terms.motor_municipality
    return Post(
        key=f"versjon-{version.number}",
        title=f"Samarbeidsavtale mellom kommunene i {terms.name}, versjon {version.number} ({terms.document_id})",
        type=Code.OUTGOING,
        dated=version.issued_on,
        made=case.made(version.event),
        correspondents=tuple(
            _correspondent(case, party, version.event, Code.SENDER if party == motor else Code.RECEIVER)
            for party in terms.parties
        ),
        documents=(*_documents(case, version), *extra),
    )


def _documents(case: PostCase, version: Version) -> Iterator[Document]:
    """Yield a version's documents: the agreement in its variants, the list of contacts, and what came to it."""
    made = case.made(version.event)
    folder = f"versjon-{version.number}/"
    mine = [file for file in case.files if file.written.path.startswith(folder)]
    signed = [file for file in mine if _is_signed(case, file) and _is_recorded(file)]
    main = [file for file in mine if _stem(file) == "avtale" and not _is_older(file)]
    if len(signed) == 1 and main:  # several are copies of one text, each signed by others: not variants of one file
        main += signed
    contacts = [file for file in mine if _stem(file) == "kontaktpersoner"]
    named = f"Samarbeidsavtale mellom kommunene i {version.terms.name}, versjon {version.number}"
    for title, files in ((named, main), ("Kontaktpersoner", contacts)):
        if files:
            variants = sorted((_variant(case, file, made) for file in files), key=lambda one: _ORDER[one.code])
            yield Document(title, AGREEMENT, made, tuple(variants))
    taken = {file.written.path for file in (*main, *contacts)}
    yield from (_single(case, file) for file in mine if file.written.path not in taken and _is_for_people(file))


_ORDER = {Code.ARCHIVE: 0, Code.SIGNED: 1, Code.PRODUCTION: 2}


def _stem(file: Filed) -> str:
    """Return what a file is by its name: 'avtale' of 'versjon-1/avtale-003.docx'."""
    return file.written.path.split("/")[-1].split(".")[0].split("-")[0]


def _is_older(file: Filed) -> bool:
    """Whether it is the agreement of a package that another took the place of."""
    kept = file.kept
    return kept is not None and kept.first.role is PackageRole.AGREEMENT and kept.path != accessible_path(kept)


def accessible_path(kept: Kept) -> str:
    """Return where a package's accessible agreement lies, unless a later package has one."""
    return f"{folder_of(kept.first.event)}/{ACCESSIBLE}"


def _is_for_people(file: Filed) -> bool:
    return file.kept is not None and bool(file.kept.first.sort.type)


def _single(case: PostCase, file: Filed) -> Document:
    assert file.kept is not None  # noqa: S101 (`_is_for_people`)
    made = case.made(file.kept.first.event)
    return Document(file.written.title, file.kept.first.sort.type, made, (_variant(case, file, made),))


def _variant(case: PostCase, file: Filed, made: Made) -> Variant:
    written, kept = file.written, file.kept
    ours = bool(written.pdfa) and (kept is None or kept.first.role is PackageRole.AGREEMENT)
    code = Code.ARCHIVE if written.pdfa else Code.PRODUCTION
    return Variant(
        path=written.path,
        sha256=written.sha256,
        size=written.size,
        media_type=written.media_type,
        code=Code.SIGNED if _is_signed(case, file) else code,
        made=case.made(kept.first.event) if kept else made,
        pdfa=written.pdfa,
        ours=ours,
    )


def _is_signed(case: PostCase, file: Filed) -> bool:
    """Whether a file carries an electronic signature: its verdict says so, or, where there is none, who recorded it."""
    if file.kept is None:
        return False
    verdict = case.verdicts.get(file.kept.sha256)
    if verdict is not None:
        return verdict.reading.kind is FileKind.SIGNED_PDF
    said = (pointer.event.payload for pointer in file.kept.pointers if pointer.field == "file")
    return any(isinstance(payload, SignatureRecorded) and payload.method is Method.EID for payload in said)


def _is_recorded(file: Filed) -> bool:
    """Whether somebody's signature is recorded of a file; what only came in may be anybody's."""
    pointers = file.kept.pointers if file.kept else ()
    return any(isinstance(pointer.event.payload, SignatureRecorded) for pointer in pointers)


def _made_with_it(case: PostCase) -> tuple[Document, ...]:
    """Return the history and the journal, which tell of the whole agreement."""
    last = case.folded.events[-1]
    made = case.made(last)
    files = [file for file in case.files if file.kept is None and "/" not in file.written.path]
    return tuple(Document(file.written.title, "", made, (_variant(case, file, made),)) for file in files)


def _of_event(case: PostCase, event: Event) -> Iterator[Document]:
    for file in case.files:
        kept = file.kept
        if kept is None or not _is_for_people(file) or not kept.path.startswith("hendelser/"):
            continue
        if kept.first.event.number == event.number:
            yield _single(case, file)


def _post_of(case: PostCase, event: Event, documents: tuple[Document, ...]) -> Post:
    type_ = _TYPES.get(event.kind, Code.INTERNAL)
    party = getattr(event.payload, "party", "")
    role = Code.RECEIVER if type_ is Code.OUTGOING else Code.SENDER
    return Post(
        key=f"hendelse-{event.number:03}",
        title=sentence(event, case.folded.call).rstrip("."),
        type=type_,
        dated=event.occurred_on,
        made=case.made(event),
        correspondents=(_correspondent(case, party, event, role),) if party else (),
        documents=documents,
    )


def _correspondent(case: PostCase, party: str, event: Event, role: Code) -> Correspondent:
    register, day = case.folded.municipalities, event.occurred_on
    known = (register.on(party, day) or register.get(party)) if register else None
    return Correspondent(title_of(case.folded, party, day), known.organisation_number if known else "", role)
