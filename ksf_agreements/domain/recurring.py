"""What a cluster does every year, and what KS's grant letter asks for: due days, and whether it is done; pure.

Yearly are the action plan, the report to the region and the review of contact persons (agreement.md section 7, cl. 6);
the days are the workspace's settings. Report dates come from the cluster file's `grant_letter` (cl. 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.events import ContactsChanged, PlanAdopted, Task, TaskDone
from ksf_agreements.domain.folded import Folded
from ksf_agreements.text import T, Text

MonthDay: TypeAlias = tuple[int, int]
SETTLING = timedelta(days=90)
"""How long a new agreement has before the first of its yearly tasks is due."""

TASKS: Mapping[str, Text] = MappingProxyType(
    {
        Task.ACTION_PLAN: T("adopt the action plan of the year"),
        Task.ANNUAL_REPORT: T("report to the region on the year that has passed"),
        Task.CONTACT_REVIEW: T("go through the contact persons"),
        Task.GRANT_REPORT: T("report to KS by the grant letter"),
    }
)
_CLAUSES = MappingProxyType(
    {Task.ACTION_PLAN: "6", Task.ANNUAL_REPORT: "6", Task.CONTACT_REVIEW: "6", Task.GRANT_REPORT: "7"}
)


@dataclass(frozen=True, slots=True)
class YearPlan:
    """When the yearly tasks are due, as (month, day)."""

    action_plan: MonthDay = (1, 31)
    annual_report: MonthDay = (3, 1)
    contact_review: MonthDay = (9, 1)


@dataclass(frozen=True, slots=True)
class RecurringTask:
    """A task that is not done: its kind, when it is due, its clause, and the year or date that it belongs to."""

    code: Task
    due: date
    clause: str
    period: str


def tasks(folded: Folded, plan: YearPlan, report_dates: Sequence[date] = ()) -> tuple[RecurringTask, ...]:
    """Return the tasks of the fold's year that are not done, those of the year before, and the grant's reports.

    A task of a year stays until it is done, or until the next year's takes its place. The report is on the year
    before it is due, and its period is that year: there is none on a year before the agreement.
    """
    begins, last = _term(folded)
    if begins is None or last is None or folded.in_force is None:
        return ()
    done = set(_done(folded, plan))
    found = []
    days = {
        Task.ACTION_PLAN: plan.action_plan,
        Task.ANNUAL_REPORT: plan.annual_report,
        Task.CONTACT_REVIEW: plan.contact_review,
    }
    for task, (month, day) in days.items():
        for year in (folded.on.year - 1, folded.on.year, folded.on.year + 1):
            due = _settled(date(year, month, day), begins)
            about = year - 1 if task is Task.ANNUAL_REPORT else year
            overtaken = date(year + 1, month, day) - timedelta(days=30)
            stands = due is not None and begins <= due <= last and folded.on < overtaken and begins.year <= about
            if due is not None and stands and (task, str(about)) not in done:
                found.append(RecurringTask(task, due, _CLAUSES[task], str(about)))
    found += [
        RecurringTask(Task.GRANT_REPORT, due, _CLAUSES[Task.GRANT_REPORT], due.isoformat())
        for due in dict.fromkeys(report_dates)
        if due >= begins and (Task.GRANT_REPORT, due.isoformat()) not in done
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.code)))


def _term(folded: Folded) -> tuple[date | None, date | None]:
    """Return the first day on which anybody was bound, and the last one of the term that binds now."""
    terms = {binding.version.term for binding in folded.bindings if binding.covers(folded.on)}
    first = min((binding.bound_from for binding in folded.bindings), default=None)
    now = (binding.bound_until for binding in folded.bindings if binding.version.term in terms)
    return first, max(now, default=None)


def _settled(due: date, begins: date) -> date | None:
    """Return the day a yearly task is due in an agreement that is new: later in its first year, or not that year."""
    first = begins + SETTLING
    if due >= first:
        return due
    return first if first.year == due.year else None


def _done(folded: Folded, plan: YearPlan) -> Iterator[tuple[Task, str]]:
    for event in folded.events:
        payload = event.payload
        if isinstance(payload, TaskDone):
            yield payload.task, payload.period
        elif isinstance(payload, PlanAdopted):
            yield Task.ACTION_PLAN, str(payload.year)
        elif isinstance(payload, ContactsChanged):
            yield Task.CONTACT_REVIEW, str(_reviewed(event.occurred_on, plan))


def _reviewed(day: date, plan: YearPlan) -> int:
    """Return the year whose review of contacts a change counts for: from half a year before its day, or later."""
    years = (day.year + 1, day.year, day.year - 1)
    return next(year for year in years if add_months(date(year, *plan.contact_review), -6) <= day)
