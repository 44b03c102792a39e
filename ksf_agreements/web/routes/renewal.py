"""Fornyelse: the plan before the term ends, the renewal, an amendment, and another motor municipality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.comparison import Difference
from ksf_agreements.domain.events import RenewalStarted
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.recurring import TASKS, tasks
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.agreements import changes, renewing
from ksf_agreements.services.agreements.renewal_plan import changed, renewal_plan
from ksf_agreements.services.desk import Done
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import Answers, Field, Kind
from ksf_agreements.web.days import written
from ksf_agreements.web.guided import Attempt, Explained, Flow, guided
from ksf_agreements.web.next_steps import task_page
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

DAY, UNTIL, FIRST, LEAVING, TO = "dag", "siste", "forste", "utgaaende", "til"
_TODAY = T("The day it is done; today, or a day that has been.")


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the plan."""

    what: str
    months: int
    due: date
    is_done: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the year that is not done, and the page where it is recorded."""

    what: str
    due: date
    period: str
    is_late: bool
    link: str


def show(visit: Visit) -> Response:
    """Show the plan, what is on its way, and the yearly tasks."""
    cluster = known(visit)
    desk, say = visit.desk, visit.say
    folded = desk.read(cluster)
    has_file = any(path.stem == cluster for path in desk.workspace.cluster_paths())
    file = desk.cluster_file(cluster).cluster if has_file else None
    grant = file.grant_letter if file else None
    root = f"/klynge/{quote(cluster)}"
    todo = tasks(folded, desk.workspace.settings.tables.year, grant.report_dates if grant else ())
    return visit.page(
        "renewal.html",
        id=cluster,
        name=_name(folded),
        version=folded.in_force,
        waiting=folded.open_version,
        ended=folded.in_force is None and bool(folded.bindings),
        has_file=has_file,
        plan=tuple(
            Step(say(one.what), one.months, one.due, one.is_done, not one.is_done and one.due < desk.today)
            for one in renewal_plan(folded)
        ),
        tasks=tuple(
            Task(
                say(TASKS[one.code]),
                one.due,
                one.period,
                one.due < desk.today,
                f"{root}/{task_page(one.code, one.period)}",
            )
            for one in todo
        ),
    )


def ask(visit: Visit) -> Response:
    """Take it that the parties were asked whether they will renew."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    fields = (
        Field(UNTIL, T("Last day of the new term"), Kind.DAY, T("What the parties are asked about."), required=True),
        Field(DAY, T("The day they were asked"), Kind.DAY, required=True),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Ask the parties"),
        lead=(
            T(
                "An agreement is never renewed by itself (clause 12): the parties are asked first, and sign a new "
                "version. The invitation is a letter to each party."
            ),
        ),
        crumbs=_crumbs(cluster),
        fields=fields,
        attempt=lambda one: changes.start_renewal(one.desk, cluster, one.answers.days[DAY], one.answers.days[UNTIL]),
        explain=_asked,
        confirm=T("Record that they were asked"),
        back=f"/klynge/{quote(cluster)}/fornyelse",
    )
    return guided(visit, flow, **{DAY: written(visit.desk.today), UNTIL: _planned(visit, cluster)})


def _asked(done: Done, _answers: Answers) -> Explained:
    payload = done.events[-1].payload
    assert isinstance(payload, RenewalStarted)  # noqa: S101 (what the service appends)
    base = done.folded.version(payload.of_version)
    left_out = tuple(one for one in done.folded.bound() if one not in payload.invited)
    lines = [T("Asked are: {names}.", names=done.folded.call_all(payload.invited))]
    if left_out:
        lines.append(T("Not asked, since their notice runs: {names}.", names=done.folded.call_all(left_out)))
    lines.append(T("Nobody is bound by it: a renewal is a new version that is signed."))
    facts = [(T("New last day"), written(payload.valid_until))]
    if base is not None:
        facts.insert(0, (T("The term ends"), written(base.terms.valid_until)))
    return Explained(tuple(facts), tuple(lines))


