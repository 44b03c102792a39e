"""What comes again every year, and what changes without signing again: plan, reports, contacts, focus areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import Task
from ksf_agreements.services.agreements import changes
from ksf_agreements.services.desk import Done
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import Answers, Field, Kind
from ksf_agreements.web.days import day_shown, written
from ksf_agreements.web.guided import FILE, Attempt, Explained, Flow, guided
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

DAY, PERIOD = "dag", "periode"
_YEAR = Field(PERIOD, T("Year"), help=T("For example 2027."), required=True)
_DAY = Field(DAY, T("The day it was done"), Kind.DAY, required=True)
_FILE = Field(FILE, T("The document as a file"), Kind.FILE, T("PDF, Word or a picture; it is kept in the register."))


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is recorded: its title, what is told of it, its fields, the service, and what follows."""

    title: Text
    lead: Text
    fields: tuple[Field, ...]
    record: Callable[[Attempt, str], Done]
    follows: Text


def _task(task: Task) -> Callable[[Attempt, str], Done]:
    return lambda one, cluster: changes.finish_task(one.desk, cluster, task, one.answers[PERIOD], one.answers.days[DAY])


def _grant_report(one: Attempt, cluster: str) -> Done:
    due, day = one.answers.days[PERIOD], one.answers.days[DAY]
    return changes.finish_task(one.desk, cluster, Task.GRANT_REPORT, due.isoformat(), day)


def _plan(one: Attempt, cluster: str) -> Done:
    year, day = one.answers[PERIOD], one.answers.days[DAY]
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Refused(T("Write which year, for instance {year}.", year=str(day.year)))
    return changes.adopt_plan(one.desk, cluster, int(year), day, one.file)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "handlingsplan": Act(
            T("Action plan adopted"),
            T("The yearly action plan is adopted by whoever decides for the cluster (clause 6)."),
            (_YEAR, _DAY, _FILE),
            _plan,
            T("The task of this year is done, and nobody is reminded of it any more."),
        ),
        "rapport": Act(
            T("Report to the region sent"),
            T("Every year the cluster reports to the region on the year that has passed (clause 6)."),
            (_YEAR, _DAY),
            _task(Task.ANNUAL_REPORT),
            T("The task of this year is done, and nobody is reminded of it any more."),
        ),
        "kontaktgjennomgang": Act(
            T("Contact persons gone through"),
            T("Once a year every municipality is asked whether its contact persons are still right."),
            (_YEAR, _DAY),
            _task(Task.CONTACT_REVIEW),
            T("The task of this year is done, and nobody is reminded of it any more."),
        ),
        "tilskuddsrapport": Act(
            T("Report to KS sent"),
            T("The grant letter says when the motor municipality reports to KS (clause 7)."),
            (Field(PERIOD, T("Report date"), Kind.DAY, T("As the cluster file has it."), required=True), _DAY),
            _grant_report,
            T("This report is done, and nobody is reminded of it any more."),
        ),
        "kontaktpersoner": Act(
            T("Contact persons changed"),
            T(
                "Change the contact persons and the cluster leader under Fill in first. Then record here that these "
                "are the ones now: nobody signs again."
            ),
            (_DAY,),
            lambda one, cluster: changes.change_contacts(one.desk, cluster, one.answers.days[DAY]),
            T("The list of the cluster file is the one that holds from that day. Send it to all the parties."),
        ),
        "satsingsomraader": Act(
            T("Focus areas adopted"),
            T(
                "Whoever decides for the cluster sets the focus areas (clauses 4 and 6). Write them under Fill in "
                "first; nobody signs again."
            ),
            (_DAY, _FILE),
            lambda one, cluster: changes.adopt_focus_areas(one.desk, cluster, one.answers.days[DAY], one.file),
            T("The focus areas of the cluster file hold from that day, as they are written there now."),
        ),
    }
)  # fmt: skip


def record(visit: Visit) -> Response:
    """Take one of them."""
    cluster, act = known(visit), ACTS.get(visit.path["act"])
    if act is None:
        raise HTTPException(404)
    folded = visit.desk.read(cluster)
    back = f"/klynge/{quote(cluster)}/fornyelse"
    flow = Flow(
        cluster=cluster,
        name=folded.versions[-1].terms.name if folded.versions else cluster,
        title=act.title,
        lead=(act.lead,),
        crumbs=((back, T("Renewal")),),
        fields=act.fields,
        attempt=lambda one: act.record(one, cluster),
        explain=lambda _done, answers: _explained(act, answers),
        confirm=T("Record it"),
        back=back,
    )
    today = visit.desk.today
    return guided(visit, flow, **{DAY: written(today), PERIOD: day_shown(visit.query(PERIOD))})


def _explained(act: Act, answers: Answers) -> Explained:
    facts = [(one.label, answers[one.name]) for one in act.fields if one.name == PERIOD]
    facts.append((_DAY.label, written(answers.days[DAY])))
    return Explained(tuple(facts), (act.follows,))


ROUTES = (Route("/klynge/{cluster}/fornyelse/oppgave/{act}", endpoint(record), methods=["GET", "POST"]),)
