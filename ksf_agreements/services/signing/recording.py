"""Signing: approvals, presentation, opening, signatures, reservations, refusals, and leaving somebody out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ksf_agreements.domain import decisions
from ksf_agreements.domain.cluster import ApprovalBody
from ksf_agreements.domain.decisions import Decision, Refused, not_in_future, party_of, the_version
from ksf_agreements.domain.events import (
    ApprovalPurpose,
    ApprovalRecorded,
    Authority,
    Event,
    Method,
    Outcome,
    PersonalRef,
    PresentationRecorded,
    SignatureRecorded,
    SigningOpened,
)
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.agreements.issuing import planned_signatory
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.services.signing.signed_file import SignedFile, signed_file
from ksf_agreements.services.signing.verdict_words import verdict_lines
from ksf_agreements.text import T, Text

_NOBODY = PersonalRef(id="", digest="")


class SpeaksAgainst(Refused):
    """The file plainly speaks against the signature it came with: `reason`, and `lines` tell what was found in it."""

    def __init__(self, reason: Text, lines: tuple[Text, ...]) -> None:
        super().__init__(
            T(
                "Nothing was recorded: {reason} Look at the file. If the signature is right all the same, add "
                "--even-so; the file is kept with what was found.",
                reason=reason,
            )
        )
        self.reason = reason
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as somebody reports it.

    `method` is None where nobody said: then it is electronic where the file carries the signature of who is named, else
    ink. `even_so` records it though the file speaks against it.
    """

    party: str
    on: date
    name: str
    title: str = ""
    method: Method | None = None
    authority: Authority = Authority.MAYOR
    reservation: bool = False
    file: Path | SignedFile | None = None
    version: int | None = None
    even_so: bool = False


def sign(desk: Desk, cluster: str, said: Signature) -> Done:
    """Record a party's signature."""
    not_in_future(said.on, desk.today)
    if not said.name.strip():
        raise Refused(T("Say who signed: --name."))
    came = signed_file(desk, said.file) if isinstance(said.file, Path) else said.file  # before the register is locked
    said = replace(said, method=said.method or (came.method(said.name) if came else Method.INK))
    with desk.working(cluster) as work:
        version = the_version(work.folded, said.version, work.at(said.on))
        file = work.transaction.keep_file(came.data, came.media_type) if came else None
        early = said.version is None and said.on < version.issued_on  # then it can only be known from one before
        for meant in work.folded.versions if early else (version,):
            if (repeated := _same_signature(work, meant, said, file)) is not None:
                return work.done((), repeated=repeated)
        planned = planned_signatory(work, version, said.party)
        decision = decisions.sign(
            work.folded,
            said.party,
            said.on,
            _NOBODY,
            version=version,
            method=said.method or Method.INK,
            authority=said.authority,
            reservation=said.reservation,
            file=file,
            planned_otherwise=bool(planned) and planned.casefold() != said.name.casefold(),
        )
        signatory = work.person(name=said.name, title=said.title)
        payload = decision.payload.model_copy(update={"signatory": signatory})
        if came is None:
            return work.apply(Decision(payload, said.on, decision.warnings))
        if not said.even_so and (reason := came.refusal(cluster, version)) is not None:
            raise SpeaksAgainst(reason, tuple(verdict_lines(came.verdict, desk.call)))
        payload = payload.model_copy(update={"verdict": came.keep_verdict(work)})
        doubts = came.doubts(cluster, version, said.party, said.name, said.on, desk.call)
        done = work.apply(Decision(payload, said.on, (*decision.warnings, *doubts)))
        return replace(done, notes=tuple(came.lines(desk.call, done.events[0].number))) if done.events else done


def _same_signature(work: Work, version: Version, said: Signature, file: str | None) -> Event | None:
    """Return the event that records exactly this signature already, by the same person, or None."""
    record = version.records.get(said.party)
    event = record.signature if record else None
    if event is None or event.occurred_on != said.on or not isinstance(event.payload, SignatureRecorded):
        return None
    payload = event.payload
    known = work.transaction.person(payload.signatory)
    told = {name: value for name, value in (("name", said.name), ("title", said.title)) if value}
    same_person = known is not None and dict(known) == told
    same = (payload.method, payload.authority, payload.reservation, payload.file)
    return event if same_person and same == (said.method, said.authority, said.reservation, file) else None