def renew(visit: Visit) -> Response:
    """Issue a renewal from the cluster file."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    fields = (
        Field(
            UNTIL,
            T("Last day of the new term"),
            Kind.DAY,
            T("Left blank: the last day that the cluster file says."),
        ),
        Field(
            FIRST,
            T("First day of the new term"),
            Kind.DAY,
            T("Left blank: the day after the old term. Earlier only if every bound party signs."),
        ),
        Field(LEAVING, T("Invite also those whose notice runs"), Kind.YES),
        Field(DAY, T("Day of issue"), Kind.DAY, _TODAY, required=True),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Issue the renewal"),
        lead=(
            T(
                "The new version is made from the cluster file as it is now. Go through it first under Fill in. The "
                "old version binds until its last day, whoever signs the new one."
            ),
        ),
        crumbs=_crumbs(cluster),
        fields=fields,
        attempt=lambda one: renewing.renew(
            one.desk,
            cluster,
            one.answers.days[DAY],
            one.out,
            until=one.answers.days.get(UNTIL),
            begins=one.answers.days.get(FIRST),
            with_leaving=bool(one.answers[LEAVING]),
        ),
        explain=lambda done, _answers: _issued(visit, cluster, done),
        confirm=T("Issue for signing"),
        back=f"/klynge/{quote(cluster)}/signaturer",
    )
    return guided(visit, flow, **{DAY: written(visit.desk.today)})


def amend(visit: Visit) -> Response:
    """Issue an amendment from the changed cluster file."""
    cluster = known(visit)
    lead = (
        T(
            "First change the agreement under Fill in; the amendment is made from it. All bound parties must sign, and "
            "the version in force binds until they have."
        ),
        T("Contact persons, focus areas and plans change without it: they need no new signatures."),
    )
    return _amendment(
        visit,
        cluster,
        T("Issue an amendment"),
        lead,
        (),
        lambda one: renewing.amend(one.desk, cluster, one.answers.days[DAY], one.out),
    )


def change_motor(visit: Visit) -> Response:
    """Issue an amendment that makes another party the motor municipality."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    motor = folded.motor_of(folded.in_force) if folded.in_force else None
    others = tuple((one, folded.call(one)) for one in folded.bound() if one != motor)
    lead = (
        T(
            "The motor municipality leads and coordinates the cluster. All bound parties sign the change, and it takes "
            "effect when the last of them has."
        ),
    )
    return _amendment(
        visit,
        cluster,
        T("Change the motor municipality"),
        lead,
        (Field(TO, T("New motor municipality"), Kind.CHOICE, T("One of the parties."), required=True, choices=others),),
        lambda one: renewing.change_motor(one.desk, cluster, one.answers[TO], one.answers.days[DAY], one.out),
    )


def _amendment(
    visit: Visit,
    cluster: str,
    title: Text,
    lead: tuple[Text, ...],
    fields: tuple[Field, ...],
    attempt: Callable[[Attempt], Done],
) -> Response:
    flow = Flow(
        cluster=cluster,
        name=_name(visit.desk.read(cluster)),
        title=title,
        lead=lead,
        crumbs=_crumbs(cluster),
        fields=(*fields, Field(DAY, T("Day of issue"), Kind.DAY, _TODAY, required=True)),
        attempt=attempt,
        explain=lambda done, _answers: _issued(visit, cluster, done),
        confirm=T("Issue for signing"),
        back=f"/klynge/{quote(cluster)}/signaturer",
    )
    return guided(visit, flow, **{DAY: written(visit.desk.today), TO: visit.query(TO)})


def _issued(visit: Visit, cluster: str, done: Done) -> Explained:
    """Explain a version before it is issued: its days, who must sign, and what it says otherwise."""
    version = done.folded.versions[-1]
    terms = version.terms
    facts = [(T("Version"), str(version.number))]
    if terms.valid_from is not None:
        facts.append((T("First day"), written(terms.valid_from)))
    facts.append((T("Last day"), written(terms.valid_until)))
    facts.append((T("Motor municipality"), done.folded.call(terms.motor_municipality)))
    return Explained(tuple(facts), tuple(_lines(visit, cluster, done, version)))


def _lines(visit: Visit, cluster: str, done: Done, version: Version) -> Iterator[Text]:
    folded, base = done.folded, version.follows
    yield T("The text is fixed and gets a number and a code. Afterwards the cluster file changes nothing in it.")
    yield T("Everybody of these must sign: {names}.", names=folded.call_all(version.terms.parties))
    if version.replaces is not None:
        yield T("It takes the place of version {n}, whose signatures no longer count.", n=version.replaces.number)
    if base is not None:
        yield T("Version {n} binds until then; its last day is {date}.", n=base.number, date=base.terms.valid_until)
        found = changed(visit.desk, cluster, base)
        signed = tuple(map(_difference, (one for one in found if not one.free)))
        free = tuple(map(_difference, (one for one in found if one.free)))
        if signed:
            yield T("Changed from version {n}, with their signatures: {what}.", n=base.number, what=signed)
        if free:
            yield T("Also changed, which needs no signatures: {what}.", what=free)
    yield from done.notes


def _difference(one: Difference) -> Text:
    return T("{label} (clause {clause})", label=one.label, clause=one.clause) if one.clause else one.label


def _planned(visit: Visit, cluster: str) -> str:
    """Return the last day that the cluster file says, where it is after the term's."""
    has_file = any(path.stem == cluster for path in visit.desk.workspace.cluster_paths())
    file = visit.desk.cluster_file(cluster).cluster if has_file else None
    base = visit.desk.read(cluster).in_force
    later = file is not None and file.valid_until is not None and base and file.valid_until > base.terms.valid_until
    return written(file.valid_until) if later and file and file.valid_until else ""


def _crumbs(cluster: str) -> tuple[tuple[str, Text], ...]:
    return ((f"/klynge/{quote(cluster)}/fornyelse", T("Renewal")),)


def _name(folded: Folded) -> str:
    return folded.versions[-1].terms.name if folded.versions else folded.cluster


ROUTES = (
    Route("/klynge/{cluster}/fornyelse", endpoint(show)),
    Route("/klynge/{cluster}/fornyelse/sporsmal", endpoint(ask), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/fornyelse/ny-avtale", endpoint(renew), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/fornyelse/endring", endpoint(amend), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/fornyelse/motorkommune", endpoint(change_motor), methods=["GET", "POST"]),
)
