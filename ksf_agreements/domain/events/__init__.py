"""The facts that can happen to an agreement (agreement.md section 5): each an event, never changed afterwards.

A payload holds numbers, dates and hashes. Names and files lie beside the chain: a `PersonalRef` points at a person,
a SHA-256 at a file, and either may be erased without breaking the chain.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ksf_agreements.domain.events.base import Event, Payload, PersonalRef
from ksf_agreements.domain.events.files import FileReceived, PackagedFile, PackageMade, PackageRole, SignaturePage
from ksf_agreements.domain.events.keeping import DataErased, EventVoided
from ksf_agreements.domain.events.participation import (
    AccessionRecorded,
    NoticeCopied,
    NoticeGivenToParty,
    NoticeReceived,
    NoticeWithdrawn,
    PartyContinued,
)
from ksf_agreements.domain.events.signing import (
    AbsenceConfirmed,
    ApprovalPurpose,
    ApprovalRecorded,
    Authority,
    Method,
    Outcome,
    PresentationRecorded,
    ReservationLifted,
    SignatureDeclined,
    SignatureRecorded,
    SigningOpened,
)
from ksf_agreements.domain.events.versions import (
    AmendmentRecorded,
    Basis,
    DocumentHash,
    HistoryImported,
    MotorChanged,
    RenewalStarted,
    VersionIssued,
)
from ksf_agreements.domain.events.years import (
    ContactsChanged,
    FocusAreasAdopted,
    PlanAdopted,
    ReminderSent,
    Task,
    TaskDone,
)

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

__all__ = [
    "PAYLOADS",
    "AbsenceConfirmed",
    "AccessionRecorded",
    "AmendmentRecorded",
    "ApprovalPurpose",
    "ApprovalRecorded",
    "Authority",
    "Basis",
    "ContactsChanged",
    "DataErased",
    "DocumentHash",
    "Event",
    "EventVoided",
    "FileReceived",
    "FocusAreasAdopted",
    "HistoryImported",
    "Method",
    "MotorChanged",
    "NoticeCopied",
    "NoticeGivenToParty",
    "NoticeReceived",
    "NoticeWithdrawn",
    "Outcome",
    "PackageMade",
    "PackageRole",
    "PackagedFile",
    "PartyContinued",
    "Payload",
    "PersonalRef",
    "PlanAdopted",
    "PresentationRecorded",
    "ReminderSent",
    "RenewalStarted",
    "ReservationLifted",
    "SignatureDeclined",
    "SignaturePage",
    "SignatureRecorded",
    "SigningOpened",
    "Task",
    "TaskDone",
    "VersionIssued",
]
