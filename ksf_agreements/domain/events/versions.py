"""A version of the agreement: issued, as a renewal or an amendment, or entered from paper."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from ksf_agreements.domain.cluster import Accession, EntryIntoForce, Language
from ksf_agreements.domain.events.base import Payload


class Basis(StrEnum):
    """Why a version was issued."""

    ORIGINAL = "original"
    REPLACEMENT = "replacement"
    """In place of one that is open for signing: the same parties anew, or without somebody."""
    RENEWAL = "renewal"
    AMENDMENT = "amendment"
    MOTOR_CHANGE = "motor_change"


class DocumentHash(BaseModel):
    """A document of a version: what it is ('' the agreement, 'kontaktpersoner' ...) and the SHA-256 of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    sha256: str


class VersionIssued(Payload):
    """A version was frozen and numbered for signing; occurred on the day of issue.

    `parties` are municipality numbers, the motor municipality first; `valid_from` is set for a renewal that begins
    after what it follows; `valid_until` is the last day. `snapshot` is the SHA-256 of the cluster as it was.
    """

    KIND = "agreement:version:issued"

    version: int
    basis: Basis
    follows: int | None = None
    document_id: str
    agreement_kind: str
    name: str
    region: str
    language: Language
    motor_municipality: str
    parties: tuple[str, ...]
    valid_from: date | None = None
    valid_until: date
    entry_into_force: EntryIntoForce
    accession: Accession
    contributions_required: bool = False
    without_contact: tuple[str, ...] = ()
    snapshot: str
    documents: tuple[DocumentHash, ...]
    template: str
    template_digest: str


class RenewalStarted(Payload):
    """The parties were asked to renew; the new version is issued on its own."""

    KIND = "agreement:renewal:started"

    of_version: int
    valid_until: date
    invited: tuple[str, ...]


class AmendmentRecorded(Payload):
    """A version was issued to amend another: the clauses in which it differs."""

    KIND = "agreement:amendment:recorded"

    version: int
    amends: int
    clauses: tuple[str, ...] = ()


class MotorChanged(Payload):
    """A version was issued that makes another party the motor municipality; it takes effect with that version."""

    KIND = "agreement:motor:changed"

    version: int
    old: str
    new: str


class HistoryImported(Payload):
    """An agreement signed on paper before the register existed was entered from a spreadsheet."""

    KIND = "agreement:history:imported"

    source: str
