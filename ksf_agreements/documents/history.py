"""The history of an agreement: what its template can print. As in `context`, what is not known is ''."""

from __future__ import annotations

from dataclasses import dataclass

from ksf_agreements.documents.context import DocumentContext

HISTORY_TEMPLATE = "ksf-historikk"


@dataclass(frozen=True, slots=True)
class HistoryParty:
    """A municipality that is, was or shall be a party, with its days; `state` is in words."""

    number: str
    name: str
    role: str
    state: str
    signed_on: str
    bound_from: str
    bound_until: str


@dataclass(frozen=True, slots=True)
class HistoryVersion:
    """A version that was issued: why (`basis`), when, its term, and how it stands, in words."""

    number: int
    document_id: str
    basis: str
    issued_on: str
    in_force_from: str
    valid_until: str
    status: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An event: its day, a sentence, what else is known, and who recorded it when; `clause` as '12', or ''.

    `is_voided` tells that it was entered by mistake and does not count.
    """

    number: int
    date: str
    sentence: str
    details: str
    clause: str
    files: tuple[str, ...]
    recorded_on: str
    recorded_by: str
    is_voided: bool


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """An agreement's history on a `date`: how it stands, its parties and versions, and its events by their days.

    `status` is in words and `because` says why, as a sentence; `notes` are sentences on what is not here.
    """

    name: str
    cluster: str
    region: str
    date: str
    document_id: str
    version: str
    status: str
    because: str
    in_force_from: str
    valid_until: str
    motor_municipality: str
    parties: tuple[HistoryParty, ...]
    versions: tuple[HistoryVersion, ...]
    entries: tuple[HistoryEntry, ...]
    notes: tuple[str, ...]
    document: DocumentContext
