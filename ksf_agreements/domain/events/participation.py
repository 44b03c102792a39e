"""Who takes part: notices, accession, and what becomes of a party after a merger."""

from __future__ import annotations

from datetime import date

from ksf_agreements.domain.events.base import Payload


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


class PartyContinued(Payload):
    """After a merger or a split somebody decided what becomes of a party: who takes its place, or nobody."""

    KIND = "agreement:party:continuation"

    party: str
    successor: str | None
    decision: str = ""
    file: str | None = None
