"""From the journal's events to the oracle's facts: translation only, no rule."""

from __future__ import annotations

from collections.abc import Iterable

from ksf_agreements.domain import events as e
from ksf_agreements.domain.cluster import Accession, EntryIntoForce
from tests.oracle import rules as r

_BASIS = {
    e.Basis.ORIGINAL: "original",
    e.Basis.REPLACEMENT: "replacement",
    e.Basis.RENEWAL: "renewal",
    e.Basis.AMENDMENT: "amendment",
    e.Basis.MOTOR_CHANGE: "amendment",
}


def fact(event: e.Event) -> r.Fact | None:  # noqa: PLR0911
    """The fact that an event states; `None` for what has no bearing on who is bound, and when."""
    number, on, payload = event.number, event.occurred_on, event.payload
    match payload:
        case e.VersionIssued():
            return r.Issued(
                number,
                on,
                version=payload.version,
                parties=payload.parties,
                motor=payload.motor_municipality,
                valid_until=payload.valid_until,
                valid_from=payload.valid_from,
                basis=_BASIS[payload.basis],
                follows=payload.follows,
                each_on_signing=payload.entry_into_force is EntryIntoForce.EACH_ON_SIGNING,
                accession_by_motor=payload.accession is Accession.MOTOR,
                contributions=payload.contributions_required,
            )
        case e.ApprovalRecorded() if payload.purpose is not e.ApprovalPurpose.NOTICE:
            return r.Approved(number, on, payload.version, payload.party)
        case e.SignatureRecorded():
            return r.Signed(number, on, payload.version, payload.party, payload.reservation)
        case e.ReservationLifted():
            return r.Lifted(number, on, payload.version, payload.party)
        case e.SignatureDeclined():
            return r.Declined(number, on, payload.version, payload.party)
        case e.AbsenceConfirmed():
            return r.Confirmed(number, on, payload.version, payload.party)
        case e.NoticeReceived():
            return r.Notice(number, on, payload.party)
        case e.NoticeGivenToParty():
            return r.NoticeToParty(number, on, payload.party, payload.ends_on)
        case e.NoticeWithdrawn():
            return r.Withdrawn(number, on, payload.notice, frozenset(payload.consents))
        case e.AccessionRecorded():
            return r.Acceded(number, on, payload.party, frozenset(payload.signed_by))
        case e.PartyContinued():
            return r.Continued(number, on, payload.party, payload.successor)
        case e.EventVoided():
            return r.Voided(number, on, payload.event)
    return None


def facts(events: Iterable[e.Event]) -> list[r.Fact]:
    """The facts of a journal."""
    return [stated for event in events if (stated := fact(event)) is not None]
