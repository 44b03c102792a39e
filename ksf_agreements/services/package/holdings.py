"""The files that the register keeps of an agreement, by version, each with a name to be saved under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.events import Event, PackageMade, PackageRole, VersionIssued
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import UsageError
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.package.job import newest_package
from ksf_agreements.services.signing.signers import bundle_names
from ksf_agreements.text import T, Text

_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/pdf": "pdf",
        "image/png": "png",
        "image/jpeg": "jpg",
        "image/tiff": "tiff",
    }
)
_CAME: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "agreement:signature:recorded": ("signert", T("Signed file: {party}")),
        "agreement:file:received": ("mottatt", T("Received file")),
        "agreement:approval:recorded": ("godkjenning", T("Approval: {party}")),
        "agreement:presentation:recorded": ("fremlagt", T("Put before the council: {party}")),
        "agreement:absence:confirmed": ("bekreftelse", T("Confirmation: {party}")),
        "agreement:notice:received": ("oppsigelse", T("Notice: {party}")),
        "agreement:notice:given_to_party": ("oppsigelse", T("Notice to {party}")),
        "agreement:accession:recorded": ("tiltredelse", T("Accession: {party}")),
        "agreement:focus_areas:adopted": ("satsingsomraader", T("Focus areas")),
        "agreement:plan:adopted": ("handlingsplan", T("Action plan")),
        "agreement:party:continuation": ("viderefoering", T("Continuation: {party}")),
    }
)
"""Events that carry a file: the word in its name, and what it is."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the register: what it is, the event that carries it, and a name made of ids alone."""

    sha256: str
    name: str
    what: Text
    media_type: str
    event: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of one version: as issued, as sent to be signed, and what came back."""

    version: Version
    issued: tuple[KeptFile, ...]
    package: tuple[KeptFile, ...]
    came: tuple[KeptFile, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that is kept of an agreement: the newest version first, and what belongs to none."""

    shelves: tuple[Shelf, ...]
    others: tuple[KeptFile, ...]

    def find(self, sha256: str) -> KeptFile:
        """Return the file of a hash. Raises `UsageError` where the agreement has none such."""
        for shelf in self.shelves:
            for file in (*shelf.issued, *shelf.package, *shelf.came):
                if file.sha256 == sha256:
                    return file
        for file in self.others:
            if file.sha256 == sha256:
                return file
        raise UsageError(T("There is no such file in this agreement."))


def holdings(desk: Desk, folded: Folded) -> Holdings:
    """Return the files of an agreement that are kept; what was erased is not there."""
    came: defaultdict[int, list[KeptFile]] = defaultdict(list)
    with desk.register.reading() as reader:
        for event in folded.events:
            if file := _came(reader, folded, event):
                came[getattr(event.payload, "version", 0)].append(file)
        shelves = tuple(
            Shelf(
                version,
                tuple(_issued(reader, folded, version.event, version.terms)),
                tuple(_package(reader, folded, version)),
                tuple(came.pop(version.number, ())),
            )
            for version in reversed(folded.versions)
        )
    return Holdings(shelves, tuple(file for files in came.values() for file in files))


def file_of(desk: Desk, kept: KeptFile) -> bytes:
    """Return a file's bytes. Raises `UsageError` where it was erased meanwhile."""
    with desk.register.reading() as reader:
        data = reader.file(kept.sha256)
    if data is None:
        raise UsageError(T("The file has been erased from the register."))
    return data


def _issued(reader: Reader, folded: Folded, event: Event, terms: VersionIssued) -> Iterator[KeptFile]:
    words = {
        str(DocumentType.AGREEMENT): T("The agreement as it was issued, Word"),
        str(DocumentType.CONTACTS): T("Contact persons as they were issued, Word"),
    }
    for document in terms.documents:
        if (kind := reader.media_type(document.sha256)) is not None:
            part = f"-{document.type}" if document.type else ""
            name = f"{folded.cluster}-versjon-{terms.version}{part}.{_ENDINGS.get(kind, 'bin')}"
            yield KeptFile(document.sha256, name, words.get(document.type, T("Document")), kind, event.number)


def _package(reader: Reader, folded: Folded, version: Version) -> Iterator[KeptFile]:
    """Yield the files of the package that was made last."""
    event = newest_package(folded, version)
    payload = event.payload if event else None
    if event is None or not isinstance(payload, PackageMade):
        return
    bundles = [file for file in payload.files if file.role is PackageRole.BUNDLE]
    names = dict(zip((one.sha256 for one in bundles), bundle_names(folded.cluster, len(bundles)), strict=True))
    annexes = 0
    for file in payload.files:
        if (kind := reader.media_type(file.sha256)) is None:
            continue
        if file.role is PackageRole.BUNDLE:
            what = T("To be signed: agreement and annexes in one PDF")
            if len(bundles) > 1:
                what = T("To be signed by {parties}, PDF", parties=folded.call_all(file.parties))
            yield KeptFile(file.sha256, names[file.sha256], what, kind, event.number)
        elif file.role is PackageRole.AGREEMENT:
            name = f"{folded.cluster}-versjon-{version.number}-avtale.pdf"
            yield KeptFile(file.sha256, name, T("The agreement alone, accessible PDF"), kind, event.number)
        else:
            annexes += 1
            name = f"{folded.cluster}-versjon-{version.number}-vedlegg-{annexes}.pdf"
            yield KeptFile(file.sha256, name, T("Annex: {title}", title=file.title), kind, event.number)


def _came(reader: Reader, folded: Folded, event: Event) -> KeptFile | None:
    digest = getattr(event.payload, "file", None)
    if not digest or event.kind not in _CAME or (kind := reader.media_type(digest)) is None:
        return None
    word, what = _CAME[event.kind]
    party = getattr(event.payload, "party", "")
    parts = (folded.cluster, word, party, str(event.number))
    name = f"{'-'.join(part for part in parts if part)}.{_ENDINGS.get(kind, 'bin')}"
    return KeptFile(digest, name, Text(what.msgid, (("party", folded.call(party)),)), kind, event.number)
