"""Messages for an archive by Fiks Arkiv v1 (arkivmelding.opprett): a case folder, and one journal post in each message.

The schema has room for one journal post in a message, so a dossier has several: the first makes the folder, the others
name it by its key. Codes are those of KS's lists: variant A is the archive format, P the format it was made in, and S
a digitally signed document (a redacted one would be O). Ids are made of the register's name, so the same register
gives the same ids.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from ksf_agreements.archive.contents import AGREEMENT, DECISION, LETTER, MESSAGE

if TYPE_CHECKING:
    from lxml.etree import _Element

SYSTEM = "ksf-agreements"
ARKIVMELDING = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/arkivmelding/opprett/v1"
CATALOG = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/metadatakatalog/v1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCUMENT_TYPES: Mapping[str, str] = MappingProxyType(
    {AGREEMENT: "Avtale", DECISION: "Vedtak", LETTER: "Korrespondanse", MESSAGE: "Melding"}
)


class Code(Enum):
    """A code and its description, from KS's lists."""

    ARCHIVE = ("A", "Arkivformat")
    PRODUCTION = ("P", "Produksjonsformat")
    SIGNED = ("S", "Digitalt signert dokument")
    MAIN = ("H", "Hoveddokument")
    ANNEX = ("V", "Vedlegg")
    FINISHED = ("F", "Dokumentet er ferdigstilt")
    ELECTRONIC = ("E", "Elektronisk arkiv")
    INCOMING = ("I", "Inngående dokument")
    OUTGOING = ("U", "Utgående dokument")
    INTERNAL = ("X", "Organinternt dokument uten oppfølging")
    SENDER = ("EA", "Avsender")
    RECEIVER = ("EM", "Mottaker")
    PDFA = ("RA-PDF", "PDF/A")
    JPEG = ("RA-JPEG", "JPEG")
    PDF = ("PDF", "PDF")
    DOCX = ("DOCX", "Word")
    PNG = ("PNG", "PNG")
    JSON = ("JSON", "JSON")
    OTHER = ("ANNET", "Annet format")


_FORMATS: Mapping[str, Code] = MappingProxyType(
    {
        "application/pdf": Code.PDF,
        "image/jpeg": Code.JPEG,
        "image/png": Code.PNG,
        "application/json": Code.JSON,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Code.DOCX,
    }
)


@dataclass(frozen=True, slots=True)
class Made:
    """When something was recorded, and by whom."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A file of a document: `pdfa` is the PDF/A that it says it is ('2B'); `ours` that the program made it."""

    path: str
    sha256: str
    size: int
    media_type: str
    code: Code
    made: Made
    pdfa: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a journal post with its variants, the first of a post being the main one; `type` may be ''."""

    title: str
    type: str
    made: Made
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A municipality that a journal post is from or to; `organisation` is its number in Enhetsregisteret, or ''."""

    name: str
    organisation: str
    role: Code


