"""May this be recorded? Pure answers: a payload to append, or a refusal that says what to do instead.

What is only unusual (a missing approval, signing not opened) is warned of, never refused: a signature that was given
was given. Each function sees the agreement as it is known, and the day of today; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.cluster import Accession
from ksf_agreements.domain.events import (
    AbsenceConfirmed,
    AccessionRecorded,
    Authority,
    Event,
    Method,
    NoticeCopied,
    NoticeGivenToParty,
    NoticeReceived,
    NoticeWithdrawn,
    Payload,
    PersonalRef,
    ReservationLifted,
    SignatureDeclined,
    SignatureRecorded,
)
from ksf_agreements.domain.status import Folded, PartyState, Status
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text


class Refused(KsfError):
    """Something that cannot be recorded: why, and what to do instead. Nothing was written."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall be appended, from which day it counts, and what is unusual about it."""

    payload: Payload
    occurred_on: date
    warnings: tuple[Text, ...] = field(default=())


def not_in_future(day: date, today: date) -> None:
    """Refuse a day that has not come."""
    if day > today:
        raise Refused(
            T("{day} has not come yet; today is {today}. Record it when it has happened.", day=day, today=today)
        )


def the_version(folded: Folded, number: int | None = None, then: Folded | None = None) -> Version:
    """Return the version that is meant: the one named, else the one open for signing, else the one in force.

    ``then`` is the agreement on the day of the fact: what happened to a version that has run out since may still be
    recorded.
    """
    if number is not None:
        named = folded.version(number)
        if named is None:
            raise Refused(T("There is no version {number}. 'ksf status' shows which there are.", number=number))
        return named
    version = folded.open_version or folded.in_force
    if version is None and then is not None:
        past = then.open_version or then.in_force
        version = folded.version(past.number) if past is not None else None
    if version is None and folded.versions:
        newest = folded.versions[-1]
        raise Refused(
            T(
                "Version {number} is over ({status}), and no other is open. Issue a new one with 'ksf renew'.",
                number=newest.number,
                status=STATUS_WORDS[folded.status_of(newest)],
            )
        )
    if version is None:
        raise Refused(T("Nothing has been issued yet. Do it with 'ksf issue {cluster}'.", cluster=folded.cluster))
    return version


STATUS_WORDS = {
    Status.DRAFT: T("draft"),
    Status.ISSUED: T("ready for signing"),
    Status.SIGNING: T("being signed"),
    Status.IN_FORCE: T("in force"),
    Status.ENDING: T("nearing its end"),
    Status.EXPIRED: T("expired"),
    Status.TERMINATED: T("terminated"),
    Status.SUPERSEDED: T("superseded"),
}
"""The statuses in words."""

PARTY_WORDS = {
    PartyState.INVITED: T("invited"),
    PartyState.APPROVED: T("approved"),
    PartyState.SIGNED: T("signed"),
    PartyState.DECLINED: T("does not want to take part"),
    PartyState.BOUND: T("bound"),
    PartyState.LEAVING: T("leaves on {date}"),
    PartyState.LEFT: T("has left"),
}
"""The states of a party in words; that of one that leaves takes its last day as `date`."""


def party_of(folded: Folded, version: Version, party: str) -> None:
    """Refuse somebody who is no party of the version."""
    if party not in version.terms.parties:
        raise Refused(
            T(
                "{party} is no party of version {number}. The parties are: {parties}.",
                party=folded.call(party),
                number=version.number,
                parties=folded.call_all(version.terms.parties),
            )
        )


def _still_open(folded: Folded, version: Version, day: date) -> None:
    if folded.status_of(version) is Status.SUPERSEDED:
        current = folded.open_version or folded.in_force
        raise Refused(
            T(
                "Version {number} has been replaced, so a signature on it does not count. Let the party sign version "
                "{current}.",
                number=version.number,
                current=current.number if current else "?",
            )
        )
    if version.terms.valid_until < day:
        raise Refused(T("Version {number} has run out. Issue a new one with 'ksf renew'.", number=version.number))


def _after_issue(version: Version, day: date) -> None:
    if day < version.issued_on:
        raise Refused(
            T(
                "{day} is before version {number} was issued on {issued}. Check the date; what was signed earlier is "
                "another document.",
                day=day,
                number=version.number,
                issued=version.issued_on,
            )
        )


