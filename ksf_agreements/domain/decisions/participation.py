"""Decisions on who takes part: notices of termination, their copies and withdrawal, and accession."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.cluster import Accession
from ksf_agreements.domain.decisions.base import Decision, Refused
from ksf_agreements.domain.events import (
    AccessionRecorded,
    NoticeCopied,
    NoticeGivenToParty,
    NoticeReceived,
    NoticeWithdrawn,
)
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.text import T


def running_notice(folded: Folded, party: str, on: date | None = None) -> Notice | None:
    """Return the party's notice that is not withdrawn and not over on the day (else that of the fold), or None."""
    found = (one for one in folded.notices if one.party == party and one.withdrawn is None)
    first, last = on or date.max, on or folded.on
    return next((one for one in found if one.event.occurred_on <= first and last <= one.ends_on), None)


def give_notice(
    folded: Folded,
    party: str,
    received: date,
    *,
    sent: date | None = None,
    copied: date | None = None,
    file: str | None = None,
) -> Decision:
    """Decide on a party's notice (cl. 12): only who is bound on the day it is received can give one."""
    _bound(folded, party, received)
    if sent is not None and sent > received:
        text = T("The notice cannot be sent on {sent}, after it was received on {day}.", sent=sent, day=received)
        raise Refused(text)
    if (earlier := running_notice(folded, party) or running_notice(folded, party, received)) is not None:
        raise Refused(
            T(
                "A notice of {party} is running already, received on {day} (event {event}). It is taken back with "
                "'ksf withdraw-notice'; if it is wrong, void it with 'ksf void {event} --reason ...'.",
                party=folded.call(party),
                day=earlier.event.occurred_on,
                event=earlier.event.number,
            )
        )
    warnings = []
    if copied is None:
        warnings.append(
            T("The regional coordinator must get a copy (clause 12); record it with 'ksf notice ... --copied DATE'.")
        )
    return Decision(NoticeReceived(party=party, sent=sent, copied=copied, file=file), received, tuple(warnings))


def _bound(folded: Folded, party: str, day: date) -> None:
    bound = folded.bound(day)
    if party not in bound:
        whom = (
            T("Bound on that day are: {parties}.", parties=folded.call_all(bound))
            if bound
            else T("Nobody is bound on that day.")
        )
        raise Refused(T("{party} is not bound on {day}. {whom}", party=folded.call(party), day=day, whom=whom))


def copy_notice(folded: Folded, party: str, day: date) -> Decision:
    """Decide on the copy to the regional coordinator."""
    notice = running_notice(folded, party)
    if notice is None:
        raise Refused(
            T("{party} has no notice that is running. Record it first: --received DATE.", party=folded.call(party))
        )
    if notice.copied_on is not None:
        raise Refused(
            T(
                "The copy is recorded already, on {day}. If that is wrong, 'ksf log' shows the event, and 'ksf void' "
                "takes it out.",
                day=notice.copied_on,
            )
        )
    return Decision(NoticeCopied(notice=notice.event.number, party=party), day)


def withdraw_notice(folded: Folded, party: str, day: date, consents: Sequence[str]) -> Decision:
    """Decide on taking a notice back: alone only no later than it arrives, else with all the others' consent."""
    notice = running_notice(folded, party)
    if notice is None or notice.to_party:
        raise Refused(T("{party} has no notice of its own that is running.", party=folded.call(party)))
    if day < notice.event.occurred_on:
        day = notice.event.occurred_on  # what overtakes the notice takes it back on the day both are there
    elif day > notice.event.occurred_on:
        others = [one for one in folded.bound(day) if one != party]
        lacking = tuple(one for one in others if one not in consents)
        if lacking:
            raise Refused(
                T(
                    "The notice was received on {received}. Afterwards it can be taken back only with the written "
                    "consent of all the other parties; these are lacking: {lacking}. Record them with --consent.",
                    received=notice.event.occurred_on,
                    lacking=folded.call_all(lacking),
                )
            )
    return Decision(NoticeWithdrawn(notice=notice.event.number, party=party, consents=tuple(consents)), day)


def notice_to_party(
    folded: Folded, party: str, day: date, *, ground: str, decision: str, ends_on: date, file: str | None = None
) -> Decision:
    """Decide on a notice to a party, on a ground that the agreement has (cl. 12, local grounds)."""
    _bound(folded, party, day)
    if ends_on < day:
        raise Refused(T("The last day {last} is before the notice {day}.", last=ends_on, day=day))
    if (earlier := running_notice(folded, party)) is not None and earlier.ends_on <= ends_on:
        raise Refused(T("{party} leaves by {day} already.", party=folded.call(party), day=earlier.ends_on))
    payload = NoticeGivenToParty(party=party, ground=ground, decision=decision, ends_on=ends_on, file=file)
    return Decision(payload, day)


def accede(
    folded: Folded, party: str, day: date, *, signed_by: Sequence[str] | None, case: str = "", file: str | None = None
) -> Decision:
    """Decide on an accession: an addendum signed by the newcomer and all bound parties, or by the motor municipality.

    ``signed_by`` None says that everybody who had to sign has signed.
    """
    version = next((one for one in folded.versions if one.in_force_on(day)), None)
    if version is None:
        raise Refused(
            T(
                "No agreement is in force on {day}, so nobody can join it then. Write the municipality into the "
                "cluster file and issue a version with it.",
                day=day,
            )
        )
    if party in folded.bound(day):
        raise Refused(
            T(
                "{party} is bound already on {day}. 'ksf why {cluster} {number}' shows from when and by what.",
                party=folded.call(party),
                day=day,
                cluster=folded.cluster,
                number=party,
            )
        )
    needed = (party, *addendum_signers(folded, version, day))
    signed = tuple(signed_by) if signed_by is not None else needed
    lacking = tuple(one for one in needed if one not in signed)
    if lacking:
        raise Refused(
            T(
                "The addendum lacks the signatures of {lacking}. Record the accession when they have signed.",
                lacking=folded.call_all(lacking),
            )
        )
    warnings = () if case else (T("No approval of {party} is named (clause 5): --case.", party=folded.call(party)),)
    return Decision(AccessionRecorded(party=party, signed_by=signed, approval_case=case, file=file), day, warnings)


def addendum_signers(folded: Folded, version: Version, day: date) -> tuple[str, ...]:
    """Return who must sign an addendum beside the newcomer: all who are bound, or the motor municipality for them."""
    motor = folded.motor_of(version)
    return (motor,) if motor and version.terms.accession is Accession.MOTOR else folded.bound(day)
