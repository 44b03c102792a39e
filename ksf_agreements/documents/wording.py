"""The words that a document needs beside the template's: dates, joined names, annex titles, in nb and nn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ksf_agreements.domain.cluster import Language

_MONTHS = (
    "januar februar mars april mai juni juli august september oktober november desember".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `gap` stands where a draft has nothing yet."""

    gap: str
    draft: str
    plan: str
    financial_commitments: str
    action_plan: str
    action_plan_later: str
    contacts: str
    mandate: str
    focus_areas_later: str
    content: str
    version: str
    qr_alt: str


WORDS: Mapping[Language, Words] = {
    Language.NB: Words(
        gap="(avklares)",
        draft="Utkast",
        plan="KS' plan for etablering av Kommunenes samarbeidsarena for forskning (KSF)",
        financial_commitments="Kommunenes økonomiske forpliktelser",
        action_plan="Handlingsplan for kommuneklyngen",
        action_plan_later="Handlingsplan for kommuneklyngen (utarbeides etter avtaleinngåelse)",
        contacts="Kontaktpersoner",
        mandate="Mandat for kommuneklyngen",
        focus_areas_later="Prioriterte satsingsområder (fastsettes av {authority})",
        content="innhold",
        version="versjon",
        qr_alt="QR-kode med dokument-id {document}, versjon {version}",
    ),
    Language.NN: Words(
        gap="(ikkje avklart)",
        draft="Utkast",
        plan="Plan frå KS for etablering av Kommunenes samarbeidsarena for forskning (KSF)",
        financial_commitments="Dei økonomiske pliktene til kommunane",
        action_plan="Handlingsplan for kommuneklyngja",
        action_plan_later="Handlingsplan for kommuneklyngja (blir utarbeidd etter at avtalen er inngått)",
        contacts="Kontaktpersonar",
        mandate="Mandat for kommuneklyngja",
        focus_areas_later="Prioriterte satsingsområde (blir fastsette av {authority})",
        content="innhald",
        version="versjon",
        qr_alt="QR-kode med dokument-id {document}, versjon {version}",
    ),
}


def written_date(day: date) -> str:
    """Return a date as Norwegian documents write it: '31. desember 2029' (the same in bokmål and nynorsk)."""
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


def joined(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: 'A, B og C'."""
    return " og ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)
