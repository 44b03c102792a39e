"""What a cluster file says: the intent of one agreement, as frozen values (agreement.md section 2).

The model holds drafts too: what the document needs but a draft may lack is `None` here, and `checks` tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ksf_agreements.domain.values import (
    AnnexPath,
    CountyNumber,
    Email,
    Fault,
    IsoDate,
    Line,
    MunicipalityNumber,
    Paragraphs,
    YesNo,
)
from ksf_agreements.text import T


class Model(BaseModel):
    """A frozen value with exactly the fields it declares."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Language(StrEnum):
    """The language of a document: bokmål or nynorsk."""

    NB = "nb"
    NN = "nn"


class ApprovalBody(StrEnum):
    """Who approves the agreement in a municipality (cl. 5: by its own delegation rules)."""

    MUNICIPAL_DIRECTOR = "kommunedirektør"
    CITY_GOVERNMENT = "byråd"
    EXECUTIVE_COMMITTEE = "formannskap"
    COUNCIL = "kommunestyre"


class EntryIntoForce(StrEnum):
    """When the agreement enters into force (cl. 12 says 'fra signering')."""

    LAST_SIGNATURE = "last_signature"
    EACH_ON_SIGNING = "each_on_signing"


class Accession(StrEnum):
    """Whose signatures a new party needs: all bound parties', or the motor municipality's alone."""

    ALL = "all"
    MOTOR = "motor"


# A strict model takes no text for an enum, and a cluster file has nothing but text.
_Lax = Field(strict=False)


class Person(Model):
    """Someone who is named: a contact, the cluster leader, a coordinator."""

    name: Line
    title: Line | None = None
    email: Email | None = None
    phone: Line | None = None


class Signatory(Model):
    """Who is planned to sign for a party; either half may be open until signing."""

    name: Line | None = None
    title: Line | None = None


class Member(Model):
    """A municipality that is, or shall be, a party."""

    municipality: MunicipalityNumber
    name_as_signed: Line | None = None
    signatory: Signatory | None = None
    approval_body: Annotated[ApprovalBody, _Lax] = ApprovalBody.MUNICIPAL_DIRECTOR
    foui_contacts: tuple[Person, ...] = ()


class Resources(Model):
    """What the parties set aside (cl. 7), in words: 'minimum 50 prosent stilling'."""

    cluster_leader: Line | None = None
    foui_contact: Line | None = None


class LocalText(Model):
    """Local paragraphs that KS's template invites; an absent one leaves no trace in the document."""

    purpose: Paragraphs | None = None
    background: Paragraphs | None = None
    aims: Paragraphs | None = None
    organisation: Paragraphs | None = None
    financing: Paragraphs | None = None
    other_agreements: Paragraphs | None = None
    termination_grounds: Paragraphs | None = None


class Annexes(Model):
    """Files of the workspace that follow the agreement."""

    financial_commitments: AnnexPath | None = None
    action_plan: AnnexPath | None = None
    mandate: AnnexPath | None = None


class GrantLetter(Model):
    """KS's conditions for money to the motor municipality (cl. 7): its reference, and when reports are due.

    It is no part of the agreement: nothing of it is printed or frozen, and it is reminded of.
    """

    reference: Line | None = None
    report_dates: Annotated[tuple[IsoDate, ...], Field(max_length=50)] = ()


class Cluster(Model):
    """One KSF cluster's agreement as its file states it.

    `members` are the parties in the order they are printed, save that the motor municipality comes first.
    `valid_until` is the last day of the term (cl. 12, inclusive). `None` stands for what is not settled yet.
    """

    agreement: Line
    name: Line | None = None
    region: Line | None = None
    language: Annotated[Language, _Lax] = Language.NB
    motor_municipality: MunicipalityNumber | None = None
    members: Annotated[tuple[Member, ...], Field(max_length=400)] = ()
    cluster_leader: Person | None = None
    decision_authority: Line | None = None
    activity_authority: Line | None = None
    focus_areas: Annotated[tuple[Paragraphs, ...], Field(max_length=100)] = ()
    valid_until: IsoDate | None = None
    entry_into_force: Annotated[EntryIntoForce, _Lax] = EntryIntoForce.LAST_SIGNATURE
    accession: Annotated[Accession, _Lax] = Accession.ALL
    resources: Resources = Resources()
    contributions_required: YesNo = False
    local_text: LocalText = LocalText()
    annexes: Annexes = Annexes()
    grant_letter: GrantLetter | None = None

    def parties(self) -> tuple[Member, ...]:
        """Return the members as the document lists them: the motor municipality, then the others in order."""
        motor = tuple(member for member in self.members if member.municipality == self.motor_municipality)
        return motor + tuple(member for member in self.members if member.municipality != self.motor_municipality)

    def files(self) -> tuple[tuple[str, str], ...]:
        """Return the annex files that are named, as (field, path inside the workspace)."""
        return tuple((field, path) for field, path in self.annexes if path is not None)


def _region_name(value: object) -> object:
    if isinstance(value, str) and value.strip().upper().startswith("KSF"):
        raise Fault(
            "region-name-with-ksf",
            T("the region's name starts with 'KSF', which the document writes itself"),
            T("Write only the name: '{name}'.", name=value.strip()[3:].strip(" -–:") or "Vest"),
        )
    return value


class Region(Model):
    """A KSF region: documents print 'KSF ' and its name (cl. 6)."""

    name: Annotated[Line, BeforeValidator(_region_name)]
    host_municipality: MunicipalityNumber
    coordinator: Person | None = None
    counties: tuple[CountyNumber, ...] = ()


Regions = Mapping[str, Region]
