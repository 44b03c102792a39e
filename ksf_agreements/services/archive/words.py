"""The words of a history besides its template's own, and what is not in a dossier: in bokmål and nynorsk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.events import ApprovalPurpose, Basis, Method
from ksf_agreements.domain.verdict import Integrity


@dataclass(frozen=True, slots=True)
class HistoryWords:
    """One language's words; those with braces are filled by `str.format`."""

    bases: Mapping[Basis, str]
    methods: Mapping[Method, str]
    purposes: Mapping[ApprovalPurpose, str]
    integrity: Mapping[Integrity, str]
    imported: str
    erased: str
    nobody: str
    agreement: str
    parties: str
    applies_from: str
    signatory: str
    signed: str
    signed_as: str
    reservation: str
    checked: str
    case: str
    deadline: str
    sent: str
    copied: str
    consent: str
    signed_by: str
    asked: str
    history: str
    no_text: str
    file_erased: str
    file_voided: str
    sheet: str
    person_erased: str
    people_erased: str
    never_in_force: str


HISTORY_WORDS: Mapping[Language, HistoryWords] = MappingProxyType(
    {
        Language.NB: HistoryWords(
            bases={
                Basis.ORIGINAL: "Samarbeidsavtale",
                Basis.REPLACEMENT: "Erstatter en åpen versjon",
                Basis.RENEWAL: "Fornyelse",
                Basis.AMENDMENT: "Endringsavtale",
                Basis.MOTOR_CHANGE: "Ny motorkommune",
            },
            methods={
                Method.INK: "på papir",
                Method.EID: "elektronisk",
                Method.OTHER: "på en annen måte enn papir og e-signatur",
            },
            purposes={
                ApprovalPurpose.NOTICE: "Gjelder oppsigelsen",
                ApprovalPurpose.ACCESSION: "Gjelder tiltredelsen",
                ApprovalPurpose.RENEWAL: "Gjelder fornyelsen",
            },
            integrity={
                Integrity.TRUSTED: "den elektroniske signaturen er intakt, og utstederen er klarert",
                Integrity.UNTRUSTED: "den elektroniske signaturen er intakt, men sertifikatet bak den er ikke klarert",
                Integrity.ALTERED: "filen er endret etter at den ble signert",
                Integrity.UNVERIFIED: "den elektroniske signaturen kunne ikke kontrolleres",
            },
            imported="Ført inn fra et regneark med avtaler som ble signert før registeret ble tatt i bruk.",
            erased="navnet er slettet",
            nobody="ingen",
            agreement="Avtale {id}",
            parties="Parter: {names}",
            applies_from="Gjelder fra {day}",
            signatory="Underskriver: {who}",
            signed="Signert {method}",
            signed_as="Signert som {authority}",
            reservation="Med forbehold om godkjenning",
            checked="Kontroll av filen: {result}",
            case="Sak {number}",
            deadline="Frist {day}",
            sent="Sendt {day}",
            copied="Kopi til regional koordinator {day}",
            consent="Med samtykke fra {names}",
            signed_by="Signert av {names}",
            asked="Spurt: {names}",
            history="{mark} · historikk per {day}",
            no_text="Avtaleteksten til versjon {n}: registeret har den ikke, så en tilgjengelig utgave kan ikke lages.",
            file_erased="{title} (hendelse {n}) er slettet fra registeret.",
            file_voided="Filer som kom med hendelse {n}, som er strøket.",
            sheet="Regnearket som avtalen ble ført inn fra: det gjelder også andre avtaler, og ligger i registeret.",
            person_erased="Opplysninger om én person: de er slettet fra registeret.",
            people_erased="Opplysninger om {n} personer: de er slettet fra registeret.",
            never_in_force="Avtalen har ikke vært i kraft.",
        ),
        Language.NN: HistoryWords(
            bases={
                Basis.ORIGINAL: "Samarbeidsavtale",
                Basis.REPLACEMENT: "Kjem i staden for ein open versjon",
                Basis.RENEWAL: "Fornying",
                Basis.AMENDMENT: "Endringsavtale",
                Basis.MOTOR_CHANGE: "Ny motorkommune",
            },
            methods={
                Method.INK: "på papir",
                Method.EID: "elektronisk",
                Method.OTHER: "på ein annan måte enn papir og e-signatur",
            },
            purposes={
                ApprovalPurpose.NOTICE: "Gjeld oppseiinga",
                ApprovalPurpose.ACCESSION: "Gjeld tiltredinga",
                ApprovalPurpose.RENEWAL: "Gjeld fornyinga",
            },
            integrity={
                Integrity.TRUSTED: "den elektroniske signaturen er intakt, og utferdaren er klarert",
                Integrity.UNTRUSTED: "den elektroniske signaturen er intakt, men sertifikatet bak han er ikkje klarert",
                Integrity.ALTERED: "fila er endra etter at ho vart signert",
                Integrity.UNVERIFIED: "den elektroniske signaturen kunne ikkje kontrollerast",
            },
            imported="Ført inn frå eit rekneark med avtalar som vart signerte før registeret vart teke i bruk.",
            erased="namnet er sletta",
            nobody="ingen",
            agreement="Avtale {id}",
            parties="Partar: {names}",
            applies_from="Gjeld frå {day}",
            signatory="Underskrivar: {who}",
            signed="Signert {method}",
            signed_as="Signert som {authority}",
            reservation="Med atterhald om godkjenning",
            checked="Kontroll av fila: {result}",
            case="Sak {number}",
            deadline="Frist {day}",
            sent="Send {day}",
            copied="Kopi til regional koordinator {day}",
            consent="Med samtykke frå {names}",
            signed_by="Signert av {names}",
            asked="Spurde: {names}",
            history="{mark} · historikk per {day}",
            no_text="Avtaleteksten til versjon {n}: registeret har han ikkje, så ei tilgjengeleg utgåve manglar.",
            file_erased="«{title}» (hending {n}) er sletta frå registeret.",
            file_voided="Filer som kom med hending {n}, som er gjord ugyldig.",
            sheet="Reknearket som avtalen vart ført inn frå: det gjeld også andre avtalar, og ligg i registeret.",
            person_erased="Opplysningar om éin person: dei er sletta frå registeret.",
            people_erased="Opplysningar om {n} personar: dei er sletta frå registeret.",
            never_in_force="Avtalen har ikkje vore i kraft.",
        ),
    }
)
