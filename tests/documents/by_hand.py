"""Fills KS's text by hand, without template, Jinja or Word: what the documents must say, paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ksf_agreements.documents.context import AgreementContext, Block, ContactContext
from tests.documents.ks_text import (
    ANNEX,
    AREA,
    BACKGROUND,
    CONTRIBUTIONS,
    FOUI_SHARE,
    NO_FOCUS_AREAS,
    PARTY,
    SIGNATORY,
    SIGNATORY_TITLE,
    ks_paragraphs,
)

CONTENTS_ENTRIES = 13


def capital(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[0].upper() + text[1:]


def agreement_texts(said: AgreementContext) -> list[str]:
    """Return the paragraphs of the agreement: title, contents (without page numbers), clauses, blocks, annexes."""
    fields = {
        "{{ name }}": said.name,
        "{{ name|at_start }}": capital(said.name),
        "{{ party_names }}": said.party_names,
        "{{ motor_municipality }}": said.motor_municipality,
        "{{ decision_authority }}": said.decision_authority,
        "{{ decision_authority|at_start }}": capital(said.decision_authority),
        "{{ activity_authority|at_start }}": capital(said.activity_authority),
        "{{ region }}": said.region,
        "{{ host_municipality }}": said.host_municipality,
        "{{ resources.cluster_leader }}": said.resources.cluster_leader,
        "{{ valid_until }}": said.valid_until,
        FOUI_SHARE: f", {said.resources.foui_contact}" if said.resources.foui_contact else "",
    }
    places = re.compile("|".join(re.escape(place) for place in fields))
    head, clauses = ks_paragraphs()[: 2 + CONTENTS_ENTRIES], ks_paragraphs()[2 + CONTENTS_ENTRIES :]
    filled = [*head, *_clauses(clauses, said)]
    return [places.sub(lambda found: fields[found[0]], text) if isinstance(text, str) else text[0] for text in filled]


def _clauses(clauses: tuple[str, ...], said: AgreementContext) -> Iterator[str | tuple[str]]:
    """Yield KS's paragraphs with fields still in them, and as a tuple what stands as it is."""
    local = said.local_text
    before = {
        "2. Partnere": local.purpose,
        "5. Ansvarsnivå avtaleforvaltning": local.aims,
        "I KSF-regionen": local.organisation,
        "8. Profilering": local.financing,
        "12. Varighet og oppsigelse": local.other_agreements,
        "13. Signaturer": local.termination_grounds,
    }
    for clause in clauses:
        yield from _as_is(before.get(clause, ()))
        if clause == BACKGROUND:
            if local.background:
                yield clause
                yield from _as_is(local.background)
        elif clause.endswith("følgende prioriterte satsingsområder:"):
            yield clause if said.focus_areas else NO_FOCUS_AREAS
        elif clause == AREA:
            yield from ((area,) for area in said.focus_areas)
        elif clause.startswith("Avtalen trer i kraft"):
            yield clause
            if said.contributions_required:
                yield CONTRIBUTIONS
        elif clause == PARTY:
            for party in said.parties:
                yield (f"For {party.signature_name} ({party.role})",)
                yield ("Signatur",)
                yield (f"Navn: {party.signatory_name}",)
                yield (f"Tittel: {party.signatory_title}",)
                yield ("Dato:",)
        elif clause in {"Signatur", SIGNATORY, SIGNATORY_TITLE, "Dato:"}:
            continue
        elif clause == ANNEX:
            yield from ((f"{annex.number}. {annex.title}",) for annex in said.annexes)
        else:
            yield re.sub(r"\*+", "", clause).removeprefix("- ")


def _as_is(blocks: tuple[Block, ...]) -> Iterator[tuple[str]]:
    return ((block.text,) for block in blocks)


def contacts_texts(said: AgreementContext) -> list[str]:
    """Return the paragraphs of the list of contact persons, cell by cell."""
    found = [
        "Kontaktpersoner",
        f"Vedlegg {said.contacts_annex} til samarbeidsavtalen mellom kommunene i {said.name}",
        "Kontaktpersonene kan endres uten ny signering.",
        "Klyngeleder og regional koordinator",
        *("Rolle", "Navn", "Tittel", "E-post", "Telefon"),
        *("Klyngeleder", *_person(said.cluster_leader)),
        *(f"Regional koordinator for KSF {said.region}", *_person(said.coordinator)),
        "FoUI-kontakter",
        *("Kommune", "Rolle i klyngen", "Navn", "Tittel", "E-post", "Telefon"),
    ]
    for party in said.parties:
        for contact in party.foui_contacts or (ContactContext(),):
            found += (party.name, capital(party.role), *_person(contact))
    return [*found, ""]


def _person(person: ContactContext) -> tuple[str, str, str, str]:
    if not person.name:
        return "ikke oppgitt", "–", "–", "–"
    return person.name, person.title or "–", person.email or "–", person.phone or "–"
