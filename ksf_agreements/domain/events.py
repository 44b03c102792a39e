"""The facts that can happen to an agreement (agreement.md section 5): each an event, never changed afterwards.

A payload holds numbers, dates and hashes. Names and files lie beside the chain: a `PersonalRef` points at a person,
a SHA-256 at a file, and either may be erased without breaking the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ksf_agreements.domain.cluster import Accession, EntryIntoForce, Language


class Basis(StrEnum):
    """Why a version was issued."""

    ORIGINAL = "original"
    REPLACEMENT = "replacement"
    """In place of one that is open for signing: the same parties anew, or without somebody."""
    RENEWAL = "renewal"
    AMENDMENT = "amendment"
    MOTOR_CHANGE = "motor_change"


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


class PersonalRef(BaseModel):
    """Points at personal data beside the chain: a random id, and the salted SHA-256 of what stands there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    digest: str


class Payload(BaseModel):
    """What an event says. `KIND` is its name, source:subject:action."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    KIND: ClassVar[str]


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


class PackageRole(StrEnum):
    """What a file of a package is."""

    BUNDLE = "bundle"
    """The one PDF that is sent to be signed: agreement, annexes and index."""
    AGREEMENT = "agreement"
    """The agreement alone, as accessible PDF/A."""
    ANNEX = "annex"


class SignaturePage(BaseModel):
    """A page of a bundle that carries signature blocks, and whose they are, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int
    parties: tuple[str, ...]


class PackagedFile(BaseModel):
    """A file of a package.

    `title` is an annex's; `parties` are the signers of a bundle; `pages` is its length, `stamped` how many of its
    pages, from the first, carry a page code; `signature_pages` where the signature blocks are. `source` is the SHA-256
    of the file that it was made from, '' for a bundle; an annex's own file stays in the workspace.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: PackageRole
    sha256: str
    source: str = ""
    title: str = ""
    parties: tuple[str, ...] = ()
    pages: int = 0
    stamped: int = 0
    signature_pages: tuple[SignaturePage, ...] = ()


class PackageMade(Payload):
    """The package to sign was made: the very files that were sent; several bundles where there are counterparts."""

    KIND = "agreement:package:made"

    version: int
    channel: str
    files: tuple[PackagedFile, ...]


class FileReceived(Payload):
    """A file that came back was filed with a version, before anybody said whose signature it carries.

    `pages` are the pages of the package that it holds; `verdict` is the SHA-256 of its verdict, as JSON.
    """

    KIND = "agreement:file:received"

    version: int
    file: str
    verdict: str
    pages: tuple[int, ...] = ()


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


class NoticeReceived(Payload):
    """A party's notice of termination was received by the cluster leader (cl. 12); occurred on the day received."""

    KIND = "agreement:notice:received"

    party: str
    sent: date | None = None
    copied: date | None = None
    file: str | None = None


class NoticeCopied(Payload):
    """The regional coordinator got the copy of a notice (cl. 12)."""

    KIND = "agreement:notice:copied"

    notice: int
    party: str


class NoticeWithdrawn(Payload):
    """A notice was taken back; `consents` are the bound parties that agreed in writing."""

    KIND = "agreement:notice:withdrawn"

    notice: int
    party: str
    consents: tuple[str, ...] = ()


class NoticeGivenToParty(Payload):
    """The others ended a party's participation on a ground; `ends_on` is its last day."""

    KIND = "agreement:notice:given_to_party"

    party: str
    ground: str
    decision: str = ""
    ends_on: date
    file: str | None = None


class AccessionRecorded(Payload):
    """A municipality joined by an addendum, in force from the day it occurred on; `signed_by` signed it."""

    KIND = "agreement:accession:recorded"

    party: str
    signed_by: tuple[str, ...]
    approval_case: str = ""
    file: str | None = None


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


class RenewalStarted(Payload):
    """The parties were asked to renew; the new version is issued on its own."""

    KIND = "agreement:renewal:started"

    of_version: int
    valid_until: date
    invited: tuple[str, ...]


class ContactsChanged(Payload):
    """Contact persons or cluster leader changed, without signing again; `contacts` is what stands now."""

    KIND = "agreement:contacts:changed"

    contacts: PersonalRef
    cluster_leader_vacant: bool = False
    parties_without_contact: tuple[str, ...] = ()


class FocusAreasAdopted(Payload):
    """The decision authority set the focus areas (cl. 4, 6)."""

    KIND = "agreement:focus_areas:adopted"

    focus_areas: tuple[str, ...]
    file: str | None = None


class PlanAdopted(Payload):
    """The action plan of a year was adopted (cl. 6)."""

    KIND = "agreement:plan:adopted"

    year: int
    file: str | None = None


class PartyContinued(Payload):
    """After a merger or a split somebody decided what becomes of a party: who takes its place, or nobody."""

    KIND = "agreement:party:continuation"

    party: str
    successor: str | None
    decision: str = ""
    file: str | None = None


class Task(StrEnum):
    """What a cluster does again and again (cl. 6, and KS's grant letter, cl. 7)."""

    ACTION_PLAN = "action-plan"
    ANNUAL_REPORT = "annual-report"
    CONTACT_REVIEW = "contact-review"
    GRANT_REPORT = "grant-report"


class TaskDone(Payload):
    """A recurring task was done; `period` is its year ('2027'), or a grant report's date ('2027-03-01')."""

    KIND = "agreement:task:done"

    task: Annotated[Task, Field(strict=False)]
    period: str


class ReminderSent(Payload):
    """A reminder went out: its rule, the occasion it was about (`schedule.Occasion.key`), and whom it went to."""

    KIND = "agreement:reminder:sent"

    rule: str
    subject: str
    recipient: PersonalRef


class EventVoided(Payload):
    """An event was entered by mistake; the right fact is entered by its own command."""

    KIND = "agreement:event:voided"

    event: int
    reason: str


class DataErased(Payload):
    """Personal data or a file was removed from beside the chain; the tombstone (GDPR, or a wrong upload)."""

    KIND = "register:data:erased"

    personal: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    reason: str


class HistoryImported(Payload):
    """An agreement signed on paper before the register existed was entered from a spreadsheet."""

    KIND = "agreement:history:imported"

    source: str


PAYLOADS: Mapping[str, type[Payload]] = MappingProxyType(
    {
        payload.KIND: payload
        for payload in (
            VersionIssued,
            ApprovalRecorded,
            PresentationRecorded,
            SigningOpened,
            PackageMade,
            FileReceived,
            SignatureRecorded,
            ReservationLifted,
            SignatureDeclined,
            AbsenceConfirmed,
            NoticeReceived,
            NoticeCopied,
            NoticeWithdrawn,
            NoticeGivenToParty,
            AccessionRecorded,
            AmendmentRecorded,
            MotorChanged,
            RenewalStarted,
            ContactsChanged,
            FocusAreasAdopted,
            PlanAdopted,
            PartyContinued,
            TaskDone,
            ReminderSent,
            EventVoided,
            DataErased,
            HistoryImported,
        )
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the journal.

    `number` counts from 1 through the whole register; `agreement` is the cluster's id; `actor` points at who recorded
    it; `recorded_at` is UTC; `occurred_on` is the day it counts from, which is what a view of a date goes by.
    """

    number: int
    agreement: str
    payload: Payload
    actor: PersonalRef
    recorded_at: datetime
    occurred_on: date

    @property
    def kind(self) -> str:
        """The event's kind, source:subject:action."""
        return self.payload.KIND