def lift_reservation(desk: Desk, cluster: str, party: str, on: date, version: int | None = None) -> Done:
    """Record that a party's reservation has fallen away."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        meant = the_version(work.folded, version, work.at(on))
        lifted = meant.records[party].lifted if party in meant.records else None
        if lifted is not None and lifted.occurred_on == on:
            return work.done((), repeated=lifted)
        return work.apply(decisions.lift_reservation(work.folded, party, on, meant))


def decline(desk: Desk, cluster: str, party: str, on: date) -> Done:
    """Record that a party does not want to take part."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        meant = the_version(work.folded, None, work.at(on))
        declined = meant.records[party].declined if party in meant.records else None
        if declined is not None and declined.occurred_on == on:
            return work.done((), repeated=declined)
        return work.apply(decisions.decline(work.folded, party, on, meant))


def confirm(desk: Desk, cluster: str, party: str, on: date, file: Path | None = None) -> Done:
    """Record that a party confirms that the agreement stands without who was left out."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        meant = the_version(work.folded, None, work.at(on))
        confirmed = meant.records[party].confirmed if party in meant.records else None
        if confirmed is not None and confirmed.occurred_on == on:
            return work.done((), repeated=confirmed)
        return work.apply(decisions.confirm_absence(work.folded, party, on, meant, work.file(file)))


def approve(
    desk: Desk,
    cluster: str,
    party: str,
    on: date,
    *,
    body: str,
    case: str = "",
    purpose: ApprovalPurpose = ApprovalPurpose.AGREEMENT,
    file: Path | None = None,
) -> Done:
    """Record a municipality's approval (cl. 5); also for a notice, an accession or a renewal."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        version = the_version(work.folded, None, work.at(on))
        if purpose is ApprovalPurpose.AGREEMENT or purpose is ApprovalPurpose.RENEWAL:
            party_of(work.folded, version, party)
        payload = ApprovalRecorded(
            version=version.number, party=party, body=body, case=case, purpose=purpose, file=work.file(file)
        )
        warnings: tuple[Text, ...] = ()
        if body == ApprovalBody.CITY_GOVERNMENT and party not in _city_governments():
            warnings = (T("{party} has no city government (byråd).", party=work.folded.call(party)),)
        return work.apply(Decision(payload, on, warnings))


def _city_governments() -> frozenset[str]:
    from ksf_agreements.domain.checks import CITY_GOVERNMENTS

    return CITY_GOVERNMENTS


def present(
    desk: Desk,
    cluster: str,
    party: str,
    on: date,
    *,
    body: str,
    outcome: Outcome,
    case: str = "",
    file: Path | None = None,
) -> Done:
    """Record that the agreement was put before a council (recommended by cl. 5)."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        version = the_version(work.folded, None, work.at(on))
        party_of(work.folded, version, party)
        payload = PresentationRecorded(
            version=version.number, party=party, body=body, outcome=outcome, case=case, file=work.file(file)
        )
        return work.apply(Decision(payload, on))


def open_signing(desk: Desk, cluster: str, on: date, deadline: date | None, channel: str = "manual") -> Done:
    """Record that the version was sent out for signing."""
    not_in_future(on, desk.today)
    with desk.working(cluster) as work:
        version = work.folded.open_version
        for event in () if version else work.folded.events:
            sent = event.payload if event.occurred_on == on else None
            if isinstance(sent, SigningOpened) and (sent.deadline, sent.channel) == (deadline, channel):
                return work.done((), repeated=event)
        if version is None:
            raise Refused(T("No version is open for signing. Issue one with 'ksf issue {cluster}'.", cluster=cluster))
        if on < version.issued_on:
            raise Refused(T("{day} is before the version was issued.", day=on))
        if deadline is not None and deadline < on:
            raise Refused(T("The deadline {deadline} is before {day}.", deadline=deadline, day=on))
        payload = SigningOpened(version=version.number, deadline=deadline, channel=channel)
        missing = tuple(
            work.folded.call(party) for party in version.terms.parties if version.records[party].approval is None
        )
        warnings = (T("No approval is recorded for {parties} (clause 5).", parties=missing),) if missing else ()
        return work.apply(Decision(payload, on, warnings))
