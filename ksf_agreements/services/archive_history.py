"""The history of an agreement in sentences, for its dossier: always in bokmål, as the template is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from ksf_agreements.documents.context import DocumentContext
from ksf_agreements.documents.history import HistoryContext, HistoryEntry, HistoryParty, HistoryVersion
from ksf_agreements.documents.letter_words import LETTER_WORDS
from ksf_agreements.documents.wording import joined, written_date
from ksf_agreements.domain import events as facts
from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.decisions import STATUS_WORDS
from ksf_agreements.domain.events import ApprovalPurpose, Basis, Event, Method, Payload, PersonalRef
from ksf_agreements.domain.status import AgreementStatus, Folded, PartyStatus, status_of
from ksf_agreements.domain.telling import told
from ksf_agreements.domain.verdict import Integrity, Verdict
from ksf_agreements.domain.versions import Version
from ksf_agreements.i18n import translator
from ksf_agreements.text import Text

ERASED = "navnet er slettet"
_SAY = translator("nb")
_NORWAY = ZoneInfo("Europe/Oslo")
_BASIS = MappingProxyType(
    {
        Basis.ORIGINAL: "Samarbeidsavtale",
        Basis.REPLACEMENT: "Erstatter en åpen versjon",
        Basis.RENEWAL: "Fornyelse",
        Basis.AMENDMENT: "Endringsavtale",
        Basis.MOTOR_CHANGE: "Ny motorkommune",
    }
)
_METHODS = MappingProxyType(
    {Method.INK: "på papir", Method.EID: "elektronisk", Method.OTHER: "på en annen måte enn papir og e-signatur"}
)
_PURPOSES = MappingProxyType(
    {
        ApprovalPurpose.NOTICE: "Gjelder oppsigelsen",
        ApprovalPurpose.ACCESSION: "Gjelder tiltredelsen",
        ApprovalPurpose.RENEWAL: "Gjelder fornyelsen",
    }
)
_INTEGRITY = MappingProxyType(
    {
        Integrity.TRUSTED: "den elektroniske signaturen er intakt, og utstederen er klarert",
        Integrity.UNTRUSTED: "den elektroniske signaturen er intakt, men utstederen er ikke blant de klarerte",
        Integrity.ALTERED: "filen er endret etter at den ble signert",
        Integrity.UNVERIFIED: "den elektroniske signaturen kunne ikke kontrolleres",
    }
)
_CLAUSES: Mapping[str, str] = MappingProxyType(
    {
        "agreement:approval:recorded": "5",
        "agreement:presentation:recorded": "5",
        "agreement:signature:recorded": "13",
        "agreement:reservation:lifted": "5",
        "agreement:signature:declined": "13",
        "agreement:absence:confirmed": "2",
        "agreement:notice:received": "12",
        "agreement:notice:copied": "12",
        "agreement:notice:withdrawn": "12",
        "agreement:notice:given_to_party": "12",
        "agreement:motor:changed": "2",
        "agreement:renewal:started": "12",
        "agreement:contacts:changed": "6",
        "agreement:focus_areas:adopted": "4 og 6",
        "agreement:plan:adopted": "6",
        "agreement:party:continuation": "2",
    }
)


@dataclass(frozen=True, slots=True)
class HistoryCase:
    """What a history is made from: all events of the dossier, the names kept beside them, and their files.

    `person` returns what is kept of somebody, None where it was erased; `files` are paths by the number of the event
    that they came with; `verdicts` by the SHA-256 of a file.
    """

    folded: Folded
    events: tuple[Event, ...]
    region: str
    person: Callable[[PersonalRef], Mapping[str, str] | None]
    files: Mapping[int, Sequence[str]]
    verdicts: Mapping[str, Verdict]
    notes: tuple[str, ...]


def history_context(case: HistoryCase) -> HistoryContext:
    """Return what the template prints."""
    folded = case.folded
    status = status_of(folded)
    shown = folded.version(status.version)
    motor = folded.motor_of(shown) if shown else None
    mark = f"{shown.terms.document_id} · versjon {shown.number}" if shown else folded.cluster
    voided = {event.payload.event for event in case.events if isinstance(event.payload, facts.EventVoided)}
    return HistoryContext(
        name=status.name or folded.cluster,
        cluster=folded.cluster,
        region=case.region,
        date=written_date(folded.on),
        document_id=shown.terms.document_id if shown else "",
        version=str(shown.number) if shown else "",
        status=_SAY(STATUS_WORDS[status.status]),
        because=_because(status),
        in_force_from=_day(status.in_force_from),
        valid_until=_day(status.valid_until),
        motor_municipality=title_of(folded, motor) if motor else "ingen",
        parties=tuple(_party(folded, party) for party in status.parties),
        versions=tuple(_version(folded, version) for version in folded.versions),
        entries=tuple(
            _entry(case, event, is_voided=event.number in voided)
            for event in sorted(case.events, key=lambda event: (event.occurred_on, event.number))
        ),
        notes=case.notes,
        document=DocumentContext(f"{mark} · historikk per {written_date(folded.on)}", ""),
    )


def sentence(event: Event, call: Callable[[str], str]) -> str:
    """Return what happened, as a sentence in bokmål with a capital and a full stop."""
    if isinstance(event.payload, facts.HistoryImported):
        return "Ført inn fra et regneark med avtaler som ble signert før registeret ble tatt i bruk."
    return _sentence(told(event, call))


def _sentence(text: Text) -> str:
    words = _SAY(text).removesuffix(", sak –")
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."


def title_of(folded: Folded, number: str, day: date | None = None) -> str:
    """Return a municipality as running text has it; the number where nobody knows it."""
    register = folded.municipalities
    known = (register.on(number, day) if register and day else None) or (register.get(number) if register else None)
    return known.title() if known else number


def _name(folded: Folded, number: str) -> str:
    known = folded.municipalities.get(number) if folded.municipalities else None
    return known.name if known else number


def _names(case: HistoryCase, numbers: Sequence[str]) -> str:
    return joined([_name(case.folded, number) for number in numbers])


def _because(status: AgreementStatus) -> str:
    reasons = (status.reason, *(alert for alert in status.alerts if alert.text != status.reason.text))
    return " ".join(_sentence(reason.text) for reason in reasons)


def _day(day: date | None) -> str:
    return written_date(day) if day else ""


def _short(day: date | None) -> str:
    return f"{day.day}.{day.month}.{day.year}" if day else ""


def _party(folded: Folded, party: PartyStatus) -> HistoryParty:
    return HistoryParty(
        number=party.municipality,
        name=title_of(folded, party.municipality),
        role=folded.kind.role_words[Language.NB][party.role],
        state=LETTER_WORDS[Language.NB].states[party.state],
        signed_on=_short(party.signed_on),
        bound_from=_short(party.bound_from),
        bound_until=_short(party.bound_until),
    )


def _version(folded: Folded, version: Version) -> HistoryVersion:
    return HistoryVersion(
        number=version.number,
        document_id=version.terms.document_id,
        basis=_BASIS[version.terms.basis],
        issued_on=_short(version.issued_on),
        in_force_from=_short(version.in_force_from),
        valid_until=_short(version.terms.valid_until),
        status=_SAY(STATUS_WORDS[folded.status_of(version)]),
    )


def _entry(case: HistoryCase, event: Event, *, is_voided: bool) -> HistoryEntry:
    actor = case.person(event.actor)
    found = [detail for detail in _details(case, event.payload) if detail]
    return HistoryEntry(
        number=event.number,
        date=_short(event.occurred_on),
        sentence=sentence(event, case.folded.call),
        details=" · ".join(found),
        clause=_CLAUSES.get(event.kind, ""),
        files=tuple(case.files.get(event.number, ())),
        recorded_on=_short(event.recorded_at.astimezone(_NORWAY).date()),
        recorded_by=actor.get("name", "–") if actor is not None else ERASED,
        is_voided=is_voided,
    )


def _details(case: HistoryCase, payload: Payload) -> Sequence[str]:
    make = _DETAILS.get(type(payload))
    return make(case, payload) if make else ()


def _of_version(case: HistoryCase, said: facts.VersionIssued) -> Sequence[str]:
    return f"Avtale {said.document_id}", f"Parter: {_names(case, said.parties)}", _from(said.valid_from)


def _from(day: date | None) -> str:
    return f"Gjelder fra {_short(day)}" if day else ""


def _of_signature(case: HistoryCase, said: facts.SignatureRecorded) -> Sequence[str]:
    person = case.person(said.signatory)
    who = ERASED if person is None else ", ".join(part for part in (person.get("name"), person.get("title")) if part)
    verdict = case.verdicts.get(said.file or "")
    return (
        f"Underskriver: {who}" if who else "",
        f"Signert {_METHODS[said.method]}",
        f"Signert som {said.authority}" if said.authority is not facts.Authority.MAYOR else "",
        "Med forbehold om godkjenning" if said.reservation else "",
        _checked(verdict),
    )


def _checked(verdict: Verdict | None) -> str:
    integrity = verdict.integrity if verdict else None
    return f"Kontroll av filen: {_INTEGRITY[integrity]}" if integrity else ""


def _case(number: str) -> str:
    return f"Sak {number}" if number else ""


_DETAILS: Mapping[type[Payload], Callable[[HistoryCase, Any], Sequence[str]]] = MappingProxyType(
    {
        facts.VersionIssued: _of_version,
        facts.SignatureRecorded: _of_signature,
        facts.ApprovalRecorded: lambda _, said: (_PURPOSES.get(said.purpose, ""),),
        facts.PresentationRecorded: lambda _, said: (_case(said.case),),
        facts.SigningOpened: lambda _, said: (f"Frist {_short(said.deadline)}" if said.deadline else "",),
        facts.FileReceived: lambda case, said: (_checked(case.verdicts.get(said.file)),),
        facts.NoticeReceived: lambda _, said: (
            f"Sendt {_short(said.sent)}" if said.sent else "",
            f"Kopi til regional koordinator {_short(said.copied)}" if said.copied else "",
        ),
        facts.NoticeWithdrawn: lambda case, said: (
            f"Med samtykke fra {_names(case, said.consents)}" if said.consents else "",
        ),
        facts.NoticeGivenToParty: lambda _, said: (_case(said.decision),),
        facts.AccessionRecorded: lambda case, said: (
            f"Signert av {_names(case, said.signed_by)}",
            _case(said.approval_case),
        ),
        facts.RenewalStarted: lambda case, said: (f"Spurt: {_names(case, said.invited)}",),
        facts.FocusAreasAdopted: lambda _, said: (joined(said.focus_areas),),
        facts.PartyContinued: lambda _, said: (_case(said.decision),),
    }
)
