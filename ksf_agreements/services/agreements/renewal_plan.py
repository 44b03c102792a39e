"""The renewal plan as people see it: every step before the end of the term with its day, done or not; and what changed.

The steps that are not done are the domain's obligations; here stand those that are done beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksf_agreements.domain.comparison import Difference, differences
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.deadlines import WHAT, obligations
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.agreements.issuing import cluster_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import Text

STEPS = ("renewal-ask", "renewal-draft", "renewal-approvals", "renewal-signing")
"""What is done before the end of a term, in the order of the months that the kind of agreement gives them."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step of the plan: what, how many months before the last day, by when, and whether it is done."""

    code: str
    what: Text
    months: int
    due: date
    is_done: bool


def renewal_plan(folded: Folded) -> tuple[PlanStep, ...]:
    """Return the steps of the version in force; none where no version is, or the agreement ends before its term."""
    version = folded.in_force
    if version is None:
        return ()
    terms, kind = version.terms, folded.kind
    last = max(one.bound_until for one in folded.bindings if one.version.number == version.number)
    months = kind.renewal_months_with_contributions if terms.contributions_required else kind.renewal_months
    waiting = {one.code for one in obligations(folded) if one.event == version.event.number}
    dues = [(code, before, add_months(terms.valid_until, -before)) for code, before in zip(STEPS, months, strict=True)]
    return tuple(
        PlanStep(code, WHAT[code], before, due, code not in waiting) for code, before, due in dues if due <= last
    )


def changed(desk: Desk, cluster: str, version: Version) -> tuple[Difference, ...]:
    """Return what the cluster file says otherwise than a version; nothing where either cannot be read any more."""
    with desk.register.reading() as reader:
        old = cluster_of(reader.file(version.terms.snapshot))
    file = desk.cluster_file(cluster)
    return differences(old, file.cluster, file.kind) if old is not None and file.cluster is not None else ()