def sign(
    folded: Folded,
    party: str,
    day: date,
    signatory: PersonalRef,
    *,
    version: Version,
    method: Method = Method.INK,
    authority: Authority = Authority.MAYOR,
    reservation: bool = False,
    file: str | None = None,
    planned_otherwise: bool = False,
) -> Decision:
    """Decide on a party's signature."""
    party_of(folded, version, party)
    _still_open(folded, version, day)
    _after_issue(version, day)
    record = version.records[party]
    if record.signature is not None:
        raise Refused(
            T(
                "{party} has signed version {number} already, on {day} (event {event}). If that is wrong, void it with "
                "'ksf void {event} --reason ...' and record the right one.",
                party=folded.call(party),
                number=version.number,
                day=record.signature.occurred_on,
                event=record.signature.number,
            )
        )
    warnings, who = [], folded.call(party)
    if record.approval is None:
        warnings.append(T("No approval is recorded for {party} (clause 5).", party=who))
    if version.opened is None:
        warnings.append(T("The signing of version {number} has not been opened.", number=version.number))
    if planned_otherwise:
        warnings.append(T("Another signatory was planned for {party}.", party=who))
    if record.declined is not None:
        warnings.append(T("{party} had declined on {day}.", party=who, day=record.declined.occurred_on))
    payload = SignatureRecorded(
        version=version.number,
        party=party,
        signatory=signatory,
        authority=authority,
        method=method,
        reservation=reservation,
        file=file,
    )
    return Decision(payload, day, tuple(warnings))


def lift_reservation(folded: Folded, party: str, day: date, version: Version) -> Decision:
    """Decide on the lifting of a reservation."""
    party_of(folded, version, party)
    signature = version.records[party].signature
    reserved = signature is not None and getattr(signature.payload, "reservation", False)
    if signature is None or not reserved:
        raise Refused(
            T("{party} has no signature with a reservation on version {n}.", party=folded.call(party), n=version.number)
        )
    if version.records[party].lifted is not None:
        raise Refused(T("The reservation of {party} has been lifted already.", party=folded.call(party)))
    if day < signature.occurred_on:
        raise Refused(T("{day} is before the signature of {signed}.", day=day, signed=signature.occurred_on))
    _still_open(folded, version, day)
    return Decision(ReservationLifted(version=version.number, party=party), day)


def decline(folded: Folded, party: str, day: date, version: Version) -> Decision:
    """Decide on a party's refusal."""
    party_of(folded, version, party)
    _still_open(folded, version, day)
    if version.records[party].signature is not None:
        raise Refused(
            T(
                "{party} has signed. A bound party leaves by notice: 'ksf notice'; before the agreement is in force it "
                "can be left out with 'ksf remove-party'.",
                party=folded.call(party),
            )
        )
    if version.records[party].declined is not None:
        raise Refused(T("{party} has declined already.", party=folded.call(party)))
    _after_issue(version, day)
    return Decision(SignatureDeclined(version=version.number, party=party), day)


def confirm_absence(folded: Folded, party: str, day: date, version: Version, file: str | None = None) -> Decision:
    """Decide on a party's confirmation that the agreement stands without who was left out (cl. 2)."""
    party_of(folded, version, party)
    if version.replaces is None or set(version.replaces.terms.parties) <= set(version.terms.parties):
        raise Refused(
            T(
                "Version {number} leaves nobody out, so there is nothing to confirm. A signature is recorded with "
                "'ksf sign'; somebody is left out with 'ksf remove-party'.",
                number=version.number,
            )
        )
    if version.replaces.counts_from(party) is None:
        raise Refused(
            T(
                "{party} had not signed the version before; let it sign version {n}.",
                party=folded.call(party),
                n=version.number,
            )
        )
    if version.records[party].signature is not None or version.records[party].confirmed is not None:
        raise Refused(T("{party} has signed or confirmed already.", party=folded.call(party)))
    _still_open(folded, version, day)
    _after_issue(version, day)
    return Decision(AbsenceConfirmed(version=version.number, party=party, file=file), day)


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


def same_fact(events: Iterable[Event], payload: Payload, day: date) -> Event | None:
    """Return the event that says the same of the same day already, or None."""
    return next((event for event in events if event.occurred_on == day and event.payload == payload), None)