@dataclass(frozen=True, slots=True)
class Post:
    """A journal post: `key` is unique in the agreement ('versjon-1'), `dated` the day of the documents."""

    key: str
    title: str
    type: Code
    dated: date
    made: Made
    correspondents: tuple[Correspondent, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """The case folder of an agreement."""

    register: str
    agreement: str
    title: str
    description: str
    keywords: tuple[str, ...]
    opened: date
    made: Made


def message(case: CaseFolder, post: Post, *, with_folder: bool) -> bytes:
    """Return the XML of one message; ``with_folder`` makes the case folder too."""
    return _Message(case, post).xml(with_folder=with_folder)


class _Message:
    def __init__(self, case: CaseFolder, post: Post) -> None:
        self._case = case
        self._post = post

    def xml(self, *, with_folder: bool) -> bytes:
        from lxml import etree

        root = etree.Element(f"{{{ARKIVMELDING}}}arkivmelding", nsmap={None: ARKIVMELDING, "kat": CATALOG, "xsi": XSI})
        _add(root, "system", SYSTEM)
        _add(root, "antallFiler", sum(len(document.variants) for document in self._post.documents))
        if with_folder:
            self._folder(_add(root, "mappe"))
        self._journal_post(_add(root, "registrering"))
        written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
        return written

    def _id(self, *key: object) -> str:
        """Return the id of a thing of this agreement, always the same."""
        path = "/".join(map(str, (SYSTEM, self._case.register, self._case.agreement, *key)))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, path))

    def _folder(self, folder: _Element) -> None:
        case = self._case
        folder.set(f"{{{XSI}}}type", "saksmappe")
        _add(folder, "systemID", self._id("saksmappe"))
        _add(folder, "tittel", case.title)
        _add(folder, "beskrivelse", case.description)
        for word in case.keywords:
            _add(folder, "noekkelord", word)
        _code(folder, "dokumentmedium", Code.ELECTRONIC)
        _made(folder, "opprettet", case.made)
        self._key(folder, "referanseEksternNoekkel", case.agreement)
        _add(folder, "saksdato", case.opened.isoformat())

    def _key(self, parent: _Element, name: str, key: str) -> None:
        reference = _add(parent, name)
        _add(reference, "fagsystem", SYSTEM, CATALOG)
        _add(reference, "noekkel", key, CATALOG)

    def _journal_post(self, element: _Element) -> None:
        post = self._post
        element.set(f"{{{XSI}}}type", "journalpost")
        _add(element, "systemID", self._id(post.key))
        _made(element, "opprettet", post.made)
        parent = _add(element, "referanseForelderMappe")
        _add(parent, "systemID", self._id("saksmappe"), CATALOG)
        reference = _add(parent, "referanseEksternNoekkel", space=CATALOG)
        _add(reference, "fagsystem", SYSTEM, CATALOG)
        _add(reference, "noekkel", self._case.agreement, CATALOG)
        for number, document in enumerate(post.documents, 1):
            self._document(_add(element, "dokumentbeskrivelse"), document, number)
        _add(element, "tittel", post.title)
        _code(element, "dokumentmedium", Code.ELECTRONIC)
        for correspondent in post.correspondents:
            self._correspondent(_add(element, "korrespondansepart"), correspondent)
        self._key(element, "referanseEksternNoekkel", f"{self._case.agreement}/{post.key}")
        _code(element, "journalposttype", post.type)
        _add(element, "dokumentetsDato", post.dated.isoformat())
        _add(element, "antallVedlegg", max(len(post.documents) - 1, 0))

    def _document(self, element: _Element, document: Document, number: int) -> None:
        _add(element, "systemID", self._id(self._post.key, number))
        if document.type:
            kind = _add(element, "dokumenttype")
            _add(kind, "kode", document.type, CATALOG)
            _add(kind, "beskrivelse", _DOCUMENT_TYPES[document.type], CATALOG)
        _code(element, "dokumentstatus", Code.FINISHED)
        _add(element, "tittel", document.title)
        _made(element, "opprettet", document.made)
        _code(element, "tilknyttetRegistreringSom", Code.ANNEX if number > 1 else Code.MAIN)
        _add(element, "dokumentnummer", number)
        _made(element, "tilknyttet", self._post.made)
        for variant in document.variants:
            self._variant(_add(element, "dokumentobjekt"), variant, number)

    def _variant(self, element: _Element, variant: Variant, number: int) -> None:
        _add(element, "systemID", self._id(self._post.key, number, variant.path))
        _add(element, "versjonsnummer", 1)
        _code(element, "variantformat", variant.code)
        format_ = _FORMATS.get(variant.media_type, Code.OTHER)
        _code(element, "format", Code.PDFA if variant.ours else format_)
        if variant.pdfa:
            known = f"PDF/A-{variant.pdfa[0]}{variant.pdfa[1:].lower()}"
            _add(element, "formatDetaljer", known if variant.ours else f"{known} etter egen opplysning")
        _add(element, "mimeType", variant.media_type)
        _made(element, "opprettet", variant.made)
        _add(element, "filnavn", variant.path.replace("/", "-"))
        _add(element, "referanseDokumentfil", variant.path)
        _add(element, "sjekksum", variant.sha256)
        _add(element, "sjekksumAlgoritme", "SHA-256")
        _add(element, "filstoerrelse", variant.size)

    def _correspondent(self, element: _Element, one: Correspondent) -> None:
        _code(element, "korrespondanseparttype", one.role)
        _add(element, "erBehandlingsansvarlig", "false")
        _add(element, "korrespondansepartNavn", one.name)
        if one.organisation:
            _add(element, "organisasjonid", one.organisation)


def _add(parent: _Element, name: str, value: object = None, space: str = ARKIVMELDING) -> _Element:
    from lxml import etree

    child = etree.SubElement(parent, f"{{{space}}}{name}")
    if value is not None:
        child.text = _NOT_XML.sub("\ufffd", str(value)) or "?"
    return child


def _code(parent: _Element, name: str, code: Code) -> None:
    element = _add(parent, name)
    _add(element, "kode", code.value[0], CATALOG)
    _add(element, "beskrivelse", code.value[1], CATALOG)


def _made(parent: _Element, name: str, made: Made) -> None:
    _add(parent, f"{name}Dato", made.at.isoformat(timespec="seconds"))
    _add(parent, f"{name}Av", made.by or "?")
