"""Decisions on signatures: given, with a reservation, declined, and that a version stands without somebody."""

from __future__ import annotations

from datetime import date

from ksf_agreements.domain.decisions.base import Decision, Refused, party_of
from ksf_agreements.domain.events import (
    AbsenceConfirmed,
    Authority,
    Method,
    PersonalRef,
    ReservationLifted,
    SignatureDeclined,
    SignatureRecorded,
)
from ksf_agreements.domain.folded import Folded, Status
from ksf_agreements.domain.versions import Version
from ksf_agreements.text import T


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
