"""The facts of each letter, from the events; where one is missing, a refusal says what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from ksf_agreements.documents.letters import (
    AccessionLetter,
    AmendmentLetter,
    DecisionContext,
    InForceLetter,
    LetterContext,
    MunicipalityLetter,
    NoticeContext,
    NoticeLetter,
    RenewalLetter,
    SigningGuide,
    SigningLetter,
    TerminationLetter,
    YearLetter,
)
from ksf_agreements.documents.wording import written_date
from ksf_agreements.domain.checks import FOUI_CONTACT_DAYS
from ksf_agreements.domain.cluster import Accession, ApprovalBody, EntryIntoForce
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import (
    ApprovalPurpose,
    ApprovalRecorded,
    NoticeReceived,
    RenewalStarted,
    SigningOpened,
)
from ksf_agreements.domain.status import PartyState
from ksf_agreements.services.letters.case import Case, day_words
from ksf_agreements.services.letters.changes import Said, clause_changes
from ksf_agreements.services.letters.sending import signing_guide
from ksf_agreements.text import T, Text


def _named(case: Case) -> str:
    if not case.party:
        raise Refused(T("Name the municipality with --party."))
    return case.party


def _municipality(case: Case) -> dict[str, Any]:
    if _named(case) not in case.numbers:
        raise Refused(
            T(
                "{party} is no party on {date}. The parties are: {parties}.",
                party=case.folded.call(case.party),
                date=case.on,
                parties=case.folded.call_all(case.numbers),
            )
        )
    return {"municipality": case.letter_party(case.party)}


def _signing(case: Case) -> dict[str, Any]:
    version = case.issued
    opened = version.opened.payload if version.opened else None
    return {
        "deadline": day_words(opened.deadline if isinstance(opened, SigningOpened) else None),
        "valid_from": day_words(version.terms.valid_from),
        "each_on_signing": version.terms.entry_into_force is EntryIntoForce.EACH_ON_SIGNING,
    }


def _in_force(case: Case) -> dict[str, Any]:
    begins = case.issued.in_force_from
    due = begins + timedelta(days=FOUI_CONTACT_DAYS) if begins else None
    without = [number for number in case.numbers if not case.member(number).foui_contacts]
    return {
        "without_contact": case.joined(without),
        "contacts_due": day_words(due if due is not None and due > case.on else None),
    }


def _accession(case: Case) -> dict[str, Any]:
    if _named(case) in case.folded.bound():
        raise Refused(
            T("{party} is bound by the agreement already. Only others can join it.", party=case.folded.call(case.party))
        )
    found = case.municipalities.on(case.party, case.on)
    if found is None:
        raise Refused(T("No municipality has the number {number} on {day}.", number=case.party, day=case.on))
    by_motor = case.issued.terms.accession is Accession.MOTOR
    signers = tuple(number for number in case.numbers if not by_motor or number == case.motor)
    return {
        "municipality": case.letter_party(case.party),
        "signers": tuple(map(case.letter_party, signers)),
        "by_motor": by_motor,
    }


def _amendment(case: Case) -> dict[str, Any]:
    if not case.has_snapshot:
        raise Refused(T("The register does not have the text that was issued, so nothing can be compared with it."))
    if (members := {member.municipality for member in case.cluster.members}) != set(case.numbers):
        raise Refused(
            T(
                "The cluster file has other members than the parties that are bound: {different}. A municipality joins "
                "by accession and leaves by notice; an amendment changes neither.",
                different=case.folded.call_all(sorted(members ^ set(case.numbers))),
            )
        )
    if case.cluster.valid_until is not None and case.cluster.valid_until > case.issued.terms.valid_until:
        raise Refused(T("A later last day is a renewal, not an amendment. Use 'forespoersel-fornyelse'."))
    changes = clause_changes(
        Said(case.agreed, case.agreement, case.language), Said(case.cluster, case.people, case.language), case.kind
    )
    if not changes:
        raise Refused(T("The cluster file changes nothing that the parties must sign."))
    return {"changes": changes}


def _termination(case: Case) -> dict[str, Any]:
    last = next(
        (
            event
            for event in reversed(case.folded.events)
            if isinstance(event.payload, ApprovalRecorded)
            and event.payload.purpose is ApprovalPurpose.NOTICE
            and event.payload.party == case.party
        ),
        None,
    )
    decision = DecisionContext()
    if last is not None and isinstance(last.payload, ApprovalRecorded):
        body = last.payload.body
        known = body in set(ApprovalBody)
        municipality = case.municipalities.get(case.party)
        called = case.letter_words.body_of(ApprovalBody(body), municipality) if known else str(body)
        decision = DecisionContext(called, written_date(last.occurred_on), last.payload.case)
    ends = add_months(case.on, case.kind.notice_months)
    return {"decision": decision, "runs_out_first": ends > case.issued.terms.valid_until}


def _notice(case: Case) -> dict[str, Any]:
    who = case.folded.call(case.party)
    found = case.notices()
    if not found:
        raise Refused(
            T(
                "No notice from {party} is recorded by {date}. Record it with 'ksf notice'.",
                party=who,
                date=case.on,
            )
        )
    notice = found[-1]
    if notice.withdrawn is not None:
        raise Refused(T("The notice from {party} has been withdrawn, so there is nothing to confirm.", party=who))
    if not isinstance(notice.event.payload, NoticeReceived):
        raise Refused(T("The notice was given to {party} by the others; it has none of its own.", party=who))
    last, term_ends = case.last_day(notice), case.issued.terms.valid_until
    if last is None:
        raise Refused(T("{party} was not bound on the day of the notice.", party=who))
    remaining = case.bound_after(last)
    return {
        "notice": NoticeContext(
            received_on=written_date(notice.event.occurred_on),
            sent_on=day_words(notice.event.payload.sent),
            copied_on=day_words(notice.copied_on),
            ends_on=written_date(notice.ends_on),
            bound_until=written_date(last),
            runs_out_first=last == term_ends < notice.ends_on,
            ends_earlier=last < min(term_ends, notice.ends_on),
            ends_agreement=not remaining and last < term_ends,
            remaining=case.joined(remaining),
        )
    }


def _renewal(case: Case) -> dict[str, Any]:
    terms = case.issued.terms
    asked = [
        event.payload.valid_until
        for event in case.folded.events
        if isinstance(event.payload, RenewalStarted) and event.payload.of_version == terms.version
    ]
    proposed = asked[-1] if asked else case.cluster.valid_until
    answer = add_months(terms.valid_until, -case.kind.renewal_months[1])
    return {
        "proposed_until": day_words(proposed if proposed is not None and proposed > terms.valid_until else None),
        "answer_by": day_words(answer if answer > case.on else None),
    }


def _year(case: Case) -> dict[str, Any]:
    if not case.year:
        raise Refused(T("Name the year with --year."))
    return {"year": case.year}


def _no_leader(case: Case) -> Text | None:
    if case.cluster.cluster_leader is not None:
        return None
    return T("The cluster file names no cluster leader. Write it under cluster_leader.")


def _no_contact(case: Case) -> Text | None:
    if case.member(case.party).foui_contacts:
        return None
    return T(
        "The cluster file names no FoUI contact of {party}. Write it under foui_contacts.",
        party=case.folded.call(case.party),
    )


def _signed(case: Case) -> Text | None:
    record = case.issued.records.get(case.party)
    if record is None or (record.signature is None and record.declined is None):
        return None
    return T("{party} has signed or declined already.", party=case.folded.call(case.party))


def _leaving(case: Case) -> Text | None:
    standing = case.standing(case.party)
    if standing is None or standing.state is not PartyState.LEAVING:
        return None
    return T("{party} leaves, and is invited only where it is named.", party=case.folded.call(case.party))


OBSTACLES: Mapping[str, Callable[[Case], Text | None]] = MappingProxyType(
    {"oppnevning-klyngeleder": _no_leader, "oppnevning-foui-kontakt": _no_contact}
)
"""Why a letter cannot be written, by its kind."""

NEEDLESS: Mapping[str, Callable[[Case], Text | None]] = MappingProxyType(
    {"oversendelse-signering": _signed, "forespoersel-fornyelse": _leaving}
)
"""Why a municipality gets no letter unless it is named, by the letter's kind."""

ADDITIONS: Mapping[type[LetterContext], Callable[[Case], dict[str, Any]]] = MappingProxyType(
    {
        MunicipalityLetter: _municipality,
        SigningLetter: _signing,
        SigningGuide: signing_guide,
        InForceLetter: _in_force,
        AccessionLetter: _accession,
        AmendmentLetter: _amendment,
        TerminationLetter: _termination,
        NoticeLetter: _notice,
        RenewalLetter: _renewal,
        YearLetter: _year,
    }
)
"""What each context has beyond those it is based on."""
