"""What two clusters differ in, clause by clause, and which changes need no new signatures (agreement.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.text import Text

FREE = frozenset(
    {
        ("cluster_leader",),
        ("focus_areas",),
        ("annexes", "action_plan"),
        ("annexes", "mandate"),
        ("members", "foui_contacts"),
        ("members", "signatory"),
        ("members", "approval_body"),
        ("language",),
        ("grant_letter",),
    }
)
"""Fields whose change needs no new signatures: people, what the decision authority decides, and plans."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two clusters differ in: its path, its name, its clause, and whether it changes without signing."""

    path: tuple[str, ...]
    label: Text
    clause: str
    free: bool


def differences(old: Cluster, new: Cluster, kind: AgreementKind) -> tuple[Difference, ...]:
    """Return every field in which ``new`` differs from ``old``, in the order of the file."""
    found = []
    for path, guide in kind.guides.items():
        if _has_parts(path, kind) or any(path[: len(free)] == free and path != free for free in FREE):
            continue
        if _values(old, path) != _values(new, path):
            found.append(Difference(path, guide.label, guide.clause, path in FREE))
    return tuple(found)


def _has_parts(path: tuple[str, ...], kind: AgreementKind) -> bool:
    """Whether a field is only a heading for others, which are compared on their own."""
    return path not in FREE and any(other[: len(path)] == path and other != path for other in kind.guides)


def _values(cluster: Cluster, path: tuple[str, ...]) -> object:
    if path[0] == "members":
        return tuple((member.municipality, getattr(member, path[1])) for member in cluster.parties())
    value: object = cluster
    for name in path:
        value = getattr(value, name) if value is not None else None
    return value
