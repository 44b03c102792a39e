"""Approvals and signatures, and what stands in their way."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from ksf_agreements.domain.events.base import Payload, PersonalRef


class Method(StrEnum):
    """How somebody signed."""

    INK = "ink"
    EID = "eid"
    OTHER = "other"


class Authority(StrEnum):
    """By what power somebody signs for a municipality."""

    MAYOR = "ordfører"
    DELEGATED = "delegert"
    POWER_OF_ATTORNEY = "fullmakt"


class Outcome(StrEnum):
    """What a council did with an agreement that was put before it (cl. 5)."""

    INFORMATION = "orientering"
    DECIDED = "vedtak"


class ApprovalPurpose(StrEnum):
    """What an approval is for."""

    AGREEMENT = "agreement"
    NOTICE = "notice"
    ACCESSION = "accession"
    RENEWAL = "renewal"


class ApprovalRecorded(Payload):
    """A municipality's own body approved (cl. 5); occurred on the day of the decision."""

    KIND = "agreement:approval:recorded"

    version: int
    party: str
    body: str
    case: str = ""
    purpose: ApprovalPurpose = ApprovalPurpose.AGREEMENT
    file: str | None = None


class PresentationRecorded(Payload):
    """The agreement was put before the council (recommended by cl. 5)."""

    KIND = "agreement:presentation:recorded"

    version: int
    party: str
    body: str
    outcome: Outcome
    case: str = ""
    file: str | None = None


class SigningOpened(Payload):
    """The version was sent out for signing; `deadline` is when the signatures are wanted."""

    KIND = "agreement:signing:opened"

    version: int
    deadline: date | None = None
    channel: str = "manual"


class SignatureRecorded(Payload):
    """A party signed; occurred on the day of the signature. With a reservation it counts from the lifting."""

    KIND = "agreement:signature:recorded"

    version: int
    party: str
    signatory: PersonalRef
    authority: Authority = Authority.MAYOR
    method: Method = Method.INK
    reservation: bool = False
    file: str | None = None
    verdict: str | None = None


class ReservationLifted(Payload):
    """A party's reservation fell away; the signature counts from this day."""

    KIND = "agreement:reservation:lifted"

    version: int
    party: str


class SignatureDeclined(Payload):
    """A party does not want to take part."""

    KIND = "agreement:signature:declined"

    version: int
    party: str


class AbsenceConfirmed(Payload):
    """A party that signed the version before confirmed in writing that the agreement stands without who was removed."""

    KIND = "agreement:absence:confirmed"

    version: int
    party: str
    file: str | None = None
