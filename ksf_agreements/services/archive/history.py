"""The history of an agreement in sentences, for its dossier, in the language of its documents."""

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
from ksf_agreements.domain.events import Event, Payload, PersonalRef
from ksf_agreements.domain.folded import STATUS_WORDS, Folded
from ksf_agreements.domain.status import AgreementStatus, PartyStatus, status_of
from ksf_agreements.domain.telling import told
from ksf_agreements.domain.verdict import Verdict
from ksf_agreements.domain.versions import Version
from ksf_agreements.i18n import translator
from ksf_agreements.services.archive.words import HISTORY_WORDS, HistoryWords
from ksf_agreements.text import Text

_NORWAY = ZoneInfo("Europe/Oslo")
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
    language: Language = Language.NB

    @property
    def words(self) -> HistoryWords:
        """The language's words."""
        return HISTORY_WORDS[self.language]

    def say(self, text: Text) -> str:
        """Return a text in the language."""
        return translator(str(self.language))(text)


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
        status=case.say(STATUS_WORDS[status.status]),
        because=_because(case, status),
        in_force_from=_day(status.in_force_from),
        valid_until=_day(status.valid_until),
        motor_municipality=title_of(folded, motor) if motor else case.words.nobody,
        parties=tuple(_party(case, party) for party in status.parties),
        versions=tuple(_version(case, version) for version in folded.versions),
        entries=tuple(
            _entry(case, event, is_voided=event.number in voided)
            for event in sorted(case.events, key=lambda event: (event.occurred_on, event.number))
        ),
        notes=case.notes,
        document=DocumentContext(case.words.history.format(mark=mark, day=written_date(folded.on)), ""),
    )


def sentence(event: Event, call: Callable[[str], str], language: Language = Language.NB) -> str:
    """Return what happened, as a sentence with a capital and a full stop."""
    if isinstance(event.payload, facts.HistoryImported):
        return HISTORY_WORDS[language].imported
    return _sentence(told(event, call), language)


def _sentence(text: Text, language: Language) -> str:
    words = translator(str(language))(text).removesuffix(", sak –")
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


def _because(case: HistoryCase, status: AgreementStatus) -> str:
    reasons = (status.reason, *(alert for alert in status.alerts if alert.text != status.reason.text))
    return " ".join(_sentence(reason.text, case.language) for reason in reasons)


def _day(day: date | None) -> str:
    return written_date(day) if day else ""


def _short(day: date | None) -> str:
    return f"{day.day}.{day.month}.{day.year}" if day else ""


def _party(case: HistoryCase, party: PartyStatus) -> HistoryParty:
    folded = case.folded
    return HistoryParty(
        number=party.municipality,
        name=title_of(folded, party.municipality),
        role=folded.kind.role_words[case.language][party.role],
        state=LETTER_WORDS[case.language].states[party.state],
        signed_on=_short(party.signed_on),
        bound_from=_short(party.bound_from),
        bound_until=_short(party.bound_until),
    )


def _version(case: HistoryCase, version: Version) -> HistoryVersion:
    return HistoryVersion(
        number=version.number,
        document_id=version.terms.document_id,
        basis=case.words.bases[version.terms.basis],
        issued_on=_short(version.issued_on),
        in_force_from=_short(version.in_force_from),
        valid_until=_short(version.terms.valid_until),
        status=case.say(STATUS_WORDS[case.folded.status_of(version)]),
    )


def _entry(case: HistoryCase, event: Event, *, is_voided: bool) -> HistoryEntry:
    actor = case.person(event.actor)
    found = [detail for detail in _details(case, event.payload) if detail]
    return HistoryEntry(
        number=event.number,
        date=_short(event.occurred_on),
        sentence=sentence(event, case.folded.call, case.language),
        details=" · ".join(found),
        clause=_CLAUSES.get(event.kind, ""),
        files=tuple(case.files.get(event.number, ())),
        recorded_on=_short(event.recorded_at.astimezone(_NORWAY).date()),
        recorded_by=actor.get("name", "–") if actor is not None else case.words.erased,
        is_voided=is_voided,
    )


def _details(case: HistoryCase, payload: Payload) -> Sequence[str]:
    make = _DETAILS.get(type(payload))
    return make(case, payload) if make else ()


def _of_version(case: HistoryCase, said: facts.VersionIssued) -> Sequence[str]:
    words = case.words
    return (
        words.agreement.format(id=said.document_id),
        words.parties.format(names=_names(case, said.parties)),
        _dated(words.applies_from, said.valid_from),
    )


def _dated(words: str, day: date | None) -> str:
    return words.format(day=_short(day)) if day else ""


def _of_signature(case: HistoryCase, said: facts.SignatureRecorded) -> Sequence[str]:
    words, person = case.words, case.person(said.signatory)
    known = ", ".join(part for part in (person.get("name"), person.get("title")) if part) if person else ""
    who = words.erased if person is None else known
    return (
        words.signatory.format(who=who) if who else "",
        words.signed.format(method=words.methods[said.method]),
        words.signed_as.format(authority=said.authority) if said.authority is not facts.Authority.MAYOR else "",
        words.reservation if said.reservation else "",
        _checked(case, said.file),
    )


def _checked(case: HistoryCase, file: str | None) -> str:
    verdict = case.verdicts.get(file or "")
    integrity = verdict.integrity if verdict else None
    return case.words.checked.format(result=case.words.integrity[integrity]) if integrity else ""


def _case(case: HistoryCase, number: str) -> str:
    return case.words.case.format(number=number) if number else ""


def _named(case: HistoryCase, words: str, numbers: Sequence[str]) -> str:
    return words.format(names=_names(case, numbers)) if numbers else ""


_DETAILS: Mapping[type[Payload], Callable[[HistoryCase, Any], Sequence[str]]] = MappingProxyType(
    {
        facts.VersionIssued: _of_version,
        facts.SignatureRecorded: _of_signature,
        facts.ApprovalRecorded: lambda case, said: (case.words.purposes.get(said.purpose, ""),),
        facts.PresentationRecorded: lambda case, said: (_case(case, said.case),),
        facts.SigningOpened: lambda case, said: (_dated(case.words.deadline, said.deadline),),
        facts.FileReceived: lambda case, said: (_checked(case, said.file),),
        facts.NoticeReceived: lambda case, said: (
            _dated(case.words.sent, said.sent),
            _dated(case.words.copied, said.copied),
        ),
        facts.NoticeWithdrawn: lambda case, said: (_named(case, case.words.consent, said.consents),),
        facts.NoticeGivenToParty: lambda case, said: (_case(case, said.decision),),
        facts.AccessionRecorded: lambda case, said: (
            _named(case, case.words.signed_by, said.signed_by),
            _case(case, said.approval_case),
        ),
        facts.RenewalStarted: lambda case, said: (_named(case, case.words.asked, said.invited),),
        facts.FocusAreasAdopted: lambda _, said: (joined(said.focus_areas),),
        facts.PartyContinued: lambda case, said: (_case(case, said.decision),),
    }
)
