"""The rules a cluster must keep, as a table of small functions: each yields problems with clause and mend.

`agreement.md` section 3 is the list. A check sees the cluster and its `Surroundings`, both values; positions in
the file, labels and clauses are added by `check`.
"""

from __future__ import annotations

from dataclasses import replace

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.checks.base import Check, Purpose, Surroundings
from ksf_agreements.domain.checks.contents import (
    annex_files,
    annexes,
    ends_after_issue,
    focus_areas,
    free_text,
    gaps,
    known_region,
    language,
    long_enough,
    people,
)
from ksf_agreements.domain.checks.parties import (
    CITY_GOVERNMENTS,
    FOUI_CONTACT_DAYS,
    city_government,
    enough_members,
    foui_contacts,
    in_other_cluster,
    inside_region,
    known_municipalities,
    members_once,
    motor_is_member,
    municipality_problem,
)
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.errors import Problem

__all__ = [
    "CHECKS",
    "CITY_GOVERNMENTS",
    "FOUI_CONTACT_DAYS",
    "Purpose",
    "Surroundings",
    "check",
    "municipality_problem",
]


CHECKS: tuple[Check, ...] = (
    gaps,
    motor_is_member,
    members_once,
    enough_members,
    known_municipalities,
    known_region,
    annex_files,
    ends_after_issue,
    long_enough,
    focus_areas,
    people,
    foui_contacts,
    annexes,
    inside_region,
    in_other_cluster,
    city_government,
    language,
    free_text,
)


def check(cluster: Cluster, around: Surroundings) -> tuple[Problem, ...]:
    """Return every problem of ``cluster``, errors first in the order of the fields, each with clause and label."""
    found = [_explained(problem, around.kind) for rule in CHECKS for problem in rule(cluster, around)]
    return tuple(sorted(found, key=lambda problem: not problem.is_error))


def _explained(problem: Problem, kind: AgreementKind) -> Problem:
    guide = kind.guide(problem.path)
    if guide is None:
        return problem
    return replace(problem, clause=problem.clause or guide.clause, label=guide.label)
