"""What differs between kinds of agreement: terms, roles, documents, and what each field means in its clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ksf_agreements.domain.cluster import Cluster, Language
from ksf_agreements.errors import FieldPath
from ksf_agreements.text import Text


class Role(StrEnum):
    """What a party is in the cooperation."""

    MOTOR_MUNICIPALITY = "motor_municipality"
    PARTNER_MUNICIPALITY = "partner_municipality"


class DocumentType(StrEnum):
    """The documents that a cluster file fills; the value is the ending of the file's name ('' for the agreement)."""

    AGREEMENT = ""
    CONTACTS = "kontaktpersoner"


@dataclass(frozen=True, slots=True)
class FieldGuide:
    """What people are told of a field: its name, the clause it fills, KS's guidance, and an example.

    `required` fields leave a gap in the document where they are missing: no document but a draft that says so.
    """

    label: Text
    clause: str = ""
    help: Text | None = None
    example: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class AgreementKind:
    """One kind of agreement: everything that another kind would have otherwise.

    `notice_months` is the notice period; `renewal_months` are the steps of the renewal plan in months before the last
    day (ask the parties, draft checked, approvals, signing opens), the first earlier where contributions are required;
    `recommended_years` is the term under which a warning is given; `guides` maps a field's path, without list indexes,
    to its guide.
    """

    id: str
    title: Text
    model: type[Cluster]
    notice_months: int
    recommended_years: int
    minimum_parties: int
    renewal_months: tuple[int, ...]
    renewal_months_with_contributions: tuple[int, ...]
    term_clause: str
    role_words: Mapping[Language, Mapping[Role, str]]
    templates: Mapping[DocumentType, str]
    guides: Mapping[tuple[str, ...], FieldGuide] = field(repr=False)

    def first_renewal_step(self, *, contributions: bool) -> int:
        """Return how many months before the last day the renewal plan begins."""
        return (self.renewal_months_with_contributions if contributions else self.renewal_months)[0]

    def guide(self, path: FieldPath) -> FieldGuide | None:
        """Return the guide of the field at ``path``, or of the nearest field around it."""
        names = tuple(part for part in path if isinstance(part, str))
        while names and names not in self.guides:
            names = names[:-1]
        return self.guides.get(names)

    def required_fields(self) -> tuple[tuple[str, ...], ...]:
        """Return the paths of the fields without which the document has a gap."""
        return tuple(path for path, guide in self.guides.items() if guide.required)
