"""The words that letters need beside their templates' own: states, bodies and councils, in nb and nn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ksf_agreements.domain.checks import CITY_GOVERNMENTS
from ksf_agreements.domain.cluster import ApprovalBody, Language
from ksf_agreements.domain.municipality import Municipality, MunicipalityKind
from ksf_agreements.domain.status import PartyState


@dataclass(frozen=True, slots=True)
class LetterWords:
    """One language's words: a party's state, and bodies in the definite form."""

    states: Mapping[PartyState, str]
    bodies: Mapping[ApprovalBody, str]
    council: str
    city_council: str
    herad_council: str
    contributions: str

    def council_of(self, municipality: Municipality | None) -> str:
        """Return what the elected council of a municipality is called."""
        if municipality is not None and municipality.kind is MunicipalityKind.HERAD:
            return self.herad_council
        is_city = municipality is not None and municipality.number in CITY_GOVERNMENTS
        return self.city_council if is_city else self.council

    def body_of(self, body: ApprovalBody, municipality: Municipality | None) -> str:
        """Return the body that approves the agreement for a municipality."""
        return self.council_of(municipality) if body is ApprovalBody.COUNCIL else self.bodies[body]


LETTER_WORDS: Mapping[Language, LetterWords] = MappingProxyType(
    {
        Language.NB: LetterWords(
            states={
                PartyState.INVITED: "invitert",
                PartyState.APPROVED: "godkjent",
                PartyState.SIGNED: "signert",
                PartyState.DECLINED: "ønsker ikke å delta",
                PartyState.BOUND: "bundet",
                PartyState.LEAVING: "trer ut",
                PartyState.LEFT: "trådt ut",
            },
            bodies={
                ApprovalBody.MUNICIPAL_DIRECTOR: "kommunedirektøren",
                ApprovalBody.CITY_GOVERNMENT: "byrådet",
                ApprovalBody.EXECUTIVE_COMMITTEE: "formannskapet",
            },
            council="kommunestyret",
            city_council="bystyret",
            herad_council="heradsstyret",
            contributions="Deltakelse forutsetter bidrag etter punkt 7. Manglende bidrag er oppsigelsesgrunn.",
        ),
        Language.NN: LetterWords(
            states={
                PartyState.INVITED: "invitert",
                PartyState.APPROVED: "godkjend",
                PartyState.SIGNED: "signert",
                PartyState.DECLINED: "ønskjer ikkje å vere med",
                PartyState.BOUND: "bunden",
                PartyState.LEAVING: "trer ut",
                PartyState.LEFT: "tredd ut",
            },
            bodies={
                ApprovalBody.MUNICIPAL_DIRECTOR: "kommunedirektøren",
                ApprovalBody.CITY_GOVERNMENT: "byrådet",
                ApprovalBody.EXECUTIVE_COMMITTEE: "formannskapet",
            },
            council="kommunestyret",
            city_council="bystyret",
            herad_council="heradsstyret",
            contributions="Deltaking føreset bidrag etter punkt 7. Manglande bidrag er oppseiingsgrunn.",
        ),
    }
)
