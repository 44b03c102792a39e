"""What every check sees: the cluster's surroundings and what it is checked for; and how a check warns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import Cluster, Regions
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.errors import FieldPath, Problem, Severity
from ksf_agreements.text import Text


class Purpose(StrEnum):
    """What the cluster is checked for: a draft that says where it has gaps, a draft, or a numbered version."""

    GAPPY_DRAFT = "gappy-draft"
    DRAFT = "draft"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cluster is held against.

    `today` is the day of the check (the day of issue); `missing_files` are the annex files that were looked for
    and not found; `other_clusters` maps a municipality number to the other active clusters it is a party of;
    `is_region_broken` tells that the cluster's region cannot be used, since regions.yaml has an error.
    """

    kind: AgreementKind
    municipalities: MunicipalityRegister
    regions: Regions
    today: date
    purpose: Purpose = Purpose.DRAFT
    missing_files: frozenset[str] = frozenset()
    has_plan: bool = True
    other_clusters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    is_region_broken: bool = False

    def named(self, number: str) -> str:
        """Return a municipality as problems name it."""
        known = self.municipalities.get(number)
        return listed(known) if known else number


Check: TypeAlias = Callable[[Cluster, Surroundings], Iterator[Problem]]


def warning(code: str, message: Text, path: FieldPath, mend: Text | None = None) -> Problem:
    """Return a problem that stops nothing."""
    return Problem(code, message, mend, Severity.WARNING, path)


def listed(municipality: Municipality) -> str:
    """Return a municipality as a list of them has it."""
    return f"{municipality.number} {municipality.name}"
