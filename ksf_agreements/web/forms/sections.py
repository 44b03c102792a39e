"""The form of a cluster in the order of the agreement's clauses: which fields stand where, and of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ksf_agreements.domain.agreement import FieldGuide
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.member_form import CHOICES, CLUSTER_FIELDS, Kind
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `kind` is 'line', 'text', 'day', 'email', 'phone', 'radio', 'select', 'annex', or a part of its own.

    `folded` ones stand open only where something is in them.
    """

    path: tuple[str, ...]
    kind: str = "line"
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A clause of the agreement with the fields that it is made of."""

    number: str
    heading: Text
    fields: tuple[Field, ...]


def _local(name: str) -> Field:
    return Field(("local_text", name), "text", folded=True)


SECTIONS: Final = (
    Section(
        "1",
        T("Purpose of the agreement"),
        (Field(("name",)), Field(("language",), "radio"), _local("purpose")),
    ),
    Section("2", T("Partners"), (Field(("members",), "members"), Field(("accession",), "radio", folded=True))),
    Section("3", T("Background"), (_local("background"),)),
    Section(
        "4",
        T("Purpose of the cluster"),
        (Field(("focus_areas",), "areas"), _local("aims"), Field(("annexes", "mandate"), "annex")),
    ),
    Section(
        "6",
        T("Organisation and governance"),
        (
            Field(("region",), "select"),
            Field(("decision_authority",)),
            Field(("activity_authority",)),
            Field(("cluster_leader",), "person"),
            _local("organisation"),
            Field(("annexes", "action_plan"), "annex"),
        ),
    ),
    Section(
        "7",
        T("Financing and resources"),
        (
            Field(("resources", "cluster_leader")),
            Field(("resources", "foui_contact")),
            _local("financing"),
            Field(("annexes", "financial_commitments"), "annex"),
            Field(("grant_letter",), "grant", folded=True),
        ),
    ),
    Section("11", T("Scope of the agreement"), (_local("other_agreements"),)),
    Section(
        "12",
        T("Term and termination"),
        (
            Field(("valid_until",), "day"),
            Field(("entry_into_force",), "radio"),
            Field(("contributions_required",), "radio"),
            _local("termination_grounds"),
        ),
    ),
)

CHOSEN: Final[Mapping[str, Mapping[str, Text]]] = {
    "language": CHOICES[Kind.LANGUAGE],
    "accession": CHOICES[Kind.ACCESSION],
    "entry_into_force": CHOICES[Kind.ENTRY],
    "contributions_required": CHOICES[Kind.YES_NO],
    "approval_body": CHOICES[Kind.BODY],
}

# Where the guidance of the cluster file tells how it is written there.
_GUIDES: Final[Mapping[tuple[str, ...], FieldGuide]] = {
    **{one.path: one.guide for one in CLUSTER_FIELDS if one.kind in {Kind.LANGUAGE, Kind.ENTRY, Kind.ACCESSION}},
    ("region",): replace(KSF_CLUSTER.guides["region",], help=T("The region that the cluster belongs to."), example=""),
    ("valid_until",): replace(KSF_CLUSTER.guides["valid_until",], example="31.12.2029"),
    ("grant_letter", "report_dates"): replace(KSF_CLUSTER.guides["grant_letter", "report_dates"], example="1.3.2027"),
}


def guide(path: tuple[str, ...]) -> FieldGuide:
    """Return what people are told of a field of the form."""
    return _GUIDES.get(path) or KSF_CLUSTER.guides[path]
