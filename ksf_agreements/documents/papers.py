"""The papers that are bound to others: the list of annexes in what is signed, and the cover of what was signed.

Their templates are no letters: nobody asks for them one by one. As in `context`, the field names are the contract with
the people who write templates, and what is not known is ''.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ksf_agreements.documents.context import DocumentContext
from ksf_agreements.documents.history import HISTORY_TEMPLATE, HistoryContext


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """An annex and the labels of its first and last page: '' where it is not enclosed, or has one page."""

    number: str
    title: str
    first_page: str
    last_page: str


@dataclass(frozen=True, slots=True)
class AnnexList:
    """The list of annexes; where there are `counterparts`, which one this is and who signs it."""

    name: str
    document_id: str
    version: str
    agreement_pages: str
    annexes: tuple[AnnexRow, ...]
    counterpart: str
    counterparts: str
    signers: str
    document: DocumentContext


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed for a municipality, when, and in which of the files."""

    municipality: str
    signatory: str
    date: str
    file: str


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A signed file that lies in the PDF, untouched."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CoverSheet:
    """The cover of the signed files of a version."""

    name: str
    document_id: str
    version: str
    signatures: tuple[SignatureRow, ...]
    files: tuple[SignedFile, ...]
    document: DocumentContext


ANNEX_LIST, COVER_SHEET = "ksf-vedleggsoversikt", "ksf-samleark"
PAPERS: Mapping[str, type] = MappingProxyType(
    {ANNEX_LIST: AnnexList, COVER_SHEET: CoverSheet, HISTORY_TEMPLATE: HistoryContext}
)
"""What each template can print, by the name that the template gives itself."""
